"""What was visited of a two-storey house with a garden, against rays and samples looked at one by one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trimesh import Trimesh
from trimesh.creation import box
from trimesh.util import concatenate

from console.telemetry.coverage import MOST_COUNTED, Coverage, Visits, band_of, counting_grid, coverage, height_steps
from console.telemetry.ground import ABOVE_M, BELOW_M, Ground, components
from console.telemetry.heat import Grid

CELL = 0.5


def block(*ends: float) -> Trimesh:
    """A box from x, y, z to x, y, z."""
    found: Trimesh = box(bounds=np.reshape(ends, (2, 3)))
    return found


def ramp(x0: float, x1: float, y0: float, y1: float, top: float) -> Trimesh:
    """A solid that rises along y."""
    corners = [(x, y, z) for y, z in ((y0, 0.0), (y1, 0.0), (y1, top)) for x in (x0, x1)]
    faces = [(0, 2, 1), (1, 2, 3), (0, 1, 5), (0, 5, 4), (2, 4, 3), (3, 4, 5), (1, 3, 5), (0, 4, 2)]
    return Trimesh(corners, faces, process=False)


def house(*, with_ramp: bool = True) -> Trimesh:
    """A garden of 20 × 20 m; on it 8 × 8 m with an upper floor at 3 m and a roof at 6 m.

    From the ground floor a ramp rises along the east wall, through a hole in the upper floor. Inside are a crate and a
    wardrobe, which nobody can climb.
    """
    parts = [
        block(-6, -6, -0.3, 14, 14, 0),
        block(0, 0, 2.7, 6, 8, 3),
        block(6, 6, 2.7, 8, 8, 3),
        block(0, 0, 5.7, 8, 8, 6),
        block(0, 0, 0, 0.2, 8, 5.7),
        block(2, 2, 0, 3.5, 3.5, 0.8),
        block(4, 2, 0, 5.5, 3.5, 1.6),
    ]
    if with_ramp:
        parts.append(ramp(6.5, 8, 0.5, 6, 3))
    found = concatenate(parts)
    assert isinstance(found, Trimesh)
    return found


def ground_of(mesh: Trimesh, *, turned: bool = False, cell_m: float = CELL, **options: bool) -> Ground:
    low, high = mesh.bounds.tolist()
    faces = mesh.faces[:, ::-1] if turned else mesh.faces
    return Ground.of(np.asarray(mesh.vertices), faces, Grid.over((tuple(low), tuple(high)), cell_m), **options)


@pytest.fixture(scope="module")
def ground() -> Ground:
    return ground_of(house())


def spots_over(ground: Ground, x: float, y: float) -> list[float]:
    cell = ground.grid.cell_at(x, y)
    assert cell is not None
    heights: list[float] = ground.height[ground.cell == cell[0] * ground.grid.columns + cell[1]].tolist()
    return heights


def visited_at(ground: Ground, points: np.ndarray, reach: int = 0) -> Coverage:
    visits = Visits(ground)
    visits.add(ground.grid.numbers(points), height_steps(points[:, 2]), np.ones(len(points), dtype=np.int64))
    return coverage(ground, visits.samples > 0, reach=reach)


def test_floors_above_one_another_are_told_apart(ground: Ground) -> None:
    assert spots_over(ground, -3.2, -3.2) == [0]
    assert spots_over(ground, 1.2, 6.2) == pytest.approx([0, 3, 6])
    assert spots_over(ground, 2.7, 2.7) == pytest.approx([0.8, 3, 6]), "nobody stands inside of a crate"
    assert spots_over(ground, 4.7, 2.7) == pytest.approx([1.6, 3, 6]), "nor of a wardrobe"
    assert spots_over(ground, 7.2, 3.2)[0] == pytest.approx(1.5, abs=0.2), "the ramp"
    assert ground.storeys == 3
    assert [2 < ground.cuts[0] < 3, 5 < ground.cuts[1] < 6] == [True, True]
    assert not ground.inside_out
    assert set(ground.layer[ground.height > 5.9]) <= {1, 2, 3}
    # The wrong way around, with a mirror, and with none of it.
    for other in (ground_of(house(), turned=True), ground_of(house(), turned=True, mirrored=True)):
        assert other.height.tolist() == pytest.approx(ground.height.tolist())
    assert ground_of(house(), turned=True).inside_out
    empty = Ground.of(np.empty((0, 3)), np.empty((0, 3), dtype=np.uint32), ground.grid)
    assert (len(empty), empty.storeys) == (0, 0)
    assert empty.spots_at(np.array([0]), np.array([0.0])).tolist() == [-1]
    assert math.isnan(coverage(empty, np.empty(0, dtype=np.bool_)).share)


def test_hills_are_not_divided_and_walls_and_steep_ground_are_none() -> None:
    x, y = np.meshgrid(np.arange(31.0), np.arange(31.0))
    hill = np.column_stack([x.ravel(), y.ravel(), 8 * np.sin(x / 10).ravel() * np.sin(y / 10).ravel()])
    corner = (np.arange(30)[:, None] * 31 + np.arange(30)).ravel()
    faces = np.concatenate(
        [np.column_stack([corner, corner + 1, corner + 32]), np.column_stack([corner, corner + 32, corner + 31])]
    )
    ground = Ground.of(hill, faces, Grid(0, 0, 4.0, 7, 7))
    assert ground.storeys == 1
    assert len(set(ground.whole.tolist())) == 1, "it hangs together in cells of any size"
    assert len(ground) == 49
    steep = np.array([(0, 0, 0), (1, 0, 5), (1, 4, 5)], dtype=np.float64)
    assert len(Ground.of(steep, np.array([[0, 1, 2]]), Grid(0, 0, 1, 3, 3))) == 0


def test_the_ground_is_what_rays_meet(ground: Ground) -> None:
    """Straight down through each cell's middle, surfaces by their normals, one by one."""
    mesh = house()
    for row in range(1, ground.grid.rows - 1, 3):
        for column in range(1, ground.grid.columns - 1, 3):
            x, y = ground.grid.centre(row, column)
            x, y = x + 1e-4, y + 2e-4  # beside edges
            met: list[tuple[float, bool]] = []
            for (a, b, c), normal in zip(mesh.triangles, mesh.face_normals, strict=True):
                if abs(normal[2]) < math.cos(math.radians(46)):
                    continue
                sides = [(q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0]) for p, q in ((a, b), (b, c), (c, a))]
                if min(sides) >= 0 or max(sides) <= 0:
                    z = a[2] - (normal[0] * (x - a[0]) + normal[1] * (y - a[1])) / normal[2]
                    met.append((round(float(z), 6), bool(normal[2] > 0)))
            # Inside of so many solids: a floor is where the last one ends, and nothing begins within a body's height.
            events = sorted(set(met), key=lambda one: (one[0], one[1]))
            inside, expected = 0, []
            for number, (z, faces_up) in enumerate(events):
                inside += -1 if faces_up else 1
                later = [other for other, up in events[number + 1 :] if not up]
                same = [other for other, up in events if not up and abs(other - z) < 0.01]
                if faces_up and inside == 0 and not same and (not later or later[0] - z >= 0.9):
                    expected.append(z)
            found = spots_over(ground, x, y)
            assert found == pytest.approx(expected, abs=0.03), (x, y)


