"""When sessions were on which level, and when anybody in scope did anything: pieces of time that grow. Pure."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from console.columns import numbers, text
from console.messages import Columns, EventRow
from console.telemetry.events import UNASSIGNED_LEVEL, EventKind
from console.ui.clock import TimeRange
from console.ui.timeline.lanes import Key
from console.ui.timeline.span import Span

GAP_US: Final = 10_000_000  # nothing heard for longer: nobody played
_LEVEL_HUES: Final = 6  # as many as a theme's series has
_LEVEL_COLOURS: Final = 2 * _LEVEL_HUES  # in two strengths
# Live pieces of a session: one that turns to another level with every event would fill the memory.
_MOST: Final = 2_000
_OF_LEVELS: Final = (EventKind.GAMEPLAY, EventKind.FUNNEL, EventKind.TRAJECTORY)


@dataclass(frozen=True, slots=True)
class Piece:
    """A session on a level."""

    level_id: str
    start_us: int
    end_us: int


class LevelPieces:
    """By session, in order of time.

    Levels have numbers, and with them colours, that are made of their names: the same each time, whichever lanes are in
    sight first. Where two names make the same hue the second takes the next free one: a hue in its other strength is
    hard to tell from itself, and stands for a level once there is no other hue.
    """

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self._pieces: dict[Key, list[Piece]] = {}

    def of(self, key: Key) -> list[Piece]:
        """The pieces of a session, the earliest first."""
        return self._pieces.get(key, [])

    def at(self, key: Key, time_us: int) -> str:
        """The level a session was on, the nearest one in time; "" when none is known."""
        pieces = self.of(key)
        if not pieces:
            return ""
        return min(pieces, key=lambda piece: max(piece.start_us - time_us, time_us - piece.end_us, 0)).level_id

    def take(self, answer: Columns) -> None:
        """What the query `timeline_levels` found: in place of what there was, but for what arrived meanwhile."""
        if not answer.rows:
            return
        found: dict[Key, list[Piece]] = {}
        columns = (text(answer, name) for name in ("app_id", "session_id", "level_id"))
        times = (numbers(answer, name).tolist() for name in ("start_us", "end_us"))
        for level_id in sorted(set(text(answer, "level_id"))):
            self._number(level_id)
        for app_id, session_id, level_id, start_us, end_us in zip(*columns, *times, strict=True):
            found.setdefault((app_id, session_id), []).append(Piece(level_id, start_us, end_us))
        for key, pieces in found.items():
            for late in self._pieces.get(key, []):
                if late.end_us > pieces[-1].end_us:
                    start_us = max(late.start_us, pieces[-1].end_us)
                    _extend(pieces, Piece(late.level_id, start_us, late.end_us))
        self._pieces |= found

    def add(self, rows: Iterable[EventRow]) -> None:
        """Take in what arrived. A row that names no level goes on with the session's last one."""
        for row in rows:
            if row.kind in _OF_LEVELS and row.session_id:
                pieces = self._pieces.setdefault((row.app_id, row.session_id), [])
                level_id = row.level_id or (pieces[-1].level_id if pieces else UNASSIGNED_LEVEL)
                self._number(level_id)
                _extend(pieces, Piece(level_id, row.time_us, row.time_us + row.duration_us))
                if len(pieces) > 2 * _MOST:
                    del pieces[:-_MOST]

    def _number(self, level_id: str) -> None:
        if level_id in self.numbers:
            return
        made = zlib.crc32(level_id.encode("utf-8", "surrogatepass"))
        taken = set(self.numbers.values())
        turns = (first + (made + step) % _LEVEL_HUES for first in (0, _LEVEL_HUES) for step in range(_LEVEL_HUES))
        self.numbers[level_id] = next((number for number in turns if number not in taken), made % _LEVEL_COLOURS)


def _extend(pieces: list[Piece], piece: Piece) -> None:
    last = pieces[-1] if pieces else None
    if last is not None and last.level_id == piece.level_id and piece.start_us - last.end_us <= GAP_US:
        start_us, end_us = min(last.start_us, piece.start_us), max(last.end_us, piece.end_us)
        if (start_us, end_us) != (last.start_us, last.end_us):
            pieces[-1] = replace(last, start_us=start_us, end_us=end_us)
    elif last is None or piece.start_us >= last.start_us:
        pieces.append(piece)
    # What is late by more than the gap shows once the store is asked again.


class Activity:
    """How much everybody in scope did over time: the shape of the recording, and its gaps."""

    def __init__(self, answer: Columns | None = None) -> None:
        """`answer` is that of the query `timeline_activity`."""
        self.arrived = 0  # rows added since
        empty = np.zeros(0, dtype=np.int64)
        filled = answer if answer is not None and answer.rows else None
        self._starts: NDArray[np.int64] = empty if filled is None else numbers(filled, "start_us").astype(np.int64)
        self._ends: NDArray[np.int64] = empty if filled is None else numbers(filled, "end_us").astype(np.int64)
        self._events: NDArray[np.int64] = empty if filled is None else numbers(filled, "events").astype(np.int64)

    def add(self, rows: Iterable[EventRow]) -> None:
        """Take in what arrived; what the next answer holds as well counts there."""
        heard = [
            (row.time_us, row.time_us + row.duration_us, row.kind is not EventKind.TRAJECTORY)
            for row in rows
            if row.kind in _OF_LEVELS
        ]
        self.arrived += len(heard)
        if heard:
            starts, ends, events = np.array(heard, dtype=np.int64).T
            self._starts = np.concatenate([self._starts, starts])
            self._ends = np.concatenate([self._ends, ends])
            self._events = np.concatenate([self._events, events])

    def busy(self) -> list[TimeRange]:
        """When anybody did anything, with what is less than GAP_US apart taken together."""
        if not len(self._starts):
            return []
        order = np.argsort(self._starts, kind="stable")
        starts, reach = self._starts[order], np.maximum.accumulate(self._ends[order])
        begins = np.concatenate([[True], starts[1:] - reach[:-1] > GAP_US])
        lasts = np.concatenate([np.flatnonzero(begins)[1:] - 1, [len(starts) - 1]])
        return [TimeRange(int(a), int(b)) for a, b in zip(starts[begins], reach[lasts], strict=True)]

    def heights(self, span: Span, columns: int) -> NDArray[np.float64]:
        """How many events fall into each of so many columns of a span, from 0 to 1 of the fullest one."""
        inside = (self._starts >= span.start_us) & (self._starts <= span.end_us)
        at = (self._starts[inside] - span.start_us) * (columns / span.length_us)
        sums = np.bincount(
            np.minimum(at, columns - 1).astype(np.int64), weights=self._events[inside], minlength=max(columns, 1)
        )
        return sums / max(float(sums.max()), 1.0)
