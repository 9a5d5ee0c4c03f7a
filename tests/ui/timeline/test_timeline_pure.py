"""The timeline without Qt's widgets: spans, lanes, ticks, pieces, marks, what is in sight."""

from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.columns import encode_columns
from console.messages import Columns
from console.telemetry.events import EventKind
from console.ui.clock import TimeRange
from console.ui.selection import Picked, Scope
from console.ui.timeline.lanes import Lanes
from console.ui.timeline.marks import Mark, Marks, bookmarked_events, rejections
from console.ui.timeline.pieces import Activity, LevelPieces, Piece
from console.ui.timeline.span import LEAST_US, Span, length_words, ruler, spanning
from console.ui.timeline.ticks import DEATH, FUNNEL, GAMEPLAY, Ticks
from console.ui.timeline.viewport import FIRST_LOOK_US, Viewport
from tests.ui.fakes import APP_ID, BUILD, NOW_US
from tests.ui.rows import event_row, rejected_row, request_row, trajectory_row
from tests.zones import BERLIN, living_in, needs_zones

SECOND = 1_000_000
DAY = 86_400 * SECOND
spans = st.builds(
    lambda start, length: Span(start, start + length), st.integers(0, 2**50), st.integers(LEAST_US, 2**45)
)


def lanes_answer(*sessions: tuple[str, str, float, float], known: int | None = None) -> Columns:
    """`(player, session, first, last)` in seconds after NOW_US."""
    count = len(sessions)
    times = [np.array([NOW_US + round(one[at] * SECOND) for one in sessions], "<i8") for at in (2, 3)]
    columns: dict[str, Any] = {
        "app_id": [APP_ID] * count,
        "session_id": [one[1] for one in sessions],
        "build_id": [BUILD] * count,
        "player_id": [one[0] for one in sessions],
        "first_seq": np.arange(1, count + 1, dtype="<i8"),
        "first_us": times[0],
        "last_us": times[1],
        "matching": np.full(count, count, "<i8"),
        "earliest_us": np.full(count, times[0].min(initial=NOW_US), "<i8"),
        "known": np.full(count, known or count, "<i8"),
    }
    return encode_columns(columns)


def ticks_answer(*found: tuple[str, float, str], kind: int = 2, upto: int = 100) -> Columns:
    """`(session, seconds, name)`."""
    count = len(found)
    columns: dict[str, Any] = {
        "app_id": [APP_ID] * count,
        "session_id": [one[0] for one in found],
        "kind": np.full(count, kind, "<u1"),
        "time_us": np.array([NOW_US + round(one[1] * SECOND) for one in found], "<i8"),
        "events": np.full(count, 3, "<i8"),
        "seq": np.arange(1, count + 1, dtype="<i8"),
        "request_id": np.arange(1, count + 1, dtype="<i8"),
        "index": np.zeros(count, "<i4"),
        "name": [one[2] for one in found],
        "level_id": [""] * count,
        "x": np.full(count, np.nan),
        "y": np.full(count, 1.0),
        "z": np.full(count, 1.0),
        "upto_seq": np.full(count, upto, "<i8"),
    }
    return encode_columns(columns)


# spans


@settings(max_examples=20)
@given(spans, st.floats(0, 1), st.floats(0.01, 100))
def test_zooming_keeps_the_moment_under_the_pointer(span: Span, share: float, factor: float) -> None:
    at = span.start_us + round(share * span.length_us)
    zoomed = span.zoomed(at, factor, 2**50)
    assert zoomed.length_us >= LEAST_US
    assert zoomed.x_of(at, 1_000) == pytest.approx(span.x_of(at, 1_000), abs=1)


@settings(max_examples=20)
@given(spans, st.integers(200, 4_000))
def test_a_ruler_marks_round_moments_that_do_not_touch(span: Span, width: int) -> None:
    marks = ruler(span, width)
    places = [span.x_of(at, width) for at, _ in marks]
    assert all(later - earlier >= 86 for earlier, later in pairwise(places)), "an hour may lack in half a day"
    assert all(span.holds(at) and words for at, words in marks)
    assert spanning(span.start_us, span.start_us).length_us == LEAST_US