def test_a_sample_is_of_the_floor_below(ground: Ground) -> None:
    random = np.random.default_rng(5)
    cells = random.integers(-2, ground.grid.cells, 4000)
    heights = random.uniform(-3, 12, 4000)
    found = ground.spots_at(cells, heights)
    for cell, z, spot in zip(cells.tolist(), heights.tolist(), found.tolist(), strict=True):
        below = [number for number in np.flatnonzero(ground.cell == cell).tolist() if ground.low[number] - BELOW_M <= z]
        expected = below[-1] if below and z - ground.high[below[-1]] <= ABOVE_M else -1
        assert spot == expected
    wild = np.array([np.inf, -np.inf, np.nan, 1e30])
    assert ground.spots_at(np.zeros(4, dtype=np.int64), wild).tolist() == [-1] * 4


def test_who_stayed_below_left_the_upper_floor_unvisited(ground: Ground) -> None:
    x, y = np.meshgrid(np.arange(-5.75, 14, 0.5), np.arange(-5.75, 14, 0.5))
    everywhere_below = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, 0.9)])
    found = visited_at(ground, everywhere_below)
    below, above, roof = found.storeys
    assert below.share > 0.95
    assert above.share == 0
    assert above.missed_m2 == pytest.approx(52, abs=2)
    assert math.isnan(roof.share)
    assert roof.cut_off_m2 == pytest.approx(64)
    largest = found.regions[0]
    assert largest.storey == 1
    assert largest.area_m2 == above.missed_m2
    assert largest.middle[2] == pytest.approx(3)
    low, high = band_of(found, largest)
    assert (low, high) == pytest.approx((largest.low[2] - 0.5, 5.2))
    assert (above.low, above.high) == pytest.approx((2.5, 5.2))
    assert found.share == pytest.approx(
        (below.visited_m2 + above.visited_m2)
        / (below.visited_m2 + below.missed_m2 + above.visited_m2 + above.missed_m2)
    )
    # Cut to the ground floor, only that is listed; floors are told of all the same.
    cut = coverage(ground, found.visited, low=-1, high=2)
    assert not cut.missed[ground.height > 2].any()
    assert len(cut.storeys) == 3
    # Without the ramp nobody can get there.
    shut = visited_at(ground_of(house(with_ramp=False)), everywhere_below)
    assert math.isnan(shut.storeys[1].share)
    assert all(region.storey == 0 for region in shut.regions)


