"""Large bodies: measured before they are decoded, and decoded in pieces with the same result as whole."""

import random
from typing import Any

import msgpack
import pytest

from console.telemetry import large_bodies
from console.telemetry.decoding import decode_events
from console.telemetry.diagnosis import explain
from console.telemetry.events import MAX_BODY_BYTES, MAX_BODY_CONTAINERS, MAX_BODY_VALUES, MAX_EVENT_VALUES
from console.telemetry.large_bodies import app_ids_of, events_of, excess_of, measure
from console.telemetry.layout import Broken, skip
from console.telemetry.problems import NeedsDiagnosis, NeedsTime

TIME = "2026-02-12T10:00:00Z"


def event(**changes: Any) -> dict[str, Any]:
    known = {"event_name": "Jump", "app_id": "app", "build_id": "b", "player_id": "p", "session_id": "s"}
    return {**known, "timestamp": TIME, **changes}


def trajectory(positions: list[float]) -> dict[str, Any]:
    item = event(positions=positions, timestamp_start=TIME, timestamp_end=TIME)
    del item["event_name"], item["timestamp"]
    return item


def packed(value: Any, **options: Any) -> bytes:
    body: bytes = msgpack.packb(value, **options)
    return body


def counted(value: Any) -> tuple[int, int]:
    """Values and containers, counted the plain way."""
    children = list(value) if isinstance(value, list) else []
    if isinstance(value, dict):
        children = [part for entry in value.items() for part in entry]
    inner = [counted(child) for child in children]
    return 1 + sum(v for v, _ in inner), isinstance(value, (list, dict)) + sum(c for _, c in inner)


def some_value(chance: random.Random, depth: int) -> Any:
    kind = chance.randrange(10 if depth else 7)
    match kind:
        case 0:
            return None
        case 1:
            return chance.choice([True, False])
        case 2:
            return chance.choice([0, 127, -1, -32, -33, 128, 2**16, 2**32, -(2**31), 2**63])
        case 3:
            return chance.random()
        case 4:
            return "x" * chance.choice([0, 1, 31, 32, 255, 256, 70_000])
        case 5:
            return b"x" * chance.choice([0, 1, 256])
        case 6:
            return [float(chance.randrange(9)) for _ in range(chance.choice([0, 7, 8, 20]))]
        case 7:
            return {str(i): some_value(chance, depth - 1) for i in range(chance.choice([0, 1, 15, 16]))}
        case _:
            return [some_value(chance, depth - 1) for _ in range(chance.choice([0, 1, 15, 16]))]


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("single", [False, True])
def test_a_value_is_measured_as_it_is_counted(seed: int, single: bool) -> None:
    value = some_value(random.Random(seed), 3)
    body = b"\xc0" + packed(value, use_single_float=single) + b"\xc0"
    measured = measure(body, 1, 10**9)
    assert measured is not None
    assert measured.end == skip(body, 1) == len(body) - 1
    assert (measured.values, measured.containers) == counted(value)


@pytest.mark.parametrize("seed", range(20))
def test_a_value_that_is_cut_is_broken(seed: int) -> None:
    chance = random.Random(seed)
    body = packed([some_value(chance, 2) for _ in range(5)])
    for _ in range(20):
        with pytest.raises(Broken):
            measure(body[: chance.randrange(len(body))], 0, 10**9)


@pytest.mark.parametrize("positions", [[1.5] * 300, [1] * 300, [0, 1.5] * 150, [-1] * 300])
def test_pieces_are_accepted_like_the_whole(positions: list[float]) -> None:
    body = packed([trajectory(positions), event(custom_data={"a": b"x"}), event(app_id="other", extra=[[]])] * 300)
    assert len(body) > large_bodies.NEVER_EXCESSIVE_BYTES
    events = decode_events(body).events
    assert app_ids_of(body) == [item.app_id for item in events]
    assert events_of(body) == events


def test_one_large_event_is_accepted() -> None:
    assert app_ids_of(packed(event(custom_data={"text": ["x" * 60_000] * 20}))) == ["app"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xc1",
        packed(5),
        packed([]),
        packed([event()]) + b"\xc0",
        packed(event()) + b"\xc0",
        packed([event()] * 3)[:-1],
        packed([event()] * 2000 + [event(player_id=5)]),
        packed([event()] * 2000 + [5]),
        packed([event()] * 10_001),
        b"\xdd\xff\xff\xff\xff" + packed(event()),
        b"\xdf\xff\xff\xff\xff",
    ],
)
def test_what_is_no_valid_batch_is_refused(body: bytes) -> None:
    with pytest.raises(NeedsDiagnosis):
        app_ids_of(body)
    assert excess_of(body) is None
    explain(body)


def test_a_full_batch_of_rich_events_fits() -> None:
    rich = event(position=[1.5, 2.5, 3.5], custom_data={"items": [{"id": n, "at": [1, 2]} for n in range(8)]})
    body = packed([rich] * 10_000)
    assert len(body) < MAX_BODY_BYTES
    assert len(app_ids_of(body)) == 10_000


def test_a_body_full_of_single_precision_trajectories_fits() -> None:
    one = packed(trajectory([0.1] * 300), use_single_float=True)
    count = (MAX_BODY_BYTES - 5) // len(one)
    assert len(app_ids_of(b"\xdc" + count.to_bytes(2, "big") + one * count)) == count


@pytest.mark.parametrize("inner", [b"\x90", b"\x80", b"\x81\xa1a\x01", b"\x01", b"\xa2ab", b"\xca\x00\x00\x00\x00"])
def test_an_event_of_too_many_values_is_named(inner: bytes) -> None:
    count = MAX_EVENT_VALUES
    large = packed(event(data=None))[:-1] + b"\xdd" + count.to_bytes(4, "big") + inner * count
    body = b"\x92" + packed(event()) + large
    with pytest.raises(NeedsDiagnosis):
        app_ids_of(body)
    refusal = explain(body)
    assert refusal.error == "invalid_event"
    [problem] = refusal.details
    assert (problem.index, problem.path) == (1, "$[1]")
    assert f"{MAX_EVENT_VALUES:,}" in refusal.message
    assert explain(large).details[0].path == "$"


@pytest.mark.parametrize(
    ("data", "limit"),
    [([1] * 50_000, MAX_BODY_VALUES), ([[]] * 50_000, MAX_BODY_CONTAINERS)],
)
def test_a_body_of_too_many_values_is_told_the_limit(data: list[Any], limit: int) -> None:
    body = packed([event(custom_data={"a": data})] * 50)
    with pytest.raises(NeedsDiagnosis):
        app_ids_of(body)
    refusal = explain(body)
    assert refusal.error == "batch_too_large"
    assert f"{limit:,}" in refusal.message


def test_in_haste_nothing_is_looked_at_value_by_value() -> None:
    assert decode_events(packed(event(custom_data={"a": 1})), in_haste=True).events
    body = packed(event(custom_data={"a": b"x"}))
    with pytest.raises(NeedsTime):
        decode_events(body, in_haste=True)
    assert decode_events(body).events
