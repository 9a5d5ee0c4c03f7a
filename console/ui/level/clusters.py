"""Markers that would lie on each other on the screen, put together: a sign of each kind, or one of many. Pure.

Cells are of the world and not of the screen, and their size changes by factors of two: turning and moving the camera
changes nothing, and zooming only now and then.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# A cell is this wide on the screen at least, and not quite twice as wide at most, in pixels.
CELL_PX = 36.0
# Kinds of one cell stand side by side; more than so many are told by one sign for all of them. Deadly kinds are not
# among these: where players die has to be seen in any crowd, so they have a sign of their own beside the others'.
ROW = 3
MIXED = -1  # instead of a kind
# Mixes a cell's three numbers into one. Two cells that meet in it would be drawn as one: with 64 bits they do not.
_MIX = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)


@dataclass(frozen=True)
class Clusters:
    """What is drawn: `places` (n, 3) in metres of the viewer, `kinds` and `counts` (n,), `slots` (n, 2) in signs.

    A kind is a number, or MIXED; deadly kinds that share a sign have the number of the first.

    The members of cluster i are `members[starts[i] : starts[i + 1]]`, indices of markers.
    """

    places: NDArray[np.float64]
    kinds: NDArray[np.int32]
    counts: NDArray[np.int64]
    slots: NDArray[np.float32]
    members: NDArray[np.int64]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.kinds)

    def of(self, number: int) -> NDArray[np.int64]:
        """The markers of one cluster, in the order they came."""
        return np.sort(self.members[self.starts[number] : self.starts[number + 1]])


def cell_size(metres_per_pixel: float) -> float:
    """The side of a cell in metres: a power of two."""
    return 2.0 ** math.ceil(math.log2(max(metres_per_pixel, 1e-9) * CELL_PX))


@dataclass(frozen=True)
class Cells:
    """All markers in the order of their cells and kinds: made once, for every span of time and hidden kind.

    `deadly` tells by number which kinds are; they come first in their cell.
    """

    places: NDArray[np.float64]
    kinds: NDArray[np.int32]
    deadly: NDArray[np.bool_]
    order: NDArray[np.int64]
    keys: NDArray[np.int64]  # of the cell, in that order

    def clusters(self, shown: NDArray[np.bool_]) -> Clusters:
        """Those markers that are shown."""
        kept = shown[self.order]
        members, keys = self.order[kept], self.keys[kept]
        kinds = self.kinds[members]
        if len(members) == 0:
            return NO_CLUSTERS
        another_cell = np.concatenate([[True], keys[1:] != keys[:-1]])
        first = np.flatnonzero(another_cell | np.concatenate([[True], kinds[1:] != kinds[:-1]]))
        cell = np.cumsum(another_cell[first]) - 1  # of each cluster
        deadly = self.deadly[kinds[first]]
        crowded = np.bincount(cell)[cell] > ROW
        others = np.bincount(cell, ~deadly)[cell]
        mixed = crowded & ~deadly & (others + (others < np.bincount(cell)[cell]) > ROW)
        # Joined to the one before: all deadly kinds of a crowded cell, all others when they are too many even so.
        alike = np.concatenate([[False], (deadly[1:] == deadly[:-1]) & ~another_cell[first[1:]]])
        kept_apart = ~(alike & (mixed | (crowded & deadly)))
        first, cell, mixed = first[kept_apart], cell[kept_apart], mixed[kept_apart]
        starts = np.append(first, len(members))
        counts = np.diff(starts)
        cell_first = np.flatnonzero(another_cell)
        middles = np.add.reduceat(self.places[members], cell_first)
        middles /= np.diff(np.append(cell_first, len(members)))[:, None]
        shown_kinds = np.where(mixed, np.int32(MIXED), kinds[first])
        return Clusters(middles[cell], shown_kinds, counts, _slots(cell), members, starts)


def cells(places: NDArray[np.float64], kinds: NDArray[np.int32], size: float, deadly: NDArray[np.bool_]) -> Cells:
    """Sort markers at `places` (n, 3) into cells of `size`, in the same unit; at most 32 kinds."""
    numbers = np.floor(places / size).clip(-(2.0**62), 2.0**62).astype(np.int64).view(np.uint64)
    mixed = np.zeros(len(places), dtype=np.uint64)
    for axis, factor in enumerate(_MIX):
        mixed = (mixed ^ numbers[:, axis]) * np.uint64(factor)
        mixed ^= mixed >> np.uint64(29)
    keys = (mixed & np.uint64(0x01FFFFFFFFFFFFFF)).astype(np.int64) * 64
    rank = np.arange(len(deadly)) + 32 * ~deadly
    order = np.argsort(keys + rank[kinds], kind="stable")
    return Cells(places, kinds, deadly, order, keys[order])


def _slots(cell: NDArray[np.int64]) -> NDArray[np.float32]:
    """Where the clusters of each cell stand around its middle. `cell` ascends."""
    first = np.searchsorted(cell, cell)
    total = np.bincount(cell)[cell]
    rank = np.arange(len(cell)) - first
    return np.column_stack([rank - (total - 1) / 2, np.zeros(len(cell))]).astype(np.float32)


NO_CLUSTERS = Clusters(
    np.empty((0, 3)),
    np.empty(0, np.int32),
    np.empty(0, np.int64),
    np.empty((0, 2), np.float32),
    np.empty(0, np.int64),
    np.zeros(1, np.int64),
)
