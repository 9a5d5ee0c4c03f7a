"""Where the event store lives, as the server sees it: something that projects, answers questions, and can be behind."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct

from console.columns import encode_columns
from console.messages import Check, Columns
from console.server.projector import Progress, Projector
from console.storage.event_store import AssignedLevel, EventStoreError, Position, open_event_store
from console.storage.journal import JournalCounters
from console.storage.journal_reader import JournalReader

__all__ = ["EmbeddedStore", "Lag", "Progress", "StoreHost", "lag_of"]


_OPENING_POLL_SECS = 0.01


class Lag(Struct, frozen=True):
    """How far the event store is behind the journal, and for how long the oldest missing event has been waiting."""

    events: int = 0
    seconds: float = 0.0


class StoreHost(Protocol):
    """Blocking methods may be called from any thread but the loop's; `progress` from any."""

    @property
    def progress(self) -> Progress:
        """The newest news of the projector. Free."""

    def start(self) -> None:
        """Begin to project. The journal's file must exist."""

    def close(self) -> None:
        """Idempotent. Questions under way are broken off."""

    def query(self, name: str, params: Mapping[str, Any], is_wanted: Callable[[], bool] | None = None) -> Columns:
        """Ask a named question; blocks until the store is open. Raises InvalidQuery or EventStoreError.

        One that is not wanted any more is broken off.
        """

    def assign_levels(self, assigned: Sequence[AssignedLevel]) -> None:
        """Place sessions that named no level, in all questions asked from now on; see the event store.

        Before `start` it costs nothing. Raises EventStoreError; they hold from the store's next opening on then.
        """

    def health(self) -> list[Check]:
        """What is right and wrong with the store. Raises nothing."""


class EmbeddedStore:
    """The store and its projector in this process, each with a thread of its own.

    For a process that lives for one command, for tests, and inside the store's own process.
    """

    def __init__(
        self, journal_path: Path, store_path: Path, *, on_progress: Callable[[Progress], None] | None = None
    ) -> None:
        self._store = open_event_store(store_path)
        self._journal = JournalReader(journal_path)
        self._projector = Projector(self._journal, self._store, on_progress=on_progress)

    @property
    def progress(self) -> Progress:
        return self._projector.progress

    def start(self) -> None:
        self._projector.start()

    def close(self) -> None:
        self._projector.stop()
        self._store.close()  # a question that the projector's end waits for is broken off
        self._projector.close()
        self._journal.close()

    def query(self, name: str, params: Mapping[str, Any], is_wanted: Callable[[], bool] | None = None) -> Columns:
        return encode_columns(self._store.query(name, params, is_wanted))

    def assign_levels(self, assigned: Sequence[AssignedLevel]) -> None:
        self._store.assign_levels(assigned)

    def health(self) -> list[Check]:
        return self._store.health()


def stored_position(host: StoreHost, *, within_secs: float = 10.0) -> Position:
    """How much of the journal is stored; blocks until the store is open.

    Raises EventStoreError when it cannot be used, or is not open in time.
    """
    deadline = time.monotonic() + within_secs
    while (position := (progress := host.progress).position) is None:
        if progress.problem or time.monotonic() > deadline:
            raise EventStoreError(progress.problem or "The event store is not open.")
        time.sleep(_OPENING_POLL_SECS)
    return position


def lag_of(progress: Progress, counters: JournalCounters, clock: Callable[[], int] = time.time_ns) -> Lag:
    """The lag, from the projector's progress and the journal's end. `clock` gives nanoseconds since 1970 UTC.

    Until the store is open all is missing: a window that was told otherwise would not ask again.
    """
    events = counters.last_seq - (progress.position.seq if progress.position else 0)
    if events <= 0 or progress.oldest_us is None:
        return Lag(max(0, events))
    return Lag(events, max(0.0, clock() / 1e9 - progress.oldest_us / 1e6))
