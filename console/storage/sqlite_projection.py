"""SQLite files that can be rebuilt from the journal: opened, or put aside and begun anew; checkpointed in a thread."""

import logging
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from console.storage import sqlite
from console.storage.workspace import WorkspaceError, quarantine

_log = logging.getLogger(__name__)

_CHECKPOINT_SECS: Final = 2.0
_CHECKPOINT_BYTES: Final = 4 * 1024 * 1024


class ProjectionError(WorkspaceError):
    """A projection cannot be used now. The text is for people."""


class _Unusable(Exception):
    """The file's content is of no use: put it aside."""


def open_projection(
    path: Path, schema: str, *, journal_id: str, last: int, busy_timeout_secs: float = sqlite.BUSY_TIMEOUT_SECS
) -> sqlite3.Connection:
    """The file's one writing connection; the table `position` tells how far it is.

    A file that is damaged, of an unknown version, of another journal, or ahead of `last` is put aside and begun anew.
    One that was not closed is checked as a whole first. Raises ProjectionError.
    """
    try:
        try:
            return _open(path, schema, journal_id, last, busy_timeout_secs)
        except _Unusable as error:
            target = quarantine(path)
            _log.warning("%s is rebuilt from the journal: %s; the old one is %s", path.name, error, target)
            return _open(path, schema, journal_id, last, busy_timeout_secs)
    except (sqlite3.Error, OSError, _Unusable) as error:
        raise ProjectionError(f"{path} cannot be opened: {error}.") from error


def close_projection(db: sqlite3.Connection) -> None:
    """Close, and remember that nothing was left half done. Raises nothing."""
    with suppress(sqlite3.Error):  # the next start checks the file instead
        if db.in_transaction:
            db.rollback()
        db.execute("UPDATE position SET clean = 1")
    with suppress(sqlite3.Error):
        db.close()


def _open(path: Path, schema: str, journal_id: str, last: int, busy_timeout_secs: float) -> sqlite3.Connection:
    db: sqlite3.Connection | None = None
    try:
        db = sqlite.connect_projection(path, busy_timeout_secs=busy_timeout_secs)
        sqlite.migrate(db, schema)
        row = db.execute("SELECT journal_id, reached, clean FROM position").fetchone()
        if row is None:
            db.execute("INSERT INTO position (journal_id, reached, clean) VALUES (?, 0, 1)", (journal_id,))
            row = (journal_id, 0, True)
        if row[0] != journal_id:
            raise _Unusable("it belongs to another journal")
        if row[1] > last:
            raise _Unusable("it is ahead of its journal")
        if not row[2] and (problem := sqlite.quick_check(db)):
            raise _Unusable(problem)
        db.execute("UPDATE position SET clean = 0")
        return db
    except BaseException as error:
        if db is not None:
            db.close()
        if isinstance(error, sqlite.SchemaTooNew) or (isinstance(error, sqlite3.DatabaseError) and _is_content(error)):
            raise _Unusable(str(error)) from error
        raise


def _is_content(error: sqlite3.DatabaseError) -> bool:
    """Whether SQLite refused what the file holds, and not the disk or another process."""
    text = str(error)
    return type(error) is sqlite3.DatabaseError or "no such" in text or "already exists" in text


class Checkpointer:
    """A thread that brings a file's log into it, so that whoever writes never waits for the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = path.with_name(path.name + "-wal")
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name=f"{self._path.stem} checkpoints", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Idempotent."""
        self._stop.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_CHECKPOINT_SECS):
            try:
                if self._log.stat().st_size > _CHECKPOINT_BYTES:
                    self._checkpoint()
            except (OSError, sqlite3.Error) as error:  # the log grows; the file stays right
                _log.info("%s could not be checkpointed: %s", self._path.name, error)

    def _checkpoint(self) -> None:
        db = sqlite.connect_projection(self._path)
        try:
            db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        finally:
            db.close()
