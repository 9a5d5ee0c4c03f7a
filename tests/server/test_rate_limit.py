"""The token bucket of each address."""

import pytest

from console.server.rate_limit import RateLimiter, address_of


def admitted(limiter: RateLimiter, rate: float, instants: list[float], address: str = "a") -> list[bool]:
    return [limiter.wait_secs(address, rate, now) == 0.0 for now in instants]


def test_a_burst_of_one_second_is_admitted_then_refused() -> None:
    limiter = RateLimiter()
    assert admitted(limiter, 10.0, [5.0] * 12) == [True] * 10 + [False] * 2


def test_a_steady_stream_at_the_rate_is_never_refused() -> None:
    limiter = RateLimiter()
    assert all(admitted(limiter, 10.0, [index * 0.1 for index in range(1000)]))


def test_refused_requests_cost_nothing() -> None:
    limiter = RateLimiter()
    admitted(limiter, 10.0, [0.0] * 500)
    assert admitted(limiter, 10.0, [0.11, 0.11]) == [True, False]


def test_the_wait_is_when_the_next_one_is_admitted() -> None:
    limiter = RateLimiter()
    admitted(limiter, 10.0, [0.0] * 10)
    wait = limiter.wait_secs("a", 10.0, 0.0)
    assert wait == pytest.approx(0.1)
    assert admitted(limiter, 10.0, [wait]) == [True]


def test_a_rate_below_one_still_admits_single_requests() -> None:
    assert admitted(RateLimiter(), 0.5, [0.0, 1.0, 2.0, 3.9, 4.1]) == [True, False, True, False, True]


def test_addresses_do_not_share_a_bucket() -> None:
    limiter = RateLimiter()
    assert admitted(limiter, 1.0, [0.0, 0.0]) == [True, False]
    assert admitted(limiter, 1.0, [0.0], "b") == [True]


def test_a_raised_rate_refills_faster_at_once() -> None:
    limiter = RateLimiter()
    admitted(limiter, 10.0, [0.0] * 10)
    assert admitted(limiter, 1000.0, [0.01] * 11) == [True] * 10 + [False]


def test_the_table_stays_bounded_and_keeps_the_busy_ones() -> None:
    limiter = RateLimiter(max_addresses=100)
    for index in range(1000):
        limiter.wait_secs(f"old {index}", 10.0, float(index))
    assert len(limiter) <= 101
    for index in range(1000):  # all at one instant: none has refilled
        limiter.wait_secs(f"new {index}", 1.0, 5000.0)
    assert len(limiter) <= 101
    assert limiter.wait_secs("new 999", 1.0, 5000.0) > 0


@pytest.mark.parametrize(
    ("peer", "address"),
    [("::ffff:10.0.0.1", "10.0.0.1"), ("10.0.0.1", "10.0.0.1"), ("::1", "::1"), ("::ffff:a00:1", "::ffff:a00:1")],
)
def test_an_ipv4_client_on_an_ipv6_socket_is_the_ipv4_client(peer: str, address: str) -> None:
    assert address_of(peer) == address
