"""From pairs of places to how telemetry lies: recovered exactly, robust to a hand, and doubtful where it must be."""

import math

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from console.telemetry.calibration import CalibrationError, fit_points
from console.telemetry.coordinates import (
    ALL_AXES,
    Axes,
    Transforms,
    from_viewer,
    matrix_from_viewer,
    matrix_to_viewer,
    to_viewer,
)
from console.telemetry.placement import ALL_DIRECTIONS, AS_AXES_SAY, Calibration, Placement

THREE = np.array([[0.0, 0.0, 0.0], [20.0, 3.0, 0.0], [4.0, 15.0, 2.0]])
AS_SET = Placement()

axes_names = st.sampled_from(ALL_AXES)
scales = st.floats(0.01, 100)
degrees = st.floats(-180, 180)
metres = st.floats(-1e4, 1e4)
directions = st.permutations("xyz").flatmap(
    lambda names: st.tuples(*(st.sampled_from([d for d in ALL_DIRECTIONS if d[1] == name]) for name in names))
)
placements = st.builds(
    Placement, directions=directions, scale=scales, yaw=degrees, offset=st.tuples(metres, metres, metres)
)


@given(axes_names, placements)
def test_there_and_back_through_any_placement(axes: Axes, placement: Placement) -> None:
    assert matrix_from_viewer(axes, placement) @ matrix_to_viewer(axes, placement) == pytest.approx(np.eye(4), abs=1e-4)
    assert msgspec.json.decode(msgspec.json.encode(placement), type=Placement) == placement
    linear = matrix_to_viewer(axes, placement)[:3, :3]
    assert linear @ linear.T == pytest.approx(np.eye(3) * np.linalg.norm(linear[0]) ** 2, rel=1e-6)


def test_a_placement_scales_turns_then_moves() -> None:
    placement = Placement(scale=2.0, yaw=90.0, offset=(10.0, 0.0, 1.0))
    assert to_viewer([(1, 0, 0)], "blender", placement).tolist() == [[10, 2, 1]]
    assert Transforms("gltf", "unreal", Calibration(telemetry=placement)).metres_per_unit == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"directions": ("+x", "-x", "+z")}, "directions must name each"),
        ({"scale": 0.0}, "scale must be between"),
        ({"scale": float("nan")}, "scale must be between"),
        ({"yaw": float("inf")}, "yaw must be"),
        ({"offset": (0.0, float("nan"), 0.0)}, "offset must be within"),
    ],
)
def test_a_wrong_placement_is_refused(wrong: dict[str, object], complaint: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=complaint):
        msgspec.convert(wrong, Placement)


@given(axes_names, axes_names, scales, degrees, st.tuples(metres, metres, metres))
def test_three_places_tell_axes_unit_turn_and_shift(
    truth: Axes, current: Axes, scale: float, yaw: float, offset: tuple[float, float, float]
) -> None:
    # The engine's own up is known, as it is when somebody chose its axes; all else comes out.
    assume(to_viewer([(0, 0, 1)], truth)[0, 2].round(3) == to_viewer([(0, 0, 1)], current)[0, 2].round(3))
    placement = Placement(scale=scale, yaw=yaw, offset=offset)
    sent = from_viewer(THREE, truth, placement)
    found = fit_points(sent, THREE, current, AS_SET)
    assert to_viewer(sent, found.axes, found.placement) == pytest.approx(THREE, abs=0.2)
    assert found.error_m < 0.05


def test_what_was_sent_in_another_engines_axes_is_found_by_name() -> None:
    for truth in ("unreal", "quake", "blender"):
        found = fit_points(from_viewer(THREE, truth), THREE, "unity", AS_SET)
        shown = to_viewer(from_viewer(THREE, truth), found.axes, found.placement)
        assert shown == pytest.approx(THREE, abs=1e-6)
    assert fit_points(from_viewer(THREE, "godot"), THREE, "unity", AS_SET).mirrored
    assert not fit_points(from_viewer(THREE, "unity"), THREE, "unity", AS_SET).mirrored


def test_a_hand_that_clicks_beside_a_place_changes_neither_unit_nor_axes() -> None:
    shift = Placement(offset=(5.0, -3.0, 1.0))
    beside = THREE + np.array([[0.2, -0.1, 0.0], [-0.1, 0.2, 0.1], [0.1, 0.1, -0.1]])
    found = fit_points(from_viewer(THREE, "unity", shift), beside, "unity", AS_SET)
    assert (found.placement.scale, found.placement.yaw, found.placement.directions) == (1.0, 0.0, None)
    assert found.placement.offset == pytest.approx(shift.offset, abs=0.2)
    assert 0.05 < found.error_m < 0.3
    assert found.doubts == ()


def test_a_wrong_pair_is_named() -> None:
    places = np.vstack([THREE, [[-10.0, 5.0, 0.0]], [[12.0, -9.0, 1.0]]])
    sent = from_viewer(places, "unity")
    sent[3] += 9.0
    (doubt,) = fit_points(sent, places, "unity", AS_SET).doubts
    assert doubt.startswith("Pair 4 is")


def test_few_or_narrow_places_say_what_they_do_not_tell() -> None:
    sent = from_viewer(THREE, "unity", Placement(yaw=30.0))
    one = fit_points(sent[:1], THREE[:1], "unity", AS_SET)
    assert to_viewer(sent[:1], "unity", one.placement) == pytest.approx(THREE[:1])
    two = fit_points(sent[:2], THREE[:2], "unity", AS_SET)
    assert two.placement.yaw == pytest.approx(30.0)
    assert "mirrored" in two.doubts[0]
    line = np.outer([0.0, 10.0, 25.0], [1.0, 0.5, 0.1])
    narrow = fit_points(from_viewer(line, "unity"), line, "unity", AS_SET)
    assert "one line" in narrow.doubts[0]
    assert narrow.error_m == pytest.approx(0, abs=1e-9)


def test_places_that_tell_nothing_are_refused() -> None:
    same = np.ones((3, 3))
    with pytest.raises(CalibrationError, match="positions are all the same"):
        fit_points(same, THREE, "unity", AS_SET)
    with pytest.raises(CalibrationError, match="places on the level are all the same"):
        fit_points(THREE, same, "unity", AS_SET)
    with pytest.raises(CalibrationError, match="scaled by"):
        fit_points(THREE * 1e9, THREE, "unity", AS_SET)
    with pytest.raises(ValueError, match="two arrays"):
        fit_points(THREE, THREE[:2], "unity", AS_SET)
    assert math.isfinite(fit_points(THREE, THREE, "unity", AS_SET).error_m)
    assert Calibration() == AS_AXES_SAY


def test_a_hand_beside_its_places_still_finds_the_engine() -> None:
    beside = THREE + np.array([[0.1, -0.1, 0.0], [-0.1, 0.1, 0.1], [0.1, 0.1, -0.1]])
    found = fit_points(from_viewer(THREE, "unreal"), beside, "unity", AS_SET)
    assert (found.axes, found.placement.scale, found.placement.directions) == ("unreal", 1.0, None)
