from pathlib import Path

from console.storage.event_store import AssignedLevel
from console.telemetry.events import UNASSIGNED_LEVEL
from tests.storage.events import FAR, JOURNAL_ID, funnel, gameplay, opened, rows, store, trajectory


def test_an_assigned_session_is_in_its_level_in_every_query_until_it_names_one(tmp_path: Path) -> None:
    event_store = opened(tmp_path / "events.duckdb")
    store(
        event_store,
        [trajectory("s", 1, 2, [1, 2, 3], fps={"mean": 60}), gameplay("s", 1, position=[0, 0, 0]), funnel("s", 1)],
        [gameplay("named", 1, "L1"), trajectory("named", 2, 3, [4, 5, 6])],
    )
    store(event_store, [trajectory("s", 1, 2, [7, 8, 9])], app_id="other")

    def levels() -> dict[int, str]:
        return dict(rows(event_store, "events", "seq", "level_id", limit=10))

    def found(text: str) -> list[int]:
        return [seq for (seq,) in rows(event_store, "events", "seq", limit=10, filter={"text": text})]

    assert levels() == {1: "", 2: "", 3: "", 4: "L1", 5: "L1", 6: ""}
    assert rows(event_store, "unassigned_sessions", "app_id", "session_id", "samples") == [
        ("app", "s", 1),
        ("other", "s", 1),
    ]

    # A session of the same id in another application is another session; one that named a level keeps it.
    assigned = [AssignedLevel("app", "s", "L2"), AssignedLevel("app", "named", "L2")]
    event_store.assign_levels(assigned)
    event_store.assign_levels(assigned)
    assert levels() == {1: "L2", 2: "L2", 3: "L2", 4: "L1", 5: "L1", 6: ""}
    assert found("level:L2") == [1, 2, 3]
    assert rows(event_store, "levels", "app_id", "level_id", "events", "samples") == [
        ("app", "L1", 1, 1),
        ("app", "L2", 2, 1),
        ("other", UNASSIGNED_LEVEL, 0, 1),
    ]
    assert rows(event_store, "samples", "seq", level_id="L2") == [(1,)]
    assert rows(event_store, "markers", "seq", level_id="L2") == [(2,)]
    assert rows(event_store, "frame_rate", "seq", "level_id") == [(1, "L2")]
    assert rows(event_store, "sessions", "app_id", "session_id", "level_id", "level_assigned") == [
        ("app", "s", "L2", 1),
        ("app", "named", "L1", 0),
        ("other", "s", None, 0),
    ]
    assert rows(event_store, "unassigned_sessions", "app_id", "session_id") == [("other", "s")]

    # What is told outlives a store that is opened anew, as after an error.
    event_store.migrate(JOURNAL_ID, FAR)
    assert found("level:L2") == [1, 2, 3]

    store(event_store, [gameplay("s", 9, "L3")])
    assert {levels()[seq] for seq in (1, 7)} == {"L3"}, "what a session says of itself holds"
    event_store.assign_levels([])
    assert levels()[2] == ""
    event_store.close()
