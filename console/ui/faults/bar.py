"""The red bar over the views while requests are made to fail: nobody shall take it for a fault of the game."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from console.messages import ServerStatus
from console.ui.icons import pixmap
from console.ui.live_feed import Connection
from console.ui.style import ui_font
from console.ui.theme import TEXT_PX, Theme
from console.ui.widgets.elided_label import ElidedLabel
from console.ui.widgets.formatting import plural

_HEIGHT = 32


class FaultBar(QFrame):
    """Shown for as long as there are rules. `rules_wanted` and `off_wanted`: its two buttons."""

    rules_wanted = Signal()
    off_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("role", "alarm")
        self.setFixedHeight(_HEIGHT)
        self._mark = QLabel()
        self.text = ElidedLabel()
        self.text.setFont(ui_font(TEXT_PX, ui_font().Weight.DemiBold))
        self.show_button = self._button("Show rules …", "Open fault injection")
        self.off_button = self._button("Switch off", "Take every fault rule away")
        self.show_button.clicked.connect(lambda: self.rules_wanted.emit())
        self.off_button.clicked.connect(lambda: self.off_wanted.emit())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 8, 0)
        layout.setSpacing(8)
        layout.addWidget(self._mark)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.show_button)
        layout.addWidget(self.off_button)
        theme.changed.connect(self._paint_icon)
        self._paint_icon()
        self.hide()

    def show_status(self, status: ServerStatus) -> None:
        """Show or hide itself, and count."""
        if status.faults:
            self.text.setText(
                f"Fault injection is on: requests fail on purpose. {plural(status.faults, 'rule')}, "
                f"{plural(status.faults_injected, 'request')} felt it."
            )
            self.setAccessibleName(self.text.text())
        self.setVisible(bool(status.faults))

    def show_connection(self, connection: Connection, _reason: str) -> None:
        """Rules end with their server."""
        if connection is not Connection.CONNECTED:
            self.hide()

    def _button(self, label: str, name: str) -> QPushButton:
        button = QPushButton(label)
        button.setProperty("role", "alarm")
        button.setToolTip(name)
        button.setAccessibleName(name)
        return button

    def _paint_icon(self) -> None:
        self._mark.setPixmap(pixmap("warning", self._theme.tokens.on_accent, 16, self.devicePixelRatioF()))
