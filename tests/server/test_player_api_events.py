"""Events over HTTP: one, and batches of which the good ones are recorded."""

import asyncio
import uuid
from typing import Any

import pytest

from console.players.commands import decode_recorded
from tests.server.harness import Server
from tests.server.test_player_api_players import UNKNOWN, call, refused, register

EVENTS = "/v1/events/events"
BATCH = f"{EVENTS}/batch"


@pytest.fixture
async def player_id(server: Server) -> str:
    return str((await register(server, external_id="p"))["id"])


def recorded(server: Server) -> list[Any]:
    return [
        command
        for request in server.services.journal.player_requests(0, 1000)
        for command in decode_recorded(request.commands).commands
    ][1:]


async def test_an_event_is_recorded(server: Server, player_id: str) -> None:
    body = {
        "player_id": player_id,
        "event_name": "level_complete",
        "session_id": "session_abc123",
        "properties": {"level": 5, "stars": [1, 2], "deep": {"x": {"y": None}}},
        "timestamp": "2026-02-12T10:00:00.5+01:00",
    }
    reply = await call(server, "POST", EVENTS, body)
    assert (reply.status, reply.json["success"]) == (201, True)
    data = reply.json["data"]
    assert list(data) == ["event_id", "player_id", "event_name", "timestamp", "received_at"]
    assert uuid.UUID(data["event_id"])
    assert data["timestamp"] == "2026-02-12T09:00:00.500000Z"
    [event] = recorded(server)
    assert (event.event_id, event.event_name, event.session_id) == (
        data["event_id"],
        "level_complete",
        "session_abc123",
    )
    assert event.properties == body["properties"]
    row = (await server.rows(2))[-1]
    assert (row.route, row.status, row.events) == (EVENTS, 201, 1)
    detail = server.services.journal.detail(row.request_id)
    assert detail is not None
    assert detail.response == reply.body


async def test_events_keep_the_connection(server: Server, player_id: str) -> None:
    async with server.connect(player=True) as connection:
        for number in range(3):
            body = b'{"player_id":"%s","event_name":"e%d"}' % (player_id.encode(), number)
            headers = {"X-API-Key": server.created.public_key, "Content-Type": "application/json"}
            await connection.send(server.raw("POST", EVENTS, body, headers))
            reply = await connection.reply()
            assert (reply.status, reply.headers["content-type"]) == (201, "application/json")
            assert reply.json["data"]["event_name"] == f"e{number}"
    assert [event.event_name for event in recorded(server)] == ["e0", "e1", "e2"]


async def test_the_time_defaults_to_the_request(server: Server, player_id: str) -> None:
    data = (await call(server, "POST", EVENTS, {"player_id": player_id, "event_name": "e"})).json["data"]
    assert data["timestamp"] == data["received_at"]


async def test_only_a_chosen_id_makes_an_event_the_same(server: Server, player_id: str) -> None:
    body = {"player_id": player_id, "event_name": "e"}
    for _ in range(2):
        assert (await call(server, "POST", EVENTS, body)).status == 201
    assert len(recorded(server)) == 2
    first = await call(server, "POST", EVENTS, body | {"event_id": "mine"})
    again = await call(server, "POST", EVENTS, body | {"event_id": "mine", "event_name": "told otherwise"})
    assert (first.status, again.status) == (201, 200)
    assert again.json == first.json, "it is told as it was recorded"
    assert len(recorded(server)) == 3
    other = {"player_id": (await register(server, external_id="another"))["id"], "event_name": "e"}
    assert (await call(server, "POST", EVENTS, other | {"event_id": "mine"})).status == 201, "clients may count"


async def test_the_same_event_at_once_is_recorded_once(server: Server, player_id: str) -> None:
    body = {"player_id": player_id, "event_name": "e", "event_id": "mine"}
    replies = await asyncio.gather(*(call(server, "POST", EVENTS, body) for _ in range(10)))
    assert sorted(reply.status for reply in replies) == [200] * 9 + [201]
    assert len(recorded(server)) == 1


