"""Axis presets: where each engine's directions point in the viewer (right-handed, Z up, metres)."""

from typing import get_args

import numpy as np
import pytest

from console.messages import Axes as MessageAxes
from console.telemetry.coordinates import (
    ALL_AXES,
    Axes,
    from_viewer,
    matrix_from_viewer,
    matrix_to_viewer,
    metres_per_unit,
    share_inside,
    to_viewer,
)

LEFT_HANDED = {"unity", "unreal"}


def test_the_presets_are_those_of_the_console_api() -> None:
    assert get_args(MessageAxes) == ALL_AXES


@pytest.mark.parametrize(
    ("axes", "expected"),
    [
        ("unity", (1, 3, 2)),
        ("unreal", (0.01, -0.02, 0.03)),
        ("gltf", (1, -3, 2)),
        ("godot", (1, -3, 2)),
        ("blender", (1, 2, 3)),
        ("quake", (0.0254, 0.0508, 0.0762)),
    ],
)
def test_a_point(axes: Axes, expected: tuple[float, float, float]) -> None:
    assert to_viewer([(1, 2, 3)], axes) == pytest.approx(np.array([expected]))


@pytest.mark.parametrize(
    ("axes", "up"),
    [
        ("unity", (0, 1, 0)),
        ("unreal", (0, 0, 100)),
        ("gltf", (0, 1, 0)),
        ("godot", (0, 1, 0)),
        ("blender", (0, 0, 1)),
        ("quake", (0, 0, 1 / 0.0254)),
    ],
)
def test_one_metre_up(axes: Axes, up: tuple[float, float, float]) -> None:
    assert to_viewer([up], axes) == pytest.approx(np.array([(0, 0, 1)]))


@pytest.mark.parametrize("axes", ALL_AXES)
def test_each_preset_turns_and_scales_alike_in_every_direction(axes: Axes) -> None:
    turn = matrix_to_viewer(axes)[:3, :3] / metres_per_unit(axes)
    assert turn @ turn.T == pytest.approx(np.eye(3))
    assert np.linalg.det(turn) == pytest.approx(-1 if axes in LEFT_HANDED else 1)


@pytest.mark.parametrize("axes", ALL_AXES)
def test_there_and_back(axes: Axes) -> None:
    points = np.random.default_rng(1).uniform(-1e4, 1e4, (50, 3))
    assert from_viewer(to_viewer(points, axes), axes) == pytest.approx(points)
    assert matrix_from_viewer(axes) @ matrix_to_viewer(axes) == pytest.approx(np.eye(4))
    homogeneous = np.column_stack([points, np.ones(len(points))])
    assert (matrix_to_viewer(axes) @ homogeneous.T).T[:, :3] == pytest.approx(to_viewer(points, axes))


def test_shapes() -> None:
    assert to_viewer(np.empty((0, 3)), "unity").shape == (0, 3)
    assert to_viewer(np.array([[1, 2, 3]], dtype=np.float32), "unity").dtype == np.float64
    for wrong in ([1, 2, 3], [[1, 2]], [[[1, 2, 3]]]):
        with pytest.raises(ValueError, match="expected points of shape"):
            to_viewer(wrong, "unity")


def test_the_given_array_is_left_alone() -> None:
    points = np.array([[1.0, 2.0, 3.0]])
    to_viewer(points, "blender")[:] = 0
    assert points.tolist() == [[1.0, 2.0, 3.0]]


def test_share_inside() -> None:
    bounds = ((0, 0, 0), (1, 1, 1))
    assert share_inside([(0, 0, 0), (1, 1, 1), (0.5, 0.5, 2), (-1, 0, 0)], bounds) == 0.5
    assert share_inside([(0.5, 0.5, 2)], bounds, margin=1) == 1.0
    assert np.isnan(share_inside(np.empty((0, 3)), bounds))