@needs_zones
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
@pytest.mark.parametrize(("days", "hours"), [(8, 24), (4, 12), (2, 6), (1, 3), (0.4, 1)])
def test_a_ruler_marks_round_moments_where_the_clock_changes(day: str, days: float, hours: int) -> None:
    change = round(datetime.fromisoformat(f"{day}T01:00:00Z").timestamp() * SECOND)
    half = round(days / 2 * DAY)
    with living_in(BERLIN):
        marks = ruler(Span(change - half, change + half), 960)
        at = [datetime.fromtimestamp(at / SECOND) for at, _ in marks]  # noqa: DTZ006  # local, on purpose
    assert len(marks) >= 5
    assert {(moment.hour % hours, moment.minute, moment.second) for moment in at} == {(0, 0, 0)}
    assert hours < 24 or len({words for _, words in marks}) == len(marks) == 8, "each day once"


def test_lengths_are_told_in_two_words() -> None:
    lengths = (250_000, 4_200_000, 60 * SECOND, 200 * SECOND, 7_500 * SECOND, DAY, 3 * DAY + 4 * 3_600 * SECOND)
    words = ["250 ms", "4.2 s", "1 min", "3 min 20 s", "2 h 5 min", "1 day", "3 days 4 h"]
    assert [length_words(length) for length in lengths] == words
    with pytest.raises(ValueError, match="at least 2000 µs"):
        Span(0, 1)


# what is in sight


def test_at_first_the_newest_half_hour_is_shown_and_goes_along() -> None:
    view = Viewport()
    assert (view.span, view.show_moment(3), view.keep_up(3), view.show_present()) == (None, False, False, False)
    view.set_extent(TimeRange(0, 60 * SECOND), following=True)
    assert view.span == view.whole
    view.set_extent(TimeRange(0, DAY), following=True)
    assert view.span is not None
    assert view.span.length_us == FIRST_LOOK_US
    assert view.span.holds(DAY)
    assert view.span.end_us - DAY < FIRST_LOOK_US / 20, "and little of what nobody recorded"
    seen = view.span
    view.set_extent(TimeRange(-SECOND, DAY + 4 * SECOND), following=False)
    assert view.span == seen, "a moment or a range that is looked at does not slide away"
    view.set_extent(TimeRange(0, DAY), following=True)
    assert view.span == seen
    view.zoom(2, DAY)
    chosen = view.span
    view.set_extent(TimeRange(0, DAY + 5 * SECOND), following=True)
    assert view.span == chosen.moved(5 * SECOND), "a person's look goes along when it holds the newest moment"
    view.pan(-FIRST_LOOK_US)
    chosen = view.span
    view.set_extent(TimeRange(0, DAY + 9 * SECOND), following=True)
    assert view.span == chosen, "and stays elsewhere"
    assert view.show_moment(5 * SECOND)
    assert view.span.holds(5 * SECOND)
    assert (view.show_present(), view.show_present()) == (True, False)
    assert view.span.holds(DAY + 9 * SECOND)
    view.fit(TimeRange(SECOND, 2 * SECOND))
    assert view.span.length_us < 1.1 * SECOND
    view.fit()
    assert view.span == view.whole
    view.set_extent(None, following=True)
    assert view.span is None


@settings(max_examples=20)
@given(st.lists(st.tuples(st.floats(-8, 8), st.integers(0, 100 * SECOND)), max_size=8))
def test_nobody_gets_lost_outside_of_the_recording(steps: list[tuple[float, int]]) -> None:
    view = Viewport()
    view.set_extent(TimeRange(0, 100 * SECOND), following=False)
    assert view.whole is not None
    for zoom, at in steps:
        view.zoom(zoom, at)
        view.pan(at - 50 * SECOND)
        assert view.span is not None
        assert view.span.length_us <= view.whole.length_us
        assert view.whole.start_us <= view.span.start_us
        assert view.span.end_us <= view.whole.end_us


