"""A small table of which some columns take what room is left, and never less than they need."""

from collections.abc import Mapping, Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from console.ui.theme import Theme
from console.ui.widgets.small_table import Column, SmallTable


class RoomyTable(SmallTable):
    """The width of column `roomy` is its least one; where that is too much for the table, it scrolls sideways.

    `wishes` are widths that other columns grow to, one after the other, before column `roomy` takes the rest.
    """

    def __init__(
        self,
        colors: Theme,
        name: str,
        columns: Sequence[Column],
        *,
        roomy: int,
        wishes: Mapping[int, int] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(colors, name, columns, parent)
        self._roomy, self._least, self._wishes = roomy, columns[roomy].width, dict(wishes or {})

    def share_room(self) -> None:
        """Call it after columns were hidden or shown."""
        for index in self._wishes:
            self.setColumnWidth(index, self._columns[index].width)
        taken = sum(self.columnWidth(index) for index in range(self.columnCount()) if index != self._roomy)
        room = self.viewport().width() - taken - self._least
        for index, wish in self._wishes.items():
            more = min(max(room, 0), wish - self._columns[index].width)
            self.setColumnWidth(index, self._columns[index].width + more)
            room -= more
        self.setColumnWidth(self._roomy, self._least + max(room, 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.share_room()
