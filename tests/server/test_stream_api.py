"""`GET /v1/events/events/stream` over real sockets: what it answers, and how it ends."""

import asyncio
import logging
import time

import pytest
from aiohttp import ClientSession

from console.client import ConsoleClient
from console.messages import SettingsChanges
from console.server import event_stream
from tests.server.harness import Server, ServerFactory
from tests.server.player_calls import PlayerClient
from tests.server.sse import reading

PATH = "/v1/events/events/stream"
ORIGIN = "http://game.example:8080"
PROMPT_SECS = 9.0  # a stream says something every 15 s, and a reader that takes nothing has 60 s


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "_GONE_SECS", 0.02)


async def jump(server: Server, name: str = "Player_Jump") -> None:
    assert (await server.ingest(server.body(server.event(event_name=name)))).status == 200


async def record_megabytes(server: Server) -> None:
    """More than the buffers of a connection hold."""
    body = server.body(server.event(custom_data={f"k{n}": "x" * 60_000 for n in range(100)}))
    for _ in range(4):
        assert (await server.ingest(body)).status == 200


async def readers_are(server: Server, count: int) -> None:
    deadline = asyncio.get_running_loop().time() + 30
    while (found := server.services.stream.readers) != count:
        if asyncio.get_running_loop().time() > deadline:
            pytest.fail(f"{count} readers were expected, there are {found}")
        await asyncio.sleep(0.01)


async def refused(server: Server, query: str = "", **headers: str) -> tuple[int, str, str]:
    given = server.secret | {name.replace("_", "-"): value for name, value in headers.items()}
    reply = await server.request("GET", PATH + query, headers=given, player=True)
    assert reply.json["success"] is False
    return reply.status, reply.json["error"]["code"], reply.json["error"]["message"]


async def test_telemetry_reaches_a_reader_with_what_a_stream_must_have(server: Server) -> None:
    async with reading(server) as stream:
        headers = stream.response.headers
        assert headers["Content-Type"] == "text/event-stream"
        assert headers["Cache-Control"] == "no-store"
        assert "Content-Encoding" not in headers
        await jump(server)
        (message,) = await stream.events(1)
    assert (message.event, message.id) == ("event", "1")
    assert message.json["event_name"] == "Player_Jump"
    assert message.json["api"] == "telemetry"


async def test_reader_that_comes_back_continues_behind_the_last_id(server: Server) -> None:
    for name in ("a", "b", "c"):
        await jump(server, name)
    async with reading(server, Last_Event_ID="1") as stream:
        await jump(server, "d")
        assert [m.json["event_name"] for m in await stream.events(3)] == ["b", "c", "d"]
    async with reading(server, "?last_event_id=3") as stream:
        assert [m.json["event_name"] for m in await stream.events(1)] == ["d"]


async def test_filters_of_the_query_may_be_repeated(server: Server) -> None:
    async with reading(server, "?event_name=a&event_name=c%20d") as stream:
        for name in ("a", "b", "c d"):
            await jump(server, name)
        messages = await stream.events(2)
        assert [m.json["event_name"] for m in messages] == ["a", "c d"]
        player_id = messages[0].json["player_id"]
    async with reading(server, f"?player_id={player_id.upper()}&last_event_id=0") as stream:
        assert len(await stream.events(3)) == 3


@pytest.mark.parametrize(
    ("query", "headers", "part"),
    [
        ("?player_id=anna", {}, "Invalid player_id format"),
        ("?event_name=", {}, "event_name"),
        ("?" + "&".join(["event_name=x"] * 101), {}, "event_name: at most 100"),
        ("", {"Last_Event_ID": "x"}, "Last-Event-ID: must be the id"),
        ("", {"Last_Event_ID": "-1"}, "Last-Event-ID"),
        ("", {"Last_Event_ID": "9" * 400}, "Last-Event-ID"),
        ("", {"Last_Event_ID": "9223372036854775808"}, "Last-Event-ID"),
        ("", {"Last_Event_ID": "7"}, "there is no event 7 yet, the last one is 0"),
        ("?last_event_id=1e3", {}, "last_event_id"),
    ],
)
async def test_what_cannot_be_meant_is_told(server: Server, query: str, headers: dict[str, str], part: str) -> None:
    status, code, message = await refused(server, query, **headers)
    assert (status, code) == (400, "VALIDATION_ERROR")
    assert part in message


async def test_key_is_asked_first(server: Server) -> None:
    assert (await refused(server, x_api_key="sk_live_unknown"))[:2] == (401, "UNAUTHORIZED")
    assert (await refused(server, x_api_key=server.created.public_key))[:2] == (403, "UNAUTHORIZED")


async def test_other_methods_are_named(server: Server) -> None:
    reply = await server.request("POST", PATH, headers=server.secret, player=True)
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    reply = await server.request("HEAD", PATH, headers=server.secret, player=True)
    assert (reply.status, reply.headers["content-type"]) == (200, "text/event-stream")
    assert server.services.stream.readers == 0


async def test_pages_of_allowed_origins_may_read(server: Server) -> None:
    await server.services.settings.change(SettingsChanges(allowed_origins=[ORIGIN]))
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "x-api-key,last-event-id",
    }
    reply = await server.request("OPTIONS", PATH, headers=asked, player=True)
    assert (reply.status, reply.headers["access-control-allow-origin"]) == (204, ORIGIN)
    assert "last-event-id" in reply.headers["access-control-allow-headers"]
    async with reading(server, Origin=ORIGIN) as stream:
        assert stream.response.headers["Access-Control-Allow-Origin"] == ORIGIN
    async with reading(server, Origin="http://elsewhere.example") as stream:  # the browser keeps it from the page
        assert "Access-Control-Allow-Origin" not in stream.response.headers


