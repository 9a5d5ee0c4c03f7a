import pytest

from console.server.rates import SlidingRate


def test_rate_is_the_growth_over_the_last_two_seconds() -> None:
    rate = SlidingRate()
    assert rate.sample(0.0, 500) == 0.0
    for step in range(1, 41):
        value = rate.sample(step * 0.25, 500 + step * 25)
        assert value == pytest.approx(100.0)


def test_a_burst_is_forgotten_after_the_window() -> None:
    rate = SlidingRate()
    for step in range(4):
        rate.sample(step * 0.25, 0)
    assert rate.sample(1.0, 1000) == pytest.approx(1000.0)
    values = [rate.sample(1.0 + step * 0.25, 1000) for step in range(1, 13)]
    assert values[3] == pytest.approx(500.0)
    assert values[-1] == 0.0


def test_a_pause_in_sampling_stretches_the_window() -> None:
    rate = SlidingRate()
    rate.sample(0.0, 0)
    assert rate.sample(10.0, 1000) == pytest.approx(100.0)
