"""The journal: every request, verbatim, on disk before it is acknowledged.

The loop collects what arrives; one writer thread commits it in groups. While one group is being synced the next one
grows, so the cost of a sync is shared by as many requests as happen to wait: no timer, no added latency when idle.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue

from msgspec import Struct
from msgspec.structs import replace

from console.messages import RequestDetail, RequestRow
from console.storage.journal_reader import JournalReader
from console.storage.journal_records import (
    ACCEPTED_RESPONSE,
    MAX_KEPT_BODY_BYTES,
    Committed,
    IngestRequest,
    JournalBroken,
    JournalCounters,
    JournaledIngest,
    JournalError,
    JournalFull,
    OtherRequest,
    PlayerRequest,
    Receipt,
)
from console.storage.journal_writer import JournalWriter, plain_text
from console.storage.note_allowances import NoteAllowances
from console.storage.request_rings import RingsBounds
from console.storage.unlisted import RejectionLine, UnlistedTally

__all__ = [
    "ACCEPTED_RESPONSE",
    "MAX_KEPT_BODY_BYTES",
    "Committed",
    "IngestRequest",
    "Journal",
    "JournalBroken",
    "JournalCounters",
    "JournalError",
    "JournalFull",
    "JournaledIngest",
    "OtherRequest",
    "PlayerRequest",
    "Receipt",
]

_log = logging.getLogger(__name__)

_ENTRY_BYTES = 1024  # what a waiting request costs beside its body, roughly
_MAX_GROUP = 4096
_NOTE_LINGER_SECS = 0.1  # how long a request that nobody waits for waits for others

_Entry = tuple[IngestRequest | OtherRequest, "asyncio.Future[Receipt] | None"]


class _Outcome(Struct, gc=False):
    """What became of some entries: all of them committed, or none and why."""

    entries: list[_Entry]
    unlisted: int = 0
    committed: list[Committed] = []
    error: str = ""


class Journal:
    """Use `append`, `note` and `start` on the event loop; `close` and every read from any thread.

    `on_commit` is called on the loop, once a commit, with what became durable, after the senders were told.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], int] = time.time_ns,
        max_pending_bytes: int = 64 * 1024 * 1024,
        max_pending: int = 50_000,
        bounds: RingsBounds = RingsBounds(),  # noqa: B008  # immutable
        max_notes_per_sec: float = 200.0,
    ) -> None:
        self.on_commit: Callable[[Sequence[Committed]], None] | None = None
        self._writer = JournalWriter(path, clock, bounds=bounds)
        self._reader = JournalReader(path)
        self._max_pending_bytes = max_pending_bytes
        self._max_pending = max_pending
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        # Touched on the loop only:
        self._arriving: list[_Entry] = []
        self._awaited = False  # someone waits for one of them
        self._pending = 0
        self._pending_bytes = 0
        self._allowances = NoteAllowances(max_notes_per_sec)
        self._tally = UnlistedTally()
        self._unlisted = 0  # counted, not yet committed
        self._unlisted_handed_over = 0
        # Handed over:
        self._queue: SimpleQueue[tuple[list[_Entry], int] | None] = SimpleQueue()
        self._hand_over_lock = threading.Lock()
        self._problem = ""

    # life

    def start(self) -> None:
        """Open the file and start the writer; call on the loop. Raises JournalError."""
        self._loop = asyncio.get_running_loop()
        self._writer.open()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what waits, then close. Idempotent. Blocks for the last sync."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._hand_over()
            self._queue.put(None)
            thread.join()
        self._reader.close()

    # writing

    def append(self, request: IngestRequest) -> "asyncio.Future[Receipt]":
        """Have an accepted request written; the future is done when it is on disk.

        Raises JournalFull at once when too much waits. The future raises JournalBroken when the disk refuses: then the
        request must not be acknowledged.
        """
        size = _waiting_bytes(request)
        if self._pending >= self._max_pending or (
            self._pending and self._pending_bytes + size > self._max_pending_bytes
        ):
            raise JournalFull("Requests arrive faster than the disk can take them.")
        assert self._loop is not None
        future: asyncio.Future[Receipt] = self._loop.create_future()
        if self._thread is None:
            future.set_exception(JournalBroken("The journal is closed."))
            return future
        if not self._awaited:
            self._awaited = True
            self._loop.call_soon(self._hand_over)
        self._arriving.append((request, future))
        self._pending += 1
        self._pending_bytes += size
        return future

    def note(self, request: OtherRequest) -> bool:
        """Have a rejected or other request kept, without waiting. False when it was counted only.

        That happens in a flood, and when so much waits that the room is left to accepted requests.
        """
        if self._thread is None:
            return False
        assert self._loop is not None
        size = _waiting_bytes(request)
        crowded = self._pending * 2 > self._max_pending or (
            self._pending and (self._pending_bytes + size) * 2 > self._max_pending_bytes
        )
        if crowded or not self._allowances.take(request):
            if request.rejected:
                self._unlisted += 1
                self._tally.add(request)
            return False
        if not self._arriving:  # nobody waits for it: many together cost one commit
            self._loop.call_later(_NOTE_LINGER_SECS, self._hand_over)
        self._arriving.append((request, None))
        self._pending += 1
        self._pending_bytes += size
        return True

    # reading

    @property
    def counters(self) -> JournalCounters:
        """Totals, as of the last commit, plus what was counted only since."""
        counters = self._writer.counters
        unlisted = self._unlisted
        if not unlisted:
            return counters
        return JournalCounters(
            last_request_id=counters.last_request_id,
            last_seq=counters.last_seq,
            requests=counters.requests + unlisted,
            rejected=counters.rejected + unlisted,
            unlisted=counters.unlisted + unlisted,
        )

    @property
    def pending(self) -> int:
        """Requests that wait for the disk."""
        return self._pending

    @property
    def problem(self) -> str:
        """Why the last group could not be written, or ""."""
        return self._problem

    def journal_id(self) -> str:
        """What tells this journal from every other: a projection of another one is of no use. Raises JournalError."""
        return self._reader.journal_id()

    def read_ingest(self, after_request_id: int, max_events: int) -> list[JournaledIngest]:
        """Accepted requests after an id, in order, in bounded pieces; see JournalReader. Raises JournalError."""
        return self._reader.ingests(after_request_id, max_events)

    def position_before(self, seq: int) -> int:
        """A request after which `read_ingest` finds every event from `seq` on. Raises JournalError."""
        return self._reader.request_before(seq)

    def read_from_seq(self, seq: int, max_events: int) -> list[JournaledIngest]:
        """Accepted requests from the one that holds an event, or else the next one; bounded like `read_ingest`.

        Raises JournalError.
        """
        return self._reader.ingests_from_seq(seq, max_events)

    def player_requests(self, after_request_id: int, limit: int) -> list[PlayerRequest]:
        """What accepted requests of the player API did, in order, to be done again. Raises JournalError."""
        return self._reader.player_requests(after_request_id, limit)

    def player_answer(self, request_id: int) -> tuple[int, bytes] | None:
        """Status and body of the answer to an accepted request of the player API. Raises JournalError."""
        return self._reader.player_answer(request_id)

    def requests(
        self, *, before_id: int | None = None, limit: int = 1000, rejected_only: bool = False
    ) -> list[RequestRow]:
        """The newest requests older than `before_id`, oldest first. Raises JournalError."""
        rows = self._reader.rows(before_id, limit, rejected_only)
        return [self._with_latest_time(row) for row in rows]

    def detail(self, request_id: int) -> RequestDetail | None:
        """One request, whole; None when it is not there, or no longer. Raises JournalError."""
        detail = self._reader.detail(request_id)
        return None if detail is None else replace(detail, row=self._with_latest_time(detail.row))

    def rejections(self, since_us: int = 0) -> list[RejectionLine]:
        """What rejected requests there are, kept or only counted since the start; equal ones in one line.

        Of those that were only counted the first and last time is known: they are left out when the last is before
        `since_us`. Raises JournalError.
        """
        return self._reader.rejections(since_us) + [line for line in self._tally.lines() if line.last_us >= since_us]

    def accepted_after(self, request_id: int) -> list[tuple[str, int, int]]:
        """Application, requests and events of what was accepted after an id. Raises JournalError."""
        return self._reader.accepted_after(request_id)

    def rejected_lines(self, status: int, error: str) -> list[tuple[int, str]]:
        """Id and first error of each kept rejection with this status and code, newest first. Raises JournalError."""
        return self._reader.rejected_lines(status, error)

    def requests_by_id(self, request_ids: Sequence[int]) -> list[RequestRow]:
        """Requests that stored no events, oldest first; unknown ids are passed over. Raises JournalError."""
        return self._reader.other_rows(request_ids)

    def quick_check(self) -> str:
        """ "" when the file is sound, else the first thing wrong. Raises JournalError when it cannot be read."""
        return self._reader.quick_check()

    # on the loop

    def _hand_over(self) -> None:
        with self._hand_over_lock:  # `close` may run on another thread
            arriving, self._arriving = self._arriving, []
            self._awaited = False
            unlisted = self._unlisted - self._unlisted_handed_over
            self._unlisted_handed_over += unlisted
            if arriving or unlisted:
                self._queue.put((arriving, unlisted))

    def _finish(self, outcomes: list[_Outcome]) -> None:
        for outcome in outcomes:
            self._unlisted_handed_over -= outcome.unlisted
            if outcome.error:
                for _, future in outcome.entries:
                    if future is not None and not future.done():
                        future.set_exception(JournalBroken(outcome.error))
            else:
                self._unlisted -= outcome.unlisted
                for (_, future), (_, receipt, _) in zip(outcome.entries, outcome.committed, strict=True):
                    if future is not None and not future.done():  # the sender may have gone
                        future.set_result(receipt)
            for request, _ in outcome.entries:
                self._pending -= 1
                self._pending_bytes -= _waiting_bytes(request)
        if self.on_commit is not None:
            for outcome in outcomes:
                if outcome.committed:
                    self._tell(self.on_commit, outcome.committed)

    def _tell(self, on_commit: Callable[[Sequence[Committed]], None], committed: list[Committed]) -> None:
        try:
            on_commit(committed)
        except Exception:  # whoever listens must not stop the journal
            _log.exception("telling of a commit failed")

    def _with_latest_time(self, row: RequestRow) -> RequestRow:
        """A commit's time is written with the next commit; until then it is known here."""
        latest = self._writer.last_commit
        if latest is None or row.took_us is not None or not latest[0] <= row.request_id <= latest[1]:
            return row
        return replace(row, took_us=max(0, latest[2] - row.received_at_us))

    # on the writer's thread

    def _run(self) -> None:
        closing = False
        while not closing:
            entries, unlisted, closing = self._next_group()
            if entries or unlisted:
                outcomes = self._commit(entries, unlisted)
                assert self._loop is not None
                with suppress(RuntimeError):  # the loop is gone: nobody waits
                    self._loop.call_soon_threadsafe(self._finish, outcomes)
        self._writer.close()

    def _next_group(self) -> tuple[list[_Entry], int, bool]:
        entries: list[_Entry] = []
        unlisted = 0
        part = self._queue.get()
        while part is not None:
            entries += part[0]
            unlisted += part[1]
            if len(entries) >= _MAX_GROUP:
                return entries, unlisted, False
            try:
                part = self._queue.get_nowait()
            except Empty:
                return entries, unlisted, False
        return entries, unlisted, True

    def _commit(self, entries: list[_Entry], unlisted: int) -> list[_Outcome]:
        try:
            committed = self._writer.write([request for request, _ in entries], unlisted)
        except JournalBroken as error:
            self._note_problem(str(error))
            return [_Outcome(entries, unlisted, error=str(error))]
        except Exception:  # a value that SQLite cannot hold: only its own request may suffer
            return [_Outcome([], unlisted, error="counted with the next commit"), *map(self._commit_alone, entries)]
        self._note_problem("")
        return [_Outcome(entries, unlisted, committed)]

    def _commit_alone(self, entry: _Entry) -> _Outcome:
        try:
            return _Outcome([entry], 0, self._writer.write([plain_text(entry[0])], 0))
        except JournalBroken as error:
            self._note_problem(str(error))
            return _Outcome([entry], error=str(error))
        except Exception as error:
            _log.exception("a request could not be stored")
            return _Outcome([entry], error=f"The request cannot be stored: {error}.")

    def _note_problem(self, problem: str) -> None:
        if problem and not self._problem:
            _log.error("%s", problem)
        elif self._problem and not problem:
            _log.info("the journal can be written again")
        self._problem = problem


def _waiting_bytes(request: IngestRequest | OtherRequest) -> int:
    size = len(request.body) + _ENTRY_BYTES
    return size + len(request.response if isinstance(request, OtherRequest) else request.commands)
