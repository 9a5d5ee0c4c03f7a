"""The feed without sockets: what subscribers are given, and what it costs when they do not read."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from console import messages as m
from console.players.commands import Command, Recorded, TrackEvent, encode_recorded
from console.server import feed as feed_module
from console.server import feed_queue
from console.server.feed import Feed, FeedClosed
from console.server.feed_queue import Subscriber
from console.storage.journal import Committed, IngestRequest, OtherRequest, Receipt
from console.telemetry.decoding import decode_events
from console.telemetry.events import Event, EventBatch, GameplayEvent, Trajectory

AT = datetime(2026, 2, 12, 10, tzinfo=UTC)
decoder = msgspec.msgpack.Decoder(m.FeedFrame)

STATUS = m.ServerStatus(
    version="0", pid=1, started_at_us=0, telemetry_urls=[], player_urls=[], lan=False, recording=True, events_total=0,
    requests_total=0, rejected_total=0, rejections_unlisted=0, events_per_second=0, requests_per_second=0,
    events_behind=0, seconds_behind=0, workspace="", workspace_bytes=0, disk_free_bytes=0,
)  # fmt: skip


def gameplay(name: str = "Jump", level: str | None = None) -> GameplayEvent:
    return GameplayEvent(
        event_name=name, app_id="app", build_id="b", player_id="p", session_id="s", timestamp=AT, level_id=level
    )


def trajectory() -> Trajectory:
    return Trajectory(
        app_id="app", build_id="b", player_id="p", session_id="s", positions=[0.0] * 3, timestamp_start=AT,
        timestamp_end=AT,
    )  # fmt: skip


class Source:
    """Numbers requests and events as the journal does."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.request_id = 0
        self.seq = 0

    def accepted(self, *events: Event) -> Committed:
        body = msgspec.msgpack.encode(msgspec.to_builtins(list(events)))
        self.request_id += 1
        receipt = Receipt(self.request_id, self.seq + 1)
        self.seq += len(events)
        request = IngestRequest(
            received_at_us=1_000, app_id="app", key_id="k", key_label="main", peer="127.0.0.1", method="POST",
            route="/api/events", client="game", headers=b"[]", body=body, wire_bytes=len(body), events=len(events),
        )  # fmt: skip
        return request, receipt, 3_500

    def commanded(self, *names: str, status: int = 201) -> Committed:
        commands: list[Command] = [
            TrackEvent(event_id="E", player_id="P", event_name=name, time_us=5, session_id="s") for name in names
        ]
        self.request_id += 1
        receipt = Receipt(self.request_id, self.seq + 1)
        self.seq += len(commands)
        request = IngestRequest(
            received_at_us=1_000, app_id="app", key_id="k", key_label="main", peer="127.0.0.1", method="POST",
            route="/v1/events/events", client="game", headers=b"[]", body=b"{}", wire_bytes=2, events=len(commands),
            status=status, response=b"{}", commands=encode_recorded(Recorded(commands=commands)),
        )  # fmt: skip
        return request, receipt, 3_500

    def rejected(self) -> Committed:
        self.request_id += 1
        request = OtherRequest(
            received_at_us=1_000, method="POST", route="/api/events", status=400, body=b"bad", took_us=7,
            error="invalid_event", first_error="$[0]: no",
        )  # fmt: skip
        return request, Receipt(self.request_id, 0), 3_500

    def publish(self, *commits: Committed) -> None:
        self.feed.publish(commits)


@pytest.fixture
async def feed(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Feed]:
    monkeypatch.setattr(feed_module, "STATUS_SECS", 60.0)
    feed = Feed(lambda: STATUS)
    async with feed.running():
        yield feed


async def next_frame(subscriber: Subscriber) -> m.FeedFrame:
    async with asyncio.timeout(30):
        return decoder.decode(await subscriber.next_frame())


async def next_rows(subscriber: Subscriber) -> m.FeedRows:
    while not isinstance(frame := await next_frame(subscriber), m.FeedRows):
        pass
    return frame


def names(rows: Sequence[m.EventRow]) -> list[str]:
    return [row.name for row in rows]


