"""A simpler mesh for machines that draw without a graphics card: vertices that are near each other become one. Pure.

Vertex clustering after Rossignac and Borrel, “Multi-resolution 3D approximations for rendering complex scenes”, 1993.
Walls and floors stay where they are; what is smaller than a cell is gone.
"""

import numpy as np
from numpy.typing import NDArray

# From so many triangles on, drawing in software takes too long for a window that answers; and what to come down to.
COARSE_ABOVE = 300_000
_WANTED = 150_000
# Cells along the longest side to begin with, and how often fewer are tried.
_CELLS = 512
_TRIES = 4

Mesh = tuple[NDArray[np.float32], NDArray[np.uint32]]


def coarse(vertices: NDArray[np.float32], faces: NDArray[np.uint32], wanted: int = _WANTED) -> Mesh:
    """A mesh of about `wanted` triangles or fewer, from one that has more."""
    cells = _CELLS
    points, kept = vertices, faces
    for _ in range(_TRIES):
        points, kept = _clustered(points, kept, cells)
        if len(kept) <= wanted:
            break
        # Triangles of a surface go with the square of the cells.
        cells = max(8, int(cells * 0.9 * (wanted / len(kept)) ** 0.5))
    return points, kept


def _clustered(vertices: NDArray[np.float32], faces: NDArray[np.uint32], cells: int) -> Mesh:
    low = vertices.min(axis=0)
    size = float((vertices.max(axis=0) - low).max()) or 1.0
    numbers = np.minimum((vertices - low) * (cells / size), cells - 1).astype(np.int64)
    key = (numbers[:, 0] * cells + numbers[:, 1]) * cells + numbers[:, 2]
    _, first, of = np.unique(key, return_index=True, return_inverse=True)
    corners = of.astype(np.int64)[faces]
    area = (corners[:, 0] != corners[:, 1]) & (corners[:, 1] != corners[:, 2]) & (corners[:, 2] != corners[:, 0])
    corners = corners[area]
    # Where several triangles became one, it is drawn once.
    low_corner, high_corner = corners.min(axis=1), corners.max(axis=1)
    middle = corners.sum(axis=1) - low_corner - high_corner
    count = len(first)
    _, once = np.unique((low_corner * count + middle) * count + high_corner, return_index=True)
    return vertices[first], corners[np.sort(once)].astype(np.uint32)
