"""Players over HTTP: registering, looking up, changing; sessions and purchases; who may see what."""

import asyncio
import sqlite3
import uuid
from typing import Any

import pytest
from msgspec import json, msgpack

from console.messages.players import PlayerChanges, PlayerDetail
from console.storage.player_store import PlayerStore
from tests.server.harness import Reply, Server, ServerFactory, create_application

PLAYERS = "/v1/players/players"
UNKNOWN = "11111111-2222-4333-8444-555555555555"


async def call(
    server: Server, method: str, path: str, body: Any = None, *, secret: bool = False, **headers: str
) -> Reply:
    """One request with the public key, or the secret one; header names have `_` for `-`."""
    key = server.created.secret_key if secret else server.created.public_key
    given = {"X-API-Key": key} | {name.replace("_", "-"): value for name, value in headers.items()}
    content = b"" if body is None else body if isinstance(body, bytes) else json.encode(body)
    if content:
        given.setdefault("Content-Type", "application/json")
    return await server.request(method, path, content, given, player=True)


async def register(server: Server, **fields: Any) -> dict[str, Any]:
    reply = await call(server, "POST", PLAYERS, fields)
    assert reply.status in {200, 201}, reply.body
    data: dict[str, Any] = reply.json["data"]
    return data


def refused(reply: Reply) -> tuple[int, str, str]:
    """Status, code and message of a refusal in the documented shape."""
    answer = reply.json
    assert answer["success"] is False
    assert set(answer) == {"success", "error"}
    assert set(answer["error"]) == {"code", "message"}
    return reply.status, answer["error"]["code"], answer["error"]["message"]


async def test_a_player_is_created_then_updated(server: Server) -> None:
    body = {
        "external_id": "player_123",
        "device_id": "device_abc",
        "email": "a@example.org",
        "attributes": {"level": 45, "country": "US"},
    }
    created = await call(server, "POST", PLAYERS, body)
    assert (created.status, created.json["success"]) == (201, True)
    player = created.json["data"]
    assert list(player) == [
        "id",
        "external_id",
        "device_id",
        "email",
        "lifecycle_stage",
        "session_count",
        "total_revenue",
        "is_payer",
        "first_seen_at",
        "last_seen_at",
        "attributes",
    ]
    assert uuid.UUID(player["id"])
    assert player["lifecycle_stage"] == "new"
    assert (player["session_count"], player["total_revenue"], player["is_payer"]) == (0, 0.0, False)
    assert player["first_seen_at"] == player["last_seen_at"]
    assert player["first_seen_at"].endswith("Z")

    updated = await call(server, "POST", PLAYERS, {"external_id": "player_123", "attributes": {"level": 46}})
    assert updated.status == 200
    again = updated.json["data"]
    assert again["id"] == player["id"]
    assert again["device_id"] == "device_abc"
    assert again["attributes"] == {"level": 46, "country": "US"}


async def test_the_answer_is_the_whole_object_when_there_is_nothing_to_hide(server: Server) -> None:
    assert (await register(server, external_id="p"))["email"] is None


async def test_the_journal_holds_body_answer_and_status(server: Server) -> None:
    reply = await call(server, "POST", PLAYERS, {"external_id": "p"})
    [row] = await server.rows(1)
    assert (row.route, row.method, row.status, row.events) == (PLAYERS, "POST", 201, 1)
    detail = server.services.journal.detail(row.request_id)
    assert detail is not None
    assert detail.response == reply.body
    assert detail.body == b'{"external_id":"p"}'


async def test_one_of_the_ids_is_needed(server: Server) -> None:
    status, code, message = refused(await call(server, "POST", PLAYERS, {"email": "a@b.c"}))
    assert (status, code) == (400, "VALIDATION_ERROR")
    assert "external_id" in message
    assert "device_id" in message


async def test_null_is_as_good_as_absent_when_registering(server: Server) -> None:
    first = await register(server, external_id="p", email="a@example.org", attributes={"a": 1})
    again = await call(
        server, "POST", PLAYERS, {"external_id": "p", "device_id": None, "email": None, "attributes": None}
    )
    assert again.status == 200
    shown = (await call(server, "GET", f"{PLAYERS}/{first['id']}", secret=True)).json["data"]
    assert (shown["email"], shown["attributes"]) == ("a@example.org", {"a": 1})


