"""The rows behind a table: bounded, filtered, in order, without Qt.

Rows are kept in ascending order of their id, the oldest are trimmed in blocks, and what a filter lets through is an
index array. A filter looks at the newest rows first and at older ones in slices, so that typing never waits for
200,000 rows.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Generic, Protocol, TypeVar

R = TypeVar("R")

CAPACITY_ROWS = 200_000
TRIM_BLOCK_ROWS = 10_000
SLICE_ROWS = 4_000


class RowObserver(Protocol):
    """Is told around every change of the shown rows, as Qt's item models want it."""

    def before_insert(self, first: int, last: int) -> None: ...

    def after_insert(self) -> None: ...

    def before_remove(self, first: int, last: int) -> None: ...

    def after_remove(self) -> None: ...

    def before_reset(self) -> None: ...

    def after_reset(self) -> None: ...


class RowStore(Generic[R]):
    """Rows with ids from `key_of`, at most `capacity` of them.

    `trimmed` counts rows that had to go because the store was full, `skipped` those that never came because the
    window was behind.
    """

    def __init__(
        self,
        key_of: Callable[[R], int],
        *,
        capacity: int = CAPACITY_ROWS,
        trim_block: int = TRIM_BLOCK_ROWS,
        slice_rows: int = SLICE_ROWS,
    ) -> None:
        self._key_of = self.key_of = key_of
        self._capacity = capacity
        self._trim_block = min(trim_block, capacity)
        self._slice = slice_rows
        self._rows: list[R] = []
        self._observer: RowObserver | None = None
        self._predicate: Callable[[R], bool] | None = None
        # Of each shown row its position plus `_offset`: trimming the front then moves no entry.
        self._shown: array[int] = array("q")
        self._offset = 0
        self._examined_from = 0  # rows before this one wait for the filter; with `_offset`, as entries of `_shown`
        self._held: list[R] | None = None
        self._newest: int | None = None
        self._cleared_to: int | None = None
        self.trimmed = 0
        self.skipped = 0

    # reading

    def __len__(self) -> int:
        """Rows shown."""
        return len(self._rows) if self._predicate is None else len(self._shown)

    def __getitem__(self, shown_row: int) -> R:
        if self._predicate is None:
            return self._rows[shown_row]
        return self._rows[self._shown[shown_row] - self._offset]

    @property
    def total(self) -> int:
        """Rows kept, shown or not."""
        return len(self._rows)

    @property
    def held(self) -> int:
        """Rows that arrived while frozen."""
        return len(self._held) if self._held is not None else 0

    @property
    def frozen(self) -> bool:
        return self._held is not None

    @property
    def filtered(self) -> bool:
        return self._predicate is not None

    @property
    def newest(self) -> int | None:
        """The highest id ever added or held, also after `clear`."""
        if self._held:
            held_to = self._key_of(self._held[-1])
            return held_to if self._newest is None else max(self._newest, held_to)
        return self._newest

    @property
    def unexamined(self) -> int:
        """Rows that a new filter has not looked at yet."""
        return 0 if self._predicate is None else self._examined_from - self._offset

    def rows(self) -> Sequence[R]:
        """All kept rows, oldest first. Not to be changed."""
        return self._rows

    def find(self, key: int) -> int | None:
        """The shown row with this id."""
        position = bisect_left(self._rows, key, key=self._key_of)
        if position == len(self._rows) or self._key_of(self._rows[position]) != key:
            return None
        if self._predicate is None:
            return position
        entry = position + self._offset
        shown = bisect_left(self._shown, entry)
        return shown if shown < len(self._shown) and self._shown[shown] == entry else None

    def observe(self, observer: RowObserver | None) -> None:
        """Tell `observer` of changes from now on; there is one at most."""
        self._observer = observer

    # changing

    def add(self, rows: Iterable[R], *, while_frozen: bool = False) -> None:
        """Take rows in, wherever their ids belong; known ones are passed over.

        While frozen they are held back, unless they are what the person asked for since.
        """
        rows = list(rows)
        if not rows:
            return
        if self._held is not None and not while_frozen:
            self._held.extend(rows)
            if len(self._held) > self._capacity:
                excess = max(self._trim_block, len(self._held) - self._capacity)
                del self._held[:excess]
                self.trimmed += excess
            return
        key_of = self._key_of
        keys = [key_of(row) for row in rows]
        ascending = all(a < b for a, b in pairwise(keys))
        if not ascending:
            rows = sorted({key_of(row): row for row in rows}.values(), key=key_of)
        if self._cleared_to is not None and key_of(rows[0]) <= self._cleared_to:
            rows = [row for row in rows if key_of(row) > self._cleared_to]
            if not rows:
                return
        last = key_of(rows[-1])
        self._newest = last if self._newest is None else max(self._newest, last)
        # Of what overlaps only the older part needs a search for each row: the rest follows the newest.
        older = bisect_right(rows, key_of(self._rows[-1]), key=key_of) if self._rows else 0
        if older:
            self._merge(rows[:older])
        if older < len(rows):
            self._append(rows[older:])

    def skip(self, count: int) -> None:
        """Count rows that will not come."""
        self.skipped += count

    def clear(self) -> None:
        """Forget all rows and counts, for good: a late answer does not bring them back. The filter stays."""
        self._tell_reset(self._forget)

    def set_filter(self, predicate: Callable[[R], bool] | None) -> None:
        """Show only rows that pass. The newest are looked at now, the others by `examine_older`."""

        def change() -> None:
            self._predicate = predicate
            self._shown = array("q")
            self._examined_from = self._offset + len(self._rows)
            if predicate is not None:
                self._shown = self._matches_before(self._slice)

        self._tell_reset(change)

    def examine_older(self) -> bool:
        """Let the filter look at the next slice of older rows. False when none is left."""
        if not self.unexamined:
            return False
        matches = self._matches_before(self._slice)
        if matches:
            self._before_insert(0, len(matches) - 1)
            self._shown = matches + self._shown
            self._after_insert()
        return self.unexamined > 0

    def freeze(self) -> None:
        """Hold new rows back from now on. Nothing is lost but what `capacity` bounds."""
        if self._held is None:
            self._held = []

    def thaw(self) -> None:
        """Take the held rows in, and new ones again."""
        held, self._held = self._held, None
        if held:
            self.add(held)

    # ----------------------------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._cleared_to = self._newest = self.newest
        self._rows.clear()
        self._shown = array("q")
        self._offset = self._examined_from = 0
        if self._held is not None:
            self._held.clear()
        self.trimmed = self.skipped = 0

    def _matches_before(self, count: int) -> "array[int]":
        """Entries of the matching rows among the `count` before `_examined_from`, which moves down."""
        assert self._predicate is not None
        end = self._examined_from - self._offset
        start = max(0, end - count)
        predicate, rows = self._predicate, self._rows
        first = start + self._offset
        self._examined_from = first
        return array("q", [first + i for i, row in enumerate(rows[start:end]) if predicate(row)])

    def _append(self, rows: list[R]) -> None:
        if len(rows) > self._capacity:
            excess = len(rows) - self._capacity
            self.trimmed += excess
            rows = rows[excess:]
        self._make_room(len(rows))
        self._insert(len(self._rows), rows)

    def _make_room(self, count: int) -> None:
        excess = len(self._rows) + count - self._capacity
        if excess > 0:
            self._trim(min(max(excess, self._trim_block), len(self._rows)))

    def _trim(self, count: int) -> None:
        self.trimmed += count
        gone = count if self._predicate is None else bisect_left(self._shown, self._offset + count)
        if gone:
            self._before_remove(0, gone - 1)
        del self._rows[:count]
        self._offset += count
        self._examined_from = max(self._examined_from, self._offset)
        if self._predicate is not None:
            del self._shown[:gone]
        if gone:
            self._after_remove()

    def _merge(self, rows: list[R]) -> None:
        """Insert rows that belong before the end, gap by gap from the newest down so that positions hold."""
        key_of = self._key_of
        gaps: list[tuple[int, list[R]]] = []
        for row in rows:
            key = key_of(row)
            position = bisect_left(self._rows, key, key=key_of)
            if position < len(self._rows) and key_of(self._rows[position]) == key:
                continue
            if gaps and gaps[-1][0] == position:
                gaps[-1][1].append(row)
            else:
                gaps.append((position, [row]))
        if gaps and gaps[0][0] == 0:  # older rows than any: only as many as there is room for, the newest of them
            room = self._capacity - len(self._rows)
            del gaps[0][1][: max(0, len(gaps[0][1]) - room)]
        for position, block in reversed(gaps):
            if block:
                self._insert(position, block)
        if len(self._rows) > self._capacity:
            self._make_room(0)

    def _insert(self, position: int, block: list[R]) -> None:
        count = len(block)
        if self._predicate is None:
            self._before_insert(position, position + count - 1)
            self._rows[position:position] = block
            self._after_insert()
            return
        entry = position + self._offset
        if position == 0 and self._rows:
            # Entries hold while the offset moves; `examine_older` comes to the new rows.
            self._rows[0:0] = block
            self._offset -= count
            return
        at = bisect_left(self._shown, entry)
        waits = entry < self._examined_from
        predicate = self._predicate
        matches = () if waits else [entry + i for i, row in enumerate(block) if predicate(row)]
        if matches:
            self._before_insert(at, at + len(matches) - 1)
        self._rows[position:position] = block
        for i in range(at, len(self._shown)):
            self._shown[i] += count
        if waits:
            self._examined_from += count
        if matches:
            self._shown[at:at] = array("q", matches)
            self._after_insert()

    def _before_insert(self, first: int, last: int) -> None:
        if self._observer is not None:
            self._observer.before_insert(first, last)

    def _after_insert(self) -> None:
        if self._observer is not None:
            self._observer.after_insert()

    def _before_remove(self, first: int, last: int) -> None:
        if self._observer is not None:
            self._observer.before_remove(first, last)

    def _after_remove(self) -> None:
        if self._observer is not None:
            self._observer.after_remove()

    def _tell_reset(self, change: Callable[[], None]) -> None:
        if self._observer is None:
            change()
            return
        self._observer.before_reset()
        change()
        self._observer.after_reset()
