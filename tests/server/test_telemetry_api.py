"""The telemetry API over real sockets: every documented status."""

import asyncio
import gzip
import zlib
from typing import Any

import msgpack
import pytest

from console.messages import SettingsChanges
from console.telemetry.events import MAX_BODY_BYTES
from tests.server.harness import Server, ServerFactory, create_application

INGESTION = ("/api/events", "/api/player", "/api/funnel", "/api/realtime")


def assert_refused(reply: Any, status: int, code: str) -> None:
    assert (reply.status, reply.error) == (status, code), reply.body
    assert reply.headers["content-type"] == "application/json"
    assert set(reply.json) == {"status", "error", "message", "details"}
    assert reply.json["status"] == "error"
    for detail in reply.json["details"]:
        assert {"index", "path", "message", "hint"} <= set(detail)


@pytest.mark.parametrize("path", INGESTION)
async def test_an_event_is_stored_and_then_acknowledged(server: Server, path: str) -> None:
    reply = await server.ingest(path=path)
    assert (reply.status, reply.json) == (200, {"status": "queued"})
    assert server.stored_events == 1
    [row] = await server.rows(1)
    assert (row.status, row.route, row.method, row.events, row.error) == (200, path, "POST", 1, "")
    assert (row.app_id, row.key_label, row.peer) == (server.app_id, "Public key", "127.0.0.1")
    assert row.took_us is not None


@pytest.mark.parametrize("player", [False, True])
async def test_both_ports_answer(server: Server, player: bool) -> None:
    reply = await server.request("POST", "/api/events", server.body(), server.public, player=player)
    assert reply.status == 200


async def test_ipv6_loopback_answers(server: Server) -> None:
    try:
        async with server.connect(host="::1") as connection:
            await connection.send(server.raw("POST", "/api/events", server.body(), server.public))
            assert (await connection.reply()).status == 200
    except OSError:
        pytest.skip("this machine has no IPv6")


async def test_a_batch_is_stored_whole(server: Server) -> None:
    assert (await server.ingest(server.body(*[server.event()] * 250))).status == 200
    assert server.stored_events == 250


async def test_one_bad_event_keeps_the_whole_batch_out(server: Server) -> None:
    bad = [server.event(), server.event(position=[1, "x", 2]), server.event(player_id=None), server.event()]
    reply = await server.ingest(server.body(*bad))
    assert_refused(reply, 400, "invalid_event")
    assert {detail["index"] for detail in reply.json["details"]} == {1, 2}
    assert "$[1].position[1]" in {detail["path"] for detail in reply.json["details"]}
    assert server.stored_events == 0
    [row] = await server.rows(1)
    assert (row.status, row.error, row.events) == (400, "invalid_event", 0)
    assert "position" in row.first_error
    detail = server.services.journal.detail(row.request_id)
    assert detail is not None
    assert detail.body == server.body(*bad)
    assert detail.response == reply.body
    assert len(detail.details) >= 2


async def test_at_most_twenty_details_are_answered(server: Server) -> None:
    reply = await server.ingest(server.body(*[server.event(player_id=7)] * 60))
    assert len(reply.json["details"]) == 20
    assert "60" in reply.json["message"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_payload"),
        (msgpack.packb([]), "empty_payload"),
        (b"\xc1", "invalid_msgpack"),
        (b'{"event_name":"x"}', "invalid_msgpack"),
        (msgpack.packb({"a": 1})[:-1], "invalid_msgpack"),
        (msgpack.packb({"a": 1}), "invalid_event"),
        (msgpack.packb([[1, 2]]), "invalid_event"),
        (msgpack.packb([{}] * 10_001), "batch_too_large"),
    ],
)
async def test_bad_bodies_are_400(server: Server, body: bytes, code: str) -> None:
    assert_refused(await server.ingest(body), 400, code)
    assert server.stored_events == 0


async def test_events_of_another_application_are_403(server: Server) -> None:
    other = create_application(server.services, "Other").application.app_id
    reply = await server.ingest(server.body(server.event(), server.event(app_id=other)))
    assert_refused(reply, 403, "app_scope_mismatch")
    [detail] = reply.json["details"]
    assert (detail["index"], detail["path"]) == (1, "$[1].app_id")
    reply = await server.ingest(server.body(server.event(app_id=other)))
    assert reply.json["details"][0]["path"] == "$.app_id"
    assert server.stored_events == 0


