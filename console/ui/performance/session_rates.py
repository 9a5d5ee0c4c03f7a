"""The frame rates of one session over time: bounded, in order, without Qt."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Application and session: two applications may use the same session id.
SessionKey = tuple[str, str]
# From and to, in µs since 1970, both included.
Span = tuple[int, int]

MAX_POINTS = 100_000  # of a session
# Two trajectories this far apart are not joined by a line: nobody knows what was between.
GAP_US = 10_000_000

MEAN, LOW_5, LOW_1 = 0, 1, 2
RATES = ("mean", "low_5", "low_1")  # as the event store's questions call them

# Columns of a session's table: start and end in µs (exact in a double until the year 2255), then the three rates.
START, END, RATE = 0, 1, 2


class SessionRates:
    """One session's frame rates in order of time; the oldest half goes when it is full, and is counted."""

    def __init__(self, key: SessionKey, player_id: str, build_id: str) -> None:
        self.key = key
        self.player_id = player_id
        self.build_id = build_id
        self.began_us = 0
        self.dropped = 0
        self.revision = 0
        self._table = np.empty((64, 5))
        self._levels: list[str] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def last_us(self) -> int:
        return int(self._table[self._size - 1, END]) if self._size else 0

    @property
    def last_mean(self) -> float:
        """The newest mean rate; NaN when none was sent."""
        return float(self._table[self._size - 1, RATE + MEAN]) if self._size else float("nan")

    def extend(self, table: Floats, levels: list[str]) -> None:
        """Append rows `(n, 5)`: start µs, end µs, mean, low 5 %, low 1 %. Rows that come late are put in order."""
        if len(table) == 0:
            return
        began_us = int(table[:, START].min())
        self.began_us = min(self.began_us, began_us) if self._size else began_us
        late = self._size > 0 and table[0, START] < self._table[self._size - 1, START]
        while self._size + len(table) > len(self._table):
            self._table = np.concatenate([self._table, np.empty_like(self._table)])
        self._table[self._size : self._size + len(table)] = table
        self._levels.extend(levels)
        self._size += len(table)
        if late:
            order = np.argsort(self._table[: self._size, START], kind="stable")
            self._table[: self._size] = self._table[: self._size][order]
            self._levels = [self._levels[index] for index in order.tolist()]
        if self._size > MAX_POINTS:
            surplus = self._size - MAX_POINTS // 2
            self._table = self._table[surplus : self._size].copy()
            del self._levels[:surplus]
            self._size -= surplus
            self.dropped += surplus
        self.revision += 1

    def table(self) -> Floats:
        """Rows `(n, 5)` in order of time."""
        return self._table[: self._size]

    def level_at(self, index: int) -> str:
        return self._levels[index]

    def rows_in(self, span: Span | None) -> slice:
        """The rows whose start lies in a span of time, and the one that was under way when it began."""
        if span is None:
            return slice(0, self._size)
        starts = self.table()[:, START]
        first = int(np.searchsorted(starts, span[0], side="left"))
        if first and self._table[first - 1, END] >= span[0]:
            first -= 1
        return slice(first, int(np.searchsorted(starts, span[1], side="right")))

    def played_in(self, span: Span) -> bool:
        """Whether anything was told in a span of time."""
        rows = self.rows_in(span)
        return bool(rows.stop > rows.start)

    def line(self, rate: int) -> tuple[Floats, Floats]:
        """Seconds since 1970 (middle of each trajectory) and frames per second; NaN where the line is to break."""
        table = self.table()
        seconds = (table[:, START] + table[:, END]) / 2e6
        values = table[:, RATE + rate]
        gaps = np.flatnonzero(table[1:, START] - table[:-1, END] > GAP_US) + 1
        if len(gaps) == 0:
            return seconds, values
        return np.insert(seconds, gaps, seconds[gaps]), np.insert(values, gaps, np.nan)

    def nearest(self, seconds: float) -> int | None:
        """Index of the row nearest to a time in seconds since 1970."""
        if self._size == 0:
            return None
        middles = (self.table()[:, START] + self.table()[:, END]) / 2e6
        right = int(np.searchsorted(middles, seconds))
        around = [index for index in (right - 1, right) if 0 <= index < self._size]
        return min(around, key=lambda index: abs(float(middles[index]) - seconds))

    def near(self, seconds: float, within: float) -> int | None:
        """Index of the row nearest to a time, in seconds since 1970; None where it is further away than `within`.

        As far as a line is drawn there is one, also between two rows.
        """
        index = self.nearest(seconds)
        if index is None:
            return None
        start, end = (float(self.table()[index, column]) / 1e6 for column in (START, END))
        return index if max(start - seconds, seconds - end) <= max(within, GAP_US / 2e6) else None
