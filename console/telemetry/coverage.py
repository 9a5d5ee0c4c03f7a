"""Which floors of a level were visited: walkable cells of its mesh, beside the cells that players were in. Pure.

Arrays of cells are those of `console.telemetry.heat.Grid`. A cell knows one floor, the highest in the grid's band of
heights: floors above one another are told apart by looking at one band at a time.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.telemetry.heat import Array, Cells, Grid

Mask = NDArray[np.bool_]

# Steeper ground is a wall: most engines' default for characters.
STEEPEST_DEGREES = 46.0
# As high as a step between two neighbouring cells may be for somebody to walk or jump on, in metres.
STEP_M = 1.0
_PAIRS = 1_000_000


def floors(vertices: Array, faces: NDArray[np.integer], grid: Grid, *, mirrored: bool = False) -> Array:
    """The height of the highest walkable surface over the middle of each cell; NaN where there is none.

    `vertices` `(n, 3)` are the viewer's metres; a face is walkable from the side its corners run around counter-
    clockwise, clockwise when `mirrored` (the mesh was turned by a matrix with a negative determinant).
    """
    corners = vertices[faces.astype(np.int64)]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    upward = -across[:, 2] if mirrored else across[:, 2]
    walkable = upward > math.cos(math.radians(STEEPEST_DEGREES)) * np.linalg.norm(across, axis=1)
    low = -math.inf if grid.low is None else grid.low
    high = math.inf if grid.high is None else grid.high
    middle = corners[:, :, 2].mean(axis=1)
    corners = corners[walkable & (middle >= low) & (middle <= high)]
    heights = np.full(grid.cells, -np.inf)
    if len(corners):
        _fill(corners, grid, heights)
    return np.where(np.isfinite(heights), heights, np.nan).reshape(grid.shape)


def _fill(corners: Array, grid: Grid, heights: Array) -> None:
    """Raise the cells whose middle lies in a triangle, and the one that holds the triangle's own middle."""
    centres = corners.mean(axis=1)
    held = grid.numbers(centres)
    inside = held >= 0
    np.maximum.at(heights, held[inside], centres[inside, 2])
    flat = (corners[:, :, :2] - (grid.x, grid.y)) / grid.cell_m - 0.5  # a cell's middle has whole numbers
    ends = np.array([grid.columns, grid.rows]) - 1
    first = np.clip(np.ceil(flat.min(axis=1)), 0, ends + 1).astype(np.int64)
    last = np.clip(np.floor(flat.max(axis=1)), -1, ends).astype(np.int64)
    wide, deep = np.maximum(last - first + 1, 0).T
    pairs = wide * deep
    upto = np.cumsum(pairs)
    start = 0
    while start < len(pairs):
        done = int(upto[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(upto, done + _PAIRS, side="right")))
        part = slice(start, stop)
        which = np.repeat(np.arange(start, stop), pairs[part])
        number = np.arange(len(which)) - np.repeat(upto[part] - pairs[part] - done, pairs[part])
        column = first[which, 0] + number % np.maximum(wide[which], 1)
        row = first[which, 1] + number // np.maximum(wide[which], 1)
        shares = _shares(flat, which, column, row)
        met = (shares >= -1e-9).all(axis=1)
        z = (shares[met] * corners[which[met], :, 2]).sum(axis=1)
        np.maximum.at(heights, row[met] * grid.columns + column[met], z)
        start = stop


def _shares(flat: Array, which: Cells, column: Cells, row: Cells) -> Array:
    """How much of each corner a place is: its barycentric coordinates `(n, 3)` in a triangle."""
    a, b, c = (flat[:, corner][which] for corner in range(3))
    place: Array = np.column_stack([column, row]).astype(np.float64)

    def doubled(p: Array, q: Array, r: Array) -> Array:
        area: Array = (q[:, 0] - p[:, 0]) * (r[:, 1] - p[:, 1]) - (q[:, 1] - p[:, 1]) * (r[:, 0] - p[:, 0])
        return area

    whole = doubled(a, b, c)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.column_stack([doubled(place, b, c), doubled(a, place, c), doubled(a, b, place)]) / whole[:, None]
    return np.where(np.isfinite(parts), parts, -1.0)


