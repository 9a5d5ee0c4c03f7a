from typing import Any

import msgpack
import pytest

from console.players.commands import Command, Recorded, RecordSession, Register, TrackEvent, encode_recorded
from console.storage.event_columns import columns_of
from console.storage.event_store import ColumnBatch, Position
from console.storage.journal import JournaledIngest
from console.telemetry.events import EventKind
from tests.storage.events import at_us, funnel, gameplay, identity, journaled, trajectory


def columns(*batches: Any) -> ColumnBatch:
    return columns_of(journaled(*batches), Position())


def us(column: Any) -> list[int]:
    return column.cast("int64").to_pylist()  # type: ignore[no-any-return]


def test_every_kind_becomes_one_row_in_wire_order() -> None:
    batch = columns(
        [identity("p", 1), funnel("s", 2, "L1"), gameplay("s", 3, position=[1, 2, 3.5])],
        trajectory("s", 4, 5, [7, 8, 9, 10, 11, 12]),
    )
    events = batch.events
    assert events["seq"].to_pylist() == [1, 2, 3, 4]
    assert events["request_id"].to_pylist() == [1, 1, 1, 2]
    assert events["idx"].to_pylist() == [0, 1, 2, 0]
    assert us(events["received_at"]) == [1_000_000] * 3 + [2_000_000]
    assert us(events["time"]) == [at_us(1), at_us(2), at_us(3), at_us(4)]
    assert events["kind"].to_pylist() == [
        EventKind.IDENTITY,
        EventKind.FUNNEL,
        EventKind.GAMEPLAY,
        EventKind.TRAJECTORY,
    ]
    assert events["name"].to_pylist() == ["Create_Player", "Start", "Jump", ""]
    assert events["session_id"].to_pylist() == [None, "s", "s", "s"]
    assert events["level_id"].to_pylist() == [None, "L1", None, None]
    assert events["x"].to_pylist() == [None, None, 1, 7]
    assert events["z"].to_pylist() == [None, None, 3.5, 9]
    assert (batch.after, batch.upto) == (Position(0, 0), Position(2, 4))


def test_samples_are_spread_evenly_from_start_to_end() -> None:
    batch = columns(
        [trajectory("s", 0, 1, range(12)), trajectory("s", 2, 9, [1, 2, 3]), trajectory("s", 3, 3, range(6))]
    )
    assert batch.trajectories["samples"].to_pylist() == [4, 1, 2]
    assert us(batch.samples["time"]) == [
        *(at_us(0), at_us(0) + 333_333, at_us(0) + 666_667, at_us(1)),
        at_us(2),
        *(at_us(3), at_us(3)),
    ]
    assert batch.samples["seq"].to_pylist() == [1, 1, 1, 1, 2, 3, 3]
    assert batch.samples["idx"].to_pylist() == [0, 1, 2, 3, 0, 0, 1]
    assert batch.samples["y"].to_pylist() == [1, 4, 7, 10, 2, 1, 4]


def test_positions_beyond_float32_are_clipped_and_not_infinite() -> None:
    batch = columns(trajectory("s", 0, 1, [1e300, -1e300, 0.1]))
    assert batch.samples["x"].to_pylist() == pytest.approx([3.4028235e38])
    assert batch.samples["y"].to_pylist() == pytest.approx([-3.4028235e38])
    assert batch.events["x"].to_pylist() == [1e300]


def test_frame_rates_and_status_may_be_missing() -> None:
    batch = columns(
        [
            trajectory("s", 0, 1, [0, 0, 0]),
            trajectory("s", 0, 1, [0, 0, 0], fps={"mean": 60, "low_1": 9.5}, status="playing"),
        ]
    )
    assert batch.trajectories["fps_mean"].to_pylist() == [None, 60]
    assert batch.trajectories["fps_low_5"].to_pylist() == [None, None]
    assert batch.trajectories["fps_low_1"].to_pylist() == [None, 9.5]
    assert batch.trajectories["status"].to_pylist() == ["", "playing"]


