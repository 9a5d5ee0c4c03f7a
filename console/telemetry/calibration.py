"""From pairs of places, as telemetry names them and where they are on the level, to how telemetry lies in the viewer.

The least-squares similarity is Umeyama's ("Least-squares estimation of transformation parameters between two point
patterns", IEEE Trans. PAMI 13(4), 1991), with its rotation held to one about the vertical: up is up in every engine,
and three places on a floor would tilt a level by whatever a hand clicked beside them. Three places lie in a plane, so
that a free rotation could not tell a mirrored system from a turned one either; held upright, it can.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import permutations, product

import numpy as np
from numpy.typing import ArrayLike

from console.telemetry.coordinates import (
    ALL_AXES,
    Axes,
    Points,
    directions_of,
    matrix_to_viewer,
    metres_per_unit,
    rotation_of,
    transformed,
    yaw_rotation,
)
from console.telemetry.placement import MAX_OFFSET_M, MAX_SCALE, MIN_SCALE, Direction, Directions, Placement

# Places that are nearer than this to one line, as a share of its length, do not tell left from right.
_NARROW = 0.05
# Another way up, or a mirrored system, is believed when it leaves less than half of the error, and the error matters.
_BETTER, _MATTERS = 0.5, 0.01
# A simpler answer (a right angle, the engine's own unit) is taken when it costs at most this.
_SIMPLER, _SIMPLER_SHARE = 1.5, 1e-3


class CalibrationError(ValueError):
    """The places tell nothing. `str()` is a sentence for people."""


@dataclass(frozen=True)
class PointFit:
    """What fits best: axes, placement, how far each place is off then (metres), and what is doubtful, in sentences.

    `mirrored`: the system is the mirror image of what its axes were set to.
    """

    axes: Axes
    placement: Placement
    residuals_m: tuple[float, ...]
    mirrored: bool
    doubts: tuple[str, ...]

    @property
    def error_m(self) -> float:
        """The root of the mean squared residual."""
        return math.sqrt(sum(metres**2 for metres in self.residuals_m) / len(self.residuals_m))


@dataclass(frozen=True)
class _Solution:
    directions: Directions
    yaw: float
    metres_per_unit: float
    offset: Points
    error_m: float


def fit_points(sent: ArrayLike, places: ArrayLike, axes: Axes, placement: Placement) -> PointFit:
    """How telemetry has to lie so that `sent` `(n, 3)`, as sent, comes to `places` `(n, 3)`, the viewer's metres.

    One pair moves, two turn and scale too, three tell whether the system is mirrored or another axis is up. Raises
    CalibrationError when the places are all one, and ValueError for arrays that do not fit together.
    """
    source, target = np.asarray(sent, dtype=np.float64), np.asarray(places, dtype=np.float64)
    if source.ndim != 2 or source.shape[1:] != (3,) or source.shape != target.shape or not len(source):
        raise ValueError(f"expected two arrays (n, 3) of one length, got {source.shape} and {target.shape}")
    if len(source) == 1:
        return _moved(source, target, axes, placement)
    _refuse_one_place(source, target)
    current = placement.directions or directions_of(axes)
    solution = _best(source, target, current, axes, placement)
    fitted_axes, fitted = _named(solution, axes)
    residuals = np.linalg.norm(transformed(matrix_to_viewer(fitted_axes, fitted), source) - target, axis=1)
    mirrored = (_handedness(solution.directions) > 0) != (_handedness(current) > 0)
    doubts = tuple(_doubts(source, target, residuals, solution))
    return PointFit(fitted_axes, fitted, tuple(residuals.tolist()), mirrored, doubts)


def _moved(source: Points, target: Points, axes: Axes, placement: Placement) -> PointFit:
    offset = np.array(placement.offset) + (target - transformed(matrix_to_viewer(axes, placement), source))[0]
    moved = _placement(placement.directions, placement.scale, placement.yaw, offset)
    return PointFit(axes, moved, (0.0,), False, ("One pair only moves: give two more to turn and scale.",))


def _refuse_one_place(source: Points, target: Points) -> None:
    for what, points in (("positions", source), ("places on the level", target)):
        size = float(np.abs(points).max())
        if float(np.ptp(points, axis=0).max()) <= 1e-9 * max(size, 1.0):
            raise CalibrationError(f"The {what} are all the same: give places that are far apart.")


def _best(source: Points, target: Points, current: Directions, axes: Axes, placement: Placement) -> _Solution:
    """The best of the current way up and handedness; others only where they are clearly better."""
    units = (metres_per_unit(axes, placement), metres_per_unit(axes))
    spread = _spread(target)
    best = _simplest(source, target, [current], units)
    if len(source) < 3 or _narrow(target):
        return best
    families = sorted(
        (_simplest(source, target, _usual(family, current), units) for family in _families()),
        key=lambda found: (found.error_m > best.error_m * _BETTER, *_strangeness(found.directions, current)),
    )
    for other in families:
        if other.error_m < best.error_m * _BETTER and best.error_m > _MATTERS * spread:
            best = other
    return best


def _strangeness(directions: Directions, current: Directions) -> tuple[bool, bool, bool]:
    """Of equally good answers the least strange: the same up, an axis that grows upwards, the same handedness."""
    same_hand = (_handedness(directions) > 0) == (_handedness(current) > 0)
    return directions[2] != current[2], directions[2][0] == "-", not same_hand


def _simplest(source: Points, target: Points, family: list[Directions], units: Iterable[float]) -> _Solution:
    """The least squares of one way up and handedness; with a right angle or a known unit, if that costs little."""
    free = min((_solved(source, target, directions) for directions in family), key=lambda found: abs(found.yaw))
    engines = (metres_per_unit(axes) for axes in ALL_AXES if directions_of(axes) == free.directions)
    allowed = max(free.error_m * _SIMPLER, _SIMPLER_SHARE * _spread(target))
    for unit in (*units, *engines, None):
        for yaw in (90.0 * round(free.yaw / 90), None):
            found = _solved(source, target, free.directions, yaw, unit)
            if found.error_m <= allowed:
                return found
    return free


def _solved(
    source: Points, target: Points, directions: Directions, yaw: float | None = None, unit: float | None = None
) -> _Solution:
    """Least squares over yaw, metres a unit and offset; those that are given are held."""
    turned = source @ rotation_of(directions).T
    middle, goal = turned.mean(axis=0), target.mean(axis=0)
    a, b = turned - middle, target - goal
    along = float(a[:, 0] @ b[:, 0] + a[:, 1] @ b[:, 1])
    across = float(a[:, 0] @ b[:, 1] - a[:, 1] @ b[:, 0])
    degrees = math.degrees(math.atan2(across, along)) if yaw is None else yaw
    rotation = yaw_rotation(degrees)
    if unit is None:
        wanted = float(np.sum((a @ rotation.T) * b)) / float(np.sum(a * a))
        unit = max(wanted, 1e-12)  # a fit that would turn inside out is no fit
    offset = goal - unit * (rotation @ middle)
    off = unit * (turned @ rotation.T) + offset - target
    return _Solution(directions, degrees, unit, offset, float(np.sqrt((off**2).sum(axis=1).mean())))


def _named(solution: _Solution, axes: Axes) -> tuple[Axes, Placement]:
    """In words of an engine: the current one, else one that fits exactly, else the current one with directions."""
    for name in (axes, *ALL_AXES):
        scale = solution.metres_per_unit / metres_per_unit(name)
        exact = math.isclose(scale, 1.0, rel_tol=1e-9)
        if directions_of(name) == solution.directions and (name == axes or exact):
            return name, _placement(None, 1.0 if exact else scale, solution.yaw, solution.offset)
    scale = solution.metres_per_unit / metres_per_unit(axes)
    return axes, _placement(solution.directions, scale, solution.yaw, solution.offset)


def _placement(directions: Directions | None, scale: float, yaw: float, offset: Points) -> Placement:
    if not MIN_SCALE <= scale <= MAX_SCALE:
        raise CalibrationError(f"The positions would have to be scaled by {scale:g}: check that each belongs there.")
    if float(np.abs(offset).max()) > MAX_OFFSET_M:
        raise CalibrationError("The positions would have to be moved too far: check that each belongs there.")
    x, y, z = offset.tolist()
    return Placement(directions=directions, scale=scale, yaw=yaw, offset=(x, y, z))


def _doubts(source: Points, target: Points, residuals: Points, solution: _Solution) -> Iterator[str]:
    if len(source) == 2:
        yield "Two pairs do not tell whether the system is mirrored: give a third."
    elif _narrow(target):
        yield "The places lie almost on one line, which does not tell left from right: choose one beside it."
    spread = _spread(target)
    worst = int(np.argmax(residuals))
    if residuals[worst] > 0.05 * spread and len(source) > 2:
        yield f"Pair {worst + 1} is {residuals[worst]:.1f} m off: check that both its places are the same."
    if solution.directions[2][0] == "-":
        yield "Up would be down in the game: check the heights."


def _spread(points: Points) -> float:
    return float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean()))


def _narrow(points: Points) -> bool:
    """Whether points lie almost on one line, seen from above."""
    flat = points[:, :2] - points[:, :2].mean(axis=0)
    long, short = np.linalg.svd(flat, compute_uv=False)
    return bool(short <= _NARROW * long)


def _handedness(directions: Directions) -> float:
    return float(np.linalg.det(rotation_of(directions)))


def _families() -> list[list[Directions]]:
    """All directions, those together that differ by a quarter turn about the vertical."""
    found: dict[tuple[Direction, bool], list[Directions]] = {}
    for directions in _all_directions():
        found.setdefault((directions[2], _handedness(directions) > 0), []).append(directions)
    return list(found.values())


def _usual(family: list[Directions], current: Directions) -> list[Directions]:
    """Of directions that differ by a turn only, those that are set or that an engine has; else all."""
    known = (current, *(directions_of(axes) for axes in ALL_AXES))
    usual = next((directions for directions in known if directions in family), None)
    return family if usual is None else [usual]


def _all_directions() -> Iterator[Directions]:
    signs: tuple[dict[str, Direction], ...] = (
        {"x": "+x", "y": "+y", "z": "+z"},
        {"x": "-x", "y": "-y", "z": "-z"},
    )
    for names in permutations("xyz"):
        for first, second, third in product(signs, repeat=3):
            yield first[names[0]], second[names[1]], third[names[2]]
