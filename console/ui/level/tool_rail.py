"""The narrow column at the right edge of the level that opens its tools: a button each, icon over word."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from console.ui.icons import icon, pixmap
from console.ui.level.tools import TOOLS, ToolSpec
from console.ui.theme import Tokens

RAIL_WIDTH = 68
_ICON_PX = 20
_SCALES = (1, 2)


class ToolRail(QFrame):
    """Always in the same place and of one width, so no tool ever folds away. `tool_chosen(str)`: "" for none."""

    tool_chosen = Signal(str)

    def __init__(self, tools: tuple[ToolSpec, ...] = TOOLS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "rail")
        self.setFixedWidth(RAIL_WIDTH)
        self.setAccessibleName("Tools")
        self._tools = tools
        self.buttons: dict[str, QToolButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 8, 4, 8)
        column.setSpacing(4)
        for spec in tools:
            button = self.buttons[spec.name] = QToolButton()
            button.setProperty("role", "rail")
            button.setText(spec.title)
            button.setToolTip(spec.tip)
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(QSize(_ICON_PX, _ICON_PX))
            button.setFixedWidth(RAIL_WIDTH - 9)  # and a line at the left
            button.clicked.connect(lambda on, name=spec.name: self.tool_chosen.emit(name if on else ""))
            column.addWidget(button)
        column.addStretch(1)

    def set_tokens(self, tokens: Tokens) -> None:
        for spec in self._tools:
            drawn = icon(spec.icon, tokens.dim, size=_ICON_PX)
            for scale in _SCALES:
                drawn.addPixmap(pixmap(spec.icon, tokens.accent, _ICON_PX, scale), QIcon.Mode.Normal, QIcon.State.On)
            self.buttons[spec.name].setIcon(drawn)

    def show_tool(self, name: str) -> None:
        """Show which tool is open, "" for none."""
        for known, button in self.buttons.items():
            button.setChecked(known == name)
