from collections.abc import Iterator
from typing import Any

import pytest

from console.storage.duckdb_store import DuckDbStore
from tests.storage.events import at_us, funnel, gameplay, opened, rows, store, trajectory

STEPS: dict[str, Any] = {"app_id": "app", "names": ["Start", "Key", "Exit"], "kinds": ["funnel", "gameplay", "funnel"]}


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDbStore]:
    event_store = opened(tmp_path_factory.mktemp("funnels") / "events.duckdb")

    def step(session: str, secs: float, name: str, **more: Any) -> dict[str, Any]:
        if name in ("Key", "Jump"):
            return gameplay(session, secs, event_name=name, **more)
        return funnel(session, secs, funnel_step_name=name, **more)

    store(
        event_store,
        [
            step("one", 1, "Start", level="cave"),
            step("one", 5, "Key", input_method="pad"),
            step("one", 9, "Exit"),
            step("one", 11, "Jump", position=[1, 2, 3]),
            step("two", 2, "Start", level="hill", player_id="player of one", build_id="2.0"),
            step("two", 3, "Start", player_id="player of one"),
            step("two", 22, "Key", player_id="player of one"),
            step("three", 4, "Key"),
            step("three", 4, "Start", level="cave"),
            # A funnel step that is called as the gameplay event is another thing.
            funnel("three", 6, funnel_step_name="Key"),
            trajectory("three", 6, 8, [0, 0, 0, 1, 1, 1]),
        ],
    )
    store(event_store, [step("one", 1, "Start"), step("one", 2, "Exit")], app_id="other")
    yield event_store
    event_store.close()


def test_steps_are_counted_with_their_times(events: DuckDbStore) -> None:
    told = rows(events, "funnel", "group", "step", "units", **STEPS)
    assert told == [(None, 0, 3), (None, 1, 2), (None, 2, 1)]
    medians = [secs for (secs,) in rows(events, "funnel", "median_secs", **STEPS)]
    assert medians[1:] == [12.0, 4.0]
    assert rows(events, "funnel", "units", **STEPS, within_us=10_000_000) == [(3,), (1,), (1,)]
    assert rows(events, "funnel", "units", **STEPS, per="player", to_us=at_us(8)) == [(2,), (1,), (0,)]
    assert rows(events, "funnel", "units", **STEPS, from_us=at_us(3), build_id="1.0") == [(2,), (1,), (0,)]
    swapped = STEPS | {"names": ["Start", "Exit"], "kinds": ["funnel", "funnel"]}
    assert rows(events, "funnel", "units", **swapped, strict=1) == [(3,), (1,)]
    assert rows(events, "funnel", "units", **STEPS, sessions={"app": ["none"]}) == [(0,), (0,), (0,)]


def test_groups_are_those_of_the_first_step(events: DuckDbStore) -> None:
    by_level = rows(events, "funnel", "group", "step", "units", **STEPS, by="level")[3:]
    assert by_level == [("cave", 0, 2), ("cave", 1, 1), ("cave", 2, 1), ("hill", 0, 1), ("hill", 1, 1), ("hill", 2, 0)]
    assert [group for (group,) in rows(events, "funnel", "group", **STEPS, by="input")[3::3]] == ["", "pad"]
    assert [group for (group,) in rows(events, "funnel", "group", **STEPS, by="build")[3::3]] == ["1.0", "2.0"]


def test_who_is_behind_a_bar(events: DuckDbStore) -> None:
    behind = ("session_id", "player_id", "level_id", "step", "time_us", "total")
    lost = rows(events, "funnel", *behind, **STEPS, behind=1, lost=1)
    assert lost == [("two", "player of one", "hill", 1, at_us(22), 1)]
    assert rows(events, "funnel", "session_id", **STEPS, behind=0) == [("two",), ("one",), ("three",)]
    assert rows(events, "funnel", "session_id", "total", **STEPS, behind=0, limit=1) == [("two", 3)]
    cave = STEPS | {"by": "level", "group": "cave", "behind": 0}
    assert rows(events, "funnel", "session_id", **cave) == [("one",), ("three",)]
    assert rows(events, "funnel", "session_id", **(cave | {"group": "nowhere"})) == []


def test_names_their_order_and_last_events(events: DuckDbStore) -> None:
    names = rows(events, "step_names", "kind", "name", "sessions", "events", app_id="app")
    assert names[:3] == [(1, "Start", 3, 4), (1, "Exit", 1, 1), (1, "Key", 1, 1)]
    order = rows(events, "step_order", "first", "second", "sessions", **STEPS)
    assert order == [(0, 1, 2), (0, 2, 1), (1, 0, 1), (1, 2, 1)]
    last = rows(events, "last_events", "session_id", "name", "x", app_id="app", session_ids=["one", "two"])
    assert [row[:2] for row in last] == [("one", "Jump"), ("two", "Key")]
    assert last[0][2] == 1.0
