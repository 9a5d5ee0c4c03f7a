"""The track under the pointer, among millions of samples: boxes first, then the few lines that come near. No Qt."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.ui.level.framing import Section
from console.ui.level.session_table import DIMMED, HIDDEN
from console.ui.level.track_bounds import GROUP
from console.ui.level.tracks import BLOCK, LOW_1, LOW_5, MEAN, SESSION, SPEED, TIME, TrackStore
from console.ui.widgets.formatting import exact_time, visible

Points = NDArray[np.float64]
Ints = NDArray[np.int64]

REACH_PX = 7.0
# Of sessions that are about as near to the pointer the one in front is meant.
_SAME_PX = 2.5
# Sessions under the pointer that are asked for whether they can be seen.
_MOST_TRIED = 4
_EPSILON = 1e-6


@dataclass(frozen=True)
class TrackPoint:
    """A place on a track: `place` in the game's own axes and units, `speed` in its units a second.

    Rates and speed are those of the nearer sample, None where they are not known.
    """

    session: int
    time_us: int
    place: tuple[float, float, float]
    fps_mean: float | None
    fps_low_5: float | None
    fps_low_1: float | None
    speed: float | None


def track_at(
    tracks: TrackStore,
    at: tuple[float, float],
    size: tuple[float, float],
    clip: Points,
    *,
    world: Points,
    section: Section,
    time_range_s: tuple[float, float],
    reach_px: float = REACH_PX,
    visible: Callable[[tuple[float, float, float]], bool] = lambda place: True,
) -> TrackPoint | None:
    """The point of a shown track that is nearest to the pixel `at`; None when none is within `reach_px`.

    `visible` tells of a place, as sent, that nothing hides it; it is asked for a few at most.
    `clip` is the 4×4 matrix from the viewer's metres to clip space, `size` what that fills in pixels.
    """
    runs = tracks.strips
    emphasis = tracks.sessions.emphasis()
    rows = np.flatnonzero(
        (runs.end_s >= time_range_s[0]) & (runs.start_s <= time_range_s[1]) & (emphasis[runs.session] != HIDDEN)
    )
    if len(rows) == 0:
        return None
    matrix = clip @ world
    pencil, boxes = _pencil(at, size, matrix, reach_px), tracks.bounds()
    rows = rows[boxes.blocks_inside(pencil)[runs.first[rows] // BLOCK]]  # no strip reaches beyond a block's box
    first, end = _pieces(runs.first[rows], runs.count[rows])
    hot = boxes.groups_inside(pencil)[first // GROUP]
    first, end = first[hot], end[hot]
    if len(first) == 0:
        return None
    count = end - first
    index = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    line = tracks.gathered(index)
    points = line[:, :3].astype(np.float64)
    height = points @ world[2, :3] + world[2, 3]
    usable = section.holds(height) & (line[:, TIME] >= time_range_s[0]) & (line[:, TIME] <= time_range_s[1])
    in_clip = points @ matrix[:, :3].T + matrix[:, 3]
    usable &= in_clip[:, 3] > _EPSILON
    # x and y in pixels, and a depth that grows with the distance.
    seen = in_clip[:, :3] / np.maximum(in_clip[:, 3:], _EPSILON)
    seen[:, 0] = (seen[:, 0] + 1) / 2 * size[0]
    seen[:, 1] = (1 - seen[:, 1]) / 2 * size[1]
    joined = usable[1:] & usable[:-1]
    joined[np.cumsum(count)[:-1] - 1] = False
    starts = np.flatnonzero(joined)
    if len(starts) == 0:
        return None
    a, b = seen[starts], seen[starts + 1]
    share = _nearest_share(a[:, :2], b[:, :2], np.array(at))
    nearest = a + (b - a) * share[:, None]
    away = np.hypot(nearest[:, 0] - at[0], nearest[:, 1] - at[1])
    # A session that was chosen is easier to hit than those that are dimmed.
    away += np.where(emphasis[line[starts, SESSION].astype(np.int64)] == DIMMED, _SAME_PX, 0.0)
    if away.min() > reach_px:
        return None
    for best in _in_turn(line[starts, SESSION], away, nearest[:, 2], reach_px):
        point = _point(tracks, line[starts[best]], line[starts[best] + 1], float(share[best]))
        if visible(point.place):
            return point
    return None


def _in_turn(sessions: NDArray[np.float32], away: Points, depth: Points, reach_px: float) -> Iterator[int]:
    """The best line of each session: of those about as near as the nearest the one in front, then the others."""
    within = np.flatnonzero(away <= reach_px)
    tied = away[within] <= away.min() + _SAME_PX
    order = np.lexsort((np.where(tied, depth[within], away[within]), ~tied))
    in_order = sessions[within][order]
    _, first = np.unique(in_order, return_index=True)
    for session in in_order[np.sort(first)[:_MOST_TRIED]]:
        lines = within[sessions[within] == session]
        yield int(lines[np.argmin(away[lines])])


def _pieces(first: Ints, count: Ints) -> tuple[Ints, Ints]:
    """Strips cut at groups: first vertex and end of each piece, which reaches to the first vertex of the next."""
    low, high = first // GROUP, (first + count - 1) // GROUP
    number = high - low + 1
    group = np.repeat(low - np.cumsum(number) + number, number) + np.arange(number.sum())
    start = np.maximum(np.repeat(first, number), group * GROUP)
    end = np.minimum(np.repeat(first + count, number), (group + 1) * GROUP + 1)
    return start, end


def _pencil(at: tuple[float, float], size: tuple[float, float], matrix: Points, reach_px: float) -> list[Points]:
    """The planes around all that is seen within reach of a pixel."""
    x, y = at[0] / size[0] * 2 - 1, 1 - at[1] / size[1] * 2
    wide, tall = 2 * reach_px / size[0], 2 * reach_px / size[1]
    return [
        matrix[0] - (x - wide) * matrix[3],
        (x + wide) * matrix[3] - matrix[0],
        matrix[1] - (y - tall) * matrix[3],
        (y + tall) * matrix[3] - matrix[1],
    ]


def _nearest_share(a: Points, b: Points, at: Points) -> Points:
    """How far along each line from a to b the point nearest to `at` lies, 0 … 1."""
    way = b - a
    length = np.maximum((way * way).sum(axis=1), 1e-12)
    share: Points = np.clip(((at - a) * way).sum(axis=1) / length, 0.0, 1.0)
    return share


def _point(tracks: TrackStore, before: NDArray[np.float32], after: NDArray[np.float32], share: float) -> TrackPoint:
    a, b = before.astype(np.float64), after.astype(np.float64)
    x, y, z = (a[:3] + (b[:3] - a[:3]) * share).tolist()
    time_us = tracks.base_us + round((a[TIME] + (b[TIME] - a[TIME]) * share) * 1e6)
    nearer = b if share > 0.5 else a
    mean, low_5, low_1, speed = (float(nearer[what]) for what in (MEAN, LOW_5, LOW_1, SPEED))
    known = [None if value < 0 else value for value in (mean, low_5, low_1, speed)]
    return TrackPoint(int(a[SESSION]), time_us, (x, y, z), *known)


def words(tracks: TrackStore, point: TrackPoint, metres_per_unit: float) -> str:
    """What a tool tip says of a place on a track: a line each for who, which session and build, when, and how fast."""
    facts = tracks.sessions[point.session]
    speed = None if point.speed is None else point.speed * metres_per_unit
    rates = [
        f"{rate:.0f} fps {name}"
        for rate, name in ((point.fps_mean, "mean"), (point.fps_low_5, "low 5 %"), (point.fps_low_1, "low 1 %"))
        if rate is not None
    ]
    lines = (
        visible(facts.player_id),
        f"session {visible(facts.session_id)}",
        f"build {visible(facts.build_id)}" if facts.build_id else "",
        exact_time(point.time_us),
        " · ".join(rates),
        "" if speed is None else f"{speed:.1f} m/s",
    )
    return "\n".join(filter(None, lines))
