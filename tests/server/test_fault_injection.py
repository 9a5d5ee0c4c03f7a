"""Injected faults as a client feels them: over real sockets, with what is stored and listed afterwards."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from console.client import ConsoleClient, ConsoleRefused
from console.messages import INJECTED, CreateApplication, SettingsChanges
from console.messages.faults import AddFaults, Fault
from console.server.connection import Connection
from console.storage.journal import ACCEPTED_RESPONSE
from tests.server.harness import Reply, Server

pytestmark = pytest.mark.expects_log  # adding a rule is a warning in the log: nobody shall forget it


@pytest.fixture
async def console(server: Server) -> AsyncIterator[ConsoleClient]:
    key = server.services.workspace.admin_key()
    async with ConsoleClient(f"http://127.0.0.1:{server.port}/console", key) as client:
        yield client


def inject(server: Server, **fault: Any) -> None:
    server.services.faults.add([Fault(**fault)])


async def everything(server: Server, raw: bytes | None = None) -> bytes:
    """What comes back until the server closes the connection."""
    async with server.connect() as connection:
        await connection.send(raw or server.raw("POST", "/api/events", server.body(), server.public))
        received = b""
        with suppress(ConnectionError):
            while piece := await connection.reader.read(4096):
                received += piece
        return received


async def first_injected(server: Server) -> None:
    """Wait until a rule struck."""
    async with asyncio.timeout(30):
        while not server.services.faults.injected:  # noqa: ASYNC110  # nobody is told of one
            await asyncio.sleep(0.01)


# answers


@pytest.mark.parametrize(
    ("status", "code"), [(429, "rate_limited"), (500, "internal_error"), (503, "storage_unavailable")]
)
async def test_an_answer_in_the_apis_own_shape(server: Server, status: Any, code: str) -> None:
    inject(server, action="answer", status=status, retry_after_secs=7)

    reply = await server.ingest()

    assert (reply.status, reply.error, reply.headers["retry-after"]) == (status, code, "7")
    assert reply.headers["x-injected-fault"] == str(status)
    row = (await server.rows(1))[0]
    assert (row.status, row.error, row.injected) == (status, INJECTED, f"answered {status}")
    assert (row.app_id, row.events) == (server.app_id, 0)
    assert server.services.journal.counters.rejected == 0
    assert server.stored_events == 0


async def test_without_retry_after_there_is_none(server: Server) -> None:
    inject(server, action="answer", status=503)
    assert "retry-after" not in (await server.ingest()).headers


async def test_the_player_api_answers_in_its_own_shape(server: Server) -> None:
    inject(server, action="answer", status=429, retry_after_secs=1)
    reply = await server.request("GET", "/v1/players/nobody", headers=server.secret, player=True)
    assert (reply.status, reply.json["error"]["code"]) == (429, "RATE_LIMIT_EXCEEDED")


async def test_the_connection_lives_on_after_an_injected_answer(server: Server) -> None:
    inject(server, action="answer", status=503, count=1)
    request = server.raw("POST", "/api/events", server.body(), server.public)
    async with server.connect() as connection:
        await connection.send(request)
        assert (await connection.reply()).status == 503
        await connection.send(request)
        assert (await connection.reply()).status == 200
    assert server.stored_events == 1


async def test_allowed_pages_may_read_it_and_preflights_pass(server: Server, console: ConsoleClient) -> None:
    await console.change_settings(SettingsChanges(allowed_origins=["https://game.example"]))
    inject(server, action="answer", status=503)
    reply = await server.ingest(Origin="https://game.example")
    assert reply.headers["access-control-allow-origin"] == "https://game.example"
    headers = {"Origin": "https://game.example", "Access-Control-Request-Method": "POST"}
    assert (await server.request("OPTIONS", "/api/events", headers=headers)).status == 204
    foreign = await server.ingest(Origin="https://elsewhere.example")
    assert (foreign.status, foreign.error) == (403, "forbidden")


# broken connections


async def test_a_dropped_connection(server: Server) -> None:
    inject(server, action="drop")
    assert await everything(server) == b""
    row = (await server.rows(1))[0]
    assert (row.status, row.error, row.injected) == (0, INJECTED, "connection dropped")
    assert server.stored_events == 0
    assert server.services.journal.counters.rejected == 0


async def test_closed_in_the_middle_of_the_body(server: Server) -> None:
    inject(server, action="cut_body")
    body = server.body(server.event(custom_data={"text": "x" * 40_000}))
    head = server.raw("POST", "/api/events", b"", server.public | {"Content-Length": str(len(body))})
    async with server.connect() as connection:
        await connection.send(head + body[:1000])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(connection.reader.read(1), 0.1)  # it listens until half of it is there
        await connection.send(body[1000:30_000])
        assert await connection.closed()
    row = (await server.rows(1))[0]
    assert (row.injected, row.bytes) == ("closed in the middle of the body", 0)
    assert server.stored_events == 0


async def test_an_answer_that_is_lost_after_storing(server: Server) -> None:
    inject(server, action="lose_answer")
    assert await everything(server) == b""
    row = (await server.rows(1))[0]
    assert (row.status, row.error, row.injected, row.events) == (200, "", "answer lost", 1)
    assert server.stored_events == 1


async def test_an_answer_that_is_cut_off(server: Server) -> None:
    inject(server, action="cut_answer")
    received = await everything(server)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert b"Content-Length: %d" % len(ACCEPTED_RESPONSE) in head
    assert body == ACCEPTED_RESPONSE[: len(ACCEPTED_RESPONSE) // 2]
    assert server.stored_events == 1
    assert (await server.rows(1))[0].injected == "answer cut off"


async def test_a_refusal_can_be_cut_off_too_and_stays_the_clients_fault(server: Server) -> None:
    inject(server, action="cut_answer")
    raw = server.raw("POST", "/api/events", b"\xc1", server.public)
    assert b'{"status":"error"' in await everything(server, raw)
    row = (await server.rows(1))[0]
    assert (row.status, row.error, row.injected) == (400, "invalid_msgpack", "answer cut off")
    assert server.services.journal.counters.rejected == 1


async def test_an_answer_without_a_body_is_cut_after_its_head(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.server.faulty_transport._NO_BODY_SECS", 0.02)
    inject(server, action="cut_answer")
    received = await everything(server, server.raw("HEAD", "/api/export/none", headers=server.secret))
    assert received.startswith(b"HTTP/1.1 404")


async def test_the_invitation_to_send_the_body_is_no_answer(server: Server) -> None:
    inject(server, action="lose_answer")
    body = server.body()
    head = server.public | {"Content-Length": str(len(body)), "Expect": "100-continue"}
    async with server.connect() as connection:
        await connection.send(server.raw("POST", "/api/events", b"", head))
        assert await connection.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        await connection.send(body)
        assert await connection.closed()
    assert server.stored_events == 1


# slow


async def test_a_delay_and_then_the_usual_answer(server: Server) -> None:
    inject(server, action="delay", delay_secs=0.15)
    started = time.monotonic()
    reply = await server.ingest()
    assert (reply.status, time.monotonic() - started >= 0.14) == (200, True)
    row = (await server.rows(1))[0]
    assert (row.status, row.injected) == (200, "delayed 0.15 s")
    assert (row.took_us or 0) >= 140_000


async def test_delays_add_up_ahead_of_what_decides(server: Server) -> None:
    for fault in ({"action": "delay", "delay_secs": 0.03}, {"action": "delay", "delay_secs": 0.05}):
        inject(server, **fault)
    inject(server, action="answer", status=503)
    started = time.monotonic()
    assert (await server.ingest()).status == 503
    assert time.monotonic() - started >= 0.07
    assert (await server.rows(1))[0].injected == "delayed 0.03 s, delayed 0.05 s, answered 503"


async def test_switching_off_lets_the_delayed_go_on(server: Server, console: ConsoleClient) -> None:
    inject(server, action="delay", delay_secs=60.0)
    waiting = asyncio.create_task(server.ingest())
    await first_injected(server)
    assert (await console.status()).faults_injected == 1
    await console.clear_faults()
    assert (await asyncio.wait_for(waiting, 30)).status == 200


async def test_a_client_that_gives_up_waiting_is_not_at_fault(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    left = asyncio.Event()
    end = Connection.connection_lost

    def end_and_tell(connection: Connection, error: BaseException | None) -> None:
        end(connection, error)
        left.set()

    monkeypatch.setattr(Connection, "connection_lost", end_and_tell)
    inject(server, action="delay", delay_secs=60.0)
    async with server.connect() as connection:
        await connection.send(server.raw("POST", "/api/events", server.body(), server.public)[:-3])
        await first_injected(server)
    await asyncio.wait_for(left.wait(), 30)
    server.services.faults.clear()
    row = (await server.rows(1))[0]
    assert (row.status, row.error) == (0, INJECTED)
    assert "gave up waiting" in row.first_error
    assert server.services.journal.counters.rejected == 0


async def test_only_so_many_are_held_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.server.fault_injection.MAX_HELD", 1)
    inject(server, action="delay", delay_secs=60.0)
    held = asyncio.create_task(server.ingest())
    await first_injected(server)
    assert (await asyncio.wait_for(server.ingest(), 30)).status == 200
    server.services.faults.clear()
    assert (await held).status == 200


async def test_an_answer_drop_by_drop(server: Server) -> None:
    inject(server, action="slow", bytes_per_second=1_000.0)
    pieces: list[bytes] = []
    started = time.monotonic()
    async with server.connect() as connection:
        await connection.send(server.raw("POST", "/api/events", server.body(), server.public))
        while not b"".join(pieces).endswith(b'"queued"}'):
            pieces.append(await connection.reader.read(4096))
    whole = b"".join(pieces)
    assert len(pieces) >= 3
    assert time.monotonic() - started >= (len(whole) - 60) / 1_000
    assert (await server.rows(1))[0].injected == "slow answer, 1000 bytes/s"


async def test_the_next_answer_on_the_connection_is_as_fast_as_ever(server: Server) -> None:
    inject(server, action="slow", bytes_per_second=2_000.0, count=1)
    request = server.raw("POST", "/api/events", server.body(), server.public)
    async with server.connect() as connection:
        await connection.send(request + request)  # the second waits its turn behind the first
        assert [(await connection.reply()).status, (await connection.reply()).status] == [200, 200]
        await connection.send(request)
        answer = await connection.reader.read(4096)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert answer.endswith(b'"queued"}'), "it comes in one piece"
    assert [row.injected for row in await server.rows(3)] == ["slow answer, 2000 bytes/s", "", ""]


async def test_switching_off_sends_the_rest_at_once(server: Server) -> None:
    inject(server, action="slow", bytes_per_second=1.0)
    waiting = asyncio.create_task(server.ingest())
    await server.rows(1)
    server.services.faults.clear()
    assert (await asyncio.wait_for(waiting, 30)).status == 200


async def test_a_client_that_leaves_a_slow_answer(server: Server) -> None:
    inject(server, action="slow", bytes_per_second=20.0)
    async with server.connect() as connection:
        await connection.send(server.raw("POST", "/api/events", server.body(), server.public))
        await connection.reader.read(1)
    server.services.faults.clear()
    assert (await server.ingest()).status == 200


# streams of events, which last


async def test_a_stream_is_cut_in_the_middle_of_what_it_says(server: Server) -> None:
    inject(server, action="cut_answer", routes=["/v1/events/events/stream"])
    raw = server.raw("GET", "/v1/events/events/stream", headers=server.secret)
    async with asyncio.timeout(30):
        head, _, said = (await everything(server, raw)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert not said.endswith(b"\n\n")
    assert (await server.rows(1))[0].injected == "answer cut off"


async def test_a_stream_stays_slow(server: Server) -> None:
    inject(server, action="slow", bytes_per_second=2_000.0, routes=["/v1/events/events/stream"])
    raw = server.raw("GET", "/v1/events/events/stream", headers=server.secret)
    async with server.connect() as connection:
        await connection.send(raw)
        await connection.reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.1)  # nothing waits any more
        for _ in range(3):
            await server.ingest()
        said, pieces = b"", 0
        async with asyncio.timeout(30):
            while said.count(b"Player_Jump") < 3:
                said += await connection.reader.read(4096)
                pieces += 1
    assert pieces >= 5


# whom it happens to


async def test_only_what_the_rule_names(server: Server) -> None:
    other = next(key.key_id for key in server.created.application.keys if key.kind == "secret")
    public = next(key.key_id for key in server.created.application.keys if key.kind == "public")
    elsewhere: list[dict[str, Any]] = [
        {"key_ids": [other]}, {"app_ids": ["another"]}, {"peers": ["10.0.0.0/8"]}, {"routes": ["/v1/*"]},
    ]  # fmt: skip
    for whom in elsewhere:
        inject(server, action="answer", status=500, **whom)
    assert (await server.ingest()).status == 200
    inject(
        server,
        action="answer",
        status=503,
        key_ids=[public],
        app_ids=[server.app_id],
        peers=["127.0.0.0/8"],
        routes=["/api/ev*"],
    )
    assert (await server.ingest()).status == 503
    assert (await server.ingest(path="/api/funnel")).status == 200


async def test_console_and_pages_are_never_touched(server: Server, console: ConsoleClient) -> None:
    await console.add_faults(AddFaults(faults=[Fault(action="drop")]))
    assert (await console.status()).faults == 1
    for path in ("/healthz", "/readyz", "/docs", "/openapi.json"):
        reply: Reply = await server.request("GET", path)
        assert reply.status == 200


# the console API


async def test_a_rule_for_whom_there_is_not_is_refused(server: Server, console: ConsoleClient) -> None:
    other = server.services.catalog.create_application(CreateApplication(name="Other")).application
    whoms: list[tuple[dict[str, Any], str]] = [
        ({"app_ids": [server.app_id, "nobody"]}, "app_ids[1]"),
        ({"key_ids": ["nope"]}, "key_ids[0]"),
        ({"app_ids": [server.app_id], "key_ids": [other.keys[0].key_id]}, "key_ids[0]"),
    ]
    for whom, path in whoms:
        with pytest.raises(ConsoleRefused) as caught:
            await console.add_faults(AddFaults(faults=[Fault(action="drop"), Fault(action="drop", **whom)]))
        assert (caught.value.error.code, caught.value.error.path) == ("invalid_fault", f"$.faults[1].{path}")
    assert await console.faults() == []


async def test_rules_are_listed_counted_removed_and_cleared(server: Server, console: ConsoleClient) -> None:
    faults = [Fault(action="answer", status=429, count=1), Fault(action="drop", routes=["/nowhere"])]
    first, second = await console.add_faults(AddFaults(faults=faults))
    assert (first.fault, first.state, second.state) == (faults[0], "on", "on")
    assert (await server.ingest()).status == 429
    assert (await server.ingest()).status == 200
    listed = await console.faults()
    assert [(rule.state, rule.matched, rule.injected) for rule in listed] == [("over", 1, 1), ("on", 0, 0)]
    status = await console.status()
    assert (status.faults, status.faults_injected) == (1, 1)
    check = next(check for check in await console.verify() if check.name == "Fault injection")
    assert (check.ok, check.text) == (False, "on: 1 rule, felt by 1 of the requests")

    await console.remove_fault(second.rule_id)
    assert (await console.status()).faults == 0
    replaced = await console.add_faults(AddFaults(faults=[Fault(action="drop")], replace=True))
    assert [rule.fault.action for rule in replaced] == ["drop"]
    await console.clear_faults()
    assert await console.faults() == []
    assert not server.services.faults.active


async def test_what_cannot_be_meant_is_refused_whole(server: Server, console: ConsoleClient) -> None:
    faults = [Fault(action="drop"), Fault(action="delay", delay_secs=0)]
    with pytest.raises(ConsoleRefused) as caught:
        await console.add_faults(AddFaults(faults=faults))
    assert (caught.value.status, caught.value.error.path) == (400, "$.faults[1].delay_secs")
    assert await console.faults() == []
    with pytest.raises(ConsoleRefused, match="no fault rule 9"):
        await console.remove_fault(9)


@pytest.mark.parametrize(("action", "status"), [("drop", 0), ("lose_answer", 200)])
async def test_a_test_event_tells_what_was_injected(
    server: Server, console: ConsoleClient, action: Any, status: int
) -> None:
    inject(server, action=action)
    row = await console.send_test_event(server.app_id)
    assert (row.status, bool(row.injected)) == (status, True)


async def test_the_log_says_it_loudly(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    inject(server, action="drop", probability=0.05)
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert warnings == ["fault injection, rule 1: Drop the connection; for everybody; 5 %"]
