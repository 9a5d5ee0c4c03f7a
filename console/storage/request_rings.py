"""Which of the requests that stored no events are kept: rings, so that no sort of them pushes out another."""

from collections import deque
from collections.abc import Sequence

from msgspec import Struct

from console.messages import INJECTED


class RingBounds(Struct, frozen=True):
    """At most so many rows, and so many bytes; one row is kept however large it is."""

    rows: int
    bytes: int


class RingsBounds(Struct, frozen=True, kw_only=True):
    """`rejected` requests, those of them whose sender showed no known key, and `answered` look-ups."""

    rejected: RingBounds = RingBounds(20_000, 256 * 1024 * 1024)
    keyless: RingBounds = RingBounds(2_000, 16 * 1024 * 1024)
    answered: RingBounds = RingBounds(5_000, 64 * 1024 * 1024)


class _Ring:
    """The kept requests of one sort: ids and bytes, the oldest first."""

    def __init__(self, bounds: RingBounds) -> None:
        self._bounds = bounds
        self._kept: deque[tuple[int, int]] = deque()
        self._bytes = 0

    def add(self, request_id: int, kept_bytes: int) -> list[int]:
        """Keep one more; returns the ids of those that have to go for it."""
        self._kept.append((request_id, kept_bytes))
        self._bytes += kept_bytes
        gone = []
        while len(self._kept) > self._bounds.rows or (self._bytes > self._bounds.bytes and len(self._kept) > 1):
            oldest, freed_bytes = self._kept.popleft()
            self._bytes -= freed_bytes
            gone.append(oldest)
        return gone


class RequestRings:
    """A program that looks up players again and again never pushes a rejection out, nor does one that tries keys."""

    def __init__(self, bounds: RingsBounds) -> None:
        self._rejected = _Ring(bounds.rejected)
        self._keyless = _Ring(bounds.keyless)
        self._answered = _Ring(bounds.answered)

    def add(self, request_id: int, status: int, error: str, app_id: str, kept_bytes: int) -> Sequence[int]:
        """Keep one more; returns the ids of those that have to go for it."""
        return self._ring_of(status, error, app_id).add(request_id, kept_bytes)

    def _ring_of(self, status: int, error: str, app_id: str) -> _Ring:
        if status < 400 or error == INJECTED:
            return self._answered
        return self._keyless if is_keyless(status, app_id) else self._rejected


def is_keyless(status: int, app_id: str) -> bool:
    """Whether a rejected request showed no known key: its sender may be anybody."""
    return status == 401 and not app_id
