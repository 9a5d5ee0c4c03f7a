"""Boxes around the vertices of a track store, in three sizes: what lies beside what is asked for is never looked at.

No Qt.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Plane = NDArray[np.float64]

GROUP = 8
# Vertices in a box, from the finest to the coarsest.
SIZES = (GROUP, 32, 256)


class TrackBounds:
    """Lowest and highest corners of every 8, 32 and 256 vertices, in the game's own axes and units.

    A box also holds the vertex after its last one, if that is in the same chunk: a line may go on there.
    """

    def __init__(self, chunk: int) -> None:
        self._chunk = chunk
        self._low = [np.zeros((0, 3), dtype=np.float32) for _ in SIZES]
        self._high = [np.zeros((0, 3), dtype=np.float32) for _ in SIZES]
        self._stale: list[tuple[int, int]] = []

    def note(self, first: int, end: int) -> None:
        """Vertices were written, all in one chunk."""
        start = first if first % self._chunk == 0 else first - 1  # the box before may end with this vertex
        block, end_block = start // SIZES[-1], -(-end // SIZES[-1])
        if self._stale and self._stale[-1][0] <= block <= self._stale[-1][1]:
            self._stale[-1] = self._stale[-1][0], max(end_block, self._stale[-1][1])
        else:
            self._stale.append((block, end_block))

    def refresh(self, chunks: list[Floats]) -> None:
        """Bring the boxes up to date with the vertices; NaN where nothing was ever written."""
        for level, size in enumerate(SIZES):
            missing = len(chunks) * self._chunk // size - len(self._low[level])
            if missing:
                more = np.full((missing, 3), np.nan, dtype=np.float32)
                self._low[level] = np.concatenate([self._low[level], more])
                self._high[level] = np.concatenate([self._high[level], more])
        blocks = self._chunk // SIZES[-1]
        for start, end in self._stale:
            for number in range(start // blocks, (end - 1) // blocks + 1):
                first, last = max(start, number * blocks), min(end, (number + 1) * blocks)
                self._measure(chunks[number], number, first - number * blocks, last - number * blocks)
        self._stale = []

    def _measure(self, chunk: Floats, number: int, block: int, end: int) -> None:
        first, last = block * SIZES[-1], end * SIZES[-1]
        low = chunk[first:last:GROUP, :3].copy()
        high = low.copy()
        for step in range(1, GROUP + 1):
            # One step of all groups at once is far faster than all steps of a group.
            points = chunk[first + step : last + (step == GROUP) : GROUP, :3]
            np.fmin(low[: len(points)], points, out=low[: len(points)])
            np.fmax(high[: len(points)], points, out=high[: len(points)])
        offset = number * self._chunk + first
        for level, size in enumerate(SIZES):
            if level:
                finer = size // SIZES[level - 1]
                low = np.fmin.reduce(low.reshape(-1, finer, 3), axis=1)
                high = np.fmax.reduce(high.reshape(-1, finer, 3), axis=1)
            self._low[level][offset // size : offset // size + len(low)] = low
            self._high[level][offset // size : offset // size + len(high)] = high

    def blocks_inside(self, planes: Iterable[Plane]) -> NDArray[np.bool_]:
        """For every 256 vertices, whether something of their box may lie on the inner side of all planes.

        A plane `(4,)` has a point inside when `plane[:3] @ point + plane[3] >= 0`.
        """
        return _inside(self._low[-1], self._high[-1], planes)

    def groups_inside(self, planes: Iterable[Plane]) -> NDArray[np.bool_]:
        """The same for every 8 vertices, looking only into larger boxes that may be inside."""
        planes = list(planes)
        found: Ints = np.flatnonzero(self.blocks_inside(planes))
        for level in range(len(SIZES) - 2, -1, -1):
            finer = SIZES[level + 1] // SIZES[level]
            found = (found[:, None] * finer + np.arange(finer)).ravel()
            found = found[_inside(self._low[level][found], self._high[level][found], planes)]
        result = np.zeros(len(self._low[0]), dtype=np.bool_)
        result[found] = True
        return result


def _inside(low: Floats, high: Floats, planes: Iterable[Plane]) -> NDArray[np.bool_]:
    # A box is beyond a plane when its nearest corner is, and which corner that is depends on the plane alone.
    inside = np.ones(len(low), dtype=np.bool_)
    corners = low.astype(np.float64), high.astype(np.float64)
    for plane in planes:
        reach = sum(plane[axis] * corners[int(plane[axis] > 0)][:, axis] for axis in range(3))
        inside &= reach + plane[3] >= 0  # NaN, where there is nothing, is not
    return inside
