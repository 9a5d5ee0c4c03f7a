"""What the parser takes and refuses. `main` runs in a process of its own, for it limits itself for good."""

import base64
import json
import re
import struct
import subprocess
from pathlib import Path

import msgspec
import numpy as np
import pytest

from console.server.level_models import worker_environment
from console.server.mesh_format import MeshRefused, check_gltf, recognise
from console.server.mesh_worker import FACES_FILE, RESULT_FILE, VERTICES_FILE, MeshResult
from console.server.worker_command import worker_command

TRIANGLE_OBJ = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"
TRIANGLE_PLY = (
    b"ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\n"
    b"element face 1\nproperty list uchar int vertex_indices\nend_header\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n"
)
TRIANGLE_STL = (
    b"solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\n"
    b"endsolid a\n"
)


def convert(folder: Path, content: bytes, name: str) -> MeshResult:
    source = folder / "source"
    source.write_bytes(content)
    ended = subprocess.run(
        worker_command("mesh", str(source), name, str(folder)), cwd=folder, env=worker_environment(folder),
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, b"")
    return msgspec.json.decode((folder / RESULT_FILE).read_bytes(), type=MeshResult)


def triangles(folder: Path) -> np.ndarray:
    vertices = np.fromfile(folder / VERTICES_FILE, "<f4").reshape(-1, 3)
    faces = np.fromfile(folder / FACES_FILE, "<u4").reshape(-1, 3)
    return vertices[faces]


def glb(document: dict[str, object], binary: bytes = b"") -> bytes:
    """glTF 2.0 section 4.4: a header, a JSON chunk, a binary chunk."""
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    binary += bytes(-len(binary) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def scene(nodes: list[dict[str, object]], corners: list[list[float]], roots: list[int] | None = None) -> bytes:
    """A GLB of one mesh, placed by each node."""
    positions = np.array(corners, "<f4").tobytes()
    return glb(
        {
            "asset": {"version": "2.0"},
            "scene": 0,
            "scenes": [{"nodes": list(range(len(nodes))) if roots is None else roots}],
            "nodes": [{"mesh": 0, **node} for node in nodes],
            "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
            "accessors": [{"bufferView": 0, "componentType": 5126, "count": len(corners), "type": "VEC3"}],
            "bufferViews": [{"buffer": 0, "byteLength": len(positions)}],
            "buffers": [{"byteLength": len(positions)}],
        },
        positions,
    )


CORNERS = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]


def test_placed_parts_of_a_scene_are_put_together(tmp_path: Path) -> None:
    content = scene([{}, {"translation": [10, 0, 0]}, {"scale": [2, 2, 2]}], CORNERS)
    result = convert(tmp_path, content, "level.glb")
    assert (result.mesh_format, result.triangles, result.vertices) == ("glb", 3, 8)  # two share the origin
    assert result.bounds == ((0.0, 0.0, 0.0), (11.0, 2.0, 0.0))
    assert sorted(corners[1].tolist() for corners in triangles(tmp_path)) == [[1, 0, 0], [2, 0, 0], [11, 0, 0]]


def test_deeply_nested_parts_are_placed_once_each(tmp_path: Path) -> None:
    nested = [{"translation": [1, 0, 0], "children": [n + 1]} for n in range(299)] + [{"translation": [1, 0, 0]}]
    result = convert(tmp_path, scene(nested, CORNERS, roots=[0]), "level.glb")
    assert (result.triangles, result.bounds) == (300, ((1.0, 0.0, 0.0), (301.0, 1.0, 0.0)))


def test_mirrored_part_keeps_its_outside(tmp_path: Path) -> None:
    convert(tmp_path, scene([{"scale": [-1, 1, 1]}], CORNERS), "level.glb")
    a, b, c = triangles(tmp_path)[0]
    assert np.cross(b - a, c - a)[2] > 0


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.obj", TRIANGLE_OBJ),
        ("a.OBJ", b"mtllib ../../x\nusemtl y\n" + TRIANGLE_OBJ),
        ("a.off", b"OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n"),
        (
            "a.ply",
            TRIANGLE_PLY,
        ),
        (
            "a.stl",
            TRIANGLE_STL,
        ),
        ("b.stl", bytes(80) + struct.pack("<I12fH", 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0)),
        ("../../etc/b.glb", scene([{}], CORNERS)),
    ],
)
def test_every_format_is_read(tmp_path: Path, name: str, content: bytes) -> None:
    result = convert(tmp_path, content, name)
    assert (result.error, result.triangles, result.vertices) == ("", 1, 3)
    assert result.bounds == ((0.0, 0.0, 0.0), (1.0, 1.0, 0.0))


