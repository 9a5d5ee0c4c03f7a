"""A small table of which one column takes what room is left, and never less than it needs."""

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from console.ui.theme import Theme
from console.ui.widgets.small_table import Column, SmallTable


class RoomyTable(SmallTable):
    """The width of column `roomy` is its least one; where that is too much for the table, it scrolls sideways."""

    def __init__(
        self, colors: Theme, name: str, columns: Sequence[Column], *, roomy: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(colors, name, columns, parent)
        self._roomy, self._least = roomy, columns[roomy].width

    def share_room(self) -> None:
        """Call it after columns were hidden or shown."""
        taken = sum(self.columnWidth(index) for index in range(self.columnCount()) if index != self._roomy)
        self.setColumnWidth(self._roomy, max(self._least, self.viewport().width() - taken))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.share_room()
