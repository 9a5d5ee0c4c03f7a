"""From an engine's axes to the viewer's: right-handed, Z up, metres. What was sent is stored; it is turned when shown.

The presets, as viewer (x, y, z) of an engine's (x, y, z):

- unity: (x, z, y). Left-handed, Y up, metres.
- unreal: 0.01·(x, −y, z). Left-handed, Z up, centimetres.
- gltf, godot: (x, −z, y). Right-handed, Y up, metres.
- blender: as is.
- quake: 0.0254·(x, y, z). Right-handed, Z up, one unit an inch; Source too.
"""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from console.telemetry.placement import AS_AXES_SAY, Calibration, Directions, Placement

Axes = Literal["unity", "unreal", "gltf", "godot", "blender", "quake"]
ALL_AXES: tuple[Axes, ...] = get_args(Axes)

Points = NDArray[np.float64]
Matrix = NDArray[np.float64]

_Y_UP_LEFT_HANDED: Directions = ("+x", "+z", "+y")
_Y_UP_RIGHT_HANDED: Directions = ("+x", "-z", "+y")
_Z_UP_LEFT_HANDED: Directions = ("+x", "-y", "+z")
_Z_UP_RIGHT_HANDED: Directions = ("+x", "+y", "+z")

# What the viewer's x, y, z are of the engine's, and metres a unit.
_PRESETS: dict[Axes, tuple[Directions, float]] = {
    "unity": (_Y_UP_LEFT_HANDED, 1.0),
    "unreal": (_Z_UP_LEFT_HANDED, 0.01),
    "gltf": (_Y_UP_RIGHT_HANDED, 1.0),
    "godot": (_Y_UP_RIGHT_HANDED, 1.0),
    "blender": (_Z_UP_RIGHT_HANDED, 1.0),
    "quake": (_Z_UP_RIGHT_HANDED, 0.0254),
}
_NOTHING_MORE = Placement()


@dataclass(frozen=True)
class Transforms:
    """What turns a level's mesh and telemetry into the viewer's metres: 4×4 matrices of columns (x, y, z, 1)."""

    mesh_axes: Axes
    telemetry_axes: Axes
    calibration: Calibration = AS_AXES_SAY

    @property
    def mesh(self) -> Matrix:
        return matrix_to_viewer(self.mesh_axes, self.calibration.mesh)

    @property
    def telemetry(self) -> Matrix:
        return matrix_to_viewer(self.telemetry_axes, self.calibration.telemetry)

    @property
    def metres_per_unit(self) -> float:
        """The length of one unit of telemetry."""
        return metres_per_unit(self.telemetry_axes, self.calibration.telemetry)


def directions_of(axes: Axes) -> Directions:
    """What the viewer's x, y and z are of an engine's."""
    return _PRESETS[axes][0]


def rotation_of(directions: Directions) -> Matrix:
    """The 3×3 matrix of signed directions: a rotation, or a reflection too."""
    rotation = np.zeros((3, 3))
    for row, (sign, name) in enumerate(directions):
        rotation[row, "xyz".index(name)] = 1.0 if sign == "+" else -1.0
    return rotation


def yaw_rotation(degrees: float) -> Matrix:
    """The 3×3 matrix that turns about the viewer's z; right angles are exact."""
    angle = math.radians(degrees)
    quarters = degrees / 90
    sine, cosine = math.sin(angle), math.cos(angle)
    if quarters == round(quarters):
        sine, cosine = float(round(sine)), float(round(cosine))
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])


def metres_per_unit(axes: Axes, placement: Placement = _NOTHING_MORE) -> float:
    """The length of one unit of an engine."""
    return _PRESETS[axes][1] * placement.scale


def matrix_to_viewer(axes: Axes, placement: Placement = _NOTHING_MORE) -> Matrix:
    """The 4×4 matrix that turns a column (x, y, z, 1) of an engine into the viewer's."""
    rotation = rotation_of(placement.directions or directions_of(axes))
    matrix = np.eye(4)
    matrix[:3, :3] = yaw_rotation(placement.yaw) @ rotation * metres_per_unit(axes, placement)
    matrix[:3, 3] = placement.offset
    return matrix


def matrix_from_viewer(axes: Axes, placement: Placement = _NOTHING_MORE) -> Matrix:
    """The inverse of `matrix_to_viewer`."""
    there = matrix_to_viewer(axes, placement)
    matrix = np.eye(4)
    matrix[:3, :3] = there[:3, :3].T / metres_per_unit(axes, placement) ** 2
    matrix[:3, 3] = -matrix[:3, :3] @ there[:3, 3]
    return matrix


def to_viewer(points: ArrayLike, axes: Axes, placement: Placement = _NOTHING_MORE) -> Points:
    """Points `(n, 3)` of an engine, in the viewer's metres. A new array."""
    return transformed(matrix_to_viewer(axes, placement), points)


def from_viewer(points: ArrayLike, axes: Axes, placement: Placement = _NOTHING_MORE) -> Points:
    """Points `(n, 3)` of the viewer, in an engine's axes and units. A new array."""
    return transformed(matrix_from_viewer(axes, placement), points)


def transformed(matrix: Matrix, points: ArrayLike) -> Points:
    """Points `(n, 3)` through a 4×4 matrix. A new array. Raises ValueError for another shape."""
    array = np.asarray(points, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 3:
        raise ValueError(f"expected points of shape (n, 3), got {array.shape}")
    turned: Points = array @ matrix[:3, :3].T + matrix[:3, 3]
    return turned


def share_inside(points: ArrayLike, bounds: ArrayLike, margin: float = 0.0) -> float:
    """The share (0…1) of points `(n, 3)` inside a box `(min, max)` of the same axes, widened by `margin`.

    Near 0 tells that mesh and telemetry are given in different axes. NaN without points.
    """
    array = np.asarray(points, dtype=np.float64).reshape(-1, 3)
    if not len(array):
        return float("nan")
    low, high = np.asarray(bounds, dtype=np.float64)
    return float(((array >= low - margin) & (array <= high + margin)).all(axis=1).mean())
