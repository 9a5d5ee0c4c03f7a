"""The players view: everybody either API knows, and one player's profile beside the list."""

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from console.messages import Application
from console.messages.players import PlayerRow, PlayerSort
from console.ui.context import ViewContext
from console.ui.navigation import NamedPlayerSubject, PlayerSubject, Subject
from console.ui.players.empty import NoPlayers
from console.ui.players.model import COLUMNS, SORTS
from console.ui.players.profile_control import ProfileControl
from console.ui.players.source import PlayerSource
from console.ui.players.table import PlayerTable, PlayerTableModel
from console.ui.players.time_travel import TimeTravel
from console.ui.selection import Scope
from console.ui.widgets.columns_menu import ColumnsMenu
from console.ui.widgets.filter_bar import FilterBar
from console.ui.widgets.formatting import visible
from console.ui.widgets.nothing_found import NothingFound

_TYPING_PAUSE_MS = 200
_SLOW_MS = 300
_HINT = "Find players: a part of an id or an e-mail address"


class PlayersView(QWidget):
    """Follows the scope's application, or the one that is chosen here.

    `destination_wanted(Destination)`: another view, for one of the players.
    """

    title = "Players"
    destination_wanted = Signal(object)
    test_event_wanted = Signal()
    demo_wanted = Signal()
    badge_changed = Signal(str)

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._applications: list[Application] = []
        self.source = PlayerSource(context, self)
        self.bar = FilterBar(context.theme, "player")
        self.application = QComboBox()
        self.travel = TimeTravel(context.theme)
        self.table = PlayerTable(PlayerTableModel(self.source.pages, self), context.theme)
        self.columns = ColumnsMenu(self.table.horizontalHeader(), COLUMNS, context.settings, "players")
        self.empty = NoPlayers(context)
        self._nothing = NothingFound("player", self.table.viewport())
        self.profile = ProfileControl(context, self)
        self._pages = QStackedWidget()
        self.splitter = QSplitter()
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_PAUSE_MS)
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(_SLOW_MS)
        self._set_up_bar()
        self._restore_sort(context.settings)
        self._lay_out()
        self._connect()
        if context.feed.hello is not None:
            self._ask_applications()

    # what menus and other views call

    def show_subject(self, subject: Subject) -> None:
        """Open a player's profile."""
        if isinstance(subject, PlayerSubject):
            self._turn_to(subject.app_id)
            self.table.mark(subject.player_id)
            self.profile.open(subject.player_id)
        elif isinstance(subject, NamedPlayerSubject):
            self._context.tasks.start(self._find(subject), "Looking for the player")

    def set_frozen(self, frozen: bool) -> None:
        """Hold list and profile still; recording goes on."""
        self.bar.freeze.setChecked(frozen)
        self.source.set_frozen(frozen)
        self.profile.set_frozen(frozen)

    def focus_filter(self) -> None:
        """Let the person type what to find."""
        self.bar.focus_filter()

    async def _find(self, named: NamedPlayerSubject) -> None:
        """Telemetry names players by the game's own ids, of which the server knows the players."""
        page = await self._context.client.players(
            named.app_id, search=named.external_id, sort="external_id", descending=False
        )
        for row in page.rows:
            if row.external_id == named.external_id:
                self.show_subject(PlayerSubject(named.app_id, row.player_id))
                return
        name = visible(named.external_id, 60)
        if page.total:  # too many ids have it as a part of theirs
            self._turn_to(named.app_id)
            self.bar.field.setText(named.external_id)
        else:
            self._context.messages.say(f"{name} is not among the known players yet: try again in a second.")

    # set-up

    def _set_up_bar(self) -> None:
        self.bar.field.setPlaceholderText(_HINT)
        self.bar.field.setToolTip("A part of an external id, device id, player id or e-mail address. Ctrl+F")
        self.bar.clear.hide()
        self.bar.columns.setMenu(self.columns.menu)
        self.application.setAccessibleName("Application")
        self.application.setToolTip("Whose players are listed")
        self.application.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.application.setMaximumWidth(220)
        self.application.hide()
        self.bar.insert_before_field(self.application)

    def _restore_sort(self, settings: QSettings) -> None:
        saved = settings.value("players/sort", "last_seen")
        sort: PlayerSort = next((sort for sort in SORTS.values() if sort == saved), "last_seen")
        descending = bool(settings.value("players/descending", True, bool))
        self.source.ask(sort=sort, descending=descending)
        self.table.show_sort(sort, descending)

    def _lay_out(self) -> None:
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.table)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self._pages)
        self.splitter.addWidget(self.profile.page)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([480, 520])
        self._pages.setMinimumWidth(300)
        self.profile.page.setMinimumWidth(420)
        self.profile.page.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.travel)
        layout.addWidget(self.splitter, 1)
        self.main_part = self.table

    def _connect(self) -> None:
        context, table, source = self._context, self.table, self.source
        context.feed.connected.connect(lambda _hello: self._connected())
        context.feed.changed.connect(self._changed)
        context.selection.scope_changed.connect(self._scope_changed)
        source.started.connect(self._slow.start)
        source.changed.connect(self._show)
        source.failed.connect(self._failed)
        table.in_sight.connect(source.see)
        table.sort_wanted.connect(self._sort_by)
        table.picked.connect(self._picked)
        table.opened.connect(lambda: self.profile.page.tabs.setFocus(Qt.FocusReason.OtherFocusReason))
        self.travel.now_changed.connect(self._travelled)
        self.application.activated.connect(lambda _index: self._choose(self.application.currentData()))
        self.bar.filter_changed.connect(lambda _text: self._typing.start())
        self.bar.left.connect(table.setFocus)
        self.bar.freeze_toggled.connect(self.set_frozen)
        self._typing.timeout.connect(self._search)
        self._slow.timeout.connect(self._show_waiting)
        self._nothing.cleared.connect(self.bar.field.clear)
        self.profile.closed.connect(self._profile_closed)
        self.profile.destination_wanted.connect(self.destination_wanted)
        self.empty.test_event_wanted.connect(self.test_event_wanted)
        self.empty.demo_wanted.connect(self.demo_wanted)

    # from the server

    def _connected(self) -> None:
        if self.source.app_id is not None:  # a reconnection
            self.source.expire()
            self.profile.expire()
        self._ask_applications()

    def _changed(self, topic: str) -> None:
        if topic == "applications":
            self._ask_applications()
        if topic in ("players", "flags", "applications"):
            self.profile.expire()
        if topic in ("players", "applications"):
            self.source.expire()

    def _ask_applications(self) -> None:
        self._context.tasks.start(self._load_applications(), "Listing the applications")

    async def _load_applications(self) -> None:
        self._applications = await self._context.client.applications()
        self.application.clear()
        for application in self._applications:
            self.application.addItem(visible(application.name, 40), application.app_id)
        self.application.setVisible(len(self._applications) > 1)
        known = [application.app_id for application in self._applications]
        last = str(self._context.settings.value("players/application", ""))
        wanted = (self.source.app_id, self._context.selection.scope.app_id, last, *known)
        self._turn_to(next((app_id for app_id in wanted if app_id in known), None))

    def _turn_to(self, app_id: str | None) -> None:
        """List this application's players."""
        if app_id is None:
            return
        index = self.application.findData(app_id)
        if index >= 0:
            self.application.setCurrentIndex(index)
        application = next((one for one in self._applications if one.app_id == app_id), None)
        self.empty.show_application(application)
        if app_id != self.source.app_id:
            self.profile.close()
            self.source.ask(app_id=app_id)
            self._show()

    def _scope_changed(self, scope: Scope) -> None:
        if scope.app_id is not None:
            self._turn_to(scope.app_id)

    # a person's side

    def _choose(self, app_id: str) -> None:
        self._context.settings.setValue("players/application", app_id)
        self._turn_to(app_id)

    def _sort_by(self, sort: PlayerSort, descending: bool) -> None:
        self._context.settings.setValue("players/sort", sort)
        self._context.settings.setValue("players/descending", descending)
        self.table.show_sort(sort, descending)
        self.table.scrollToTop()
        self.source.ask(sort=sort, descending=descending)

    def _search(self) -> None:
        self.table.scrollToTop()
        self.source.ask(search=self.bar.field.text().strip())

    def _travelled(self, now_us: int | None) -> None:
        self.source.set_now(now_us)
        self.profile.set_now(now_us)

    def _picked(self, row: PlayerRow | None) -> None:
        if row is None:
            self.profile.close()
        else:
            self.profile.open(row.player_id)

    def _profile_closed(self) -> None:
        self.table.mark(None)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # shown

    def _show(self) -> None:
        if self.source.answered:
            self._slow.stop()
        total, searched = self.source.pages.total, bool(self.source.search)
        listed = bool(total or searched)
        self._pages.setCurrentWidget(self.table if listed else self.empty)
        self.travel.setVisible(listed)
        self.table.refresh()
        self._nothing.tell(shown=total, kept=0, looking=not self.source.answered, filtered=searched, cleared=False)
        self.bar.show_counts(shown=total, kept=total, recorded=total, narrowed=False, looking=False)

    def _show_waiting(self) -> None:
        """Stages and risks of very many players take the server seconds to sort by: say that it does."""
        if not self.source.answered:
            self.bar.field.set_count("looking …", "The list is the one before until the server has answered")

    def _failed(self, reason: str) -> None:
        self._slow.stop()
        self._context.messages.say(f"The players could not be listed: {reason}", kind="bad")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.source.set_active(True)
        self.profile.set_active(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.source.set_active(False)
        self.profile.set_active(False)
