"""The catalog's mark: where tests of games count from. Kept, so that one command may set it and another count."""

from console.messages.counts import Mark
from console.storage.catalog_rules import Transaction


class MarkTable:
    """Works in transactions of the catalog, which it is handed."""

    def __init__(self, *, reading: Transaction, changing: Transaction) -> None:
        self._reading = reading
        self._changing = changing

    def get(self) -> Mark:
        """The mark that was set last; the beginning when none was."""
        with self._reading() as db:
            row = db.execute("SELECT request_id, seq, rejected, at_us FROM mark").fetchone()
        if row is None:
            return Mark()
        request_id, seq, rejected, at_us = row
        return Mark(request_id=request_id, seq=seq, rejected=rejected, at_us=at_us)

    def set(self, mark: Mark) -> None:
        """Replace the mark."""
        with self._changing() as db:
            db.execute(
                "INSERT OR REPLACE INTO mark VALUES (1, ?, ?, ?, ?)",
                (mark.request_id, mark.seq, mark.rejected, mark.at_us),
            )