@dataclass(frozen=True)
class Region:
    """Floor that hangs together and nobody visited. Metres of the viewer; `middle` lies on it."""

    area_m2: float
    middle: tuple[float, float, float]
    low: tuple[float, float, float]
    high: tuple[float, float, float]


@dataclass(frozen=True)
class Coverage:
    """Every walkable cell is in one of three masks: `visited`, `missed`, or `cut_off` from where anybody walked."""

    grid: Grid
    visited: Mask
    missed: Mask
    cut_off: Mask
    regions: tuple[Region, ...]

    @property
    def share(self) -> float:
        """Visited, of the floor that hangs together with where players walked, 0 … 1; NaN without any."""
        reached = int(self.visited.sum()) + int(self.missed.sum())
        return int(self.visited.sum()) / reached if reached else math.nan

    def area_m2(self, mask: Mask) -> float:
        """The area of some cells."""
        return float(mask.sum()) * self.grid.cell_m**2


def coverage(grid: Grid, heights: Array, visited: Mask, *, most_regions: int = 100) -> Coverage:
    """Compare the floors with the cells that players were in; the largest regions that they missed come first."""
    walkable = np.isfinite(heights)
    seen = walkable & visited
    step = max(STEP_M, grid.cell_m * math.tan(math.radians(STEEPEST_DEGREES)))
    one, other = _neighbours(np.nan_to_num(heights), walkable, step)
    whole = components(grid.cells, one, other)
    reached = np.zeros(grid.cells, dtype=np.bool_)
    reached[whole[seen.ravel()]] = True
    known = reached[whole].reshape(grid.shape)
    missed, cut_off = walkable & known & ~seen, walkable & ~known
    inside = missed.ravel()[one] & missed.ravel()[other]
    parts = components(grid.cells, one[inside], other[inside])
    return Coverage(grid, seen, missed, cut_off, tuple(_regions(grid, heights, missed, parts, most_regions)))


def widened(mask: Mask, cells: int) -> Mask:
    """The mask and what lies within so many cells of it, straight or aslant."""
    for axis in (0, 1):
        grown = mask.copy()
        for shift in range(1, cells + 1):
            ahead, behind = [slice(None)] * 2, [slice(None)] * 2
            ahead[axis], behind[axis] = slice(shift, None), slice(None, -shift)
            if shift >= mask.shape[axis]:
                break
            grown[tuple(ahead)] |= mask[tuple(behind)]
            grown[tuple(behind)] |= mask[tuple(ahead)]
        mask = grown
    return mask


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
        np.minimum.at(parent, np.maximum(first, second)[apart], np.minimum(first, second)[apart])
        while not np.array_equal(halved := parent[parent], parent):
            parent = halved


def _neighbours(heights: Array, walkable: Mask, step: float) -> tuple[Cells, Cells]:
    """Pairs of cells side by side that somebody can walk between."""
    numbers = np.arange(heights.size).reshape(heights.shape)
    found: list[tuple[Cells, Cells]] = []
    for one, other in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1, :], np.s_[1:, :])):
        near = walkable[one] & walkable[other] & (np.abs(heights[one] - heights[other]) <= step)
        found.append((numbers[one][near], numbers[other][near]))
    return np.concatenate([pair[0] for pair in found]), np.concatenate([pair[1] for pair in found])


def _regions(grid: Grid, heights: Array, missed: Mask, parts: Cells, most: int) -> list[Region]:
    cells = np.flatnonzero(missed.ravel())
    _, which, sizes = np.unique(parts[cells], return_inverse=True, return_counts=True)
    order = np.argsort(which, kind="stable")
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]) if len(sizes) else sizes
    found = []
    for index in np.argsort(-sizes, kind="stable")[:most].tolist():
        mine = cells[order[starts[index] : starts[index] + sizes[index]]]
        rows, columns = np.divmod(mine, grid.columns)
        z = heights.ravel()[mine]
        nearest = int(np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2))
        x, y = grid.centre(int(rows[nearest]), int(columns[nearest]))
        left, near = grid.centre(int(rows.min()), int(columns.min()))
        right, far = grid.centre(int(rows.max()), int(columns.max()))
        half = grid.cell_m / 2
        found.append(
            Region(
                float(sizes[index]) * grid.cell_m**2,
                (x, y, float(z[nearest])),
                (left - half, near - half, float(z.min())),
                (right + half, far + half, float(z.max())),
            )
        )
    return found
