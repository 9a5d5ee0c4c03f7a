"""Markers, histories, framing, geometry and colours of the level view. No Qt."""

import json

import numpy as np
import pytest

from console.columns import encode_columns
from console.messages import Mesh
from console.ui.level import history
from console.ui.level.coarse import coarse
from console.ui.level.framing import (
    EMPTY_BOUNDS,
    bounds_of,
    core,
    fit,
    grid_lines,
    grid_spacing,
    is_elsewhere,
    outgrows,
    roomy,
    union,
    view_axes,
)
from console.ui.level.geometry import geometry, outline
from console.ui.level.marker_signs import marker_style
from console.ui.level.markers import MAX_NAMES, OTHER, Marker, MarkerStore
from console.ui.level.model_notes import model_note, samples_note
from console.ui.level.palette import mix, ramp_share, rgb
from console.ui.theme import DARK


def marker(seq: int = 1, name: str = "Player_Jump", x: float = 0.0) -> Marker:
    return Marker(seq, seq, 0, 0, name, "p", x, 0.0, 0.0)


# markers


def test_markers_are_bounded_and_counted() -> None:
    store = MarkerStore(limit=100)
    store.add(marker(n) for n in range(250))
    assert len(store) == 100
    assert store.dropped == 150
    assert store[0].seq == 150


def test_kinds_past_the_limit_share_one() -> None:
    store = MarkerStore()
    store.add(marker(n, f"Event_{n}") for n in range(MAX_NAMES + 5))
    assert len(store.kinds()) == MAX_NAMES + 1
    assert store.counts()[OTHER] == 5


def test_hidden_kinds_are_not_shown() -> None:
    store = MarkerStore()
    store.add([marker(1, "a"), marker(2, "b"), marker(3, "a")])
    store.set_hidden("a", True)
    assert store.shown().tolist() == [False, True, False]
    revision = store.revision
    store.set_hidden("a", True)
    assert store.revision == revision
    store.set_hidden("a", False)
    assert store.shown().all()


def test_styles_tell_names_apart_by_shape_and_colour() -> None:
    styles = {marker_style(DARK, f"Event_{n}", n) for n in range(6)}
    assert len({style.sign for style in styles}) == len({style.colour for style in styles}) == 6
    assert marker_style(DARK, "Player_Died", 0).sign == "skull"


# histories


def samples(rows: list[tuple[str, int, int, float]]) -> history.Columns:
    """Rows of session, seq, seconds, x."""
    return encode_columns(
        {
            "app_id": ["app"] * len(rows),
            "session_id": [row[0] for row in rows],
            "player_id": [f"player of {row[0]}" for row in rows],
            "seq": np.array([row[1] for row in rows], "<i8"),
            "time_us": np.array([row[2] * 1_000_000 for row in rows], "<i8"),
            "x": np.array([row[3] for row in rows], "<f4"),
            "y": np.zeros(len(rows), "<f4"),
            "z": np.zeros(len(rows), "<f4"),
            "fps_mean": np.full(len(rows), 60.0, "<f4"),
            "fps_low_5": np.full(len(rows), np.nan, "<f4"),
            "fps_low_1": np.full(len(rows), 30.0, "<f4"),
        }
    )


def test_a_history_breaks_between_sessions_and_after_gaps() -> None:
    rows = [("a", 1, 0, 0.0), ("a", 1, 1, 1.0), ("a", 2, 2, 2.0), ("a", 3, 60, 3.0), ("b", 4, 61, 3.0)]
    packed = history.packed_tracks(samples(rows), np.array([7, 9]), 0, 1.0)
    assert packed.starts.tolist() == [0, 3, 4]
    assert [head.session for head in packed.heads] == [7, 9]
    assert packed.vertices[0, 5:].tolist() == [60.0, -1.0, 30.0, 1.0]
    assert packed.vertices[-1, [4, 8]].tolist() == [9.0, -1.0]


def test_an_empty_history_is_empty() -> None:
    packed = history.packed_tracks(samples([]), np.array([], dtype=np.int64), 0, 1.0)
    assert len(packed.vertices) == len(packed.starts) == len(packed.heads) == 0


