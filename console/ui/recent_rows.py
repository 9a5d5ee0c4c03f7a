"""The newest rows of the feed: for answers of the store that may not hold them yet, and for whoever looks elsewhere."""

from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Generic, TypeVar

from console.messages import EventRow, TrajectoryRow

R = TypeVar("R", bound=EventRow | TrajectoryRow)

RECENT_ROWS = 20_000
# What is shown in one piece when somebody looks again: of more, the store's answer is cheaper for the window.
MAX_UNSEEN = 2_000


class RecentRows(Generic[R]):
    """Keeps as many rows as there is room for, and knows how many of them came while nobody looked.

    A view that is hidden does nothing with its rows. Shown again it either catches up on them, or asks the store once.
    """

    def __init__(self, limit: int = RECENT_ROWS, max_unseen: int = MAX_UNSEEN) -> None:
        self._rows: deque[R] = deque(maxlen=limit)
        self._max_unseen = min(limit, max_unseen)
        self._unseen = 0

    def add(self, rows: Sequence[R], *, seen: bool) -> None:
        """Rows that came just now; `seen`: they are shown at once."""
        self._rows.extend(rows)
        if not seen:
            self._unseen += len(rows)
        elif rows and self._unseen:  # what nobody saw lies behind what is shown: the newest are no longer just those
            self._unseen = self._max_unseen + 1

    def beyond(self, last_seq_of: Callable[[R], int]) -> list[R]:
        """Those that an answer cannot hold, which reaches to `last_seq_of` a row. With both, all are seen."""
        self._unseen = 0
        return [row for row in self._rows if row.seq > last_seq_of(row)]

    def catch_up(self) -> list[R] | None:
        """Those that nobody saw, oldest first; None when they are too many: then the store is to be asked."""
        unseen, self._unseen = self._unseen, 0
        if unseen > self._max_unseen:
            return None
        return list(islice(self._rows, len(self._rows) - unseen, None))
