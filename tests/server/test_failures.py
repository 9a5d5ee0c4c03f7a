"""Equal failures together, over real sockets."""

from collections.abc import AsyncIterator

import pytest

from console.client import ConsoleClient, ConsoleRefused
from console.messages.requests import MAX_DETAILS_ASKED, FailureKind
from tests.server.harness import Server


@pytest.fixture
async def client(server: Server) -> AsyncIterator[ConsoleClient]:
    async with ConsoleClient(
        f"http://127.0.0.1:{server.port}/console", server.services.workspace.admin_key()
    ) as client:
        yield client


async def test_one_mistake_is_one_group(server: Server, client: ConsoleClient) -> None:
    for index in range(3):
        events = [server.event() for _ in range(index)]
        await server.ingest(server.body(*events, server.event(position=["x", 2.0, 3.0]), server.event()))
    await server.ingest(b"", User_Agent="Unity")
    await server.ingest()
    rows = await server.rows(5)
    report = await client.failure_report()
    assert (report.requests, report.groups_total, report.forgotten) == (4, 2, 0)
    empty, position = report.groups
    assert empty.kind.error == "empty_payload"
    assert empty.clients == ["Unity"]
    assert position.kind.pattern.startswith("$[*].position[*]: expected a number")
    assert (position.kind.status, position.kind.error, position.requests, position.kept) == (400, "invalid_event", 3, 3)
    assert position.example.startswith("$[2].position[0]: expected a number")
    assert (position.peers, position.peers_total, position.routes) == (["127.0.0.1"], 1, ["/api/events"])
    assert position.first_us < position.last_us <= empty.first_us
    bad = [row for row in rows if row.error == "invalid_event"]
    assert position.newest_id == bad[-1].request_id
    assert await client.requests_of_failure(position.kind) == bad
    assert await client.requests_of_failure(position.kind, limit=1) == bad[-1:]


async def test_a_report_is_narrowed(server: Server, client: ConsoleClient) -> None:
    await server.ingest(b"\xc1")
    await server.request("POST", "/api/events", b"x", {"x-public-token": "pk_live_nobody"})
    last_us = (await server.rows(2))[-1].received_at_us
    assert {group.kind.status for group in (await client.failure_report(app_id=server.app_id)).groups} == {400, 401}
    assert {group.kind.status for group in (await client.failure_report(app_id="another")).groups} == {401}
    assert [group.kind.status for group in (await client.failure_report(since_us=last_us)).groups] == [401]
    assert (await client.failure_report(since_us=last_us + 1)).groups == []


async def test_strangers_are_bounded_and_counted(server: Server, client: ConsoleClient) -> None:
    async with server.connect() as connection:
        for number in range(60):
            await connection.send(server.raw("POST", "/api/events", b"x", {"x-public-token": f"pk_live_guess{number}"}))
            assert (await connection.reply()).status == 401
    await server.ingest(b"\xc1")
    rows = await server.rows(21)
    assert [row.status for row in rows].count(401) == 20, "so many of one address at once"
    invalid, strangers = (await client.failure_report()).groups
    assert invalid.kind.error == "invalid_msgpack"
    assert (strangers.requests, strangers.kept, strangers.peers_total) == (60, 20, 1)
    assert "guess" not in strangers.kind.pattern
    status = await client.status()
    assert (status.rejected_total, status.rejections_unlisted) == (61, 40)


async def test_many_requests_whole(server: Server, client: ConsoleClient) -> None:
    large = server.body(*[server.event(event_name="x" * 200, level_id="y" * 200) for _ in range(8_000)])
    for body in (large, server.body(), large, server.body()):
        assert (await server.ingest(body)).status == 200
    await server.ingest(b"\xc1")
    ids = [row.request_id for row in await server.rows(5)]
    pages = [page async for page in client.request_details([*ids, 999])]
    assert [done for done, _ in pages][-1] == 6
    assert len(pages) > 1, "two large bodies are more than one page"
    details = [detail for _, page in pages for detail in page]
    assert [detail.row.request_id for detail in details] == ids
    assert details[0].body == large
    assert [page async for page in client.request_details([])] == []


async def test_more_than_a_page_may_ask_for_is_refused(client: ConsoleClient) -> None:
    with pytest.raises(ConsoleRefused, match="At most 200"):
        await client._ask("POST", "/request-details", None, body=list(range(MAX_DETAILS_ASKED + 1)))
    for body in ([-1], [2**64 - 1], ["x"]):
        with pytest.raises(ConsoleRefused, match="cannot be used"):
            await client._ask("POST", "/request-details", None, body=body)
    with pytest.raises(ConsoleRefused, match="cannot be used"):
        await client.requests_of_failure(FailureKind(status=2**63, error="", pattern=""))


async def test_what_is_no_longer_kept_is_counted(server: Server, client: ConsoleClient) -> None:
    await server.ingest(b"\xc1")
    await server.rows(1)
    server.services.journal._tally._counts.clear()
    server.services.journal._unlisted += 3  # as after a restart: counted, but no longer told apart
    assert (await client.failure_report()).forgotten == 3
    server.services.journal._unlisted -= 3
