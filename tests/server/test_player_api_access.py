"""What comes before every handler of the player API: route, host and origin, key, tier, content type, size."""

import gzip
from typing import Any

import pytest

from console.messages import ApplicationChanges, SettingsChanges
from console.players.definitions import Tier
from tests.server.harness import Server, ServerFactory
from tests.server.test_player_api_players import PLAYERS, UNKNOWN, call, refused, register

EVENTS = "/v1/events/events"


def set_tier(server: Server, tier: Tier) -> None:
    server.services.catalog.change_application(server.app_id, ApplicationChanges(tier=tier))


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("/v1/players", "/v1/players/players"),
        ("/v1/players/" + UNKNOWN, "/v1/players/players/" + UNKNOWN),
        ("/v1/players/" + UNKNOWN + "/session", "/v1/players/players/" + UNKNOWN + "/session"),
        ("/v1/players/external/p", "/v1/players/players/external/p"),
        ("/v1/players/external/%25ff", "/v1/players/players/external/%25ff"),
        ("/v1/players/external/a%2Fb%C3%BC", "/v1/players/players/external/a%2Fb%C3%BC"),
        ("/v1/events", "/v1/events/events"),
        ("/v1/events/batch", "/v1/events/events/batch"),
        ("/v1/events/stream", "/v1/events/events/stream"),
        ("/v1/flags/new-feature/evaluate", "/v1/flags/flags/new-feature/evaluate"),
        ("/v1/segments/beta/evaluate", "/v1/segments/segments/beta/evaluate"),
        ("/v1/segments/segments/player/" + UNKNOWN, "/v1/segments/player/" + UNKNOWN),
    ],
)
async def test_guessed_paths_are_told_the_right_one(server: Server, path: str, right: str) -> None:
    status, code, message = refused(await call(server, "POST", path))
    assert (status, code) == (404, "NOT_FOUND")
    assert f"did you mean {right}?" in message


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/teams", "/v1/players/players/a/b/c", "/v1/" + "x" * 5000])
async def test_other_paths_are_404(server: Server, path: str) -> None:
    assert refused(await call(server, "GET", path))[:2] == (404, "NOT_FOUND")


async def test_paths_that_are_no_text_are_400(server: Server) -> None:
    assert refused(await call(server, "GET", f"{PLAYERS}/external/%ff", secret=True))[:2] == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("line", ["BREW /v1/players/players", "GET /v1/players/players/external/ü", "GET /v1/a b"])
async def test_request_lines_that_cannot_be_read_are_400_in_the_shape_of_this_api(server: Server, line: str) -> None:
    async with server.connect() as connection:
        await connection.send(f"{line} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert refused(await connection.reply())[:2] == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("path", [PLAYERS + "/", "/v1//players///players", PLAYERS + "?x=1", "/v1/%70layers/players"])
async def test_sloppy_paths_work(server: Server, path: str) -> None:
    assert (await call(server, "POST", path, {"external_id": "p"})).status == 201


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", PLAYERS, "POST, GET, HEAD, OPTIONS"),
        ("GET", EVENTS, "POST, OPTIONS"),
        ("POST", f"{PLAYERS}/{UNKNOWN}", "GET, PATCH, HEAD, OPTIONS"),
        ("PUT", f"{PLAYERS}/{UNKNOWN}/lifecycle", "GET, HEAD"),
        ("OPTIONS", f"{PLAYERS}/{UNKNOWN}/lifecycle", "GET, HEAD"),
    ],
)
async def test_other_methods_are_405(server: Server, method: str, path: str, allow: str) -> None:
    reply = await call(server, method, path)
    assert refused(reply)[:2] == (405, "VALIDATION_ERROR")
    assert reply.headers["allow"] == allow


async def test_head_is_answered_as_get(server: Server) -> None:
    player = await register(server, external_id="p")
    reply = await call(server, "HEAD", f"{PLAYERS}/{player['id']}")
    assert (reply.status, reply.body) == (200, b"")


