"""The sessions of a timeline, one lane each: which there are, when they played, in which order they stand. Pure."""

from bisect import insort
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from console.columns import numbers, text
from console.messages import Columns, EventRow
from console.telemetry.events import EventKind
from console.ui.clock import TimeRange
from console.ui.selection import Scope

MAX_LANES: Final = 20_000
_MINUTE_US: Final = 60_000_000
_DAY_US: Final = 86_400_000_000
# Clocks differ by seconds, by minutes where nothing sets them. Whoever is further ahead would take the present of all
# others out of sight: a zone that was taken for another is hours.
_AHEAD_US: Final = 10 * _MINUTE_US
# Nobody plays a recorded game before this: a clock that says so was never set.
_EARLIEST_US: Final = 946_684_800_000_000  # 2000-01-01

Key = tuple[str, str]  # of a session: application, session


@dataclass(slots=True)
class Lane:
    """One session. `number` is its own for as long as the scope is the same, wherever it stands."""

    number: int
    app_id: str
    session_id: str
    build_id: str
    player_id: str
    first_us: int
    last_us: int
    first_seq: int  # of its first event received

    @property
    def key(self) -> Key:
        return self.app_id, self.session_id

    @property
    def order(self) -> tuple[int, str, int]:
        """The newest minute first; players who began together stand in order of their names, as in the dock."""
        return -(self.first_us // _MINUTE_US), self.player_id, -self.first_us


class Lanes:
    """Sessions in scope, those that began last first, at most MAX_LANES.

    `matching` counts those in scope, listed or not; `known` all there are. Sessions whose clock says what cannot be are
    listed, and do not stretch the `extent` of the recording; those of clocks that are hours ahead do where there are no
    others, as it may be this computer's clock that is slow.
    """

    def __init__(self, answer: Columns | None = None, now_us: int = 0) -> None:
        """`answer` is that of the query `timeline_lanes`."""
        self.rows: list[Lane] = []
        self.matching = 0
        self.known = 0
        self._extent: TimeRange | None = None
        self._extent_ahead: TimeRange | None = None  # of sessions whose clock is ahead by less than a day
        self._lanes: dict[Key, Lane] = {}
        self._odd: set[Key] = set()
        self._unlisted: set[Key] = set()  # there was no room for a lane of theirs
        self._row_of: list[int] | None = None
        if answer is not None and answer.rows:
            self._take(answer, now_us)

    def in_order(self) -> list[tuple[str, str, str]]:
        """Application, session and player of all that are listed, in the order in which they came to be known.

        Unlike the order of their times, what comes later, or late, changes nothing of it.
        """
        lanes = sorted(self.rows, key=lambda lane: (lane.first_seq, lane.key))
        return [(lane.app_id, lane.session_id, lane.player_id) for lane in lanes]

    @property
    def extent(self) -> TimeRange | None:
        """From the first to the last moment that can be; None while there is none."""
        return self._extent or self._extent_ahead

    @property
    def odd(self) -> int:
        """How many sessions tell times that cannot be."""
        return len(self._odd)

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, key: Key) -> Lane | None:
        return self._lanes.get(key)

    def row_of(self) -> list[int]:
        """By number: the row that a lane stands in."""
        if self._row_of is None:
            self._row_of = [0] * len(self.rows)
            for row, lane in enumerate(self.rows):
                self._row_of[lane.number] = row
        return self._row_of

    def row_of_key(self, key: Key) -> int | None:
        lane = self._lanes.get(key)
        return None if lane is None else self.row_of()[lane.number]

    def note(self, rows: Iterable[EventRow], scope: Scope, now_us: int) -> bool:
        """Take in what arrived; True when lanes came to be, or reach further."""
        changed = False
        for row in rows:
            if not row.session_id or row.kind is EventKind.PLAYER_API:
                continue
            end_us = row.time_us + row.duration_us
            key = row.app_id, row.session_id
            lane = self._lanes.get(key)
            if lane is None:
                changed |= self._add(row, key, scope, end_us, now_us)
            elif row.time_us < lane.first_us or end_us > lane.last_us:
                # The lane keeps its place: lanes that jump while somebody looks at them are worse than a wrong minute.
                lane.first_us, lane.last_us = min(row.time_us, lane.first_us), max(end_us, lane.last_us)
                changed = True
                self._reach(key, row.time_us, end_us, now_us)
        return changed

    def _take(self, answer: Columns, now_us: int) -> None:
        self.matching = int(numbers(answer, "matching")[0])
        self.known = int(numbers(answer, "known")[0])
        names = ("app_id", "session_id", "build_id", "player_id")
        texts = zip(*(text(answer, name) for name in names), strict=True)
        times = zip(*(numbers(answer, name).tolist() for name in ("first_us", "last_us", "first_seq")), strict=True)
        for (app, session, build, player), (first_us, last_us, first_seq) in zip(texts, times, strict=True):
            lane = Lane(len(self._lanes), app, session, build, player, first_us, last_us, first_seq)
            self._lanes[lane.key] = lane
            self._reach(lane.key, first_us, last_us, now_us)
        self.rows = sorted(self._lanes.values(), key=lambda lane: lane.order)
        earliest_us = int(numbers(answer, "earliest_us")[0])
        if self._extent is not None and 0 < earliest_us < self._extent.start_us:  # of sessions that are not listed
            self._extent = TimeRange(earliest_us, self._extent.end_us)

    def _add(self, row: EventRow, key: Key, scope: Scope, end_us: int, now_us: int) -> bool:
        if not scope.admits(row.app_id, row.build_id, row.session_id):
            return False
        if key not in self._unlisted:
            self.matching += 1
            self.known += 1
        self._reach(key, row.time_us, end_us, now_us)
        if len(self.rows) >= MAX_LANES:
            self._unlisted.add(key)
        else:
            lane = Lane(len(self.rows), *key, row.build_id, row.player_id, row.time_us, end_us, row.seq)
            self._lanes[key] = lane
            insort(self.rows, lane, key=lambda lane: lane.order)
            self._row_of = None
        return True

    def _reach(self, key: Key, first_us: int, last_us: int, now_us: int) -> None:
        ahead = last_us > now_us + _AHEAD_US
        if ahead or first_us < _EARLIEST_US:
            self._odd.add(key)
        if first_us < _EARLIEST_US or last_us > now_us + _DAY_US:
            return
        if ahead:
            self._extent_ahead = _reaching(self._extent_ahead, first_us, last_us)
        else:
            self._extent = _reaching(self._extent, first_us, last_us)


def _reaching(extent: TimeRange | None, first_us: int, last_us: int) -> TimeRange:
    if extent is None:
        return TimeRange(first_us, last_us)
    if extent.start_us <= first_us and last_us <= extent.end_us:
        return extent
    return TimeRange(min(first_us, extent.start_us), max(last_us, extent.end_us))
