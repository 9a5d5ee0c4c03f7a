"""What an empty table teaches: where to send, with which key, and how, in each language."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QTabBar,
    QWidget,
)

from console.client import ConsoleClient
from console.messages import Application, FeedHello
from console.ui.context import ViewContext
from console.ui.example_clients import client_for
from console.ui.icons import icon
from console.ui.live_feed import Connection
from console.ui.save_client import ask_where_to_save
from console.ui.snippets import Endpoint
from console.ui.style import mono_font
from console.ui.theme import SPACING
from console.ui.widgets.code_box import CodeBox
from console.ui.widgets.formatting import visible
from console.ui.widgets.snippets import LANGUAGES, snippet
from console.ui.widgets.teaching_page import lay_out_lesson

_SNIPPET_HEIGHT = 392
_WAITING = "–"


class EmptyState(QScrollArea):
    """Fills itself in when the server is connected, and again when applications or addresses change."""

    test_event_wanted = Signal()
    demo_wanted = Signal()

    def __init__(self, context: ViewContext, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._what = what
        self._url = self._token = self._app_id = ""
        self._values: dict[str, QLabel] = {}
        self._copy_buttons: list[QPushButton] = []
        self._title = QLabel(f"Waiting for the first {what}")
        self._title.setProperty("role", "title")
        self._lead = QLabel()
        self._lead.setProperty("role", "dim")
        self._lead.setWordWrap(True)
        self._lead.setTextFormat(Qt.TextFormat.PlainText)
        self._code = CodeBox("Code that sends one event", height=_SNIPPET_HEIGHT)
        self._build()
        context.feed.connected.connect(self._connected)
        context.feed.changed.connect(self._changed)
        context.feed.connection_changed.connect(self._connection_changed)
        context.theme.changed.connect(self._recolour)
        self._recolour()
        self._fill()

    def show_target(self, url: str, application: Application | None) -> None:
        """Address, key and id of the application a first event goes to."""
        self._url = url
        self._app_id = application.app_id if application else ""
        self._token = application.public_token if application else ""
        self._fill()

    def _build(self) -> None:
        self._test = QPushButton("Send a test event")
        self._test.setProperty("role", "primary")
        self._test.clicked.connect(self.test_event_wanted)
        demo = QPushButton("Start demo playtest")
        demo.setToolTip("Simulated players walk the sample level")
        demo.clicked.connect(self.demo_wanted)
        self._save = QPushButton("Save client …")
        self._save.clicked.connect(self._save_client)
        parts = (self._title, self._lead, self._facts(), self._tabs_row(), self._code)
        lay_out_lesson(self, parts, (self._test, demo), aside=(self._save,))

    def _facts(self) -> QWidget:
        frame = QFrame()
        frame.setProperty("role", "card")
        grid = QGridLayout(frame)
        grid.setContentsMargins(SPACING[2], SPACING[1], SPACING[1], SPACING[1])
        grid.setHorizontalSpacing(SPACING[3])
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for row, name in enumerate(("Address", "Public key", "Application id")):
            title = QLabel(name)
            title.setProperty("role", "dim")
            value = QLabel(_WAITING)
            value.setFont(mono_font())
            value.setTextFormat(Qt.TextFormat.PlainText)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            copy = QPushButton()
            copy.setProperty("role", "quiet")
            copy.setFixedWidth(34)
            copy.setToolTip(f"Copy: {name.lower()}")
            copy.setAccessibleName(f"Copy: {name.lower()}")
            copy.clicked.connect(lambda _=False, key=name: self._copy(key))
            self._values[name] = value
            self._copy_buttons.append(copy)
            grid.addWidget(title, row, 0)
            grid.addWidget(value, row, 1)
            grid.addWidget(copy, row, 2)
        return frame

    def _tabs_row(self) -> QWidget:
        self._languages = QTabBar()
        self._languages.setDrawBase(False)
        self._languages.setStyleSheet("QTabBar { background: transparent; }")
        self._languages.setExpanding(False)
        self._languages.setAccessibleName("Language of the example")
        for language in LANGUAGES:
            self._languages.addTab(language)
        self._languages.currentChanged.connect(self._show_snippet)
        copy = QPushButton("Copy")
        copy.setAccessibleName("Copy the example")
        copy.clicked.connect(self._copy_snippet)
        self._copy_code = copy
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._languages)
        row.addStretch(1)
        row.addWidget(copy)
        return line

    def _connected(self, hello: FeedHello) -> None:
        self._url = next(iter(hello.status.telemetry_urls), "")
        self._ask()

    def _changed(self, topic: str) -> None:
        if topic in ("applications", "settings"):
            self._ask()

    def _ask(self) -> None:
        if self.isVisibleTo(self.parentWidget() or self):
            self._context.tasks.start(self._load(self._context.client), "List the applications")

    async def _load(self, client: ConsoleClient) -> None:
        applications = await client.applications()
        self.show_target(self._url, applications[0] if applications else None)

    def _connection_changed(self, connection: Connection, reason: str) -> None:
        ready = connection is Connection.CONNECTED
        self._test.setEnabled(ready and bool(self._app_id))
        if ready:
            self._fill()
        else:
            self._lead.setText(reason or f"The server is {connection.value}.")

    def _fill(self) -> None:
        self._lead.setText(
            f"Point a game at this address with this key. Every {self._what} appears here as it arrives."
            if self._url
            else "The server is starting."
        )
        values = {"Address": self._url, "Public key": self._token, "Application id": self._app_id}
        for name, value in values.items():
            self._values[name].setText(visible(value) or _WAITING)
        self._test.setEnabled(bool(self._app_id))
        self._save.setEnabled(bool(self._url and self._token and self._app_id))
        self._show_snippet()

    @property
    def _language(self) -> str:
        return LANGUAGES[max(0, self._languages.currentIndex())]

    def _show_snippet(self, *_: object) -> None:
        client = client_for(self._language)
        note = f" {client.note}" if client else ""
        self._save.setToolTip(f"A client for a whole game, with address and key filled in.{note}")
        self._code.setPlainText(
            snippet(
                self._language,
                url=self._url or "http://127.0.0.1:4000",
                token=self._token or "pk_live_…",
                app_id=self._app_id or "…",
            )
        )

    def _copy(self, name: str) -> None:
        values = {"Address": self._url, "Public key": self._token, "Application id": self._app_id}
        if values[name]:
            QGuiApplication.clipboard().setText(values[name])
            self._context.messages.say(f"Copied: {name.lower()}", kind="good")

    def _copy_snippet(self) -> None:
        self._code.copy_all()
        self._context.messages.say("Copied the example", kind="good")

    def _save_client(self) -> None:
        client = client_for(self._language)
        if client is not None:
            endpoint = Endpoint(self._url, self._token, self._app_id)
            ask_where_to_save(self, client, endpoint, self._context.messages)

    def _recolour(self) -> None:
        for button in self._copy_buttons:
            button.setIcon(icon("copy", self._context.theme.tokens.dim))
