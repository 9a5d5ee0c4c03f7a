from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.storage.duckdb_store import DuckDbStore
from tests.storage.events import at_us, funnel, gameplay, opened, rows, store, trajectory

BINS: dict[str, Any] = {"from_us": at_us(0), "to_us": at_us(20), "bin_us": 5_000_000}


@pytest.fixture
def events(tmp_path: Path) -> Iterator[DuckDbStore]:
    event_store = opened(tmp_path / "events.duckdb")
    jumps = [gameplay("one", secs) for secs in (1, 2, 12)]
    store(event_store, [*jumps, funnel("two", 7), gameplay("two", 8, event_name="Fire"), funnel("two", 19)])
    yield event_store
    event_store.close()


def test_totals_are_clipped_to_the_span(events: DuckDbStore) -> None:
    names = ("sessions", "players", "builds", "total_secs", "median_secs")
    assert rows(events, "overview_totals", *names) == [(2, 2, 1, 23.0, 11.5)]
    assert rows(events, "overview_totals", *names, from_us=at_us(10), to_us=at_us(15)) == [(2, 2, 1, 7.0, 3.5)]
    assert rows(events, "overview_totals", *names, app_id="none") == [(0, 0, 0, 0.0, 0.0)]
    spans = ((0, 20), (13, 20), (20, 30))
    most = [rows(events, "overview_totals", "most_at_once", from_us=at_us(a), to_us=at_us(b)) for a, b in spans]
    assert most == [[(2,)], [(1,)], [(0,)]]
    store(events, [gameplay("three", secs) for secs in (19, 21)] + [gameplay("four", secs) for secs in (22, 25)])
    most = rows(events, "overview_totals", "most_at_once", from_us=at_us(13))
    assert most == [(2,)], "who leaves as another comes was there with them; of three that take turns two are"


def test_sessions_under_way_are_a_step_function(events: DuckDbStore) -> None:
    assert rows(events, "overview_sessions", **BINS) == [(0, 1), (1, 2), (3, 1), (4, 0)]


def test_events_by_name_have_the_rest_together(events: DuckDbStore) -> None:
    told = rows(events, "overview_events", "place", "kind", "name", "bin", "events", **BINS, names=2)
    assert told[0][0] == 0
    assert told[0][2] is None
    assert told[0][3:] == (1, 1)
    assert [row[1:] for row in told[1:]] == [
        (2, "Jump", 0, 2),
        (2, "Jump", 2, 1),
        (1, "Start", 1, 1),
        (1, "Start", 3, 1),
    ]


def test_rates_and_requests(events: DuckDbStore) -> None:
    fps = [{"mean": mean, "low_5": mean, "low_1": mean} for mean in (20.0, 60.0)]
    store(
        events,
        [trajectory("one", 30, 31, [0, 0, 0, 1, 1, 1], level_id="cave", fps=rate) for rate in fps],
        app_id="app",
    )
    told = rows(events, "overview_rates", "by", "name", "sessions", "median", "p5")
    assert told == [("build", "1.0", 2, 20.5, 20.05), ("level", "cave", 1, 20.5, 20.05)], "two sent no frame rate"
    long = {"mean": 90.0, "low_5": 90.0, "low_1": 90.0}
    store(events, trajectory("one", 30, 38, [0, 0, 0], level_id="cave", fps=long))
    told = rows(events, "overview_rates", "by", "median", "p5")
    assert told == [("build", 90.1875, 20.25), ("level", 90.1875, 20.25)], "a longer time weighs more"
    part = rows(events, "overview_rates", "median", from_us=at_us(30), to_us=at_us(30.5))
    assert part == [(60.25,), (60.25,)], "and what lies beside the span nothing"
    bins = {"first_us": 2_000_000, "bin_us": 1_000_000, "bins": 1}
    assert rows(events, "overview_requests", **bins) == [(-1, 1), (0, 1), (1, 1)], "before, in, after"
    assert rows(events, "overview_requests", **bins, from_us=2_000_000, to_us=2_999_999) == [(0, 1)]
    just_after = {"first_us": 2_000_001, "bin_us": 1_000_000, "bins": 1}
    assert rows(events, "overview_requests", **just_after) == [(-1, 2), (0, 1)], "by less than a bin, too"
    store(events, [gameplay("menu", 39, build_id="2.0")])
    assert rows(events, "overview_rates", "by", "name", "sessions")[0] == ("build", "2.0", 1), "without tracks"


def test_equal_names_of_two_applications_are_kept_apart(events: DuckDbStore) -> None:
    names = ("sessions", "players", "builds", "total_secs")
    span = {"from_us": at_us(0), "to_us": at_us(20)}
    store(events, [gameplay("one", secs) for secs in (1, 12)], app_id="other")
    assert rows(events, "overview_totals", *names, **span) == [(3, 3, 2, 34.0)]
    assert rows(events, "overview_totals", *names, **span, sessions={"other": ["one"]}) == [(1, 1, 1, 11.0)]
    assert rows(events, "overview_totals", *names, **span, sessions={"app": ["two"], "other": ["two"]}) == [
        (1, 1, 1, 12.0)
    ]
