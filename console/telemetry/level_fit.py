"""How well telemetry lies on a level's mesh, and which axes of the two would fit best.

Being inside of the mesh's box is not enough: a mirrored level has the same box, and positions that are scaled down to
a spot lie in it too. So it also counts how many samples stand on a floor (players keep one height above what they
stand on), how much of the level they reach, and whether they move as fast as players do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from console.telemetry.coordinates import (
    ALL_AXES,
    Matrix,
    Points,
    Transforms,
    directions_of,
    metres_per_unit,
    share_inside,
    transformed,
)
from console.telemetry.placement import AS_AXES_SAY, Calibration, Placement

# Points that stand for the mesh's surface, and samples that are tried; more does not change the order.
SURFACE_POINTS, TRIED_SAMPLES = 150_000, 4_000
INSIDE_MARGIN_M = 0.5
# A floor is flatter than this (the normal's vertical part), and at most so far below a sample; samples that keep one
# height above their floors, within the band, stand.
_FLAT, _ABOVE_M, _BELOW_M, _BAND_M = 0.6, 3.0, 0.4, 0.6
_MIN_CELL_M, _MAX_CELL_M = 0.25, 4.0
# How fast players move, in metres a second, from a sneak to a vehicle.
_SLOW, _FAST = 0.4, 60.0
_INSIDE_WEIGHT, _FLOOR_WEIGHT, _REACH_WEIGHT = 0.4, 0.45, 0.15
# A half turn besides the axes (an exporter's habit) has to be worth something.
_TURN_COSTS = 0.02
# Below this the suggestion is no better than what is set.
_WORTH = 0.03


@dataclass(frozen=True)
class Fit:
    """Shares, 0…1: of samples inside the mesh's box, of samples that stand on a floor, of the level that is reached.

    `speed` is the usual speed in metres a second, NaN where nobody moves. `score`, 0…1, sums them up.
    """

    transforms: Transforms
    inside: float
    standing: float
    reach: float
    speed: float
    score: float


@dataclass(frozen=True)
class Surface:
    """Points `(n, 3)` spread evenly over a mesh, and their unit normals, in the mesh's axes."""

    points: Points
    normals: Points
    area: float


def surface_of(vertices: ArrayLike, faces: ArrayLike, count: int = SURFACE_POINTS) -> Surface:
    """Points at random on a mesh's triangles, as many as their area asks for; the same ones every time."""
    corners = np.asarray(vertices, dtype=np.float32).reshape(-1, 3)
    triangles = np.asarray(faces).reshape(-1, 3)
    doubled = _doubled_areas(corners, triangles)
    usable = np.flatnonzero(np.isfinite(doubled) & (doubled > 0))
    if not len(usable):
        return Surface(np.empty((0, 3)), np.empty((0, 3)), 0.0)
    chance = np.random.default_rng(0)
    sums = np.cumsum(doubled[usable])
    chosen = usable[np.minimum(np.searchsorted(sums, chance.uniform(0, sums[-1], count)), len(sums) - 1)]
    first, second, third = (corners[triangles[chosen, corner]].astype(np.float64) for corner in range(3))
    along, across = second - first, third - first
    normals = np.cross(along, across)
    # Never zero in single precision and zero in double.
    lengths = np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-300)
    u, v = chance.uniform(size=(2, count, 1))
    over = u + v > 1
    u, v = np.where(over, 1 - u, u), np.where(over, 1 - v, v)
    return Surface(first + u * along + v * across, normals / lengths, float(sums[-1]) / 2)


def _doubled_areas(corners: NDArray[np.float32], triangles: NDArray[np.integer]) -> Points:
    """Twice the area of every triangle, column by column: a level may have a million of them."""
    a, b, c = triangles.T
    x, y, z = (np.ascontiguousarray(column) for column in corners.T)
    with np.errstate(over="ignore", invalid="ignore"):  # whoever asks leaves out what is not finite
        ux, uy, uz = x[b] - x[a], y[b] - y[a], z[b] - z[a]
        vx, vy, vz = x[c] - x[a], y[c] - y[a], z[c] - z[a]
        squares = (uy * vz - uz * vy) ** 2.0 + (uz * vx - ux * vz) ** 2.0 + (ux * vy - uy * vx) ** 2.0
    areas: Points = np.sqrt(squares.astype(np.float64))
    return areas


