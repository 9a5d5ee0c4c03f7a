"""The page of a view that has nothing to show yet: a narrow column in the middle, scrolled where it is too long."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from console.ui.theme import SPACING

_WIDTH = 640


def lay_out_lesson(
    page: QScrollArea, parts: Sequence[QWidget], buttons: Sequence[QWidget], *, aside: Sequence[QWidget] = ()
) -> None:
    """Put parts below each other and buttons in a row under them, those `aside` at its far end.

    The page itself takes no focus.
    """
    page.setWidgetResizable(True)
    page.setFrameShape(QFrame.Shape.NoFrame)
    page.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    column_widget = QWidget()
    column_widget.setMaximumWidth(_WIDTH)
    column = QVBoxLayout(column_widget)
    column.setContentsMargins(0, SPACING[3], 0, SPACING[3])
    column.setSpacing(SPACING[2])
    for part in parts:
        column.addWidget(part)
    row = QHBoxLayout()
    row.setSpacing(SPACING[1])
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    for button in aside:
        row.addWidget(button)
    column.addLayout(row)
    column.addStretch(1)
    content = QWidget()
    middle = QHBoxLayout(content)
    middle.setContentsMargins(SPACING[3], SPACING[3], SPACING[3], 0)
    middle.addStretch(1)
    middle.addWidget(column_widget, 100)
    middle.addStretch(1)
    page.setWidget(content)
