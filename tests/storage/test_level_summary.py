"""What a level's selection comes to, small enough to compute by hand."""

from pathlib import Path

from tests.storage.events import at_us, gameplay, opened, rows, store, trajectory

PLAYED = ("sessions", "players", "first_us", "last_us", "played_us", "samples")
WAITS = ("name", "events", "median_us")


def test_what_was_played_and_how_long_events_were_waited_for(tmp_path: Path) -> None:
    event_store = opened(tmp_path / "events.duckdb")
    try:
        store(
            event_store,
            [gameplay("s1", 0, "L1"), gameplay("s1", 9, "L1")],
            trajectory("s1", 2, 4, [0, 0, 0, 1, 1, 1], level_id="L1"),
            trajectory("s2", 6, 9, [0, 0, 0], level_id="L1"),
            [gameplay("s2", 8, "L1"), gameplay("s2", 9, "elsewhere")],
        )
        assert rows(event_store, "level_summary", *PLAYED, level_id="L1") == [(2, 2, at_us(2), at_us(9), 5_000_000, 3)]
        assert rows(event_store, "level_summary", *PLAYED, level_id="L1", sessions={"app": ["s2"]}, to_us=at_us(7)) == [
            (1, 1, at_us(6), at_us(7), 1_000_000, 1)
        ]
        part = {"level_id": "L1", "from_us": at_us(3), "to_us": at_us(5)}  # of a trajectory's two samples, one
        assert rows(event_store, "level_summary", *PLAYED, **part) == [(1, 1, at_us(3), at_us(4), 1_000_000, 1)]
        box = {"to_viewer": [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], "box": [0, 0, 0, 0.5, 0.5, 0.5]}
        outside = rows(event_store, "outside", "outside_samples", "all_samples", **part, **box)
        assert outside == [(1, 1)]
        assert rows(event_store, "level_summary", *PLAYED, level_id="none") == [(0, 0, 0, 0, 0, 0)]
        ((name, count, median_us),) = rows(event_store, "level_waits", *WAITS, level_id="L1")
        assert (count, median_us) == (3, 2_000_000)  # of 0 and 9 s, and 2 s since the second session came
        assert rows(event_store, "level_waits", *WAITS, level_id="L1", from_us=at_us(9)) == [(name, 1, 9_000_000)]
        assert rows(event_store, "level_waits", *WAITS, level_id="none") == []
    finally:
        event_store.close()