@pytest.mark.parametrize(
    ("headers", "hint"),
    [
        ({}, "X-API-Key"),
        ({"X-API-Key": ""}, "X-API-Key"),
        ({"X-API-Key": "pk_live_unknown"}, "not known"),
        ({"X-API-Key": "k\u00e9y"}, "not known"),
        ({"x-public-token": "pk_live_x"}, "x-public-token"),
        ({"Authorization": "Bearer sk_live_x"}, "Authorization"),
    ],
)
async def test_without_a_known_key_it_is_401(server: Server, headers: dict[str, str], hint: str) -> None:
    for method, path in (("POST", PLAYERS), ("GET", PLAYERS), ("POST", EVENTS), ("GET", f"{PLAYERS}/x")):
        status, code, message = refused(await server.request(method, path, b"", headers, player=True))
        assert (status, code) == (401, "UNAUTHORIZED")
        assert hint in message


async def test_a_revoked_key_fails_from_the_next_request_on(server: Server) -> None:
    await register(server, external_id="p")
    for key in server.services.catalog.application(server.app_id).keys:
        server.services.catalog.revoke_key(key.key_id)
    status, _, message = refused(await call(server, "POST", PLAYERS, {"external_id": "p"}))
    assert status == 401
    assert "revoked" in message


async def test_keys_cannot_be_tried_quickly(make_server: ServerFactory) -> None:
    async with make_server(rate_limit=0.01) as server:
        wrong = {"X-API-Key": "pk_live_wrong"}
        replies = [await server.request("GET", f"{PLAYERS}/{UNKNOWN}", b"", wrong, player=True) for _ in range(3)]
        assert [reply.status for reply in replies] == [401, 429, 429]
        assert {reply.json["error"]["code"] for reply in replies[1:]} == {"RATE_LIMIT_EXCEEDED"}


async def test_addresses_have_no_limit_with_a_known_key(make_server: ServerFactory) -> None:
    async with make_server(rate_limit=0.01) as server:
        replies = [await call(server, "GET", f"{PLAYERS}/{UNKNOWN}") for _ in range(5)]
        assert {reply.status for reply in replies} == {404}


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/msgpack", "é"]
)
async def test_other_content_types_are_415(server: Server, content_type: str) -> None:
    reply = await call(server, "POST", PLAYERS, {"external_id": "p"}, Content_Type=content_type)
    assert refused(reply)[:2] == (415, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", "application/problem+json", ""]
)
async def test_json_by_any_of_its_names(server: Server, content_type: str) -> None:
    reply = await call(server, "POST", PLAYERS, {"external_id": "p"}, Content_Type=content_type)
    assert reply.status == 201


async def test_large_bodies_are_413(server: Server) -> None:
    body = b'{"external_id":"p","attributes":{"a":"' + b"x" * 1024 * 1024 + b'"}}'
    assert refused(await call(server, "POST", PLAYERS, body))[:2] == (413, "VALIDATION_ERROR")
    bomb = gzip.compress(b" " * 50_000_000)
    reply = await call(server, "POST", PLAYERS, bomb, Content_Encoding="gzip")
    assert refused(reply)[:2] == (413, "VALIDATION_ERROR")


async def test_compressed_bodies_work(server: Server) -> None:
    body = gzip.compress(b'{"external_id":"p"}')
    assert (await call(server, "POST", PLAYERS, body, Content_Encoding="gzip")).status == 201
    assert refused(await call(server, "POST", PLAYERS, body[:-9], Content_Encoding="gzip"))[0] == 400
    assert refused(await call(server, "POST", PLAYERS, body, Content_Encoding="br"))[0] == 400


async def test_chunked_bodies_work(server: Server) -> None:
    headers = {
        "X-API-Key": server.created.public_key,
        "Content-Type": "application/json",
        "Transfer-Encoding": "chunked",
    }
    async with server.connect(player=True) as connection:
        raw = server.raw("GET", PLAYERS, b"", headers).replace(b"GET", b"POST", 1)
        await connection.send(raw + b'5\r\n{"ext\r\n10\r\nernal_id": "p1"}\r\n0\r\n\r\n')
        assert (await connection.reply()).status == 201


async def test_the_key_is_checked_before_anything_of_the_body(server: Server) -> None:
    reply = await server.request("POST", PLAYERS, b"{", {"Content-Type": "text/plain"}, player=True)
    assert reply.status == 401


