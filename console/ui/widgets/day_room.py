"""Room for the day in a table's column of times, while rows of other days are shown."""

import time
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QFontMetrics

from console.ui.style import mono_font
from console.ui.widgets.columns_menu import ColumnsMenu
from console.ui.widgets.formatting import is_today, next_midnight
from console.ui.widgets.row_delegate import CELL_PADDING
from console.ui.widgets.row_table import RowTable
from console.ui.widgets.table_columns import RowCells

_DATED: Final = "Nov 19 10:42:14.941"  # as long as one of another year, see `formatting.dated_time`


class DayRoom(QObject):
    """Looks at the first and the last row: a column of today's times alone stays narrow.

    At midnight all times are written anew, as what was today is so no longer.
    """

    def __init__(
        self, table: RowTable, columns: ColumnsMenu, cells: RowCells[Any], time_of: Callable[[Any], int], column: str
    ) -> None:
        """`column` is the key of the one that shows `time_of` by `formatting.dated_time`."""
        super().__init__(table)
        self._table = table
        self._columns = columns
        self._cells = cells
        self._time_of = time_of
        self._column = column
        self._wide = False
        self._midnight = QTimer(self)
        self._midnight.setSingleShot(True)
        self._midnight.timeout.connect(self._day_began)
        table.rows.rowsInserted.connect(self._look)
        table.rows.modelReset.connect(self._look)
        self._wait()

    def _look(self) -> None:
        shown = self._table.rows.shown
        if not len(shown):
            return
        wide = not all(is_today(self._time_of(shown[at])) for at in (0, len(shown) - 1))
        if wide != self._wide:
            self._wide = wide
            room = QFontMetrics(mono_font()).horizontalAdvance(_DATED) + 2 * CELL_PADDING + 2
            self._columns.set_width(self._column, room if wide else None)

    def _day_began(self) -> None:
        self._cells.forget()
        self._table.viewport().update()
        self._look()
        self._wait()

    def _wait(self) -> None:
        now = time.time()
        self._midnight.start(max(1_000, round((next_midnight(now) - now) * 1e3) + 1_000))