def test_playing_turns_the_page() -> None:
    view = Viewport()
    view.set_extent(TimeRange(0, 100 * SECOND), following=False)
    view.fit(TimeRange(0, 10 * SECOND))
    assert not view.keep_up(9 * SECOND)
    assert view.keep_up(10 * SECOND)
    assert view.span is not None
    assert view.span.start_us < 10 * SECOND < view.span.end_us
    view.fit()
    assert not view.keep_up(100 * SECOND), "there is no other page"


# lanes


def test_lanes_stand_as_in_the_dock_and_live_sessions_join_them() -> None:
    lanes = Lanes(lanes_answer(("b", "s1", 0, 9), ("a", "s2", 1, 5), ("c", "s3", 90, 95), known=7), NOW_US)
    assert [lane.player_id for lane in lanes.rows] == ["c", "a", "b"]
    assert (lanes.matching, lanes.known, lanes.extent) == (3, 7, TimeRange(NOW_US, NOW_US + 95 * SECOND))
    new = event_row(1, session_id="s4", player_id="d", time_us=NOW_US + 200 * SECOND)
    late = trajectory_row(2, session_id="s1", time_us=NOW_US + 8 * SECOND)
    unnamed = event_row(3, session_id="")
    assert lanes.note([new, late, unnamed], Scope(), NOW_US + 300 * SECOND)
    assert not lanes.note([new], Scope(), NOW_US)
    assert not lanes.note([event_row(4, session_id="s5")], Scope.of_sessions(APP_ID, ["s1"]), NOW_US)
    assert [lane.session_id for lane in lanes.rows] == ["s4", "s3", "s2", "s1"]
    assert [lanes.rows[row].number for row in lanes.row_of()] == list(range(4))
    assert lanes.row_of_key((APP_ID, "s1")) == 3
    assert lanes.row_of_key((APP_ID, "none")) is None
    assert lanes.rows[3].last_us == NOW_US + 13 * SECOND


def test_colours_go_by_the_order_in_which_sessions_came_to_be_known() -> None:
    lanes = Lanes(lanes_answer(("b", "s1", 50, 90), ("a", "s2", 10, 50)), NOW_US)
    lanes.note([event_row(7, session_id="s3", player_id="c", time_us=NOW_US)], Scope(), NOW_US + 90 * SECOND)
    assert lanes.in_order() == [(APP_ID, "s1", "b"), (APP_ID, "s2", "a"), (APP_ID, "s3", "c")]


def test_sessions_without_room_for_a_lane_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.ui.timeline.lanes.MAX_LANES", 1)
    lanes = Lanes()
    for _ in range(3):
        rows = [event_row(time_us=NOW_US, session_id=session_id) for session_id in ("a", "b", "c")]
        lanes.note(rows, Scope(), NOW_US)
    assert (len(lanes), lanes.matching, lanes.known) == (1, 3, 3)


def test_a_clock_that_was_never_set_does_not_stretch_the_recording() -> None:
    lanes = Lanes(lanes_answer(("a", "s1", 0, 9), ("b", "s2", -NOW_US / SECOND, 1), ("c", "s3", 0, 9e9)), NOW_US)
    assert lanes.extent == TimeRange(NOW_US, NOW_US + 9 * SECOND)
    assert (len(lanes), lanes.odd) == (3, 2)
    assert (len(Lanes()), Lanes().extent, Lanes(encode_columns({})).matching) == (0, None, 0)


