"""The catalog's bookmarks: events and requests that a person wants to find again."""

import sqlite3

from console.messages.filters import MAX_BOOKMARKS, BookmarkChanges, BookmarkKind, Bookmarks
from console.storage.catalog_rules import CatalogError, Transaction


class BookmarkTable:
    """Works in transactions of the catalog, which it is handed."""

    def __init__(self, *, reading: Transaction, changing: Transaction) -> None:
        self._reading = reading
        self._changing = changing

    def all(self) -> Bookmarks:
        """Every bookmark."""
        with self._reading() as db:
            return _all(db)

    def change(self, changes: BookmarkChanges) -> Bookmarks:
        """Set or clear some; twice is as once. Raises CatalogError when there would be too many."""
        rows = [(changes.kind, number) for number in changes.ids]
        with self._changing() as db:
            if changes.bookmarked:
                db.executemany("INSERT OR IGNORE INTO bookmarks VALUES (?, ?)", rows)
            else:
                db.executemany("DELETE FROM bookmarks WHERE kind = ? AND id = ?", rows)
            found = _all(db)
            if len(found.events) + len(found.requests) > MAX_BOOKMARKS:
                raise CatalogError("too_many", f"At most {MAX_BOOKMARKS:,} bookmarks can be kept: clear some first.")
            return found


def _all(db: sqlite3.Connection) -> Bookmarks:
    return Bookmarks(events=_ids(db, "event"), requests=_ids(db, "request"))


def _ids(db: sqlite3.Connection, kind: BookmarkKind) -> list[int]:
    return [number for (number,) in db.execute("SELECT id FROM bookmarks WHERE kind = ? ORDER BY id", (kind,))]
