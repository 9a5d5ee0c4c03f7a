"""One text in place of its many copies: what a session's rows say again and again is kept once."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from msgspec.structs import force_setattr

from console.messages import EventRow, RequestRow, TrajectoryRow

R = TypeVar("R", EventRow, RequestRow, TrajectoryRow)

MAX_TEXTS: Final = 65_536

_EVENT: Final = ("name", "app_id", "build_id", "player_id", "session_id", "level_id", "status", "player_name")
_REQUEST: Final = ("method", "route", "app_id", "key_label", "peer", "client", "error", "first_error", "injected")
_TRAJECTORY: Final = ("app_id", "build_id", "player_id", "session_id", "level_id")


class SharedTexts:
    """Gives rows that were just decoded the texts of those before them: a table of 200,000 rows takes half the memory.

    A decoder makes every text anew. At most `limit` texts are remembered; past that all are forgotten, and the next
    rows bring those that are in use.
    """

    def __init__(self, limit: int = MAX_TEXTS) -> None:
        self._limit = limit
        self._texts: dict[str, str] = {}

    def in_events(self, rows: Sequence[EventRow]) -> Sequence[EventRow]:
        """The same rows."""
        return self._share(rows, _EVENT)

    def in_requests(self, rows: Sequence[RequestRow]) -> Sequence[RequestRow]:
        """The same rows."""
        return self._share(rows, _REQUEST)

    def in_trajectories(self, rows: Sequence[TrajectoryRow]) -> Sequence[TrajectoryRow]:
        """The same rows."""
        return self._share(rows, _TRAJECTORY)

    def _share(self, rows: Sequence[R], fields: Iterable[str]) -> Sequence[R]:
        known = self._texts.setdefault
        for row in rows:
            for field in fields:
                text = getattr(row, field)
                # The empty text is one already. A row is frozen for those who get it: nobody has it yet.
                if text and (kept := known(text, text)) is not text:
                    force_setattr(row, field, kept)
        if len(self._texts) > self._limit:
            self._texts.clear()
        return rows
