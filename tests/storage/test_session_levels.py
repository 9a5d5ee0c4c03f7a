"""A trajectory's level, by the rule: what it names itself; else the last one its session named at or before its start;
else the first one after; else none."""

from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from console.storage.duckdb_store import DuckDbStore
from console.storage.event_columns import columns_of
from console.telemetry.events import UNASSIGNED_LEVEL
from tests.storage.events import funnel, gameplay, journaled, opened, rows, trajectory


class Sent(Struct, frozen=True):
    """One event in the order of arrival."""

    app: int
    session: str
    secs: int
    level: str | None
    kind: str


sent = st.builds(
    Sent,
    app=st.integers(0, 1),
    session=st.sampled_from(["s", "t"]),
    secs=st.integers(0, 5),
    level=st.sampled_from([None, None, "A", "B", "C"]),
    kind=st.sampled_from(["trajectory", "gameplay", "funnel"]),
)
app_numbers = count()


@pytest.fixture(scope="module")
def event_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDbStore]:
    event_store = opened(tmp_path_factory.mktemp("store") / "events.duckdb")
    yield event_store
    event_store.close()


def level_by_the_rule(events: list[Sent], number: int) -> str:
    event = events[number]
    if event.level is not None:
        return event.level
    named = [
        (other.secs, arrival, other.level)
        for arrival, other in enumerate(events)
        if (other.app, other.session) == (event.app, event.session) and other.level is not None
    ]
    if before := [mark for mark in named if mark[0] <= event.secs]:
        return max(before)[2]
    return min(named)[2] if named else UNASSIGNED_LEVEL


def message(event: Sent) -> dict[str, object]:
    if event.kind == "trajectory":
        return trajectory(event.session, event.secs, event.secs, [0, 0, 0], fps={"mean": 1}, level_id=event.level)
    make = gameplay if event.kind == "gameplay" else funnel
    return make(event.session, event.secs, event.level)


@given(st.lists(sent, max_size=14))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_query_places_a_trajectory_by_the_rule(event_store: DuckDbStore, events: list[Sent]) -> None:
    apps = [f"app {next(app_numbers)}" for _ in range(2)]
    after = event_store.position()
    first_seq = after.seq + 1
    ingests = journaled(*map(message, events), after=after)
    if events:
        of_apps = [replace(ingest, app_id=apps[event.app]) for ingest, event in zip(ingests, events, strict=True)]
        event_store.append(columns_of(of_apps, after))

    for app, app_id in enumerate(apps):
        mine = [n for n, event in enumerate(events) if event.app == app]
        expected = {first_seq + n: level_by_the_rule(events, n) for n in mine if events[n].kind == "trajectory"}
        placed = dict(rows(event_store, "frame_rate", "seq", "level_id", app_id=app_id))
        assert placed == expected

        listed = dict(rows(event_store, "events", "seq", "level_id", app_id=app_id, limit=100))
        assert {seq: listed[seq] or UNASSIGNED_LEVEL for seq in expected} == expected

        levels = {level_by_the_rule(events, n) for n in mine}
        counted = rows(event_store, "levels", "level_id", "events", "trajectories", app_id=app_id)
        assert {level for level, _, _ in counted} == levels
        assert sum(trajectories for _, _, trajectories in counted) == len(expected)
        assert sum(others for _, others, _ in counted) == len(mine) - len(expected)
        for level in levels:
            found = {seq for (seq,) in rows(event_store, "samples", "seq", app_id=app_id, level_id=level)}
            assert found == {seq for seq, placed_in in expected.items() if placed_in == level}
