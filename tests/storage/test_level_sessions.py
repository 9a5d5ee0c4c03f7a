"""Who was on a level since when, and which trajectory a moment belongs to."""

from pathlib import Path

from tests.storage.events import gameplay, opened, rows, store, trajectory

SECOND = 1_000_000


def test_sessions_of_a_level_and_the_trajectory_of_a_moment(tmp_path: Path) -> None:
    event_store = opened(tmp_path / "events.duckdb")
    store(
        event_store,
        [
            gameplay("s", 1, "L1"),
            trajectory("s", 2, 4, [1, 2, 3, 4, 5, 6]),
            trajectory("s", 4, 6, [1, 2, 3]),
            trajectory("t", 9, 10, [7, 8, 9]),
        ],
    )
    store(event_store, [gameplay("s", 1, "L1"), trajectory("s", 5, 6, [7, 8, 9])], app_id="other")
    columns = ("app_id", "session_id", "entered_us", "last_us", "samples")
    found = rows(event_store, "level_sessions", *columns, level_id="L1")
    assert [(app, session, samples) for app, session, *_, samples in found] == [("app", "s", 3), ("other", "s", 1)]
    entered_us, last_us = found[0][2:4]
    assert last_us - entered_us == 4 * SECOND
    assert len(rows(event_store, "level_sessions", "session_id", level_id="L1", app_id="other")) == 1

    def at(seconds: int, app_id: str = "app") -> list[tuple[int]]:
        time_us = int(entered_us) + seconds * SECOND
        return rows(event_store, "trajectory_at", "seq", app_id=app_id, session_id="s", time_us=time_us)

    assert (at(1), at(2), at(3), at(9), at(3, "other")) == ([(2,)], [(3,)], [(3,)], [], [(6,)])
