"""Where the camera has to stand, and how the floor is ruled. Pure."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Place = tuple[float, float, float]
Bounds = tuple[tuple[float, float, float], tuple[float, float, float]]

# Higher and lower than anything: a shader compares with it, so it is no infinity.
ENDLESS = 1e30

# Points are apart when the gap between them is this wide, in metres and in extents of the most of them; or of others,
# when those are so large a share.
_GAP_M = 2_000.0
_GAP_EXTENTS = 20.0
_MANY = 0.2
_FARTHEST_M = 1e12
_ROOM_M = 2.0

EMPTY_BOUNDS: Bounds = ((-20.0, -15.0, 0.0), (20.0, 15.0, 4.0))


@dataclass(frozen=True)
class Section:
    """The band of heights that is shown, in metres of the viewer, both ends included; without ends it is everything."""

    low: float = -ENDLESS
    high: float = ENDLESS

    def holds(self, heights: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Which heights lie in the band."""
        inside: NDArray[np.bool_] = (heights >= self.low) & (heights <= self.high)
        return inside


WHOLE_HEIGHT = Section()


@dataclass(frozen=True)
class Pose:
    """A camera that looks at `centre` (metres) from `distance`; angles in degrees."""

    centre: tuple[float, float, float]
    distance: float
    elevation: float
    azimuth: float


def bounds_of(points: NDArray[np.floating]) -> Bounds | None:
    """The box around points `(n, 3)`; None around nothing."""
    if len(points) == 0:
        return None
    low, high = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return (low[0], low[1], low[2]), (high[0], high[1], high[2])


