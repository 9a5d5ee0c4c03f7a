"""A level's triangles, made ready to be drawn. Pure; run it in a thread, a level may have a million of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.messages import Mesh
from console.ui.level.coarse import COARSE_ABOVE, coarse

# Above this, outlines cost more than they show.
MAX_OUTLINED_TRIANGLES = 400_000
# Two faces that turn by more than this have an edge between them, in degrees.
CREASE_DEGREES = 20.0


@dataclass(frozen=True)
class MeshGeometry:
    """In the mesh's own axes: vertices `(n, 3)`, faces `(m, 3)`, and the ends of its edges `(k, 3)` in pairs.

    `simpler` is what stands for a large mesh where no graphics card draws it; None for one that is small enough.
    """

    vertices: NDArray[np.float32]
    faces: NDArray[np.uint32]
    outline: NDArray[np.float32]
    simpler: tuple[NDArray[np.float32], NDArray[np.uint32]] | None = None


def geometry(mesh: Mesh) -> MeshGeometry:
    """Decode a mesh. Raises ValueError when a face names a vertex that is not there."""
    vertices = np.frombuffer(mesh.vertices, dtype="<f4").reshape(-1, 3)
    faces = np.frombuffer(mesh.faces, dtype="<u4").reshape(-1, 3)
    if len(faces) and int(faces.max()) >= len(vertices):
        raise ValueError("a face names a vertex that the mesh does not have")
    simpler = coarse(vertices, faces) if len(faces) > COARSE_ABOVE else None
    return MeshGeometry(vertices, faces, outline(vertices, faces), simpler)


def outline(vertices: NDArray[np.float32], faces: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Ends of the edges where the surface ends or creases, `(k, 3)` in pairs.

    Vertices that lie on each other are taken as one, as files often hold a copy for each face.
    """
    if len(faces) == 0 or len(faces) > MAX_OUTLINED_TRIANGLES:
        return np.empty((0, 3), dtype=np.float32)
    size = float(np.ptp(vertices, axis=0).max()) or 1.0
    cells = np.round((vertices - vertices.min(axis=0)) / (size * 1e-5)).astype(np.int64)
    key = (cells[:, 0] * 200_003 + cells[:, 1]) * 200_003 + cells[:, 2]
    _, representative, welded = np.unique(key, return_index=True, return_inverse=True)
    corners = welded[faces.astype(np.int64)]
    points = vertices[representative]
    normals = np.cross(points[corners[:, 1]] - points[corners[:, 0]], points[corners[:, 2]] - points[corners[:, 0]])
    length = np.linalg.norm(normals, axis=1)
    flat = length > 0
    corners, normals = corners[flat], normals[flat] / length[flat, None]
    edges = np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]]), axis=1)
    owner = np.tile(np.arange(len(corners)), 3)
    order = np.lexsort((edges[:, 1], edges[:, 0]))
    edges, owner = edges[order], owner[order]
    first = np.concatenate([[True], (edges[1:] != edges[:-1]).any(axis=1)]) if len(edges) else np.zeros(0, dtype=bool)
    starts = np.flatnonzero(first)
    counts = np.diff(np.append(starts, len(edges)))
    pair = starts[counts == 2]
    turn = np.einsum("ij,ij->i", normals[owner[pair]], normals[owner[pair + 1]])
    creased = pair[np.abs(turn) < np.cos(np.radians(CREASE_DEGREES))]
    shown = edges[np.concatenate([creased, starts[counts != 2]])]
    ends: NDArray[np.float32] = points[shown].reshape(-1, 3)
    return ends