async def test_an_anonymous_player_who_signs_in_stays_one_player(server: Server) -> None:
    anonymous = await register(server, device_id="phone")
    assert anonymous["external_id"] is None
    signed_in = await register(server, external_id="p", device_id="phone")
    assert signed_in["id"] == anonymous["id"]
    assert (await register(server, device_id="phone"))["external_id"] == "p"
    assert (await register(server, external_id="p"))["id"] == anonymous["id"]


async def test_ids_that_contradict_each_other_are_refused(server: Server) -> None:
    one = await register(server, external_id="one", device_id="phone")
    await register(server, external_id="two")
    status, code, message = refused(await call(server, "POST", PLAYERS, {"external_id": "two", "device_id": "phone"}))
    assert (status, code) == (400, "VALIDATION_ERROR")
    assert message.startswith("$.device_id")
    assert one["id"] in message
    refused(await call(server, "PATCH", f"{PLAYERS}/{one['id']}", {"external_id": "three"}))
    released = await call(server, "PATCH", f"{PLAYERS}/{one['id']}", {"device_id": None})
    assert released.json["data"]["device_id"] is None
    assert (await register(server, external_id="two", device_id="phone"))["device_id"] == "phone"


async def test_many_registrations_at_once_make_one_player(server: Server) -> None:
    replies = await asyncio.gather(
        *(call(server, "POST", PLAYERS, {"external_id": "p", "attributes": {f"k{n}": n}}) for n in range(20))
    )
    assert sorted(reply.status for reply in replies) == [200] * 19 + [201]
    assert len({reply.json["data"]["id"] for reply in replies}) == 1
    player = (await call(server, "GET", f"{PLAYERS}/{replies[0].json['data']['id']}")).json["data"]
    assert player["attributes"] == {f"k{n}": n for n in range(20)}


async def test_a_patch_merges_and_null_deletes(server: Server) -> None:
    player = await register(server, external_id="p", attributes={"a": 1, "deep": {"x": 1, "y": 2}})
    patched = await call(
        server, "PATCH", f"{PLAYERS}/{player['id']}", {"attributes": {"a": None, "b": [1], "deep": {"x": None}}}
    )
    assert patched.status == 200
    assert patched.json["data"]["attributes"] == {"b": [1], "deep": {"y": 2}}
    emptied = await call(server, "PATCH", f"{PLAYERS}/{player['id']}", {"attributes": None})
    assert emptied.json["data"]["attributes"] == {}


async def test_a_patch_of_nothing_is_refused(server: Server) -> None:
    player = await register(server, external_id="p")
    for body in ({}, {"level": 5}):
        status, _, message = refused(await call(server, "PATCH", f"{PLAYERS}/{player['id']}", body))
        assert status == 400
        assert "attributes" in message


async def test_players_are_found_by_id_and_by_external_id(server: Server) -> None:
    player = await register(server, external_id="clan/7 é", email="a@example.org")
    by_id = await call(server, "GET", f"{PLAYERS}/{player['id'].upper()}", secret=True)
    by_external = await call(server, "GET", f"{PLAYERS}/external/clan%2F7%20%C3%A9", secret=True)
    assert by_id.json == by_external.json
    assert by_id.json["data"]["email"] == "a@example.org"


async def test_public_keys_read_no_email_but_what_they_just_said(server: Server) -> None:
    said = await register(server, external_id="p", email="a@example.org")
    assert said["email"] == "a@example.org"
    path = f"{PLAYERS}/{said['id']}"
    assert "email" not in (await call(server, "GET", path)).json["data"]
    assert "email" not in await register(server, external_id="p")
    assert "email" not in (await call(server, "PATCH", path, {"attributes": {"a": 1}})).json["data"]
    assert "email" not in (await call(server, "POST", f"{path}/session")).json["data"]
    assert "email" not in (await call(server, "POST", f"{path}/purchase?amount=1")).json["data"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", PLAYERS),
        ("GET", f"{PLAYERS}/external/p"),
        ("GET", f"{PLAYERS}/{UNKNOWN}/lifecycle"),
        ("GET", f"{PLAYERS}/{UNKNOWN}/churn-risk"),
    ],
)
async def test_secret_routes_refuse_public_keys(server: Server, method: str, path: str) -> None:
    status, code, message = refused(await call(server, method, path))
    assert (status, code) == (403, "UNAUTHORIZED")
    assert "secret key" in message


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"attributes": {}}),
        ("POST", "/session", None),
        ("POST", "/purchase?amount=1", None),
        ("GET", "/lifecycle", None),
        ("GET", "/churn-risk", None),
    ],
)
async def test_unknown_and_malformed_ids(server: Server, method: str, tail: str, body: Any) -> None:
    unknown = await call(server, method, f"{PLAYERS}/{UNKNOWN}{tail}", body, secret=True)
    assert refused(unknown)[:2] == (404, "NOT_FOUND")
    malformed = await call(server, method, f"{PLAYERS}/player_123{tail}", body, secret=True)
    assert refused(malformed) == (400, "VALIDATION_ERROR", "Invalid player_id format")


