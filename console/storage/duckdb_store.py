"""The event store on DuckDB, embedded.

One connection writes; every question has a cursor of its own and sees the last committed state. DuckDB is imported
when the store is opened, on the projector's thread.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from console.columns import Array, TextColumn
from console.messages import Check
from console.storage.assigned_levels import keep_assigned_levels
from console.storage.event_store import AssignedLevel, ColumnBatch, EventStoreError, Position
from console.storage.named_queries import named_query
from console.storage.session_parts import SessionParts
from console.storage.sqlite import migration_steps
from console.storage.worked_out import Batch, streamed, worked_out
from console.storage.workspace import quarantine

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_log = logging.getLogger(__name__)

_OPENING_TIMEOUT_SECS: Final = 30.0
_CLOSING_TIMEOUT_SECS: Final = 10.0
_INTERRUPT_AGAIN_SECS: Final = 0.05
_LOOK_SECS: Final = 0.1
_MEMORY_LIMIT: Final = "1GB"
_TEMP_LIMIT: Final = "4GB"
_BATCH_ROWS: Final = 122_880  # a batch and what is made of it fit into the processor's cache
_CHECKPOINT_LOG: Final = "64MB"


class _Unusable(Exception):
    """The file's content is of no use: put it aside."""


class DuckDbStore:
    """An EventStore in one file; see the protocol."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = threading.Lock()
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._db: duckdb.DuckDBPyConnection | None = None
        self._asking: set[duckdb.DuckDBPyConnection] = set()
        self._closed = False
        self._damaged = False
        self._invalidated = False
        self._position = Position()
        self._parts: SessionParts | None = None
        self._assigned: Sequence[AssignedLevel] | None = None  # None: nobody has said yet

    @property
    def needs_migration(self) -> bool:
        return self._damaged or self._invalidated

    def migrate(self, journal_id: str, last: Position) -> None:
        self._disconnect()
        import duckdb

        try:
            if self._damaged:
                self._put_aside("a question found it damaged")
            try:
                db = self._open(journal_id, last)
            except _Unusable as error:
                self._put_aside(str(error))
                db = self._open(journal_id, last)
        except (duckdb.Error, OSError, _Unusable) as error:
            raise EventStoreError(f"The event store {self._path} cannot be opened: {error}") from error
        self._invalidated = False
        with self._writing:
            try:
                self._keep_assigned(db)
            except EventStoreError:
                db.close()
                raise
            with self._lock:
                if not self._closed:
                    self._db = db
                    self._changed.notify_all()
                    return
        db.close()

    def append(self, batch: ColumnBatch) -> None:
        with self._writing:  # the connection must not be closed under it
            db, parts = self._db, self._parts
            if db is None or parts is None:
                raise EventStoreError("The event store is not open.")
            if batch.upto.request_id <= self._position.request_id:
                return
            if batch.after != self._position:
                raise EventStoreError(f"A batch after {batch.after} does not follow on {self._position}.")
            self._insert(db, parts, batch)
            self._position = batch.upto

    def _insert(self, db: "duckdb.DuckDBPyConnection", parts: SessionParts, batch: ColumnBatch) -> None:
        import duckdb

        tables = {"events": batch.events, "trajectories": batch.trajectories, "samples": batch.samples}
        try:
            for table, rows in tables.items():
                db.register(f"new_{table}", rows)
            db.begin()
            for table, rows in tables.items():
                if rows.num_rows:
                    db.execute(f"INSERT INTO {table} BY NAME SELECT * FROM new_{table}")  # noqa: S608  # constants
            parts.add()
            db.execute("UPDATE position SET request_id = ?, seq = ?", [batch.upto.request_id, batch.upto.seq])
            db.commit()
        except (duckdb.Error, MemoryError) as error:
            with suppress(duckdb.Error):
                db.rollback()
            raise EventStoreError(f"The event store {self._path} cannot be written: {error}") from error
        finally:
            for table in tables:
                with suppress(duckdb.Error):
                    db.unregister(f"new_{table}")

    def position(self) -> Position:
        if self._db is None:
            raise EventStoreError("The event store is not open.")
        return self._position

    def query(
        self, name: str, params: Mapping[str, Any], is_wanted: Callable[[], bool] | None = None
    ) -> dict[str, Array | Sequence[str | None]]:
        sql, values = named_query(name).question(params)
        with self._cursor() as cursor, _broken_off(cursor, is_wanted):
            if (answer_of := streamed(name)) is not None:
                cursor.begin()  # what it reaches is what it reads
                row = cursor.execute("SELECT seq FROM position").fetchone()
                return answer_of(_batches(cursor.execute(sql, values)), row[0] if row is not None else 0, params)
            answer = cursor.execute(sql, values).to_arrow_table()
        return worked_out(name, {column: _column(answer.column(column)) for column in answer.column_names}, params)

    def assign_levels(self, assigned: Sequence[AssignedLevel]) -> None:
        with self._writing:
            self._assigned = assigned
            if self._db is not None:
                self._keep_assigned(self._db)

    def _keep_assigned(self, db: "duckdb.DuckDBPyConnection") -> None:
        import duckdb

        try:
            if self._assigned is not None:
                keep_assigned_levels(db, self._assigned)
        except (duckdb.Error, MemoryError) as error:
            raise EventStoreError(f"The event store {self._path} cannot be written: {error}") from error

    def health(self) -> list[Check]:
        name = "Event store"
        hint = "It is a projection: stop the server and remove events.duckdb, the next start rebuilds it."
        try:
            with self._cursor() as cursor:
                rows = 0
                for table in ("events", "trajectories", "samples", "session_parts"):
                    # Hashing the rows reads every block, and with it verifies every checksum.
                    sql = f"SELECT count(*), bit_xor(hash(t)) FROM {table} t"  # noqa: S608  # constants
                    rows += (cursor.execute(sql).fetchone() or (0,))[0]
        except EventStoreError as error:
            return [Check(name=name, ok=False, text=str(error), hint=hint)]
        return [Check(name=name, ok=True, text=f"readable, {rows:,} rows")]

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._changed.notify_all()
        self._disconnect()

    # ----------------------------------------------------------------------------------------------------------------

    def _open(self, journal_id: str, last: Position) -> "duckdb.DuckDBPyConnection":
        """Raises _Unusable, or what DuckDB raises when the file may be sound."""
        db = _connect(self._path)
        try:
            _remove_leftovers(_temp_directory(self._path))
            _migrate(db)
            row = db.execute("SELECT journal_id, request_id, seq FROM position").fetchone()
            if row is None:
                db.execute("INSERT INTO position VALUES (?, 0, 0)", [journal_id])
                row = (journal_id, 0, 0)
            found = Position(row[1], row[2])
            if row[0] != journal_id:
                raise _Unusable("it belongs to another journal")
            if found.request_id > last.request_id or found.seq > last.seq:
                raise _Unusable("it is ahead of its journal")
            self._parts = SessionParts(db)
        except BaseException:
            db.close()
            raise
        self._position = found
        return db

    def _put_aside(self, reason: str) -> None:
        if self._path.exists():
            target = quarantine(self._path)
            _log.warning("the event store is rebuilt from the journal: %s; the old one is %s", reason, target)
        self._damaged = False

    def _disconnect(self) -> None:
        """Break off questions under way and close: a file is given up only when nobody reads it."""
        with self._lock:
            db, self._db = self._db, None
            deadline = time.monotonic() + _CLOSING_TIMEOUT_SECS
            while self._asking and time.monotonic() < deadline:
                for cursor in self._asking:
                    cursor.interrupt()
                # One that is about to be asked does not notice, so once more.
                self._changed.wait_for(lambda: not self._asking, _INTERRUPT_AGAIN_SECS)
        if db is not None:
            import duckdb

            with (
                self._writing,
                suppress(duckdb.Error),
            ):  # closing checkpoints, which a full disk refuses; the log keeps it
                db.close()

    @contextmanager
    def _cursor(self) -> "Iterator[duckdb.DuckDBPyConnection]":
        with self._lock:
            self._changed.wait_for(lambda: self._db is not None or self._closed, _OPENING_TIMEOUT_SECS)
            if self._db is None:
                raise EventStoreError("The event store is closed." if self._closed else "The event store is not open.")
            cursor = self._db.cursor()
            self._asking.add(cursor)
        import duckdb

        try:
            yield cursor
        except duckdb.InterruptException as error:
            raise EventStoreError("The question was broken off.") from error
        except duckdb.Error as error:
            # After a full disk, too, DuckDB refuses everything until the file is opened again.
            self._invalidated |= isinstance(error, (duckdb.FatalException, duckdb.InternalException))
            self._damaged |= isinstance(error, duckdb.SerializationException) or _is_content(str(error))
            raise EventStoreError(f"The event store cannot answer: {error}") from error
        finally:
            with self._lock:  # together: whoever breaks questions off finds no cursor that is closed already
                cursor.close()
                self._asking.discard(cursor)
                self._changed.notify_all()


@contextmanager
def _broken_off(cursor: "duckdb.DuckDBPyConnection", is_wanted: Callable[[], bool] | None) -> Iterator[None]:
    """Watch from a thread of its own whether a question is still wanted."""
    if is_wanted is None:
        yield
        return
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_LOOK_SECS):
            if not is_wanted():
                cursor.interrupt()

    watcher = threading.Thread(target=watch, name="question's watcher", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _temp_directory(path: Path) -> Path:
    """Where sorts that do not fit into memory go."""
    return path.parent / "temp"


def _remove_leftovers(folder: Path) -> None:
    """What a killed process did not remove: up to 4 GB. The file is locked for us, so it is nobody else's."""
    for file in folder.glob("duckdb_temp_*"):
        with suppress(OSError):
            file.unlink()