async def test_the_application_is_compared_without_regard_to_case(server: Server) -> None:
    assert (await server.ingest(server.body(server.event(app_id=server.app_id.upper())))).status == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "application/msgpack",
        "application/x-msgpack",
        "application/vnd.msgpack",
        "application/octet-stream",
        "Application/MsgPack; charset=utf-8",
        "",
    ],
)
async def test_content_types_that_are_taken(server: Server, content_type: str) -> None:
    assert (await server.ingest(Content_Type=content_type)).status == 200


async def test_no_content_type_is_taken(server: Server) -> None:
    headers = {"x-public-token": server.created.public_key}
    assert (await server.request("POST", "/api/events", server.body(), headers)).status == 200


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", "text/plain", "application/x-www-form-urlencoded", "x"],
)
async def test_other_content_types_are_415(server: Server, content_type: str) -> None:
    assert_refused(await server.ingest(Content_Type=content_type), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("GZIP", gzip.compress),
        ("identity", bytes),
    ],
)
async def test_compressed_bodies(server: Server, encoding: str, encode: Any) -> None:
    reply = await server.ingest(encode(server.body()), Content_Encoding=encoding)
    assert reply.status == 200, reply.body
    [row] = await server.rows(1)
    assert row.bytes == len(server.body())


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "nonsense", "gz\udcffip"])
async def test_mislabelled_and_unknown_encodings_are_400(server: Server, encoding: str) -> None:
    assert_refused(await server.ingest(Content_Encoding=encoding), 400, "invalid_msgpack")


async def test_deflate_without_its_wrapper_is_taken(server: Server) -> None:
    raw = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    body = raw.compress(server.body()) + raw.flush()
    assert (await server.ingest(body, Content_Encoding="deflate")).status == 200


async def test_a_small_body_that_decompresses_to_much_is_taken(server: Server) -> None:
    wire = gzip.compress(server.body(*[server.event()] * 5000))
    assert len(wire) < 64 * 1024
    assert (await server.ingest(wire, Content_Encoding="gzip")).status == 200
    assert server.stored_events == 5000


async def test_a_bomb_is_413(server: Server) -> None:
    bomb = gzip.compress(bytes(64 * 1024 * 1024), 9)
    assert_refused(await server.ingest(bomb, Content_Encoding="gzip"), 413, "payload_too_large")


async def test_a_body_over_the_limit_is_413_before_it_is_read(server: Server) -> None:
    async with server.connect() as connection:
        headers = server.public | {"Content-Length": str(MAX_BODY_BYTES + 1)}
        await connection.send(server.raw("POST", "/api/events", b"", headers))
        assert_refused(await connection.reply(), 413, "payload_too_large")


async def test_a_chunked_body_over_the_limit_is_413(server: Server) -> None:
    async with server.connect() as connection:
        headers = server.public | {"Transfer-Encoding": "chunked"}
        await connection.send(server.raw("GET", "/api/events", b"", headers).replace(b"GET", b"POST", 1))
        chunk = b"%x\r\n%s\r\n" % (1024 * 1024, bytes(1024 * 1024))
        for _ in range(9):
            await connection.send(chunk)
        assert_refused(await connection.reply(), 413, "payload_too_large")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "missing_token"),
        ({"x-public-token": "pk_live_unknown"}, 401, "invalid_token"),
        ({"x-public-token": "\udcff"}, 401, "invalid_token"),
    ],
)
async def test_without_a_known_key_it_is_401(server: Server, headers: dict[str, str], status: int, code: str) -> None:
    assert_refused(await server.request("POST", "/api/events", server.body(), headers), status, code)


async def test_the_legacy_header_takes_the_public_key(server: Server) -> None:
    headers = {"x-api-key": server.created.public_key}
    assert (await server.request("POST", "/api/events", server.body(), headers)).status == 200


async def test_a_secret_key_in_a_client_is_403(server: Server) -> None:
    headers = {"x-public-token": server.created.secret_key}
    reply = await server.request("POST", "/api/events", server.body(), headers)
    assert_refused(reply, 403, "forbidden")
    assert "secret" in reply.json["message"]


