"""Brings what is journaled into the event store, in large steps, when there is time for it."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from console.storage.event_store import EventStore, EventStoreError, Position
from console.storage.journal import Journal, JournalError

_log = logging.getLogger(__name__)

MAX_STEP_EVENTS = 10_000
HOT_STEP_EVENTS = 2_500  # shorter: an answer waits behind at most one of them
STEP_SECS = 0.25
_MAX_PAUSE_SECS = 1.0
_FIRST_RETRY_SECS = 0.5
_MAX_RETRY_SECS = 30.0
_MAX_PRESSURE = 0.9
_MIN_WINDOW_SECS = 0.02


class Projector:
    """One thread. A step is at most 10,000 events or what came within 250 ms, in one transaction with its position.

    While ingestion is hot it works only a part of the time, at least a tenth: answers come first, and what is not
    stored yet is safe in the journal.
    """

    def __init__(
        self,
        journal: Journal,
        store: EventStore,
        *,
        pressure: Callable[[], float] | None = None,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        """`pressure` tells from 0 to 1 how hot ingestion is; by default the load of `start`'s loop."""
        self._journal = journal
        self._store = store
        self._pressure = pressure
        self._clock = clock
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._position: Position | None = None
        self._oldest_us: int | None = None  # when what is waiting began to arrive
        self._problem = ""

    def start(self) -> None:
        """The journal must be started. Call it on the server's loop, unless `pressure` was given."""
        if self._pressure is None:
            self._pressure = LoopPressure(asyncio.get_running_loop())
        self._thread = threading.Thread(target=self._run, name="projector", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finish the step under way. Idempotent."""
        self._stop.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()

    def lag(self) -> tuple[int, float]:
        """How many events the store is behind the journal, and for how many seconds the oldest of them waits."""
        position = self._position
        if position is None and not self._problem:
            return 0, 0.0  # not known yet
        events = self._journal.counters.last_seq - (position.seq if position else 0)
        oldest_us = self._oldest_us
        if events <= 0 or oldest_us is None:
            return max(0, events), 0.0
        return events, max(0.0, self._clock() / 1e9 - oldest_us / 1e6)

    @property
    def position(self) -> Position:
        """How much of the journal is stored; zeros until the store is open."""
        return self._position or Position()

    @property
    def problem(self) -> str:
        """Why nothing is stored at the moment, or ""."""
        return self._problem

    # on the projector's thread

    def _run(self) -> None:
        retry_secs = _FIRST_RETRY_SECS
        pause_secs = 0.0
        while not self._stop.wait(pause_secs):
            try:
                pause_secs = self._step()
            except Exception as error:
                self._note_problem(error)
                self._position = None
                pause_secs, retry_secs = retry_secs, min(2 * retry_secs, _MAX_RETRY_SECS)
            else:
                retry_secs = _FIRST_RETRY_SECS
                if self._problem:
                    _log.info("the event store can be written again")
                    self._problem = ""

    def _step(self) -> float:
        """Store what is there, up to a step's size; returns how long to pause."""
        began = time.monotonic()
        position = self._position
        if position is None or self._store.needs_migration:
            position = self._position = self._open()
        pressure = min(max(self._pressure() if self._pressure else 0.0, 0.0), _MAX_PRESSURE)
        if self._journal.counters.last_seq == position.seq:
            self._oldest_us = None
            return STEP_SECS
        max_events = HOT_STEP_EVENTS if pressure > 0.5 else MAX_STEP_EVENTS
        ingests = self._journal.read_ingest(position.request_id, max_events)
        if not ingests:
            return STEP_SECS
        from console.storage.event_columns import columns_of  # imports pyarrow, which readiness does not wait for

        self._oldest_us = ingests[0].received_at_us
        batch = columns_of(ingests, position)
        self._store.append(batch)
        self._position = batch.upto
        self._oldest_us = ingests[-1].received_at_us
        worked_secs = time.monotonic() - began
        if self._journal.counters.last_seq - batch.upto.seq < max_events:
            return max(0.0, STEP_SECS - worked_secs)
        return min(worked_secs * pressure / (1.0 - pressure), _MAX_PAUSE_SECS)

    def _open(self) -> Position:
        counters = self._journal.counters
        self._store.migrate(self._journal.journal_id(), Position(counters.last_request_id, counters.last_seq))
        return self._store.position()

    def _note_problem(self, error: Exception) -> None:
        if not self._problem:
            if isinstance(error, (EventStoreError, JournalError)):
                _log.error("%s", error)
            else:
                _log.error("projecting the journal failed", exc_info=error)
        self._problem = str(error) or type(error).__name__


class LoopPressure:
    """How hot ingestion is, by the processor time of the loop that answers and of the thread that asks.

    Only one of the two threads can hold the interpreter. While they leave some of it unused the pressure is 0; where
    together they need all of it, every step of the projector slows answers down, and the pressure is 1.
    """

    # The store's own work, about a third of the projector's, needs no interpreter: both may add up to more than 1.
    _CALM_LOAD = 0.85
    _FULL_LOAD = 1.1

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        # A monotonic instant, and the processor seconds that the loop's thread and the asking one had used by then.
        self._measured: tuple[float, float, float] | None = None
        self._before: tuple[float, float, float] | None = None
        self._last = 0.0

    def __call__(self) -> float:
        """The pressure lately. Call it on one thread, which is not the loop's."""
        measured, before = self._measured, self._before
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._measure, time.thread_time())
        if measured is None or (before is not None and measured[0] - before[0] < _MIN_WINDOW_SECS):
            return self._last  # the loop had no time to tell
        self._before = measured
        if before is not None:
            took_secs, loop_secs, own_secs = (after - then for after, then in zip(measured, before, strict=True))
            share = ((loop_secs + own_secs) / took_secs - self._CALM_LOAD) / (self._FULL_LOAD - self._CALM_LOAD)
            self._last = min(max(share, 0.0), 1.0)
        return self._last

    def _measure(self, own_secs: float) -> None:
        self._measured = (time.monotonic(), time.thread_time(), own_secs)