@pytest.mark.parametrize(
    ("text", "expected_us"),
    [
        ("2026-01-01T00:00:01Z", at_us(1)),
        ("2026-01-01T00:00:01", at_us(1)),
        ("2026-01-01t02:00:01.5+02:00", at_us(1.5)),
        ("2026-01-01T00:00:01.123456789z", at_us(1.123457)),
        ("0001-01-01T00:00:00+14:00", -62135596800000000 - 14 * 3600 * 1_000_000),
        ("9999-12-31T23:59:59.999999Z", 253402300799999999),
    ],
)
def test_times_are_utc_microseconds(text: str, expected_us: int) -> None:
    (found,) = us(columns(gameplay("s", 0, timestamp=text)).events["time"])
    assert abs(found - expected_us) <= 1


def test_the_application_is_the_keys_and_not_the_clients_spelling() -> None:
    ingests = journaled(gameplay("s", 0, app_id="ABC"), app_id="abc")
    assert columns_of(ingests, Position()).events["app_id"].to_pylist() == ["abc"]


def test_fields_of_another_kind_are_free_fields() -> None:
    batch = columns(
        [
            identity("p", 1, session_id="s", level_id="L", position=[1, 2, 3]),
            funnel("s", 2, position=[1, 2, 3]),
            gameplay("s", 3, fps="fast", timestamp_start=17, status={"a": [1]}),
            trajectory("s", 4, 5, [1, 2, 3], timestamp="soon", position="here", custom={"x": b"1"}),
        ]
    )
    assert batch.events["session_id"].to_pylist() == [None, "s", "s", "s"]
    assert batch.events["level_id"].to_pylist() == [None] * 4
    assert batch.events["x"].to_pylist() == [None, None, None, 1]
    assert us(batch.events["time"]) == [at_us(1), at_us(2), at_us(3), at_us(4)]


@pytest.mark.expects_log
def test_a_body_that_cannot_be_read_back_is_left_out_and_told() -> None:
    ingests = journaled(gameplay("s", 1), gameplay("s", 2))
    broken = JournaledIngest(2, 0, "app", 2, 5, msgpack.packb([1, 2]))
    batch = columns_of([ingests[0], broken, JournaledIngest(3, 0, "app", 7, 1, ingests[1].body)], Position())
    assert batch.events["seq"].to_pylist() == [1, 7]
    assert batch.upto == Position(3, 7)


def recorded(*commands: Command, received_at_us: int = 9_000_000) -> JournaledIngest:
    return JournaledIngest(
        3, received_at_us, "app", 5, len(commands), b"{}", encode_recorded(Recorded(commands=list(commands)))
    )


def test_what_the_player_api_recorded_becomes_rows_of_its_own_kind() -> None:
    ingests = [
        *journaled([gameplay("s", 1), gameplay("s", 2)], [identity("p", 3), gameplay("s", 4)]),
        recorded(
            Register(player_id="p1", external_id="ada"),
            TrackEvent(event_id="e", player_id="p1", event_name="jump", time_us=at_us(7), session_id="t"),
            TrackEvent(event_id="f", player_id="p1", event_name="Create_Player", time_us=at_us(7)),
            RecordSession(player_id="p1", session_id="u", started_us=at_us(6)),
        ),
    ]
    events = columns_of(ingests, Position()).events
    assert events["seq"].to_pylist() == [1, 2, 3, 4, 5, 6, 7, 8]
    assert events["kind"].to_pylist()[4:] == [EventKind.PLAYER_API] * 4
    assert events["idx"].to_pylist()[4:] == [0, 1, 2, 3]
    assert events["name"].to_pylist()[4:] == ["player_registered", "jump", "Create_Player", "session_recorded"]
    assert events["player_id"].to_pylist()[4:] == ["p1"] * 4
    assert events["session_id"].to_pylist()[4:] == [None, "t", None, "u"]
    assert events["build_id"].to_pylist()[4:] == [""] * 4
    assert us(events["time"])[4:] == [9_000_000, at_us(7), at_us(7), at_us(6)]


@pytest.mark.expects_log
def test_commands_that_cannot_be_read_back_are_left_out() -> None:
    ingests = [
        JournaledIngest(1, 0, "app", 1, 1, b"{}", b"\xc1"),
        JournaledIngest(2, 0, "app", 2, 1, msgpack.packb(gameplay("s", 1))),
    ]
    assert columns_of(ingests, Position()).events["seq"].to_pylist() == [2]
