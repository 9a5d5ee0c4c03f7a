"""The events on a timeline's lanes: what the store found, what arrived since, which is nearest to a place. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from console.columns import categories, numbers
from console.messages import Columns, EventRow
from console.telemetry.events import EventKind
from console.ui.level.marker_signs import is_deadly
from console.ui.timeline.lanes import Key
from console.ui.timeline.span import Span

MAX_LIVE: Final = 40_000
_CROWD: Final = 10_000
KINDS: Final = (EventKind.GAMEPLAY, EventKind.FUNNEL)
# How a tick is painted; where several fall on a pixel, the lowest number is.
DEATH, FUNNEL, GAMEPLAY = 1, 2, 3

Ints = NDArray[np.int64]
Grid = NDArray[np.uint8]


@dataclass(frozen=True)
class Tick:
    """One event, and how many of its kind lie so close to it that they share a mark."""

    seq: int
    request_id: int
    index: int
    key: Key
    kind: EventKind
    time_us: int
    name: str
    level_id: str
    place: tuple[float, float, float] | None
    events: int


def grid_of(rows: Ints, times_us: Ints, kinds: NDArray[np.uint8], span: Span, size: tuple[int, int]) -> Grid:
    """Which kind to paint where: `(rows, columns)` of 0, or the lowest kind there. Rows out of range are left out."""
    lanes, width = size
    grid = np.zeros((lanes, width), dtype=np.uint8)
    inside = (rows >= 0) & (rows < lanes) & (times_us >= span.start_us) & (times_us <= span.end_us)
    rows, times_us, kinds = rows[inside], times_us[inside], kinds[inside]
    columns = np.minimum((times_us - span.start_us) * (width / span.length_us), width - 1).astype(np.int64)
    for kind in np.unique(kinds)[::-1]:  # what is rare over what is frequent
        chosen = kinds == kind
        grid[rows[chosen], columns[chosen]] = kind
    return grid


class Ticks:
    """`number_of` tells a session's lane by its key, None for a session that has none.

    Ticks are those of the last answer, and of rows that arrived and are not in it. Live rows past MAX_LIVE go, the
    oldest first: `crowded` says that it is time to ask again.
    """

    def __init__(self) -> None:
        self._lanes = self._times = self._empty = np.zeros(0, dtype=np.int64)
        self._kinds: NDArray[np.uint8] = np.zeros(0, dtype=np.uint8)
        self._answer: Columns | None = None
        self._live: list[tuple[int, int, EventRow]] = []  # lane, how it is painted, row
        self._left_over = 0
        self._packed: tuple[int, Ints, Ints, NDArray[np.uint8]] | None = None
        self._revision = 0

    def __len__(self) -> int:
        return len(self._times) + len(self._live)

    @property
    def crowded(self) -> bool:
        """Whether many rows arrived since the last answer."""
        return len(self._live) > self._left_over + _CROWD

    @property
    def live(self) -> list[EventRow]:
        """Rows that arrived and are not in the last answer."""
        return [row for _, _, row in self._live]

    def start_over(self, number_of: Callable[[Key], int | None]) -> None:
        """Forget the answer: lanes have other numbers. What arrived since stays."""
        live = self.live
        self._answer, self._live, self._left_over = None, [], 0
        self._lanes = self._times = self._empty
        self._kinds = np.zeros(0, dtype=np.uint8)
        self._revision += 1
        self.add(live, number_of)

    def take(self, answer: Columns, number_of: Callable[[Key], int | None]) -> None:
        """What the query `timeline_ticks` found, in place of what there was."""
        self._answer = answer
        if answer.rows:
            self._lanes = _lanes_of(answer, number_of)
            self._times = numbers(answer, "time_us").astype(np.int64)
            self._kinds = _looks_of(answer)
            upto = int(numbers(answer, "upto_seq")[0])
            self._live = [entry for entry in self._live if entry[2].seq > upto]
        else:
            self._lanes = self._times = self._empty
            self._kinds = np.zeros(0, dtype=np.uint8)
        self._left_over = len(self._live)
        self._revision += 1

    def add(self, rows: Iterable[EventRow], number_of: Callable[[Key], int | None]) -> bool:
        """Take in what arrived; True when some of it belongs on a lane."""
        # Words are looked for once a name, not once a row: names are few.
        looks: dict[tuple[int, str], int] = {}
        taken = False
        for row in rows:
            if row.kind in KINDS:
                number = number_of((row.app_id, row.session_id))
                if number is not None:
                    what = (row.kind, row.name)
                    look = looks.get(what)
                    if look is None:
                        look = looks[what] = look_of(*what)
                    self._live.append((number, look, row))
                    taken = True
        if len(self._live) > MAX_LIVE:
            del self._live[: len(self._live) - MAX_LIVE]
        if taken:
            self._revision += 1
        return taken

    def grid(self, row_of: list[int], first_row: int, span: Span, size: tuple[int, int]) -> Grid:
        """What to paint on `size` (lanes, pixels) from a row on; `row_of` tells a lane's row by its number."""
        lanes, times, kinds = self._table()
        if not len(times) or not row_of:
            return np.zeros(size, dtype=np.uint8)
        rows = np.where(lanes < 0, -1, np.asarray(row_of, dtype=np.int64)[lanes] - first_row)
        return grid_of(rows, times, kinds, span, size)

    def nearest(self, number: int, time_us: int, within_us: int) -> Tick | None:
        """The event of a lane that is closest to a moment; of two as close, the one that is painted."""
        lanes, times, kinds = self._table()
        distance = np.where(lanes == number, np.abs(times - time_us), within_us + 1)
        if not len(distance) or int(distance.min()) > within_us:
            return None
        closest = np.flatnonzero(distance == distance.min())
        found = int(min(closest, key=lambda at: (kinds[at], at)))
        return self._tick(found)

    def find(self, seq: int) -> Tick | None:
        """The tick of an event that has one of its own."""
        if self._answer is not None and self._answer.rows:
            hits = np.flatnonzero(numbers(self._answer, "seq") == seq)
            if len(hits):
                return self._tick(int(hits[0]))
        offset = len(self._times)
        return next((self._tick(offset + at) for at, (_, _, row) in enumerate(self._live) if row.seq == seq), None)

    def _table(self) -> tuple[Ints, Ints, NDArray[np.uint8]]:
        if self._packed is None or self._packed[0] != self._revision:
            live = self._live
            lanes = np.fromiter((number for number, _, _ in live), dtype=np.int64, count=len(live))
            times = np.fromiter((row.time_us for _, _, row in live), dtype=np.int64, count=len(live))
            kinds = np.fromiter((look for _, look, _ in live), dtype=np.uint8, count=len(live))
            self._packed = (
                self._revision,
                np.concatenate([self._lanes, lanes]),
                np.concatenate([self._times, times]),
                np.concatenate([self._kinds, kinds]),
            )
        return self._packed[1:]

    def _tick(self, at: int) -> Tick:
        if at >= len(self._times):
            return _tick_of(self._live[at - len(self._times)][2])
        answer = self._answer
        assert answer is not None
        words = {name: _word(answer, name, at) for name in ("app_id", "session_id", "name", "level_id")}
        x, y, z = (float(numbers(answer, axis)[at]) for axis in "xyz")
        return Tick(
            seq=int(numbers(answer, "seq")[at]),
            request_id=int(numbers(answer, "request_id")[at]),
            index=int(numbers(answer, "index")[at]),
            key=(words["app_id"], words["session_id"]),
            kind=EventKind(int(numbers(answer, "kind")[at])),
            time_us=int(self._times[at]),
            name=words["name"],
            level_id=words["level_id"],
            place=None if np.isnan([x, y, z]).any() else (x, y, z),
            events=int(numbers(answer, "events")[at]),
        )