async def test_applications_never_see_each_others_players(server: Server) -> None:
    player = await register(server, external_id="p")
    other = create_application(server.services, "Other")
    foreign = Server(server.services, server.listeners, other, server.port, server.player_port)
    assert refused(await call(foreign, "GET", f"{PLAYERS}/{player['id']}"))[0] == 404
    assert refused(await call(foreign, "GET", f"{PLAYERS}/external/p", secret=True))[0] == 404
    assert (await register(foreign, external_id="p"))["id"] != player["id"]


async def test_a_repeated_session_counts_once(server: Server) -> None:
    player = await register(server, external_id="p")
    path = f"{PLAYERS}/{player['id']}/session"
    first = await call(server, "POST", path, {"session_id": "s1", "duration_seconds": 60})
    assert (first.status, first.json["data"]["session_count"]) == (200, 1)
    assert (await call(server, "POST", path, {"session_id": "s1"})).json["data"]["session_count"] == 1
    assert (await call(server, "POST", path)).json["data"]["session_count"] == 2
    assert (await call(server, "GET", path.removesuffix("/session"))).json["data"]["session_count"] == 2


async def test_purchases_are_exact(server: Server) -> None:
    player = await register(server, external_id="p")
    path = f"{PLAYERS}/{player['id']}/purchase"
    for _ in range(10):
        reply = await call(server, "POST", f"{path}?amount=0.10")
    assert b'"total_revenue":1.00' in reply.body
    assert reply.json["data"]["is_payer"] is True


async def test_a_transaction_counts_once(server: Server) -> None:
    player = await register(server, external_id="p")
    path = f"{PLAYERS}/{player['id']}/purchase?amount=4.99"
    first = await call(server, "POST", path + "&transaction_id=t1")
    again = await call(server, "POST", path, {"transaction_id": "t1"})
    assert first.json["data"]["total_revenue"] == again.json["data"]["total_revenue"] == 4.99
    assert server.stored_events == 2
    status, _, message = refused(await call(server, "POST", path.replace("4.99", "5.00") + "&transaction_id=t1"))
    assert status == 400
    assert "another amount (4.99)" in message


@pytest.mark.parametrize(
    "query",
    ["", "?amount=", "?amount=0", "?amount=-1", "?amount=1.999", "?amount=NaN", "?amount=1e3", "?amount=99999999999",
     "?amount=1,50", "?amount=1&amount=2", "?amount=1&transaction_id=a&transaction_id=a",
     "?amount=1&transaction_id=" + "x" * 300],
)  # fmt: skip
async def test_other_amounts_are_refused(server: Server, query: str) -> None:
    player = await register(server, external_id="p")
    status, code, _ = refused(await call(server, "POST", f"{PLAYERS}/{player['id']}/purchase{query}"))
    assert (status, code) == (400, "VALIDATION_ERROR")
    assert server.stored_events == 1