async def test_an_idempotency_key_makes_a_request_the_same(server: Server, player_id: str) -> None:
    body = {"player_id": player_id, "event_name": "e"}
    first = await call(server, "POST", EVENTS, body, Idempotency_Key="k")
    again = await call(server, "POST", EVENTS, body, Idempotency_Key="k")
    assert first.body == again.body
    assert len(recorded(server)) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"player_id": "uuid-from-step-1"}, "Invalid player_id format"),
        ({"player_id": 5}, "Invalid player_id format"),
        ({"player_id": None}, "$.player_id: is missing"),
        ({"event_name": None}, "$.event_name: is missing"),
        ({"event_name": ""}, "$.event_name"),
        ({"event_name": 5}, "$.event_name"),
        ({"session_id": "x" * 257}, "$.session_id"),
        ({"properties": [1]}, "$.properties"),
        ({"properties": {"a": "x" * 1001}}, "$.properties.a"),
        ({"properties": {"a": list(range(101))}}, "$.properties.a"),
        ({"properties": {"a": {"b": {"c": [1]}}}}, "$.properties.a.b.c"),
        ({"properties": {"a": 2**63}}, "$.properties.a"),
        ({"timestamp": "yesterday"}, "$.timestamp"),
        ({"timestamp": 1700000000}, "$.timestamp"),
        ({"event_id": ""}, "$.event_id"),
    ],
)
async def test_bad_events_are_refused_with_the_path(
    server: Server, player_id: str, changes: dict[str, Any], message: str
) -> None:
    reply = await call(server, "POST", EVENTS, {"player_id": player_id, "event_name": "e"} | changes)
    status, code, said = refused(reply)
    assert (status, code) == (400, "VALIDATION_ERROR")
    assert said.startswith(message)
    assert recorded(server) == []


async def test_events_of_unknown_players_are_refused(server: Server) -> None:
    reply = await call(server, "POST", EVENTS, {"player_id": UNKNOWN, "event_name": "e"})
    assert refused(reply)[:2] == (404, "NOT_FOUND")


async def test_the_good_events_of_a_batch_are_recorded(server: Server, player_id: str) -> None:
    good = {"player_id": player_id, "event_name": "e"}
    events = [
        good,
        {"player_id": "x", "event_name": "e"},
        5,
        good | {"player_id": UNKNOWN},
        good | {"event_id": "mine"},
    ]
    reply = await call(server, "POST", BATCH, {"events": events})
    assert reply.status == 200
    data = reply.json["data"]
    assert (data["accepted"], data["rejected"]) == (2, 3)
    assert [result["index"] for result in data["results"]] == [0, 1, 2, 3, 4]
    errors = [result["error"]["code"] for result in data["results"] if "error" in result]
    assert errors == ["VALIDATION_ERROR", "VALIDATION_ERROR", "NOT_FOUND"]
    assert data["results"][1]["error"]["message"] == "Invalid player_id format"
    assert data["results"][2]["error"]["message"].startswith("$.events[2]")
    assert [event.event_id for event in recorded(server)] == [data["results"][0]["event_id"], "mine"]
    assert (await server.rows(2))[-1].events == 2


async def test_repeated_events_of_batches_are_recorded_once(server: Server, player_id: str) -> None:
    event = {"player_id": player_id, "event_name": "e", "event_id": "mine"}
    first = (await call(server, "POST", BATCH, {"events": [event, event]})).json["data"]
    assert [result.get("duplicate", False) for result in first["results"]] == [False, True]
    again = (await call(server, "POST", BATCH, {"events": [event]})).json["data"]
    assert (again["accepted"], again["rejected"]) == (1, 0)
    assert again["results"] == [{"index": 0, "event_id": "mine", "duplicate": True}]
    assert len(recorded(server)) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"events": []},
        {"events": {}},
        {"events": [5]},
        {"events": [{"player_id": "x", "event_name": "e"}]},
        {"events": [{}] * 501},
        b'{"events": [{"properties": ' + b"[" * 200_000 + b"]" * 200_000 + b"}]}",
    ],
)
async def test_batches_without_a_good_event_are_refused(server: Server, player_id: str, body: Any) -> None:
    reply = await call(server, "POST", BATCH, body)
    assert refused(reply)[:2] == (400, "VALIDATION_ERROR")
    assert recorded(server) == []
