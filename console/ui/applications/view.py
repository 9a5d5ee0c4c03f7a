"""Applications & keys: create, label, copy, revoke, rotate."""

from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.messages import Application, ApplicationChanges
from console.ui.applications.created_dialog import CreatedDialog
from console.ui.applications.keys_panel import KeysPanel
from console.ui.applications.model import in_list
from console.ui.applications.new_application_dialog import NewApplicationDialog
from console.ui.applications.player_api_choices import PlayerApiChoices
from console.ui.context import ViewContext
from console.ui.dialogs import SecretField, plain_label
from console.ui.icons import icon
from console.ui.widgets.formatting import visible
from console.ui.widgets.text_dialog import TextDialog

_LOOK_AGAIN_MS = 3_000


class ApplicationsView(QWidget):
    """Lists come from the server again whenever it says that they changed.

    When a key was last used changes with every request and is not told: while the view is seen, it asks.
    """

    title = "Applications & keys"
    badge_changed = Signal(str)

    def __init__(self, context: ViewContext) -> None:
        super().__init__()
        self._context = context
        self._applications: list[Application] = []
        self._wanted_id: str | None = None
        self.list = QListWidget()
        self.list.setAccessibleName("Applications")
        self.list.setProperty("ground", "panel")
        self.list.currentItemChanged.connect(lambda *_: self._show_current())
        self.new_button = QPushButton("New application …")
        self.new_button.clicked.connect(self.new_application)
        self.name = plain_label("", "title")
        self.about = plain_label("", "dim")
        self.app_id = SecretField(
            "", "Application ID (app_id)", lambda name: context.messages.say(f"{name} copied.", kind="good")
        )
        self.rename_button = QPushButton("Rename …")
        self.rename_button.clicked.connect(self.rename)
        self.choices = PlayerApiChoices()
        self.choices.changed.connect(self._change_shown)
        self.keys = KeysPanel(context)
        self.keys.changed.connect(self.refresh)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._make_empty())
        self._pages.addWidget(self._make_detail())
        self._lay_out()
        self._again = QTimer(self)
        self._again.setInterval(_LOOK_AGAIN_MS)
        self._again.timeout.connect(self._look_again)
        context.theme.changed.connect(self._paint_icons)
        context.feed.connected.connect(lambda _hello: self.refresh())
        context.feed.changed.connect(lambda topic: self.refresh() if topic == "applications" else None)
        self._paint_icons()
        self.main_part = self.list
        if context.feed.hello is not None:
            self.refresh()

    @property
    def current(self) -> Application | None:
        """The shown application."""
        item = self.list.currentItem()
        app_id = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        return next((one for one in self._applications if one.app_id == app_id), None)

    # what people do

    def refresh(self) -> None:
        """Ask for the list again."""
        self._run(self._refresh(), "Listing the applications")

    def new_application(self) -> None:
        def created(answer: Any) -> None:
            self._wanted_id = answer.application.app_id
            self.refresh()
            CreatedDialog.for_application(self.window(), answer, self._context).open()

        NewApplicationDialog(self.window(), self._context, created).open()

    def rename(self) -> None:
        application = self.current
        if application is None:
            return

        def take(name: str) -> None:
            self._change(application.app_id, ApplicationChanges(name=name))

        window, name = self.window(), application.name
        TextDialog(window, "Rename application", "", "Name", name, "Rename", take, required=True).open()

    # the server's side

    def _run(self, work: Coroutine[Any, Any, None], what: str) -> None:
        self._context.tasks.start(work, what)

    def _change_shown(self, changes: ApplicationChanges) -> None:
        if self.current is not None:
            self._change(self.current.app_id, changes)

    def _change(self, app_id: str, changes: ApplicationChanges) -> None:
        work = self._context.client.change_application(app_id, changes)
        self._run(self._then_refresh(work), "Changing the application")

    def _look_again(self) -> None:
        """Ask quietly; without an answer the ages go on."""
        if self._context.feed.hello is None:
            self._show_current()
        else:
            self._context.tasks.start(
                self._refresh(), "Listing the applications", on_error=lambda _error: self._show_current()
            )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look_again()
        self._again.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._again.stop()

    async def _refresh(self) -> None:
        before, self._applications = self._applications, await self._context.client.applications()
        if [in_list(one) for one in before] != [in_list(one) for one in self._applications] or self._wanted_id:
            self._fill_list()
        self._show_current()

    def _fill_list(self) -> None:
        wanted = self._wanted_id or (self.current.app_id if self.current is not None else None)
        self._wanted_id = None
        self.list.blockSignals(True)
        self.list.clear()
        for application in self._applications:
            item = QListWidgetItem(in_list(application)[1])
            item.setData(Qt.ItemDataRole.UserRole, application.app_id)
            self.list.addItem(item)
            if application.app_id == wanted:
                self.list.setCurrentItem(item)
        if self.list.currentItem() is None and self.list.count():
            self.list.setCurrentRow(0)
        self.list.blockSignals(False)

    async def _then_refresh(self, work: Coroutine[Any, Any, None]) -> None:
        await work
        await self._refresh()

    def _show_current(self) -> None:
        application = self.current
        self._pages.setCurrentIndex(0 if application is None else 1)
        if application is None:
            return
        self.name.setText(visible(application.name))
        live = application.environment == "live"
        self.about.setText("Live: real playtests" if live else "Test: kept apart from live data")
        if self.app_id.field.text() != application.app_id:
            self.app_id.set_value(application.app_id)
        self.choices.show_application(application)
        self.keys.show_application(application)

    # parts

    def _make_detail(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(self.name, 1)
        head.addWidget(self.rename_button)
        layout.addLayout(head)
        layout.addWidget(self.about)
        layout.addSpacing(8)
        layout.addWidget(plain_label("APP_ID", "heading"))
        layout.addWidget(self.app_id)
        layout.addSpacing(12)
        layout.addWidget(plain_label("PLAYER API", "heading"))
        layout.addWidget(self.choices)
        layout.addSpacing(12)
        layout.addWidget(self.keys, 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(page)
        return scroll

    def _make_empty(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.setSpacing(12)
        for text, role in (
            ("No application yet", "title"),
            ("An application stands for one game. Its keys let builds of the game send events here.", "dim"),
        ):
            label = plain_label(text, role)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        button = QPushButton("New application …")
        button.setProperty("role", "primary")
        button.clicked.connect(self.new_application)
        layout.addWidget(button, 0, Qt.AlignmentFlag.AlignCenter)
        return page

    def _lay_out(self) -> None:
        side = QFrame()
        side.setProperty("role", "panel")
        side_layout = QVBoxLayout(side)
        side_layout.setContentsMargins(0, 12, 0, 12)
        side_layout.setSpacing(8)
        heading = plain_label("APPLICATIONS", "heading")
        heading.setContentsMargins(12, 0, 12, 0)
        side_layout.addWidget(heading)
        side_layout.addWidget(self.list, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(12, 0, 12, 0)
        foot.addWidget(self.new_button)
        side_layout.addLayout(foot)
        splitter = QSplitter()
        splitter.setHandleWidth(1)
        splitter.addWidget(side)
        splitter.addWidget(self._pages)
        splitter.setSizes([240, 800])
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)

    def _paint_icons(self) -> None:
        tokens = self._context.theme.tokens
        self.new_button.setIcon(icon("plus", tokens.dim))
        self.rename_button.setIcon(icon("edit", tokens.dim))
