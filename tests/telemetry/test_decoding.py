"""What is accepted, and what it becomes."""

import gc
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgpack
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.telemetry import decoding, schema
from console.telemetry.decoding import NeedsDiagnosis, decode_events, is_plain, plain_map
from console.telemetry.events import (
    MAX_POSITIONS_NUMBERS,
    MAX_TEXT_BYTES,
    Event,
    EventKind,
    FrameRates,
    FunnelStep,
    GameplayEvent,
    PlayerIdentity,
    Trajectory,
    epoch_us,
)
from tests.telemetry.bodies import APP_ID, KINDS, Pairs, Raw, funnel, gameplay, identity, levels, pack, trajectory

NOON = datetime(2026, 2, 12, 10, tzinfo=UTC)


def decoded(value: Any) -> Event:
    batch = decode_events(pack(value))
    assert batch.app_ids == {APP_ID}
    return batch.events[0]


def test_identity() -> None:
    assert decoded(identity()) == PlayerIdentity(
        event_name="Create_Player",
        app_id=APP_ID,
        build_id="Win64_Shipping_1.0.2",
        player_id="player_01",
        timestamp=NOON,
        region="EU-West",
        hardware={"gpu": "RTX 4090", "ram": "32GB"},
    )


def test_funnel_step() -> None:
    assert decoded(funnel()) == FunnelStep(
        funnel_step_name="Tutorial_Start",
        app_id=APP_ID,
        build_id="Win64_Shipping_1.0.2",
        player_id="player_01",
        session_id="s-01",
        timestamp=NOON,
        level_id="Training_Grounds",
    )


def test_gameplay_event() -> None:
    assert decoded(gameplay()) == GameplayEvent(
        event_name="Player_Jump",
        app_id=APP_ID,
        build_id="Win64_Shipping_1.0.2",
        player_id="player_01",
        session_id="s-01",
        timestamp=NOON,
        level_id="Level_1",
        position=(10.5, 0.0, -5.2),
        custom_data={"weapon": "Sword", "ammo": 10},
        input_method="Gamepad",
    )


def test_trajectory() -> None:
    assert decoded(trajectory(level_id="L")) == Trajectory(
        app_id=APP_ID,
        build_id="Win64_Shipping_1.0.2",
        player_id="player_01",
        session_id="s-01",
        positions=[10.0, 0.0, 1.0, 10.1, 0.0, 1.1, 10.2, 0.0, 1.2],
        timestamp_start=NOON,
        timestamp_end=NOON + timedelta(seconds=5),
        fps=FrameRates(60, 55, 30),
        status="Gameplay",
        input_method="Gamepad",
        level_id="L",
    )


def test_a_batch_keeps_its_order() -> None:
    makes = [KINDS[i * 7 % 4] for i in range(40)]
    # The three ways in: documented fields only, further ones, binary ones.
    for more in ({}, {"extra": 1}, {"extra": b"x"}):
        events = decode_events(pack([make(**more) for make in makes])).events
        assert events == [decoded(make()) for make in makes]


def test_app_ids_are_all_told() -> None:
    batch = decode_events(pack([gameplay(app_id="a"), gameplay(app_id="B"), gameplay(app_id="a")]))
    assert batch.app_ids == {"a", "B"}


@pytest.mark.parametrize("make", KINDS)
def test_optional_fields_may_be_absent_or_nil(make: Any) -> None:
    event = make()
    optional = [name for name in event if name in schema.OPTIONAL]
    absent = decoded({name: value for name, value in event.items() if name not in optional})
    assert decoded(event | dict.fromkeys(optional)) == absent


def test_nil_recognisers_count_as_absent() -> None:
    """One C# class for every kind of event sends all of its members."""
    assert decoded(gameplay(funnel_step_name=None, positions=None)) == decoded(gameplay())
    assert decoded(trajectory(event_name=None, funnel_step_name=None)) == decoded(trajectory())


@pytest.mark.parametrize(
    "more",
    [
        {"sdk": "1.2"},
        {"deep": levels(15)},
        {"deep": {"a": {"b": {"c": {"d": {"e": [1, None, True, b"x", 2**64 - 1, -(2**63)]}}}}}},
        {"blob": b"\xff\x00"},
        {"received_at": 1, "seq": 2},
        {"hardware": "of another kind of event", "region": 5},
        {"long": "x" * MAX_TEXT_BYTES},
        {"é" * 40: {"": ""}},
        {"custom": [[], {}, [[]]]},
    ],
)
def test_further_fields_are_taken(more: dict[str, Any]) -> None:
    assert decoded(gameplay(**more)) == decoded(gameplay())


def test_further_frame_rates_are_taken() -> None:
    event = decoded(trajectory(fps={"mean": 60.5, "max": 90}))
    assert isinstance(event, Trajectory)
    assert event.fps == FrameRates(60.5)


def test_free_form_maps_hold_anything_plain() -> None:
    data = {"a": [1, 2.5, None, True, "x", b"y", {"b": levels(12)}]}
    event = decoded(gameplay(custom_data=data))
    assert isinstance(event, GameplayEvent)
    assert event.custom_data == data


def test_repeated_keys_the_last_wins() -> None:
    for more in ([], [("extra", 1)], [("extra", b"x")]):
        pairs = Pairs([("player_id", 5), *gameplay().items(), ("event_name", "Other"), *more])
        event = decoded(pairs)
        assert isinstance(event, GameplayEvent)
        assert event.event_name == "Other"
        assert event.player_id == "player_01"