async def test_newcomer_is_greeted_with_the_position_and_gets_only_what_is_newer(feed: Feed) -> None:
    source = Source(feed)
    source.publish(source.accepted(gameplay("old"), gameplay("old")), source.rejected())
    first = feed.subscribe()
    source.publish(source.accepted(gameplay("between")))
    second = feed.subscribe()
    source.publish(source.accepted(gameplay("new")))

    assert await next_frame(first) == m.FeedHello(2, 2, STATUS)
    assert names((await next_rows(first)).events) == ["between"]
    assert names((await next_rows(first)).events) == ["new"]
    assert await next_frame(second) == m.FeedHello(3, 3, STATUS)
    assert names((await next_rows(second)).events) == ["new"]


async def test_feed_continues_at_the_journal_s_position() -> None:
    feed = Feed(lambda: STATUS, last_seq=40, last_request_id=50)
    assert await next_frame(feed.subscribe()) == m.FeedHello(40, 50, STATUS)
    await feed.close()


async def test_rows_of_one_tick_come_in_one_frame(feed: Feed) -> None:
    source = Source(feed)
    subscriber = feed.subscribe()
    await next_frame(subscriber)
    source.publish(source.accepted(gameplay("a", "L1"), trajectory()))
    source.publish(source.rejected(), source.accepted(gameplay("b")))

    rows = await next_rows(subscriber)

    assert names(rows.events) == ["a", "", "b"]
    assert [row.seq for row in rows.events] == [1, 2, 3]
    assert [(row.request_id, row.index) for row in rows.events] == [(1, 0), (1, 1), (3, 0)]
    assert [(row.seq, row.level_id) for row in rows.trajectories] == [(2, "L1")]
    accepted, rejected, _ = rows.requests
    assert (accepted.status, accepted.took_us, accepted.bytes, accepted.events) == (200, 2_500, 337, 2)
    assert (accepted.key_label, accepted.app_id, accepted.client) == ("main", "app", "game")
    assert (rejected.status, rejected.took_us, rejected.error, rejected.first_error) == (
        400, 7, "invalid_event", "$[0]: no",
    )  # fmt: skip


async def test_what_the_player_api_records_comes_between_telemetry_with_the_status_it_was_answered(feed: Feed) -> None:
    source = Source(feed)
    subscriber = feed.subscribe()
    await next_frame(subscriber)
    source.publish(source.accepted(gameplay("a")), source.commanded("b", "c"), source.accepted(gameplay("d")))

    rows = await next_rows(subscriber)

    assert [(row.seq, row.name, row.kind.name) for row in rows.events] == [
        (1, "a", "GAMEPLAY"), (2, "b", "PLAYER_API"), (3, "c", "PLAYER_API"), (4, "d", "GAMEPLAY"),
    ]  # fmt: skip
    assert [(row.request_id, row.index, row.player_id) for row in rows.events[1:3]] == [(2, 0, "P"), (2, 1, "P")]
    assert [row.status for row in rows.requests] == [200, 201, 200]


async def test_a_player_batch_over_a_tick_s_bounds_is_cut_at_its_beginning(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "MAX_TICK_EVENTS", 3)
    source = Source(feed)
    subscriber = feed.subscribe()
    await next_frame(subscriber)
    source.publish(source.commanded("a", "b", "c", "d", "e"))

    rows = await next_rows(subscriber)

    assert names(rows.events) == ["c", "d", "e"]
    assert (rows.skipped_events, rows.events[0].seq, rows.events[0].index) == (2, 3, 2)


async def test_without_subscribers_nothing_is_kept(feed: Feed) -> None:
    source = Source(feed)
    for _ in range(100):
        source.publish(source.accepted(gameplay(level="L1")))
    assert not feed._requests
    assert not feed._batches
    assert len(feed.levels) == 0


async def test_nothing_is_kept_after_the_last_subscriber_left(feed: Feed) -> None:
    source = Source(feed)
    subscriber = feed.subscribe()
    source.publish(source.accepted(gameplay(level="L1")))
    feed.unsubscribe(subscriber)
    feed.unsubscribe(subscriber)
    assert feed.subscribers == 0
    assert not feed._requests
    source.publish(source.accepted(gameplay()))
    assert not feed._requests


