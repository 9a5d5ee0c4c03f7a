"""The bounded, filtered, ordered rows behind a table."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.ui.widgets.row_store import RowStore


class Mirror:
    """Replays what an observer is told, as Qt's views do, and checks it against the store."""

    def __init__(self, store: RowStore[int]) -> None:
        self.store = store
        self.rows = list(store)
        self.pending: tuple[int, int] | None = None
        self.resets = 0
        self.inserts = 0
        store.observe(self)

    def before_insert(self, first: int, last: int) -> None:
        assert self.rows == list(self.store)
        self.pending = (first, last)

    def after_insert(self) -> None:
        assert self.pending is not None
        first, last = self.pending
        self.rows[first:first] = [self.store[i] for i in range(first, last + 1)]
        self.inserts += 1
        self.check()

    def before_remove(self, first: int, last: int) -> None:
        assert self.rows == list(self.store)
        del self.rows[first : last + 1]

    def after_remove(self) -> None:
        self.check()

    def before_reset(self) -> None:
        self.resets += 1

    def after_reset(self) -> None:
        self.rows = list(self.store)

    def check(self) -> None:
        assert len(self.rows) == len(self.store)
        assert self.rows == list(self.store)


def store(**options: int) -> RowStore[int]:
    return RowStore(int, **options)


def test_a_tick_of_rows_is_one_insertion() -> None:
    rows = store()
    mirror = Mirror(rows)
    rows.add(range(100, 265))
    assert mirror.inserts == 1
    assert mirror.rows == list(range(100, 265))
    assert rows.newest == 264


def test_history_is_merged_before_rows_that_arrived_meanwhile_and_known_rows_are_passed_over() -> None:
    rows = store()
    mirror = Mirror(rows)
    rows.add([50, 51])
    rows.add(range(40, 52))
    assert mirror.rows == list(range(40, 52))


def test_a_gap_after_a_reconnection_is_filled_in_place() -> None:
    rows = store()
    mirror = Mirror(rows)
    rows.add([1, 2, 3])
    rows.add([10, 11])
    rows.add([3, 4, 5, 9, 10])
    assert mirror.rows == [1, 2, 3, 4, 5, 9, 10, 11]


def test_rows_out_of_order_are_sorted_in() -> None:
    rows = store()
    mirror = Mirror(rows)
    rows.add([3, 1, 2, 2])
    rows.add([6, 5])
    rows.add([4])
    assert mirror.rows == [1, 2, 3, 4, 5, 6]


def test_a_full_store_trims_a_block_of_the_oldest_and_counts_it() -> None:
    rows = store(capacity=100, trim_block=10)
    mirror = Mirror(rows)
    rows.add(range(100))
    rows.add([100])
    assert rows.trimmed == 10
    assert mirror.rows == list(range(10, 101))
    rows.add(range(101, 400))
    assert rows.total == 100
    assert mirror.rows == list(range(300, 400))
    assert rows.trimmed == 300


def test_history_never_pushes_live_rows_out() -> None:
    rows = store(capacity=10, trim_block=2)
    mirror = Mirror(rows)
    rows.add(range(100, 108))
    rows.add(range(50))
    assert mirror.rows == [48, 49, *range(100, 108)]


def test_a_filter_shows_the_newest_matches_at_once_and_older_ones_slice_by_slice() -> None:
    rows = store(slice_rows=10)
    rows.add(range(35))
    mirror = Mirror(rows)
    rows.set_filter(lambda row: row % 5 == 0)
    assert mirror.rows == [25, 30]
    assert rows.unexamined == 25
    assert rows.examine_older()
    assert mirror.rows == [15, 20, 25, 30]
    assert rows.examine_older()
    assert not rows.examine_older()
    assert mirror.rows == list(range(0, 35, 5))
    assert not rows.examine_older()


def test_rows_that_arrive_are_filtered() -> None:
    rows = store()
    mirror = Mirror(rows)
    rows.set_filter(lambda row: row % 2 == 0)
    rows.add(range(5))
    rows.add([5])
    assert mirror.rows == [0, 2, 4]
    assert (len(rows), rows.total) == (3, 6)
    rows.set_filter(None)
    assert mirror.rows == [0, 1, 2, 3, 4, 5]


