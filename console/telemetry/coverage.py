"""Which ground of a level was visited, storey by storey. Pure.

Ground and visits are counted in cells of half a metre at most, whatever size of cells is looked at: in coarse ones
ledges would join into stairs to the roofs. Those are sums of the fine ones, so that shares and areas do not depend on
their size.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.telemetry.ground import Ground, components, neighbours
from console.telemetry.heat import Array, Box, Cells, Grid

Mask = NDArray[np.bool_]

# Heights of samples are counted in steps of this many metres, in the event store as in the window.
HEIGHT_STEP_M = 0.25
_MOST_STEPS = 2**31 - 1
# What is cut away above a storey's own ground, and below it, in metres: a body has room between.
_HEADROOM_M, _FOOTROOM_M = 2.2, 0.5
_NEARLY_ALL = 0.95
# Ground is counted in cells as large as this, in metres; in larger ones where there would be more of them than these,
# which are those of a level of 250 × 250 m: more take longer than somebody waits.
FINEST_M = 0.5
MOST_COUNTED = 260_000


@dataclass(frozen=True)
class Region:
    """Ground of one storey that hangs together and nobody visited. Metres of the viewer; `middle` lies on it."""

    area_m2: float
    middle: tuple[float, float, float]
    low: tuple[float, float, float]
    high: tuple[float, float, float]
    storey: int


@dataclass(frozen=True)
class Storey:
    """What was visited of a storey, in square metres. `low` … `high` is the band of heights to see it in."""

    number: int
    visited_m2: float
    missed_m2: float
    cut_off_m2: float
    low: float
    high: float
    ground_low: float
    ground_high: float

    @property
    def share(self) -> float:
        """Visited, of what hangs together with where players walked, 0 … 1; NaN without any."""
        reached = self.visited_m2 + self.missed_m2
        return self.visited_m2 / reached if reached else math.nan


@dataclass(frozen=True)
class Coverage:
    """Each spot that is looked at is in one of three masks: `visited`, `missed`, `cut_off` from where anybody was.

    Spots of one part of the ground (see `Ground.part`) are in the same mask: that of most of it. The areas, in square
    metres, are of the spots themselves.
    """

    ground: Ground
    visited: Mask
    missed: Mask
    cut_off: Mask
    visited_m2: float
    missed_m2: float
    cut_off_m2: float
    regions: tuple[Region, ...]
    storeys: tuple[Storey, ...]

    @property
    def reached_m2(self) -> float:
        """The ground that hangs together with where players walked."""
        return self.visited_m2 + self.missed_m2

    @property
    def share(self) -> float:
        """Visited, of the ground that hangs together with where players walked, 0 … 1; NaN without any."""
        return self.visited_m2 / self.reached_m2 if self.reached_m2 else math.nan


def counting_grid(box: Box, cell_m: float) -> tuple[Grid, int]:
    """The grid to count the ground of a box in, and how many of its cells are as long as one of about `cell_m`.

    Raises ValueError for a size that is none.
    """
    looked_at = Grid.over(box, cell_m)
    by = math.ceil(looked_at.cell_m / FINEST_M)
    while by > 1 and looked_at.cells * by**2 > MOST_COUNTED:
        by -= 1
    return (Grid.over(box, looked_at.cell_m / by) if by > 1 else looked_at), by


class Visits:
    """How many samples each spot of a ground was visited by. Grows by `add` as samples come in."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.samples = np.zeros(len(ground), dtype=np.int64)
        self.off_ground = 0  # in the air, below everything, or beside the grid

    def add(self, cells: Cells, steps: Cells, samples: Cells) -> bool:
        """Count samples by their cells and heights in steps of HEIGHT_STEP_M. Whether a spot was visited anew.

        In a cell with no ground at that height they are of a neighbour's: somebody walks along an edge.
        """
        heights = ((steps + 0.5) * HEIGHT_STEP_M).astype(np.float64)
        spots = self.ground.spots_at(cells, heights)
        lost = np.flatnonzero(spots < 0)
        left = np.arange(len(lost))
        for beside in neighbours(self.ground.grid, cells[lost]):
            found = self.ground.spots_at(beside[left], heights[lost[left]])
            spots[lost[left]] = found
            left = left[found < 0]
        self.off_ground += int(samples[spots < 0].sum())
        held = spots >= 0
        spots, samples = spots[held], samples[held]
        anew = bool((self.samples[spots] == 0).any())
        np.add.at(self.samples, spots, samples)
        return anew


def height_steps(heights: Array, step_m: float = HEIGHT_STEP_M) -> Cells:
    """Heights in metres as numbers of steps, as the event store counts them; far away, of the last ones."""
    return np.clip(np.floor(heights / step_m), -_MOST_STEPS, _MOST_STEPS).astype(np.int64)


