"""What the readers of glTF and OBJ make of files that are rare, odd or damaged. In this process: they limit nothing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from console.server.mesh_format import MeshRefused
from console.server.mesh_gltf import gltf_parts
from console.server.mesh_obj import obj_parts
from tests.server.test_mesh_worker import glb

SQUARE = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], "<f4")
POSITIONS = {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3"}
VIEW = {"buffer": 0, "byteLength": 48}


def gltf(
    primitive: dict[str, Any] | None = None,
    accessors: list[dict[str, Any]] | None = None,
    views: list[dict[str, Any]] | None = None,
    binary: bytes = SQUARE.tobytes(),
    **changes: Any,
) -> bytes:
    """A square; as a fan unless told otherwise."""
    document = {
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "mode": 6} | (primitive or {})]}],
        "accessors": accessors or [POSITIONS],
        "bufferViews": views or [VIEW],
        "buffers": [{"byteLength": len(binary)}],
    }
    return glb(document | changes, binary)


def read(folder: Path, content: bytes) -> Any:
    """The corners of all triangles, `(n, 3, 3)`."""
    file = folder / "source"
    file.write_bytes(content)
    return np.concatenate([p[f] for p, f in gltf_parts(file, "glb")] or [np.empty((0, 3, 3))])


def area(corners: Any) -> Any:
    return np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]).sum(axis=0) / 2


STRIP = np.array([0, 1, 3, 2], "<u2").tobytes()
INDICES = {"bufferView": 1, "componentType": 5123, "count": 4, "type": "SCALAR"}
SHORTS = np.pad((SQUARE * 65535).astype("<u2"), ((0, 0), (0, 1))).tobytes()
SPARSE = {"count": 1, "indices": {"bufferView": 1, "componentType": 5121}, "values": {"bufferView": 2}}
MOVED = {"translation": [5, 0, 0], "children": [1]}
TWO = [{"mesh": 0, "extensions": {"EXT_mesh_gpu_instancing": {"attributes": {"TRANSLATION": 1, "SCALE": 2}}}}]


@pytest.mark.parametrize(
    ("content", "high", "facing"),
    [
        (gltf(), [1, 1, 0], 1.0),
        (gltf() + b"junk after the end", [1, 1, 0], 1.0),
        (
            gltf(
                {"mode": 5, "indices": 1},
                [POSITIONS, INDICES],
                [VIEW, {"buffer": 0, "byteOffset": 48, "byteLength": 8}],
                SQUARE.tobytes() + STRIP,
            ),
            [1, 1, 0],
            1.0,
        ),
        (
            gltf(
                accessors=[POSITIONS | {"componentType": 5123, "normalized": True}],
                views=[{"buffer": 0, "byteLength": 32, "byteStride": 8}],
                binary=SHORTS,
                extensionsRequired=["KHR_mesh_quantization", "KHR_texture_basisu"],
            ),
            [1, 1, 0],
            1.0,
        ),
        (
            gltf(
                accessors=[POSITIONS | {"sparse": SPARSE}],
                views=[VIEW, VIEW | {"byteOffset": 48, "byteLength": 1}, VIEW | {"byteOffset": 52, "byteLength": 12}],
                binary=SQUARE.tobytes() + b"\x02\0\0\0" + np.array([1, 3, 0], "<f4").tobytes(),
            ),
            [1, 3, 0],
            2.0,
        ),
        (gltf(nodes=[MOVED | {"scale": [-1, 1, 1]}, {"mesh": 0, "scale": [2, 3, 1]}]), [5, 3, 0], 6.0),
        (gltf(nodes=[{"mesh": 0, "rotation": [0, 0, 3, 3]}]), [0, 1, 0], 1.0),  # a quarter, not of unit length
        (gltf(nodes=[{"children": [n + 1]} for n in range(2000)] + [{"mesh": 0}]), [1, 1, 0], 1.0),
        (
            gltf(
                accessors=[POSITIONS] + [POSITIONS | {"bufferView": n, "count": 2} for n in (1, 2)],
                views=[VIEW] + [VIEW | {"byteOffset": 48 + 24 * n, "byteLength": 24} for n in (0, 1)],
                binary=np.vstack([SQUARE, [[0, 0, 0], [9, 0, 0], [1, 1, 1], [2, 2, 2]]]).astype("<f4").tobytes(),
                nodes=TWO,
            ),
            [11, 2, 0],
            5.0,
        ),
    ],
)
def test_everything_that_makes_up_a_level_is_placed(
    tmp_path: Path, content: bytes, high: list[float], facing: float
) -> None:
    corners = read(tmp_path, content)
    assert corners.max(axis=(0, 1)) == pytest.approx(np.array(high))
    assert area(corners) == pytest.approx([0, 0, facing])


DRACO = {"extensions": {"KHR_draco_mesh_compression": {"bufferView": 0, "attributes": {"POSITION": 0}}}}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (gltf(nodes=[{"children": [0]}]), "node 0 lies inside itself"),
        (gltf(nodes=[{"children": [1, 1]}, {"mesh": 0}]), "node 1 lies inside itself or in two"),
        (gltf(nodes=[{"mesh": 7}]), r"names meshes\[7\]"),
        (gltf(nodes=[{"children": [-1]}]), r"names nodes\[-1\]"),
        (gltf(nodes=[{"mesh": 0, "matrix": [1] * 15}]), "damaged"),
        (gltf(views=[VIEW | {"byteOffset": 4}]), "beyond its end"),
        (gltf(accessors=[POSITIONS | {"byteOffset": -12}]), "beyond its end"),
        (gltf({"indices": 1}, [POSITIONS, INDICES | {"bufferView": 0, "byteOffset": 12}]), "does not exist"),
        (gltf(buffers=[{"byteLength": 48}, {"byteLength": 9}], views=[VIEW | {"buffer": 1}]), "lacks its binary"),
        (gltf(DRACO, accessors=[{"componentType": 5126, "count": 4, "type": "VEC3"}]), "KHR_draco_mesh_compression"),
        (gltf(extensionsRequired=["MY_walls"]), "needs the extension 'MY_walls'"),
        (gltf()[:8] + (len(gltf()) - 8).to_bytes(4, "little") + gltf()[12:-8], "ends 8 bytes early"),
    ],
)
def test_a_gltf_that_would_be_shown_wrong_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(MeshRefused, match=reason):
        read(tmp_path, content)


def test_points_lines_and_empty_scenes_hold_no_triangles(tmp_path: Path) -> None:
    for content in (gltf({"mode": 0}), gltf({"mode": 3}), gltf(scenes=[{}]), glb(json.loads("{}"))):
        assert len(read(tmp_path, content)) == 0


CORNERS = b"v 0 0 0\nv 1 0 0 1\nv\t1 1\t0\nv 0 1 0 0.5 0.5 0.5\n"


@pytest.mark.parametrize(
    ("content", "faces"),
    [
        (b"\xef\xbb\xbfmtllib /etc/passwd\n" + CORNERS + b"f 1/2/3 2//9 3/1 4 # a square\n", [[0, 1, 2], [0, 2, 3]]),
        (CORNERS + b"f\t-4 -3 \\\r\n-2\nv 9 9 9\nf -1 -2 -3\n", [[0, 1, 2], [4, 3, 2]]),
        (CORNERS + b"l 1 2\np 1\nf 1 2\no \xff\xe9\n", []),
        (CORNERS + b"f 1 2 \\\n" + b"\\\n" * 300_000 + b"3 \\", [[0, 1, 2]]),
    ],
)
def test_obj_corners_are_counted_as_they_were_written(tmp_path: Path, content: bytes, faces: list[list[int]]) -> None:
    (tmp_path / "source").write_bytes(content)
    assert [part[1].tolist() for part in obj_parts(tmp_path / "source")] == ([faces] if faces else [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"f 0 1 2", "line 5 is no face: 'f 0 1 2'"),
        (b"f 1 2 -9", "line 5 is no face"),
        (b"f 1 2 99999999999999999999", "line 5 is no face"),
        (b"f 1 2 5", "names vertex 5 of 4"),
        (b"v 1,5 2 3", "line 5 is no vertex"),
        (b"v 1 2", "line 5 is no vertex"),
        (b"f" + b" 1 2 3" * 1_000_000, "Line 5 of the file is longer than 4 MiB"),
        (b"f 1 2 3 \\\n" * 500_000, "of the file is longer than 4 MiB"),
    ],
    ids=lambda value: str(value[:30]),
)
def test_a_damaged_obj_tells_the_line(tmp_path: Path, line: bytes, reason: str) -> None:
    (tmp_path / "source").write_bytes(CORNERS + line + b"\n")
    with pytest.raises(MeshRefused, match=reason):
        list(obj_parts(tmp_path / "source"))


@pytest.mark.parametrize(
    ("indices", "kind"),
    [
        (np.array([0, 1, 2, -1], "<i1"), 5120),
        (np.array([0, 1, 2, -32768], "<i2"), 5122),
        (np.array([0, 1, 2, -1], "<f4"), 5126),
        (np.array([0, 1, 2, 4], "<u1"), 5121),
    ],
)
def test_a_gltf_whose_index_names_no_vertex_is_refused(tmp_path: Path, indices: Any, kind: int) -> None:
    # A negative one would be kept as 4,294,967,295, which no graphics card looks up unpunished.
    accessors = [POSITIONS, INDICES | {"componentType": kind}]
    views = [VIEW, {"buffer": 0, "byteOffset": 48, "byteLength": indices.nbytes}]
    content = gltf({"indices": 1}, accessors, views, SQUARE.tobytes() + indices.tobytes())
    with pytest.raises(MeshRefused, match="a triangle names a vertex that does not exist"):
        read(tmp_path, content)