def core(points: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which of points `(n, 3)`, in metres, belong together, and are not scattered far away from the most of them.

    Far is beyond a gap that is much wider than what lies on either side of it; gaps that a large level may have between
    its places are none.
    """
    kept = np.ones(len(points), dtype=np.bool_)
    for axis in range(3):
        values = np.sort(points[kept, axis].astype(np.float64))
        if len(values) and values[-1] - values[0] > _GAP_M:
            low, high = _together(values)
            kept &= (points[:, axis] >= low) & (points[:, axis] <= high)
    return kept


def _together(values: NDArray[np.float64]) -> tuple[float, float]:
    """From where to where the most of ascending numbers lie."""
    gaps = np.flatnonzero(np.diff(values) > _GAP_M)
    firsts, lasts = np.append(0, gaps + 1), np.append(gaps, len(values) - 1)
    counts = lasts - firsts + 1
    nearest = np.minimum(np.abs(values[firsts]), np.abs(values[lasts]))
    main = int(np.lexsort((nearest, -counts))[0])
    low, high = float(values[firsts[main]]), float(values[lasts[main]])

    def is_near(group: int, gap: float) -> bool:
        extent = high - low
        if counts[group] >= _MANY * len(values):
            extent = max(extent, float(values[lasts[group]] - values[firsts[group]]))
        return gap <= _GAP_EXTENTS * extent

    after = main + 1
    while after < len(counts) and is_near(after, float(values[firsts[after]]) - high):
        high, after = float(values[lasts[after]]), after + 1
    before = main - 1
    while before >= 0 and is_near(before, low - float(values[lasts[before]])):
        low, before = float(values[firsts[before]]), before - 1
    return low, high


def roomy(bounds: Bounds) -> Bounds:
    """A box to look at: around a single place there is some room, and nothing is beyond what cameras can be sent to."""
    low, high = np.clip(np.array(bounds, dtype=np.float64), -_FARTHEST_M, _FARTHEST_M)
    if (high == low).all():
        low, high = low - _ROOM_M, high + _ROOM_M
    found = bounds_of(np.array([low, high]))
    assert found is not None
    return found


def union(first: Bounds | None, second: Bounds | None) -> Bounds | None:
    """The box around two boxes."""
    if first is None or second is None:
        return first or second
    corners = np.array([*first, *second])
    return bounds_of(corners)


def outgrows(bounds: Bounds, shown: Bounds) -> bool:
    """Whether a box reaches out of another by more than a twentieth of its size."""
    low, high = np.array(bounds)
    shown_low, shown_high = np.array(shown)
    slack = float((shown_high - shown_low).max()) / 20
    return bool((low < shown_low - slack).any() or (high > shown_high + slack).any())


def is_elsewhere(bounds: Bounds, shown: Bounds) -> bool:
    """Whether a box is of quite another size than another, or beside it: seeing one tells little of the other."""
    (low, high), (shown_low, shown_high) = np.array(bounds), np.array(shown)
    size, shown_size = float((high - low).max()), float((shown_high - shown_low).max())
    moved = float(np.abs((low + high) - (shown_low + shown_high)).max()) / 2
    return not shown_size / 1.5 <= size <= shown_size * 1.5 or moved > shown_size / 2


def view_axes(elevation: float, azimuth: float) -> NDArray[np.float64]:
    """Unit vectors of a camera, as rows: right, up, towards the camera."""
    e, a = math.radians(elevation), math.radians(azimuth)
    back = (math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e))
    right = (-math.sin(a), math.cos(a), 0.0)
    up = (-math.sin(e) * math.cos(a), -math.sin(e) * math.sin(a), math.cos(e))
    return np.array([right, up, back])


def fit(
    bounds: Bounds, *, elevation: float, azimuth: float, fov: float, aspect: float, orthographic: bool = False
) -> Pose:
    """The nearest pose from which all of `bounds` is seen, with a small margin.

    `fov` is the horizontal field of view in degrees, `aspect` the view's width over its height. An orthographic camera
    sees of a plane at any depth what one in perspective sees at its centre.
    """
    low, high = np.array(bounds, dtype=np.float64)
    middle = (low + high) / 2
    corners = np.array([[x, y, z] for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])])
    seen = (corners - middle) @ view_axes(elevation, azimuth).T
    half_width = math.tan(math.radians(fov) / 2)
    half_height = half_width / max(aspect, 0.1)
    # A corner at depth z towards the camera is inside when |x| ≤ (distance − z) · half_width.
    needed = np.maximum(np.abs(seen[:, 0]) / half_width, np.abs(seen[:, 1]) / half_height)
    if not orthographic:
        needed += seen[:, 2]
    distance = max(float(needed.max()) * 1.06, min(1.0, 3 * math.dist(low, high) or 1.0), 0.01)
    return Pose((float(middle[0]), float(middle[1]), float(middle[2])), distance, elevation, azimuth)


def between(start: Pose, end: Pose, share: float) -> Pose:
    """The pose that is `share` (0 … 1) of the way: turned the shorter way, its distance changed by an even factor."""
    turn = (end.azimuth - start.azimuth + 180) % 360 - 180
    x, y, z = (a + (b - a) * share for a, b in zip(start.centre, end.centre, strict=True))
    return Pose(
        (x, y, z),
        start.distance ** (1 - share) * end.distance**share,
        start.elevation + (end.elevation - start.elevation) * share,
        start.azimuth + turn * share,
    )


def around(place: tuple[float, float, float], metres: float) -> Bounds:
    """A cube around a place, that many metres to every side."""
    x, y, z = place
    return (x - metres, y - metres, z - metres), (x + metres, y + metres, z + metres)


def grid_spacing(extent: float) -> float:
    """Metres between lines so that about a dozen cross `extent`: 1, 2 or 5 times a power of ten."""
    rough = max(extent, 1e-6) / 12
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= rough * 0.999)


def grid_lines(bounds: Bounds) -> tuple[NDArray[np.float32], float]:
    """Ends of the floor's lines, `(n, 3)` in pairs, around and below `bounds`; and the metres between them."""
    (x0, y0, z0), (x1, y1, z1) = bounds
    spacing = grid_spacing(max(x1 - x0, y1 - y0) or z1 - z0)
    margin = 3 * spacing
    left, right = math.floor((x0 - margin) / spacing), math.ceil((x1 + margin) / spacing)
    near, far = math.floor((y0 - margin) / spacing), math.ceil((y1 + margin) / spacing)
    z = z0 - 0.002 * max(x1 - x0, y1 - y0)
    lines = [((n, near), (n, far)) for n in range(left, right + 1)]
    lines += [((left, n), (right, n)) for n in range(near, far + 1)]
    ends = np.array(lines, dtype=np.float32).reshape(-1, 2) * spacing
    return np.column_stack([ends, np.full(len(ends), z)]).astype(np.float32), spacing
