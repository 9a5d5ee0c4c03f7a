"""Floors of meshes, what of them was visited, and what hangs together."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.telemetry.coverage import components, coverage, floors, widened
from console.telemetry.heat import Grid

GRID = Grid(0.0, 0.0, 1.0, 6, 4)


def plate(x0: float, y0: float, x1: float, y1: float, z: float = 0.0) -> np.ndarray:
    """Two triangles that face up."""
    a, b, c, d = (x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)
    return np.array([a, b, c, a, c, d], dtype=np.float64)


def mesh(*parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    vertices = np.concatenate(parts)
    return vertices, np.arange(len(vertices), dtype=np.uint32).reshape(-1, 3)


def test_floors_are_the_highest_walkable_surfaces() -> None:
    ramp = np.array([(4, 0, 0), (6, 0, 2), (6, 4, 2)], dtype=np.float64)
    wall = np.array([(0, 0, 0), (1, 0, 5), (1, 4, 5)], dtype=np.float64)
    crumb = plate(0.1, 3.1, 0.2, 3.2, 7.0)
    vertices, faces = mesh(plate(0, 0, 4, 4), plate(1, 1, 2, 2, 1.5), ramp, wall, crumb, plate(-9, -9, -8, -8))
    found = floors(vertices, faces, GRID)
    assert found[0].tolist()[:4] == [0, 0, 0, 0]
    assert found[1, 1] == 1.5
    assert found[3, 0] == 7
    assert found[0, 4:].tolist() == pytest.approx([0.5, 1.5])
    assert np.isnan(found[3, 4])
    assert np.isnan(floors(vertices, faces[:, ::-1], GRID)).all()
    assert np.nanmax(floors(vertices, faces[:, ::-1], GRID, mirrored=True)) == 7
    assert np.nanmax(floors(vertices, faces, Grid(0, 0, 1, 6, 4, low=-1, high=1))) <= 1.5
    nothing = floors(np.empty((0, 3)), np.empty((0, 3), dtype=np.uint32), GRID)
    assert np.isnan(nothing).all()
    flat = np.array([(0, 0, 0), (1, 1, 0), (2, 2, 0)], dtype=np.float64)
    assert np.isnan(floors(*mesh(flat), GRID)).all()


def test_what_nobody_visited_is_listed_and_what_nobody_can_reach_is_apart() -> None:
    heights = np.zeros(GRID.shape)
    heights[:, 4] = np.nan  # a gap
    heights[3, 0] = 9.0  # a roof
    visited = np.zeros(GRID.shape, dtype=np.bool_)
    visited[[0, 1, 2, 3, 0], [1, 1, 1, 1, 4]] = True  # the last one fell
    found = coverage(GRID, heights, visited)
    assert int(found.visited.sum()) == 4
    assert int(found.cut_off.sum()) == 5
    assert [region.area_m2 for region in found.regions] == [8, 3]
    assert [*found.regions[0].low, *found.regions[0].high] == [2, 0, 0, 4, 4, 0]
    assert found.share == pytest.approx(4 / 15)
    assert found.area_m2(found.missed) == 11
    assert math.isnan(coverage(GRID, heights, np.zeros(GRID.shape, dtype=np.bool_)).share)
    assert widened(visited, 1)[:, :3].all()
    assert widened(visited, 99).all()


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=40))
def test_components_are_what_edges_join(edges: list[tuple[int, int]]) -> None:
    pairs = np.array(edges, dtype=np.int64).reshape(-1, 2)
    found = components(20, pairs[:, 0], pairs[:, 1]).tolist()
    known = list(range(20))
    for _ in range(20):
        for one, other in edges:
            known[one] = known[other] = min(known[one], known[other])
    assert found == known
