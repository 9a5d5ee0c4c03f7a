"""How a table's columns share the room there is. Pure."""

from collections.abc import Sequence
from math import floor
from typing import Any

from console.ui.widgets.table_columns import TableColumn

_GROWTH = 1.6


def fit(columns: Sequence[TableColumn[Any]], room: int) -> list[int]:
    """One width a column, in pixels; 0 for those that give way.

    First columns get narrower, each down to its `least`; where that is not enough, those with the highest `leaves`
    go. Room to spare goes to the columns that may be narrower, up to a bound: the rest is the last column's.
    """
    shown = list(columns)
    while sum(column.least or column.width for column in shown) > room:
        leaver = max(shown, key=lambda column: column.leaves, default=None)
        if leaver is None or leaver.leaves == 0:
            break
        shown.remove(leaver)
    spare = room - sum(column.width for column in shown)
    give = {column.key: column.width - column.least if column.least else 0 for column in shown}
    share = spare / (sum(give.values()) or 1)
    widths = []
    for column in columns:
        if column not in shown:
            widths.append(0)
        else:
            wanted = column.width + floor(give[column.key] * share)
            widths.append(max(column.least or column.width, min(wanted, int(column.width * _GROWTH))))
    return widths
