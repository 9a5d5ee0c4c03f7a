"""Above the views: is it recording, where to send events, freeze, export."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QStackedWidget, QWidget

from console.ui.icons import icon
from console.ui.live_feed import Connection
from console.ui.theme import Theme

_STATES: dict[Connection, tuple[str, str, str]] = {
    Connection.STARTING: ("Starting …", "dim", "dot"),
    Connection.CONNECTED: ("Recording", "accent", "record"),
    Connection.RESTARTING: ("Restarting …", "warning", "restart"),
    Connection.STOPPED: ("Stopped", "dim", "stop"),
    Connection.FAILED: ("Not recording", "bad", "error"),
}


class EndpointLine(QFrame):
    """The address and key a game needs, ready to copy."""

    def __init__(self, theme: Theme, copy: Callable[[str, str], None]) -> None:
        super().__init__()
        self._theme = theme
        self._copy = copy
        self._address = ""
        self._key = ""
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(8)
        label = QLabel("Send events to")
        label.setProperty("role", "dim")
        self._address_button = self._button("Copy the address")
        with_key = QLabel("with key")
        with_key.setProperty("role", "dim")
        self._key_button = self._button("Copy the public key")
        self._parts = (label, self._address_button, with_key, self._key_button)
        for part in self._parts:
            part.hide()
            layout.addWidget(part)
        layout.addStretch(1)
        self._address_button.clicked.connect(lambda: self._copy(self._address, "Address"))
        self._key_button.clicked.connect(lambda: self._copy(self._key, "Public key"))
        theme.changed.connect(self._paint_icons)
        self._paint_icons()

    def set_endpoint(self, address: str, key: str) -> None:
        """Show where to send to; an empty key hides its half."""
        self._address, self._key = address, key
        self._address_button.setText(f"{address} ")
        self._key_button.setText(f"{key[:11]}…{key[-4:]}" if len(key) > 18 else key)
        self._key_button.setText(self._key_button.text() + " ")
        self._key_button.setToolTip(f"Copy {key}")
        for part in self._parts[:2]:
            part.setVisible(bool(address))
        for part in self._parts[2:]:
            part.setVisible(bool(address and key))

    def _button(self, name: str) -> QPushButton:
        button = QPushButton()
        button.setProperty("role", "quiet-mono")
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the icon after the text
        button.setIconSize(QSize(14, 14))
        return button

    def _paint_icons(self) -> None:
        for button in (self._address_button, self._key_button):
            button.setIcon(icon("copy", self._theme.tokens.dim))


class TopBar(QFrame):
    """`tools` is a stack: a view's own line of tools (a filter), or the endpoint line."""

    freeze_toggled = Signal(bool)
    export_asked = Signal()

    def __init__(self, theme: Theme, copy: Callable[[str, str], None]) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("role", "topbar")
        self.setFixedHeight(41)
        self.state_button = QPushButton("Starting …")
        self.state_button.setProperty("role", "state")
        self.state_button.setAccessibleName("Recording state")
        self.endpoint = EndpointLine(theme, copy)
        self.tools = QStackedWidget()
        self.tools.addWidget(self.endpoint)
        self.freeze_button = QPushButton("Freeze")
        self.freeze_button.setCheckable(True)
        self.freeze_button.setToolTip("Hold the views still (Ctrl+E). Recording goes on.")
        self.freeze_button.toggled.connect(self.freeze_toggled)
        self.export_button = QPushButton("Export …")
        self.export_button.setToolTip("Write everything recorded to an NDJSON file")
        self.export_button.clicked.connect(self.export_asked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 5, 12, 5)
        layout.setSpacing(8)
        layout.addWidget(self.state_button)
        layout.addWidget(self.tools, 1)
        layout.addWidget(self.freeze_button)
        layout.addWidget(self.export_button)
        self._connection = Connection.STARTING
        theme.changed.connect(self._show)
        self._show()

    def set_state_menu(self, menu: QMenu) -> None:
        """What the state button offers."""
        self.state_button.setMenu(menu)

    def show_connection(self, connection: Connection, reason: str) -> None:
        self._connection = connection
        self.state_button.setToolTip(reason or "Every accepted request is stored before it is answered.")
        self._show()

    def show_frozen(self, frozen: bool) -> None:
        """Follow a change made elsewhere, without sending it again."""
        self.freeze_button.blockSignals(True)
        self.freeze_button.setChecked(frozen)
        self.freeze_button.blockSignals(False)
        self._show()

    def show_tools(self, tools: QWidget | None) -> None:
        """Show a view's tools, or the endpoint line for a view without."""
        widget = tools if tools is not None else self.endpoint
        if self.tools.indexOf(widget) < 0:
            widget.setProperty("role", "tools")
            widget.style().polish(widget)
            if (layout := widget.layout()) is not None:
                layout.setContentsMargins(0, 0, 0, 0)
            self.tools.addWidget(widget)
        self.tools.setCurrentWidget(widget)
        self.freeze_button.setHidden(hasattr(widget, "freeze"))

    def _show(self) -> None:
        tokens = self._theme.tokens
        text, tone, name = _STATES[self._connection]
        self.state_button.setText(text)
        self.state_button.setProperty("tone", tone)
        self.state_button.style().polish(self.state_button)
        self.state_button.setIcon(icon(name, getattr(tokens, tone)))
        frozen = self.freeze_button.isChecked()
        self.freeze_button.setText("Frozen" if frozen else "Freeze")
        self.freeze_button.setIcon(icon("freeze", tokens.accent if frozen else tokens.dim))
        self.export_button.setIcon(icon("export", tokens.dim))