async def test_an_amount_in_the_body_is_told_where_it_belongs(server: Server) -> None:
    player = await register(server, external_id="p")
    _, _, message = refused(await call(server, "POST", f"{PLAYERS}/{player['id']}/purchase", {"amount": 4.99}))
    assert "?amount=" in message


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"", "empty"),
        (b"{", "$"),
        (b"[]", "$"),
        (b"null", "$"),
        (b'{"external_id": 5}', "$.external_id"),
        (b'{"external_id": ""}', "$.external_id"),
        (b'{"external_id": "' + b"x" * 257 + b'"}', "$.external_id"),
        (b'{"external_id": "a\\u0000b"}', "$.external_id"),
        (b'{"external_id": "\\ud800"}', "$"),
        (b'{"external_id": "\xff"}', "$"),
        (b'{"external_id": "p", "email": "nobody"}', "$.email"),
        (b'{"external_id": "p", "attributes": []}', "$.attributes"),
        (b'{"external_id": "p", "attributes": {"a": NaN}}', "$"),
        (b'{"external_id": "p", "attributes": {"a": 1e999}}', "$.attributes"),
        (b'{"external_id": "p", "attributes": {"a": 9223372036854775808}}', "$.attributes.a"),
        (b'{"external_id": "p", "attributes": {"a": ' + b"9" * 5000 + b"}}", "$.attributes"),
        (b'{"external_id": "p", "attributes": {"a": "' + b"x" * 1001 + b'"}}', "$.attributes.a"),
        (b'{"external_id": "p", "attributes": {"a": {"b": {"c": {"d": 1}}}}}', "$.attributes.a.b.c"),
        (b'{"external_id": "p", "attributes": ' + b"[" * 100_000, "$"),
        (b'{"external_id": "p", "attributes": ' + b'{"a":' * 100_000, "$"),
    ],
)
async def test_bad_bodies_are_refused_with_the_path(server: Server, body: bytes, path: str) -> None:
    status, code, message = refused(await call(server, "POST", PLAYERS, body, Content_Type="application/json"))
    assert (status, code) == (400, "VALIDATION_ERROR")
    assert path in message
    assert server.stored_events == 0


async def test_what_many_patches_add_up_to_stays_within_bounds(server: Server) -> None:
    player = await register(server, external_id="p", attributes={f"a{n}": n for n in range(200)})
    status, _, message = refused(
        await call(server, "PATCH", f"{PLAYERS}/{player['id']}", {"attributes": {"one_more": 1}})
    )
    assert status == 400
    assert message.startswith("$.attributes")


async def test_a_repeated_request_is_answered_as_before(server: Server) -> None:
    player = await register(server, external_id="p")
    path = f"{PLAYERS}/{player['id']}/purchase?amount=4.99"
    first = await call(server, "POST", path, Idempotency_Key="k1")
    again = await call(server, "POST", path, Idempotency_Key="k1")
    assert (again.status, again.body) == (first.status, first.body)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert server.stored_events == 2
    status, _, message = refused(await call(server, "POST", path.replace("4.99", "5"), Idempotency_Key="k1"))
    assert status == 400
    assert "Idempotency-Key" in message
    assert refused(await call(server, "POST", path, Idempotency_Key="x" * 300))[0] == 400


async def test_repeated_requests_at_once_count_once(server: Server) -> None:
    player = await register(server, external_id="p")
    path = f"{PLAYERS}/{player['id']}/purchase?amount=1"
    replies = await asyncio.gather(*(call(server, "POST", path, Idempotency_Key="k") for _ in range(10)))
    assert {reply.body for reply in replies} == {replies[0].body}
    assert b'"total_revenue":1.00' in replies[0].body


async def test_the_list_is_whole_and_without_repetition(server: Server) -> None:
    expected = {(await register(server, external_id=f"p{n}"))["id"] for n in range(7)}
    found: list[str] = []
    query = "?limit=3"
    while True:
        page = (await call(server, "GET", PLAYERS + query, secret=True)).json["data"]
        found += [player["id"] for player in page["players"]]
        if page["next_cursor"] is None:
            break
        query = f"?limit=3&cursor={page['next_cursor']}"
    assert len(found) == 7
    assert set(found) == expected


@pytest.mark.parametrize(
    "query", ["?limit=0", "?limit=201", "?limit=x", "?limit=-1", "?cursor=%ff", "?cursor=abc", "?cursor=!!"]
)
async def test_bad_pages_are_refused(server: Server, query: str) -> None:
    assert refused(await call(server, "GET", PLAYERS + query, secret=True))[0] == 400


async def test_lifecycle_and_churn_risk(server: Server) -> None:
    player = await register(server, external_id="p")
    path = f"{PLAYERS}/{player['id']}"
    stage = (await call(server, "GET", f"{path}/lifecycle", secret=True)).json["data"]
    assert (stage["player_id"], stage["stage"]) == (player["id"], "new")
    risk = (await call(server, "GET", f"{path}/churn-risk", secret=True)).json["data"]
    assert 0 <= risk["risk_score"] <= 1
    assert sum(factor["contribution"] for factor in risk["factors"]) == pytest.approx(risk["risk_score"])


