"""Bodies of the player API: whatever is sent is either understood or refused with a path."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json

from console.players.json_bodies import decode_json
from console.players.values import InvalidValue
from console.server.player_api.bodies import (
    BatchBody,
    RegisterBody,
    SessionBody,
    TrackBody,
    UpdateBody,
    event_of,
    patch_of,
    registration_of,
    session_of,
)
from tests.server.harness import Server
from tests.server.test_player_api_players import PLAYERS, call, register

PLAYER = "11111111-2222-4333-8444-555555555555"
KEYS = [
    "external_id", "device_id", "email", "attributes", "session_id", "started_at", "duration_seconds", "player_id",
    "event_name", "properties", "timestamp", "event_id", "events",
]  # fmt: skip
SCALARS: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from([PLAYER, "a@b.c", "2026-02-12T10:00:00Z", "9999-12-31T23:59:59-14:00", ""])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner),
    max_leaves=20,
)


def refusal(read: Callable[[], Any]) -> InvalidValue | None:
    """What is said of a value; None when nothing is wrong with it."""
    try:
        read()
    except InvalidValue as error:
        return error
    return None


def look_at(body: bytes) -> None:
    """Every way of reading a body. Raises InvalidValue only."""
    for read in (
        lambda: registration_of(decode_json(body, RegisterBody)),
        lambda: patch_of(decode_json(body, UpdateBody)),
        lambda: session_of(decode_json(body, SessionBody)),
        lambda: event_of(decode_json(body, TrackBody), new_id="new", received_at_us=1),
        lambda: decode_json(body, BatchBody),
    ):
        refused = refusal(read)
        assert refused is None or (refused.path and refused.message)


@given(st.dictionaries(st.sampled_from(KEYS), VALUES) | VALUES)
def test_any_json_is_understood_or_refused(value: Any) -> None:
    look_at(json.encode(value))


@given(st.binary(max_size=200))
def test_any_bytes_are_understood_or_refused(body: bytes) -> None:
    look_at(body)


@given(st.dictionaries(st.sampled_from(KEYS), VALUES), st.data())
def test_damaged_json_is_understood_or_refused(value: Any, data: st.DataObject) -> None:
    body = bytearray(json.encode(value))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    look_at(bytes(body))


@given(st.text(max_size=300))
def test_an_id_is_kept_as_sent_or_refused(text: str) -> None:
    body = json.encode({"external_id": text})
    refused = refusal(lambda: registration_of(decode_json(body, RegisterBody)))
    if refused is None:
        assert registration_of(decode_json(body, RegisterBody)).external_id == text
    else:
        assert refused.path == "$.external_id"


@settings(max_examples=20)
@given(st.floats(allow_nan=False) | st.integers())
def test_durations_are_within_bounds(value: float) -> None:
    body = SessionBody(duration_seconds=value)
    refused = refusal(lambda: session_of(body))
    assert (refused is None) == (0 <= value <= 30 * 86_400)
    assert refused is None or refused.path == "$.duration_seconds"


@pytest.mark.parametrize("seed", range(3))
async def test_no_route_fails_whatever_is_sent(server: Server, seed: int) -> None:
    player_id = (await register(server, external_id="p"))["id"]
    chance = random.Random(seed)
    one = f"{PLAYERS}/{player_id}"
    routes = [
        ("POST", PLAYERS), ("PATCH", one), ("POST", f"{one}/session"), ("POST", f"{one}/purchase?amount=1"),
        ("POST", "/v1/events/events"), ("POST", "/v1/events/events/batch"),
        ("POST", "/v1/flags/flags"), ("POST", "/v1/flags/flags/evaluate"), ("POST", "/v1/flags/flags/f/evaluate"),
        ("POST", "/v1/segments/segments"), ("POST", "/v1/segments/segments/s/evaluate"),
    ]  # fmt: skip
    values: list[Any] = [None, True, 0, -1, 2**64, 1e300, "", "x", PLAYER, player_id, "x" * 2000, [], {}, [[[[[1]]]]]]
    keys = [*KEYS, "key", "type", "rules", "conditions", "segment_id", "name", "transaction_id", "requested_flags"]
    for _ in range(40):
        method, path = chance.choice(routes)
        value = {key: chance.choice(values) for key in chance.sample(keys, chance.randint(0, 6))}
        body = bytearray(json.encode(chance.choice([value, value, {"events": [value, 5]}, values])))
        if chance.random() < 0.3:
            body[chance.randrange(len(body))] = chance.randrange(256)
        reply = await call(server, method, path, bytes(body), secret=True)
        assert reply.status < 500, (method, path, bytes(body), reply.body)
        assert reply.json["success"] is (reply.status < 400)
