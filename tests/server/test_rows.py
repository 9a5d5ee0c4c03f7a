from datetime import UTC, datetime, timedelta, timezone

import msgspec
import numpy as np
from msgspec.structs import replace

from console.players.commands import (
    Command,
    Recorded,
    RecordPurchase,
    RecordSession,
    Register,
    TrackEvent,
    Update,
    encode_recorded,
)
from console.server.rows import RowBuilder, SessionLevels, pack_positions
from console.storage.journal import JournaledIngest
from console.telemetry.events import EventKind, FrameRates, FunnelStep, GameplayEvent, PlayerIdentity, Trajectory

AT = datetime(2026, 2, 12, 10, 0, 0, 123456, tzinfo=UTC)
AT_US = 1770890400123456
WHO = {"app_id": "APP", "build_id": "b", "player_id": "p"}


def gameplay(session: str = "s", level: str | None = None, **more: object) -> GameplayEvent:
    return GameplayEvent(event_name="Jump", session_id=session, timestamp=AT, level_id=level, **WHO, **more)  # type: ignore[arg-type]


def trajectory(session: str = "s", level: str | None = None, **more: object) -> Trajectory:
    fields = {
        "positions": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "timestamp_start": AT,
        "timestamp_end": AT + timedelta(seconds=2),
        "session_id": session,
        "level_id": level,
        **WHO,
        **more,
    }
    return Trajectory(**fields)  # type: ignore[arg-type]


def build(levels: SessionLevels, *events: object) -> RowBuilder:
    builder = RowBuilder(levels)
    builder.add(list(events), first_seq=10, first_index=3, request_id=7, received_at_us=99, app_id="app")  # type: ignore[arg-type]
    return builder


def test_each_kind_becomes_a_row() -> None:
    identity = PlayerIdentity(event_name="Create_Player", timestamp=AT, **WHO)
    step = FunnelStep(funnel_step_name="Tutorial", session_id="s", timestamp=AT, level_id="L1", **WHO)
    jump = gameplay(position=(1.0, 2.0, 3.0))
    walk = trajectory(fps=FrameRates(60.0, 40.0, 30.0), status="ok")

    builder = build(SessionLevels(), identity, step, jump, walk)

    rows = builder.events
    assert [row.kind for row in rows] == [kind for kind in EventKind if kind is not EventKind.PLAYER_API]
    assert [row.name for row in rows] == ["Create_Player", "Tutorial", "Jump", ""]
    assert [row.seq for row in rows] == [10, 11, 12, 13]
    assert [row.index for row in rows] == [3, 4, 5, 6]
    assert {row.app_id for row in rows} == {"app"}  # as the key has it, not as it was spelt on the wire
    assert {(row.request_id, row.received_at_us, row.time_us) for row in rows} == {(7, 99, AT_US)}
    assert [row.session_id for row in rows] == ["", "s", "s", "s"]
    assert [(row.x, row.y, row.z) for row in rows] == [(None,) * 3, (None,) * 3, (1.0, 2.0, 3.0), (1.0, 2.0, 3.0)]
    assert (rows[3].fps_mean, rows[3].fps_low_5, rows[3].fps_low_1) == (60.0, 40.0, 30.0)
    assert (rows[3].samples, rows[3].duration_us, rows[3].status) == (2, 2_000_000, "ok")
    (track,) = builder.trajectories
    assert track.seq == 13
    assert (track.start_us, track.end_us) == (AT_US, AT_US + 2_000_000)
    assert np.frombuffer(track.positions, "<f4").reshape(-1, 3).tolist() == [[1, 2, 3], [4, 5, 6]]


def test_times_of_any_zone_are_utc_microseconds() -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    (row,) = build(SessionLevels(), replace(gameplay(), timestamp=elsewhere)).events
    assert row.time_us == AT_US


