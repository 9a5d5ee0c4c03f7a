"""One number of the overview, and the way to the view that has more of it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from console.ui.dialogs import plain_label
from console.ui.hover import plain_hover
from console.ui.style import heading_font
from console.ui.widgets.elided_label import ElidedLabel


class Tile(QFrame):
    """`clicked()`: by mouse, Enter or Space."""

    clicked = Signal()

    def __init__(self, heading: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading, self._tip = heading, tip
        self.setProperty("role", "card")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        head = plain_label(heading, "heading")
        head.setFont(heading_font())
        self.value = plain_label("–", "title")
        self.note = ElidedLabel()
        self.note.setProperty("role", "dim")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        for part in (head, self.value, self.note):
            column.addWidget(part)

    def show_value(self, value: str, note: str, exact: str = "") -> None:
        """Set number and explanation; `exact` is for the tip."""
        self.value.setText(value)
        self.note.setText(note)
        self.setToolTip(plain_hover("\n".join(line for line in (exact, self._tip) if line)))
        self.setAccessibleName(f"{self._heading}: {value}. {note}")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)