def coverage(
    ground: Ground,
    seen: Mask,
    *,
    reach: int = 0,
    low: float = -math.inf,
    high: float = math.inf,
    most_regions: int = 100,
) -> Coverage:
    """Compare the ground between two heights with the spots that players were on (`seen`).

    What lies within `reach` cells of them, and can be walked to, counts as visited. The largest regions that were
    missed come first; none goes over storeys. Storeys are told of at all heights.
    """
    known = np.zeros(len(ground), dtype=np.bool_)
    known[ground.whole[seen]] = True
    reached = known[ground.whole]
    visited = ground.widened(seen, reach)
    missed, cut_off = reached & ~visited, ~reached
    storeys = _storeys(ground, visited, missed, cut_off)
    shown = (ground.height >= low) & (ground.height <= high)
    mostly = _mostly(ground, visited)
    looked_at = reached & ~mostly & shown
    return Coverage(
        ground,
        mostly & shown,
        looked_at,
        cut_off & shown,
        _area_m2(ground, visited & shown),
        _area_m2(ground, missed & shown),
        _area_m2(ground, cut_off & shown),
        _regions(ground, missed & shown, looked_at, most_regions),
        storeys,
    )


def _area_m2(ground: Ground, mask: Mask) -> float:
    return float((mask & ground.whole_cell).sum()) * ground.grid.cell_m**2


def _mostly(ground: Ground, visited: Mask) -> Mask:
    """The spots of parts that were visited for the most part: by area, and by spots where there is none."""
    if ground.by == 1:
        return visited
    weight = np.where(ground.whole_cell, 1.0, 1e-6)
    balance = np.bincount(ground.part, np.where(visited, weight, -weight), minlength=len(ground))
    found: Mask = balance[ground.part] >= 0
    return found


def _storeys(ground: Ground, visited: Mask, missed: Mask, cut_off: Mask) -> tuple[Storey, ...]:
    area = ground.grid.cell_m**2
    visited_m2, missed_m2, cut_off_m2 = (
        (np.bincount(ground.storey[mask & ground.whole_cell], minlength=ground.storeys) * area).tolist()
        for mask in (visited, missed, cut_off)
    )
    ends = [-math.inf, *ground.cuts.tolist(), math.inf]
    found = []
    for number in range(ground.storeys):
        mine = ground.storey == number
        reached = (visited | missed) & mine
        heights = ground.height[reached if reached.any() else mine]
        if not len(heights):
            continue
        lowest, most = float(heights.min()), float(np.quantile(heights, _NEARLY_ALL))
        found.append(
            Storey(
                number,
                visited_m2[number],
                missed_m2[number],
                cut_off_m2[number],
                max(ends[number], lowest - _FOOTROOM_M),
                min(ends[number + 1], most + _HEADROOM_M),
                lowest,
                float(heights.max()),
            )
        )
    return tuple(found)


def _regions(ground: Ground, missed: Mask, looked_at: Mask, most: int) -> tuple[Region, ...]:
    """Of spots that are looked at as missed; the areas are of those that were."""
    (one, other), (near, far) = ground.edges
    one, other = np.concatenate([one, near]), np.concatenate([other, far])
    inside = looked_at[one] & looked_at[other] & (ground.storey[one] == ground.storey[other])
    parts = components(len(ground), one[inside], other[inside])
    spots = np.flatnonzero(looked_at)
    _, which, sizes = np.unique(parts[spots], return_inverse=True, return_counts=True)
    order = np.argsort(which, kind="stable")
    starts = np.cumsum(sizes) - sizes
    wholes = np.bincount(which, (ground.whole_cell & missed)[spots], minlength=len(sizes))
    found = []
    for index in np.argsort(-wholes, kind="stable")[:most].tolist():
        if wholes[index]:
            mine = spots[order[starts[index] : starts[index] + sizes[index]]]
            found.append(_region(ground, mine, float(wholes[index]) * ground.grid.cell_m**2))
    return tuple(found)


def _region(ground: Ground, mine: Cells, area_m2: float) -> Region:
    grid = ground.grid
    rows, columns = np.divmod(ground.cell[mine], grid.columns)
    z = ground.height[mine]
    nearest = int(np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2))
    x, y = grid.centre(int(rows[nearest]), int(columns[nearest]))
    left, near = grid.centre(int(rows.min()), int(columns.min()))
    right, far = grid.centre(int(rows.max()), int(columns.max()))
    half = grid.cell_m / 2
    return Region(
        area_m2,
        (x, y, float(z[nearest])),
        (left - half, near - half, float(z.min())),
        (right + half, far + half, float(z.max())),
        int(ground.storey[mine[0]]),
    )


def band_of(found: Coverage, region: Region) -> tuple[float, float]:
    """The heights to see a region in: its own, with room for a body, and within its storey's upper end."""
    ends = [*found.ground.cuts.tolist(), math.inf]
    return region.low[2] - _FOOTROOM_M, min(ends[region.storey], region.high[2] + _HEADROOM_M)