async def test_a_burst_within_one_tick_keeps_the_newest_and_counts_the_rest(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_module, "MAX_TICK_EVENTS", 10)
    source = Source(feed)
    subscriber = feed.subscribe()
    await next_frame(subscriber)
    source.publish(source.accepted(*[gameplay(level="L9")] * 6))
    source.publish(source.accepted(*[gameplay()] * 6))
    source.publish(source.accepted(*[gameplay()] * 3, trajectory()))

    rows = await next_rows(subscriber)

    assert [row.seq for row in rows.events] == list(range(7, 17))
    assert rows.skipped_events == 6
    assert len(rows.requests) == 3
    assert feed.skipped_events == 6


async def test_a_batch_larger_than_a_tick_is_cut(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "MAX_TICK_EVENTS", 10)
    source = Source(feed)
    subscriber = feed.subscribe()
    await next_frame(subscriber)
    source.publish(source.accepted(*[gameplay()] * 25))

    rows = await next_rows(subscriber)

    assert [(row.seq, row.index) for row in rows.events] == [(n + 1, n) for n in range(15, 25)]
    assert rows.skipped_events == 15


async def test_a_large_body_is_decoded_off_the_loop(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "DECODED_INLINE_BYTES", 1000)
    inline: list[int] = []

    def decode_inline(body: bytes) -> EventBatch:
        inline.append(len(body))
        return decode_events(body)

    monkeypatch.setattr(feed_module, "decode_events", decode_inline)
    source = Source(feed)
    subscriber = feed.subscribe()
    source.publish(source.accepted(gameplay("a")), source.accepted(*[gameplay("b")] * 20), source.accepted(gameplay()))
    frame = await next_rows(subscriber)
    assert names(frame.events) == ["a", *["b"] * 20, "Jump"]
    assert len(inline) == 2
    assert max(inline) < 1000


async def test_too_many_requests_within_one_tick_are_counted(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "MAX_TICK_REQUESTS", 5)
    source = Source(feed)
    subscriber = feed.subscribe()
    await next_frame(subscriber)
    source.publish(*[source.rejected() for _ in range(8)])
    rows = await next_rows(subscriber)
    assert [row.request_id for row in rows.requests] == [4, 5, 6, 7, 8]
    assert rows.skipped_requests == 3


async def test_bodies_bound_what_waits_for_a_tick(feed: Feed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "MAX_TICK_BYTES", 1000)
    source = Source(feed)
    feed.subscribe()
    for _ in range(50):
        source.publish(source.accepted(gameplay(), gameplay()))
        assert 0 < feed._pending_bytes <= 1000


async def test_a_reader_that_stalls_is_told_what_it_missed_and_costs_no_memory(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_queue, "MAX_QUEUED_EVENTS", 20)
    source = Source(feed)
    stalled, quick = feed.subscribe(), feed.subscribe()
    await next_frame(quick)
    seen: list[int] = []
    for _ in range(12):
        source.publish(source.accepted(*[gameplay()] * 5))
        seen += [row.seq for row in (await next_rows(quick)).events]
    assert seen == list(range(1, 61))

    assert isinstance(await next_frame(stalled), m.FeedHello)
    notice = await next_rows(stalled)
    assert (notice.skipped_events, notice.skipped_requests) == (40, 8)
    assert not notice.events
    late = [row.seq for _ in range(4) for row in (await next_rows(stalled)).events]
    assert late == list(range(41, 61))


async def test_queue_is_bounded_by_bytes_but_never_blocks_a_single_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_queue, "MAX_QUEUED_BYTES", 100)
    subscriber = Subscriber(b"hello")
    for frame in (b"a" * 60, b"b" * 60, b"c" * 500):
        subscriber.push_rows(frame, 3, 1)
    assert await subscriber.next_frame() == b"hello"
    notice = decoder.decode(await subscriber.next_frame())
    assert isinstance(notice, m.FeedRows)
    assert (notice.skipped_events, notice.skipped_requests) == (6, 2)
    assert await subscriber.next_frame() == b"c" * 500


async def test_status_and_announcements_replace_unsent_older_ones() -> None:
    subscriber = Subscriber(b"hello")
    subscriber.push_status(b"1")
    subscriber.push_status(b"2")
    subscriber.push_changed("settings", b"s")
    subscriber.push_changed("settings", b"s")
    subscriber.push_changed("exports", b"e")
    assert [await subscriber.next_frame() for _ in range(4)] == [b"hello", b"s", b"e", b"2"]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(subscriber.next_frame(), 0.01)


