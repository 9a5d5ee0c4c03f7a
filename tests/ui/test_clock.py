"""The clock that all views follow."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.ui.clock import Clock, TimeRange

SECOND = 1_000_000


class Told:
    """Counts a clock's signals."""

    def __init__(self, clock: Clock) -> None:
        self.names: list[str] = []
        for name in ("moved", "range_changed", "state_changed", "extent_changed"):
            getattr(clock, name).connect(lambda name=name: self.names.append(name))

    def take(self) -> list[str]:
        names, self.names = self.names, []
        return names


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def clock(qapp: object, now: list[float]) -> Clock:
    clock = Clock(monotonic=lambda: now[0])
    clock.set_extent(TimeRange(0, 100 * SECOND))
    return clock


def pass_secs(clock: Clock, now: list[float], secs: float) -> None:
    now[0] += secs
    clock.advance()


def test_while_following_the_cursor_is_the_newest_moment_and_everything_is_shown(clock: Clock) -> None:
    told = Told(clock)
    clock.set_extent(TimeRange(0, 101 * SECOND))
    assert (clock.cursor_us, clock.shown) == (101 * SECOND, (None, None))
    assert told.take() == ["extent_changed", "moved"]
    clock.set_extent(TimeRange(0, 101 * SECOND))
    assert told.take() == []


def test_seeking_leaves_the_present_and_following_returns_to_it(clock: Clock) -> None:
    told = Told(clock)
    clock.seek(5 * SECOND)
    assert clock.shown == (None, 5 * SECOND)
    clock.set_extent(TimeRange(0, 200 * SECOND))
    assert clock.cursor_us == 5 * SECOND
    clock.set_range(TimeRange(SECOND, 9 * SECOND))
    assert clock.shown == (SECOND, 5 * SECOND)
    clock.seek(50 * SECOND)
    assert clock.range is None, "outside of the range it is given up"
    told.take()
    clock.follow()
    assert (clock.following, clock.cursor_us, clock.shown) == (True, 200 * SECOND, (None, None))
    assert told.take() == ["state_changed", "moved"]


def test_playing_goes_on_with_time_and_ends_at_the_end(clock: Clock, now: list[float]) -> None:
    clock.seek(90 * SECOND)
    clock.set_speed(4.0)
    clock.play()
    pass_secs(clock, now, 2)
    assert (clock.cursor_us, clock.playing) == (98 * SECOND, True)
    pass_secs(clock, now, 2)
    assert (clock.cursor_us, clock.playing) == (100 * SECOND, False)
    clock.set_looping(True)
    clock.play()
    assert clock.cursor_us == 0, "from the start, when it stands at the end"
    clock.toggle()
    assert not clock.playing
    with pytest.raises(ValueError, match="the speed must be one of"):
        clock.set_speed(3.0)


def test_a_looped_range_is_played_again_and_again(clock: Clock, now: list[float]) -> None:
    clock.set_range(TimeRange(10 * SECOND, 20 * SECOND))
    clock.set_looping(True)
    clock.play()
    for _ in range(5):
        pass_secs(clock, now, 3)
        assert clock.cursor_us is not None
        assert 10 * SECOND <= clock.cursor_us < 20 * SECOND
    clock.pause()


def test_gaps_are_jumped_over_and_behind_the_last_play_is_the_end(clock: Clock, now: list[float]) -> None:
    clock.set_busy([TimeRange(60 * SECOND, 70 * SECOND), TimeRange(0, 10 * SECOND), TimeRange(5 * SECOND, 12 * SECOND)])
    clock.set_skipping_gaps(True)
    clock.seek(11 * SECOND)
    clock.play()
    pass_secs(clock, now, 0.5)
    assert clock.cursor_us == 11.5 * SECOND
    pass_secs(clock, now, 1)
    assert clock.cursor_us == 60 * SECOND
    pass_secs(clock, now, 11)
    assert (clock.cursor_us, clock.playing) == (100 * SECOND, False)


moments = st.integers(-10, 120).map(lambda secs: secs * SECOND)
acts = st.one_of(
    st.tuples(st.just("seek"), moments),
    st.tuples(st.just("set_range"), st.tuples(moments, moments).map(lambda pair: TimeRange(min(pair), max(pair)))),
    st.tuples(st.just("set_range"), st.none()),
    st.tuples(st.just("set_extent"), moments.filter(lambda at: at > 0).map(lambda at: TimeRange(0, at))),
    st.sampled_from([("follow",), ("play",), ("pause",), ("toggle",), ("advance",)]),
)


@given(st.lists(acts, max_size=12))
@settings(max_examples=40, deadline=None)
def test_whatever_is_done_what_is_shown_makes_sense(qapp: object, done: list[tuple[object, ...]]) -> None:
    now = [0.0]
    clock = Clock(monotonic=lambda: now[0])
    clock.set_extent(TimeRange(0, 100 * SECOND))
    for name, *arguments in done:
        now[0] += 1.7
        before = clock.cursor_us, clock.following
        told = Told(clock)
        getattr(clock, str(name))(*arguments)
        assert ("moved" in told.names) >= (before != (clock.cursor_us, clock.following))
        if clock.following:
            assert clock.shown == (None, None)
            assert not clock.playing
            assert clock.range is None
        elif clock.range is not None:
            assert clock.cursor_us is not None
            assert clock.range.holds(clock.cursor_us)
    clock.pause()