def test_a_clock_hours_ahead_does_not_take_the_present_out_of_sight() -> None:
    hours = 3 * 3600
    lanes = Lanes(lanes_answer(("a", "s1", 0, 9), ("b", "s2", hours, hours + 5)), NOW_US)
    assert (lanes.extent, len(lanes), lanes.odd) == (TimeRange(NOW_US, NOW_US + 9 * SECOND), 2, 1)
    ahead = event_row(3, session_id="s2", player_id="b", time_us=NOW_US + (hours + 9) * SECOND)
    assert lanes.note([ahead, event_row(4, session_id="s1", time_us=NOW_US + 300 * SECOND)], Scope(), NOW_US)
    assert lanes.extent == TimeRange(NOW_US, NOW_US + 300 * SECOND), "some minutes are no wrong clock"
    alone = Lanes(lanes_answer(("b", "s2", hours, hours + 5)), NOW_US)
    assert alone.extent == TimeRange(NOW_US + hours * SECOND, NOW_US + (hours + 5) * SECOND), "seen nonetheless"


# ticks


def test_ticks_of_the_store_and_of_the_feed_are_one() -> None:
    lanes = Lanes(lanes_answer(("a", "s1", 0, 9), ("b", "s2", 0, 9)), NOW_US)

    def number_of(key: tuple[str, str]) -> int | None:
        lane = lanes.get(key)
        return None if lane is None else lane.number

    ticks = Ticks()
    live = [event_row(seq, session_id="s1", time_us=NOW_US + seq * SECOND) for seq in (7, 8)]
    step = event_row(9, session_id="s2", kind=EventKind.FUNNEL, time_us=NOW_US + 8 * SECOND)
    assert ticks.add([*live, step, trajectory_row(10, session_id="s1")], number_of)
    assert not ticks.add([event_row(11, session_id="elsewhere")], number_of)
    ticks.take(ticks_answer(("s1", 1, "Jump"), ("s1", 7, "Player_Death"), ("gone", 2, "Jump"), upto=7), number_of)
    assert len(ticks) == 5, "what the store holds is not there twice"
    grid = ticks.grid(lanes.row_of(), 0, Span(NOW_US, NOW_US + 10 * SECOND), (2, 100))
    assert {(*map(int, at), int(grid[*at])) for at in np.argwhere(grid)} == {
        (0, 10, GAMEPLAY),
        (0, 70, DEATH),
        (0, 80, GAMEPLAY),
        (1, 80, FUNNEL),
    }
    found = ticks.nearest(0, NOW_US + 7 * SECOND + 100_000, 200_000)
    assert found is not None
    assert (found.seq, found.name, found.events, found.place, found.key) == (2, "Player_Death", 3, None, (APP_ID, "s1"))
    assert ticks.nearest(1, NOW_US, SECOND) is None
    arrived = ticks.nearest(0, NOW_US + 8 * SECOND, 0)
    assert arrived is not None
    assert (arrived.seq, arrived.place) == (8, (7.9, -49.2, 0.2))
    ticks.start_over(number_of)
    assert len(ticks) == 2
    assert not ticks.grid([], 0, Span(NOW_US, NOW_US + SECOND), (0, 10)).any()


# pieces


def test_a_session_stays_on_its_level_until_another_is_named() -> None:
    pieces = LevelPieces()
    key = (APP_ID, "s1")
    rows = [
        event_row(1, session_id="s1", level_id="A", time_us=NOW_US),
        trajectory_row(2, session_id="s1", level_id="", time_us=NOW_US + SECOND),
        event_row(3, session_id="s1", level_id="B", time_us=NOW_US + 7 * SECOND),
        event_row(4, session_id="s1", level_id="B", time_us=NOW_US + 60 * SECOND),
    ]
    pieces.add(rows)
    assert [(one.level_id, (one.end_us - one.start_us) / SECOND) for one in pieces.of(key)] == [
        ("A", 6),
        ("B", 0),
        ("B", 0),
    ]
    assert pieces.at(key, NOW_US + 6_900_000) == "B"
    assert pieces.at((APP_ID, "none"), NOW_US) == ""
    times = {"start_us": np.array([NOW_US], "<i8"), "end_us": np.array([NOW_US + 6 * SECOND], "<i8")}
    pieces.take(encode_columns({"app_id": [APP_ID], "session_id": ["s1"], "level_id": ["A"]} | times))
    assert [one.level_id for one in pieces.of(key)] == ["A", "B", "B"], "what arrived meanwhile stays"
    assert pieces.of(key)[0] == Piece("A", NOW_US, NOW_US + 6 * SECOND)
    other = LevelPieces()
    other.add(reversed(rows))
    assert pieces.numbers == other.numbers, "made of names, not of who is seen first"
    assert len(set(pieces.numbers.values())) == 2