async def test_status_comes_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "STATUS_SECS", 0.01)
    feed = Feed(lambda: STATUS)
    async with feed.running():
        subscriber = feed.subscribe()
        await next_frame(subscriber)
        assert await next_frame(subscriber) == m.FeedStatus(STATUS)
        feed.announce("level_models")
        while (frame := await next_frame(subscriber)) == m.FeedStatus(STATUS):
            pass
        assert frame == m.FeedChanged("level_models")


async def test_levels_of_recorded_sessions_are_loaded_for_the_first_subscriber() -> None:
    calls: list[int] = []

    def older() -> dict[tuple[str, str], str]:
        calls.append(1)
        return {("app", "s"): "L7"}

    feed = Feed(lambda: STATUS, older_levels=older)
    async with feed.running():
        source = Source(feed)
        subscriber = feed.subscribe()
        feed.subscribe()
        async with asyncio.timeout(30):
            await asyncio.gather(*(task for task in feed._tasks if task.get_name() == "feed levels"))
        source.publish(source.accepted(trajectory()))
        assert (await next_rows(subscriber)).trajectories[0].level_id == "L7"
        assert calls == [1]


async def test_a_client_that_names_itself_in_no_known_encoding(feed: Feed) -> None:
    source = Source(feed)
    subscriber = feed.subscribe()
    commit = source.accepted(gameplay())
    commit[0].client = "game\udcff"
    source.publish(commit)
    (row,) = (await next_rows(subscriber)).requests
    assert row.client == "game?"


@pytest.mark.expects_log
async def test_a_row_that_cannot_be_made_does_not_end_the_feed(feed: Feed) -> None:
    source = Source(feed)
    subscriber = feed.subscribe()
    request, receipt, committed_at_us = source.accepted(gameplay())
    assert isinstance(request, IngestRequest)
    source.publish((msgspec.structs.replace(request, body=b"\xc1"), receipt, committed_at_us))
    await asyncio.sleep(0.1)
    source.publish(source.accepted(gameplay("good")))
    rows = await next_rows(subscriber)
    assert names(rows.events) == ["good"]
    assert (rows.skipped_events, rows.skipped_requests) == (1, 1)


async def test_levels_are_asked_for_again_after_events_went_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "STATUS_SECS", 60.0)
    monkeypatch.setattr(feed_module, "MAX_TICK_EVENTS", 2)
    asked: list[int] = []

    def older() -> dict[tuple[str, str], str]:
        asked.append(1)
        return {("app", "s"): "L9"} if len(asked) > 1 else {}

    feed = Feed(lambda: STATUS, older_levels=older)
    source = Source(feed)
    async with feed.running():
        subscriber = feed.subscribe()
        await next_frame(subscriber)
        source.publish(source.accepted(gameplay(level="L9"), gameplay()))
        source.publish(source.accepted(trajectory(), gameplay()))
        assert (await next_rows(subscriber)).skipped_events == 2
        source.publish(source.accepted(gameplay()))
        assert (await next_rows(subscriber)).skipped_events == 0
        await asyncio.gather(*(task for task in feed._tasks if task.get_name() == "feed levels"))
        source.publish(source.accepted(trajectory()))
        assert (await next_rows(subscriber)).trajectories[0].level_id == "L9"
    assert len(asked) == 2


@pytest.mark.expects_log
async def test_unreadable_levels_do_not_stop_the_feed() -> None:
    def older() -> dict[tuple[str, str], str]:
        raise RuntimeError("damaged")

    feed = Feed(lambda: STATUS, older_levels=older)
    async with feed.running():
        source = Source(feed)
        subscriber = feed.subscribe()
        source.publish(source.accepted(gameplay()))
        assert names((await next_rows(subscriber)).events) == ["Jump"]


async def test_a_closed_or_crowded_feed_takes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "MAX_SUBSCRIBERS", 1)
    feed = Feed(lambda: STATUS)
    feed.subscribe()
    with pytest.raises(FeedClosed, match="too many"):
        feed.subscribe()
    await feed.close()
    await feed.close()
    with pytest.raises(FeedClosed, match="stopping"):
        feed.subscribe()
