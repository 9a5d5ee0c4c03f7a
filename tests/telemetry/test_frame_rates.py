"""Histograms of frame rates: an algebra, and percentiles and shares that agree with the exact ones."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.telemetry.frame_rates import (
    BIN_FPS,
    BINS,
    RateHistogram,
    SessionAverages,
    difference,
    student_t_975,
)

samples = st.lists(st.tuples(st.floats(0, 400), st.integers(1, 100)), min_size=1, max_size=30)
Pairs = list[tuple[float, int]]


def histogram(pairs: Pairs) -> RateHistogram:
    table = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return RateHistogram.of_rates(table[:, 0], table[:, 1])


@given(samples, samples)
def test_adding_is_counting_together(one: Pairs, other: Pairs) -> None:
    added = histogram(one) + histogram(other)
    assert np.allclose(added.seconds, histogram(other + one).seconds)
    assert np.array_equal((added + histogram([])).seconds, added.seconds)


@given(samples, st.floats(0, 100))
def test_percentiles_lie_within_a_bin_of_the_exact_ones(pairs: Pairs, percent: float) -> None:
    ordered = np.repeat([fps for fps, _ in sorted(pairs)], [seconds for _, seconds in sorted(pairs)])
    made = histogram(pairs)
    found = made.percentile(percent)
    low, high = (np.percentile(ordered, percent, method=method) for method in ("lower", "higher"))
    # Where the wanted share falls exactly between two samples, either of them is right.
    assert low - 2 * BIN_FPS <= found <= high + 2 * BIN_FPS
    assert made.share_below(found) == pytest.approx(percent / 100, abs=1e-6) or found in (low, high) or percent in (0,)


@given(samples, st.floats(0, 400), st.floats(0, 400))
def test_shares_grow_with_the_rate(pairs: Pairs, one: float, other: float) -> None:
    made = histogram(pairs)
    assert made.share_below(min(one, other)) <= made.share_below(max(one, other)) <= 1 + 1e-9
    assert made.percentile(5) <= made.percentile(50) <= made.percentile(95)
    assert made.shares_below(np.array([0.0, 1e9])) == pytest.approx([0, 1])


def test_nothing_played_says_nothing() -> None:
    empty = histogram([])
    assert math.isnan(empty.percentile(50))
    assert math.isnan(empty.share_below(60))
    assert RateHistogram.of_rates(np.array([math.nan, 1e9]), np.array([5.0, 2.0])).total == 2
    with pytest.raises(ValueError, match=f"has {BINS} bins"):
        RateHistogram(np.zeros(3))


def test_a_difference_says_how_sure_it_is() -> None:
    # Twenty sessions on either side; t for 38 degrees of freedom is 2.0244.
    clear = difference(SessionAverages(20, 40.0, 9.0), SessionAverages(20, 50.0, 9.0))
    assert clear.fps == -10
    assert clear.half_width == pytest.approx(2.0244 * math.sqrt(0.9), rel=1e-3)
    assert clear.clear
    assert not difference(SessionAverages(20, 49.9, 9.0), SessionAverages(20, 50.0, 9.0)).clear
    assert not difference(SessionAverages(3, 10.0, 1.0), SessionAverages(20, 50.0, 9.0)).clear
    assert math.isnan(difference(SessionAverages(1, 10.0, math.nan), SessionAverages(9, 5.0, 1.0)).half_width)
    assert difference(SessionAverages(9, 6.0, 0.0), SessionAverages(9, 5.0, 0.0)).clear


@pytest.mark.parametrize(("freedom", "exact"), [(1, 12.706), (2, 4.303), (3, 3.182), (5, 2.571), (30, 2.042)])
def test_students_t(freedom: float, exact: float) -> None:
    assert student_t_975(freedom) == pytest.approx(exact, rel=0.01)
