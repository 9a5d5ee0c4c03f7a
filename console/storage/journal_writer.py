"""The journal's one writer: turns groups of requests into commits."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec

from console.storage import sqlite
from console.storage.journal_records import (
    MAX_KEPT_BODY_BYTES,
    Committed,
    IngestRequest,
    JournalBroken,
    JournalCounters,
    JournalError,
    OtherRequest,
    Receipt,
)
from console.storage.request_rings import RequestRings, RingsBounds

Request = IngestRequest | OtherRequest

# Rows per INSERT. Each statement is one call into SQLite, which gives up the interpreter lock and must win it back
# from a busy loop: few large statements commit sooner than many small ones.
_CHUNKS = (128, 32, 8, 1)
_INGEST_COLUMNS = 14
_PLAYER_COLUMNS = 4
_OTHER_COLUMNS = 22
_WAL_PAGES_BEFORE_CHECKPOINT = 1000


def _inserts(table: str, columns: int) -> dict[int, str]:
    row = f"({','.join('?' * columns)})"
    return {size: f"INSERT INTO {table} VALUES {','.join([row] * size)}" for size in _CHUNKS}  # noqa: S608


_INSERT_INGESTS = _inserts("ingests", _INGEST_COLUMNS)
_INSERT_PLAYERS = _inserts("player_requests", _PLAYER_COLUMNS)
_INSERT_OTHERS = _inserts("others", _OTHER_COLUMNS)


class JournalWriter:
    """Belongs to one thread at a time. `counters` may be read from any: it is replaced, never changed."""

    def __init__(
        self,
        path: Path,
        clock: Callable[[], int],
        *,
        bounds: RingsBounds = RingsBounds(),  # noqa: B008  # immutable
    ) -> None:
        self._path = path
        self._clock = clock
        self._bounds = bounds
        self._db: sqlite3.Connection | None = None
        self._rings = RequestRings(bounds)
        self.counters = JournalCounters()
        self.last_commit: tuple[int, int, int] | None = None  # first and last request_id, committed_at_us

    def open(self) -> None:
        """Open the file and continue from its last commit. Raises JournalError."""
        try:
            self._connect()
        except (sqlite3.Error, OSError) as error:
            self._disconnect()
            raise JournalError(f"The journal {self._path} cannot be opened: {error}.") from error
        except sqlite.SchemaTooNew as error:
            self._disconnect()
            raise JournalError(f"The journal {self._path} was written by a newer version: {error}.") from error

    def close(self) -> None:
        """Write down the last commit's time and close. Idempotent; raises nothing."""
        if self._db is not None and self.last_commit is not None:
            with suppress(sqlite3.Error):  # only a latency of the history would be lost
                self._write_commit_time(self._db)
        self._disconnect()

    def write(self, requests: Sequence[Request], unlisted: int) -> list[Committed]:
        """Commit all or nothing; `unlisted` rejections are counted only.

        Raises JournalBroken when the disk refuses. Anything else that is raised lies in the values of a request. In
        both cases nothing of this group is acknowledged, and the next call starts afresh.
        """
        try:
            return self._write(requests, unlisted)
        except (sqlite3.OperationalError, OSError, sqlite.SchemaTooNew) as error:
            self._disconnect()
            raise JournalBroken(f"The journal cannot be written: {error}.") from error
        except sqlite3.DatabaseError as error:
            self._disconnect()
            if type(error) is sqlite3.DatabaseError:  # "malformed", "not a database"; subclasses are about values
                raise JournalBroken(f"The journal is damaged: {error}.") from error
            raise
        except Exception:
            self._disconnect()
            raise

    def _write(self, requests: Sequence[Request], unlisted: int) -> list[Committed]:
        db = self._db or self._connect()
        before = self.counters
        request_id = before.last_request_id
        next_seq = before.last_seq + 1
        rejected = before.rejected + unlisted
        ingests: list[tuple[Any, ...]] = []
        players: list[tuple[Any, ...]] = []
        others: list[tuple[Any, ...]] = []
        injected: list[tuple[int, str]] = []
        receipts: list[Receipt] = []
        for request in requests:
            request_id += 1
            if isinstance(request, IngestRequest):
                ingests.append(_ingest_row(request_id, next_seq, request))
                if request.commands:
                    players.append((request_id, request.status, request.response, request.commands))
                receipts.append(Receipt(request_id, next_seq))
                next_seq += request.events
            else:
                others.append(_other_row(request_id, request))
                receipts.append(Receipt(request_id, 0))
                rejected += request.rejected
            if request.injected:
                injected.append((request_id, request.injected))
        after = JournalCounters(
            last_request_id=request_id,
            last_seq=next_seq - 1,
            requests=before.requests + len(requests) + unlisted,
            rejected=rejected,
            unlisted=before.unlisted + unlisted,
        )
        db.execute("BEGIN IMMEDIATE")
        _insert(db, _INSERT_INGESTS, ingests)
        _insert(db, _INSERT_PLAYERS, players)
        if others:
            _insert(db, _INSERT_OTHERS, others)
        if injected:
            db.executemany("INSERT INTO injected VALUES (?,?)", injected)
        if others:
            self._trim_rings(db, others)
        if self.last_commit is not None:
            self._write_commit_time(db)
        db.execute(
            "INSERT INTO commits VALUES (?,?,?,?,?,NULL) ON CONFLICT DO UPDATE SET"
            " requests = excluded.requests, rejected = excluded.rejected, unlisted = excluded.unlisted",
            (request_id, after.last_seq, after.requests, after.rejected, after.unlisted),
        )
        db.execute("COMMIT")
        committed_at_us = self._clock() // 1000
        self.counters = after
        if requests:
            self.last_commit = (before.last_request_id + 1, request_id, committed_at_us)
        return [(request, receipt, committed_at_us) for request, receipt in zip(requests, receipts, strict=True)]

    def _write_commit_time(self, db: sqlite3.Connection) -> None:
        assert self.last_commit is not None
        _, last_request_id, committed_at_us = self.last_commit
        db.execute(
            "UPDATE commits SET committed_at_us = ? WHERE last_request_id = ?", (committed_at_us, last_request_id)
        )

    def _trim_rings(self, db: sqlite3.Connection, rows: list[tuple[Any, ...]]) -> None:
        gone: list[int] = []
        for row in rows:
            gone += self._rings.add(request_id=row[0], status=row[2], error=row[15], app_id=row[8], kept_bytes=row[6])
        _delete_others(db, gone)

    def _connect(self) -> sqlite3.Connection:
        db = self._db = sqlite.connect(self._path)
        db.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES_BEFORE_CHECKPOINT}")
        db.execute("PRAGMA journal_size_limit = 67108864")
        sqlite.migrate(db, "journal")
        row = db.execute(
            "SELECT last_request_id, last_seq, requests, rejected, unlisted FROM commits"
            " ORDER BY last_request_id DESC LIMIT 1"
        ).fetchone()
        found = JournalCounters(*row) if row is not None else JournalCounters()
        # A commit that failed may be on disk after all, and a file may have been replaced under us: ids never go back.
        self.counters = max(self.counters, found, key=lambda counters: counters.last_request_id)
        self._rings = RequestRings(self._bounds)
        gone: list[int] = []
        for row in db.execute("SELECT request_id, status, error, app_id, kept_bytes FROM others ORDER BY request_id"):
            gone += self._rings.add(*row)
        _delete_others(db, gone)
        return db

    def _disconnect(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            with suppress(sqlite3.Error):  # the disk may be failing; the connection is given up either way
                if db.in_transaction:
                    db.rollback()
            with suppress(sqlite3.Error):
                db.close()


def plain_text(request: Request) -> Request:
    """The request with lone surrogates replaced: header bytes that are not UTF-8 decode to them."""
    texts = {
        name: value.encode("utf-8", "replace").decode("utf-8")
        for name in request.__struct_fields__
        if isinstance(value := getattr(request, name), str)
    }
    return msgspec.structs.replace(request, **texts)


def _insert(db: sqlite3.Connection, statements: dict[int, str], rows: list[tuple[Any, ...]]) -> None:
    start = 0
    for size in _CHUNKS:
        while len(rows) - start >= size:
            db.execute(statements[size], tuple(chain.from_iterable(rows[start : start + size])))
            start += size


def _delete_others(db: sqlite3.Connection, request_ids: list[int]) -> None:
    if request_ids:
        ids = msgspec.json.encode(request_ids).decode()
        for table in ("others", "injected"):
            db.execute(f"DELETE FROM {table} WHERE request_id IN (SELECT value FROM json_each(?))", (ids,))  # noqa: S608


def _ingest_row(request_id: int, first_seq: int, request: IngestRequest) -> tuple[Any, ...]:
    return (
        request_id,
        request.received_at_us,
        first_seq,
        request.events,
        request.wire_bytes,
        request.app_id,
        request.key_id,
        request.key_label,
        request.peer,
        request.method,
        request.route,
        request.client,
        request.headers,
        request.body,
    )


def _other_row(request_id: int, request: OtherRequest) -> tuple[Any, ...]:
    details = msgspec.json.encode(request.details)
    body = request.body[:MAX_KEPT_BODY_BYTES]
    return (
        request_id,
        request.received_at_us,
        request.status,
        request.events,
        request.wire_bytes,
        len(request.body),
        len(body) + len(request.response) + len(request.headers) + len(details) + 512,
        request.took_us,
        request.app_id,
        request.key_id,
        request.key_label,
        request.peer,
        request.method,
        request.route,
        request.client,
        request.error,
        request.first_error,
        request.error_message,
        details,
        request.headers,
        request.response,
        body,
    )
