"""What the performance view teaches while nothing has told a frame rate."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget


def empty_page() -> QWidget:
    """Where frame rates come from, and how they look on the wire."""
    page = QWidget()
    column = QVBoxLayout(page)
    column.setSpacing(8)
    column.addStretch(1)
    for role, words in (
        ("title", "No frame rates yet"),
        (
            "dim",
            "They come with the trajectories a game sends: give each one its fps, and lines are drawn as people play.",
        ),
        ("mono-dim", '{"positions": […], "fps": {"mean": 58.2, "low_5": 44.0, "low_1": 31.5}, …}'),
    ):
        label = QLabel(words)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setProperty("role", role)
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        label.setWordWrap(role == "dim")
        column.addWidget(label)
    column.addStretch(2)
    return page