@pytest.mark.expects_log
async def test_what_is_journaled_is_acknowledged_and_applied_later(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(db: object, *_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as broken:
        broken.setattr(PlayerStore, "_transact", refuse)
        lost = await call(server, "POST", PLAYERS, {"external_id": "p"})
        assert lost.status == 201
    await register(server, external_id="another")
    found = await call(server, "GET", f"{PLAYERS}/{lost.json['data']['id']}")
    assert found.json["data"]["external_id"] == "p"


async def test_a_client_that_does_not_wait_has_registered_all_the_same(server: Server) -> None:
    async with server.connect(player=True) as connection:
        headers = {"X-API-Key": server.created.public_key, "Content-Type": "application/json"}
        await connection.send(server.raw("POST", PLAYERS, b'{"external_id":"p"}', headers))
    for _ in range(1_500):
        reply = await call(server, "GET", f"{PLAYERS}/external/p", secret=True)
        if reply.status == 200:
            break
        await asyncio.sleep(0.02)
    assert reply.status == 200


async def test_a_person_at_the_window_changes_players_the_same_way(server: Server) -> None:
    player = await register(server, external_id="p", attributes={"a": 1})
    admin = {"Authorization": f"Bearer {server.services.workspace.admin_key()}"}
    body = msgpack.encode(PlayerChanges(attributes={"a": None, "b": 2}))
    reply = await server.request("PATCH", f"/console/players/{player['id']}", body, admin)
    assert reply.status == 200, reply.body
    assert msgpack.decode(reply.body, type=PlayerDetail).profile.attributes == {"b": 2}
    row = (await server.rows(2))[-1]
    assert (row.method, row.events, row.key_label) == ("PATCH", 1, "window")


async def test_players_outlast_the_server(make_server: ServerFactory) -> None:
    async with make_server() as server:
        player = await register(server, external_id="p", attributes={"level": 3})
        created = server.created
    for path in server.services.workspace.root.glob("players.sqlite*"):
        path.unlink()
    async with make_server() as restarted:
        again = Server(restarted.services, restarted.listeners, created, restarted.port, restarted.player_port)
        found = await call(again, "GET", f"{PLAYERS}/{player['id']}")
        assert found.json["data"] == {key: value for key, value in player.items() if key != "email"}


async def test_a_player_of_telemetry_is_the_same_player(server: Server) -> None:
    identity = {"event_name": "Create_Player", "player_id": "p", "session_id": None, "level_id": None, "position": None}
    await server.ingest(server.body(server.event(**identity, region="eu", hardware={"gpu": "x"})))
    for _ in range(1_500):
        reply = await call(server, "GET", f"{PLAYERS}/external/p", secret=True)
        if reply.status == 200:
            break
        await asyncio.sleep(0.02)
    known = reply.json["data"]
    assert known["attributes"] == {"region": "eu", "hardware": {"gpu": "x"}}
    registered = await call(server, "POST", PLAYERS, {"external_id": "p", "attributes": {"level": 1}})
    assert registered.status == 200
    assert registered.json["data"]["id"] == known["id"]
    assert registered.json["data"]["attributes"] == {"region": "eu", "hardware": {"gpu": "x"}, "level": 1}
    found = (await call(server, "GET", f"{PLAYERS}/{known['id']}")).json["data"]
    assert found["attributes"]["level"] == 1


async def test_a_player_of_telemetry_can_be_changed_by_id(server: Server) -> None:
    await server.ingest(server.body(server.event(player_id="p")))
    for _ in range(1_500):
        reply = await call(server, "GET", f"{PLAYERS}/external/p", secret=True)
        if reply.status == 200:
            break
        await asyncio.sleep(0.02)
    player_id = reply.json["data"]["id"]
    assert reply.json["data"]["session_count"] == 1
    patched = await call(server, "PATCH", f"{PLAYERS}/{player_id}", {"attributes": {"level": 1}})
    assert patched.json["data"]["external_id"] == "p"
    paid = await call(server, "POST", f"{PLAYERS}/{player_id}/purchase?amount=2")
    assert (paid.json["data"]["is_payer"], paid.json["data"]["session_count"]) == (True, 1)
