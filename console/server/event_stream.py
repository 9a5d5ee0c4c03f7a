"""The event stream: what both APIs record of one application, as server-sent events (WHATWG HTML, 9.2).

A reader that comes back with the last id it saw is given the rest from the journal, and joins the live events where
that ends: what was published is either read there or still to come, so nothing is missing and nothing comes twice.
Nothing waits for a reader, and every queue is bounded. Without readers a committed group costs a few additions.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Final

import msgspec
from aiohttp import web

from console.server.stream_batches import GivenUp, StreamBatches
from console.server.stream_reader import CHUNK_BYTES, Reader, Wanted, size_of
from console.server.streamed_events import Names, streamed_events
from console.storage.journal import Committed, IngestRequest, JournaledIngest, JournalError

log = logging.getLogger(__name__)

MAX_READERS: Final = 256
HEARTBEAT_SECS: Final = 15.0
RETRY: Final = b"retry: 3000\n\n"
HEARTBEAT: Final = b": hb\n\n"

TICK_SECS: Final = 1 / 50
MAX_SHARE: Final = 0.1  # of the loop's time: in a flood ticks are further apart, and more is given up
WRITE_COST_SECS: Final = 50e-6  # of one reader, roughly: with many of them ticks are further apart
SLICE_SECS: Final = 0.004  # of the loop at a time
READ_EVENTS: Final = 1_000  # of the journal at a time
WRITE_SECS: Final = 60.0  # a reader that takes nothing for so long is gone
_CLOSE_SECS: Final = 0.25
_GONE_SECS: Final = 1.0  # how often an idle reader's connection is looked at

# Accepted requests in order, the first the one that holds a sequence number; in bounded pieces.
ReadJournal = Callable[[int, int], list[JournaledIngest]]


class StreamClosed(Exception):
    """No reader can be taken: the server stops, or has too many."""


class EventStream:
    """Fans recorded events out to readers. All methods belong to the server's loop.

    `read` gives journaled requests from a sequence number on, off the loop; `last_seq` is the journal's end.
    """

    def __init__(
        self, names: Names, read: ReadJournal, *, last_seq: int = 0, heartbeat_secs: float = HEARTBEAT_SECS
    ) -> None:
        self._names = names
        self._read = read
        self._last_seq = last_seq
        self._heartbeat_secs = heartbeat_secs
        self._readers: set[Reader] = set()
        self._live: dict[str, set[Reader]] = {}  # by application; the others still read the journal
        self._batches = StreamBatches(names)
        self._wake = asyncio.Event()
        self._pump_task: asyncio.Task[None] | None = None
        self._serving: dict[asyncio.Future[None], web.Request] = {}
        self._closed = False

    @property
    def readers(self) -> int:
        """How many there are."""
        return len(self._readers)

    @property
    def waiting(self) -> int:
        """Events that were published and not yet looked at."""
        return self._batches.waiting

    @property
    def last_seq(self) -> int:
        """The last sequence number that was published."""
        return self._last_seq

    def check_room(self) -> None:
        """Raises StreamClosed when no reader can be taken."""
        if self._closed:
            raise StreamClosed("The server is stopping.")
        if len(self._readers) >= MAX_READERS:
            raise StreamClosed(f"There are {MAX_READERS} event streams already: close one.")

    # what happened

    def publish(self, commits: Sequence[Committed]) -> None:
        """Take over what the journal has just committed, in its order. Never waits."""
        for request, receipt, _ in commits:
            if not isinstance(request, IngestRequest):
                continue
            self._last_seq = receipt.first_seq + request.events - 1
            if request.app_id in self._live:
                self._batches.add(
                    JournaledIngest(
                        receipt.request_id, request.received_at_us, request.app_id, receipt.first_seq, request.events,
                        request.body, request.commands,
                    )
                )  # fmt: skip
                self._wake.set()

    def flags_changed(self, app_id: str, key: str, version: int) -> None:
        """Tell an application's readers, once however often the flag changes before it is sent."""
        data = msgspec.json.encode({"flag_key": key, "version": version})
        for reader in self._readers:
            if reader.app_id == app_id:
                reader.notice(key, b"event: flags_changed\ndata: %s\n\n" % data)

    def end_key(self, key_id: str) -> None:
        """End the streams that were opened with a key: it was revoked."""
        for reader in self._readers:
            if reader.key_id == key_id:
                reader.end("the key was revoked")

    # readers

    async def serve(
        self,
        request: web.Request,
        response: web.StreamResponse,
        *,
        app_id: str,
        key_id: str,
        wanted: Wanted,
        after_seq: int | None,
    ) -> None:
        """Write to one prepared response until its reader or this server ends it. Raises StreamClosed."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()
        self._serving[ended] = request
        chunks = self.chunks(
            app_id=app_id, key_id=key_id, wanted=wanted, after_seq=after_seq, gone=lambda: _is_gone(request)
        )
        try:
            async with aclosing(chunks), asyncio.timeout(None) as deadline:
                async for chunk in chunks:
                    deadline.reschedule(loop.time() + WRITE_SECS)
                    await response.write(chunk)
                    deadline.reschedule(None)
        except ConnectionError:
            pass  # it went away
        except TimeoutError:
            _abort(request)
        except StreamClosed:
            raise
        except JournalError as error:  # it comes again, with the last id it saw
            log.warning("an event stream ended: %s", error)
        except Exception:  # its answer has begun: nothing else can be said
            log.exception("an event stream failed")
        finally:
            del self._serving[ended]
            ended.set_result(None)

    async def chunks(
        self,
        *,
        app_id: str,
        key_id: str,
        wanted: Wanted,
        after_seq: int | None,
        gone: Callable[[], bool] = lambda: False,
    ) -> AsyncGenerator[bytes]:
        """What one reader is sent: the past behind `after_seq` when that is given, then what happens.

        Ends when `gone` says so, or the stream is ended. Raises StreamClosed.
        """
        self.check_room()
        wake = asyncio.Event()
        reader = Reader(app_id, key_id, wanted, self._last_seq if after_seq is None else after_seq, wake.set)
        self._readers.add(reader)
        beats = _Beats(self._heartbeat_secs)
        try:
            yield RETRY
            async for chunk in self._past(reader):
                if gone():
                    return
                if chunk := beats.due() + reader.take() + chunk:
                    yield chunk
            self._join(reader)
            while True:
                wake.clear()
                if chunk := beats.due() + reader.take():
                    yield chunk
                elif reader.ended:
                    yield b": %s\n\n" % reader.ended.encode()
                    return
                elif gone():
                    return
                else:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(wake.wait(), min(_GONE_SECS, beats.wait_secs))
        finally:
            self._leave(reader)

    async def _past(self, reader: Reader) -> AsyncIterator[bytes]:
        """What was recorded behind the reader's position, up to what was published last.

        Returns in the same step of the loop in which nothing was left: who joins then misses nothing.
        """
        while reader.position < self._last_seq and not reader.ended:
            end = self._last_seq
            pieces = self._recorded(reader.wanted, reader.app_id, reader.position)
            before = reader.position
            while not reader.ended and (piece := await asyncio.to_thread(next, pieces, None)) is not None:
                chunk, reader.position = piece
                yield chunk
            if reader.position == before:  # the journal ends here after all
                reader.position = end

    def _recorded(self, wanted: Wanted, app_id: str, position: int) -> Iterator[tuple[bytes, int]]:
        """A piece of the past in chunks, each with the sequence number it reaches to. To be stepped in threads."""
        parts: list[bytes] = []
        size, reached = 0, position
        for ingest in self._read(position + 1, READ_EVENTS):
            if ingest.app_id == app_id:
                for event in streamed_events(ingest, self._names):
                    if event.seq > position and wanted.admits(event):
                        parts.append(event.frame)
                        size += len(event.frame)
                        if size >= CHUNK_BYTES:
                            yield b"".join(parts), event.seq
                            parts, size = [], 0
            reached = ingest.first_seq + ingest.events - 1
        if reached > position:
            yield b"".join(parts), reached

    def _join(self, reader: Reader) -> None:
        self._live.setdefault(reader.app_id, set()).add(reader)

    def _leave(self, reader: Reader) -> None:
        self._readers.discard(reader)
        live = self._live.get(reader.app_id)
        if live is not None:
            live.discard(reader)
            if not live:
                del self._live[reader.app_id]

    # offering what was committed

    async def _pump(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._batches.look_ahead()
            began = time.perf_counter()
            self._distribute(began + SLICE_SECS)
            writing = len(self._readers) * WRITE_COST_SECS  # which the readers' own tasks do
            await asyncio.sleep(max(TICK_SECS, (time.perf_counter() - began + writing) / MAX_SHARE))

    def _distribute(self, until: float) -> None:
        """Offer events to readers for a while; what is left is looked at in the next tick."""
        while (step := self._batches.next()) is not None:
            if isinstance(step, GivenUp):
                for reader in self._live.get(step.app_id, ()):
                    reader.miss(step.first, step.last, step.events)
                continue
            upto = step.events[-1].seq
            for wanted, readers in self._groups(step.app_id).items():
                events = wanted.of(step.events)
                size = size_of(events)
                for reader in readers:
                    reader.offer(events, size, upto)
            if time.perf_counter() > until:
                break
        if not self._batches.empty:
            self._wake.set()

    def _groups(self, app_id: str) -> dict[Wanted, list[Reader]]:
        """The readers that listen to an application, by what they want: most want the same."""
        groups: dict[Wanted, list[Reader]] = {}
        for reader in self._live.get(app_id, ()):
            groups.setdefault(reader.wanted, []).append(reader)
        return groups

    # life

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send while entered; end every stream at the end."""
        self._pump_task = asyncio.create_task(self._pump(), name="event stream pump")
        try:
            yield
        finally:
            await self.close()

    async def close(self) -> None:
        """End every stream at once, also those whose reader stalls. Idempotent."""
        self._closed = True
        for reader in self._readers:
            reader.end("the server is stopping")
        if self._pump_task is not None:
            self._pump_task.cancel()
            await asyncio.gather(self._pump_task, return_exceptions=True)
        if self._serving:
            await asyncio.wait(list(self._serving), timeout=_CLOSE_SECS)
        for request in self._serving.values():
            _abort(request)


class _Beats:
    """When to say that the connection lives: in equal steps, whether or not there is something else to say."""

    def __init__(self, every_secs: float) -> None:
        self._every_secs = every_secs
        self._clock = asyncio.get_running_loop().time
        self._next = self._clock() + every_secs

    @property
    def wait_secs(self) -> float:
        return max(0.0, self._next - self._clock())

    def due(self) -> bytes:
        now = self._clock()
        if now < self._next:
            return b""
        self._next = now + self._every_secs
        return HEARTBEAT


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
