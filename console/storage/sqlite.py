"""Opening SQLite files: durable, versioned, with errors that say which file."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

BUSY_TIMEOUT_SECS: Final = 0.5  # of projections: whoever writes one alone waits for nobody
_MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaTooNew(Exception):
    """The file was written by a newer version of the program."""


def connect(path: Path, *, busy_timeout_secs: float = 5.0) -> sqlite3.Connection:
    """A connection in autocommit mode that any one thread at a time may use.

    WAL lets readers go on while the writer commits; `synchronous=FULL` syncs the WAL at every commit, and
    `fullfsync` makes macOS reach the disk and not only its cache. Raises sqlite3.Error.
    """
    db = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=128, timeout=busy_timeout_secs
    )
    try:
        db.execute("PRAGMA page_size = 16384")  # half the cost of 4096 for batches; holds for new files only
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA fullfsync = ON")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA trusted_schema = OFF")
    except BaseException:
        db.close()
        raise
    return db


def connect_projection(path: Path, *, busy_timeout_secs: float = BUSY_TIMEOUT_SECS) -> sqlite3.Connection:
    """A writing connection to what can be rebuilt, in autocommit mode: no commit waits for the disk.

    A power cut may take the last commits, never the file's soundness. The log is for a `Checkpointer` to bring in.
    Raises sqlite3.Error.
    """
    db = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=128, timeout=busy_timeout_secs
    )
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("PRAGMA journal_size_limit = 67108864")
        db.execute("PRAGMA trusted_schema = OFF")
    except BaseException:
        db.close()
        raise
    return db


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads. Raises sqlite3.Error, also when the file is not there."""
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False)
    try:
        # "mode=ro" cannot create the shared-memory file that WAL needs; query_only refuses writes just as well.
        db.execute("PRAGMA query_only = ON")
        db.execute("PRAGMA trusted_schema = OFF")
    except BaseException:
        db.close()
        raise
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """What is written inside is kept as a whole, or nothing of it. Raises sqlite3.Error, and what is raised inside."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # What went wrong says more than a rollback that fails as well.
        with suppress(sqlite3.Error):
            if db.in_transaction:
                db.execute("ROLLBACK")
        raise


def migrate(db: sqlite3.Connection, name: str) -> None:
    """Bring a file to the newest schema of `migrations/<name>/`, each step whole or not at all.

    `user_version` holds the number of the last step. Raises SchemaTooNew, or sqlite3.Error.
    """
    steps = migration_steps(name)
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(steps):
        raise SchemaTooNew(f"its schema is version {version}, this program knows {len(steps)}")
    for number, sql in enumerate(steps[version:], start=version + 1):
        try:
            db.executescript(f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")
        except BaseException:
            if db.in_transaction:
                db.rollback()
            raise


def migration_steps(name: str) -> list[str]:
    """The SQL of every step, in order. The files are named `0001_….sql`, without gaps."""
    return [file.read_text("utf-8") for file in sorted((_MIGRATIONS / name).glob("[0-9]*.sql"))]


def quick_check(db: sqlite3.Connection) -> str:
    """ "" when the file is sound, else the first thing wrong."""
    (answer,) = db.execute("PRAGMA quick_check(1)").fetchone()
    return "" if answer == "ok" else str(answer)


class ReaderPool:
    """Connections that are reused, each by one thread at a time. One that met an error is closed."""

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False

    def close(self) -> None:
        """Idempotent. A read under way ends first, on its own connection."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for db in idle:
            db.close()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection for the length of one read. Raises what connecting and the read raise."""
        with self._lock:
            db = self._idle.pop() if self._idle else None
        if db is None:
            db = self._connect()
        try:
            yield db
        except BaseException:
            db.close()
            raise
        with self._lock:
            if not self._closed:
                self._idle.append(db)
                return
        db.close()