def test_markers_without_a_place_are_left_out() -> None:
    answer = encode_columns(
        {
            "seq": np.array([2, 1], "<i8"),
            "request_id": np.array([20, 10], "<i8"),
            "index": np.array([0, 3], "<i4"),
            "time_us": np.array([5, 6], "<i8"),
            "name": ["b", "a"],
            "player_id": ["p", "p"],
            "x": np.array([np.nan, 1.5], "<f8"),
            "y": np.array([0.0, 2.5], "<f8"),
            "z": np.array([0.0, 3.5], "<f8"),
            "app_id": ["game", "game"],
            "session_id": ["s", "s"],
        }
    )
    assert history.markers(answer) == [Marker(1, 10, 3, 6, "a", "p", 1.5, 2.5, 3.5, "game", "s")]


# framing


def test_a_fitted_camera_sees_every_corner() -> None:
    low, high = (-20.0, -15.0, -2.0), (20.0, 15.0, 7.0)
    for elevation, azimuth, aspect in ((40, -60, 1.6), (90, -90, 1.0), (5, 10, 0.5)):
        pose = fit((low, high), elevation=elevation, azimuth=azimuth, fov=45, aspect=aspect)
        corners = np.array([[x, y, z] for x in (-20, 20) for y in (-15, 15) for z in (-2, 7)]) - pose.centre
        seen = corners @ view_axes(elevation, azimuth).T
        depth = pose.distance - seen[:, 2]
        half = np.tan(np.radians(45) / 2)
        assert (depth > 0).all()
        assert (np.abs(seen[:, 0]) <= depth * half).all()
        assert (np.abs(seen[:, 1]) <= depth * half / aspect).all()


def test_a_point_can_be_fitted() -> None:
    assert fit(((1, 2, 3), (1, 2, 3)), elevation=40, azimuth=0, fov=45, aspect=1).distance == 1.0


@pytest.mark.parametrize(("extent", "spacing"), [(40, 5), (12, 1), (100, 10), (0.5, 0.05), (3000, 500)])
def test_grid_lines_are_round_numbers_apart(extent: float, spacing: float) -> None:
    assert grid_spacing(extent) == pytest.approx(spacing)


def test_the_grid_lies_around_and_below_a_level() -> None:
    ends, spacing = grid_lines(((-20, -15, -2), (20, 15, 7)))
    assert spacing == 5
    assert ends[:, 0].min() <= -30
    assert (ends[:, 2] < -2).all()
    assert len(ends) % 2 == 0


@pytest.mark.parametrize(
    ("places", "share"),
    [
        ([(0, 50)], 1.0),
        ([(0, 50), (1e9, 50)], 0.5),  # of two equal halves the one at the origin
        ([(0, 30), (1e9, 10), (-1e9, 10)], 0.6),
        ([(0, 90), (5e4, 1), (1e7, 1), (1e9, 1)], 90 / 93),
        ([(0, 70), (30_000, 30)], 0.7),
        ([(0, 50), (1_000, 50), (2_500, 50), (4_000, 50)], 1.0),  # a large level in several places
    ],
)
def test_what_is_scattered_far_away_is_told_from_a_large_level(places: list[tuple[float, int]], share: float) -> None:
    line = np.concatenate([at + np.linspace(0, 40, count) for at, count in places])
    for axis in range(3):
        points = np.zeros((len(line), 3))
        points[:, axis] = line
        assert core(points).mean() == pytest.approx(share)
    assert core(np.empty((0, 3))).tolist() == []


def test_a_single_place_has_room_around_it() -> None:
    assert roomy(((1, 1, 1), (1, 1, 1))) == ((-1, -1, -1), (3, 3, 3))
    low, high = roomy(((3e38, 0, 0), (3e38, 0, 0)))
    assert low[0] <= high[0] == pytest.approx(1e12)
    assert grid_lines(((0, 0, -40), (0, 0, 40)))[1] == 10  # a shaft


