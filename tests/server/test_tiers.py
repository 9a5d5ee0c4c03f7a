"""Rate tiers, with a clock that stands still until it is moved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.players.definitions import Tier
from console.server.errors import ApiError
from console.server.player_api.tiers import TIERS, Tiers


class Clock:
    def __init__(self) -> None:
        self.secs = 1000.0

    def __call__(self) -> float:
        return self.secs


def admitted(tiers: Tiers, tier: Tier, tries: int) -> int:
    count = 0
    refusals: list[ApiError] = []
    for _ in range(tries):
        try:
            tiers.take_request("key", tier)
        except ApiError as error:
            refusals.append(error)
        else:
            count += 1
    assert all(error.status == 429 and int(error.headers["Retry-After"]) >= 1 for error in refusals)
    return count


@pytest.mark.parametrize(("tier", "per_minute"), [("free", 100), ("growth", 1_000), ("pro", 10_000)])
def test_a_minute_of_requests_may_come_at_once_then_they_trickle(tier: Tier, per_minute: int) -> None:
    clock = Clock()
    tiers = Tiers(clock)
    assert admitted(tiers, tier, per_minute + 50) == per_minute
    clock.secs += 6
    assert admitted(tiers, tier, per_minute) == per_minute // 10


def test_enterprise_has_no_limit_and_no_headers() -> None:
    tiers = Tiers(Clock())
    assert admitted(tiers, "enterprise", 20_000) == 20_000
    tiers.take_events("key", "enterprise", 10**6)
    assert tiers.headers("key", "enterprise") == {}


def test_events_have_a_burst_of_ten_seconds() -> None:
    clock = Clock()
    tiers = Tiers(clock)
    tiers.take_events("key", "free", 60)
    tiers.take_events("key", "free", 40)
    with pytest.raises(ApiError) as refused:
        tiers.take_events("key", "free", 10)
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "1")
    clock.secs += 1
    tiers.take_events("key", "free", 10)


def test_a_batch_over_the_burst_is_refused_for_good_and_named() -> None:
    with pytest.raises(ApiError) as refused:
        Tiers(Clock()).take_events("key", "free", 101)
    assert refused.value.status == 400
    assert "at most 100 events" in refused.value.message


def test_keys_do_not_share() -> None:
    tiers = Tiers(Clock())
    tiers.take_events("one", "free", 100)
    tiers.take_events("two", "free", 100)


def test_another_tier_holds_at_once() -> None:
    tiers = Tiers(Clock())
    assert admitted(tiers, "free", 200) == 100
    assert admitted(tiers, "growth", 2_000) == 1_000
    assert admitted(tiers, "enterprise", 2_000) == 2_000
    assert admitted(tiers, "free", 200) == 100


def test_headers_tell_quota_rest_and_reset() -> None:
    clock = Clock()
    tiers = Tiers(clock)
    assert tiers.headers("key", "free")["RateLimit"] == '"requests";r=100;t=0, "events";r=100;t=0'
    tiers.take_request("key", "free")
    tiers.take_events("key", "free", 25)
    headers = tiers.headers("key", "free")
    assert headers["RateLimit-Policy"] == '"requests";q=100;w=60, "events";q=100;w=10'
    assert headers["RateLimit"] == '"requests";r=99;t=1, "events";r=75;t=3'
    clock.secs += 60
    assert tiers.headers("key", "free")["RateLimit"] == '"requests";r=100;t=0, "events";r=100;t=0'


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 100)), max_size=60))
def test_never_more_events_than_burst_and_rate(steps: list[tuple[float, int]]) -> None:
    clock = Clock()
    tiers = Tiers(clock)
    limits = TIERS["free"]
    assert limits is not None
    taken, started = 0, clock.secs
    for pause_secs, count in steps:
        clock.secs += pause_secs
        try:
            tiers.take_events("key", "free", count)
        except ApiError:
            continue
        taken += count
        assert taken <= limits.most_events + (clock.secs - started) * limits.events_per_second + 1e-6
