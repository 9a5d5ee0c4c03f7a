"""A store's shown rows in the order of a column: a snapshot, made anew now and then while rows arrive. Without Qt."""

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any, Generic, TypeVar

from msgspec import Struct

from console.ui.widgets.row_store import RowStore

R = TypeVar("R")


class SortOrder(Struct, frozen=True):
    """By which column of the table; `descending`: the largest first."""

    column: int
    descending: bool = True

    def next(self) -> "SortOrder | None":
        """What another click on the column's head asks for: the other way round, then no order but arrival's."""
        return SortOrder(self.column, False) if self.descending else None


class SortedRows(Generic[R]):
    """Rows as they were when this was made: the store may change without moving any of them.

    Rows without a value come last either way; equal ones with the newest first. `took_ms` is what it cost.
    """

    def __init__(self, store: RowStore[R], value_of: Callable[[R], Any], *, descending: bool) -> None:
        start = perf_counter()
        rows = [store[index] for index in range(len(store) - 1, -1, -1)]
        self._rows = [row for row in rows if value_of(row) is not None]
        without = [row for row in rows if value_of(row) is None] if len(self._rows) < len(rows) else []
        self._rows.sort(key=value_of, reverse=descending)  # stable, also in reverse
        self._rows += without
        self._key_of = store.key_of
        self._places: dict[int, int] | None = None
        self.took_ms = (perf_counter() - start) * 1000

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, shown_row: int) -> R:
        return self._rows[shown_row]

    def __iter__(self) -> Iterator[R]:
        return iter(self._rows)

    def find(self, key: int) -> int | None:
        """The shown row with this id."""
        if self._places is None:  # asked for only once something is selected
            self._places = {self._key_of(row): place for place, row in enumerate(self._rows)}
        return self._places.get(key)
