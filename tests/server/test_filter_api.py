"""Filters over real sockets: history, the live feed, requests, counts, values, bookmarks."""

import asyncio
from contextlib import aclosing

import pytest

from console.client import ConsoleClient, ConsoleRefused
from console.messages import FeedChanged, FeedHello, FeedRows
from console.messages.filters import FieldValue
from console.telemetry.filter_parsing import MAX_CHARS
from tests.server.harness import Server
from tests.server.test_console_api import client, projected, refusal, trajectory

__all__ = ["client"]

LATE = "2026-01-01T00:00:00Z"


async def fill(server: Server) -> None:
    """Three requests: five events, one event, a rejected one."""
    first = [
        server.event(custom_data={"weapon": "Sword", "damage": damage, "a b": 1}, player_id=f"player {damage}")
        for damage in range(3)
    ]
    await server.ingest(server.body(*first, server.event(event_name="Late", timestamp=LATE), trajectory(server)))
    await server.ingest(server.body(server.event(event_name="Door_Opened", level_id="Level_2")))
    await server.ingest(server.body(server.event(position="here")))
    await server.rows(3)  # a rejected request is answered before it is written down


@pytest.mark.parametrize("wait", [True, False])
async def test_events_are_found_in_the_store_and_behind_it(server: Server, client: ConsoleClient, wait: bool) -> None:
    await fill(server)
    if wait:
        await projected(client, 6)
    for text, expected in {
        "event:Door_*": [6],
        "custom_data.damage:>=1": [2, 3],
        "sword": [1, 2, 3],
        "-sword level:*": [4, 5, 6],
        "is:late": [4, 5],
        "fps.low_1:30": [5],
        "route:*/unknown": [],
    }.items():
        rows = await client.events(matching=text)
        assert [row.seq for row in rows] == expected, text
        count = await client.count_events(text)
        assert (count.events, count.upto_seq) == (len(expected), 6)
    assert [row.seq for row in await client.events(matching="sword", limit=1, before_seq=3)] == [2]
    assert (await client.count_events("sword", after_seq=2)).events == 1
    assert (await client.count_events("", app_id="none")).events == 0


async def test_a_filter_that_cannot_be_read_is_refused(server: Server, client: ConsoleClient) -> None:
    with pytest.raises(ConsoleRefused) as caught:
        await client.events(matching="evnt:a")
    assert (caught.value.status, caught.value.error.code) == (400, "invalid_filter")
    assert "event:a" in caught.value.error.hint
    assert await refusal(client.find_requests("level:a or level:b")) == (400, "invalid_filter")
    with pytest.raises(ConsoleRefused):
        async for _ in client.feed(matching="x:>-5"):
            pass


async def test_the_feed_tells_what_matches(server: Server, client: ConsoleClient) -> None:
    await fill(server)
    async with aclosing(client.feed(matching="event:Player_Jump OR fps.mean:60")) as frames:
        assert isinstance(await anext(frames), FeedHello)
        await server.ingest(server.body(server.event(event_name="Other")))
        await server.ingest(server.body(server.event(), server.event(event_name="Other"), trajectory(server)))
        seqs, tracks = [], []
        async with asyncio.timeout(30):
            async for frame in frames:
                if isinstance(frame, FeedRows):
                    assert frame.requests == []
                    seqs += [row.seq for row in frame.events]
                    tracks += [row.seq for row in frame.trajectories]
                    if len(seqs) == 2:
                        break
    assert (seqs, tracks) == ([8, 10], [10])


async def test_requests_are_found_by_what_they_carried(server: Server, client: ConsoleClient) -> None:
    await fill(server)
    for text, expected in {
        "status:400": [3],
        "is:rejected": [3],
        "-is:rejected": [1, 2],
        "event:Door_Opened": [2],
        "custom_data.damage:2 status:200": [1],
        "-level:Level_1": [2, 3],
        "sword": [1],
        "events:>1 took:*": [1],
        "error:invalid_event": [3],
        "position": [3],
    }.items():
        found = await client.find_requests(text)
        assert ([row.request_id for row in found.rows], found.complete) == (expected, True), text
    page = await client.find_requests("", limit=2)
    assert ([row.request_id for row in page.rows], page.searched_to, page.complete) == ([2, 3], 2, False)
    rest = await client.find_requests("", limit=2, before_id=page.searched_to)
    assert ([row.request_id for row in rest.rows], rest.complete) == ([1], True)
    since = await client.find_requests("", limit=2, after_id=2)
    assert ([row.request_id for row in since.rows], since.searched_to, since.complete) == ([3], 3, True)


async def test_values_are_offered(server: Server, client: ConsoleClient) -> None:
    await fill(server)
    await projected(client, 6)
    assert await client.field_values("event") == [
        FieldValue("Player_Jump", 3), FieldValue("Door_Opened", 1), FieldValue("Late", 1)
    ]  # fmt: skip
    assert await client.field_values("level", prefix="LEVEL_2") == [FieldValue("Level_2", 1)]
    assert [value.value for value in await client.field_values("custom_data")] == ["a b", "damage", "weapon"]
    assert await client.field_values("custom_data.weapon") == [FieldValue("Sword", 3)]
    assert len(await client.field_values("custom_data.damage", limit=2)) == 2
    assert [value.value for value in await client.field_values("is", prefix="l")] == ["late"]
    assert await client.field_values("x") == []
    assert await refusal(client.field_values("nothing")) == (400, "invalid_parameter")


async def test_the_longest_filter_arrives_whatever_it_is_written_in(client: ConsoleClient) -> None:
    longest = "🙂" * MAX_CHARS
    assert (await client.count_events(longest)).events == 0
    assert await client.events(matching=longest) == []
    async with aclosing(client.feed(matching=longest)) as frames:
        assert isinstance(await anext(frames), FeedHello)
    assert await refusal(client.find_requests(longest + "🙂")) == (400, "invalid_filter")


async def test_what_is_asked_twice_is_refused_rather_than_guessed(client: ConsoleClient) -> None:
    for query in ("limit=1&limit=2", "filter=a&filter=b", "app_id=a&app_id=a"):
        assert await refusal(client._ask("GET", f"/events?{query}", None)) == (400, "invalid_parameter")


async def test_bookmarks_are_kept_and_found(server: Server, client: ConsoleClient) -> None:
    await fill(server)
    await client.bookmark("event", [2, 6])
    marked = await client.bookmark("request", [3, 3])
    assert (marked.events, marked.requests) == ([2, 6], [3])
    assert [row.seq for row in await client.events(matching="is:bookmarked")] == [2, 6]
    assert [row.request_id for row in (await client.find_requests("is:bookmarked")).rows] == [3]
    await client.bookmark("event", [6], bookmarked=False)
    assert (await client.bookmarks()).events == [2]
    assert await refusal(client.bookmark("event", list(range(1, 10_001)))) == (400, "too_many")
    assert (await client.bookmarks()).events == [2]


async def test_a_changed_bookmark_is_announced(server: Server, client: ConsoleClient) -> None:
    async with aclosing(client.feed()) as frames:  # type: ignore[type-var]
        assert isinstance(await anext(frames), FeedHello)
        await client.bookmark("request", [1])
        async for frame in frames:
            if frame == FeedChanged("bookmarks"):
                break
