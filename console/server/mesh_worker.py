"""Parse one mesh file, in a process of its own that may run out of memory or time without harm.

Run as `python -m console.server.mesh_worker`. The packaged program starts itself with the sub-command `mesh-worker`
instead, since its `sys.executable` is no Python interpreter; both end in `main`.
"""

import errno
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from console.server.mesh_collada import check_collada, collada_parts
from console.server.mesh_format import MeshFormat, MeshRefused, recognise
from console.server.mesh_gltf import gltf_parts
from console.server.mesh_obj import obj_parts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_MEMORY_BYTES = 4 * 1024 * 1024 * 1024
MAX_CPU_SECS = 120
MAX_TRIANGLES = 10_000_000
MAX_COORDINATE = 1e9

NO_ROOM = 74  # EX_IOERR of sysexits.h
RESULT_FILE = "result.json"
VERTICES_FILE = "vertices.f4"
FACES_FILE = "faces.u4"
MIN_SIZE = 1e-9
_MIN_STEPS = 1000
_FAR = 1000.0
_CHUNK_FACES = 500_000

Vector = tuple[float, float, float]


class MeshResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the worker leaves behind. `error` is one sentence for people; with one there is nothing else."""

    error: str = ""
    mesh_format: MeshFormat | None = None
    triangles: int = 0
    vertices: int = 0
    bounds: tuple[Vector, Vector] = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))


def main(arguments: list[str]) -> int:
    """Read `SOURCE`, sent under the name `NAME`, and write the result files into `FOLDER`.

    `vertices.f4` and `faces.u4` are as in messages.Mesh. Returns 0 when a result was written, also one that says why
    the file was refused; NO_ROOM when the disk is full.
    """
    source, name, folder = Path(arguments[0]), arguments[1], Path(arguments[2])
    _limit_resources()
    try:
        result = _convert(source, name, folder)
    except MeshRefused as error:
        result = MeshResult(error=str(error))
    except MemoryError:
        result = MeshResult(error="Reading the file takes more memory than is allowed.")
    except OSError as error:
        if error.errno == errno.ENOSPC:
            return NO_ROOM
        result = MeshResult(error=f"The file cannot be read: {error.strerror or error}.")
    except Exception as error:  # the parser fails with nearly every kind of exception on damaged files
        result = MeshResult(
            error=f"The file is damaged: {type(error).__name__}: {str(error)[:200]}. Export it again, or as GLB."
        )
    try:
        (folder / RESULT_FILE).write_bytes(msgspec.json.encode(result))
    except OSError:
        return NO_ROOM
    return 0


def _limit_resources() -> None:
    """Bound memory and processor time where the system can; elsewhere the parent's clock has to do."""
    try:
        import os
        import resource
    except ImportError:  # Windows
        return
    limits = {
        resource.RLIMIT_AS: MAX_MEMORY_BYTES,
        resource.RLIMIT_CPU: MAX_CPU_SECS,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 64,
    }
    for limit, value in limits.items():
        with suppress(ValueError, OSError):  # macOS has no limit on the address space
            resource.setrlimit(limit, (value, value))
    with suppress(OSError):
        os.nice(10)  # games that send events come first


def _convert(source: Path, name: str, folder: Path) -> MeshResult:
    mesh_format = recognise(source, name)
    match mesh_format:
        case "glb" | "gltf":
            parts = gltf_parts(source, mesh_format)
        case "obj":
            parts = obj_parts(source)
        case "dae":
            check_collada(source)
            parts = collada_parts(source)
        case _:
            parts = _parts(source, mesh_format)
    vertices, faces = _merged(parts)
    _check_precision(vertices)
    faces = _without_degenerate(vertices, faces)
    if not len(faces):
        raise MeshRefused("The file holds no triangles with an area.")
    vertices, faces = _welded(*_compact(vertices, faces))
    _write(folder / VERTICES_FILE, vertices.astype("<f4", copy=False))
    _write(folder / FACES_FILE, faces.astype("<u4"))
    return MeshResult(
        mesh_format=mesh_format,
        triangles=len(faces),
        vertices=len(vertices),
        bounds=(_vector(vertices.min(axis=0)), _vector(vertices.max(axis=0))),
    )


class _NoFiles(Mapping[str, bytes]):
    """What a mesh refers to is never looked up, neither on disk nor on the network."""

    def __getitem__(self, name: str) -> bytes:
        raise MeshRefused(f"The file refers to another file, {name[:80]!r}. Put everything in one file.")

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def _write(file: Path, values: "NDArray[Any]") -> None:
    """Raises OSError with its number, which numpy's own way of writing hides."""
    import numpy as np

    with file.open("wb") as stream:
        stream.write(np.ascontiguousarray(values).data)


Part = tuple["NDArray[np.float64]", "NDArray[np.int64]"]


