"""One reader of the event stream: what it asked for, and its bounded queue. Pure: it waits for nothing.

The oldest events are given up first. What was given up is told in its place by a `gap`, so that ids never go back and
nothing is missing silently.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from console.server.streamed_events import StreamedEvent

MAX_QUEUED_EVENTS: Final = 5_000
MAX_QUEUED_BYTES: Final = 4 * 1024 * 1024
CHUNK_BYTES: Final = 64 * 1024  # of one write, when there is as much


class Wanted(Struct, frozen=True):
    """Which events a reader asked for; None: any. Equal ones are one to a dictionary."""

    player_ids: frozenset[str] | None = None
    event_names: frozenset[str] | None = None

    def of(self, events: Sequence[StreamedEvent]) -> Sequence[StreamedEvent]:
        """Those among some events."""
        if self.event_names is None and self.player_ids is None:
            return events
        return [event for event in events if self.admits(event)]

    def admits(self, event: StreamedEvent) -> bool:
        """Whether an event is among them."""
        return (self.event_names is None or event.event_name in self.event_names) and (
            self.player_ids is None or event.player_id in self.player_ids
        )


class Gap(Struct):
    """Events that were given up, by their sequence numbers."""

    first: int
    last: int
    skipped: int

    @property
    def frame(self) -> bytes:
        """Without an id: a reader that comes again with the last one it saw is sent what was given up."""
        data = {"skipped": self.skipped, "from": self.first, "to": self.last}
        return b"event: gap\ndata: %s\n\n" % msgspec.json.encode(data)


class Reader:
    """The queue of one reader. `position` is the last sequence number it was offered.

    `woken` is called whenever there is something to take, or the end has come.
    """

    def __init__(
        self, app_id: str, key_id: str, wanted: Wanted, position: int, woken: Callable[[], None] = lambda: None
    ) -> None:
        self.app_id = app_id
        self.key_id = key_id
        self.wanted = wanted
        self.position = position
        self.ended = ""  # why, once it has
        self.skipped = 0  # in all
        self._woken = woken
        self._lost: Gap | None = None  # older than everything queued
        self._queue: deque[StreamedEvent | Gap] = deque()  # events are shared by all their readers
        self._queued_bytes = 0
        self._notices: dict[str, bytes] = {}

    def offer(self, events: Sequence[StreamedEvent], size: int, upto: int) -> None:
        """Queue successive events that are wanted, but for those that were offered before.

        They are all there is to want up to the sequence number `upto`; `size` is how long they are together.
        """
        if events and events[0].seq <= self.position:
            events = [event for event in events if event.seq > self.position]
            size = size_of(events)
        self.position = max(self.position, upto)
        if not events:
            return
        self._queue.extend(events)
        self._queued_bytes += size
        while len(self._queue) > 1 and (len(self._queue) > MAX_QUEUED_EVENTS or self._queued_bytes > MAX_QUEUED_BYTES):
            self._give_up_oldest()
        self._woken()

    def miss(self, first: int, last: int, events: int) -> None:
        """Nobody looked at some events, for want of time: whether they were wanted is not known."""
        if last <= self.position:
            return
        first = max(first, self.position + 1)
        self.position = last
        missed = Gap(first, last, min(events, last - first + 1))
        self.skipped += missed.skipped
        newest = self._queue[-1] if self._queue else None
        if isinstance(newest, Gap):
            self._queue[-1] = _joined(newest, missed)
        else:
            self._queue.append(missed)
        self._woken()

    def notice(self, key: str, frame: bytes) -> None:
        """Queue something that is no event, in place of an unsent older notice of the same key."""
        self._notices[key] = frame
        self._woken()

    def end(self, reason: str) -> None:
        """Nothing more comes. The first reason holds."""
        self.ended = self.ended or reason
        self._woken()

    def take(self) -> bytes:
        """The next bytes to send, about as many as one write should have; b"" when there are none."""
        parts = list(self._notices.values())
        self._notices.clear()
        if self._lost is not None:
            parts.append(self._lost.frame)
            self._lost = None
        size = 0
        while self._queue and size < CHUNK_BYTES:
            oldest = self._queue.popleft()
            frame = oldest.frame
            if isinstance(oldest, StreamedEvent):
                self._queued_bytes -= len(frame)
            parts.append(frame)
            size += len(frame)
        return b"".join(parts)

    def _give_up_oldest(self) -> None:
        entry = self._queue.popleft()
        if isinstance(entry, StreamedEvent):
            self._queued_bytes -= len(entry.frame)
            self.skipped += 1
            entry = Gap(entry.seq, entry.seq, 1)
        self._lost = entry if self._lost is None else _joined(self._lost, entry)


def size_of(events: Iterable[StreamedEvent]) -> int:
    """How many bytes events take in a stream."""
    return sum([len(event.frame) for event in events])


def _joined(older: Gap, newer: Gap) -> Gap:
    return Gap(older.first, newer.last, older.skipped + newer.skipped)
