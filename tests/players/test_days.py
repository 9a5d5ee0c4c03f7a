import pytest
from hypothesis import given, settings

from console.players.days import pause_days, presence
from console.players.profiles import DAY_US, Profile
from tests.players.made_profiles import HOUR_US, TODAY, instants, on, played, profiles, session


@pytest.mark.parametrize(
    ("days", "pause"),
    [
        ((0,), 2.0),
        ((0, 1), 2.0),
        ((0, 30), 2.0),
        ((0, 1, 2), 1.0),
        ((0, 3, 6), 3.0),
        ((0, 1, 4), 2.0),
        ((0, 1, 2, 6, 10), 2.5),
        ((0, 20, 40), 14.0),
        ((0, 50, 100, *range(101, 110)), 1.0),  # the long pauses are not among the last ten days
        ((0, 90, *range(100, 200, 10)), 10.0),
    ],
)
def test_the_usual_pause_is_the_median_between_the_last_active_days(days: tuple[int, ...], pause: float) -> None:
    assert pause_days(days) == pause


def test_first_and_last_seen_are_active_days_too() -> None:
    """Of a registration or a purchase there is no event, so no day in the list."""
    known = presence(played(0, 9, days=(TODAY + 3, TODAY + 5)), on(20))
    assert known.days == tuple(TODAY + day for day in (0, 3, 5, 9))
    assert presence(played(4, days=()), on(4)).days == (TODAY + 4,)


def test_before_a_player_was_first_seen_it_is_that_instant() -> None:
    profile = played(0, 5)
    known = presence(profile, on(-10))
    assert (known.now_us, known.first_us, known.last_us) == (profile.first_seen_us,) * 3
    assert known.days == (TODAY,)
    assert known.away_us == 0


def test_of_the_past_sessions_tell_when_a_player_was_there() -> None:
    profile = played(0, 3, 9, sessions=(session(0.5), session(3.25, hours=2), session(9.5)))
    known = presence(profile, on(7))
    assert known.last_us == on(3.25) + 2 * HOUR_US
    assert known.days == (TODAY, TODAY + 3)
    assert presence(profile, on(3.25) + HOUR_US).last_us == on(3.25) + HOUR_US  # in the middle of a session


def test_of_a_past_day_without_a_session_the_end_counts() -> None:
    profile = played(0, 3, 9, sessions=(session(0.5),))
    assert presence(profile, on(7)).last_us == on(4) - 1
    assert presence(profile, on(3.5)).away_us == 0


@settings(deadline=None)
@given(profiles(), instants)
def test_a_presence_is_in_order(profile: Profile, now_us: int) -> None:
    known = presence(profile, now_us)
    assert known.first_us <= known.last_us <= known.now_us
    assert known.days
    assert list(known.days) == sorted(set(known.days))
    assert known.days[0] == known.first_us // DAY_US
    assert known.days[-1] <= known.now_us // DAY_US
    assert known.last_us // DAY_US in known.days
    assert known.now_us == max(now_us, profile.first_seen_us)
