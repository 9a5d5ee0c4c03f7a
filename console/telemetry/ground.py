"""Where somebody can stand on a level, floor above floor: spots of cells, and which of them hang together. Pure.

A spot is the walkable surface of one cell at one height. Where it slopes, or has steps, it reaches from a lowest to a
highest place, so that stairs and ramps hang together from floor to floor while floors above one another do not.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from console.telemetry.heat import Array, Cells, Grid
from console.telemetry.raster import Triangles, over_middles, over_own_middle
from console.telemetry.storeys import cuts_between

# Steeper ground is a wall: most engines' default for characters.
STEEPEST_DEGREES = 46.0
# As high as a step between two neighbouring cells may be for somebody to walk or jump on, in metres.
STEP_M = 1.0
# Below a ceiling as low as this nobody stands or crawls, and surfaces this near above one another are one, in metres.
CLEARANCE_M = 0.9
# A sample is of a spot when it lies so far below it at most (cells are coarser than floors), or so far above: eyes of
# somebody who jumps.
BELOW_M = 0.5
ABOVE_M = 3.0
_SAME_M = 0.02
# What rises by less in a metre is level.
_LEVEL_RISE = 0.2
# Where less of the surfaces has room above, the faces may look the wrong way.
_MOSTLY_FREE = 0.75
# Cell, height, lowest and highest place of each, and whether the cell's middle is over it.
_Spots = tuple[Cells, Array, Array, Array, NDArray[np.bool_]]


@dataclass(frozen=True)
class Ground:
    """Spots in the order of their `cell`s and then of their heights, all in the viewer's metres.

    `height` is where somebody stands, `low` … `high` what the surface reaches in the cell. Only spots that their cell's
    middle is over (`whole_cell`) stand for its area: what else reaches into a cell is stairs, edges and ledges, and
    whole cells of them would be several times the floor where cells are coarse. `cuts` are the heights between storeys,
    lowest first. The grid's own band of heights plays no part. `inside_out`: the faces look the wrong
    way, which shows in that hardly any floor has room above it; it was found on their backs. `by` × `by` cells are
    looked at together; see `part`.
    """

    grid: Grid
    cell: Cells
    height: Array
    low: Array
    high: Array
    whole_cell: NDArray[np.bool_]
    cuts: Array
    inside_out: bool = False
    by: int = 1

    @staticmethod
    def of(vertices: Array, faces: NDArray[np.integer], grid: Grid, *, mirrored: bool = False, by: int = 1) -> "Ground":
        """The ground of a mesh: `vertices` `(n, 3)`, `faces` `(m, 3)`; see `Triangles.of` for `mirrored`."""
        triangles = Triangles.of(vertices, faces, grid, mirrored=mirrored)
        spots, met = _spots(triangles, grid)
        inside_out = False
        if spots[4].sum() < _MOSTLY_FREE * met or not met:
            other, _ = _spots(triangles.turned_over(), grid)
            inside_out = bool(other[4].sum() > 2 * spots[4].sum())
            spots = other if inside_out else spots
        cell, height, low, high, whole_cell = spots
        cuts = _storey_cuts(spots, grid)
        return Ground(grid, cell, height, low, high, whole_cell, cuts, inside_out, by)

    def __len__(self) -> int:
        return len(self.cell)

    @cached_property
    def storey(self) -> Cells:
        """The number of each spot's storey; 0 is the lowest."""
        return np.searchsorted(self.cuts, self.height, side="right").astype(np.int64)

    @cached_property
    def storeys(self) -> int:
        """How many storeys there are."""
        return len(self.cuts) + 1 if len(self) else 0

    @cached_property
    def layer(self) -> Cells:
        """How many spots of its cell lie below each spot."""
        numbers = np.arange(len(self))
        return numbers - np.searchsorted(self.cell, self.cell)

    @cached_property
    def edges(self) -> tuple[tuple[Cells, Cells], tuple[Cells, Cells]]:
        """Pairs of spots side by side that somebody can walk or jump between, along x and along y."""
        column = self.cell % self.grid.columns
        along_x = self._joined(np.flatnonzero(column < self.grid.columns - 1), 1)
        along_y = self._joined(np.arange(len(self)), self.grid.columns)
        return along_x, along_y

    @cached_property
    def whole(self) -> Cells:
        """For each spot the lowest number of those that it hangs together with."""
        (one, other), (near, far) = self.edges
        return components(len(self), np.concatenate([one, near]), np.concatenate([other, far]))

    @cached_property
    def part(self) -> Cells:
        """For each spot the lowest number of those that it is looked at together with.

        They hang together within one square of `by` × `by` cells and one storey, so that a ledge is no part of the
        floor below it. Squares begin at multiples of their size, as cells do.
        """
        if self.by == 1:
            return np.arange(len(self))
        grid = self.grid
        row, column = np.divmod(self.cell, grid.columns)
        row, column = (
            (row + round(grid.y / grid.cell_m)) // self.by,
            (column + round(grid.x / grid.cell_m)) // self.by,
        )
        (one, other), (near, far) = self.edges
        one, other = np.concatenate([one, near]), np.concatenate([other, far])
        inside = (row[one] == row[other]) & (column[one] == column[other]) & (self.storey[one] == self.storey[other])
        return components(len(self), one[inside], other[inside])

    def spots_at(self, cells: Cells, heights: Array) -> Cells:
        """The spot that each sample is of, by its cell (negative ones have none) and height; −1 for none.

        It is the floor just below, unless that is farther than a jump.
        """
        found = np.full(len(cells), -1, dtype=np.int64)
        rows = np.flatnonzero(cells >= 0)
        spot, end = self._begins[cells[rows]], self._begins[cells[rows] + 1]
        while len(rows):  # from the lowest floor up
            above = np.flatnonzero(spot < end)
            above = above[heights[rows[above]] >= self.low[spot[above]] - BELOW_M]
            rows, spot, end = rows[above], spot[above], end[above]
            found[rows] = spot
            spot = spot + 1
        held = np.flatnonzero(found >= 0)
        found[held[heights[held] - self.high[found[held]] > ABOVE_M]] = -1
        return found

    def widened(self, mask: NDArray[np.bool_], times: int) -> NDArray[np.bool_]:
        """The spots of a mask and what lies within so many cells of them, straight or aslant, and can be walked to."""
        for one, other in self.edges:
            for _ in range(times):
                grown = mask.copy()
                grown[other[mask[one]]] = True
                grown[one[mask[other]]] = True
                mask = grown
        return mask

    @cached_property
    def _begins(self) -> Cells:
        """The number of each cell's lowest spot, and after the last of them how many there are."""
        return np.searchsorted(self.cell, np.arange(self.grid.cells + 1))

    def _joined(self, spots: Cells, away: int) -> tuple[Cells, Cells]:
        """Pairs of some spots with those of the cell so many numbers on."""
        first = np.searchsorted(self.cell, self.cell[spots] + away)
        count = np.searchsorted(self.cell, self.cell[spots] + away, side="right") - first
        one = np.repeat(spots, count)
        other = np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
        apart = np.maximum(self.low[one], self.low[other]) - np.minimum(self.high[one], self.high[other])
        near = apart <= STEP_M
        return one[near], other[near]


