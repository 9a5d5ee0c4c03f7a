"""What tracks are coloured, picked, thinned and hidden by. No Qt."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.ui.level.camera import Camera
from console.ui.level.colouring import COLOURINGS, colouring, length_words, nice_end, nice_time, ramp, scale_of
from console.ui.level.frame_budget import LEAST, MOST, FrameBudget, Smoothing
from console.ui.level.framing import WHOLE_HEIGHT, Section
from console.ui.level.history_window import AHEAD_US, EVERYTHING, Loaded, wanted
from console.ui.level.session_table import DIMMED, HIDDEN, NORMAL, SessionTable
from console.ui.level.track_bounds import GROUP
from console.ui.level.track_heads import heads_at
from console.ui.level.track_lists import plan, stretch
from console.ui.level.track_pick import TrackPoint, track_at, words
from console.ui.level.tracks import BLOCK, FIELDS, SPEED, TIME, UNKNOWN, PackedTracks, TrackStore, speeds
from console.ui.theme import DARK

SECOND = 1_000_000
RATES = (60.0, 50.0, None)
EVER = (-np.inf, np.inf)


def line(start: tuple[float, float, float], end: tuple[float, float, float], count: int) -> np.ndarray:
    return np.linspace(start, end, count).astype(np.float32)


def store_of(*lines: np.ndarray, at_s: int = 0) -> TrackStore:
    """One session a line, each over ten seconds."""
    store = TrackStore(chunk=4 * BLOCK, max_samples=64 * BLOCK)
    for index, positions in enumerate(lines):
        number = store.sessions.number("app", f"s{index}", f"p{index}", f"b{index % 2}")
        store.sessions.entered(number, at_s * SECOND)
        store.add(number, f"p{index}", at_s * SECOND, (at_s + 10) * SECOND, positions, RATES)
    return store


# Seen from above, a pixel is a metre: 2 × 2 pixels, whose middle is the origin.
FLAT = np.diag([1.0, -1.0, -1e-6, 1.0])


def pick(
    store: TrackStore,
    x: float,
    y: float,
    section: Section = WHOLE_HEIGHT,
    times: tuple[float, float] = EVER,
    reach_px: float = 7.0,
    visible: Callable[[tuple[float, float, float]], bool] = lambda place: True,
) -> TrackPoint | None:
    return track_at(
        store,
        (x + 1, y + 1),
        (2, 2),
        FLAT,
        world=np.eye(4),
        section=section,
        time_range_s=times,
        reach_px=reach_px,
        visible=visible,
    )


# sessions


def test_sessions_keep_their_numbers_and_two_applications_do_not_share_one() -> None:
    table = SessionTable()
    assert [table.number(app, "s", "p", "b") for app in "abab"] == [0, 1, 0, 1]
    assert table.groups("build").tolist() == [0, 1]  # builds of one name in two applications are two
    assert table.find("b", "s") == 1
    assert table.find("c", "s") is None
    assert table.group_name("session", 1) == "p · s"
    assert (table.group_name("player", 0), table.group_name("build", 1)) == ("p", "b")
    for index in range(200):
        table.number("a", f"s{index}", "q", "")
    assert table.group_name("build", 2) == "no build"
    table.number("a", "s7", "q", "b")  # told later
    assert table[9].build_id == "b"


def test_hidden_groups_and_a_highlight_decide_what_stands_out() -> None:
    table = store_of(*[line((0, 0, 0), (1, 0, 0), 2)] * 4).sessions
    assert table.emphasis().tolist() == [NORMAL] * 4
    table.set_hidden("build", 1, True)
    table.set_hidden("player", 0, True)
    assert table.emphasis().tolist() == [HIDDEN, HIDDEN, NORMAL, HIDDEN]
    table.highlight(3)
    assert table.emphasis().tolist() == [HIDDEN, HIDDEN, DIMMED, NORMAL]
    revision = table.revision
    table.highlight(3)
    table.set_hidden("player", 0, True)
    assert table.revision == revision
    table.highlight(None)
    table.set_hidden("build", 1, False)
    assert table.emphasis().tolist() == [HIDDEN, NORMAL, NORMAL, NORMAL]


def test_a_session_entered_when_it_was_first_seen() -> None:
    table = SessionTable()
    number = table.number("a", "s", "p", "b")
    for time_us in (50, 20, 90):
        table.entered(number, time_us)
    assert table.entered_us.tolist() == [20]
    table.forget_entries()
    assert table.entered_us.tolist() == [-1]


# colours


def test_speed_is_the_way_from_the_sample_before() -> None:
    positions = np.array([[0, 0, 0], [3, 4, 0], [3, 4, 1], [9, 9, 9]], dtype=np.float32)
    steps = np.array([1.0, 0.0, 5.0])
    assert speeds(positions, steps, np.array([0, 3])).tolist() == [5.0, 5.0, 1000.0, UNKNOWN]
    huge = np.array([[-3e38, 0, 0], [3e38, 0, 0]], dtype=np.float32)
    assert np.isfinite(speeds(huge, np.array([0.1]), np.array([0]))).all()
    store = store_of(line((0, 0, 0), (10, 0, 0), 11))
    assert store.vertices(0, 11)[:, SPEED].tolist() == [1.0] * 11


def test_ramps_end_at_round_values_and_know_their_colours() -> None:
    values = ramp(colouring("speed"), DARK, 10.0)
    assert values.labels == ("0", "5", "10")
    assert values.colour(-1) == DARK.sequence[0]
    assert values.colour(99) == DARK.sequence[-1]
    assert values.colour(2.5) == DARK.sequence[1].lower()
    assert ramp(colouring("low_1"), DARK, 10.0).colours == DARK.frame_rate
    assert ramp(colouring("time"), DARK, 600.0).labels == ("0 s", "5 min", "10 min")
    assert colouring("nonsense") == COLOURINGS[-1]
    assert nice_end(np.array([]), least=1.0) == 1.0
    assert nice_end(np.full(100, 7.3), least=1.0) == 10.0
    assert nice_end(np.array([1e9]), least=1.0) == 1e9
    assert (nice_time(11), nice_time(90_000), length_words(3600)) == (30.0, 172_800.0, "1 h")
    assert scale_of(np.diag([0.01, 0.01, 0.01, 1])) == pytest.approx(0.01)


# what a frame draws


def test_a_plan_holds_what_is_in_time_shown_and_in_view() -> None:
    store = store_of(line((0, 0, 0), (1, 0, 0), 100), line((50, 0, 0), (51, 0, 0), 100))
    assert plan(store, 10_000).vertices == 200
    assert plan(store, 10_000, time_range_s=(11.0, 12.0)).vertices == 0
    near = np.diag([0.1, 0.1, 0.1, 1.0])  # ten metres around the origin
    assert plan(store, 10_000, clip=near).vertices == 100
    store.sessions.set_hidden("session", 0, True)
    assert plan(store, 10_000, clip=near).vertices == 0
    assert plan(store, 10_000).vertices == 100
    assert plan(TrackStore(), 10).strips == []


def test_a_trail_costs_what_is_seen_of_it() -> None:
    store = TrackStore()
    for name in "ab":
        session = store.sessions.number("app", name, name, "b")
        places = np.zeros((250, 3), dtype=np.float32)
        store.add(session, name, 0, 25 * SECOND, places, RATES)
    assert plan(store, 1000).vertices == 500
    assert not plan(store, 1000).cut
    trail = plan(store, 1000, time_range_s=(10.0, 15.0))
    assert trail.cut
    assert 2 * 50 <= trail.vertices < 2 * 80
    (_, _, first, _), (_, stride, starts, numbers) = plan(store, 10, time_range_s=(10.0, 15.0)).strips
    assert stride > 1
    assert BLOCK < first[0] < BLOCK + 100
    assert starts[0] * stride <= 99  # to the edge of what is seen, and a little beyond
    assert (starts[0] + numbers[0] - 1) * stride >= 151


@given(st.integers(1, BLOCK), st.floats(-1.0, 300.0), st.floats(0.0, 50.0), st.integers(0, 2**32 - 1))
def test_of_strips_that_reach_out_of_a_time_only_what_is_near_it_is_drawn(
    count: int, since: float, length: float, seed: int
) -> None:
    """Whatever is inside is drawn with a neighbour on either side, times in order only roughly."""
    rng = np.random.default_rng(seed)
    store = TrackStore(max_samples=2 * BLOCK, chunk=2 * BLOCK)
    vertices = np.zeros((count, FIELDS), dtype=np.float32)
    vertices[:, TIME] = np.cumsum(rng.uniform(0.0, 2.0, count)) - rng.uniform(0.0, 0.5, count)
    store.add_packed(PackedTracks(vertices, np.array([0]), []))
    until = since + length
    first, end = stretch(store, np.array([0]), np.array([count]), (since, until))
    inside = np.flatnonzero((vertices[:, TIME] >= since) & (vertices[:, TIME] <= until))
    if len(inside):
        assert first[0] <= max(0, inside[0] - 1)
        assert end[0] >= min(count, inside[-1] + 2)
    left = np.delete(vertices[:, TIME], np.arange(first[0], end[0]))
    assert not ((left >= since) & (left <= until)).any()


def test_past_the_budget_samples_are_left_out_and_then_stretches() -> None:
    store = TrackStore(chunk=64 * BLOCK, max_samples=1024 * BLOCK)
    vertices = np.zeros((1000 * BLOCK, 9), dtype=np.float32)
    store.sessions.number("a", "s", "p", "")
    store.add_packed(PackedTracks(vertices, np.zeros(1, dtype=np.int64), []))
    some, few = plan(store, 64_000), plan(store, 4_000)
    assert (some.stride, some.thinning, some.limited) == (8, 1, True)
    assert some.vertices <= 64_000 * 1.1
    assert few.stride == 16
    assert few.words == f"older tracks: 1 of 16 samples, 1 of {few.thinning} stretches drawn"
    assert plan(store, 10**6).words == ""
    assert few.thinning > 1
    assert few.vertices <= 4_000 * 1.2
    store.sessions.highlight(0)
    assert plan(store, 4_000).highlighted


def test_the_budget_follows_the_time_that_frames_take() -> None:
    budget = FrameBudget(100_000, 200_000)
    for _ in range(7):
        budget.spent(0.05, moving=True, limited=True)  # too slow
    assert budget.moving < 60_000
    slow = budget.moving
    budget.spent(0.028, moving=True, limited=True)  # as wanted: no flicker
    assert budget.moving == slow
    budget.spent(0.005, moving=True, limited=False)  # more would be nothing more
    assert budget.moving == slow
    budget.spent(0.016, others_s=9.0, moving=True, limited=True)  # what is slow is something else
    assert budget.moving == slow
    for _ in range(30):
        budget.spent(0.001, moving=True, limited=True)
    assert budget.moving == MOST
    assert budget.still >= budget.moving
    for _ in range(60):
        budget.spent(2.0, moving=True, limited=True)
    assert budget.moving == LEAST


def test_the_budget_holds_still_beside_other_work() -> None:
    budget = FrameBudget(100_000, 200_000)
    seen = set()
    for number in range(600):
        seconds = 0.5 if number % 10 == 0 else 0.02  # every tenth frame waits for another program
        budget.spent(seconds, moving=True, limited=True)
        seen.add(budget.moving)
    assert seen == {100_000}  # one slow frame is not the rule
    assert budget.spent(0.01, moving=False, limited=True)  # more can be shown: worth another frame
    assert not budget.spent(0.01, moving=False, limited=False)
    budget = FrameBudget(100_000, 200_000)
    changes = 0
    for number in range(300):
        before = budget.moving
        # Costs that grow with the vertices, and waver by half.
        budget.spent(before * 3.5e-7 * (1.5 if number % 3 else 1.0), moving=True, limited=True)
        changes += budget.moving != before
    assert changes <= 2


def test_edges_are_rough_only_while_slow_frames_move() -> None:
    smoothing = Smoothing()

    def after(*frames_s: float, moving: bool = True) -> bool:
        for seconds in frames_s:
            smoothing.spent(seconds, moving=moving)
        return smoothing.moving

    assert after(0.2, 0.2, moving=False)
    assert after(0.2, 0.03, 0.2)  # no two slow frames in a row
    assert not after(0.2)
    assert not after(*[0.02] * 100)  # fluent, but not with smooth edges
    assert after(*[0.005] * 12)


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1))
def test_nothing_in_view_is_left_out_however_the_level_is_turned_scaled_or_mirrored(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ways = rng.normal(size=(600, 3))
    # None is many times as long as those beside it: that is a leap, where a line ends, and one place makes no line.
    ways *= rng.uniform(10, 60, (600, 1)) / np.linalg.norm(ways, axis=1, keepdims=True)
    places = np.cumsum(ways, axis=0).astype(np.float32)
    store = TrackStore(chunk=4 * BLOCK, max_samples=4 * BLOCK)
    store.sessions.number("a", "s", "p", "")
    store.add(0, "p", 0, 60_000_000, places, (None, None, None))
    turned, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    world = np.eye(4)
    world[:3, :3] = turned * rng.choice([-1, 1], 3) * 10 ** rng.uniform(-2, 2)
    world[:3, 3] = rng.normal(0, 50, 3)
    camera = Camera()
    camera.pose = replace(
        camera.pose, azimuth=rng.uniform(0, 360), elevation=rng.uniform(-80, 80), distance=10 ** rng.uniform(0, 3)
    )
    clip = camera.clip_matrix(300, 200) @ world
    seen = np.column_stack([store.vertices(0, 600)[:, :3], np.ones(600)]) @ clip.T
    inside = (np.abs(seen[:, :2]) < seen[:, 3:]).all(axis=1)
    drawn = np.zeros(1024, dtype=bool)
    for _, stride, first, count in plan(store, 10**6, clip=clip).strips:
        for start, number in zip(first.tolist(), count.tolist(), strict=True):
            drawn[start * stride : (start + number) * stride] = True
    shown = store.vertices(0, 1024)[drawn][:, :3]
    assert {tuple(place) for place in places[inside].tolist()} <= {tuple(place) for place in shown.tolist()}


# the pointer


def test_the_track_under_the_pointer_tells_who_when_and_how_fast() -> None:
    store = store_of(line((0, 0, 1), (100, 0, 1), 101), line((0, 50, 5), (100, 50, 5), 101))
    point = pick(store, 25.5, 3.0)
    assert point is not None
    assert (point.session, point.place) == (0, (25.5, 0.0, 1.0))
    assert point.time_us == 2_550_000
    assert point.speed == 10.0
    assert words(store, point, 0.5).split("\n")[:3] == ["p0", "session s0", "build b0"]
    assert words(store, point, 0.5).split("\n")[-2:] == ["60 fps mean · 50 fps low 5 %", "5.0 m/s"]
    assert pick(store, 25.0, 20.0) is None
    assert pick(store, 25.0, 0.0, section=Section(2.0, 9.0)) is None
    assert pick(store, 25.0, 0.0, times=(9.0, 11.0)) is None
    store.sessions.set_hidden("player", 0, True)
    assert pick(store, 25.0, 0.0) is None
    assert pick(TrackStore(), 0.0, 0.0) is None


def test_of_tracks_on_each_other_the_upper_is_meant_and_a_highlighted_one_before() -> None:
    store = store_of(line((0, 0, 1), (100, 0, 1), 101), line((0, 1, 5), (100, 1, 5), 101))
    upper = pick(store, 50.0, 0.0)
    assert upper is not None
    assert upper.session == 1
    lower = pick(store, 50.0, 0.0, visible=lambda place: place[2] < 3)
    assert lower is not None
    assert lower.session == 0, "what is under a roof is not meant"
    assert pick(store, 50.0, 0.0, visible=lambda _: False) is None
    store.sessions.highlight(0)
    chosen = pick(store, 50.0, 0.0, reach_px=2.0)
    assert chosen is not None
    assert chosen.session == 0


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31), sessions=st.integers(1, 4), samples=st.integers(2, 6 * GROUP))
def test_boxes_never_hide_the_nearest_track(seed: int, sessions: int, samples: int) -> None:
    rng = np.random.default_rng(seed)
    walks = [np.cumsum(rng.normal(size=(samples, 3)), axis=0).astype(np.float32) for _ in range(sessions)]
    store = store_of(*walks)
    store.bounds()
    walks.append(walks[0] + np.float32(1.0))
    store.add(0, "p0", 10 * SECOND, 20 * SECOND, walks[-1], RATES)  # after the boxes were first asked for
    at = walks[int(rng.integers(len(walks)))][int(rng.integers(samples)), :2] + rng.normal(size=2)
    found = pick(store, float(at[0]), float(at[1]), reach_px=4.0)
    first, count = store.runs()
    best = np.inf
    for start, number in zip(first.tolist(), count.tolist(), strict=True):
        strip = store.vertices(start, start + number)[:, :2].astype(float)
        for a, b in pairwise(strip):
            share = np.clip((at - a) @ (b - a) / max((b - a) @ (b - a), 1e-12), 0, 1)
            best = min(best, float(np.linalg.norm(a + (b - a) * share - at)))
    assert (found is not None) == (best <= 4.0)


# what is loaded


def test_only_what_is_missing_is_loaded() -> None:
    whole, newest = Loaded(EVERYTHING, None), Loaded(EVERYTHING, 1000)
    assert wanted(whole, (5, 9), None) == wanted(newest, (1000, 2000), None) == EVERYTHING
    assert wanted(newest, (900, 2000), None) == (900, 2000)
    assert wanted(newest, None, 1500) == EVERYTHING
    assert wanted(newest, None, 500) == (None, 500 + AHEAD_US)
    part = Loaded((None, 500 + AHEAD_US), 100)
    assert wanted(part, None, 600) == part.window  # playing on
    assert wanted(part, None, None) == EVERYTHING  # the present
    assert wanted(Loaded((5, 9), 7), (5, 9), None) == (5, 9)  # more than can be shown: not again


# playback


def test_players_stand_between_two_samples_and_wait_a_little() -> None:
    store = store_of(line((0, 0, 0), (10, 0, 0), 11), line((0, 5, 0), (0, 15, 0), 11))
    store.add(1, "p1", 60 * SECOND, 70 * SECOND, line((9, 9, 9), (9, 9, 9), 5), RATES)
    assert [head.vertex[:3].tolist() for head in heads_at(store, 2_500_000, 10)] == [[2.5, 0, 0], [0, 7.5, 0]]
    assert [head.vertex[0] for head in heads_at(store, 11 * SECOND, 10)] == [10.0, 0.0]  # still there
    assert heads_at(store, 30 * SECOND, 10) == []
    assert [head.player_id for head in heads_at(store, 61 * SECOND, 10)] == ["p1"]
    store.sessions.set_hidden("session", 1, True)
    assert len(heads_at(store, SECOND, 10)) == 1
