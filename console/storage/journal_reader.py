"""Reading the journal, from any thread, while the writer writes."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import msgspec
from msgspec.structs import replace

from console.messages import INJECTED, ErrorDetail, RequestDetail, RequestRow
from console.storage import sqlite
from console.storage.journal_records import ACCEPTED_RESPONSE, JournaledIngest, JournalError, PlayerRequest, Position
from console.storage.unlisted import RejectionLine

_MAX_READ_BYTES = 16 * 1024 * 1024

# The first commit that ends at or after a request holds it.
_COMMITTED_AT = (
    "(SELECT committed_at_us FROM commits WHERE last_request_id >= r.request_id ORDER BY last_request_id LIMIT 1)"
)

_INGEST_ROWS = f"""
SELECT r.request_id, received_at_us, method, route, ifnull(p.status, 200), events, length(body),
       {_COMMITTED_AT} - received_at_us, app_id, key_label, peer, client, '', '', ifnull(f.what, '')
FROM ingests r LEFT JOIN player_requests p ON p.request_id = r.request_id
LEFT JOIN injected f ON f.request_id = r.request_id
"""  # noqa: S608  # constants

_OTHER_ROWS = """
SELECT r.request_id, received_at_us, method, route, status, events, body_bytes, took_us,
       app_id, key_label, peer, client, error, first_error, ifnull(f.what, '')
FROM others r LEFT JOIN injected f ON f.request_id = r.request_id
"""

_OTHER_ROWS_BY_ID = f"""
{_OTHER_ROWS} WHERE r.request_id IN (SELECT value FROM json_each(?)) ORDER BY r.request_id
"""  # noqa: S608  # constants

# As OtherRequest.rejected has it.
_REJECTED = f"status >= 400 AND error <> '{INJECTED}'"

_REJECTIONS = f"""
SELECT status, error, first_error, route, peer, app_id, key_label, client,
       count(*), min(received_at_us), max(received_at_us), max(request_id)
FROM others WHERE {_REJECTED} AND received_at_us >= ? GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""  # noqa: S608  # constants

_NO_LIMIT = 2**63 - 1

_details_decoder = msgspec.json.Decoder(list[ErrorDetail])
_headers_decoder = msgspec.json.Decoder(list[tuple[str, str]])