async def test_a_revoked_key_fails_from_the_next_request_on(server: Server) -> None:
    assert (await server.ingest()).status == 200
    key = next(key for key in server.created.application.keys if key.kind == "public")
    server.services.catalog.revoke_key(key.key_id)
    assert_refused(await server.ingest(), 401, "invalid_token")


async def test_the_first_failing_check_answers(server: Server) -> None:
    """Rate limit, key, content type, size, decoding: each is broken, and mended in turn."""
    await server.services.settings.change(SettingsChanges(rate_limit=1.0))
    assert (await server.ingest()).status == 200
    wrong = {"Content-Type": "application/json", "Content-Length": str(MAX_BODY_BYTES + 1)}
    assert_refused(await server.request("POST", "/api/events", b"", wrong), 429, "rate_limited")
    await server.services.settings.change(SettingsChanges(rate_limit=0.0))
    assert_refused(await server.request("POST", "/api/events", b"", wrong), 401, "missing_token")
    wrong["x-public-token"] = server.created.public_key
    assert_refused(await server.request("POST", "/api/events", b"", wrong), 415, "unsupported_media_type")
    wrong["Content-Type"] = "application/msgpack"
    assert_refused(await server.request("POST", "/api/events", b"", wrong), 413, "payload_too_large")
    bad = msgpack.packb([{"app_id": "another", "event_name": 1}])
    assert_refused(await server.ingest(bad), 400, "invalid_event")


async def test_the_rate_limit_is_per_address_and_says_when_to_come_back(make_server: ServerFactory) -> None:
    async with make_server(rate_limit=10.0) as server:
        replies = [await server.ingest() for _ in range(12)]
        assert [reply.status for reply in replies[:10]] == [200] * 10
        assert_refused(replies[11], 429, "rate_limited")
        assert replies[11].headers["retry-after"] == "1"
        spoofed = await server.ingest(X_Forwarded_For="10.9.8.7")
        assert spoofed.status == 429
        assert (await server.request("GET", "/healthz")).status == 200


async def test_a_full_journal_is_503(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.services.journal, "_max_pending", 0)
    reply = await server.ingest()
    assert_refused(reply, 503, "storage_unavailable")
    assert int(reply.headers["retry-after"]) >= 1


async def test_export_needs_no_key_and_its_state_the_secret(server: Server) -> None:
    await server.ingest()
    reply = await server.request("POST", "/api/export")
    assert (reply.status, reply.json["status"]) == (200, "queued")
    path = f"/api/export/{reply.json['export_id']}"
    assert_refused(await server.request("GET", path), 401, "missing_token")
    assert_refused(await server.request("GET", path, headers=server.public), 403, "forbidden")
    await server.services.exports.finished(reply.json["export_id"])
    state = await server.request("GET", path, headers=server.secret)
    assert (state.status, state.json["state"], state.json["rows"]) == (200, "done", 1)
    bearer = {"Authorization": f"Bearer {server.created.secret_key}"}
    assert (await server.request("GET", path, headers=bearer)).status == 200
    assert_refused(await server.request("GET", "/api/export/unknown", headers=server.secret), 404, "not_found")


async def test_sql_is_switched_off(server: Server) -> None:
    assert_refused(await server.request("POST", "/api/sql/select"), 401, "missing_token")
    assert_refused(await server.request("POST", "/api/sql/select", headers=server.public), 403, "forbidden")
    assert_refused(await server.request("POST", "/api/sql/select", b"x", server.secret), 501, "sql_unavailable")


async def test_keys_are_kept_only_as_hints(server: Server) -> None:
    await server.ingest()
    await server.request("POST", "/api/sql/select", headers=server.secret)
    for row in await server.rows(2):
        detail = server.services.journal.detail(row.request_id)
        assert detail is not None
        values = " ".join(value for _, value in detail.headers)
        assert server.created.public_key not in values
        assert server.created.secret_key not in values
        assert "_live_…" in values


async def test_many_at_once_are_each_stored_once(server: Server) -> None:
    async with asyncio.timeout(30):
        replies = await asyncio.gather(*(server.ingest() for _ in range(100)))
    assert {reply.status for reply in replies} == {200}
    assert server.stored_events == 100
