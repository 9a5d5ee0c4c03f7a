"""Wavefront OBJ as one part of a mesh: its vertices and faces, read line by line.

The format is B1 of the Advanced Visualizer manual: http://paulbourke.net/dataformats/obj/ . Materials, texture
coordinates, normals, curves and surfaces are passed over, and the files they name are never looked up.
"""

from array import array
from collections.abc import Iterator
from itertools import count, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from console.server.mesh_format import MeshRefused

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MAX_LINE_BYTES = 4 * 1024 * 1024


def obj_parts(file: Path) -> "Iterator[tuple[NDArray[np.float64], NDArray[np.int64]]]":
    """Vertices as they are in the file, and faces of three corners, larger ones as fans.

    Raises MeshRefused, OSError.
    """
    import numpy as np

    places, corners = array("d"), array("q")
    with file.open("rb") as stream:
        _read(stream, places, corners)
    if corners:
        points = np.frombuffer(places, dtype=np.float64).reshape(-1, 3)
        faces = np.frombuffer(corners, dtype=np.int64).reshape(-1, 3)
        if faces.max() >= len(points):
            raise MeshRefused(
                f"The file is damaged or cut short: a face names vertex {int(faces.max()) + 1:,} of {len(points):,}."
            )
        yield points, faces


def _read(stream: BinaryIO, places: "array[float]", corners: "array[int]") -> None:
    for number, line in enumerate(_lines(stream), 1):
        words = line.split()
        kind = words[0] if words else b""
        try:
            if kind == b"v":
                x, y, z = words[1:4]
                places.extend((float(x), float(y), float(z)))
            elif kind in (b"f", b"fo"):
                _add_face(words, len(places) // 3, corners)
        except (ValueError, OverflowError):
            said = line[:60].decode("utf-8", "replace").strip()
            raise MeshRefused(
                f"The file is damaged: line {number:,} is no {'vertex' if kind == b'v' else 'face'}: {said!r}. "
                "Export it again, or as GLB."
            ) from None


def _add_face(words: list[bytes], known: int, corners: "array[int]") -> None:
    """Corners count from 1, or back from the last vertex so far when they are negative. Raises ValueError."""
    face = []
    for word in words[1:]:
        at = int(word.partition(b"/")[0])
        at = at + known if at < 0 else at - 1
        if at < 0:
            raise ValueError
        face.append(at)
    for second, third in pairwise(face[1:]):
        corners.extend((face[0], second, third))


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Without comments, and with what a backslash continues; vertices with a byte order mark before them too.

    Raises MeshRefused for a line, with what continues it, longer than `_MAX_LINE_BYTES`: its rest would be lost.
    """
    before: list[bytes] = []
    length = 0
    for number in count(1):
        line = stream.readline(_MAX_LINE_BYTES + 1)
        length += len(line)
        if length > _MAX_LINE_BYTES:
            raise MeshRefused(
                f"Line {number:,} of the file is longer than {_MAX_LINE_BYTES // 1024**2} MiB: no face has as many "
                "corners. Export it again, or as GLB."
            )
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        said = line.partition(b"#")[0].rstrip()
        if said.endswith(b"\\"):
            before.append(said[:-1])
            yield b""  # it counts
            continue
        yield b" ".join((*before, said))
        before.clear()
        length = 0
        if not line:
            return