async def test_stream_is_listed_when_it_begins_and_its_key_is_not_kept(server: Server) -> None:
    async with reading(server):
        (row,) = await server.rows(1)
        assert (row.method, row.route, row.status) == ("GET", PATH, 200)
        detail = server.services.journal.detail(row.request_id)
        assert detail is not None
        assert server.created.secret_key not in str(detail.headers)
    await readers_are(server, 0)
    await jump(server)
    assert len(await server.rows(2)) == 2


async def test_one_connection_serves_other_requests_after_a_stream_ended(server: Server) -> None:
    secret = next(key for key in server.created.application.keys if key.kind == "secret")
    url = f"http://127.0.0.1:{server.player_port}"
    async with ClientSession() as session:
        async with session.get(url + PATH, headers=server.secret) as response:
            await response.content.readuntil(b"\n\n")
            server.services.stream.end_key(secret.key_id)
            assert b"the key was revoked" in await response.read()
        async with session.get(url + "/healthz") as response:
            assert response.status == 200


async def test_revoking_or_rotating_a_key_ends_its_streams_at_once(server: Server) -> None:
    keys = {key.kind: key for key in server.created.application.keys}
    url = f"{server.listeners.telemetry_urls[0]}/console"
    async with ConsoleClient(url, server.services.workspace.admin_key()) as client:
        async with reading(server) as stream:
            created = await client.rotate_key(keys["secret"].key_id)
            assert await stream.end() == "the key was revoked"
        assert (await refused(server))[0] == 401
        async with reading(server, key=created.token) as stream:
            await client.revoke_key(created.key.key_id)
            assert await stream.end() == "the key was revoked"


async def test_stopping_does_not_wait_for_streams(make_server: ServerFactory) -> None:
    async with make_server() as server:
        context = reading(server)
        stream = await context.__aenter__()
        began = time.monotonic()
    assert time.monotonic() - began < PROMPT_SECS
    assert await stream.end() in ("the server is stopping", "")
    await context.__aexit__(None, None, None)


async def test_stopping_does_not_wait_for_a_reader_that_does_not_read(make_server: ServerFactory) -> None:
    async with make_server() as server:
        await record_megabytes(server)
        async with server.connect(player=True) as connection:
            await connection.send(server.raw("GET", f"{PATH}?last_event_id=0", headers=server.secret))
            await readers_are(server, 1)
            await asyncio.sleep(0.3)
            began = time.monotonic()
            await server.services.stream.close()
            await readers_are(server, 0)
            assert time.monotonic() - began < PROMPT_SECS


async def test_reader_that_takes_nothing_for_long_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "WRITE_SECS", 0.2)
    await record_megabytes(server)
    async with server.connect(player=True) as connection:
        await connection.send(server.raw("GET", f"{PATH}?last_event_id=0", headers=server.secret))
        await readers_are(server, 1)
        await readers_are(server, 0)


async def test_reader_that_goes_away_is_forgotten(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with reading(server):
        assert server.services.stream.readers == 1
    await jump(server)
    await readers_are(server, 0)


async def test_a_request_is_listed_with_its_query_but_without_keys(server: Server) -> None:
    key = server.created.secret_key
    await refused(server, f"?event_name=a&last_event_id={key}")
    (row,) = await server.rows(1)
    assert row.route == f"{PATH}?event_name=a&last_event_id=sk_live_…{key[-4:]}"


async def test_too_many_readers_are_told_to_come_back(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "MAX_READERS", 1)
    async with reading(server):
        reply = await server.request("GET", PATH, headers=server.secret, player=True)
        assert (reply.status, reply.headers["retry-after"]) == (429, "3")
        assert reply.json["error"]["code"] == "RATE_LIMIT_EXCEEDED"


async def test_tracked_events_reach_readers_in_the_journal_s_order(server: Server) -> None:
    client = PlayerClient(server)
    async with reading(server) as stream:
        player_id = await client.register("anna")
        one = {"player_id": player_id, "event_name": "one", "session_id": "s", "properties": {"n": [1, 2.5, None]}}
        answer = await client.data("POST", "/events/events", one, status=201)
        await jump(server)
        batch = [{"player_id": player_id, "event_name": name} for name in ("two", "three")]
        await client.data("POST", "/events/events/batch", {"events": batch})
        messages = await stream.events(4)
    assert [m.json["event_name"] for m in messages] == ["one", "Player_Jump", "two", "three"]
    assert [int(m.id) for m in messages] == [2, 3, 4, 5]
    first = messages[0].json
    assert first["properties"] == {"n": [1, 2.5, None]}
    assert {key: first[key] for key in ("event_id", "player_id", "timestamp", "received_at")} == {
        key: answer[key] for key in ("event_id", "player_id", "timestamp", "received_at")
    }


async def test_telemetry_of_a_registered_player_has_the_registered_id(server: Server) -> None:
    client = PlayerClient(server)
    anonymous = (await client.data("POST", "/players/players", {"device_id": "phone"}, status=201))["id"]
    await client.data("PATCH", f"/players/players/{anonymous}", {"external_id": "player"})
    async with reading(server) as stream:
        await jump(server)
        assert (await stream.events(1))[0].json["player_id"] == anonymous


async def test_flag_changes_are_told(server: Server) -> None:
    client = PlayerClient(server)
    async with reading(server, "?event_name=nothing") as stream:
        flag = {"key": "new_tutorial", "type": "boolean", "enabled": True}
        await client.data("POST", "/flags/flags", flag, status=201, secret=True)
        (message,) = await stream.events(1)
    assert (message.event, message.id) == ("flags_changed", "")
    assert message.json == {"flag_key": "new_tutorial", "version": 1}
