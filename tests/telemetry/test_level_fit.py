"""Which axes fit: a level with rooms on two floors, walked in every engine's axes."""

from dataclasses import replace

import numpy as np
import pytest

from console.telemetry.coordinates import ALL_AXES, Axes, Transforms, from_viewer, metres_per_unit
from console.telemetry.level_fit import Floors, as_good, fit_of, suggestion, suggestions, surface_of
from console.telemetry.placement import AS_AXES_SAY, Calibration, Placement

# A floor of 40 × 30 m, an upper one in one corner, and a wall: nothing of it is its own mirror image.
_QUADS = (
    ((-20, -15, 0), (40, 0, 0), (0, 30, 0)),
    ((-20, -15, 4), (12, 0, 0), (0, 9, 0)),
    ((-20, -15, 0), (40, 0, 0), (0, 0, 8)),
)
_VERTICES = np.array(
    [corner for o, a, b in _QUADS for corner in (o, np.add(o, a), np.add(np.add(o, a), b), np.add(o, b))]
)
_FACES = np.array([face for n in range(0, 12, 4) for face in ((n, n + 1, n + 2), (n, n + 2, n + 3))])


def walked(count: int = 600) -> np.ndarray:
    chance = np.random.default_rng(7)
    below = np.column_stack([chance.uniform(-8, 19, count), chance.uniform(-14, 14, count), np.full(count, 0.9)])
    above = np.column_stack([chance.uniform(-19, -9, count), chance.uniform(-14, -7, count), np.full(count, 4.9)])
    return np.vstack([below, above])


@pytest.mark.parametrize("truth", ALL_AXES)
def test_the_axes_that_the_game_sends_are_found(truth: Axes) -> None:
    surface = surface_of(from_viewer(_VERTICES, "gltf"), _FACES, 20_000)
    current = Transforms("gltf", "unity")
    speeds = np.full(50, 4.0) / metres_per_unit(truth)
    fits = suggestions(surface, from_viewer(walked(), truth), speeds, current)
    best = fits[0]
    assert best.transforms.mesh_axes == "gltf"
    assert best.transforms.telemetry == pytest.approx(Transforms("gltf", truth).telemetry)
    assert (best.inside, best.standing) == (1.0, 1.0)
    assert best.speed == pytest.approx(4.0)
    assert (suggestion(fits, current) is None) == (truth == "unity")


def test_an_exporter_that_turns_the_mesh_around_is_seen_through() -> None:
    surface = surface_of(from_viewer(_VERTICES * (-1, -1, 1), "gltf"), _FACES, 20_000)
    best = suggestions(surface, from_viewer(walked(), "unity"), np.empty(0), Transforms("gltf", "unity"))[0]
    assert best.transforms.calibration.telemetry == Placement(yaw=180.0)


def test_a_calibration_that_fits_is_not_talked_out_of() -> None:
    moved = Calibration(telemetry=Placement(yaw=17.0, offset=(100.0, 50.0, 3.0)))
    surface = surface_of(from_viewer(_VERTICES, "gltf"), _FACES, 20_000)
    current = Transforms("gltf", "unity", moved)
    fits = suggestions(surface, from_viewer(walked(), "unity", moved.telemetry), np.empty(0), current)
    assert fits[0].transforms == current
    assert suggestion(fits, current) is None


def test_another_unit_for_both_is_not_advised_unless_nobody_moves_like_that() -> None:
    surface = surface_of(from_viewer(_VERTICES, "quake"), _FACES, 20_000)
    current, smaller = Transforms("quake", "quake"), Transforms("unreal", "unreal")
    uneven = from_viewer(walked() + np.random.default_rng(1).uniform(0, 1.2, (len(walked()), 1)) * (0, 0, 1), "quake")
    for speed, advised in ((300.0, False), (9000.0, True)):
        fits = suggestions(surface, uneven, np.full(9, speed), current)
        assert fits[0].transforms == smaller  # its floors are nearer to each other
        assert (suggestion(fits, current) is not None) == advised
    # The mesh keeps the axes that it was given, though those of another unit fit a little better.
    half_set = Transforms("quake", "unity")
    fits = suggestions(surface, uneven, np.full(9, 300.0), half_set)
    advised_fit = suggestion(fits, half_set)
    assert fits[0].transforms == smaller
    assert advised_fit is not None
    assert advised_fit.transforms == current
    assert smaller in [fit.transforms for fit in as_good(fits, advised_fit)]
    now = next(fit for fit in fits if fit.transforms == half_set)
    little = [replace(fit, score=now.score + 0.01) if fit is advised_fit else fit for fit in fits]
    assert suggestion(little, half_set) == fits[0], "what is clearly better is said, though in other axes of the mesh"
    # Seen from other axes, nothing but the maker of the game can tell one unit from the other.
    fits = suggestions(surface, uneven, np.full(9, 300.0), Transforms("gltf", "unity"))
    alike = {fit.transforms.telemetry_axes for fit in as_good(fits, fits[0])}
    assert (fits[0].transforms, "quake" in alike, "unity" in alike) == (smaller, True, False)


def test_heights_above_floors() -> None:
    floors = Floors(surface_of(_VERTICES, _FACES, 50_000), np.eye(4))
    points = np.array([(5, 5, 0.9), (-15, -10, 4.5), (-15, -10, 3.5), (5, 5, -0.1), (5, 5, 9), (1e9, 0, 0), (5, 5, -5)])
    heights = floors.clearance(points)
    assert heights[:4] == pytest.approx([0.9, 0.5, np.nan, -0.1], abs=0.01, nan_ok=True)
    assert np.isnan(heights[4:]).all()


def test_nothing_is_said_of_nothing() -> None:
    current = Transforms("gltf", "unity")
    surface = surface_of(_VERTICES, _FACES, 100)
    nothing = surface_of(np.zeros((3, 3)), [(0, 1, 2)], 100)  # a triangle without an area
    huge = surface_of([(0, 0, 0), (1e30, 0, 0), (0, 1e30, 0), (1, 0, 0), (0, 1, 0)], [(0, 1, 2), (0, 3, 4)], 10)
    assert huge.area == 0.5
    assert suggestions(surface, np.empty((0, 3)), [], current) == []
    assert suggestions(nothing, walked(), [], current) == []
    assert suggestion([], current) is None
    far = fit_of(
        Transforms("gltf", "unity", AS_AXES_SAY), Floors(surface, np.eye(4)), np.full((5, 3), 1e9), np.zeros(0)
    )
    assert (far.inside, far.standing, far.reach) == (0, 0, 0)
