"""Rejected requests and bookmarks on a timeline: moments with something to pick. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from console.messages import EventRow, RequestRow
from console.ui.requests.model import admits, is_rejected
from console.ui.selection import Picked, Scope
from console.ui.timeline.span import Span
from console.ui.widgets.formatting import status_meaning, visible

MAX_MARKS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment, what picking it shows, and what it is in words."""

    time_us: int
    picked: Picked
    words: str


class Marks:
    """Marks in order of time, the newest `most` of them; each thing at most once."""

    def __init__(self, marks: Iterable[Mark] = (), most: int = MAX_MARKS) -> None:
        self._most = most
        self._marks: dict[Picked, Mark] = {}
        self._sorted: tuple[list[Mark], NDArray[np.int64]] | None = None
        self.add(marks)

    def __len__(self) -> int:
        return len(self._marks)

    def add(self, marks: Iterable[Mark]) -> bool:
        """Take more in; True when there were any."""
        before = len(self._marks)
        self._marks |= {mark.picked: mark for mark in marks}
        if len(self._marks) == before:
            return False
        self._sorted = None
        if len(self._marks) > self._most:
            self._marks = {mark.picked: mark for mark in self._in_order()[0][-self._most :]}
            self._sorted = None
        return True

    def columns(self, span: Span, width: int) -> list[int]:
        """The pixels to mark, each once."""
        _, times = self._in_order()
        first, last = np.searchsorted(times, [span.start_us, span.end_us + 1])
        inside = (times[first:last] - span.start_us) * (width / span.length_us)
        found: list[int] = np.unique(inside.astype(np.int64)).tolist()
        return found

    def nearest(self, time_us: int, within_us: int) -> tuple[Mark, int] | None:
        """The mark closest to a moment, and how many lie as near as that or nearer than `within_us`."""
        marks, times = self._in_order()
        first, last = np.searchsorted(times, [time_us - within_us, time_us + within_us + 1])
        if first == last:
            return None
        closest = min(range(first, last), key=lambda at: abs(marks[at].time_us - time_us))
        return marks[closest], int(last - first)

    def _in_order(self) -> tuple[list[Mark], NDArray[np.int64]]:
        if self._sorted is None:
            marks = sorted(self._marks.values(), key=lambda mark: mark.time_us)
            self._sorted = marks, np.array([mark.time_us for mark in marks], dtype=np.int64)
        return self._sorted


def rejections(rows: Iterable[RequestRow], scope: Scope) -> list[Mark]:
    """The rejected ones of these requests that the scope includes, when they were received."""
    return [
        Mark(row.received_at_us, Picked(row.request_id), f"{status_meaning(row.status)}: {_reason(row)}")
        for row in rows
        if is_rejected(row) and admits(scope, row)
    ]


def bookmarked_events(rows: Iterable[EventRow], scope: Scope) -> list[Mark]:
    """The bookmarked events that the scope includes, when they happened."""
    return [
        Mark(row.time_us, Picked.event(row), visible(row.name) or row.kind.label)
        for row in rows
        if scope.admits(row.app_id, row.build_id, row.session_id)
    ]


def bookmarked_requests(rows: Iterable[RequestRow], scope: Scope) -> list[Mark]:
    """The bookmarked requests that the scope includes, when they were received."""
    return [
        Mark(row.received_at_us, Picked(row.request_id), f"Request {row.request_id:,}: {visible(row.route)}")
        for row in rows
        if admits(scope, row)
    ]


def _reason(row: RequestRow) -> str:
    return visible(row.first_error or row.error, 160)