def test_any_number_may_be_a_position() -> None:
    event = decoded(gameplay(position=[2**64 - 1, -5, Raw(b"\xca\x3d\xcc\xcc\xcd")]))
    assert isinstance(event, GameplayEvent)
    assert event.position == (float(2**64 - 1), -5.0, 0.10000000149011612)


@pytest.mark.parametrize("characters", ["x" * 256, "é" * 256, "🎮" * 256])
def test_names_are_measured_in_characters(characters: str) -> None:
    assert decoded(gameplay(player_id=characters)).player_id == characters
    with pytest.raises(NeedsDiagnosis):
        decode_events(pack(gameplay(player_id=characters + "x")))


def test_the_longest_trajectory() -> None:
    event = decoded(trajectory(positions=[1.5] * MAX_POSITIONS_NUMBERS))
    assert isinstance(event, Trajectory)
    assert len(event.positions) == MAX_POSITIONS_NUMBERS


def test_a_trajectory_of_one_instant() -> None:
    assert isinstance(decoded(trajectory(timestamp_end="2026-02-12T10:00:00")), Trajectory)


def test_large_numbers_whose_sum_overflows_are_finite() -> None:
    assert isinstance(decoded(trajectory(positions=[1.7e308] * 6, extra=b"")), Trajectory)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-02-12T10:00:00Z", NOON),
        ("2026-02-12T10:00:00z", NOON),
        ("2026-02-12T10:00:00+00:00", NOON),
        ("2026-02-12T12:30:00+02:30", NOON),
        ("2026-02-12T05:00:00-0500", NOON),
        ("2026-02-12T10:00:00", NOON),
        ("2026-02-12 10:00:00Z", NOON),
        ("2026-02-12T10:00:00.5Z", NOON.replace(microsecond=500_000)),
        ("2026-02-12T10:00:00.1234567Z", NOON.replace(microsecond=123_457)),
        ("2026-02-12T10:00:00.123456000Z", NOON.replace(microsecond=123_456)),
    ],
)
def test_times(text: str, expected: datetime) -> None:
    for more in ({}, {"extra": 1}, {"extra": b""}):
        event = decoded(gameplay(timestamp=text, **more))
        assert isinstance(event, GameplayEvent)
        assert epoch_us(event.timestamp) == epoch_us(expected)


def test_epoch_us() -> None:
    assert epoch_us(datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)) == 1
    assert epoch_us(datetime(1970, 1, 1)) == 0  # noqa: DTZ001 - a time without a zone
    assert epoch_us(datetime(1970, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))) == 0
    assert epoch_us(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))) < epoch_us(datetime(1, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("body", [b"", b"\x90", b"\xc0", b"{}", b"\xdc\x27\x11" + b"\x80" * 10_001])
def test_refusals_are_cheap_and_say_nothing(body: bytes) -> None:
    with pytest.raises(NeedsDiagnosis) as refusal:
        decode_events(body)
    assert not refusal.value.args


def test_long_texts_are_found_among_numbers_that_look_like_them() -> None:
    """The bytes db 00 01 00 01 announce a string of 65,537 bytes, or are part of a float."""
    number = Raw(b"\xcb\x40\xdb\x00\x01\x00\x01\x00\x00")
    event = decoded(trajectory(positions=[number] * 9_000))
    assert isinstance(event, Trajectory)
    assert len(event.positions) == 9_000


def test_is_plain() -> None:
    assert is_plain(pack({"a": [1, 2.5, "x", None]}))
    assert not is_plain(pack([float("nan")]))
    assert not is_plain(pack(b"x"))
    assert not is_plain(b"\xc1")
    assert not is_plain(pack("x" * (MAX_TEXT_BYTES + 1)))
    assert plain_map(pack({"a": 1})) == {"a": 1}
    assert plain_map(pack([1])) is None


def test_the_schema_and_the_types_tell_the_same() -> None:
    structs: dict[EventKind, type[msgspec.Struct]] = {
        EventKind.IDENTITY: PlayerIdentity,
        EventKind.FUNNEL: FunnelStep,
        EventKind.GAMEPLAY: GameplayEvent,
        EventKind.TRAJECTORY: Trajectory,
    }
    assert set(structs) == set(schema.FIELDS)
    for kind, struct in structs.items():
        fields = msgspec.structs.fields(struct)
        assert {field.name for field in fields} == set(schema.FIELDS[kind])
        assert {field.name for field in fields if field.required} == set(schema.required(kind))
    assert {field.name for field in msgspec.structs.fields(decoding._Wire)} == set(schema.ALL_FIELDS)
    assert {field.name for field in msgspec.structs.fields(FrameRates)} == set(schema.FRAME_RATE_FIELDS)
    assert [kind.label for kind in EventKind] == ["identity", "funnel", "gameplay", "trajectory", "player API"]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1, max_size=9))
def test_float32_positions_are_exact(numbers: list[float]) -> None:
    body = trajectory(positions=[Raw(msgpack.packb(number, use_single_float=True)) for number in numbers * 3])
    event = decoded(body)
    assert isinstance(event, Trajectory)
    assert event.positions == numbers * 3


def test_decoding_leaves_nothing_behind() -> None:
    body = pack([gameplay(), trajectory(extra=b"x")])
    for _ in range(3):
        decode_events(body)
    gc.collect()
    before = len(gc.get_objects())
    for _ in range(50):
        decode_events(body)
    gc.collect()
    assert len(gc.get_objects()) - before < 20
