"""Transactions of SQLite files."""

import sqlite3
from collections.abc import Iterator

import pytest

from console.storage.sqlite import transaction


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("CREATE TABLE numbers (number INTEGER PRIMARY KEY)")
    db.execute("CREATE TABLE notes (number INTEGER REFERENCES numbers DEFERRABLE INITIALLY DEFERRED)")
    yield db
    db.close()


def write(db: sqlite3.Connection, *statements: str, error: BaseException | None = None) -> None:
    with transaction(db):
        for statement in statements:
            db.execute(statement)
        if error is not None:
            raise error


def test_a_transaction_is_kept_as_a_whole_or_not_at_all(db: sqlite3.Connection) -> None:
    write(db, "INSERT INTO numbers VALUES (1)")
    with pytest.raises(KeyboardInterrupt):
        write(db, "INSERT INTO numbers VALUES (2)", error=KeyboardInterrupt())
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):  # told by the commit alone
        write(db, "INSERT INTO numbers VALUES (3)", "INSERT INTO notes VALUES (99)")
    write(db, "INSERT INTO numbers VALUES (4)")
    assert db.execute("SELECT number FROM numbers").fetchall() == [(1,), (4,)]
    assert not db.in_transaction


def test_a_rollback_that_fails_does_not_hide_what_went_wrong(db: sqlite3.Connection) -> None:
    with pytest.raises(ValueError, match="why"):
        write(db, "ROLLBACK", error=ValueError("why"))  # as SQLite does by itself where the disk is full

    def refuse_transactions(action: int, *_: str | None) -> int:
        return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_TRANSACTION and db.in_transaction else sqlite3.SQLITE_OK

    db.set_authorizer(refuse_transactions)
    with pytest.raises(ValueError, match="why"):
        write(db, error=ValueError("why"))
    db.set_authorizer(None)
    assert db.in_transaction, "the rollback did fail"
