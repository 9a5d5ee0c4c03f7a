"""Where a line of sight first meets a level's triangles. Pure; a large level takes a moment, so run it in a thread."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from console.telemetry.coordinates import transformed
from console.ui.level.geometry import MeshGeometry

Place = tuple[float, float, float]

# Of the triangles: to pick so many takes longer than it saves.
_MOST_OF_ALL = 0.5


@dataclass(frozen=True)
class Ray:
    """A line of sight in the viewer's metres: from `origin` along `direction`, which has length 1."""

    origin: Place
    direction: Place

    def at(self, metres: float) -> Place:
        """The place so far along."""
        x, y, z = (np.array(self.origin) + np.array(self.direction) * metres).tolist()
        return x, y, z


def ray_through(
    x: float, y: float, width: int, height: int, eye_to_clip: NDArray[np.float64], world_to_eye: NDArray[np.float64]
) -> Ray:
    """The line of sight through a pixel, by the 4×4 matrices of the projection and the view, for columns."""
    back = np.linalg.inv(eye_to_clip @ world_to_eye)
    across, up = 2 * x / max(width, 1) - 1, 1 - 2 * y / max(height, 1)
    near, far = back @ (across, up, -1.0, 1.0), back @ (across, up, 1.0, 1.0)
    start, end = near[:3] / near[3], far[:3] / far[3]
    direction = (end - start) / np.linalg.norm(end - start)
    (ox, oy, oz), (dx, dy, dz) = start.tolist(), direction.tolist()
    return Ray((ox, oy, oz), (dx, dy, dz))


def first_hit(
    ray: Ray, geometry: MeshGeometry, world: NDArray[np.float64], low: float = -np.inf, high: float = np.inf
) -> Place | None:
    """The nearest place on the triangles between two heights (viewer's metres); None when the ray passes all.

    `world` turns the mesh into the viewer. Seen along the ray every triangle is flat, and the ray is a point: most
    triangles are told by the signs of three areas.
    """
    if not len(geometry.faces):
        return None
    back: NDArray[np.float64] = np.asarray(np.linalg.inv(world), dtype=np.float64)
    origin = transformed(back, [ray.origin])[0]
    direction = back[:3, :3] @ np.array(ray.direction)
    flat = (geometry.vertices - origin.astype(np.float32)) @ _across(direction).astype(np.float32)
    x, y = np.ascontiguousarray(flat[:, 0]), np.ascontiguousarray(flat[:, 1])
    a, b, c = geometry.faces.T
    first = x[a] * y[b] - y[a] * x[b]
    second = x[b] * y[c] - y[b] * x[c]
    third = x[c] * y[a] - y[c] * x[a]
    met = ((first >= 0) & (second >= 0) & (third >= 0)) | ((first <= 0) & (second <= 0) & (third <= 0))
    corners = geometry.vertices[geometry.faces[met].astype(np.int64)].astype(np.float64)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    facing = normals @ direction
    steep = np.abs(facing) > 1e-12 * np.linalg.norm(normals, axis=1) * np.linalg.norm(direction)
    away = np.einsum("ij,ij->i", normals[steep], corners[steep, 0] - origin) / facing[steep]
    heights = ray.origin[2] + away * ray.direction[2]
    usable = away[(away > 0) & (heights >= low) & (heights <= high)]
    return ray.at(float(usable.min())) if len(usable) else None


def height_hit(ray: Ray, height: float) -> Place | None:
    """Where a ray comes to a height; None when it never does, or only in the far distance."""
    if abs(ray.direction[2]) < 1e-6:
        return None
    away = (height - ray.origin[2]) / ray.direction[2]
    return ray.at(away) if 0 < away < 1e7 else None


def near(
    geometry: MeshGeometry, world: NDArray[np.float64], centre: NDArray[np.float64], metres: float
) -> MeshGeometry:
    """The triangles that may come so near to a place (viewer's metres): of many rays there, each looks at few.

    Left out is what lies beyond one side of a box around the place with all its corners.
    """
    corners = centre + metres * np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    back: NDArray[np.float64] = np.asarray(np.linalg.inv(world), dtype=np.float64)
    box = transformed(back, corners)
    low, high = box.min(axis=0), box.max(axis=0)
    beyond = np.zeros(len(geometry.vertices), dtype=np.uint8)
    for axis in range(3):
        along = geometry.vertices[:, axis]
        beyond |= (along < low[axis]).astype(np.uint8) << (2 * axis)
        beyond |= (along > high[axis]).astype(np.uint8) << (2 * axis + 1)
    a, b, c = geometry.faces.T
    kept = (beyond[a] & beyond[b] & beyond[c]) == 0
    if not len(kept) or kept.mean() > _MOST_OF_ALL:
        return geometry
    faces = geometry.faces[kept]
    used = np.zeros(len(geometry.vertices), dtype=np.bool_)
    used[faces] = True
    renamed = np.cumsum(used, dtype=np.uint32) - np.uint32(1)
    return replace(geometry, vertices=geometry.vertices[used], faces=renamed[faces])


def _across(direction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Two unit vectors across a direction, as columns."""
    unit = direction / np.linalg.norm(direction)
    other = np.eye(3)[int(np.argmin(np.abs(unit)))]
    first = np.cross(unit, other)
    first /= np.linalg.norm(first)
    return np.column_stack([first, np.cross(unit, first)])