def neighbours(grid: Grid, cells: Cells) -> Iterator[Cells]:
    """The cells around some, straight and then aslant, eight times; −1 beside the grid."""
    rows, columns = np.divmod(cells, grid.columns)
    for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)):
        row, column = rows + down, columns + right
        inside = (cells >= 0) & (row >= 0) & (row < grid.rows) & (column >= 0) & (column < grid.columns)
        yield np.where(inside, row * grid.columns + column, -1)


def components(count: int, one: Cells, other: Cells) -> Cells:
    """The lowest number that each of `count` nodes hangs together with, over edges `one` — `other`.

    Every tree hooks itself under the lowest neighbour, then all paths are halved until they are flat: Shiloach and
    Vishkin, "An O(log n) parallel connectivity algorithm", 1982.
    """
    parent = np.arange(count)
    while True:
        first, second = parent[one], parent[other]
        apart = first != second
        if not apart.any():
            return parent
        one, other, first, second = one[apart], other[apart], first[apart], second[apart]
        np.minimum.at(parent, np.maximum(first, second), np.minimum(first, second))
        while not np.array_equal(halved := parent[parent], parent):
            parent = halved


def _storey_cuts(spots: _Spots, grid: Grid) -> Array:
    whole = spots[4]
    cell, height, low, high = spots[0][whole], spots[1][whole], spots[2][whole], spots[3][whole]
    # A ramp over a floor makes no storey.
    level = high - low <= _LEVEL_RISE * grid.cell_m
    pairs = np.flatnonzero((cell[1:] == cell[:-1]) & level[1:])
    return cuts_between(height, low, high, (height[pairs], low[pairs + 1]), grid.cell_m**2)


