"""Where the event store lives, as the server sees it: something that projects, answers questions, and can be behind."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct

from console.columns import encode_columns
from console.messages import Check, Columns
from console.server.player_activity import ActivityProgress, ActivityPuller
from console.server.projector import Progress, Projector
from console.storage.event_store import AssignedLevel, EventStoreError, Position, open_event_store
from console.storage.journal import JournalCounters
from console.storage.journal_reader import JournalReader

__all__ = ["ActivityProgress", "EmbeddedStore", "Lag", "Progress", "StoreHost", "lag_of"]


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

    @property
    def activity(self) -> ActivityProgress:
        """The newest news of what events show of players. Free."""

    def watch_activity(self, told: Callable[[ActivityProgress], None]) -> None:
        """Call `told` at once, and on a thread of the host's whenever that changed. One may watch."""

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
    """The store, its projector and that of players' activity in this process, each projector with its own thread.

    For a process that lives for one command, for tests, and inside the store's own process. Without the path of
    `activity.sqlite`, nobody adds to it.
    """

    def __init__(
        self,
        journal_path: Path,
        store_path: Path,
        activity_path: Path | None = None,
        *,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._store = open_event_store(store_path)
        self._journal = JournalReader(journal_path)
        self._projector = Projector(self._journal, self._store, on_progress=on_progress)
        self._activity_told: Callable[[ActivityProgress], None] | None = None
        self._activity: ActivityPuller | None = None
        if activity_path is not None:
            self._activity = ActivityPuller(
                self._store,
                self._journal,
                activity_path,
                stored=lambda: self.progress.position,
                on_progress=self._tell_activity,
            )

    @property
    def progress(self) -> Progress:
        return self._projector.progress

    @property
    def activity(self) -> ActivityProgress:
        return self._activity.progress if self._activity is not None else ActivityProgress()

    def watch_activity(self, told: Callable[[ActivityProgress], None]) -> None:
        self._activity_told = told
        told(self.activity)

    def start(self) -> None:
        self._projector.start()
        if self._activity is not None:
            self._activity.start()

    def close(self) -> None:
        self._projector.stop()
        if self._activity is not None:
            self._activity.stop()
        self._store.close()  # a question that either projector's end waits for is broken off
        self._projector.close()
        if self._activity is not None:
            self._activity.close()
        self._journal.close()

    def query(self, name: str, params: Mapping[str, Any], is_wanted: Callable[[], bool] | None = None) -> Columns:
        return encode_columns(self._store.query(name, params, is_wanted))

    def assign_levels(self, assigned: Sequence[AssignedLevel]) -> None:
        self._store.assign_levels(assigned)

    def health(self) -> list[Check]:
        return self._store.health()

    def _tell_activity(self, progress: ActivityProgress) -> None:
        if self._activity_told is not None:
            self._activity_told(progress)


def stored_position(host: StoreHost, *, within_secs: float = 30.0) -> Position:
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
