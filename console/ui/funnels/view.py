"""The funnels view: how far players come, where they are lost, and who they are."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from console.columns import text
from console.messages import Application
from console.messages.funnels import Funnel
from console.telemetry.funnel_definition import FunnelDefinition, Step
from console.ui.context import ViewContext
from console.ui.funnels.behind_panel import BehindPanel
from console.ui.funnels.chart import FunnelChart
from console.ui.funnels.editor import FunnelEditor
from console.ui.funnels.empty import NoSteps
from console.ui.funnels.head import FunnelHead
from console.ui.funnels.model import MAX_SHOWN_GROUPS, Bar, By, Where
from console.ui.funnels.shelf import FunnelShelf
from console.ui.funnels.source import FunnelSource
from console.ui.selection import Scope
from console.ui.widgets.elided_label import ElidedLabel
from console.ui.widgets.formatting import plural, visible

_FIRST_EVENTS = 4


class FunnelsView(QWidget):
    """Follows the scope and the clock's range; a moment alone changes no number.

    `destination_wanted(Destination)`: the tracks or events of those behind a bar.
    """

    title = "Funnels"
    destination_wanted = Signal(object)
    test_event_wanted = Signal()
    demo_wanted = Signal()
    badge_changed = Signal(str)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._applications: list[Application] = []
        self._frozen = False
        self.source = FunnelSource(context, self)
        self.shelf = FunnelShelf(context, self)
        self.head = FunnelHead(context.theme)
        self.editor = FunnelEditor(context.theme)
        self.chart = FunnelChart(context.theme)
        self.behind = BehindPanel(context)
        self.empty = NoSteps(context)
        self.summary = ElidedLabel()
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self._restore()
        if context.feed.hello is not None:
            self._ask_applications()

    # what menus call

    def set_frozen(self, frozen: bool) -> None:
        """Keep the numbers as they are; recording goes on."""
        self.source.asking.set_frozen(frozen)

    def focus_filter(self) -> None:
        """The nearest thing to a filter here is the choice of the funnel."""
        self.head.funnel.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # set-up

    def _lay_out(self) -> None:
        chart = QScrollArea()
        chart.setWidgetResizable(True)
        chart.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        chart.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 0, 8)
        inner.addWidget(self.chart)
        inner.addStretch(1)
        chart.setWidget(page)
        self.summary.setProperty("role", "dim")
        self.summary.setContentsMargins(12, 0, 12, 0)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.summary)
        column.addWidget(chart, 1)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(upper)
        self.splitter.addWidget(self.behind)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([520, 260])
        self.behind.setMinimumHeight(140)
        self.behind.hide()
        self.editor.hide()
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.editor)
        row.addWidget(self.splitter, 1)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.head)
        outer.addWidget(self._pages, 1)
        self.main_part = self.chart

    def _connect(self) -> None:
        context, head = self._context, self.head
        context.feed.connected.connect(lambda _hello: self._ask_applications())
        context.feed.caught_up.connect(self._ask_applications)
        context.feed.changed.connect(self._changed)
        context.selection.scope_changed.connect(self._scope_changed)
        context.clock.range_changed.connect(self._time_changed)
        self.source.changed.connect(self._show)
        self.source.behind_changed.connect(self._show_behind)
        self.shelf.changed.connect(self._show_shelf)
        self.shelf.saved.connect(self._saved)
        self.shelf.redefined.connect(self._redefined)
        head.application.activated.connect(lambda _index: self._choose_application(head.application.currentData()))
        head.funnel.activated.connect(lambda _index: self._choose(head.funnel.currentData()))
        head.by.activated.connect(lambda _index: self._break_down(head.by.currentData()))
        head.edit.toggled.connect(self._edit)
        head.save.clicked.connect(lambda: self.shelf.ask_name(self, self.source))
        head.delete.clicked.connect(lambda: self.shelf.ask_delete(self))
        self.editor.changed.connect(self._define)
        self.editor.order_wanted.connect(self._order)
        self.chart.bar_chosen.connect(self._look_behind)
        self.behind.closed.connect(lambda: self._look_behind(None))
        self.behind.destination_wanted.connect(self.destination_wanted)
        self.empty.demo_wanted.connect(self.demo_wanted)
        self.empty.events_wanted.connect(self._use_events)

    def _restore(self) -> None:
        by = self._context.settings.value("funnels/by", "")
        index = self.head.by.findData(by or None)
        self.head.by.setCurrentIndex(max(index, 0))
        self.source.by = self.head.by.currentData()

    # from the server

    def _changed(self, topic: str) -> None:
        if topic == "applications":
            self._ask_applications()
        elif topic == "funnels":
            self.shelf.load()

    def _ask_applications(self) -> None:
        self._context.tasks.start(self._load_applications(), "Listing the applications")

    async def _load_applications(self) -> None:
        client = self._context.client
        self._applications = await client.applications()
        newest = await client.query("sessions", limit=1)
        self.head.show_applications(self._applications)
        known = [application.app_id for application in self._applications]
        now = self.source.where.app_id if self.source.where and self.source.report is not None else None
        last = str(self._context.settings.value("funnels/application", ""))
        # Where nobody chose one: the one that is played, for another has no steps to show.
        played = text(newest, "app_id") if newest.rows else []
        wanted = (now, self._context.selection.scope.app_id, last, *played, *known)
        self._turn_to(next((app_id for app_id in wanted if app_id in known), None))

    def _choose_application(self, app_id: str) -> None:
        self._context.settings.setValue("funnels/application", app_id)
        self._turn_to(app_id)

    def _turn_to(self, app_id: str | None) -> None:
        """Count this application's steps."""
        if app_id is None:
            return
        self.head.select_application(app_id)
        if self.source.where is None or app_id != self.source.where.app_id:
            self.shelf.turn_to(app_id)
        self._ask(app_id)

    def _ask(self, app_id: str) -> None:
        scope, chosen = self._context.selection.scope, self._context.clock.range
        if scope.app_id not in (None, app_id):
            scope = Scope()
        span = (None, None) if chosen is None else (chosen.start_us, chosen.end_us)
        self.source.turn_to(Where(app_id, scope, *span))

    def _scope_changed(self, scope: Scope) -> None:
        if scope.app_id is not None and scope.app_id in {one.app_id for one in self._applications}:
            self._turn_to(scope.app_id)
        elif self.source.where is not None:
            self._ask(self.source.where.app_id)

    def _time_changed(self) -> None:
        if self.source.where is not None:
            self._ask(self.source.where.app_id)

    def _redefined(self, before: Funnel, now: Funnel) -> None:
        """Show what another window keeps, unless this one has edits: it would call the older one edited."""
        if self.source.definition == before.definition:
            self._ask_for(now.definition)

    # a person's side

    def _choose(self, funnel_id: str | None) -> None:
        self.shelf.choose(funnel_id)
        funnel = self.shelf.chosen
        self._ask_for(None if funnel is None else funnel.definition)

    def _define(self, definition: FunnelDefinition) -> None:
        self._ask_for(definition)
        self._show_shelf()

    def _ask_for(self, definition: FunnelDefinition | None) -> None:
        self.source.definition = definition
        self._look_behind(None)
        self.source.asking.ask()

    def _break_down(self, by: By | None) -> None:
        self._context.settings.setValue("funnels/by", by or "")
        self.source.by = by
        if self.source.bar is not None and self.source.bar.group is not None:
            self._look_behind(None)
        self.source.asking.ask()

    def _edit(self, on: bool) -> None:
        self.editor.setVisible(on)

    def _order(self) -> None:
        report = self.source.report
        if report is None:
            return

        async def order() -> None:
            definition = report.definition
            steps = tuple(await self.source.usual_order(definition.steps))
            shown = self.source.report
            if shown is None or shown.definition != definition:
                return  # another funnel was chosen meanwhile
            self._define(
                FunnelDefinition(
                    steps=steps, per=definition.per, within_secs=definition.within_secs, strict=definition.strict
                )
            )

        self._context.tasks.start(order(), "Find the usual order")

    def _use_events(self) -> None:
        steps = [Step(name.name, name.kind) for name in self.source.names[:_FIRST_EVENTS]]
        if steps:
            self.head.edit.setChecked(True)
            self._define(FunnelDefinition(steps=tuple(steps)))

    def _saved(self, funnel: Funnel) -> None:
        self.source.definition = funnel.definition
        self._show_shelf()

    def _look_behind(self, bar: Bar | None) -> None:
        self.chart.choose(bar)
        self.behind.setVisible(bar is not None)
        self.source.look_behind(bar)

    # shown

    def _show_shelf(self) -> None:
        self.head.show_funnels(self.shelf.funnels, self.shelf.chosen, edited=self._is_edited())

    def _is_edited(self) -> bool:
        definition, chosen = self.source.definition, self.shelf.chosen
        return definition is not None and definition != (chosen.definition if chosen else None)

    def _show(self) -> None:
        report, names = self.source.report, self.source.names
        self._pages.setCurrentIndex(0 if report is None else 1)
        self.head.set_usable(report is not None)
        if report is None:
            where = self.source.where
            app_id = where.app_id if where else ""
            application = next((one for one in self._applications if one.app_id == app_id), None)
            self.empty.show_application(application, has_events=bool(names))
            return
        self.editor.show_definition(report.definition, names)
        self.chart.show_report(report)
        words = report.summary()
        if len(report.groups) > 1:
            more = len(report.groups) - MAX_SHOWN_GROUPS
            words += f" Compared with {visible(report.groups[0].title, 40)}, the largest; * more than chance would do."
            words += f" {more} smaller not shown." if more > 0 else ""
        if self.source.definition is None and self.source.left_out:
            words += f" {plural(self.source.left_out, 'step')} that came least often left out."
        self.summary.setText(words)
        self.summary.setToolTip(words)
        self._show_shelf()

    def _show_behind(self) -> None:
        report, bar, where = self.source.report, self.source.bar, self.source.where
        if report is None or bar is None or where is None or bar.step >= len(report.steps):
            self.behind.hide()
            return
        self.behind.show_rows(where.app_id, report, bar, self.source.behind, self.source.behind_total)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.source.asking.set_active(True)
        if self.source.report is None and self._context.feed.hello is not None:
            self._ask_applications()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.source.asking.set_active(False)
