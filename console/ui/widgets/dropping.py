"""Files that are dropped on the program are copied, never moved."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QDropEvent


def accept_copy(event: QDropEvent) -> None:
    """Take what is dragged as a copy, whatever was proposed.

    Qt proposes a move wherever the other program would allow one. That program may then delete the file.
    """
    if event.possibleActions() & Qt.DropAction.CopyAction:
        event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
