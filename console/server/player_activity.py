"""Brings what events show of players from the event store into `activity.sqlite`, a range at a time."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from console.columns import Array
from console.players.values import InvalidValue, properties
from console.storage.activity_store import ActivityStore, ProjectionError, Seen, Told
from console.storage.event_store import EventStoreError, Position
from console.storage.journal_records import JournaledIngest, JournalError

_log = logging.getLogger(__name__)

PULL_SECS: Final = 0.5
_RANGE_EVENTS: Final = 100_000
_FIRST_RETRY_SECS: Final = 0.5
_MAX_RETRY_SECS: Final = 30.0


class ActivityProgress(Struct, frozen=True):
    """How far `activity.sqlite` is: the last event that was added, with all before it.

    `problem` says why nothing is added at the moment. `opened_us` is when the file was opened to be written (µs since
    1970 UTC), 0 before it ever was. The file may have been put aside then: whoever reads it connects again.
    """

    seq: int = 0
    problem: str = ""
    opened_us: int = 0


class ShownEvents(Protocol):
    """The part of the event store that tells what events show."""

    def query(self, name: str, params: Mapping[str, Any]) -> dict[str, Array | Sequence[str | None]]: ...


class IngestJournal(Protocol):
    """The part of the journal that holds what `Create_Player` said, and says which journal it is."""

    def journal_id(self) -> str: ...

    def end(self) -> Position: ...

    def ingests(self, after_request_id: int, max_events: int) -> list[JournaledIngest]: ...


class ActivityPuller:
    """One thread, which opens `activity.sqlite` once the event store is open, and alone writes to it.

    The event store's file belongs to one process at a time, so there is never a second writer. `stored` tells how far
    the event store is, `on_progress` is called on the thread when it got further.
    """

    def __init__(
        self,
        events: ShownEvents,
        journal: IngestJournal,
        path: Path,
        *,
        stored: Callable[[], Position | None],
        on_progress: Callable[[ActivityProgress], None],
        pull_secs: float = PULL_SECS,
    ) -> None:
        self._events = events
        self._journal = journal
        self._activity = ActivityStore(path)
        self._stored = stored
        self._on_progress = on_progress
        self._pull_secs = pull_secs
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._progress = ActivityProgress()

    @property
    def progress(self) -> ActivityProgress:
        """The newest news; from any thread."""
        return self._progress

    def start(self) -> None:
        """The journal's file must exist."""
        self._thread = threading.Thread(target=self._run, name="activity", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Give up the range under way: nothing of it is written, and it is summed up again at the next start."""
        self._stop.set()

    def close(self) -> None:
        """Stop, and close the file. Idempotent; a question under way is for the event store to break off."""
        self.stop()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()

    # on the thread

    def _run(self) -> None:
        pause_secs, retry_secs = 0.0, _FIRST_RETRY_SECS
        with closing(self._activity):
            while not self._stop.wait(pause_secs):
                began = time.monotonic()
                try:
                    more = self._pull()
                except Exception as error:
                    if self._stop.is_set():
                        return
                    self._tell(replace(self._progress, problem=self._reason(error)))
                    pause_secs, retry_secs = retry_secs, min(2 * retry_secs, _MAX_RETRY_SECS)
                else:
                    # While it catches up, it takes half a processor's time at most: games come first.
                    pause_secs = time.monotonic() - began if more else self._pull_secs
                    retry_secs = _FIRST_RETRY_SECS

    def _pull(self) -> bool:
        """Add the next range; returns whether there is more."""
        position = self._stored()
        if position is None:
            return False
        if not self._activity.is_open:
            self._activity.open(self._journal.journal_id(), self._journal.end().seq)
            now_us = time.time_ns() // 1000
            self._tell(ActivityProgress(self._activity.position, self._progress.problem, now_us))
        after = self._activity.position
        upto = min(position.seq, after + _RANGE_EVENTS)
        if upto > after:
            events = {"after_seq": after, "upto_seq": upto}
            self._activity.add(self._seen(events), self._told(events), upto, is_wanted=lambda: not self._stop.is_set())
        self._tell(ActivityProgress(self._activity.position, "", self._progress.opened_us))
        return upto < position.seq

    def _seen(self, events: dict[str, int]) -> Iterator[Seen]:
        answer = self._events.query("activity", events)
        columns = zip(
            answer["app_id"],
            answer["player_id"],
            _ints(answer["tracked"]),
            answer["session_id"],
            _ints(answer["first_us"]),
            _ints(answer["last_us"]),
            strict=True,
        )
        for app_id, name, tracked, session_id, first_us, last_us in columns:
            yield Seen(app_id or "", name or "", bool(tracked), session_id or None, first_us, last_us)

    def _told(self, events: dict[str, int]) -> Iterator[Told]:
        answer = self._events.query("identities", events)
        body = _Body(0, [])
        for seq, app_id, name, request_id, index in zip(
            _ints(answer["seq"]),
            answer["app_id"],
            answer["player_id"],
            _ints(answer["request_id"]),
            _ints(answer["index"]),
            strict=True,
        ):
            if request_id != body.request_id:
                body = _Body(request_id, self._identities(request_id))
            if index < len(body.identities) and (attributes := body.identities[index].attributes()):
                yield Told(app_id or "", name or "", seq, attributes)

    def _identities(self, request_id: int) -> "list[_Identity]":
        """What each event of a request says, as if each were an identity."""
        (request,) = self._journal.ingests(request_id - 1, 1)
        try:
            return _decode_many(request.body)
        except msgspec.MsgspecError:
            return [_decode_one(request.body)]

    def _tell(self, progress: ActivityProgress) -> None:
        if progress != self._progress:
            self._progress = progress
            self._on_progress(progress)

    def _reason(self, error: Exception) -> str:
        if not self._progress.problem:
            if isinstance(error, (EventStoreError, JournalError, ProjectionError)):
                _log.warning("players' activity is not kept up to date: %s", error)
            else:
                _log.error("players' activity is not kept up to date", exc_info=error)
        return str(error) or type(error).__name__


class _Identity(Struct, gc=False):
    """The fields that become attributes; other kinds of event may hold anything in them."""

    region: Any = None
    hardware: Any = None

    def attributes(self) -> dict[str, Any]:
        """Those the player API would take as attributes too; of `hardware` at least the parts that it would."""
        found: dict[str, Any] = {}
        if isinstance(self.region, str) and _fits({"region": self.region}):
            found["region"] = self.region
        if isinstance(self.hardware, dict):
            if not _fits({"hardware": self.hardware}):
                self.hardware = {k: value for k, value in self.hardware.items() if _fits({"hardware": {k: value}})}
            if self.hardware and _fits({"hardware": self.hardware}):
                found["hardware"] = self.hardware
        return found


class _Body(Struct, gc=False):
    """The request that was read last: a batch often creates many players."""

    request_id: int
    identities: list[_Identity]


_decode_one = msgspec.msgpack.Decoder(_Identity).decode
_decode_many = msgspec.msgpack.Decoder(list[_Identity]).decode


def _ints(column: "Array | Sequence[str | None]") -> list[Any]:
    """A column of whole numbers."""
    assert isinstance(column, np.ndarray)
    found: list[Any] = column.tolist()
    return found


def _fits(attributes: dict[str, Any]) -> bool:
    try:
        properties(attributes, "$")
    except InvalidValue:
        return False
    return True