def test_reach_goes_along_the_ground_and_not_through_floors(ground: Ground) -> None:
    once = visited_at(ground, np.array([[1.2, 6.2, 0.9]]))
    around = visited_at(ground, np.array([[1.2, 6.2, 0.9]]), reach=1)
    assert int(once.visited.sum()) == 1
    assert int(around.visited.sum()) == 9
    assert ground.height[around.visited].max() < 1
    # On an edge, where the cell's own middle is beside the floor, it is the neighbour's.
    visits = Visits(ground)
    assert visits.add(np.array([ground.grid.cells - 1, -1]), np.array([0, 0]), np.array([3, 2]))
    assert (visits.samples.sum(), visits.off_ground) == (3, 2)
    assert not visits.add(np.array([ground.grid.cells - 1]), np.array([0]), np.array([1]))
    assert coverage(ground, visits.samples > 0).visited.any()


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=40))
def test_components_are_what_edges_join(edges: list[tuple[int, int]]) -> None:
    pairs = np.array(edges, dtype=np.int64).reshape(-1, 2)
    found = components(20, pairs[:, 0], pairs[:, 1]).tolist()
    known = list(range(20))
    for _ in range(20):
        for one, other in edges:
            known[one] = known[other] = min(known[one], known[other])
    assert found == known


@pytest.mark.parametrize("turned", [False, True])
def test_coarse_cells_find_the_same_floors(turned: bool) -> None:
    # Mouldings over every wall, each far smaller than a cell.
    mouldings = [
        block(x, y, 0.4 * step, x + 0.3, y + 0.3, 0.4 * step + 0.1)
        for step in range(2, 14)
        for x, y in ((-0.5 + 0.6 * step, -0.5), (-0.5, -0.5 + 0.6 * step), (8.2, -0.5 + 0.6 * step))
    ]
    level = concatenate([block(-6.5, -6.5, -0.3, 53.5, 53.5, 0), block(10.5, 10.5, 3.7, 50.5, 50.5, 4), *mouldings])
    assert isinstance(level, Trimesh)
    fine, *coarse = (ground_of(level, turned=turned, cell_m=size) for size in (0.5, 2.0, 4.0))
    for ground in (fine, *coarse):
        assert ground.inside_out == turned
        assert ground.cuts == pytest.approx([3.7], abs=0.4)
        area = ground.whole_cell.sum() * ground.grid.cell_m**2
        assert area == pytest.approx(60 * 60 + 40 * 40, rel=0.1)


def test_areas_and_shares_do_not_depend_on_the_cells_that_are_looked_at() -> None:
    # Ledges every 90 cm up a wall: within a coarse cell they would be a way to the roof, which nobody can get to.
    ledges = [block(x, 0, 0.9 * step, x + 0.4, 0.4, 0.9 * step + 0.1) for step in range(1, 7) for x in (step, step + 9)]
    level = concatenate(
        [block(-20, -20, -0.3, 30, 30, 0), block(8, 8, 0, 20, 20, 6), block(-5, 8, 0, 5, 20, 6), *ledges]
    )
    assert isinstance(level, Trimesh)
    low, high = level.bounds.tolist()
    x, y = np.meshgrid(np.arange(-19.9, 5, 0.25), np.arange(-19.9, 30, 0.25))
    walked = np.column_stack([x.ravel(), y.ravel(), np.full(x.size, 0.9)])
    for size in (0.25, 0.5, 1.0, 2.0, 4.0, 8.0):
        grid, by = counting_grid((tuple(low), tuple(high)), size)
        assert (grid.cell_m, grid.cell_m * by) == (min(size, 0.5), size)
        ground = Ground.of(np.asarray(level.vertices), level.faces, grid, by=by)
        found = visited_at(ground, walked, round(1.0 / grid.cell_m))
        assert found.reached_m2 == pytest.approx(50 * 50 - 12 * 12 - 10 * 12, rel=0.02)
        assert found.cut_off_m2 == pytest.approx(12 * 12 + 10 * 12, rel=0.05)
        assert found.share == pytest.approx((26 * 50 - 10 * 12) / (50 * 50 - 12 * 12 - 10 * 12), abs=0.01)
        assert found.storeys[0].share == pytest.approx(found.share, abs=0.01)
        # What is shown is of whole cells; listed regions are no larger than what was missed.
        for mask in (found.visited, found.missed, found.cut_off):
            assert (mask == mask[ground.part]).all()
        assert sum(region.area_m2 for region in found.regions) == pytest.approx(found.missed_m2, rel=0.2)
        assert sum(region.area_m2 for region in found.regions) <= found.missed_m2


def test_an_enormous_level_is_counted_in_larger_cells() -> None:
    for side, size in ((100, 8.0), (1_000, 8.0), (1_000, 1.0), (100_000, 0.25)):
        grid, by = counting_grid(((0, 0, 0), (side, side, 9)), size)
        assert grid.cells <= MOST_COUNTED or by == 1
        assert grid.cell_m * by == pytest.approx(Grid.over(((0, 0, 0), (side, side, 9)), size).cell_m)
        assert side > 200 or grid.cell_m == 0.5