class JournalReader:
    """Connections of its own, reused; every method raises JournalError when the file cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pool = sqlite.ReaderPool(partial(sqlite.connect_reader, path))

    def close(self) -> None:
        """Idempotent. A read under way ends first, on its own connection."""
        self._pool.close()

    def journal_id(self) -> str:
        """What tells this journal from every other."""
        with self._connection() as db:
            (journal_id,) = db.execute("SELECT journal_id FROM identity").fetchone()
            return str(journal_id)

    def end(self) -> Position:
        """The last request and the last event that are committed."""
        with self._connection() as db:
            row = db.execute(
                "SELECT last_request_id, last_seq FROM commits ORDER BY last_request_id DESC LIMIT 1"
            ).fetchone()
            return Position(*row) if row is not None else Position()

    def ingests(self, after_request_id: int, max_events: int) -> list[JournaledIngest]:
        """Accepted requests after an id, in order: at least one if there is any, then as many as fit.

        Together at most `max_events` events and 16 MiB of bodies, so that a backlog is read in bounded pieces.
        """
        found: list[JournaledIngest] = []
        events = size = 0
        with self._connection() as db:
            rows = db.execute(
                "SELECT request_id, received_at_us, app_id, first_seq, events, body, x'', peer, route FROM ingests"
                " WHERE request_id > ? ORDER BY request_id LIMIT ?",
                (after_request_id, max_events),
            )
            for row in rows:
                ingest = JournaledIngest(*row)
                events += ingest.events
                size += len(ingest.body)
                if found and (events > max_events or size > _MAX_READ_BYTES):
                    break
                found.append(ingest)
            rows.close()
            if found:
                _add_commands(db, found)
        return found

    def ingests_from_seq(self, seq: int, max_events: int) -> list[JournaledIngest]:
        """As `ingests`, from the request that holds an event, or else the first one behind it."""
        return self.ingests(self.request_before(seq), max_events)

    def request_before(self, seq: int) -> int:
        """A position: every event from `seq` on comes in requests after it, and none before it but of its own request.

        Ids and sequence numbers grow together, so bisection finds it with a few reads of one row, however long the
        journal is.
        """
        with self._connection() as db:
            (last,) = db.execute("SELECT ifnull(max(request_id), 0) FROM ingests").fetchone()
            low, high = 0, last
            while low < high:
                middle = (low + high + 1) // 2
                request_id, ends = db.execute(
                    "SELECT request_id, first_seq + events FROM ingests WHERE request_id <= ?"
                    " ORDER BY request_id DESC LIMIT 1",
                    (middle,),
                ).fetchone() or (0, 0)
                if ends <= seq:
                    low = middle
                else:
                    high = request_id - 1
        return int(low)

    def player_requests(self, after_request_id: int, limit: int) -> list[PlayerRequest]:
        """What accepted requests of the player API did, in order: at least one if there is any.

        At most `limit`, and 16 MiB of commands.
        """
        found: list[PlayerRequest] = []
        size = 0
        with self._connection() as db:
            rows = db.execute(
                "SELECT request_id, received_at_us, app_id, first_seq, commands"
                " FROM player_requests CROSS JOIN ingests USING (request_id)"
                " WHERE request_id > ? ORDER BY request_id LIMIT ?",
                (after_request_id, limit),
            )
            for row in rows:
                request = PlayerRequest(*row)
                size += len(request.commands)
                if found and size > _MAX_READ_BYTES:
                    break
                found.append(request)
            rows.close()
        return found

    def player_answer(self, request_id: int) -> tuple[int, bytes] | None:
        """Status and body of what an accepted request of the player API was answered; None when there is none."""
        with self._connection() as db:
            row = db.execute(
                "SELECT status, response FROM player_requests WHERE request_id = ?", (request_id,)
            ).fetchone()
        return None if row is None else (row[0], row[1])

    def rows(self, before_id: int | None, limit: int, rejected_only: bool) -> list[RequestRow]:
        """The newest requests older than `before_id`, oldest first."""
        before = _NO_LIMIT if before_id is None else before_id
        others = f"{_OTHER_ROWS} WHERE r.request_id < ?{f' AND {_REJECTED}' if rejected_only else ''}"
        order = " ORDER BY r.request_id DESC LIMIT ?"
        with self._connection() as db:
            found = db.execute(others + order, (before, limit)).fetchall()
            if not rejected_only:
                found += db.execute(
                    f"{_INGEST_ROWS} WHERE r.request_id < ? ORDER BY r.request_id DESC LIMIT ?", (before, limit)
                ).fetchall()
        found.sort(reverse=True)
        return [RequestRow(*row) for row in reversed(found[:limit])]

    def rejections(self, since_us: int) -> list[RejectionLine]:
        """Kept rejected requests received from a time on; equal ones in one line."""
        with self._connection() as db:
            return [RejectionLine(*row) for row in db.execute(_REJECTIONS, (since_us,))]

    def accepted_after(self, request_id: int) -> list[tuple[str, int, int]]:
        """Application, requests and events of what was accepted after an id."""
        with self._connection() as db:
            return db.execute(
                "SELECT app_id, count(*), sum(events) FROM ingests WHERE request_id > ? GROUP BY app_id", (request_id,)
            ).fetchall()

    def rejected_lines(self, status: int, error: str) -> list[tuple[int, str]]:
        """Id and first error of each kept rejection with this status and code, the newest first."""
        with self._connection() as db:
            return db.execute(
                "SELECT request_id, first_error FROM others WHERE status = ? AND error = ? ORDER BY request_id DESC",
                (status, error),
            ).fetchall()

    def other_rows(self, request_ids: Sequence[int]) -> list[RequestRow]:
        """Kept requests that stored no events, by their ids, oldest first."""
        wanted = msgspec.json.encode(list(request_ids)).decode()
        with self._connection() as db:
            return [RequestRow(*row) for row in db.execute(_OTHER_ROWS_BY_ID, (wanted,))]

    def detail(self, request_id: int) -> RequestDetail | None:
        """One request, whole; None when it is not there, or no longer."""
        with self._connection() as db:
            row = db.execute(f"{_INGEST_ROWS} WHERE r.request_id = ?", (request_id,)).fetchone()
            if row is not None:
                headers, body, wire_bytes, first_seq, response = db.execute(
                    "SELECT headers, body, wire_bytes, first_seq, response"
                    " FROM ingests LEFT JOIN player_requests USING (request_id) WHERE request_id = ?",
                    (request_id,),
                ).fetchone()
                return RequestDetail(
                    row=RequestRow(*row),
                    headers=_headers_decoder.decode(headers),
                    body=body,
                    body_truncated=False,
                    wire_bytes=wire_bytes,
                    response=ACCEPTED_RESPONSE if response is None else response,
                    first_seq=first_seq,
                    error_message="",
                    details=[],
                )
            row = db.execute(f"{_OTHER_ROWS} WHERE r.request_id = ?", (request_id,)).fetchone()
            if row is None:
                return None
            headers, body, wire_bytes, response, error_message, details = db.execute(
                "SELECT headers, body, wire_bytes, response, error_message, details FROM others WHERE request_id = ?",
                (request_id,),
            ).fetchone()
        return RequestDetail(
            row=RequestRow(*row),
            headers=_headers_decoder.decode(headers),
            body=body,
            body_truncated=row[6] > len(body),
            wire_bytes=wire_bytes,
            response=response,
            first_seq=None,
            error_message=error_message,
            details=_details_decoder.decode(details),
        )

    def quick_check(self) -> str:
        """ "" when the file is sound, else the first thing wrong. Reads all of it."""
        with self._connection() as db:
            return sqlite.quick_check(db)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._pool.connection() as db:
                yield db
        except (sqlite3.Error, OSError) as error:
            raise JournalError(f"The journal {self._path} cannot be read: {error}.") from error


def _add_commands(db: sqlite3.Connection, ingests: list[JournaledIngest]) -> None:
    """One look for all of them, so that telemetry pays for a look and not for a join."""
    rows = db.execute(
        "SELECT request_id, commands FROM player_requests WHERE request_id BETWEEN ? AND ?",
        (ingests[0].request_id, ingests[-1].request_id),
    )
    commands = dict(rows.fetchall())
    if commands:
        for index, ingest in enumerate(ingests):
            if (found := commands.get(ingest.request_id)) is not None:
                ingests[index] = replace(ingest, commands=found)
