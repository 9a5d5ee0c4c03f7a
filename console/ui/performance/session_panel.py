"""The list of sessions under its heading, and how many there are."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from console.ui.performance.session_list import SessionList
from console.ui.style import heading_font
from console.ui.theme import Theme
from console.ui.widgets.elided_label import ElidedLabel


class SessionPanel(QWidget):
    """`list` and `count` are for the view to fill."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        heading = QLabel("Sessions")
        heading.setProperty("role", "heading")
        heading.setFont(heading_font())
        self.list = SessionList(theme)
        self.count = ElidedLabel()
        self.count.setProperty("role", "dim")
        self.setMinimumWidth(180)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(8)
        for label in (heading, self.count):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setContentsMargins(12, 0, 12, 0)
        heading.setContentsMargins(12, 12, 12, 0)
        column.addWidget(heading)
        column.addWidget(self.list, 1)
        column.addWidget(self.count)