def _parts(source: Path, mesh_format: MeshFormat) -> Iterator[Part]:
    """Vertices and faces of formats that place nothing: STL, PLY and OFF."""
    import numpy as np
    import trimesh

    with source.open("rb") as stream:
        try:
            scene: Any = trimesh.load_scene(
                stream, file_type=mesh_format, resolver=_NoFiles(), process=False, skip_materials=True
            )
        except ValueError as error:
            if mesh_format == "ply" and "unexpected length" in str(error):
                raise MeshRefused(
                    "The PLY is cut short, or its faces differ in their number of corners. Export it again with its "
                    "faces as triangles (in Blender: Geometry ▸ Triangulated Mesh), or as GLB."
                ) from error
            raise
    for mesh in scene.geometry.values():
        if not isinstance(mesh, trimesh.Trimesh):
            continue
        points = np.asarray(mesh.vertices, dtype=np.float64)
        faces = np.asarray(mesh.faces, dtype=np.int64)
        if not len(faces):
            continue
        if faces.min() < 0 or faces.max() >= len(points):
            raise MeshRefused("The file is damaged: a triangle names a vertex that does not exist. Export it again.")
        yield points, faces


def _merged(parts: Iterator[Part]) -> "tuple[NDArray[np.float32], NDArray[np.int64]]":
    import numpy as np  # after the limits, and not at all for what is refused by its first bytes

    all_points: list[NDArray[np.float32]] = []
    all_faces: list[NDArray[np.int64]] = []
    vertex_count = face_count = 0
    for points, faces in parts:
        points, faces = _compact(points, faces)
        if not np.isfinite(points).all():
            raise MeshRefused("The file holds coordinates that are not numbers (NaN or infinity).")
        if np.abs(points).max() > MAX_COORDINATE:
            raise MeshRefused(f"The file holds coordinates beyond ±{MAX_COORDINATE:g}.")
        face_count += len(faces)
        if face_count > MAX_TRIANGLES:
            raise MeshRefused(f"The file holds more than {MAX_TRIANGLES:,} triangles. Send a simplified level.")
        all_points.append(points.astype(np.float32))
        all_faces.append(faces + vertex_count)
        vertex_count += len(points)
    if not all_faces:
        raise MeshRefused("The file holds no triangles.")
    return np.concatenate(all_points), np.concatenate(all_faces)


def _check_precision(vertices: "NDArray[np.float32]") -> None:
    """Refuse what 32-bit numbers, which graphics cards and trajectories have, cannot hold in a thousand steps."""
    import numpy as np

    size = float((vertices.max(axis=0) - vertices.min(axis=0)).max())
    farthest = np.abs(vertices).max()
    if 0 < size < MIN_SIZE:
        raise MeshRefused(f"The level is only {size:.1g} units wide. Export it with another scale.")
    if float(np.spacing(farthest)) * _MIN_STEPS > size and farthest > _FAR:
        raise MeshRefused(
            f"The level is {size:.3g} units wide but lies {float(farthest):.3g} from the origin, where its shape is "
            "lost to rounding. Move it to the origin and export it again."
        )


def _compact(points: "NDArray[Any]", faces: "NDArray[np.int64]") -> "tuple[NDArray[Any], NDArray[np.int64]]":
    """Leave out vertices that no triangle uses: they would stretch the bounds, and may hold anything."""
    import numpy as np

    used = np.zeros(len(points), dtype=bool)
    used[faces] = True
    if used.all():
        return points, faces
    new_index = np.cumsum(used) - 1
    return points[used], new_index[faces]


def _welded(
    vertices: "NDArray[np.float32]", faces: "NDArray[np.int64]"
) -> "tuple[NDArray[np.float32], NDArray[np.int64]]":
    """Make one of vertices that are equal, where a file holds three for each triangle, as every STL does.

    A sixth of the vertices is then stored, sent and drawn. Found by a number mixed of the coordinates' bits; should two
    places meet in it, all is left as it is.
    """
    import numpy as np

    if len(vertices) < 1.5 * len(faces):
        return vertices, faces
    bits = (vertices + np.float32(0)).view(np.uint32)  # −0 is 0
    keys = np.zeros(len(vertices), dtype=np.uint64)
    for axis, factor in enumerate((0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)):
        keys ^= bits[:, axis].astype(np.uint64) * np.uint64(factor)
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    if not (vertices[first][place] == vertices).all():
        return vertices, faces
    # In the file's order: what is near each other there is mostly near each other in space.
    order = np.argsort(first)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return vertices[first[order]], rank[place][faces]


def _without_degenerate(vertices: "NDArray[np.float32]", faces: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """Triangles without an area have no normal to shade by. Chunked, to stay small beside the mesh itself."""
    import numpy as np

    kept = []
    for start in range(0, len(faces), _CHUNK_FACES):
        chunk = faces[start : start + _CHUNK_FACES]
        corner = vertices[chunk[:, 0]].astype(np.float64)
        ux, uy, uz = (vertices[chunk[:, 1]] - corner).T
        vx, vy, vz = (vertices[chunk[:, 2]] - corner).T
        # The cross product's parts, without making it: that takes twice as long.
        kept.append(chunk[(uy * vz != uz * vy) | (uz * vx != ux * vz) | (ux * vy != uy * vx)])
    return np.concatenate(kept)


def _vector(values: "NDArray[np.float32]") -> Vector:
    x, y, z = values.tolist()
    return x, y, z


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
