"""Boxes around each 32 vertices of a track store: what lies beside the pointer need not be looked at. No Qt."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

GROUP = 32


class TrackBounds:
    """Corners `low` and `high` of every group of a store's vertices, `(groups, 3)`, in the game's own axes and units.

    A group's box also holds the first vertex of the next group in the same chunk, where a line may go on.
    """

    def __init__(self, chunk: int) -> None:
        self._chunk = chunk
        self._low = np.zeros((0, 3), dtype=np.float32)
        self._high = np.zeros((0, 3), dtype=np.float32)
        self._stale: list[tuple[int, int]] = []

    def note(self, first: int, end: int) -> None:
        """Vertices were written, all in one chunk."""
        start = first if first % self._chunk == 0 else first - 1  # the group before may end with this vertex
        if (
            self._stale
            and self._stale[-1][0] <= start <= self._stale[-1][1]
            and start // self._chunk == (self._stale[-1][0] // self._chunk)
        ):
            self._stale[-1] = (self._stale[-1][0], max(end, self._stale[-1][1]))
        else:
            self._stale.append((start, end))

    def boxes(self, chunks: list[Floats]) -> tuple[Floats, Floats]:
        """`low` and `high`, brought up to date with the vertices; NaN where nothing was ever written."""
        groups = len(chunks) * self._chunk // GROUP
        if groups > len(self._low):
            more = np.full((groups - len(self._low), 3), np.nan, dtype=np.float32)
            self._low, self._high = np.concatenate([self._low, more]), np.concatenate([self._high, more])
        for first, end in self._stale:
            number, start = divmod(first, self._chunk)
            self._measure(chunks[number], number, start // GROUP, -(-(start + end - first) // GROUP))
        self._stale = []
        return self._low, self._high

    def _measure(self, chunk: Floats, number: int, group: int, end: int) -> None:
        points = chunk[group * GROUP : end * GROUP, :3].reshape(-1, GROUP, 3)
        after = chunk[(group + 1) * GROUP : end * GROUP + 1 : GROUP, :3]
        offset = number * (self._chunk // GROUP)
        low, high = np.fmin.reduce(points, axis=1), np.fmax.reduce(points, axis=1)
        np.fmin(low[: len(after)], after, out=low[: len(after)])
        np.fmax(high[: len(after)], after, out=high[: len(after)])
        self._low[offset + group : offset + end] = low
        self._high[offset + group : offset + end] = high
