"""From an engine's axes to the viewer's: right-handed, Z up, metres. What was sent is stored; it is turned when shown.

The presets, as viewer (x, y, z) of an engine's (x, y, z):

- unity: (x, z, y). Left-handed, Y up, metres.
- unreal: 0.01·(x, −y, z). Left-handed, Z up, centimetres.
- gltf, godot: (x, −z, y). Right-handed, Y up, metres.
- blender: as is.
- quake: 0.0254·(x, y, z). Right-handed, Z up, one unit an inch; Source too.
"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

Axes = Literal["unity", "unreal", "gltf", "godot", "blender", "quake"]
ALL_AXES: tuple[Axes, ...] = get_args(Axes)

Points = NDArray[np.float64]

_Y_UP_LEFT_HANDED = ((1, 0, 0), (0, 0, 1), (0, 1, 0))
_Y_UP_RIGHT_HANDED = ((1, 0, 0), (0, 0, -1), (0, 1, 0))
_Z_UP_LEFT_HANDED = ((1, 0, 0), (0, -1, 0), (0, 0, 1))
_Z_UP_RIGHT_HANDED = ((1, 0, 0), (0, 1, 0), (0, 0, 1))

# The rotation (rows give the viewer's x, y, z), and metres a unit.
_PRESETS: dict[Axes, tuple[tuple[tuple[int, int, int], ...], float]] = {
    "unity": (_Y_UP_LEFT_HANDED, 1.0),
    "unreal": (_Z_UP_LEFT_HANDED, 0.01),
    "gltf": (_Y_UP_RIGHT_HANDED, 1.0),
    "godot": (_Y_UP_RIGHT_HANDED, 1.0),
    "blender": (_Z_UP_RIGHT_HANDED, 1.0),
    "quake": (_Z_UP_RIGHT_HANDED, 0.0254),
}


def metres_per_unit(axes: Axes) -> float:
    """The length of one unit of an engine."""
    return _PRESETS[axes][1]


def matrix_to_viewer(axes: Axes) -> NDArray[np.float64]:
    """The 4×4 matrix that turns a column (x, y, z, 1) of an engine into the viewer's."""
    rotation, scale = _PRESETS[axes]
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(rotation) * scale
    return matrix


def matrix_from_viewer(axes: Axes) -> NDArray[np.float64]:
    """The inverse of `matrix_to_viewer`."""
    rotation, scale = _PRESETS[axes]
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(rotation).T / scale
    return matrix


def to_viewer(points: ArrayLike, axes: Axes) -> Points:
    """Points `(n, 3)` of an engine, in the viewer's metres. A new array."""
    return _turned(points, matrix_to_viewer(axes))


def from_viewer(points: ArrayLike, axes: Axes) -> Points:
    """Points `(n, 3)` of the viewer, in an engine's axes and units. A new array."""
    return _turned(points, matrix_from_viewer(axes))


def _turned(points: ArrayLike, matrix: NDArray[np.float64]) -> Points:
    array = np.asarray(points, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 3:
        raise ValueError(f"expected points of shape (n, 3), got {array.shape}")
    turned: Points = array @ matrix[:3, :3].T
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