def _spots(triangles: Triangles, grid: Grid) -> tuple[_Spots, int]:
    """Where somebody can stand, and over how many middles there are surfaces, with room above or without."""
    steepest = math.tan(math.radians(STEEPEST_DEGREES)) * grid.cell_m
    gentle = triangles.rise_x**2 + triangles.rise_y**2 <= steepest**2
    found = _clusters(triangles.only(triangles.faces_up & gentle), grid)
    ceilings = over_middles(triangles.only(~triangles.faces_up), grid)
    free = _has_room(found, ceilings.cell, ceilings.z)
    cell, height, low, high, middle = found
    return (cell[free], height[free], low[free], high[free], middle[free]), int(middle.sum())


def _clusters(floors: Triangles, grid: Grid) -> _Spots:
    """The surfaces; those too near above one another for a body are one."""
    met = over_middles(floors, grid)
    small = np.ones(len(floors), dtype=np.bool_)
    small[met.triangle] = False
    numbers = np.flatnonzero(small)
    own = over_own_middle(floors.only(small), grid)
    triangle = np.concatenate([met.triangle, numbers[own.triangle]])
    cell, z = np.concatenate([met.cell, own.cell]), np.concatenate([met.z, own.z])
    middle = np.arange(len(cell)) < len(met.cell)
    if not len(cell):
        return cell, z, z, z, middle
    lowest, highest = floors.z.min(axis=0)[triangle], floors.z.max(axis=0)[triangle]
    reach = (np.abs(floors.rise_x) + np.abs(floors.rise_y))[triangle] / 2
    low, high = np.clip(z - reach, lowest, highest), np.clip(z + reach, lowest, highest)
    base = float(low.min())
    span = float(high.max()) - base + 2 * CLEARANCE_M
    keys = cell * span + (low - base)
    order = np.argsort(keys)
    cell, z, low, high, keys, middle = cell[order], z[order], low[order], high[order], keys[order], middle[order]
    reached = np.maximum.accumulate(cell * span + (high - base))  # the highest so far; cells do not meet
    starts = np.flatnonzero(np.append(True, keys[1:] - reached[:-1] >= CLEARANCE_M))
    return (
        cell[starts],
        np.maximum.reduceat(z, starts),
        low[starts],
        np.maximum.reduceat(high, starts),
        np.logical_or.reduceat(middle, starts),
    )


def _has_room(spots: _Spots, ceiling_cell: Cells, ceiling_z: Array) -> NDArray[np.bool_]:
    """Which spots have room above them for a body.

    Where a surface facing down lies on a spot, it is either the spot's own back (a floor with two sides) or the
    underside of what stands there. Then there comes a surface facing up next, which is the top of a solid thing.
    """
    cell, height, low, *_ = spots
    if not len(cell) or not len(ceiling_cell):
        return np.ones(len(cell), dtype=np.bool_)
    base = float(min(low.min(), ceiling_z.min()))
    span = float(max(height.max(), ceiling_z.max())) - base + 1.0
    ceilings = np.sort(ceiling_cell * span + (ceiling_z - base))
    keys = cell * span + (height - base)
    ends = (cell + 1) * span  # what comes after is of another cell
    ceilings = np.append(ceilings, np.inf)

    def lowest_above(places: Array) -> Array:
        found: Array = ceilings[np.searchsorted(ceilings, places)]
        return np.where(found < ends, found, np.inf)

    above = lowest_above(keys + _SAME_M)
    covered = lowest_above(keys - _SAME_M) < keys + _SAME_M
    next_up = np.append(np.where(cell[1:] == cell[:-1], cell[1:] * span + (low[1:] - base), np.inf), np.inf)
    solid = covered & np.isfinite(next_up) & (above > next_up + _SAME_M)
    free: NDArray[np.bool_] = (above - keys >= CLEARANCE_M) & ~solid
    return free
