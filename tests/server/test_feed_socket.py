"""The feed over a real WebSocket."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

import aiohttp
import pytest

from console import messages as m
from console.client import ConsoleClient, ConsoleRefused, ConsoleUnavailable
from console.server import feed as feed_module
from tests.server.harness import Server, ServerFactory

_PROMPT_SECS = 20.0  # of a busy machine; a reader that takes nothing would be waited for without end


def client_of(server: Server, key: str | None = None) -> ConsoleClient:
    return ConsoleClient(f"http://127.0.0.1:{server.port}/console", key or server.services.workspace.admin_key())


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


async def first(frames: AsyncIterator[m.FeedFrame], kind: type) -> m.FeedFrame:
    async with asyncio.timeout(30):
        async for frame in frames:
            if isinstance(frame, kind):
                return frame
    pytest.fail("the feed ended")


async def test_what_is_committed_arrives(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    await server.ingest()
    async with client_of(server) as client, aclosing(client.feed()) as frames:  # type: ignore[type-var]
        hello = await first(frames, m.FeedHello)
        assert isinstance(hello, m.FeedHello)
        assert (hello.last_seq, hello.status.events_total) == (1, 1)
        monkeypatch.setattr(feed_module, "STATUS_SECS", 3600.0)  # nothing else wakes the feed
        await server.ingest()
        rows = await first(frames, m.FeedRows)
        assert isinstance(rows, m.FeedRows)
        assert [row.seq for row in rows.events] == [2]
        assert [row.request_id for row in rows.requests] == [hello.last_request_id + 1]
        await server.ingest(b"junk")
        rejected = await first(frames, m.FeedRows)
        assert isinstance(rejected, m.FeedRows)
        assert [row.error for row in rejected.requests] == ["invalid_msgpack"]
        await client.create_application(m.CreateApplication(name="New"))
        assert await first(frames, m.FeedChanged) == m.FeedChanged("applications")
        status = await first(frames, m.FeedStatus)
        assert isinstance(status, m.FeedStatus)
        assert status.status.events_total == 2


async def test_a_reader_that_leaves_is_forgotten(server: Server) -> None:
    async with client_of(server) as client, aclosing(client.feed()) as frames:  # type: ignore[type-var]
        await first(frames, m.FeedHello)
        assert server.services.feed.subscribers == 1
    await until(lambda: server.services.feed.subscribers == 0)


async def test_a_stopping_server_says_goodbye(server: Server) -> None:
    async with client_of(server) as client, aclosing(client.feed()) as frames:  # type: ignore[type-var]
        await first(frames, m.FeedHello)
        await server.services.feed.close()
        async with asyncio.timeout(30):
            assert [frame async for frame in frames if not isinstance(frame, m.FeedStatus)] == []
    async with client_of(server) as client, aclosing(client.feed()) as frames:  # type: ignore[type-var]
        with pytest.raises(ConsoleRefused, match="stopping"):
            await anext(frames)


async def test_a_broken_connection_is_not_a_goodbye(server: Server) -> None:
    async with client_of(server) as client, aclosing(client.feed()) as frames:  # type: ignore[type-var]
        await first(frames, m.FeedHello)
        (transport,) = server.services.feed._sockets.values()
        assert transport is not None
        transport.abort()
        with pytest.raises(ConsoleUnavailable):
            await first(frames, m.FeedRows)


async def test_the_feed_is_refused_without_the_key_or_a_websocket(server: Server) -> None:
    async with client_of(server, "wrong") as client, aclosing(client.feed()) as frames:  # type: ignore[type-var]
        with pytest.raises(ConsoleRefused) as caught:
            await anext(frames)
        assert (caught.value.status, str(caught.value)) == (401, "The admin key is not that of this server.")
    key = {"Authorization": f"Bearer {server.services.workspace.admin_key()}"}
    assert (await server.request("GET", "/console/feed", headers=key)).status == 400


async def test_a_stalled_reader_neither_blocks_nor_delays_the_end(make_server: ServerFactory) -> None:
    """Its socket is full for seconds; others go on being served, and closing is done at once."""
    async with make_server() as server:
        loop = asyncio.get_running_loop()
        session = aiohttp.ClientSession()
        stalled = await session.ws_connect(
            f"http://127.0.0.1:{server.port}/console/feed",
            headers={"Authorization": f"Bearer {server.services.workspace.admin_key()}"},
            max_msg_size=0,
        )
        transport = stalled._conn.transport  # type: ignore[union-attr]
        assert transport is not None
        transport.pause_reading()
        body = server.body(*[server.event(custom_data={"text": "x" * 500}, player_id="p" * 250) for _ in range(1000)])
        (subscriber,) = server.services.feed._subscribers
        for _ in range(200):
            assert (await server.ingest(body)).status == 200
            if subscriber.skipped_events:
                break
        await until(lambda: subscriber.skipped_events > 0)
        began = loop.time()
        await server.services.feed.close()
        await session.close()
    assert loop.time() - began < _PROMPT_SECS
