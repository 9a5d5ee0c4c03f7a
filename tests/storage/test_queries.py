"""Answers against data small enough to compute by hand."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from console.columns import encode_columns, text
from console.players.commands import Command, Recorded, Register, TrackEvent, encode_recorded
from console.storage.duckdb_store import DuckDbStore
from console.storage.event_columns import columns_of
from console.storage.journal_records import JournaledIngest
from tests.storage.events import at_us, funnel, gameplay, identity, opened, rows, store, trajectory

FPS = {"mean": 60.0, "low_5": 40.0, "low_1": 20.0}


def recorded(folder: Path) -> DuckDbStore:
    """Two players of one application, one of another that uses the same session id."""
    event_store = opened(folder / "events.duckdb")
    store(
        event_store,
        [identity("player of s1", 0), funnel("s1", 1, "L1")],  # 1, 2
        trajectory("s1", 2, 4, [0, 0, 0, 1, 2, 3, 2, 4, -6], fps=FPS, status="playing"),  # 3
        [gameplay("s1", 5, "L2", position=[10, 20, 30]), gameplay("s1", 6)],  # 4, 5
        trajectory("s1", 7, 8, [5, 5, 5, 6, 6, 6], fps={"mean": 30}),  # 6
        [trajectory("s2", 3, 3, [1, 1, 1], build_id="2.0"), gameplay("s3", 9, position=[7, 7, 7])],  # 7, 8
    )
    store(event_store, [gameplay("s1", 1, "L9"), trajectory("s1", 0, 1, [9, 9, 9], fps=FPS)], app_id="other")  # 9, 10
    return event_store


@pytest.fixture(scope="module")
def playtest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDbStore]:
    """For questions alone."""
    event_store = recorded(tmp_path_factory.mktemp("store"))
    yield event_store
    event_store.close()


def test_totals(playtest: DuckDbStore) -> None:
    names = ("events", "players", "sessions", "trajectories", "samples")
    assert rows(playtest, "totals", *names) == [(10, 4, 4, 4, 7)]
    assert rows(playtest, "totals", *names, app_id="other") == [(2, 1, 1, 1, 1)]
    assert rows(playtest, "totals", *names, app_id="none") == [(0, 0, 0, 0, 0)]


def test_sessions(playtest: DuckDbStore) -> None:
    names = (
        "app_id",
        "session_id",
        "build_id",
        "player_id",
        "first_us",
        "last_us",
        "events",
        "trajectories",
        "samples",
    )
    assert rows(playtest, "sessions", *names) == [
        ("app", "s1", "1.0", "player of s1", at_us(1), at_us(8), 5, 2, 5),
        ("app", "s2", "2.0", "player of s2", at_us(3), at_us(3), 1, 1, 1),
        ("app", "s3", "1.0", "player of s3", at_us(9), at_us(9), 1, 0, 0),
        ("other", "s1", "1.0", "player of s1", at_us(0), at_us(1), 2, 1, 1),
    ]
    last = rows(playtest, "sessions", "fps_mean", "level_id")
    assert last[0] == (30, "L2")
    assert np.isnan(last[1][0])
    assert last[1][1] is None
    assert last[3] == (60, "L9")
    assert rows(playtest, "sessions", "session_id", app_id="app", limit=2) == [("s2",), ("s3",)]


def test_levels(playtest: DuckDbStore) -> None:
    names = ("app_id", "level_id", "sessions", "events", "trajectories", "samples")
    assert rows(playtest, "levels", *names) == [
        ("app", "(unassigned)", 2, 1, 1, 1),
        ("app", "L1", 1, 1, 1, 3),
        ("app", "L2", 1, 2, 1, 2),
        ("other", "L9", 1, 1, 1, 1),
    ]
    bounds = ("min_x", "min_y", "min_z", "max_x", "max_y", "max_z")
    assert rows(playtest, "levels", *bounds, app_id="app") == [
        (1, 1, 1, 7, 7, 7),
        (0, 0, -6, 2, 4, 3),
        (5, 5, 5, 10, 20, 30),
    ]


def test_samples(playtest: DuckDbStore) -> None:
    names = ("seq", "session_id", "player_id", "time_us", "x", "y", "z", "fps_mean", "fps_low_5", "fps_low_1")
    assert rows(playtest, "samples", *names, level_id="L1") == [
        (3, "s1", "player of s1", at_us(2), 0, 0, 0, 60, 40, 20),
        (3, "s1", "player of s1", at_us(3), 1, 2, 3, 60, 40, 20),
        (3, "s1", "player of s1", at_us(4), 2, 4, -6, 60, 40, 20),
    ]
    assert playtest.query("samples", {"level_id": "L1"})["x"].dtype == np.float32  # type: ignore[union-attr]
    assert [seq for (seq,) in rows(playtest, "samples", "seq", level_id="L2")] == [6, 6]
    assert rows(playtest, "samples", "seq", level_id="(unassigned)") == [(7,)]
    assert rows(playtest, "samples", "seq", level_id="L9", app_id="app") == []


def test_samples_can_be_narrowed(playtest: DuckDbStore) -> None:
    def times(**params: object) -> list[int]:
        return [time_us for (time_us,) in rows(playtest, "samples", "time_us", level_id="L1", **params)]

    assert times(limit=2) == [at_us(3), at_us(4)]
    assert times(from_us=at_us(3)) == [at_us(3), at_us(4)]
    assert times(to_us=at_us(3)) == [at_us(2), at_us(3)]
    assert times(sessions={"app": ["s2"]}) == []
    assert times(sessions={"app": ["s1", "s2"]}, build_id="1.0", app_id="app") == [at_us(2), at_us(3), at_us(4)]
    assert times(sessions={}) == []
    assert times(build_id="2.0") == []


def test_markers(playtest: DuckDbStore) -> None:
    names = ("seq", "request_id", "index", "time_us", "name", "session_id", "player_id", "x", "y", "z")
    assert rows(playtest, "markers", *names, level_id="L2") == [
        (4, 3, 0, at_us(5), "Jump", "s1", "player of s1", 10, 20, 30)
    ]
    assert rows(playtest, "markers", "seq", level_id="(unassigned)") == [(8,)]
    assert rows(playtest, "markers", "seq", level_id="L2", sessions={"app": ["s9"]}) == []
    assert rows(playtest, "markers", "seq", level_id="L2", limit=0) == []


def test_player_events(playtest: DuckDbStore) -> None:
    names = ("seq", "request_id", "index", "time_us", "kind", "name", "session_id")
    player = {"app_id": "app", "player_ids": ["player of s1", "another id of the same"]}
    assert rows(playtest, "player_events", *names, **player, limit=2) == [
        (5, 3, 1, at_us(6), 2, "Jump", "s1"),
        (4, 3, 0, at_us(5), 2, "Jump", "s1"),
    ]
    assert [seq for (seq,) in rows(playtest, "player_events", "seq", **player)] == [5, 4, 2, 1]
    assert rows(playtest, "player_events", "seq", app_id="app", player_ids=[]) == []


def test_frame_rate(playtest: DuckDbStore) -> None:
    names = ("seq", "session_id", "build_id", "level_id", "start_us", "end_us", "mean")
    assert rows(playtest, "frame_rate", *names) == [
        (3, "s1", "1.0", "L1", at_us(2), at_us(4), 60),
        (6, "s1", "1.0", "L2", at_us(7), at_us(8), 30),
        (10, "s1", "1.0", "L9", at_us(0), at_us(1), 60),
    ]
    assert np.isnan(playtest.query("frame_rate", {"app_id": "app"})["low_5"]).tolist() == [False, True]  # type: ignore[arg-type]
    assert rows(playtest, "frame_rate", "seq", from_us=at_us(5)) == [(6,)]
    assert rows(playtest, "frame_rate", "seq", limit=1) == [(6,)]


def test_events(playtest: DuckDbStore) -> None:
    names = ("seq", "request_id", "index", "received_at_us", "time_us", "kind", "name", "session_id", "level_id")
    assert rows(playtest, "events", *names, limit=100)[:4] == [
        (1, 1, 0, 1_000_000, at_us(0), 0, "Create_Player", "", ""),
        (2, 1, 1, 1_000_000, at_us(1), 1, "Start", "s1", "L1"),
        (3, 2, 0, 2_000_000, at_us(2), 3, "", "s1", "L1"),
        (4, 3, 0, 3_000_000, at_us(5), 2, "Jump", "s1", "L2"),
    ]
    details = rows(playtest, "events", "seq", "level_id", "samples", "duration_us", "status", limit=100)
    assert details[2] == (3, "L1", 3, 2_000_000, "playing")
    assert details[4:8] == [(5, "", 0, 0, ""), (6, "L2", 2, 1_000_000, ""), (7, "", 1, 0, ""), (8, "", 0, 0, "")]
    places = rows(playtest, "events", "x", "y", "z", "fps_mean", limit=100)
    assert places[2] == (0, 0, 0, 60)
    assert places[3][:3] == (10, 20, 30)
    assert np.isnan(places[3][3])
    assert np.isnan(places[1][0])


def test_events_are_the_newest_page_oldest_first(playtest: DuckDbStore) -> None:
    assert rows(playtest, "events", "seq", limit=3) == [(8,), (9,), (10,)]
    assert rows(playtest, "events", "seq", limit=2, before_seq=8) == [(6,), (7,)]
    assert rows(playtest, "events", "seq", limit=2, app_id="app") == [(7,), (8,)]
    assert rows(playtest, "events", "seq", limit=5, before_seq=1) == []


def test_text_survives_as_it_was_sent(tmp_path: Path) -> None:
    event_store = opened(tmp_path / "events.duckdb")
    hostile = ["'; DROP TABLE events; --", "a\0b", "\u202e\U0001f480", "%s{}$level_id", "\n"]
    store(event_store, [gameplay(name, 1, name, position=[0, 0, 0]) for name in hostile])
    for name in hostile:
        assert rows(event_store, "markers", "session_id", level_id=name) == [(name,)]
        assert rows(event_store, "markers", "session_id", level_id=name, sessions={"app": [name]}) == [(name,)]
    answer = encode_columns(event_store.query("sessions", {}))
    assert text(answer, "session_id") == hostile
    event_store.close()


def test_what_the_player_api_recorded_is_listed_but_is_no_session_of_telemetry(tmp_path: Path) -> None:
    event_store = recorded(tmp_path)
    (totals,) = rows(event_store, "totals")
    before = {name: repr(rows(event_store, name)) for name in ("sessions", "levels", "frame_rate")}
    position = event_store.position()
    commands: list[Command] = [
        Register(player_id="p1", external_id="ada"),
        TrackEvent(event_id="e", player_id="p1", event_name="Jump", time_us=at_us(90), session_id="player session"),
    ]
    ingest = JournaledIngest(
        position.request_id + 1,
        at_us(91),
        "app",
        position.seq + 1,
        len(commands),
        b"{}",
        encode_recorded(Recorded(commands=commands)),
    )
    event_store.append(columns_of([ingest], position))

    assert rows(event_store, "totals") == [(totals[0] + 2, *totals[1:])]
    assert {name: repr(rows(event_store, name)) for name in before} == before
    newest = rows(event_store, "events", "kind", "name", "player_id", "session_id", limit=2)
    assert newest == [(4, "player_registered", "p1", ""), (4, "Jump", "p1", "player session")]
    event_store.close()


def test_what_a_session_had_before_an_event(playtest: DuckDbStore) -> None:
    names = ("events", "first_us", "player_id", "level_id")
    before = {"app_id": "app", "session_id": "s1"}
    assert rows(playtest, "session_before", *names, **before, seq=6) == [(4, at_us(1), "player of s1", "L2")]
    assert rows(playtest, "session_before", "events", "player_id", **before, seq=2) == [(0, None)]