def test_self_contained_gltf_is_read(tmp_path: Path) -> None:
    data = base64.b64encode(np.array(CORNERS, "<f4").tobytes()).decode()
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}],
        "buffers": [{"byteLength": 36, "uri": f"data:application/octet-stream;base64,{data}"}],
    }
    result = convert(tmp_path, json.dumps(document).encode(), "a.gltf")
    assert (result.error, result.mesh_format, result.triangles) == ("", "gltf", 1)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.obj", b"v 0 0 0\nv 1 0 0\nv nan 1 0\nf 1 2 3\n", "not numbers"),
        ("a.obj", b"v 0 0 0\nv 1 0 0\nv 1e30 1 0\nf 1 2 3\n", "beyond"),
        ("a.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\n", "no triangles"),
        ("a.obj", b"v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n", "no triangles with an area"),
        ("a.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n", "damaged"),
        ("a.obj", b"v 1e8 0 0\nv 100000010 0 0\nv 1e8 10 0\nf 1 2 3\n", "10 .* wide but lies 1e[+]08 from the origin"),
        ("a.ply", TRIANGLE_PLY.replace(b"ascii", b"binary_little_endian"), "Triangulated Mesh"),
        ("a.off", b"OFF\n999999999 999999999 0\n", "damaged"),
        ("a.ply", b"ply\nformat ascii 1.0\nelement vertex 99999999999\nproperty float x\nend_header\n", "damaged"),
    ],
)
def test_content_that_is_no_level_is_refused_with_a_reason(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    result = convert(tmp_path, content, name)
    assert re.search(reason, result.error)
    assert not (tmp_path / VERTICES_FILE).exists()


def test_vertices_that_no_triangle_uses_are_left_out(tmp_path: Path) -> None:
    content = b"v 500 500 500\n" + TRIANGLE_OBJ.replace(b"f 1 2 3", b"f 2 3 4")
    result = convert(tmp_path, content, "a.obj")
    assert (result.vertices, result.bounds[1]) == (3, (1.0, 1.0, 0.0))


def refused(tmp_path: Path, content: bytes, name: str) -> str:
    """Why the bytes are refused before any parser sees them."""
    file = tmp_path / "source"
    file.write_bytes(content)
    try:
        mesh_format = recognise(file, name)
        check_gltf(file, mesh_format)
    except MeshRefused as error:
        return str(error)
    pytest.fail("not refused")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.glb", b"", "empty"),
        ("a.glb", b"PK\x03\x04rest", "ZIP archive"),
        ("a.obj", b"\x1f\x8b\x08rest", "gzip archive"),
        ("a.exe", b"MZ", "“.exe” is not a kind"),
        ("noname", TRIANGLE_OBJ, "such as .glb"),
        ("a.fbx", b"Kaydara FBX Binary  \0rest", "Convert it to GLB"),
        ("a.obj", b"; FBX 7.4.0 project file\n", "Convert it to GLB"),
        ("a.dae", b"<html>", "does not hold what a .dae"),
        ("a.obj", b"<?xml version='1.0'?><COLLADA/>", "named .obj but holds DAE"),
        ("a.glb", np.random.default_rng(1).bytes(5000), "does not hold what a .glb"),
        ("a.obj", np.random.default_rng(2).bytes(5000), "does not hold what a .obj"),
        ("a.stl", np.random.default_rng(3).bytes(5000), "does not hold what a .stl"),
        ("a.stl", b"solid nothing\n", "does not hold what a .stl"),
        ("a.stl", bytes(80) + struct.pack("<I", 9) + bytes(100), "cut short or damaged: it tells of 9 triangles"),
        ("a.stl", b"# OFF\n\nOFF\n3 1 0\n", "named .stl but holds OFF"),
        ("a.glb", b"glTF", "ends inside its header"),
        ("a.glb", struct.pack("<4sIII4s", b"glTF", 1, 20, 0, b"JSON"), "version 1"),
        ("a.glb", struct.pack("<4sIII4s", b"glTF", 2, 9999, 0, b"JSON"), "cut short"),
        ("a.glb", struct.pack("<4sIII4s", b"glTF", 2, 20, 4_000_000_000, b"JSON"), "JSON chunk"),
        ("a.glb", glb({"buffers": [{"uri": "file:///etc/passwd"}]}), "another file"),
        ("a.glb", glb({"buffers": 7}), "damaged"),
        ("a.glb", glb({"accessors": [{"componentType": 1, "type": "VEC3", "count": 1}]}), "damaged"),
        ("a.glb", glb({"accessors": [{"componentType": 5126, "type": "VEC3", "count": -1}]}), "sensible count"),
        (
            "a.glb",
            glb({"accessors": [{"bufferView": 0, "componentType": 5126, "type": "VEC3", "count": 10**9}]}),
            "cannot hold",
        ),
        ("a.glb", glb({"extensionsRequired": ["KHR_draco_mesh_compression"]}), "compression"),
        ("a.gltf", b'{"asset":', "damaged"),
        ("a.gltf", b"{" + b'"a":[' * 100_000, "damaged"),
        ("a.gltf", json.dumps({"images": [{"uri": "http://127.0.0.1/x.png"}]}).encode(), "another file"),
    ],
)
def test_bytes_are_refused_before_they_are_parsed(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    assert reason in refused(tmp_path, content, name)


def test_small_gltf_that_asks_for_gigabytes_is_refused(tmp_path: Path) -> None:
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"componentType": 5126, "count": 600_000_000, "type": "VEC3"}],
        "bufferViews": [],
    }
    content = json.dumps(document).encode()
    assert len(content) < 428
    assert refused(tmp_path, content, "a.gltf") == "The glTF asks for 6.7 GiB of memory."