def _connect(path: Path) -> "duckdb.DuckDBPyConnection":
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "enable_external_access": False,
        "memory_limit": _MEMORY_LIMIT,
        # A checkpoint writes half-filled row groups again; the log it saves is at most this long to replay.
        "checkpoint_threshold": _CHECKPOINT_LOG,
        "temp_directory": str(_temp_directory(path)),
        "max_temp_directory_size": _TEMP_LIMIT,
        # Questions share the processor with the server's loop, which must go on answering: half of a large machine.
        # Where that is one core, two: a person waits for half as long, and the process gives way by its priority.
        "threads": max(2, (os.cpu_count() or 2) // 2),
        "python_enable_replacements": False,
        # A wrong guess of few rows would choose a join that compares everything with everything.
        "asof_loop_join_threshold": 0,
    }
    try:
        return duckdb.connect(str(path), config=config)
    except duckdb.Error as error:
        if isinstance(error, duckdb.IOException) and not _is_content(str(error)):
            raise
        raise _Unusable(str(error)) from error


def _is_content(message: str) -> bool:
    """Whether DuckDB refused what the file holds, and not the disk or another process."""
    text = message.lower()
    return any(word in text for word in ("not a valid duckdb", "version number", "corrupt", "checksum", "magic bytes"))


def _migrate(db: "duckdb.DuckDBPyConnection") -> None:
    """Bring the file to the newest schema. Raises _Unusable for one that is not ours or too new."""
    import duckdb

    steps = migration_steps("events")
    try:
        db.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)")
        row = db.execute("SELECT max(version) FROM schema_version").fetchone()
        version = row[0] if row is not None and row[0] is not None else 0
        if version > len(steps):
            raise _Unusable(f"its schema is version {version}, this program knows {len(steps)}")
        for number, sql in enumerate(steps[version:], start=version + 1):
            db.begin()
            db.execute(sql)
            db.execute("INSERT INTO schema_version VALUES (?)", [number])
            db.commit()
        db.execute("SELECT count(*) FROM position")
    except (duckdb.CatalogException, duckdb.BinderException, duckdb.ConversionException) as error:
        raise _Unusable(f"its tables are not ours: {error}") from error


def _batches(answer: "duckdb.DuckDBPyConnection") -> Iterator[Batch]:
    """The rows of a question as they come. Raises duckdb.Error."""
    import duckdb

    batches = answer.to_arrow_reader(_BATCH_ROWS)
    while True:
        try:
            batch = next(batches, None)
        except OSError as error:  # what becomes of DuckDB's errors on their way through Arrow
            kind = duckdb.InterruptException if str(error).startswith("INTERRUPT") else duckdb.Error
            raise kind(str(error)) from error
        if batch is None:
            return
        yield {name: batch.column(name).to_numpy(zero_copy_only=False) for name in batch.schema.names}


def _column(values: "pa.ChunkedArray") -> Array | Sequence[str | None]:
    import pyarrow as pa

    if pa.types.is_string(values.type):
        encoded = values.dictionary_encode().combine_chunks()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = pa.concat_arrays(encoded.unify_dictionaries().chunks)
        codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
        return TextColumn(codes, encoded.dictionary.to_pylist())
    array: Array = values.to_numpy()
    return array
