"""The buttons that open the level's tools: side by side, or one button with a menu where there is no room."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from console.ui.level.tools import TOOLS, ToolSpec

_SPACING = 8


class ToolButtons(QWidget):
    """`tool_chosen(str)`: the tool to open, "" for none."""

    tool_chosen = Signal(str)

    def __init__(self, tools: tuple[ToolSpec, ...] = TOOLS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_SPACING)
        self._titles = {spec.name: spec.title for spec in tools}
        self._buttons: dict[str, QToolButton] = {}
        self._actions: dict[str, QAction] = {}
        self._menu_button = QToolButton()
        self._menu_button.setText("Tools")
        self._menu_button.setAccessibleName("Tools")
        self._menu_button.setToolTip("What else can be seen and done on the level")
        self._menu_button.setCheckable(True)
        self._menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self._menu_button)
        menu.setToolTipsVisible(True)
        self._menu_button.setMenu(menu)
        for spec in tools:
            button = self._buttons[spec.name] = QToolButton()
            button.setText(spec.title)
            button.setToolTip(spec.tip)
            button.setCheckable(True)
            button.clicked.connect(lambda on, name=spec.name: self.tool_chosen.emit(name if on else ""))
            row.addWidget(button)
            action = self._actions[spec.name] = menu.addAction(spec.title)
            action.setToolTip(spec.tip)
            action.setCheckable(True)
            action.triggered.connect(lambda on, name=spec.name: self.tool_chosen.emit(name if on else ""))
        row.addWidget(self._menu_button)
        self._folded = True
        self.fold(False)

    @property
    def wanted_width(self) -> int:
        """What all buttons side by side need, in pixels."""
        widths = [button.sizeHint().width() for button in self._buttons.values()]
        return sum(widths) + _SPACING * max(len(widths) - 1, 0)

    def fold(self, on: bool) -> None:
        """One button with a menu, or all side by side."""
        if on != self._folded:
            self._folded = on
            for button in self._buttons.values():
                button.setVisible(not on)
            self._menu_button.setVisible(on and bool(self._buttons))

    def show_tool(self, name: str) -> None:
        """Show which tool is open, "" for none."""
        for known in self._buttons:
            self._buttons[known].setChecked(known == name)
            self._actions[known].setChecked(known == name)
        self._menu_button.setChecked(bool(name))
        self._menu_button.setText(self._titles.get(name, "Tools"))
