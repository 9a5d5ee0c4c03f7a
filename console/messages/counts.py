"""Values that cross the console API about what came in since a mark."""

from msgspec import Struct


class Mark(Struct, frozen=True, kw_only=True):
    """A moment of the recording, to count from: the last request and event before it, and rejections up to it.

    `at_us` is when, µs since 1970-01-01 UTC. Zeros: the beginning of the recording.
    """

    request_id: int = 0
    seq: int = 0
    rejected: int = 0
    at_us: int = 0

    @property
    def text(self) -> str:
        """As command lines and query strings carry it: `read_mark` reads it."""
        return f"{self.request_id}-{self.seq}-{self.rejected}-{self.at_us}"


class AppCounts(Struct, frozen=True, kw_only=True):
    """What came from one application. Without an `app_id`: from senders whose key is not known, or who gave none."""

    app_id: str
    requests: int = 0
    events: int = 0
    rejected: int = 0


class Counts(Struct, frozen=True, kw_only=True):
    """Accepted requests, their events, and rejected requests, since a mark.

    `rejected` is exact. Those of an application are of rejections that are still told apart: in a flood, or once the
    oldest are no longer kept, they may be fewer. What fault injection answered is no rejection.
    """

    since: Mark
    requests: int
    events: int
    rejected: int
    applications: list[AppCounts]


def read_mark(text: str) -> Mark | None:
    """The mark that a text stands for, None when it is no mark."""
    parts = text.split("-")
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in parts):
        return None
    request_id, seq, rejected, at_us = map(int, parts)
    return Mark(request_id=request_id, seq=seq, rejected=rejected, at_us=at_us)
