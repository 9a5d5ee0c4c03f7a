"""The live feed for readers who asked for some events only.

Rows are made once for all readers; here each is put to the filters, a few at a time, so that the loop answers games in
between however many filters there are.
"""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol

from msgspec import Struct

from console.messages import EventRow, FeedRows, TrajectoryRow, encode
from console.players.commands import Command
from console.server.event_facts import event_facts
from console.telemetry.events import Event
from console.telemetry.filters import Facts, Filter

SLICE_SECS = 0.005
_LOOK_EVERY = 32
MAX_WAITING_EVENTS = 20_000


class Reader(Protocol):
    """Who gets frames."""

    def push_rows(self, frame: bytes, events: int, requests: int) -> None: ...


class _Part(Struct):
    """Events of one request."""

    rows: list[EventRow]
    events: Sequence[Event | Command]
    peer: str
    route: str


class _Tick(Struct):
    """What one tick of the feed brought."""

    parts: list[_Part]
    trajectories: list[TrajectoryRow]
    skipped: int
    events: int


class _Found(Struct):
    """What one reader gets of a tick. Only what is newer than `after_seq`: the reader was told so."""

    wanted: Filter
    after_seq: int
    rows: list[EventRow]


class FilteredReaders:
    """Readers with their filters. All methods belong to the server's loop."""

    def __init__(self) -> None:
        self._readers: dict[Reader, tuple[Filter, int]] = {}
        self._parts: list[_Part] = []
        self._ticks: deque[_Tick] = deque()
        self._waiting = 0

    def __len__(self) -> int:
        return len(self._readers)

    def __contains__(self, reader: object) -> bool:
        return reader in self._readers

    def add(self, reader: Reader, wanted: Filter, after_seq: int) -> None:
        """Put events behind `after_seq` to a filter, for a reader."""
        self._readers[reader] = (wanted, after_seq)

    def discard(self, reader: Reader) -> None:
        """Idempotent."""
        self._readers.pop(reader, None)
        if not self._readers:
            self._parts.clear()
            self._ticks.clear()
            self._waiting = 0

    def note(self, rows: list[EventRow], events: Sequence[Event | Command], *, peer: str, route: str) -> None:
        """Events of one request, with their rows. Free without readers."""
        if self._readers:
            self._parts.append(_Part(rows, events, peer, route))

    def end_tick(self, trajectories: list[TrajectoryRow], skipped: int) -> None:
        """What was noted since the last tick is put to the filters by `work`. Too much of it: the oldest is skipped."""
        if not self._readers:
            return
        events = sum(len(part.rows) for part in self._parts)
        self._ticks.append(_Tick(self._parts, trajectories, skipped, events))
        self._parts = []
        self._waiting += events
        while len(self._ticks) > 1 and self._waiting > MAX_WAITING_EVENTS:
            lost = self._ticks.popleft()
            self._waiting -= lost.events
            self._ticks[0].skipped += lost.events + lost.skipped

    async def work(self) -> None:
        """Put what is waiting to the filters, in slices of a few milliseconds, and queue what matches."""
        while self._ticks:
            tick = self._ticks.popleft()
            self._waiting -= tick.events
            found = {reader: _Found(wanted, after, []) for reader, (wanted, after) in self._readers.items()}
            await _search(tick, list(found.values()))
            for reader, matching in found.items():
                if reader in self._readers and (matching.rows or tick.skipped):
                    seqs = {row.seq for row in matching.rows}
                    tracks = [track for track in tick.trajectories if track.seq in seqs]
                    frame = FeedRows(matching.rows, [], tracks, tick.skipped, 0)
                    reader.push_rows(encode(frame), len(matching.rows) + tick.skipped, 0)
                    await asyncio.sleep(0)


async def _search(tick: _Tick, readers: list[_Found]) -> None:
    began = time.perf_counter()
    for part in tick.parts:
        for number, (row, event) in enumerate(zip(part.rows, part.events, strict=True)):
            facts: Facts | None = None
            for reader in readers:
                if row.seq > reader.after_seq:
                    if facts is None:
                        facts = _facts(row, event, part)
                    if reader.wanted.matches(facts):
                        reader.rows.append(row)
            if number % _LOOK_EVERY == 0 and time.perf_counter() - began > SLICE_SECS:
                await asyncio.sleep(0)
                began = time.perf_counter()


def _facts(row: EventRow, event: Any, part: _Part) -> Facts:
    return event_facts(row, event, peer=part.peer, route=part.route, bookmarked=False)
