"""HTTP as clients really send it: late, broken, chunked, compressed, misspelt or hostile."""

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest

from console.messages import SettingsChanges
from console.server import body as body_module
from console.server import connection as connection_module
from tests.server.harness import Server, ServerFactory

pytestmark = pytest.mark.timeout(120)


def chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def head(server: Server, **headers: str) -> bytes:
    """The head of an ingestion request that announces no length."""
    given = server.public | {name.replace("_", "-"): value for name, value in headers.items()}
    return server.raw("GET", "/api/events", b"", given).replace(b"GET", b"POST", 1)


@pytest.fixture
def short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module.protocol_factory, "__kwdefaults__", {"header_deadline_secs": 0.6})
    monkeypatch.setattr(
        body_module.BodyReader.__init__, "__kwdefaults__", {"deadline_secs": 0.6, "max_total_bytes": 2**28}
    )


@pytest.fixture
async def hurried(short_deadlines: None, make_server: ServerFactory) -> AsyncIterator[Server]:
    async with make_server() as server:
        yield server


@pytest.mark.parametrize(
    "path", ["/api/events/", "//api/events", "/api//events///", "/api/events?x=1", "//api//player/"]
)
async def test_sloppy_paths_work(server: Server, path: str) -> None:
    assert (await server.ingest(path=path)).status == 200
    [row] = await server.rows(1)
    assert row.route in {"/api/events", "/api/player"}


async def test_chunked_bodies_work(server: Server) -> None:
    body = server.body()
    async with server.connect() as connection:
        await connection.send(head(server, Transfer_Encoding="chunked") + chunked(body[:5], body[5:]))
        assert (await connection.reply()).status == 200
        await connection.send(head(server, Transfer_Encoding="chunked"))
        for byte in body:
            await connection.send(b"1\r\n%c\r\n" % byte)
        await connection.send(b"0\r\n\r\n")
        assert (await connection.reply()).status == 200


async def test_chunked_and_compressed_bodies_work(server: Server) -> None:
    body = gzip.compress(server.body())
    async with server.connect() as connection:
        await connection.send(head(server, Transfer_Encoding="chunked", Content_Encoding="gzip"))
        await connection.send(chunked(body[:7], body[7:]))
        assert (await connection.reply()).status == 200


async def test_expect_continue_is_answered_before_the_body_is_sent(server: Server) -> None:
    body = server.body()
    async with server.connect() as connection:
        await connection.send(head(server, Content_Length=str(len(body)), Expect="100-continue"))
        assert await connection.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        await connection.send(body)
        reply = await connection.reply()
        assert (reply.status, reply.interim) == (200, ())


async def test_expect_continue_is_not_invited_without_a_key(server: Server) -> None:
    async with server.connect() as connection:
        headers = {"Content-Length": "1000", "Expect": "100-continue"}
        await connection.send(server.raw("POST", "/api/events", b"", headers))
        reply = await connection.reply()
        assert (reply.status, reply.interim, reply.headers["connection"]) == (401, (), "close")


@pytest.mark.parametrize("broken", [b"zz\r\nabc\r\n", b"5\r\nabc\r\n0\r\n\r\n", b"-1\r\n\r\n", b"5;\x00\r\nabcde\r\n"])
@pytest.mark.parametrize("apart", [False, True])
async def test_broken_chunking_is_400(server: Server, broken: bytes, apart: bool) -> None:
    async with server.connect() as connection:
        start = head(server, Transfer_Encoding="chunked")
        if apart:
            await connection.send(start)
            await asyncio.sleep(0.05)
            await connection.send(broken)
        else:
            await connection.send(start + broken)
        reply = await connection.reply()
        assert (reply.status, reply.json["status"]) == (400, "error")
        assert await connection.closed()
    assert server.stored_events == 0


@pytest.mark.parametrize(
    "sent",
    [
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nBad Header: 1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"POST /api/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        b"POST /api/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"".join(b"h%d: 1\r\n" % n for n in range(200)) + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        bytes(range(256)),
    ],
)
async def test_malformed_http_is_400_in_our_shape(server: Server, sent: bytes) -> None:
    async with server.connect() as connection:
        await connection.send(sent)
        reply = await connection.reply()
        assert (reply.status, reply.error) == (400, "bad_request")
        assert await connection.closed()
    [row] = await server.rows(1)
    assert (row.status, row.error) == (400, "bad_request")
    assert row.first_error
    assert ".." not in row.first_error.replace("...", "")


@pytest.mark.parametrize("path", ["/healthz", "/console/status", "/api/events"])
async def test_a_foreign_name_in_the_target_is_403(server: Server, path: str) -> None:
    assert (await server.request("GET", f"http://evil.example{path}")).status == 403


async def test_https_on_the_http_port_says_so(server: Server) -> None:
    async with server.connect() as connection:
        await connection.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        assert "http://" in (await connection.reply()).json["message"]


