"""Rejections that were counted, in a flood, but not kept: what they were, as far as a bounded table can tell."""

from typing import Final

from msgspec import Struct

from console.storage.journal_records import OtherRequest
from console.telemetry.failure_lines import failure_pattern

MAX_LINES: Final = 2_000


class RejectionLine(Struct, frozen=True, gc=False):
    """Rejections that agree in all of this; times in µs since 1970-01-01 UTC.

    `newest_id` is the newest of those that are kept, None where none is; then `first_error` is only their pattern.
    """

    status: int
    error: str
    first_error: str
    route: str
    peer: str
    app_id: str
    key_label: str
    client: str
    count: int
    first_us: int
    last_us: int
    newest_id: int | None = None

    @property
    def pattern(self) -> str:
        """What they have in common with requests that failed in the same way."""
        return self.first_error if self.newest_id is None else failure_pattern(self.first_error)


class _Count(Struct, gc=False):
    count: int
    first_us: int
    last_us: int


_Key = tuple[int, str, str, str, str, str, str, str]


class UnlistedTally:
    """Counted on the loop; `lines` may be called from any thread. Forgotten when the server stops."""

    def __init__(self, max_lines: int = MAX_LINES) -> None:
        self._max_lines = max_lines
        self._counts: dict[_Key, _Count] = {}

    def add(self, request: OtherRequest) -> None:
        """Count one rejection. Once the table is full, new senders count as one without a name."""
        pattern = failure_pattern(request.first_error)
        key: _Key = (
            request.status, request.error, pattern, request.route, request.peer, request.app_id, request.key_label,
            request.client,
        )  # fmt: skip
        known = self._counts.get(key)
        if known is None and len(self._counts) >= self._max_lines:
            # One line a status and code, of which there are few: these always have a place.
            key = (request.status, request.error, "", "", "", "", "", "")
            known = self._counts.get(key)
        if known is None:
            self._counts[key] = _Count(1, request.received_at_us, request.received_at_us)
            return
        known.count += 1
        known.last_us = max(known.last_us, request.received_at_us)

    def lines(self) -> list[RejectionLine]:
        """What was counted since the server started."""
        return [
            RejectionLine(*key, found.count, found.first_us, found.last_us) for key, found in list(self._counts.items())
        ]