def test_trajectory_takes_the_level_its_session_was_last_seen_in() -> None:
    builder = build(
        SessionLevels(),
        trajectory("a"),
        gameplay("a", "L1"),
        gameplay("b", "L2"),
        trajectory("a"),
        gameplay("a"),
        trajectory("a"),
        trajectory("a", "own"),
        trajectory("a"),
    )
    assert [track.level_id for track in builder.trajectories] == ["", "L1", "L1", "own", "own"]
    assert [row.level_id for row in builder.events if row.kind is EventKind.TRAJECTORY] == [
        "",
        "L1",
        "L1",
        "own",
        "own",
    ]


def test_sessions_of_two_applications_do_not_mix() -> None:
    levels = SessionLevels()
    levels.note("one", "s", "L1")
    assert levels.of("two", "s") == ""


def test_longest_unseen_sessions_are_forgotten_first() -> None:
    levels = SessionLevels(max_sessions=2)
    levels.note("a", "1", "L")
    levels.note("a", "2", "L")
    levels.note("a", "1", "L")
    levels.note("a", "3", "L")
    assert [levels.of("a", s) for s in "123"] == ["L", "", "L"]


def test_older_knowledge_never_replaces_newer() -> None:
    levels = SessionLevels(max_sessions=3)
    levels.note("a", "1", "new")
    levels.add_older({("a", "0"): "old", ("a", "1"): "old", ("a", "2"): "old", ("a", "3"): "old"})
    assert [levels.of("a", s) for s in "0123"] == ["", "new", "old", "old"]
    levels.note("a", "4", "L")  # what was older goes first, the longest unseen of it
    assert [levels.of("a", s) for s in "1234"] == ["new", "", "old", "L"]


def test_levels_may_be_asked_of_another() -> None:
    older = SessionLevels()
    older.note("a", "1", "old")
    levels = SessionLevels(older=older)
    assert levels.of("a", "1") == "old"
    levels.note("a", "1", "new")
    assert levels.of("a", "1") == "new"
    assert older.of("a", "1") == "old"


def test_positions_beyond_float32_do_not_fail() -> None:
    assert np.isinf(np.frombuffer(pack_positions([1e300, 0.0, -1e300]), "<f4")).tolist() == [True, False, True]


def test_each_command_becomes_a_row_of_its_player() -> None:
    commands: list[Command] = [
        Register(player_id="P"),
        Update(player_id="P"),
        RecordSession(player_id="P", session_id="s", started_us=5),
        RecordPurchase(player_id="P", amount_minor=499),
        TrackEvent(event_id="E", player_id="P", event_name="Jump", time_us=6, session_id="t"),
    ]
    builder = RowBuilder(SessionLevels())

    builder.add_commands(commands, first_seq=10, first_index=0, request_id=7, received_at_us=99, app_id="app")

    rows = builder.events
    assert [(row.seq, row.index, row.name, row.session_id, row.time_us) for row in rows] == [
        (10, 0, "player_registered", "", 99),
        (11, 1, "player_updated", "", 99),
        (12, 2, "session_recorded", "s", 5),
        (13, 3, "purchase_recorded", "", 99),
        (14, 4, "Jump", "t", 6),
    ]
    assert {(row.kind, row.player_id, row.build_id, row.level_id) for row in rows} == {
        (EventKind.PLAYER_API, "P", "", "")
    }


def test_journaled_requests_of_either_api_become_rows() -> None:
    event = {"event_name": "Jump", "session_id": "s", "timestamp": "2026-02-12T10:00:00Z", **WHO}
    telemetry = JournaledIngest(1, 99, "app", 10, 1, msgspec.msgpack.encode(event))
    recorded = encode_recorded(Recorded(commands=[Register(player_id="P")]))
    builder = RowBuilder(SessionLevels())

    builder.add_request(telemetry)
    builder.add_request(JournaledIngest(2, 99, "app", 11, 1, b"{}", recorded))

    assert [(row.seq, row.request_id, row.player_id) for row in builder.events] == [(10, 1, "p"), (11, 2, "P")]
