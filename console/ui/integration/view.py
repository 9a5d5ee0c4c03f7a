"""The integration view: every SDK that sends, and what is right and wrong with how it does."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from console.client import ConsoleUnavailable
from console.messages.integration import Integration, IntegrationReport
from console.ui.context import ViewContext
from console.ui.dialogs import ask, plain_label
from console.ui.integration.page import SdkPage
from console.ui.integration.save_report import ask_and_save
from console.ui.integration.sdk_list import SdkList
from console.ui.integration.words import SdkKey, key_of
from console.ui.navigation import Destination
from console.ui.selection import Picked
from console.ui.style import heading_font
from console.ui.theme import SPACING
from console.ui.widgets.elided_label import ElidedLabel
from console.ui.widgets.empty_state import EmptyState
from console.ui.widgets.formatting import plural

_ASK_MS = 2_000


class IntegrationView(QWidget):
    """Asks the server again every two seconds while it is seen.

    `destination_wanted(Destination)`: the requests, for one that shows what a line says.
    """

    title = "Integration"
    destination_wanted = Signal(object)
    test_event_wanted = Signal()
    demo_wanted = Signal()

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._report: IntegrationReport | None = None
        self._chosen: SdkKey | None = None
        self._frozen = False
        self._asking = False
        self.list = SdkList(context.theme)
        self.page = SdkPage(context.theme)
        self._count = ElidedLabel()
        self._pages = QStackedWidget()
        self.empty = EmptyState(context, "SDK")
        self._timer = QTimer(self)
        self._timer.setInterval(_ASK_MS)
        self._timer.timeout.connect(self.refresh)
        self._lay_out()
        self.list.chosen.connect(self._choose)
        self.page.request_wanted.connect(self._show_request)
        self.empty.test_event_wanted.connect(self.test_event_wanted)
        self.empty.demo_wanted.connect(self.demo_wanted)
        context.feed.connected.connect(lambda _hello: self.refresh())
        context.selection.scope_changed.connect(lambda _scope: self.refresh())
        context.theme.changed.connect(self._show)
        self.main_part = self.list

    # what menus call

    def set_frozen(self, frozen: bool) -> None:
        """Hold what is shown still; the check goes on."""
        self._frozen = frozen
        self.refresh()

    def refresh(self) -> None:
        """Ask the server what is known now."""
        if self._frozen or self._asking or not self.isVisible() or self._context.feed.hello is None:
            return
        self._asking = True
        self._context.tasks.start(self._ask(), "Checking the integration", on_error=self._failed)

    def save_report(self) -> None:
        """Ask for a file, and save what is known."""
        ask_and_save(self, self._context)

    def begin_anew(self) -> None:
        """Ask whether to forget what SDKs did so far."""
        ask(
            self,
            "Begin the check anew?",
            "What SDKs did so far is not judged any more; what they do from now on is. Nothing recorded is deleted.",
            [("Begin anew", self._forget, "primary")],
        )

    # set-up

    def _lay_out(self) -> None:
        heading = plain_label("SDKs", "heading")
        heading.setFont(heading_font())
        heading.setContentsMargins(SPACING[2], SPACING[2], SPACING[2], 0)
        self._count.setProperty("role", "dim")
        self._count.setContentsMargins(SPACING[2], 0, SPACING[2], 0)
        left = QWidget()
        left.setMinimumWidth(200)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, SPACING[1])
        column.setSpacing(SPACING[1])
        column.addWidget(heading)
        column.addWidget(self.list, 1)
        column.addWidget(self._count)
        self.save = QPushButton("Save report …")
        self.save.setToolTip("As a page for people, or as JSON")
        self.save.clicked.connect(self.save_report)
        self.anew = QPushButton("Begin anew …")
        self.anew.setToolTip("Judge only what SDKs do from now on, after a fix")
        self.anew.clicked.connect(self.begin_anew)
        bar = QHBoxLayout()
        bar.setContentsMargins(SPACING[3], SPACING[2], SPACING[3], 0)
        bar.setSpacing(SPACING[1])
        bar.addWidget(self.page.head, 1)
        bar.addWidget(self.anew)
        bar.addWidget(self.save)
        right = QWidget()
        area = QVBoxLayout(right)
        area.setContentsMargins(0, 0, 0, 0)
        area.setSpacing(0)
        area.addLayout(bar)
        area.addWidget(self.page, 1)
        content = QSplitter()
        content.setHandleWidth(1)
        content.setChildrenCollapsible(False)
        content.addWidget(left)
        content.addWidget(right)
        content.setStretchFactor(1, 1)
        content.setSizes([260, 900])
        self._pages.addWidget(self.empty)
        self._pages.addWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)

    # the server's side

    async def _ask(self) -> None:
        try:
            report = await self._context.client.integrations(app_id=self._context.selection.scope.app_id)
        finally:
            self._asking = False
        if not self._frozen:
            self._report = report
            self._show()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, ConsoleUnavailable):  # the window says by itself that the server is gone
            self._timer.stop()
            self._context.messages.say(f"The integration could not be checked: {error}", kind="bad")

    def _forget(self) -> None:
        async def forget() -> None:
            await self._context.client.forget_integrations()
            await self._ask()

        self._context.tasks.start(forget(), "Beginning the check anew")

    # a person's side

    def _choose(self, key: SdkKey) -> None:
        self._chosen = key
        self._show()

    def _show_request(self, request_id: int) -> None:
        self.destination_wanted.emit(Destination(view="requests"))
        self._context.selection.pick(Picked(request_id=request_id))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _show(self) -> None:
        report = self._report
        if report is None or not report.integrations:
            self._pages.setCurrentIndex(0)
            return
        self._pages.setCurrentIndex(1)
        # In a fixed order: a list that is sorted anew every two seconds cannot be clicked.
        sdks = sorted(report.integrations, key=lambda sdk: (not sdk.app_id, sdk.first_us, key_of(sdk)))
        shown = self._shown_of(sdks)
        self._chosen = key_of(shown)
        self.list.show_sdks(sdks, report.made_us, self._chosen)
        self.page.show_sdk(shown, report.made_us)
        words = [plural(len(sdks), "SDK")]
        if report.forgotten:
            words.append(f"{report.forgotten:,} older ones forgotten")
        if report.missed:
            words.append(f"{plural(report.missed, 'request')} not looked at")
        self._count.setText(" · ".join(words))
        self._count.setToolTip(" · ".join(words))

    def _shown_of(self, sdks: list[Integration]) -> Integration:
        """The chosen one; the newest while none is."""
        newest = max(sdks, key=lambda sdk: (bool(sdk.app_id), sdk.last_us))
        return next((sdk for sdk in sdks if key_of(sdk) == self._chosen), newest)
