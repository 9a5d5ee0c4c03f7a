"""The line strips of a track store as columns that grow: what is drawn, whose it is, and when it was. No Qt."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

_FIRST_ROOM = 1024
_T = TypeVar("_T", bound=np.generic)


class RunTable:
    """One row a strip: `first` vertex and `count`, the `session`'s number, and `start_s` … `end_s` of its samples."""

    def __init__(self) -> None:
        self._rows = 0
        self._spans = np.zeros((3, _FIRST_ROOM), dtype=np.int64)
        self._times = np.zeros((2, _FIRST_ROOM), dtype=np.float32)

    def __len__(self) -> int:
        return self._rows

    @property
    def first(self) -> Ints:
        return self._spans[0, : self._rows]

    @property
    def count(self) -> Ints:
        return self._spans[1, : self._rows]

    @property
    def session(self) -> Ints:
        return self._spans[2, : self._rows]

    @property
    def start_s(self) -> Floats:
        return self._times[0, : self._rows]

    @property
    def end_s(self) -> Floats:
        return self._times[1, : self._rows]

    def extend(self, first: Ints, count: Ints, session: Ints, start_s: Floats, end_s: Floats) -> int:
        """Add strips; returns the row of the first of them."""
        row, self._rows = self._rows, self._rows + len(first)
        if self._rows > self._spans.shape[1]:
            room = max(self._rows, 2 * self._spans.shape[1])
            self._spans = _grown(self._spans, room)
            self._times = _grown(self._times, room)
        self._spans[:, row : self._rows] = first, count, session
        self._times[:, row : self._rows] = start_s, end_s
        return row

    def lengthen(self, row: int, by: int, start_s: float, end_s: float) -> None:
        """A strip went on by some vertices, whose times lie between these."""
        self._spans[1, row] += by
        self._times[0, row] = min(self._times[0, row], start_s)
        self._times[1, row] = max(self._times[1, row], end_s)

    def keep(self, rows: Ints) -> None:
        """Forget all strips but these, given in ascending order."""
        kept = len(rows)
        self._spans[:, :kept] = self._spans[:, rows]
        self._times[:, :kept] = self._times[:, rows]
        self._rows = kept


def _grown(table: NDArray[_T], room: int) -> NDArray[_T]:
    grown = np.zeros((len(table), room), dtype=table.dtype)
    grown[:, : table.shape[1]] = table
    return grown
