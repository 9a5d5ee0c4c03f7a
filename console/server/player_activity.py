"""Brings what events show of players from the event store into `activity.sqlite`, a range at a time."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

import msgspec
from msgspec import Struct

from console.columns import numbers, text
from console.players.values import InvalidValue, properties
from console.server.store_host import StoreHost
from console.storage.activity_store import ActivityStore, ProjectionError, Seen, Told
from console.storage.event_store import EventStoreError
from console.storage.journal_records import JournaledIngest, JournalError

_log = logging.getLogger(__name__)

PULL_SECS: Final = 0.5
_RANGE_EVENTS: Final = 100_000
_FIRST_RETRY_SECS: Final = 0.5
_MAX_RETRY_SECS: Final = 30.0


class IngestJournal(Protocol):
    """The part of the journal that holds what `Create_Player` said."""

    def read_ingest(self, after_request_id: int, max_events: int) -> list[JournaledIngest]: ...


class ActivityPuller:
    """One thread, which owns the activity store while it runs.

    `on_added` is called on that thread whenever something was added.
    """

    def __init__(
        self,
        host: StoreHost,
        journal: IngestJournal,
        activity: ActivityStore,
        *,
        on_added: Callable[[], object],
        pull_secs: float = PULL_SECS,
    ) -> None:
        self._host = host
        self._journal = journal
        self._activity = activity
        self._on_added = on_added
        self._pull_secs = pull_secs
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._problem = ""

    @property
    def position(self) -> int:
        """The last event that was added, with all before it; from any thread."""
        return self._activity.position

    @property
    def problem(self) -> str:
        """Why nothing is added at the moment, or ""; from any thread."""
        return self._problem

    def start(self) -> None:
        """The activity store must be open."""
        self._thread = threading.Thread(target=self._run, name="activity", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Finish the range under way. Idempotent; before the event store is closed."""
        self._stop.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()

    # on the thread

    def _run(self) -> None:
        pause_secs, retry_secs = 0.0, _FIRST_RETRY_SECS
        while not self._stop.wait(pause_secs):
            began = time.monotonic()
            try:
                more = self._pull()
            except Exception as error:
                self._note(error)
                pause_secs, retry_secs = retry_secs, min(2 * retry_secs, _MAX_RETRY_SECS)
            else:
                self._problem = ""
                # While it catches up, it takes half a processor's time at most: games come first.
                pause_secs = time.monotonic() - began if more else self._pull_secs
                retry_secs = _FIRST_RETRY_SECS

    def _pull(self) -> bool:
        """Add the next range; returns whether there is more."""
        position = self._host.progress.position
        after = self._activity.position
        if position is None or position.seq <= after:
            return False
        upto = min(position.seq, after + _RANGE_EVENTS)
        events = {"after_seq": after, "upto_seq": upto}
        seen = self._seen(events)
        self._activity.add(seen, self._told(events), upto)
        self._on_added()
        return upto < position.seq

    def _seen(self, events: dict[str, int]) -> list[Seen]:
        answer = self._host.query("activity", events)
        columns = zip(
            text(answer, "app_id"),
            text(answer, "player_id"),
            numbers(answer, "tracked").tolist(),
            text(answer, "session_id"),
            numbers(answer, "first_us").tolist(),
            numbers(answer, "last_us").tolist(),
            strict=True,
        )
        return [
            Seen(app_id, name, bool(tracked), session_id or None, first_us, last_us)
            for app_id, name, tracked, session_id, first_us, last_us in columns
        ]

    def _told(self, events: dict[str, int]) -> Iterator[Told]:
        answer = self._host.query("identities", events)
        body = _Body(0, [])
        for seq, app_id, name, request_id, index in zip(
            numbers(answer, "seq").tolist(),
            text(answer, "app_id"),
            text(answer, "player_id"),
            numbers(answer, "request_id").tolist(),
            numbers(answer, "index").tolist(),
            strict=True,
        ):
            if request_id != body.request_id:
                body = _Body(request_id, self._identities(request_id))
            if index < len(body.identities) and (attributes := body.identities[index].attributes()):
                yield Told(app_id, name, seq, attributes)

    def _identities(self, request_id: int) -> "list[_Identity]":
        """What each event of a request says, as if each were an identity."""
        (request,) = self._journal.read_ingest(request_id - 1, 1)
        try:
            return _decode_many(request.body)
        except msgspec.MsgspecError:
            return [_decode_one(request.body)]

    def _note(self, error: Exception) -> None:
        if self._stop.is_set():
            return
        if not self._problem:
            if isinstance(error, (EventStoreError, JournalError, ProjectionError)):
                _log.warning("players' activity is not kept up to date: %s", error)
            else:
                _log.error("players' activity is not kept up to date", exc_info=error)
        self._problem = str(error) or type(error).__name__


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


def _fits(attributes: dict[str, Any]) -> bool:
    try:
        properties(attributes, "$")
    except InvalidValue:
        return False
    return True
