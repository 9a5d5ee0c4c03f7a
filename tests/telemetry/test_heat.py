"""Grids, their sums, and what a picture makes of them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from console.telemetry.coordinates import matrix_to_viewer
from console.telemetry.heat import (
    BESIDE,
    BIN_RATIO,
    MAX_CELLS,
    OTHER_HEIGHT,
    Grid,
    Heat,
    Totals,
    difference,
    quantiles,
    rate_bin,
    ratio,
    shares,
    smoothed,
)

BOX = ((-1.0, 0.0, 0.0), (2.5, 1.9, 3.0))
small = arrays(np.float64, (6, 5), elements=st.floats(0, 100))


def test_a_grid_covers_a_box_and_grows_its_cells_rather_than_their_number() -> None:
    grid = Grid.over(BOX, 1.0, low=0.0, high=2.0)
    assert (grid.x, grid.y, grid.columns, grid.rows) == (-1, 0, 4, 2)
    assert (grid.right, grid.top, grid.cells) == (3, 2, 8)
    points = np.array(
        [[-1, 0, 0], [2.9, 1.9, 2], [0, 0, 5], [1e9, 0, 0], [-1.001, 0, 0], [0, 2.0, 0], [1e300, 1e300, 0]]
    )
    assert grid.numbers(points).tolist() == [0, 7, OTHER_HEIGHT, BESIDE, BESIDE, BESIDE, BESIDE]
    assert grid.cell_at(2.9, 1.9) == (1, 3)
    assert grid.cell_at(3.0, 0.0) is None
    assert grid.centre(1, 3) == (2.5, 1.5)
    far = Grid.over(((-1e9, -1e9, 0), (1e9, 1e9, 0)), 0.25)
    assert far.cells <= MAX_CELLS
    assert far.x <= -1e9 < 1e9 < far.right
    for wrong in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="must be positive"):
            Grid.over(BOX, wrong)


@given(arrays(np.float64, (4, 3), elements=st.floats(-50, 50)), st.sampled_from(["unity", "unreal", "quake"]))
def test_the_matrix_for_the_store_tells_the_same_cells(points: np.ndarray, axes: str) -> None:
    grid = Grid.over(((-20, -20, 0), (20, 20, 9)), 0.7)
    to_viewer = matrix_to_viewer(axes)  # type: ignore[arg-type]
    rows = np.array(grid.from_game(to_viewer)).reshape(3, 4)
    by_store = points @ rows[:, :3].T + rows[:, 3]
    seen = points @ to_viewer[:3, :3].T
    known = grid.numbers(seen)
    for (column, row, height), cell, place in zip(by_store, known.tolist(), seen, strict=True):
        assert math.isclose(height, place[2], abs_tol=1e-9)
        if cell >= 0 and min(column % 1, row % 1) > 1e-6:
            assert cell == math.floor(row) * grid.columns + math.floor(column)


def test_sums_grow_and_what_no_cell_holds_is_counted() -> None:
    heat = Heat(Grid.over(BOX, 1.0))
    heat.add(np.array([0, 0, 7, BESIDE, OTHER_HEIGHT]), np.array([1, 2, 4, 8, 16]), np.array([0.5, 1, 2, 4, 8]))
    heat.add(np.array([7]), np.array([1]), np.array([1.0]), players=np.array([3]))
    assert heat.samples.ravel()[[0, 7]].tolist() == [3, 5]
    assert heat.seconds.ravel()[[0, 7]].tolist() == [1.5, 3]
    assert heat.players.sum() == 3
    assert (heat.beside, heat.other_height) == (8, 16)


def test_frame_rates_are_quantiles_of_time() -> None:
    heat = Heat(Grid.over(BOX, 1.0))
    rates = np.array([60.0, 20.0, 60.0, np.nan])
    seconds = np.array([90.0, 10.0, 5.0, 5.0])
    for _ in range(70):  # more parts than are kept apart
        heat.add(
            np.array([0, 0, 3, 3]),
            np.ones(4),
            seconds,
            bins=rate_bin(rates),
            rate_seconds=np.nan_to_num(rates) * seconds,
        )
    assert heat.rate_quantile(0.05).ravel()[0] == pytest.approx(20, rel=0.03)
    assert heat.rate_quantile(0.5).ravel()[[0, 3]] == pytest.approx(60, rel=0.03)
    assert np.isnan(heat.rate_quantile(0.5).ravel()[1])
    assert ratio(heat.rate_seconds, heat.seconds, 0).ravel()[0] == pytest.approx(56)
    assert heat.unrated == 70


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(1, 400), st.floats(0.1, 50)), min_size=1, max_size=30))
def test_a_quantile_has_its_share_of_the_weight_below_it(rows: list[tuple[int, float, float]]) -> None:
    cells, values, weights = (np.array(column) for column in zip(*rows, strict=True))
    found = quantiles(cells.astype(np.int64), rate_bin(values.astype(np.float64)), weights.astype(np.float64), 0.25, 4)
    for cell in range(4):
        mine = cells == cell
        if not mine.any():
            assert np.isnan(found[cell])
            continue
        total = weights[mine].sum()
        assert weights[mine & (values <= found[cell] / BIN_RATIO)].sum() <= 0.25 * total * (1 + 1e-9)
        assert weights[mine & (values <= found[cell] * BIN_RATIO)].sum() >= 0.25 * total * (1 - 1e-9)


@given(small, st.floats(0, 2))
def test_smoothing_keeps_the_sum_and_the_mean_of_a_constant(values: np.ndarray, radius: float) -> None:
    assert smoothed(values, radius).sum() == pytest.approx(values.sum())
    assert (smoothed(values, radius) >= 0).all()
    weights = values + 1
    assert ratio(7 * weights, weights, radius) == pytest.approx(np.full(values.shape, 7.0))


@given(small, small)
def test_a_difference_turns_its_sign_with_its_sides(first: np.ndarray, second: np.ndarray) -> None:
    assert (difference(first, second) == -difference(second, first)).all()


def test_shares_of_a_scale() -> None:
    values = np.array([0.0, 1.0, 10.0, 100.0, 1000.0, np.nan])
    assert shares(values, 1, 100, log=True)[:5] == pytest.approx([0, 0, 0.5, 1, 1])
    assert shares(values, 0, 100)[:5] == pytest.approx([0, 0.01, 0.1, 1, 1])
    assert np.isnan(shares(values, 0, 100)[5])
    assert shares(values, 5, 5)[0] == 1


def test_amounts_per_session_and_minute() -> None:
    totals = Totals(sessions=4, seconds=120)
    assert [totals.divisor(per) for per in ("absolute", "session", "minute")] == [1, 4, 2]
    assert math.isnan(Totals().divisor("session"))
