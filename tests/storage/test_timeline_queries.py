"""What a timeline asks: lanes, ticks, levels and activity."""

from pathlib import Path
from typing import Any

import pytest

from console.storage.duckdb_store import DuckDbStore
from tests.storage.events import at_us, funnel, gameplay, identity, opened, rows, store, trajectory

HERE = [0.0, 0.0, 0.0]


@pytest.fixture(scope="module")
def event_store(tmp_path_factory: pytest.TempPathFactory) -> Any:
    event_store = opened(Path(tmp_path_factory.mktemp("timeline")) / "events.duckdb")
    store(
        event_store,
        [
            identity("p", 0),
            funnel("s", 1, "A"),
            *(gameplay("s", 2 + n / 100, position=HERE) for n in range(10)),
            gameplay("s", 2.5, event_name="Player_Death", position=[1.0, 2.0, 3.0]),
            trajectory("s", 3, 4, HERE * 2),
            gameplay("s", 30, "B"),
            trajectory("s", 31, 32, HERE * 2),
            gameplay("t", 20, "A"),
        ],
    )
    store(event_store, [gameplay("s", 5, "elsewhere")], app_id="other")
    yield event_store
    event_store.close()


def span(start: float, end: float) -> dict[str, int]:
    return {"from_us": at_us(start), "to_us": at_us(end)}


def test_lanes_are_the_sessions_in_scope_and_how_many_there_are(event_store: DuckDbStore) -> None:
    columns = ("app_id", "session_id", "first_us", "last_us", "matching", "known", "earliest_us")
    found = rows(event_store, "timeline_lanes", *columns, app_id="app")
    assert found == [
        ("app", "t", at_us(20), at_us(20), 2, 3, at_us(1)),
        ("app", "s", at_us(1), at_us(32), 2, 3, at_us(1)),
    ]
    both = {"app": ["s"], "other": ["s"]}
    assert len(rows(event_store, "timeline_lanes", "session_id", sessions=both)) == 2
    assert rows(event_store, "timeline_lanes", "app_id", sessions={"other": ["s"]}) == [("other",)]
    assert rows(event_store, "timeline_lanes", "known", build_id="none") == []


def test_what_comes_late_does_not_change_who_came_first(tmp_path: Path) -> None:
    event_store = opened(tmp_path / "events.duckdb")
    store(event_store, [gameplay("s", 5), gameplay("t", 6)], app_id="app")
    store(event_store, [gameplay("t", 1)], app_id="app")
    found = rows(event_store, "timeline_lanes", "session_id", "first_us", "first_seq")
    event_store.close()
    assert found == [("s", at_us(5), 1), ("t", at_us(1), 2)]


def test_ticks_of_one_name_share_a_bin(event_store: DuckDbStore) -> None:
    columns = ("app_id", "session_id", "kind", "name", "time_us", "events", "x")
    params: dict[str, Any] = {"sessions": {"app": ["s"]}, "bin_us": 1_000_000, **span(0, 29)}
    found = rows(event_store, "timeline_ticks", *columns[:-1], **params)
    assert found == [
        ("app", "s", 1, "Start", at_us(1), 1),
        ("app", "s", 2, "Jump", at_us(2), 10),
        ("app", "s", 2, "Player_Death", at_us(2.5), 1),
    ]
    both = params | {"sessions": {"app": ["s"], "other": ["s"]}}
    assert rows(event_store, "timeline_ticks", *columns[:-1], **both) == [
        *found,
        ("other", "s", 2, "Jump", at_us(5), 1),
    ]
    fine = rows(event_store, "timeline_ticks", "events", "upto_seq", **(params | {"bin_us": 1_000}))
    assert sum(events for events, _ in fine) == 12
    assert {upto for _, upto in fine} == {event_store.position().seq}


def test_a_session_is_on_a_level_until_it_is_on_another_or_silent(event_store: DuckDbStore) -> None:
    columns = ("app_id", "session_id", "level_id", "start_us", "end_us")
    found = rows(
        event_store, "timeline_levels", *columns, sessions={"app": ["s", "t"]}, gap_us=5_000_000, **span(0, 59)
    )  # and nothing of the other application's session s
    assert found == [
        ("app", "s", "A", at_us(1), at_us(4)),
        ("app", "s", "B", at_us(30), at_us(32)),
        ("app", "t", "A", at_us(20), at_us(20)),
    ]


def test_activity_tells_when_anybody_did_anything(event_store: DuckDbStore) -> None:
    columns = ("start_us", "end_us", "events")
    found = rows(event_store, "timeline_activity", *columns, app_id="app", bin_us=10_000_000, **span(0, 59))
    assert found == [(at_us(1), at_us(4), 12), (at_us(20), at_us(20), 1), (at_us(30), at_us(32), 1)]
