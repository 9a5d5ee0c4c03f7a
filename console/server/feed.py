"""What was committed, sent to every window as it happens.

Nothing here waits for a reader, and every buffer is bounded by events and bytes (`feed_queue` has each window's own).
Without subscribers a committed group costs a few additions.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

from aiohttp import WSCloseCode, web

from console.messages import FeedChanged, FeedHello, FeedRows, FeedStatus, RequestRow, ServerStatus, Topic, encode
from console.players.commands import decode_recorded
from console.server.feed_filter import FilteredReaders
from console.server.feed_queue import Subscriber
from console.server.rows import PlayerNames, RowBuilder, SessionLevels, request_row
from console.storage.journal import Committed, IngestRequest, Receipt
from console.telemetry.decoding import decode_events
from console.telemetry.events import Event
from console.telemetry.filters import Filter
from console.telemetry.large_bodies import events_of

_Batch = tuple[IngestRequest, Receipt]

log = logging.getLogger(__name__)

MAX_TICK_EVENTS = 5_000
MAX_TICK_REQUESTS = 5_000
DECODED_INLINE_BYTES = 64 * 1024  # of one body: a larger one may hold the loop for long
MAX_TICK_BYTES = 8 * 1024 * 1024  # of bodies: rows are about as long as what they are made from
TICK_SECS = 1 / 30
MAX_SHARE = 0.1  # of the loop's time: in a flood ticks are further apart, and more is skipped
STATUS_SECS = 0.5
MAX_SUBSCRIBERS = 64
_CLOSE_SECS = 0.25


class FeedClosed(Exception):
    """No subscriber can be taken: the server stops, or has too many."""


class Feed:
    """Fans committed requests out to subscribers. All methods belong to the server's loop.

    `older_levels` gives, off the loop, the level of every session that was recorded before: it is asked when the
    first subscriber comes, so that running trajectories have a level from the first row on.
    """

    def __init__(
        self,
        status: Callable[[], ServerStatus],
        *,
        last_seq: int = 0,
        last_request_id: int = 0,
        older_levels: Callable[[], dict[tuple[str, str], str]] | None = None,
        player_names: PlayerNames | None = None,
    ) -> None:
        self._status = status
        self._player_names = player_names
        self.skipped_events = 0  # since the start, for want of room in a tick
        self.skipped_requests = 0
        self._last_seq = last_seq
        self._last_request_id = last_request_id
        self._older_levels = older_levels
        self._assigned: Mapping[tuple[str, str], str] = {}
        self._levels = SessionLevels()
        self._levels_missed = False
        self._sockets: dict[web.WebSocketResponse, asyncio.Transport | None] = {}
        self._subscribers: set[Subscriber] = set()
        self._filtered = FilteredReaders()  # those of them that asked for some events only
        self._batches: deque[_Batch] = deque()
        self._decoded: dict[int, list[Event]] = {}  # of large batches, by request
        self._pending_events = 0
        self._pending_bytes = 0
        self._requests: deque[RequestRow] = deque()
        self._skipped_events = 0
        self._skipped_requests = 0
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def subscribers(self) -> int:
        """How many windows listen."""
        return len(self._subscribers)

    @property
    def levels(self) -> SessionLevels:
        """Where running sessions are, as far as it is followed. May be read from any thread."""
        return self._levels

    def assign_levels(self, assigned: Mapping[tuple[str, str], str]) -> None:
        """Where sessions are that name no level, from the next row on: by application and session."""
        self._assigned = self._levels.assigned = assigned

    def check_room(self) -> None:
        """Raises FeedClosed when no subscriber can be taken."""
        if self._closed:
            raise FeedClosed("the server is stopping")
        if len(self._subscribers) >= MAX_SUBSCRIBERS:
            raise FeedClosed("too many windows are connected")

    def publish(self, commits: Sequence[Committed]) -> None:
        """Take over what the journal has just committed, in its order. Never waits."""
        for request, receipt, _ in commits:
            if receipt.first_seq:
                self._last_seq = receipt.first_seq + request.events - 1
            self._last_request_id = receipt.request_id
        if not self._subscribers:
            return
        for commit in commits:
            self._requests.append(request_row(commit))  # made now: it needs no body, which may be large
            request, receipt, _ = commit
            if isinstance(request, IngestRequest):
                self._batches.append((request, receipt))
                self._pending_events += request.events
                self._pending_bytes += len(request.body)
        self._keep_within_bounds()
        self._wake.set()

    def announce(self, topic: Topic) -> None:
        """Tell every subscriber that a list it may show has changed."""
        if self._subscribers:
            frame = encode(FeedChanged(topic))
            for subscriber in self._subscribers:
                subscriber.push_changed(topic, frame)

    def subscribe(self, wanted: Filter | None = None) -> Subscriber:
        """A new reader, positioned behind everything published so far. Raises FeedClosed.

        With a filter it is told of events that match, and of no requests.
        """
        self.check_room()
        self._flush()  # what is pending is older than the position the newcomer is told
        subscriber = Subscriber(encode(FeedHello(self._last_seq, self._last_request_id, self._status())))
        if not self._subscribers:
            self._follow_levels()
        self._subscribers.add(subscriber)
        if wanted is not None:
            self._filtered.add(subscriber, wanted, self._last_seq)
        return subscriber

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Forget a reader. Idempotent."""
        self._subscribers.discard(subscriber)
        self._filtered.discard(subscriber)
        if not self._subscribers:
            self._forget_pending()
            self._levels = SessionLevels(
                assigned=self._assigned
            )  # not followed any more: asked for again when someone comes

    async def serve(self, request: web.Request, socket: web.WebSocketResponse, wanted: Filter | None = None) -> None:
        """Feed one prepared WebSocket until it closes: all, or the events that a filter wants. Raises FeedClosed."""
        subscriber = self.subscribe(wanted)
        self._sockets[socket] = request.transport
        writer = asyncio.create_task(_write(subscriber, socket), name="feed writer")
        try:
            async for _ in socket:  # a reader has nothing to say, but its pings and its goodbye must be heard
                pass
        finally:
            self.unsubscribe(subscriber)
            self._sockets.pop(socket, None)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send while entered; close every socket at the end."""
        self._start(self._pump(), "feed pump")
        self._start(self._tell_status(), "feed status")
        try:
            yield
        finally:
            await self.close()

    async def close(self) -> None:
        """End every subscription at once, also those whose reader stalls. Idempotent."""
        self._closed = True
        self._subscribers.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *(_close(*item) for item in self._sockets.items()), return_exceptions=True)

    def _start(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pump(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            began = time.perf_counter()
            try:
                await self._decode_ahead()
                began = time.perf_counter()
                self._flush()
                await self._filtered.work()
            except Exception:  # one row that cannot be made must not end the feed
                log.exception("rows of the live feed were lost")
                lost_events = self._pending_events + self._skipped_events
                lost_requests = len(self._requests) + self._skipped_requests
                self._forget_pending()
                self._skipped_events, self._skipped_requests = lost_events, lost_requests
            await asyncio.sleep(max(TICK_SECS, (time.perf_counter() - began) / MAX_SHARE))

    async def _tell_status(self) -> None:
        while True:
            await asyncio.sleep(STATUS_SECS)
            if self._subscribers:
                frame = encode(FeedStatus(self._status()))
                for subscriber in self._subscribers:
                    subscriber.push_status(frame)

    def _follow_levels(self) -> None:
        """Learn where sessions are that were not followed: nobody listened, or there was too much to look at."""
        self._levels_missed = False
        if self._older_levels is not None:
            self._start(self._load_older_levels(self._older_levels), "feed levels")

    async def _load_older_levels(self, read: Callable[[], dict[tuple[str, str], str]]) -> None:
        levels = self._levels
        try:
            older = await asyncio.to_thread(read)
        except Exception:
            log.exception("the levels of recorded sessions could not be read; live trajectories may lack one")
        else:
            levels.add_older(older)

    def _keep_within_bounds(self) -> None:
        batches = self._batches
        while len(batches) > 1 and (
            self._pending_bytes > MAX_TICK_BYTES or self._pending_events - batches[0][0].events >= MAX_TICK_EVENTS
        ):
            request, receipt = batches.popleft()
            self._decoded.pop(receipt.request_id, None)
            self._pending_events -= request.events
            self._pending_bytes -= len(request.body)
            self._skipped_events += request.events
            self._levels_missed = True
        while len(self._requests) > MAX_TICK_REQUESTS:
            self._requests.popleft()
            self._skipped_requests += 1

    async def _decode_ahead(self) -> None:
        """Decode large bodies off the loop, so that the flush finds their events. What comes meanwhile is included."""
        while True:
            large = next(
                (
                    (request, receipt)
                    for request, receipt in self._batches
                    if len(request.body) > DECODED_INLINE_BYTES
                    and not request.commands
                    and receipt.request_id not in self._decoded
                ),
                None,
            )
            if large is None:
                return
            request, receipt = large
            events = await asyncio.to_thread(events_of, request.body)
            if any(known is receipt for _, known in self._batches):  # else it was given up, or flushed for a newcomer
                self._decoded[receipt.request_id] = events

    def _flush(self) -> None:
        """Build rows of what is pending and queue them, encoded once for all.

        Bodies are decoded a second time here: keeping the events of every request from its validation to its row
        would cost ingestion more, as waiting batches push each other out of the processor's cache.
        """
        if not self._requests and not self._skipped_requests:
            return
        builder = RowBuilder(self._levels, self._player_names)
        excess = self._pending_events - MAX_TICK_EVENTS  # only ever within the oldest batch
        for request, receipt in self._batches:
            if request.commands:
                self._add_commands(builder, request, receipt, max(0, excess))
                excess = 0
                continue
            first, events = 0, self._decoded.pop(receipt.request_id, None) or decode_events(request.body).events
            if excess > 0:
                self._levels.note_all(request.app_id, events[:excess])
                self._skipped_events += excess
                first, events = excess, events[excess:]
                excess = 0
            known = len(builder.events)
            builder.add(
                events,
                first_seq=receipt.first_seq + first,
                first_index=first,
                request_id=receipt.request_id,
                received_at_us=request.received_at_us,
                app_id=request.app_id,
            )
            if self._filtered:
                self._filtered.note(builder.events[known:], events, peer=request.peer, route=request.route)
        self._filtered.end_tick(builder.trajectories, self._skipped_events)
        requests = list(self._requests)
        frame = FeedRows(builder.events, requests, builder.trajectories, self._skipped_events, self._skipped_requests)
        encoded = encode(frame)
        for subscriber in self._subscribers:
            if subscriber not in self._filtered:
                subscriber.push_rows(
                    encoded, len(builder.events) + self._skipped_events, len(requests) + self._skipped_requests
                )
        self.skipped_events += self._skipped_events
        self.skipped_requests += self._skipped_requests
        if self._levels_missed and not self._skipped_events:
            self._follow_levels()
        self._forget_pending()

    def _add_commands(self, builder: RowBuilder, request: IngestRequest, receipt: Receipt, skipped: int) -> None:
        self._skipped_events += skipped
        known = len(builder.events)
        commands = decode_recorded(request.commands).commands[skipped:]
        builder.add_commands(
            commands,
            first_seq=receipt.first_seq + skipped,
            first_index=skipped,
            request_id=receipt.request_id,
            received_at_us=request.received_at_us,
            app_id=request.app_id,
        )
        if self._filtered:
            self._filtered.note(builder.events[known:], commands, peer=request.peer, route=request.route)

    def _forget_pending(self) -> None:
        self._batches.clear()
        self._decoded.clear()
        self._requests.clear()
        self._pending_events = self._pending_bytes = 0
        self._skipped_events = self._skipped_requests = 0


async def _write(subscriber: Subscriber, socket: web.WebSocketResponse) -> None:
    with suppress(ConnectionError):  # the reader went away: the receiving side ends the subscription
        while True:
            await socket.send_bytes(await subscriber.next_frame())


async def _close(socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
    with suppress(TimeoutError, ConnectionError, RuntimeError):
        async with asyncio.timeout(_CLOSE_SECS):
            await socket.close(code=WSCloseCode.GOING_AWAY, message=b"the server is stopping")
            return
    if transport is not None:
        transport.abort()  # it does not read: it will not hear a goodbye either
