"""Blocks, runs and bounds of the samples that a level draws. No Qt."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.ui.level.track_lines import joins, jumps
from console.ui.level.track_lists import draw_lists, stride_for
from console.ui.level.tracks import (
    BLOCK,
    FIELDS,
    LOW_1,
    MEAN,
    PRESENT_S,
    SESSION,
    SPEED,
    TIME,
    UNKNOWN,
    Head,
    LiveTracks,
    PackedTracks,
    TrackStore,
)

SECOND = 1_000_000
RATES = (60.0, 50.0, None)


def positions(count: int, start: float = 0.0) -> np.ndarray:
    """A walk along x of 0.1 m a sample."""
    points = np.zeros((count, 3), dtype=np.float32)
    points[:, 0] = start + np.arange(count) * 0.1
    return points


def strips(store: TrackStore) -> list[list[float]]:
    """The x of every line strip, rounded."""
    first, count = store.runs()
    found = []
    for start, number in zip(first.tolist(), count.tolist(), strict=True):
        found.append([round(float(x), 1) for x in store.vertices(start, start + number)[:, 0]])
    return found


def packed(lines: list[np.ndarray]) -> PackedTracks:
    vertices = np.zeros((sum(map(len, lines)), FIELDS), dtype=np.float32)
    vertices[:, :3] = np.concatenate(lines)
    starts = np.cumsum([0, *(len(line) for line in lines[:-1])])
    heads = [Head(n, f"p{n}", vertices[0], 0) for n in range(len(lines))]
    return PackedTracks(vertices, starts, heads)


def test_a_trajectory_becomes_one_strip_with_times_and_rates() -> None:
    store = TrackStore(base_us=10 * SECOND)
    store.add(7, "p", 11 * SECOND, 13 * SECOND, positions(5), RATES)
    assert strips(store) == [[0.0, 0.1, 0.2, 0.3, 0.4]]
    vertices = store.vertices(0, 5)
    assert vertices[:, TIME].tolist() == [1.0, 1.5, 2.0, 2.5, 3.0]
    assert set(vertices[:, SESSION].tolist()) == {7.0}
    assert vertices[0, MEAN] == 60.0
    assert vertices[0, LOW_1] == UNKNOWN
    assert store.samples == 5
    assert store.heads(10)[0].time_us == 13 * SECOND


def test_trajectories_of_a_session_join_when_the_gap_is_short() -> None:
    store = TrackStore()
    store.add(0, "p", 0, SECOND, positions(3), RATES)
    store.add(0, "p", SECOND, 2 * SECOND, positions(3, 0.3), RATES)
    assert strips(store) == [[0.0, 0.1, 0.2, 0.3, 0.4, 0.5]]
    store.add(0, "p", 9 * SECOND, 10 * SECOND, positions(2, 0.6), RATES)  # seven seconds later
    store.add(0, "p", 10 * SECOND, 11 * SECOND, positions(2, 90.0), RATES)  # 90 metres away: a respawn
    assert [len(strip) for strip in strips(store)] == [6, 2, 2]


def test_a_respawn_within_a_trajectory_is_no_line_through_the_level() -> None:
    walked, elsewhere = positions(5), positions(5, 30.0)
    store = TrackStore()
    store.add(0, "p", 0, SECOND, np.concatenate([walked, elsewhere]), RATES)
    assert [len(strip) for strip in strips(store)] == [5, 5]
    assert store.vertices(0, 10)[:, SPEED].max() < 1.0  # nobody ran there
    driven = positions(10) * 100  # 90 m/s all the way
    store.add(1, "q", 0, SECOND, driven, RATES)
    dashed = np.concatenate([walked, positions(5, 4.0)])  # 4 m at once, as some games let
    store.add(2, "r", 0, SECOND, dashed, RATES)
    assert [len(strip) for strip in strips(store)] == [5, 5, 10, 10]
    store.metres_per_unit = 0.01
    store.add(3, "s", 0, SECOND, np.concatenate([walked, elsewhere]), RATES)  # 30 cm
    assert len(strips(store)[-1]) == 10


def test_sessions_do_not_join() -> None:
    store = TrackStore()
    store.add(0, "p", 0, SECOND, positions(2), RATES)
    store.add(1, "q", SECOND, 2 * SECOND, positions(2), RATES)
    assert len(strips(store)) == 2
    assert [head.player_id for head in store.heads(10)] == ["p", "q"]
    assert [head.player_id for head in store.heads(1)] == ["q"]
    store.add(2, "r", 61 * SECOND, (PRESENT_S + 2) * SECOND, positions(2), RATES)
    assert [head.player_id for head in store.heads(10)] == ["q", "r"]  # the first has left


@settings(max_examples=40)
@given(st.data())
def test_many_trajectories_at_once_are_the_same_as_one_after_the_other(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    rows = data.draw(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 300), st.integers(-1, 4)), min_size=1))
    clock, place = [0, 0, 0], np.zeros((3, 3))
    single, batched = (TrackStore(chunk=4 * BLOCK, max_samples=16 * BLOCK) for _ in range(2))
    lives = []
    for session, count, gap_s in rows:
        start_us = max(0, clock[session] + gap_s * SECOND // 2)
        clock[session] = end_us = start_us + count * SECOND // 10
        steps = rng.normal(0, 0.5, (count, 3)) * np.where(rng.random((count, 1)) < 0.02, 100.0, 1.0)  # a few leaps
        points = (place[session] + np.cumsum(steps, axis=0)).astype(np.float32)
        place[session] = points[-1]
        lives.append(([session], [f"p{session}"], [start_us], [end_us], [count], points, [RATES]))
        single.add(session, f"p{session}", start_us, end_us, points, RATES)
    while lives:
        some = [lives.pop(0) for _ in range(min(len(lives), data.draw(st.integers(1, 8))))]
        *lists, places, rates = zip(*some, strict=True)
        sessions, players, starts, ends, counts, fps = (
            [value for one in column for value in one] for column in (*lists, rates)
        )
        batched.add_live(LiveTracks(sessions, players, starts, ends, counts, np.concatenate(places), fps))
    for ours, theirs in zip(single.chunks, batched.chunks, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for column in ("first", "count", "session", "start_s", "end_s"):
        np.testing.assert_array_equal(getattr(single.strips, column), getattr(batched.strips, column))
    assert (single.samples, single.dropped) == (batched.samples, batched.dropped)
    for one, other in zip(single.heads(9), batched.heads(9), strict=True):
        assert (one.session, one.time_us, one.used, one.run) == (other.session, other.time_us, other.used, other.run)
        np.testing.assert_array_equal(one.vertex, other.vertex)


def test_a_unit_of_length_decides_how_far_is_far() -> None:
    store = TrackStore()
    store.metres_per_unit = 0.01  # centimetres
    store.add(0, "p", 0, SECOND, positions(2), RATES)
    store.add(0, "p", SECOND, 2 * SECOND, positions(2, 150.0), RATES)  # a metre and a half
    assert len(strips(store)) == 1


def test_a_line_goes_on_in_the_next_block_from_its_last_vertex() -> None:
    store = TrackStore()
    store.add(0, "p", 0, SECOND, positions(BLOCK + 10), RATES)
    first, second = strips(store)
    assert len(first) == BLOCK
    assert second[0] == first[-1]
    assert len(second) == 11
    assert store.samples == BLOCK + 10


def test_sessions_that_play_at_once_own_a_block_each() -> None:
    store = TrackStore()
    for step in range(4):
        for session in (0, 1):
            store.add(session, "p", step * SECOND, (step + 1) * SECOND, positions(3, step * 0.3), RATES)
    assert [len(strip) for strip in strips(store)] == [12, 12]


def test_only_what_is_new_is_dirty() -> None:
    store = TrackStore()
    store.add(0, "p", 0, SECOND, positions(4), RATES)
    assert store.take_dirty() == [(0, 4)]
    store.add(0, "p", SECOND, 2 * SECOND, positions(3, 0.4), RATES)
    assert store.take_dirty() == [(4, 7)]
    assert store.take_dirty() == []


def test_the_oldest_block_goes_and_is_counted() -> None:
    store = TrackStore(max_samples=4 * BLOCK, chunk=2 * BLOCK)
    for step in range(6):
        count = BLOCK
        store.add(step, "p", step * SECOND, step * SECOND + 1, positions(count, 100.0 * step), RATES)
    assert store.samples == 4 * BLOCK
    assert store.dropped == 2 * BLOCK
    assert sorted(strip[0] for strip in strips(store)) == [200.0, 300.0, 400.0, 500.0]
    assert len(store.chunks) == 2


def test_of_a_large_store_a_share_goes_at_once() -> None:
    store = TrackStore(max_samples=128 * BLOCK, chunk=64 * BLOCK)
    for step, dropped in [*((step, 0) for step in range(128)), (128, 2), (129, 2), (130, 4)]:
        store.add(step, "p", step * SECOND, step * SECOND + 1, positions(BLOCK, 100.0 * step), RATES)
        assert (store.samples, store.dropped) == ((step + 1 - dropped) * BLOCK, dropped * BLOCK)
    assert [strip[0] for strip in strips(store)] == [100.0 * step for step in range(4, 131)]


def test_a_session_whose_block_went_starts_another() -> None:
    store = TrackStore(max_samples=2 * BLOCK, chunk=BLOCK)
    store.add(99, "p", 0, SECOND, positions(2), RATES)
    for step in range(3):
        store.add(step, "p", SECOND, 2 * SECOND, positions(BLOCK), RATES)
    store.add(99, "p", SECOND, 2 * SECOND, positions(2, 0.2), RATES)
    assert [0.1, 0.2, 0.3] in strips(store)  # joined to the last vertex it remembers


@pytest.mark.parametrize("total", [1, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 3])
def test_a_packed_history_keeps_its_lines_whole(total: int) -> None:
    store = TrackStore(max_samples=8 * BLOCK, chunk=2 * BLOCK)
    store.add_packed(packed([positions(total)]))
    walked: list[float] = []
    for strip in sorted(strips(store)):
        assert not walked or walked[-1] == strip[0]  # each strip starts where the last one ended
        walked += strip[1:] if walked else strip
    assert walked == [round(n * 0.1, 1) for n in range(total)]
    assert store.samples == total


def test_a_packed_history_breaks_only_between_lines() -> None:
    store = TrackStore()
    lines = [positions(3), positions(BLOCK, 100.0), positions(2, 500.0)]
    store.add_packed(packed(lines))
    found = strips(store)
    assert found[0] == [0.0, 0.1, 0.2]
    assert found[1][0] == 100.0
    assert found[2][0] == found[1][-1]
    assert found[3] == [500.0, 500.1]
    assert len(store.heads(10)) == 3


def test_live_samples_go_on_from_a_history() -> None:
    store = TrackStore()
    history = packed([positions(3)])
    history.heads[0].vertex, history.heads[0].time_us = history.vertices[-1], SECOND
    store.add_packed(history)
    store.add(0, "p0", SECOND, 2 * SECOND, positions(2, 0.3), RATES)
    assert strips(store)[-1] == [0.2, 0.3, 0.4]


def test_a_history_larger_than_the_store_keeps_its_newest_part() -> None:
    store = TrackStore(max_samples=4 * BLOCK, chunk=2 * BLOCK)
    store.add_packed(packed([positions(11 * BLOCK)]))
    assert store.samples + store.dropped == 11 * BLOCK
    assert max(max(strip) for strip in strips(store)) == pytest.approx((11 * BLOCK - 1) * 0.1, abs=0.06)


def test_samples_for_estimates_come_from_everywhere() -> None:
    store = TrackStore(max_samples=8 * BLOCK, chunk=BLOCK)
    store.add(0, "p", 0, SECOND, positions(5 * BLOCK), RATES)
    few = store.sampled(50)
    assert 50 <= len(few) <= 120
    assert few[:, 0].min() < 1.0
    assert few[:, 0].max() > 5 * BLOCK * 0.1 - 5
    assert len(TrackStore().sampled(10)) == 0


def test_level_of_detail_draws_every_nth_vertex_of_long_lines() -> None:
    first, count = np.array([0, 300, 512]), np.array([200, 3, 257])
    ((chunk_a, starts_a, counts_a), (chunk_b, starts_b, counts_b)) = draw_lists(first, count, chunk=512, stride=4)
    assert (chunk_a, starts_a.tolist(), counts_a.tolist()) == (0, [0], [50])  # three vertices are no line any more
    assert (chunk_b, starts_b.tolist(), counts_b.tolist()) == (1, [0], [65])
    assert stride_for(100_000, 100_000) == 1
    assert stride_for(1_000_000, 100_000) == 16
    assert stride_for(10**12, 1) == BLOCK


def test_joining_is_about_time_and_distance() -> None:
    assert joins(0, 1.0)
    assert joins(SECOND, 10.0)
    assert not joins(5 * SECOND, 0.0)
    assert not joins(-2 * SECOND, 0.0)
    assert not joins(0, 50.0)


def test_a_chunk_holds_whole_blocks() -> None:
    with pytest.raises(ValueError, match="whole blocks"):
        TrackStore(chunk=100)


@pytest.mark.parametrize(
    ("ways_m", "leaps"),
    [
        ([1, 60, 1], [1]),
        ([1, 60, 60, 1], [1, 2]),  # put elsewhere twice, one sample apart
        ([1, 30, 90, np.nan], [1, 2]),
        ([60, 60, 60, 60], []),  # who flies is as fast before and after
        ([1, 60, 60, 60, 1], []),
        ([np.nan, 60, 60, np.nan], []),  # nothing tells how fast this one usually is
        ([1, 1.5, 1], []),
        ([], []),
    ],
)
def test_who_is_put_elsewhere_leaps_even_twice_at_once(ways_m: list[float], leaps: list[int]) -> None:
    ways = np.array(ways_m, dtype=np.float64)
    assert np.flatnonzero(jumps(ways, np.full(len(ways), 0.2))).tolist() == leaps
