"""What was committed and waits to be offered to readers of the event stream: bounded, and in order.

The oldest batches are given up first. They are told in their place, between the batch that is being looked at and the
oldest one that is left.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Final

from msgspec import Struct

from console.server.streamed_events import Names, StreamedEvent, streamed_events
from console.storage.journal import JournaledIngest

log = logging.getLogger(__name__)

MAX_PENDING_EVENTS: Final = 5_000
MAX_PENDING_BYTES: Final = 8 * 1024 * 1024
INLINE_BYTES: Final = 64 * 1024  # of one body: a larger one may hold the loop for long
GATHERED_EVENTS: Final = 256


class Gathered(Struct, frozen=True):
    """Successive events of one application; at least one."""

    app_id: str
    events: list[StreamedEvent]


class GivenUp(Struct, frozen=True):
    """Events of one application that nobody looked at, by their sequence numbers. Others may lie between them."""

    app_id: str
    first: int
    last: int
    events: int


class StreamBatches:
    """Journaled requests on one side, events to be offered on the other. Belongs to the server's loop."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._batches: deque[JournaledIngest] = deque()
        self._pending_events = 0
        self._pending_bytes = 0
        self._batch: JournaledIngest | None = None  # that is being looked at
        self._events: Iterator[StreamedEvent] = iter(())  # what is left of it
        self._given_up: dict[str, GivenUp] = {}

    @property
    def waiting(self) -> int:
        """Events of batches that were not looked at yet."""
        return self._pending_events

    @property
    def empty(self) -> bool:
        """Whether nothing is left to offer or to tell."""
        return self._batch is None and not self._batches and not self._given_up

    def add(self, batch: JournaledIngest) -> None:
        """Take over a batch; older ones may have to go for it."""
        self._batches.append(batch)
        self._pending_events += batch.events
        self._pending_bytes += len(batch.body)
        while len(self._batches) > 1 and (
            self._pending_events > MAX_PENDING_EVENTS or self._pending_bytes > MAX_PENDING_BYTES
        ):
            self._give_up(self._pop())

    async def look_ahead(self) -> None:
        """Make a large batch's events ready off the loop, once it is its turn."""
        if self._batch is None and not self._given_up and self._next_is_large():
            batch = self._batch = self._pop()
            try:
                self._events = iter(await asyncio.to_thread(list, streamed_events(batch, self._names)))
            except Exception:  # one that cannot be read must not end the stream
                self._lose(batch)

    def next(self) -> Gathered | GivenUp | None:
        """What comes next. None when there is nothing, or a large batch that wants to be made ready."""
        gathered: list[StreamedEvent] = []
        app_id = ""
        while len(gathered) < GATHERED_EVENTS:
            if self._batch is None:
                if self._given_up and not gathered:
                    return self._given_up.pop(next(iter(self._given_up)))
                if self._given_up or not self._batches or self._next_is_large():
                    break
                if gathered and self._batches[0].app_id != app_id:
                    break
                self._batch = self._pop()
                self._events = streamed_events(self._batch, self._names)
            app_id = self._batch.app_id
            try:
                gathered.extend(islice(self._events, GATHERED_EVENTS - len(gathered)))
            except Exception:
                self._lose(self._batch)
                continue
            if len(gathered) < GATHERED_EVENTS:
                self._batch = None
        return Gathered(app_id, gathered) if gathered else None

    def _next_is_large(self) -> bool:
        return bool(self._batches) and len(self._batches[0].body) > INLINE_BYTES

    def _pop(self) -> JournaledIngest:
        batch = self._batches.popleft()
        self._pending_events -= batch.events
        self._pending_bytes -= len(batch.body)
        return batch

    def _lose(self, batch: JournaledIngest) -> None:
        log.exception("events of the event stream were lost")
        self._give_up(batch)
        self._batch = None

    def _give_up(self, batch: JournaledIngest) -> None:
        last = batch.first_seq + batch.events - 1
        lost = self._given_up.get(batch.app_id) or GivenUp(batch.app_id, batch.first_seq, last, 0)
        self._given_up[batch.app_id] = GivenUp(
            batch.app_id, min(lost.first, batch.first_seq), max(lost.last, last), lost.events + batch.events
        )