class Floors:
    """What can be stood on, by squares seen from above: made once for each way a mesh is turned."""

    def __init__(self, surface: Surface, matrix: Matrix) -> None:
        rotation = matrix[:3, :3]
        scale = float(np.cbrt(abs(np.linalg.det(rotation))))
        upright = np.abs(surface.normals @ (rotation[2] / scale)) >= _FLAT
        points = transformed(matrix, surface.points)
        self.bounds = np.stack([points.min(axis=0), points.max(axis=0)]) if len(points) else np.zeros((2, 3))
        share = len(points[upright]) / max(len(points), 1)
        spacing = np.sqrt(surface.area * scale**2 * share / max(len(points[upright]), 1))
        self._cell = float(np.clip(3 * spacing, _MIN_CELL_M, _MAX_CELL_M))
        self._height = float(self.bounds[1, 2] - self.bounds[0, 2]) + 4 * _ABOVE_M
        self._columns = int((self.bounds[1, 1] - self.bounds[0, 1]) / self._cell) + 3
        self._keys = np.sort(self._keyed(points[upright]))

    def clearance(self, points: Points) -> Points:
        """Metres from each point `(n, 3)` down to the floor under it, negative a little below; NaN without one."""
        if not len(self._keys):
            return np.full(len(points), np.nan)
        low, high = self.bounds
        over = ((points[:, :2] >= low[:2]) & (points[:, :2] <= high[:2])).all(axis=1)
        over &= (points[:, 2] >= low[2] - _ABOVE_M) & (points[:, 2] <= high[2] + _ABOVE_M)
        kept = np.where(over[:, None], points, low)
        wanted = self._keyed(kept) + _BELOW_M
        below = np.searchsorted(self._keys, wanted, side="right") - 1
        gap = wanted - self._keys[np.maximum(below, 0)] - _BELOW_M
        found = over & (below >= 0) & (gap <= _ABOVE_M)
        return np.where(found, gap, np.nan)

    def _keyed(self, points: Points) -> NDArray[np.float64]:
        """One number for a square and a height in it, so that one sorted array finds the floor below."""
        cells = np.floor((points[:, :2] - self.bounds[0, :2]) / self._cell)
        number = cells[:, 0] * self._columns + cells[:, 1]
        keyed: NDArray[np.float64] = number * self._height + (points[:, 2] - self.bounds[0, 2] + 2 * _ABOVE_M)
        return keyed


def fit_of(transforms: Transforms, floors: Floors, sent: Points, speeds: Points) -> Fit:
    """How well positions as sent `(n, 3)` lie on the floors of a mesh; `speeds` in units a second, of who moves."""
    points = transformed(transforms.telemetry, sent)
    inside = share_inside(points, floors.bounds, INSIDE_MARGIN_M)
    standing = _standing(floors.clearance(points))
    reach = _reach(points, floors.bounds)
    speed = float(np.median(speeds)) * transforms.metres_per_unit if len(speeds) else float("nan")
    score = _INSIDE_WEIGHT * inside + _FLOOR_WEIGHT * standing + _REACH_WEIGHT * reach
    return Fit(transforms, inside, standing, reach, speed, score * (0.5 + 0.5 * _pace(speed)))