@pytest.mark.parametrize("encoding", [{"Content_Length": "5000"}, {"Transfer_Encoding": "chunked"}])
async def test_a_half_written_body_stores_nothing(server: Server, encoding: dict[str, str]) -> None:
    async with server.connect() as connection:
        await connection.send(head(server, **encoding) + b"500\r\n" + server.body())
    [row] = await server.rows(1)
    assert (row.status, row.events) == (400, 0)
    assert server.stored_events == 0
    assert (await server.ingest()).status == 200


@pytest.mark.parametrize("keep_alive", [False, True])
async def test_half_headers_end_at_the_deadline(hurried: Server, keep_alive: bool) -> None:
    async with hurried.connect() as connection:
        if keep_alive:
            await connection.send(hurried.raw("POST", "/api/events", hurried.body(), hurried.public))
            assert (await connection.reply()).status == 200
        await connection.send(b"POST /api/events HTTP/1.1\r\nHost: localh")
        async with asyncio.timeout(30):
            assert (await connection.reply()).status == 408
            assert await connection.closed()


async def test_an_idle_connection_is_kept(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadline for headers runs only from their first byte to their last."""
    made: list[connection_module.Connection] = []
    begin = connection_module.Connection.connection_made

    def note_and_begin(connection: connection_module.Connection, transport: asyncio.BaseTransport) -> None:
        made.append(connection)
        begin(connection, transport)

    monkeypatch.setattr(connection_module.Connection, "connection_made", note_and_begin)
    request = server.raw("POST", "/api/events", server.body(), server.public)
    async with server.connect() as connection:
        for _ in range(2):
            assert not any(one._header_timer for one in made)
            await connection.send(request[:30])
            async with asyncio.timeout(30):
                while not made or made[0]._header_timer is None:  # noqa: ASYNC110  # nobody is told of it
                    await asyncio.sleep(0.001)
            await connection.send(request[30:])
            assert (await connection.reply()).status == 200
        assert [one._header_timer for one in made] == [None]


async def test_a_trickled_body_ends_at_the_deadline(hurried: Server) -> None:
    async with hurried.connect() as connection:
        await connection.send(head(hurried, Content_Length="1000"))
        sending = asyncio.create_task(trickle(connection.writer))
        async with asyncio.timeout(30):
            reply = await connection.reply()
        sending.cancel()
        assert (reply.status, reply.error) == (408, "request_timeout")
    assert hurried.stored_events == 0


async def trickle(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"x")
        await asyncio.sleep(0.05)


async def test_pipelined_requests_are_answered_in_order(server: Server) -> None:
    good = server.raw("POST", "/api/events", server.body(), server.public)
    bad = server.raw("POST", "/api/events", b"\xc1", server.public)
    async with server.connect() as connection:
        await connection.send(good + bad + good)
        assert [(await connection.reply()).status for _ in range(3)] == [200, 400, 200]


async def test_http_1_0_is_answered_and_closed(server: Server) -> None:
    async with server.connect() as connection:
        request = server.raw("POST", "/api/events", server.body(), server.public).replace(b"HTTP/1.1", b"HTTP/1.0")
        await connection.send(request)
        assert (await connection.reply()).status == 200
        assert await connection.closed()


async def test_connection_close_is_obeyed(server: Server) -> None:
    async with server.connect() as connection:
        headers = server.public | {"Connection": "close"}
        await connection.send(server.raw("POST", "/api/events", server.body(), headers))
        assert (await connection.reply()).status == 200
        assert await connection.closed()


@pytest.mark.parametrize("path", ["/api/events", "/api/models", "/healthz", "/docs", "/v1/players/players", "/unknown"])
@pytest.mark.parametrize("host", ["evil.example", "evil.example:4000", ""])
async def test_every_route_refuses_foreign_hosts(server: Server, path: str, host: str) -> None:
    for method in ("GET", "POST"):
        reply = await server.request(method, path, headers=server.public | {"Host": host})
        assert reply.status == 403


async def test_the_console_refuses_foreign_hosts_and_web_pages(server: Server) -> None:
    headers = {"Authorization": f"Bearer {server.services.workspace.admin_key()}"}
    assert (await server.request("GET", "/console/status", headers=headers)).status == 200
    for foreign in ({"Host": "evil.example"}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "cross-site"}):
        reply = await server.request("GET", "/console/status", headers=headers | foreign)
        assert (reply.status, reply.headers["content-type"]) == (403, "application/msgpack")


@pytest.mark.parametrize("path", ["/api/events", "/api/export", "/api/sql/select"])
async def test_foreign_pages_change_nothing(server: Server, path: str) -> None:
    for foreign in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        reply = await server.request("POST", path, server.body(), server.public | foreign)
        assert (reply.status, reply.error) == (403, "forbidden")
        assert "access-control-allow-origin" not in reply.headers


async def test_preflight_of_an_allowed_page(server: Server) -> None:
    origin = "https://game.example"
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Private-Network": "true",
    }
    assert (await server.request("OPTIONS", "/api/events", headers=asked)).status == 403
    await server.services.settings.change(SettingsChanges(allowed_origins=[origin]))
    reply = await server.request("OPTIONS", "/api/events", headers=asked)
    assert reply.status == 204
    assert reply.headers["access-control-allow-origin"] == origin
    assert "x-public-token" in reply.headers["access-control-allow-headers"]
    assert reply.headers["access-control-allow-private-network"] == "true"
    assert reply.headers["vary"] == "Origin"
    for path in ("/api/export", "/api/models", "/api/sql/select", "/v1/players/players/x/lifecycle"):
        reply = await server.request("OPTIONS", path, headers=asked)
        assert reply.status in {404, 405}
        assert "access-control-allow-origin" not in reply.headers


async def test_an_allowed_page_reads_the_answer_also_a_refusal(server: Server) -> None:
    origin = "https://game.example"
    await server.services.settings.change(SettingsChanges(allowed_origins=[origin]))
    for body, status in ((server.body(), 200), (b"\xc1", 400)):
        reply = await server.ingest(body, Origin=origin, Sec_Fetch_Site="cross-site")
        assert (reply.status, reply.headers["access-control-allow-origin"]) == (status, origin)
    assert (await server.request("POST", "/api/export", headers={"Origin": origin})).status == 403


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/unknown"), ("POST", "/"), ("POST", "/api/event")])
async def test_unknown_routes_and_methods_have_our_shape(server: Server, method: str, path: str) -> None:
    reply = await server.request(method, path)
    assert reply.status in {404, 405}
    assert reply.json["status"] == "error"


async def test_a_near_miss_names_the_right_route(server: Server) -> None:
    assert "/api/events" in (await server.request("POST", "/api/event")).json["message"]
    assert "/api/funnel" in (await server.request("POST", "/funnels")).json["message"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_wrong_methods_are_405_and_name_the_right_one(server: Server, method: str) -> None:
    reply = await server.request(method, "/api/events")
    assert (reply.status, reply.error) == (405, "method_not_allowed")
    assert "POST" in reply.headers["allow"]


@pytest.mark.parametrize("player", [False, True])
@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/players"), ("GET", "/v1"), ("DELETE", "/v1/x/")])
async def test_the_player_api_answers_its_own_404(server: Server, method: str, path: str, player: bool) -> None:
    reply = await server.request(method, path, player=player)
    assert reply.status == 404
    assert reply.json["success"] is False
    assert reply.json["error"]["code"] == "NOT_FOUND"
    assert reply.json["error"]["message"]


async def test_bytes_that_are_no_text_are_harmless(server: Server) -> None:
    headers = server.public | {"User-Agent": "\udcff\udcfe", "X-Game": "\udcc3("}
    assert (await server.request("POST", "/api/events", server.body(), headers)).status == 200
    assert (await server.request("POST", "/api/%ff%fe\udcff", b"", headers)).status in {400, 404}
    assert len(await server.rows(2)) == 2


async def test_refusals_are_listed_with_their_reason(server: Server) -> None:
    await server.request("POST", "/api/events", server.body())
    await server.request("GET", "/api/nothing")
    await server.request("GET", "/v1/players/players")
    for path in ("/healthz", "/docs", "/metrics", "/favicon.ico"):
        await server.request("GET", path)
    await server.ingest()
    rows = await server.rows(4)
    assert [(row.status, row.route) for row in rows] == [
        (401, "/api/events"),
        (404, "/api/nothing"),
        (401, "/v1/players/players"),
        (200, "/api/events"),
    ]
    assert all(row.first_error for row in rows[:3])


async def test_too_many_connections_are_turned_away(
    make_server: ServerFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.server.process._connection_limit", lambda: 2)
    async with make_server() as server, server.connect() as first, server.connect() as second:
        for connection in (first, second):
            await connection.send(server.raw("GET", "/healthz"))
            assert (await connection.reply()).status == 200
        async with server.connect() as third:
            assert await third.closed()
        await first.close()
        async with asyncio.timeout(30):
            while True:
                async with server.connect() as fourth:
                    await fourth.send(server.raw("GET", "/healthz"))
                    try:
                        assert (await fourth.reply()).status == 200
                        break
                    except (ConnectionError, asyncio.IncompleteReadError):
                        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "line",
    [
        "OPTIONS * HTTP/1.1",
        "CONNECT example.com:443 HTTP/1.1",
        "GET http://localhost/healthz HTTP/1.1",
        "GET /healthz#x HTTP/1.1",
        "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1",
        "GET /docs/../../workspace.json HTTP/1.1",
        "TRACE /api/events HTTP/1.1",
        "GET /api/export/%2e%2e HTTP/1.1",
        "GET /api/events HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade",
    ],
)
async def test_odd_requests_get_a_plain_answer(server: Server, line: str) -> None:
    async with server.connect() as connection:
        await connection.send(f"{line}\r\nHost: localhost\r\n\r\n".encode())
        reply = await connection.reply()
    assert reply.status in {200, 400, 401, 404, 405}
    assert reply.status == 200 or reply.json["status"] == "error"


async def test_a_key_in_a_path_is_not_listed(server: Server) -> None:
    key = server.created.secret_key
    assert (await server.request("GET", f"/v1/players/{key}")).status == 404
    (row,) = await server.rows(1)
    assert key not in row.route + row.first_error
    assert key[-4:] in row.route