def test_levels_have_hues_of_their_own_while_there_are_any() -> None:
    pieces = LevelPieces()
    names = [f"Level {number}" for number in range(14)]
    pieces.add([event_row(at, session_id="s1", level_id=name, time_us=NOW_US + at) for at, name in enumerate(names)])
    given = [pieces.numbers[name] for name in names]
    assert sorted(given[:6]) == list(range(6))
    assert sorted(given[6:12]) == list(range(6, 12)), "then the other strength of each"
    assert all(0 <= number < 12 for number in given[12:])
    first = pieces.numbers[names[0]]
    twin = next(name for name in (f"Cave {n}" for n in range(99)) if alone(name) == first)
    times = {"start_us": np.array([NOW_US, NOW_US], "<i8"), "end_us": np.array([NOW_US, NOW_US], "<i8")}
    found = []
    for order in (["Level 0", twin], [twin, "Level 0"]):
        one = LevelPieces()
        sessions: dict[str, Any] = {"app_id": [APP_ID] * 2, "session_id": ["s1", "s2"], "level_id": order}
        one.take(encode_columns(sessions | times))
        found.append(one.numbers)
    assert found[0] == found[1], "within an answer it is the same each time"


def alone(level_id: str) -> int:
    """The number a level has that is the only one."""
    pieces = LevelPieces()
    pieces.add([event_row(1, session_id="s1", level_id=level_id, time_us=NOW_US)])
    return pieces.numbers[level_id]


seconds = st.integers(0, 200)


@given(st.lists(st.tuples(seconds, st.integers(0, 30)), max_size=12))
@settings(max_examples=20)
def test_activity_is_busy_wherever_something_was_heard(heard: list[tuple[int, int]]) -> None:
    activity = Activity()
    activity.add([trajectory_row(1, time_us=NOW_US + at * SECOND, duration_us=length * SECOND) for at, length in heard])
    busy = activity.busy()
    for at, length in heard:
        assert any(one.holds(NOW_US + at * SECOND) and one.holds(NOW_US + (at + length) * SECOND) for one in busy)
    assert all(later.start_us - earlier.end_us > 10 * SECOND for earlier, later in pairwise(busy))


def test_the_fullest_column_is_the_highest() -> None:
    activity = Activity()
    activity.add([event_row(seq, time_us=NOW_US + at * SECOND) for seq, at in enumerate((1, 1, 5))])
    heights = activity.heights(Span(NOW_US, NOW_US + 10 * SECOND), 10)
    assert heights.tolist() == [0, 1, 0, 0, 0, 0.5, 0, 0, 0, 0]


# marks


def test_marks_are_found_by_their_moment() -> None:
    scope = Scope(app_id=APP_ID)
    rows = [rejected_row(1), request_row(2), rejected_row(3, app_id="other"), rejected_row(4, app_id="")]
    marks = Marks(rejections(rows, scope))
    assert len(marks) == 2
    found = marks.nearest(rows[0].received_at_us + 5, 10)
    assert found is not None
    assert (found[0].picked, found[1]) == (Picked(1), 1)
    assert "expected a number" in found[0].words
    assert marks.nearest(0, 10) is None
    assert marks.columns(Span(rows[0].received_at_us, rows[0].received_at_us + SECOND), 100) == [0, 63]
    assert not marks.add(rejections(rows, scope))
    many = Marks((Mark(at, Picked(at), "") for at in range(25)), most=20)
    assert len(many) == 20
    assert many.nearest(0, 4) is None, "the oldest go"
    assert len(bookmarked_events([event_row(1), event_row(2, app_id="other")], scope)) == 1
