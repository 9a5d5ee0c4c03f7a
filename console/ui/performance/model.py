"""Frame rates of sessions over time, without Qt: bounded series, summaries, and which sessions are shown."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.columns import numbers, text
from console.messages import Columns, FeedRows, TrajectoryRow
from console.ui.selection import Scope

Floats = NDArray[np.float64]

# Application and session: two applications may use the same session id.
SessionKey = tuple[str, str]

MAX_POINTS = 100_000  # of a session
MAX_SESSIONS = 1_000
RECENT_ROWS = 20_000
# Two trajectories this far apart are not joined by a line: nobody knows what was between.
GAP_US = 10_000_000
MAX_CHOSEN = 4
FOLLOWED = 3  # sessions that are shown while nobody chose

MEAN, LOW_5, LOW_1 = 0, 1, 2
RATES = ("fps_mean", "fps_low_5", "fps_low_1")
BUDGETS_FPS = (60.0, 30.0)

# Columns of a session's table: start and end in µs (exact in a double until the year 2255), then the three rates.
_START, _END, _RATE = 0, 1, 2


@dataclass(frozen=True)
class Worst:
    """The moment with the lowest "low 1 %" rate (or mean, where no other was sent)."""

    key: SessionKey
    player_id: str
    level_id: str
    start_us: int
    end_us: int
    fps: float


@dataclass(frozen=True)
class Summary:
    """Averages over time, weighted by duration; NaN where a rate was never sent. Shares are of the time, 0 … 1."""

    mean: float
    low_5: float
    low_1: float
    seconds: float
    below_60: float
    below_30: float
    worst: Worst | None


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
        return int(self._table[self._size - 1, _END]) if self._size else 0

    @property
    def last_mean(self) -> float:
        """The newest mean rate; NaN when none was sent."""
        return float(self._table[self._size - 1, _RATE + MEAN]) if self._size else float("nan")

    def extend(self, table: Floats, levels: list[str]) -> None:
        """Append rows `(n, 5)`: start µs, end µs, mean, low 5 %, low 1 %. Rows that come late are put in order."""
        if len(table) == 0:
            return
        began_us = int(table[:, _START].min())
        self.began_us = min(self.began_us, began_us) if self._size else began_us
        late = self._size > 0 and table[0, _START] < self._table[self._size - 1, _START]
        while self._size + len(table) > len(self._table):
            self._table = np.concatenate([self._table, np.empty_like(self._table)])
        self._table[self._size : self._size + len(table)] = table
        self._levels.extend(levels)
        self._size += len(table)
        if late:
            order = np.argsort(self._table[: self._size, _START], kind="stable")
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

    def line(self, rate: int) -> tuple[Floats, Floats]:
        """Seconds since 1970 (middle of each trajectory) and frames per second; NaN where the line is to break."""
        table = self.table()
        seconds = (table[:, _START] + table[:, _END]) / 2e6
        values = table[:, _RATE + rate]
        gaps = np.flatnonzero(table[1:, _START] - table[:-1, _END] > GAP_US) + 1
        if len(gaps) == 0:
            return seconds, values
        return np.insert(seconds, gaps, seconds[gaps]), np.insert(values, gaps, np.nan)

    def nearest(self, seconds: float) -> int | None:
        """Index of the row nearest to a time in seconds since 1970."""
        if self._size == 0:
            return None
        middles = (self.table()[:, _START] + self.table()[:, _END]) / 2e6
        right = int(np.searchsorted(middles, seconds))
        around = [index for index in (right - 1, right) if 0 <= index < self._size]
        return min(around, key=lambda index: abs(float(middles[index]) - seconds))


class PerformanceModel:
    """All sessions in scope. The newest few are shown until a person chooses."""

    def __init__(self) -> None:
        self.scope = Scope()
        self.loading = False
        self.truncated = False
        self.sessions: dict[SessionKey, SessionRates] = {}
        self._chosen: list[SessionKey] = []
        self._recent: deque[TrajectoryRow] = deque(maxlen=RECENT_ROWS)

    # data

    def set_scope(self, scope: Scope) -> None:
        """Forget what is shown; a history has to be loaded again."""
        self.scope = scope
        self._chosen = []
        self.clear()

    def clear(self) -> None:
        self.sessions = {}
        self.truncated = False

    def query_params(self) -> dict[str, object]:
        """What the `frame_rate` query is narrowed to."""
        scope = self.scope
        params: dict[str, object] = {}
        if scope.app_id is not None:
            params["app_id"] = scope.app_id
        if scope.build_id is not None:
            params["build_id"] = scope.build_id
        if scope.session_ids is not None:
            params["session_ids"] = sorted(scope.session_ids)
        return params

    def loaded(self, answer: Columns) -> None:
        """The `frame_rate` query's answer replaces everything; then comes what arrived since."""
        self.clear()
        self.truncated = answer.truncated
        self.loading = False
        last_seq = -1
        if answer.rows:
            last_seq = int(numbers(answer, "seq").max())
            self._take_history(answer)
        self._take([row for row in self._recent if row.seq > last_seq])

    def _take_history(self, answer: Columns) -> None:
        names = [text(answer, name) for name in ("app_id", "session_id", "player_id", "build_id", "level_id")]
        columns = ["start_us", "end_us", "mean", "low_5", "low_1"]
        table = np.column_stack([numbers(answer, name).astype(np.float64) for name in columns])
        rows: dict[SessionKey, list[int]] = {}
        for index in np.argsort(table[:, _START], kind="stable").tolist():
            rows.setdefault((names[0][index], names[1][index]), []).append(index)
        for key, picked in rows.items():
            session = self._session(key, names[2][picked[0]], names[3][picked[0]])
            session.extend(table[picked], [names[4][index] for index in picked])

    def take_rows(self, rows: FeedRows) -> bool:
        """Live rows. Whether something in scope changed."""
        self._recent.extend(rows.trajectories)
        return False if self.loading else self._take(rows.trajectories)

    def _take(self, rows: list[TrajectoryRow]) -> bool:
        fresh: dict[SessionKey, list[TrajectoryRow]] = {}
        for row in rows:
            rated = row.fps_mean is not None or row.fps_low_5 is not None or row.fps_low_1 is not None
            if rated and self.scope.admits(row.app_id, row.build_id, row.session_id):
                fresh.setdefault((row.app_id, row.session_id), []).append(row)
        nothing = float("nan")
        for key, group in fresh.items():
            session = self._session(key, group[0].player_id, group[0].build_id)
            table = [
                [
                    row.start_us,
                    row.end_us,
                    *(nothing if rate is None else rate for rate in (row.fps_mean, row.fps_low_5, row.fps_low_1)),
                ]
                for row in group
            ]
            session.extend(np.array(table, dtype=np.float64), [row.level_id for row in group])
        return bool(fresh)

    def _session(self, key: SessionKey, player_id: str, build_id: str) -> SessionRates:
        session = self.sessions.get(key)
        if session is None:
            if len(self.sessions) >= MAX_SESSIONS:
                oldest = min(self.sessions.values(), key=lambda known: known.last_us)
                del self.sessions[oldest.key]
            session = self.sessions[key] = SessionRates(key, player_id, build_id)
        return session

    # what is shown

    def listed(self) -> list[SessionRates]:
        """Every session, the one that began last first: an order that does not change as they play."""
        return sorted(self.sessions.values(), key=lambda session: (-session.began_us, session.key))

    def choose(self, keys: list[SessionKey]) -> None:
        """Show these; none: follow the newest."""
        self._chosen = list(keys)

    @property
    def follows_newest(self) -> bool:
        return not self._chosen and self.scope.session_ids is None

    def wanted(self) -> list[SessionRates]:
        """The sessions a person asked for, or the newest few."""
        listed = self.listed()
        if chosen := [session for session in listed if session.key in self._chosen]:
            return chosen
        return listed if self.scope.session_ids is not None else listed[:FOLLOWED]

    def shown(self) -> list[SessionRates]:
        """As many of the wanted as fit on the screen."""
        return self.wanted()[:MAX_CHOSEN]