async def test_foreign_hosts_are_refused(server: Server) -> None:
    reply = await call(server, "POST", PLAYERS, {"external_id": "p"}, Host="evil.example")
    assert refused(reply)[:2] == (403, "UNAUTHORIZED")


async def test_foreign_pages_are_refused_and_allowed_ones_may_read(server: Server) -> None:
    page = {"Origin": "https://game.example"}
    assert refused(await call(server, "POST", PLAYERS, {"external_id": "p"}, **page))[0] == 403
    await server.services.settings.change(SettingsChanges(allowed_origins=["https://game.example"]))
    reply = await call(server, "POST", PLAYERS, {"external_id": "p"}, **page)
    assert (reply.status, reply.headers["access-control-allow-origin"]) == (201, "https://game.example")
    assert "RateLimit" in reply.headers["access-control-expose-headers"]
    wrong = await server.request("POST", PLAYERS, b"{}", page, player=True)
    assert (wrong.status, wrong.headers["access-control-allow-origin"]) == (401, "https://game.example")
    assert refused(await call(server, "DELETE", PLAYERS, **page))[0] in {403, 405}


async def test_preflights_of_allowed_pages(server: Server) -> None:
    page = {"Origin": "https://game.example", "Access-Control-Request-Method": "PATCH"}
    path = f"{PLAYERS}/{UNKNOWN}"
    assert (await server.request("OPTIONS", path, b"", page, player=True)).status == 403
    await server.services.settings.change(SettingsChanges(allowed_origins=["https://game.example"]))
    reply = await server.request("OPTIONS", path, b"", page, player=True)
    assert reply.status == 204
    assert reply.headers["access-control-allow-methods"] == "GET, PATCH"
    allowed = reply.headers["access-control-allow-headers"]
    assert "x-api-key" in allowed
    assert "idempotency-key" in allowed
    only_post = await server.request("OPTIONS", PLAYERS, b"", page, player=True)
    assert only_post.headers["access-control-allow-methods"] == "POST"


async def test_a_limited_tier_tells_its_limits_with_every_answer(server: Server) -> None:
    set_tier(server, "free")
    player = await register(server, external_id="p")
    for reply in (
        await call(server, "GET", f"{PLAYERS}/{player['id']}"),
        await call(server, "GET", f"{PLAYERS}/{UNKNOWN}"),
        await call(server, "POST", EVENTS, b"{"),
        await call(server, "GET", PLAYERS + "?limit=x", secret=True),
        await call(server, "GET", PLAYERS),
    ):
        assert '"requests";q=100;w=60' in reply.headers["ratelimit-policy"]
        assert reply.headers["ratelimit"].startswith('"requests";r=9')
    set_tier(server, "enterprise")
    assert "ratelimit" not in (await call(server, "GET", f"{PLAYERS}/{player['id']}")).headers


async def test_requests_over_the_tier_are_429(server: Server) -> None:
    player = await register(server, external_id="p")
    set_tier(server, "free")
    replies = [await call(server, "GET", f"{PLAYERS}/{player['id']}") for _ in range(103)]
    assert [reply.status for reply in replies].count(200) in {100, 101}
    last = replies[-1]
    assert refused(last)[:2] == (429, "RATE_LIMIT_EXCEEDED")
    assert int(last.headers["retry-after"]) >= 1
    assert '"requests";r=0' in last.headers["ratelimit"]
    assert (await call(server, "GET", f"{PLAYERS}/{player['id']}", secret=True)).status == 200, "keys do not share"
    set_tier(server, "growth")
    assert (await call(server, "GET", f"{PLAYERS}/{player['id']}")).status == 200


async def test_events_over_the_tier_are_429(server: Server) -> None:
    player = await register(server, external_id="p")
    set_tier(server, "free")
    event = {"player_id": player["id"], "event_name": "e"}
    batch: dict[str, Any] = {"events": [event] * 100}
    assert (await call(server, "POST", f"{EVENTS}/batch", batch)).status == 200
    assert refused(await call(server, "POST", EVENTS, event))[:2] == (429, "RATE_LIMIT_EXCEEDED")
    status, code, message = refused(await call(server, "POST", f"{EVENTS}/batch", {"events": [event] * 101}))
    assert (status, code) == (400, "VALIDATION_ERROR")
    assert "at most 100 events" in message
