"""COLLADA: what is up and what a unit is, mirrored parts, and what is refused before any of it is parsed."""

import sys
from pathlib import Path

import numpy as np
import pytest

from console.server.mesh_collada import check_collada, collada_parts
from console.server.mesh_format import MeshRefused, recognise


def document(up: str = "Y_UP", metres: float = 1.0, matrix: str = "", head: str = "") -> bytes:
    """One rectangle in two triangles, 1 × 2 units, placed by a matrix."""
    return f"""<?xml version="1.0" encoding="utf-8"?>{head}
<COLLADA xmlns="http://www.collada.org/2005/11/COLLADASchema" version="1.4.1">
<asset><unit meter="{metres}" name="unit"/><up_axis>{up}</up_axis></asset>
<library_geometries><geometry id="g"><mesh>
<source id="p"><float_array id="pa" count="12">0 0 0 1 0 0 1 2 0 0 2 0</float_array><technique_common>
<accessor source="#pa" count="4" stride="3"><param name="X" type="float"/><param name="Y" type="float"/>
<param name="Z" type="float"/></accessor></technique_common></source>
<vertices id="v"><input semantic="POSITION" source="#p"/></vertices>
<polylist count="1"><input semantic="VERTEX" source="#v" offset="0"/><vcount>4</vcount><p>0 1 2 3</p></polylist>
</mesh></geometry></library_geometries>
<library_visual_scenes><visual_scene id="s"><node id="n">{matrix}<instance_geometry url="#g"/></node></visual_scene>
</library_visual_scenes><scene><instance_visual_scene url="#s"/></scene></COLLADA>""".encode()


@pytest.mark.parametrize(
    ("up", "corner", "normal"),
    [("Y_UP", (1, 2, 0), (0, 0, 1)), ("Z_UP", (1, 0, -2), (0, 1, 0)), ("X_UP", (-2, 1, 0), (0, 0, 1))],
)
def test_parts_come_in_metres_with_y_up(
    tmp_path: Path, up: str, corner: tuple[int, ...], normal: tuple[int, ...]
) -> None:
    pytest.importorskip("collada")
    file = tmp_path / "source"
    file.write_bytes(document(up, 0.01))
    assert recognise(file, "a.DAE") == "dae"
    check_collada(file)
    ((points, faces),) = collada_parts(file)
    assert points[2] == pytest.approx(np.array(corner) * 0.01)
    a, b, c = points[faces[0]]
    facing = np.cross(b - a, c - a)
    assert facing / np.linalg.norm(facing) == pytest.approx(normal)


def test_a_mirrored_part_keeps_its_outside_outside(tmp_path: Path) -> None:
    pytest.importorskip("collada")
    file = tmp_path / "source"
    file.write_bytes(document(matrix="<matrix>-1 0 0 5 0 1 0 0 0 0 1 0 0 0 0 1</matrix>"))
    ((points, faces),) = collada_parts(file)
    assert points[:, 0].tolist() == [5, 4, 4, 5]
    a, b, c = points[faces[0]]
    assert np.cross(b - a, c - a)[2] > 0


@pytest.mark.parametrize(
    ("there", "instead", "reason"),
    [
        ("0 1 2 3</p>", "0 1 2 30</p>", "geometry 'g' is damaged"),
        ("0 0 0 1 0 0", "0 0 0 NaN 0 0", "not numbers"),
        ('meter="1.0"', 'meter="-1"', "unit is -1 metres"),
    ],
)
def test_a_level_is_never_shown_without_its_broken_parts(tmp_path: Path, there: str, instead: str, reason: str) -> None:
    pytest.importorskip("collada")
    file = tmp_path / "source"
    file.write_bytes(document().replace(there.encode(), instead.encode()))
    with pytest.raises(MeshRefused, match=reason):
        list(collada_parts(file))


def test_what_would_make_the_parser_look_elsewhere_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "source"
    file.write_bytes(document(head='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'))
    with pytest.raises(MeshRefused, match="XML entities"):
        check_collada(file)
    file.write_bytes(b"<?xml version='1.0'?><x>")
    with pytest.raises(MeshRefused, match="COLLADA element"):
        check_collada(file)
    monkeypatch.setitem(sys.modules, "collada", None)
    with pytest.raises(MeshRefused, match="lacks pycollada"):
        next(iter(collada_parts(file)))
