"""Brings what is journaled into the event store, in large steps."""

import logging
import threading
import time
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from console.storage.event_store import EventStore, EventStoreError, Position
from console.storage.journal_reader import JournalReader
from console.storage.journal_records import JournalError

_log = logging.getLogger(__name__)

MAX_STEP_EVENTS = 10_000
STEP_SECS = 0.25
_FIRST_RETRY_SECS = 0.5
_MAX_RETRY_SECS = 30.0


class Progress(Struct, frozen=True):
    """How far the projector is. `position` is None until the store was opened once.

    `oldest_us` is when what is still missing began to arrive (µs since 1970 UTC), `problem` why nothing is stored at
    the moment; the position is the last one known then.
    """

    position: Position | None = None
    oldest_us: int | None = None
    problem: str = ""


class Projector:
    """One thread. A step is at most 10,000 events or what came within 250 ms, in one transaction with its position."""

    def __init__(
        self,
        journal: JournalReader,
        store: EventStore,
        *,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        """`on_progress` is called on the projector's thread, when it changed."""
        self._journal = journal
        self._store = store
        self._on_progress = on_progress
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._progress = Progress()
        self._opened = False

    @property
    def progress(self) -> Progress:
        """The newest news; from any thread."""
        return self._progress

    def start(self) -> None:
        """The journal's file must exist."""
        self._thread = threading.Thread(target=self._run, name="projector", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Begin no further step."""
        self._stop.set()

    def close(self) -> None:
        """Finish the step under way. Idempotent."""
        self.stop()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()

    # on the projector's thread

    def _run(self) -> None:
        retry_secs = _FIRST_RETRY_SECS
        pause_secs = 0.0
        while not self._stop.wait(pause_secs):
            try:
                pause_secs = self._step()
            except Exception as error:
                if self._stop.is_set():
                    return  # the store was closed under it
                self._opened = False
                self._tell(replace(self._progress, problem=self._reason(error)))
                pause_secs, retry_secs = retry_secs, min(2 * retry_secs, _MAX_RETRY_SECS)
            else:
                retry_secs = _FIRST_RETRY_SECS

    def _step(self) -> float:
        """Store what is there, up to a step's size; returns how long to pause."""
        began = time.monotonic()
        if not self._opened or self._store.needs_migration:
            self._store.migrate(self._journal.journal_id(), self._journal.end())
            self._opened = True
        position = self._store.position()
        ingests = self._journal.ingests(position.request_id, MAX_STEP_EVENTS)
        if not ingests:
            self._tell(Progress(position))
            return STEP_SECS
        # A problem lasts until something is stored: that the file can be opened does not mean that it can be written.
        self._tell(Progress(position, ingests[0].received_at_us, self._progress.problem))
        from console.storage.event_columns import columns_of  # imports pyarrow: only when there is something to store

        batch = columns_of(ingests, position)
        self._store.append(batch)
        self._tell(Progress(batch.upto, ingests[-1].received_at_us))
        if sum(ingest.events for ingest in ingests) < MAX_STEP_EVENTS // 2:
            return max(0.0, STEP_SECS - (time.monotonic() - began))
        return 0.0

    def _tell(self, progress: Progress) -> None:
        if progress != self._progress:
            if self._progress.problem and not progress.problem:
                _log.info("events are stored again")
            self._progress = progress
            if self._on_progress is not None:
                self._on_progress(progress)

    def _reason(self, error: Exception) -> str:
        if not self._progress.problem:
            if isinstance(error, (EventStoreError, JournalError)):
                _log.error("%s", error)
            else:
                _log.error("projecting the journal failed", exc_info=error)
        return str(error) or type(error).__name__
