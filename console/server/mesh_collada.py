"""COLLADA files as parts of a mesh, in glTF's axes: COLLADA 1.4 and 1.5 say in the file what is up, and what a unit is.

https://www.khronos.org/collada/ . Only geometry is read: what it refers to outside of the file is never looked up.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.server.mesh_format import MeshRefused

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Rows are glTF's X, Y, Z; columns the file's (COLLADA 1.5 specification, element up_axis).
_TO_Y_UP = {
    "X_UP": ((0, -1, 0), (1, 0, 0), (0, 0, 1)),
    "Y_UP": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "Z_UP": ((1, 0, 0), (0, 0, 1), (0, -1, 0)),
}
_ROOM_FOR_HEAD = 1024 * 1024


def check_collada(file: Path) -> None:
    """Refuse a file whose XML could make the parser look elsewhere, or write itself again and again.

    Raises MeshRefused, OSError.
    """
    with file.open("rb") as stream:
        head = stream.read(_ROOM_FOR_HEAD)
    if b"<COLLADA" not in head:
        raise MeshRefused("The file does not begin with a COLLADA element.")
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise MeshRefused("The file declares XML entities, which a mesh does not need. Export it again without.")


def collada_parts(file: Path) -> "Iterator[tuple[NDArray[np.float64], NDArray[np.int64]]]":
    """Vertices in metres, Y up, and faces of every placed part. Raises MeshRefused; other errors for damaged files."""
    try:
        import collada  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError:
        raise MeshRefused(
            "COLLADA cannot be read by this installation: it lacks pycollada. Convert the file to GLB, which Blender "
            "exports."
        ) from None
    import numpy as np

    with file.open("rb") as stream:
        document: Any = collada.Collada(stream, ignore=[collada.common.DaeError])
    _check_whole(document)
    if document.scene is None:
        raise MeshRefused("The file holds no scene.")
    turn = np.array(_TO_Y_UP.get(document.assetInfo.upaxis, _TO_Y_UP["Y_UP"]), dtype=np.float64)
    unit = float(document.assetInfo.unitmeter or 1.0)
    if not 0 < unit < np.inf:
        raise MeshRefused(
            f"The file says that its unit is {unit:g} metres long. Set its <unit meter=…> and send it again."
        )
    with _matrices_allowed():
        geometries = list(document.scene.objects("geometry"))
    for geometry in geometries:
        mirrored = np.linalg.det(np.asarray(geometry.matrix, dtype=np.float64)[:3, :3]) < 0
        with _matrices_allowed():
            primitives = [
                part.triangleset() if hasattr(part, "triangleset") else part for part in geometry.primitives()
            ]
        for triangles in primitives:
            if not isinstance(triangles, collada.triangleset.BoundTriangleSet) or triangles.vertex_index is None:
                continue  # lines and points
            points = np.asarray(triangles.vertex, dtype=np.float64).reshape(-1, 3)
            faces = np.asarray(triangles.vertex_index, dtype=np.int64).reshape(-1, 3)
            if not len(faces):
                continue
            if faces.min() < 0 or faces.max() >= len(points):
                raise MeshRefused("The file is damaged: a triangle names a vertex that does not exist.")
            yield points @ turn.T * unit, faces[:, ::-1] if mirrored else faces


def _check_whole(document: Any) -> None:
    """Refuse what would be shown without some of its parts. Raises MeshRefused."""
    for geometry in document.xmlnode.getroot().iterfind(f".//{document.tag('geometry')}"):
        name = str(geometry.get("id") or "")
        if geometry.find(document.tag("mesh")) is None:
            continue  # splines
        if any("nan" in (numbers.text or "").lower() for numbers in geometry.iter(document.tag("float_array"))):
            raise MeshRefused(f"The geometry {name[:80]!r} holds coordinates that are not numbers (NaN).")
        if name not in document.geometries:
            reasons = [str(error) for error in document.errors] or ["it lacks parts"]
            raise MeshRefused(
                f"The geometry {name[:80]!r} is damaged: {reasons[0].rpartition(': ')[2][:160]}. "
                "Export it again, or as GLB."
            )


@contextmanager
def _matrices_allowed() -> Iterator[None]:
    """pycollada places parts with numpy's matrices, which are going out of use."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        yield