def look_of(kind: int, name: str) -> int:
    """How the tick of an event is painted."""
    if kind == EventKind.FUNNEL:
        return FUNNEL
    return DEATH if is_deadly(name) else GAMEPLAY


def _looks_of(answer: Columns) -> NDArray[np.uint8]:
    codes, names = categories(answer, "name")
    deadly = np.array([is_deadly(name) for name in [*names, ""]], dtype=np.bool_)[codes]
    looks = np.where(deadly, DEATH, GAMEPLAY)
    return np.where(numbers(answer, "kind") == EventKind.FUNNEL, FUNNEL, looks).astype(np.uint8)


def _tick_of(row: EventRow) -> Tick:
    known = row.x is not None and row.y is not None and row.z is not None
    return Tick(
        seq=row.seq,
        request_id=row.request_id,
        index=row.index,
        key=(row.app_id, row.session_id),
        kind=row.kind,
        time_us=row.time_us,
        name=row.name,
        level_id=row.level_id,
        place=(row.x or 0.0, row.y or 0.0, row.z or 0.0) if known else None,
        events=1,
    )


def _word(answer: Columns, name: str, at: int) -> str:
    codes, values = categories(answer, name)
    code = int(codes[at])
    return "" if code < 0 else values[code]


def _lanes_of(answer: Columns, number_of: Callable[[Key], int | None]) -> Ints:
    """Each row's lane, −1 where its session has none."""
    apps, app_ids = categories(answer, "app_id")
    sessions, session_ids = categories(answer, "session_id")
    pairs, which = np.unique(apps.astype(np.int64) * len(session_ids) + sessions, return_inverse=True)
    found = [
        number_of((app_ids[pair // len(session_ids)], session_ids[pair % len(session_ids)])) for pair in pairs.tolist()
    ]
    return np.array([-1 if number is None else number for number in found], dtype=np.int64)[which]