def test_rows_are_found_by_id_when_they_are_shown() -> None:
    rows = store()
    rows.add(range(10, 20))
    assert rows.find(13) == 3
    assert rows.find(25) is None
    rows.set_filter(lambda row: row % 3 == 0)
    assert rows.find(15) == 1
    assert rows.find(13) is None


def test_a_frozen_store_holds_rows_back_within_its_bound() -> None:
    rows = store(capacity=10, trim_block=2)
    mirror = Mirror(rows)
    rows.add([1])
    rows.freeze()
    rows.freeze()
    rows.add(range(2, 6))
    assert mirror.rows == [1]
    assert rows.held == 4
    rows.add(range(6, 20))
    assert rows.held <= 10
    rows.thaw()
    assert mirror.rows[-1] == 19
    assert not rows.frozen
    rows.thaw()


def test_held_rows_that_overlap_are_searched_for_only_where_they_do() -> None:
    asked = 0

    def key_of(row: int) -> int:
        nonlocal asked
        asked += 1
        return row

    rows = RowStore(key_of)
    rows.add(range(1_000))
    rows.freeze()
    rows.add(range(990, 3_000))  # the feed goes on with what an answer brought, too
    mirror, asked = Mirror(rows), 0
    rows.thaw()
    assert mirror.rows == list(range(3_000))
    assert asked < 3 * 2_010  # each row's own key, and a few more


def test_clear_forgets_rows_and_a_late_answer_does_not_bring_them_back() -> None:
    rows = store()
    mirror = Mirror(rows)
    rows.add([5, 6])
    rows.skip(3)
    rows.clear()
    rows.add(range(7))
    assert mirror.rows == []
    assert (rows.trimmed, rows.skipped, rows.newest) == (0, 0, 6)
    rows.add([6, 7, 8])
    assert mirror.rows == [7, 8]


def test_nothing_added_tells_nothing() -> None:
    rows = store()
    mirror = Mirror(rows)
    rows.add([])
    assert mirror.inserts == 0


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("add"), st.lists(st.integers(0, 60), max_size=12)),
            st.tuples(st.just("filter"), st.integers(0, 4)),
            st.tuples(st.just("older"), st.none()),
            st.tuples(st.just("freeze"), st.booleans()),
            st.tuples(st.just("append"), st.integers(1, 9)),
        ),
        max_size=25,
    )
)
def test_an_observer_always_sees_what_the_store_shows(steps: list[tuple[str, object]]) -> None:
    rows = store(capacity=40, trim_block=5, slice_rows=7)
    mirror = Mirror(rows)
    divisor = 0
    for what, value in steps:
        if what == "add":
            assert isinstance(value, list)
            rows.add(value)
        elif what == "append":
            assert isinstance(value, int)
            start = (rows.newest or 0) + 1
            rows.add(range(start, start + value))
        elif what == "filter":
            assert isinstance(value, int)
            divisor = value
            rows.set_filter(None if not divisor else lambda row, d=divisor: row % d == 0)
        elif what == "older":
            rows.examine_older()
        elif value:
            rows.freeze()
        else:
            rows.thaw()
        mirror.check()
        kept = list(rows.rows())
        assert kept == sorted(set(kept))
        assert len(kept) <= 40
    while rows.examine_older():
        pass
    expected = [row for row in rows.rows() if not divisor or row % divisor == 0]
    assert mirror.rows == expected


@pytest.mark.parametrize("seed", range(3))
def test_a_long_run_with_a_filter_keeps_the_newest_matches(seed: int) -> None:
    rng = random.Random(seed)
    rows = store(capacity=1_000, trim_block=100)
    mirror = Mirror(rows)
    rows.set_filter(lambda row: row % 7 == 0)
    at = 0
    for _ in range(200):
        count = rng.randrange(1, 40)
        rows.add(range(at, at + count))
        at += count
    kept = rows.rows()
    assert kept[-1] == at - 1
    assert mirror.rows == [row for row in kept if row % 7 == 0]