def test_boxes_join_and_grow() -> None:
    first, second = bounds_of(np.zeros((1, 3))), bounds_of(np.ones((2, 3)))
    assert union(first, second) == ((0, 0, 0), (1, 1, 1))
    assert union(None, second) == second
    assert bounds_of(np.empty((0, 3))) is None
    assert outgrows(((0, 0, 0), (100, 10, 10)), EMPTY_BOUNDS)
    assert not outgrows(((0, 0, 0), (20.5, 10, 4)), EMPTY_BOUNDS)
    box = ((0.0, 0.0, 0.0), (10.0, 10.0, 1.0))
    assert not is_elsewhere(((1.0, 0.0, 0.0), (12.0, 10.0, 2.0)), box)
    assert is_elsewhere(((0.0, 0.0, 0.0), (0.1, 0.1, 0.01)), box)  # units were taken for others
    assert is_elsewhere(((20.0, 0.0, 0.0), (30.0, 10.0, 1.0)), box)


# geometry


def cube() -> tuple[np.ndarray, np.ndarray]:
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=np.float32)
    quads = [(0, 1, 3, 2), (4, 5, 7, 6), (0, 1, 5, 4), (2, 3, 7, 6), (0, 2, 6, 4), (1, 3, 7, 5)]
    faces = [face for a, b, c, d in quads for face in ((a, b, c), (a, c, d))]
    return corners, np.array(faces, dtype=np.uint32)


def test_the_outline_of_a_cube_is_its_twelve_edges() -> None:
    vertices, faces = cube()
    assert len(outline(vertices, faces)) == 24
    # a copy of each vertex for each face changes nothing
    assert len(outline(vertices[faces.ravel()], np.arange(36, dtype=np.uint32).reshape(-1, 3))) == 24
    assert len(outline(vertices, faces[:0])) == 0


def test_a_mesh_is_decoded_and_checked() -> None:
    vertices, faces = cube()
    mesh = Mesh(model_id="m", vertices=vertices.tobytes(), faces=faces.astype("<u4").tobytes())
    made = geometry(mesh)
    assert made.vertices.shape == (8, 3)
    assert made.faces.shape == (12, 3)
    broken = Mesh(model_id="m", vertices=vertices[:4].tobytes(), faces=mesh.faces)
    with pytest.raises(ValueError, match="does not have"):
        geometry(broken)


# colours


def test_the_ramp_has_thirty_frames_in_its_middle() -> None:
    assert [ramp_share(fps) for fps in (0, 15, 30, 60, 240)] == [0.0, 0.0, 0.5, 1.0, 1.0]


def test_colours_mix_and_repeat() -> None:
    assert rgb("#ff0080") == pytest.approx((1.0, 0.0, 128 / 255))
    assert mix("#000000", "#ffffff", 0.5) == "#808080"
    assert json.dumps(DARK.series)


def test_a_large_mesh_becomes_simpler_and_stays_where_it_is() -> None:
    side = 60
    x, y = np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0))
    vertices = np.column_stack([x.ravel(), y.ravel(), np.zeros(x.size)]).astype(np.float32)
    corner = (np.arange(side)[:, None] * (side + 1) + np.arange(side)).ravel()
    right, below = corner + 1, corner + side + 1
    faces = np.concatenate([np.stack([corner, right, below], 1), np.stack([right, below + 1, below], 1)])
    points, kept = coarse(vertices, faces.astype(np.uint32), wanted=800)
    assert 200 < len(kept) <= 800
    assert bounds_of(points) == pytest.approx(np.array(bounds_of(vertices)), abs=4.0)
    corners = points[kept]
    area = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum() / 2
    assert area == pytest.approx(side * side, rel=0.15)


def test_a_model_of_an_odd_size_or_place_is_remarked() -> None:
    assert model_note(None) == model_note(((0, 0, 0), (80, 60, 9))) == ""
    assert "30 cm wide" in model_note(((0, 0, 0), (0.3, 0.2, 0.1)))
    assert "km wide" in model_note(((-1e9, 0, 0), (1e9, 1, 1)))
    assert "900 km from the origin" in model_note(((9e5, 0, 0), (9e5 + 10, 10, 1)))


def test_samples_that_are_too_far_out_to_be_told_apart_are_told_of() -> None:
    near = np.array([[10.0, 2, 300]] * 3 + [[1e9, 0, 0]], dtype=np.float32)
    assert samples_note(near, 1.0) == samples_note(near[:0], 1.0) == "", "one that strays is nobody's level"
    far = near[[0, 3, 3, 3]]
    assert samples_note(far, 1.0).startswith("Samples lie 1e+06 km from the origin, where positions are kept in steps")
    assert "steps of 64 cm" in samples_note(far, 0.01)
