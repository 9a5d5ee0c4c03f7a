"""What the players view teaches while it has nobody to list."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QScrollArea, QWidget

from console.messages import Application, FeedHello, ServerStatus
from console.ui.context import ViewContext
from console.ui.dialogs import plain_label
from console.ui.players.examples import register_player
from console.ui.widgets.code_box import CodeBox
from console.ui.widgets.formatting import visible
from console.ui.widgets.teaching_page import lay_out_lesson

_SNIPPET_LINES = 11


class NoPlayers(QScrollArea):
    """A command that registers the first player, with the real address and key."""

    test_event_wanted = Signal()
    demo_wanted = Signal()

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._url = ""
        self._token = ""
        self.title = plain_label("Waiting for the first player", "title")
        self.lead = plain_label("", "dim")
        self.code = CodeBox("Command that registers a player", lines=_SNIPPET_LINES)
        copy = QPushButton("Copy")
        copy.setProperty("role", "primary")
        copy.clicked.connect(self._copy)
        demo = QPushButton("Start demo playtest")
        demo.setToolTip("Simulated players walk the sample level")
        demo.clicked.connect(self.demo_wanted)
        lay_out_lesson(self, (self.title, self.lead, self.code), (copy, demo))
        context.feed.connected.connect(self._connected)
        context.feed.status_changed.connect(self._status_changed)
        self._status_changed(context.feed.status)

    def show_application(self, application: Application | None) -> None:
        """Whose player is waited for, and whose key the command carries."""
        name = f" of {visible(application.name, 60)}" if application else ""
        self.title.setText(f"Waiting for the first player{name}")
        self._token = application.public_token if application else ""
        self._fill()

    def _connected(self, hello: FeedHello) -> None:
        self._status_changed(hello.status)

    def _status_changed(self, status: ServerStatus | None) -> None:
        url = next(iter(status.player_urls), "") if status is not None else ""
        if url != self._url or not self.code.toPlainText():
            self._url = url
            self._fill()

    def _fill(self) -> None:
        if self._url or self._context.feed.status is None:
            self.lead.setText(
                "Players come by either API: a game's telemetry names them, or it registers them like this. "
                "Sessions, purchases and events then move them through their stages."
            )
        else:
            self.lead.setText(
                "Players come by either API. The player API has no port of its own now; "
                "its routes answer on the telemetry API's address too."
            )
        status = self._context.feed.status
        url = self._url or (status.telemetry_urls[0] if status is not None and status.telemetry_urls else "")
        self.code.setPlainText(register_player(url or "http://127.0.0.1:18000", self._token or "pk_live_…"))

    def _copy(self) -> None:
        self.code.copy_all()
        self._context.messages.say("Command copied.", kind="good")
