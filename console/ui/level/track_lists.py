"""Which vertices of a track store a frame draws: those in time and in view, as many as there is time for. No Qt."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from console.ui.level.session_table import HIDDEN
from console.ui.level.track_lines import JOIN_OVERLAP_US
from console.ui.level.tracks import BLOCK, TrackStore

Ints = NDArray[np.int64]

# Beyond every 16th sample a line cuts through walls: then whole stretches of track are left out instead.
MAX_STRIDE = 16

# A trajectory may begin a little before the one that it continues has ended: times are in order only roughly.
_LOOSE_S = 2 * JOIN_OVERLAP_US / 1e6

# Chunk, stride, first vertices and counts of line strips.
DrawList = tuple[int, int, NDArray[np.int32], NDArray[np.int32]]


@dataclass(frozen=True)
class DrawPlan:
    """What one frame draws. `highlighted` strips are among `strips` too; `cut` when some reach out of the time range.

    Every `stride`-th sample of one in `thinning` stretches; `limited` when either is more than one.
    """

    strips: list[DrawList] = field(default_factory=list)
    highlighted: list[DrawList] = field(default_factory=list)
    vertices: int = 0
    stride: int = 1
    thinning: int = 1
    cut: bool = False

    @property
    def limited(self) -> bool:
        return self.stride > 1 or self.thinning > 1

    @property
    def words(self) -> str:
        """What is left out, for the person who looks; "" when nothing is."""
        parts = [f"1 of {self.stride} samples"] if self.stride > 1 else []
        if self.thinning > 1:
            parts.append(f"1 of {self.thinning} stretches")
        return f"older tracks: {', '.join(parts)} drawn" if parts else ""


@dataclass(frozen=True)
class Stretches:
    """Vertices `first` … `end` of strips that go from `strip_first` to `strip_end`; each end is not included."""

    strip_first: Ints
    strip_end: Ints
    first: Ints
    end: Ints


def plan(
    tracks: TrackStore,
    budget: int,
    *,
    time_range_s: tuple[float, float] = (-np.inf, np.inf),
    clip: NDArray[np.float64] | None = None,
    missing: NDArray[np.bool_] | None = None,
) -> DrawPlan:
    """The strips in `time_range_s` of sessions that are not hidden. `clip`: a 4×4 matrix from the vertices to clip
    space; strips that lie wholly beyond one of its sides are left out, as are those in `missing` blocks.
    """
    runs = tracks.strips
    if len(runs) == 0:
        return DrawPlan()
    wanted = (runs.end_s >= time_range_s[0]) & (runs.start_s <= time_range_s[1])
    wanted &= tracks.sessions.emphasis()[runs.session] != HIDDEN
    if clip is not None:
        sides = (clip[3] + sign * clip[axis] for axis in (0, 1) for sign in (1, -1))
        wanted &= tracks.bounds().blocks_inside(sides)[runs.first // BLOCK]
    if missing is not None:
        wanted &= ~missing[runs.first // BLOCK] & ~missing[(runs.first + runs.count - 1) // BLOCK]
    rows = np.flatnonzero(wanted)
    begins, ends = runs.first[rows], runs.first[rows] + runs.count[rows]
    crossing = (runs.start_s[rows] < time_range_s[0]) | (runs.end_s[rows] > time_range_s[1])
    cut = bool(crossing.any())
    seen = Stretches(begins, ends, begins.copy(), ends.copy())
    if cut:
        first, end = stretch(tracks, begins[crossing], ends[crossing], time_range_s)
        seen.first[crossing], seen.end[crossing] = first, end
    count = seen.end - seen.first
    total = int(count.sum())
    front: list[DrawList] = []
    highlighted = tracks.sessions.highlighted
    if highlighted is not None:
        mine = runs.session[rows] == highlighted
        front = _lists(tracks, seen, mine, stride_for(int(count[mine].sum()), budget // 2))
    if total <= budget:
        strips = _lists(tracks, seen, np.ones(len(rows), dtype=np.bool_), 1)
        return DrawPlan(strips, front, _drawn(strips) + _drawn(front), cut=cut)
    # A quarter of the budget for the newest blocks in full, the rest for everything older.
    recent = tracks.ages(begins) > tracks.newest_age() - max(1, budget // 4 // BLOCK)
    older = int(count[~recent].sum())
    left = budget * 3 // 4
    stride = min(MAX_STRIDE, stride_for(older, left))
    thinning = stride_for(older // stride, left)
    # By the place in memory and not by the row, so that the same stretches are seen from frame to frame; a multiplier
    # without a common divisor takes them from all lines alike.
    spread = begins // BLOCK * 40_503 % thinning == 0
    kept = ~recent & spread
    strips = _lists(tracks, seen, recent, 1) + _lists(tracks, seen, kept, stride)
    return DrawPlan(strips, front, _drawn(strips) + _drawn(front), stride, thinning, cut)


def stretch(tracks: TrackStore, first: Ints, end: Ints, time_range_s: tuple[float, float]) -> tuple[Ints, Ints]:
    """What of strips lies in a span of time, as first vertices and ends: with a vertex on either side, where there is
    one, as a line goes on between the last vertex outside and the first inside.
    """
    begins = np.maximum(first, _reached(tracks, first, end, time_range_s[0] - _LOOSE_S) - 1)
    return begins, np.minimum(end, _reached(tracks, begins, end, time_range_s[1] + _LOOSE_S) + 1)


def _reached(tracks: TrackStore, first: Ints, end: Ints, time_s: float) -> Ints:
    """In each strip the first vertex that is not before a time; its end where there is none."""
    low, high = first.copy(), end.copy()
    while (looking := np.flatnonzero(low < high)).size:
        middle = (low[looking] + high[looking]) // 2
        before = tracks.gathered_times(middle) < time_s
        low[looking[before]] = middle[before] + 1
        high[looking[~before]] = middle[~before]
    return low


def _lists(tracks: TrackStore, seen: Stretches, chosen: NDArray[np.bool_], stride: int) -> list[DrawList]:
    # Of a strip drawn over every n-th vertex, the one before and the one after the stretch may be that far away.
    wider = stride - 1
    first = np.maximum(seen.strip_first[chosen], seen.first[chosen] - wider)
    end = np.minimum(seen.strip_end[chosen], seen.end[chosen] + wider)
    found = draw_lists(first, end - first, chunk=tracks.chunk, stride=stride)
    return [(chunk, stride, starts, numbers) for chunk, starts, numbers in found]


def _drawn(lists: list[DrawList]) -> int:
    return sum(int(number.sum()) for *_, number in lists)


def draw_lists(
    first: Ints, count: Ints, *, chunk: int, stride: int
) -> Iterator[tuple[int, NDArray[np.int32], NDArray[np.int32]]]:
    """For each chunk its number and the `(first, count)` of strips over every `stride`-th vertex.

    `stride` is a power of two up to BLOCK. A strip of fewer than two such vertices is left out.
    """
    start = -(-first // stride)
    end = (first + count - 1) // stride + 1
    kept = end - start >= 2
    start, end, owner = start[kept], end[kept], first[kept] // chunk
    for number in np.unique(owner).tolist():
        here = owner == number
        local = start[here] - number * (chunk // stride)
        yield number, local.astype(np.int32), (end[here] - start[here]).astype(np.int32)


def stride_for(vertices: int, budget: int) -> int:
    """The smallest power of two, up to BLOCK, that brings `vertices` within `budget`."""
    stride = 1
    while vertices > budget * stride and stride < BLOCK:
        stride *= 2
    return stride