def suggestions(surface: Surface, sent: ArrayLike, speeds: ArrayLike, current: Transforms) -> list[Fit]:
    """Every pair of axes, best first, and `current` as it is set; a fit that shows the same picture only once.

    `sent` `(n, 3)` are positions as sent, `speeds` `(m,)` units a second of who moves. Empty without samples or mesh.
    Takes a second for a large level: run it in a thread.
    """
    points = np.asarray(sent, dtype=np.float64).reshape(-1, 3)
    pace = np.asarray(speeds, dtype=np.float64)
    if not len(points) or not len(surface.points):
        return []
    points = points[:: max(1, len(points) // TRIED_SAMPLES)]
    floors: dict[bytes, Floors] = {}
    found: list[Fit] = []
    for transforms in _candidates(current):
        matrix = transforms.mesh
        key = matrix.tobytes()
        if key not in floors:
            floors[key] = Floors(surface, matrix)
        fit = fit_of(transforms, floors[key], points, pace)
        turned = transforms != current and transforms.calibration != AS_AXES_SAY
        found.append(replace(fit, score=fit.score - _TURN_COSTS * turned))
    # Of equal ones that which is set, then that which keeps the mesh as it is.
    found.sort(key=lambda fit: (-round(fit.score, 3), *_changes(fit.transforms, current)))
    return found


def suggestion(fits: Sequence[Fit], current: Transforms) -> Fit | None:
    """The best fit, when it is clearly better than what is set; None when that is best.

    Samples that lie in the mesh just as they do now, in another unit, are no better: floors are only nearer to each
    other in a smaller one. Unless nobody could move as fast as they do in the unit that is set.
    """
    now = next((fit for fit in fits if fit.transforms == current), None)
    if now is None:
        return next(iter(fits), None)
    if _pace(now.speed) == 1.0:
        fits = [fit for fit in fits if fit is now or not _lie_alike(fit.transforms, current)]
    best = fits[0]
    if best.transforms.mesh_axes != current.mesh_axes:
        # The samples cannot tell these from one another, but somebody said of which engine the mesh is.
        alike = [fit for fit in as_good(fits, best) if fit.transforms.mesh_axes == current.mesh_axes]
        best = next((fit for fit in alike if fit.score >= now.score + _WORTH), best)
    return best if best.score >= now.score + _WORTH else None


def as_good(fits: Sequence[Fit], best: Fit) -> list[Fit]:
    """Others in which the samples lie in the mesh just as they do in `best`, at a pace that people have.

    Only who made the game knows which of these it is: they differ in the unit, and in which side is left.
    """
    return [
        fit
        for fit in fits
        if fit is not best and _pace(fit.speed) == 1.0 and _lie_alike(fit.transforms, best.transforms)
    ]


def _lie_alike(one: Transforms, other: Transforms) -> bool:
    """Whether samples lie in the mesh alike, whatever size and mirror image the whole is shown in."""
    within, beside = (np.linalg.solve(each.mesh, each.telemetry) for each in (one, other))
    return bool(np.allclose(within, beside, rtol=1e-6, atol=1e-9 * float(np.abs(within).max())))


def _candidates(current: Transforms) -> Iterator[Transforms]:
    """What is set, then one of all axes that differ, for mesh and telemetry, as they are and half a turn around."""
    yield current
    seen = {_picture(current)}
    mesh_first = sorted(ALL_AXES, key=lambda axes: axes != current.mesh_axes)
    telemetry_first = sorted(ALL_AXES, key=lambda axes: axes != current.telemetry_axes)
    half = Calibration(telemetry=Placement(yaw=180.0))
    for calibration, mesh, telemetry in product((AS_AXES_SAY, half), mesh_first, telemetry_first):
        candidate = Transforms(mesh, telemetry, calibration)
        if _picture(candidate) not in seen:
            seen.add(_picture(candidate))
            yield candidate


def _picture(transforms: Transforms) -> tuple[object, ...]:
    """What tells apart how two transforms look."""
    return (
        directions_of(transforms.mesh_axes),
        metres_per_unit(transforms.mesh_axes),
        directions_of(transforms.telemetry_axes),
        metres_per_unit(transforms.telemetry_axes),
        transforms.calibration,
    )


def _changes(transforms: Transforms, current: Transforms) -> tuple[bool, bool, bool]:
    return (
        transforms != current,
        transforms.mesh_axes != current.mesh_axes,
        transforms.calibration not in (current.calibration, AS_AXES_SAY),
    )


def _standing(clearance: Points) -> float:
    """The largest share of samples whose heights above their floors are within a band."""
    gaps = np.sort(clearance[np.isfinite(clearance)])
    if not len(gaps):
        return 0.0
    ends = np.searchsorted(gaps, gaps + _BAND_M, side="right")
    return float((ends - np.arange(len(gaps))).max()) / len(clearance)


def _reach(points: Points, bounds: Points) -> float:
    """How far samples spread over the level, seen from above: all but the outermost, at most 1."""
    extent = np.ptp(np.percentile(points[:, :2], [2, 98], axis=0), axis=0)
    level = np.maximum(bounds[1, :2] - bounds[0, :2], 1e-9)
    return float(np.sqrt(np.prod(np.minimum(extent / level, 1.0))))


def _pace(speed: float) -> float:
    """1 for what players do, less by the powers of ten that a speed is off; 1 where nobody moves."""
    if not np.isfinite(speed) or speed <= 0:
        return 1.0
    off = max(np.log10(_SLOW / speed), np.log10(speed / _FAST), 0.0)
    return float(max(0.0, 1.0 - off))
