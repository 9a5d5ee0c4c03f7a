"""Sums of every pair of a cell and a part of it, from rows in any order: in a table while it is small, else sorted.

A pair's key is part × cells + cell. Parts come as small numbers, so a table of all pairs needs no search; what would
need a table too large is kept as sorted keys instead, so that memory grows with the pairs there are.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Kind = TypeVar("Kind", bound=np.generic)
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

_LARGEST_SET = 1 << 26  # pairs, a byte each
_LARGEST_SUMS = 1 << 22  # pairs, 24 bytes each
_LARGEST_COUNTS = 1 << 25  # pairs, four bytes each where any was
_MERGED_FROM = 1 << 22  # sorted keys that wait: 32 MB a column


class Parts:
    """How many different parts each cell has."""

    def __init__(self, cells: int, largest: int = _LARGEST_SET) -> None:
        self._cells, self._largest = cells, largest
        self._table: NDArray[np.bool_] | None = np.zeros(0, np.bool_)
        self._keys: list[Integers] = []

    def add(self, cells: Integers, parts: NDArray[np.integer]) -> None:
        """Rows of equal length, cells and parts from 0 on."""
        if not len(cells):
            return
        keys = parts * np.int64(self._cells) + cells
        if self._table is not None:
            needed = (int(parts.max()) + 1) * self._cells
            if needed <= self._largest:
                self._table = _grown(self._table, needed, self._largest)
                self._table[keys] = True
                return
            self._keys, self._table = [np.flatnonzero(self._table)], None
        self._keys.append(_different(keys))
        if sum(map(len, self._keys[1:])) > max(_MERGED_FROM, len(self._keys[0])):
            self._keys = [_different(np.concatenate(self._keys))]

    def counts(self) -> Integers:
        """Of every cell, `(cells,)`."""
        if self._table is not None:
            whole = len(self._table) // self._cells * self._cells
            found: Integers = self._table[:whole].reshape(-1, self._cells).sum(axis=0, dtype=np.int64)
            return found
        keys = _different(np.concatenate(self._keys))
        return np.bincount(keys % self._cells, minlength=self._cells).astype(np.int64)


class PartSums:
    """Of every pair of a cell and a part: how many rows, and the sums of two amounts. A part of −1 is one, too."""

    def __init__(self, cells: int, largest: int = _LARGEST_SUMS) -> None:
        self._cells, self._largest = cells, largest
        self._table: list[Floats] | None = [np.zeros(0), np.zeros(0), np.zeros(0)]
        self._sorted: list[tuple[Integers, list[Floats]]] = []

    def add(self, cells: Integers, parts: NDArray[np.integer], first: Floats, second: Floats) -> None:
        """Rows of equal length."""
        if not len(cells):
            return
        keys = (parts + np.int64(1)) * self._cells + cells
        if self._table is not None:
            needed = (int(parts.max()) + 2) * self._cells
            if needed <= self._largest:
                self._table = [_grown(column, needed, self._largest) for column in self._table]
                for column, amounts in zip(self._table, (None, first, second), strict=True):
                    _add(column, keys, amounts)
                return
            found = np.flatnonzero(self._table[0])
            self._sorted, self._table = [(found, [column[found] for column in self._table])], None
        self._sorted.append(_summed(keys, [np.ones(len(keys)), first, second]))
        if sum(len(keys) for keys, _ in self._sorted[1:]) > max(_MERGED_FROM, len(self._sorted[0][0])):
            self._merge()

    def sums(self) -> tuple[Integers, Integers, Integers, Floats, Floats]:
        """Cells, parts, rows, and both sums: of the pairs there are."""
        if self._table is not None:
            keys = np.flatnonzero(self._table[0])
            columns = [column[keys] for column in self._table]
        else:
            self._merge()
            ((keys, columns),) = self._sorted
        parts, cells = np.divmod(keys, self._cells)
        return cells, parts - 1, columns[0].astype(np.int64), columns[1], columns[2]

    def _merge(self) -> None:
        keys = np.concatenate([keys for keys, _ in self._sorted])
        columns = [np.concatenate(parts) for parts in zip(*(columns for _, columns in self._sorted), strict=True)]
        self._sorted = [_summed(keys, columns)]


class PartCounts:
    """Of every pair of a cell and a part: how many rows. Parts are any numbers, most of them near one another.

    The table holds the parts from `lowest` to `highest`, which are expected, as far as there is room, around the middle
    of the first rows; the others are sorted. Memory that no pair falls into is never touched.
    """

    def __init__(self, cells: int, lowest: int, highest: int, largest: int = _LARGEST_COUNTS) -> None:
        self._cells = cells
        self._ends = lowest, highest
        self._room = largest // max(1, cells)
        self._table: NDArray[np.int32] | None = None
        self._first = self._beyond = 0  # keys of the table
        self._sorted: list[tuple[Integers, Integers]] = []

    def add(self, cells: Integers, parts: Integers) -> None:
        """Rows of equal length."""
        if not len(cells):
            return
        keys = parts * np.int64(self._cells) + cells
        if self._table is None:
            self._table = self._made(parts)
        held = (keys >= self._first) & (keys < self._beyond)
        if not held.all():
            left = keys[~held]
            self._sorted.append(_counted(left, np.ones(len(left), np.int64)))
            if sum(len(keys) for keys, _ in self._sorted[1:]) > max(_MERGED_FROM, len(self._sorted[0][0])):
                self._merge()
            keys = keys[held]
        np.add.at(self._table, keys - self._first, np.int32(1))

    def counts(self) -> tuple[Integers, Integers, Integers]:
        """Cells, parts and rows of the pairs there are."""
        self._merge()
        found = np.zeros(0, np.int64) if self._table is None else np.flatnonzero(self._table)
        rows = found if self._table is None else self._table[found].astype(np.int64)
        keys = np.concatenate([found + self._first, *(keys for keys, _ in self._sorted)])
        parts, cells = np.divmod(keys, self._cells)
        return cells, parts, np.concatenate([rows, *(rows for _, rows in self._sorted)])

    def _made(self, parts: Integers) -> NDArray[np.int32]:
        lowest, highest = self._ends
        if highest - lowest >= self._room:
            middle = int(np.partition(parts, len(parts) // 2)[len(parts) // 2])
            lowest = max(lowest, min(middle - self._room // 2, highest + 1 - self._room))
            highest = lowest + self._room - 1
        self._first, self._beyond = lowest * self._cells, (highest + 1) * self._cells
        return np.zeros(max(0, self._beyond - self._first), np.int32)

    def _merge(self) -> None:
        if len(self._sorted) > 1:
            keys, rows = (np.concatenate(columns) for columns in zip(*self._sorted, strict=True))
            self._sorted = [_counted(keys, rows)]


def _counted(keys: Integers, rows: Integers) -> tuple[Integers, Integers]:
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    begins = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return keys[begins], np.add.reduceat(rows[order], begins)


def _grown(table: NDArray[Kind], needed: int, largest: int) -> NDArray[Kind]:
    """A table of at least so many pairs, at most twice as many, new ones being none."""
    if len(table) >= needed:
        return table
    grown = np.zeros(min(max(needed, 2 * len(table)), largest), table.dtype)
    grown[: len(table)] = table
    return grown


def _different(keys: Integers) -> Integers:
    """Each key once, in order. np.unique hashes them, which takes many times as long as sorting."""
    ordered = np.sort(keys)
    different: Integers = ordered[np.diff(ordered, prepend=-1) != 0]
    return different


def _add(table: Floats, keys: Integers, amounts: Floats | None) -> None:
    if len(keys) * 8 > len(table):
        table += np.bincount(keys, amounts, minlength=len(table))
    else:
        np.add.at(table, keys, 1.0 if amounts is None else amounts)


def _summed(keys: Integers, columns: list[Floats]) -> tuple[Integers, list[Floats]]:
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    begins = np.flatnonzero(np.diff(ordered, prepend=-1))
    return ordered[begins], [np.add.reduceat(column[order], begins) for column in columns]