def summarise(sessions: list[SessionRates]) -> Summary | None:
    """Averages over these sessions; None when they have no rates."""
    tables = [session.table() for session in sessions if len(session)]
    if not tables:
        return None
    table = np.concatenate(tables)
    weights = np.maximum(table[:, _END] - table[:, _START], 1.0)

    def average(values: Floats) -> float:
        known = np.isfinite(values)
        return float(np.average(values[known], weights=weights[known])) if known.any() else float("nan")

    def share_below(rate: int, limit: float) -> float:
        values = table[:, _RATE + rate]
        known = np.isfinite(values)
        return float(weights[known & (values < limit)].sum() / weights[known].sum()) if known.any() else float("nan")

    return Summary(
        mean=average(table[:, _RATE + MEAN]),
        low_5=average(table[:, _RATE + LOW_5]),
        low_1=average(table[:, _RATE + LOW_1]),
        seconds=float(weights.sum()) / 1e6,
        below_60=share_below(MEAN, BUDGETS_FPS[0]),
        below_30=share_below(LOW_1, BUDGETS_FPS[1]),
        worst=_worst(sessions),
    )


def _worst(sessions: list[SessionRates]) -> Worst | None:
    found: list[Worst] = []
    for session in sessions:
        table = session.table()
        rates = np.where(np.isfinite(table[:, _RATE + LOW_1]), table[:, _RATE + LOW_1], table[:, _RATE + MEAN])
        if not np.isfinite(rates).any():
            continue
        index = int(np.nanargmin(rates))
        start, end = int(table[index, _START]), int(table[index, _END])
        place = session.level_at(index)
        found.append(Worst(session.key, session.player_id, place, start, end, float(rates[index])))
    return min(found, key=lambda worst: worst.fps, default=None)
