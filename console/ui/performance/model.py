"""Which sessions the performance view shows, and how their frame rates get there. Without Qt."""

import numpy as np
from numpy.typing import NDArray

from console.columns import categories, numbers
from console.messages import Columns, FeedRows, TrajectoryRow
from console.ui.performance.choices import Choices
from console.ui.performance.session_rates import END, START, SessionKey, SessionRates, Span
from console.ui.recent_rows import RecentRows
from console.ui.selection import Scope
from console.ui.widgets.formatting import plural

MAX_SESSIONS = 1_000
MAX_CHOSEN = 4  # with a plot each
MAX_OVERLAID = 24  # in one plot
FOLLOWED = 3  # sessions that have a plot while nobody chose


def sessions_of(answer: Columns) -> list[SessionRates]:
    """The sessions of a `frame_rate` query's answer: the newest ones, when there are more than are kept.

    A long history takes a tenth of a second: a thread may do it.
    """
    if not answer.rows:
        return []
    ids = {name: categories(answer, name) for name in ("app_id", "session_id", "player_id", "build_id", "level_id")}
    columns = ("start_us", "end_us", "mean", "low_5", "low_1")
    table = np.column_stack([numbers(answer, name).astype(np.float64) for name in columns])
    order = np.lexsort((table[:, START], ids["session_id"][0], ids["app_id"][0]))
    codes = np.stack([ids["app_id"][0], ids["session_id"][0]])[:, order]
    firsts = np.flatnonzero(np.any(np.diff(codes, axis=1, prepend=-2), axis=0))
    ends = np.append(firsts[1:], len(order))
    newest = np.sort(np.argsort(table[order[ends - 1], END], kind="stable")[-MAX_SESSIONS:])
    found = []
    for first, end in zip(firsts[newest].tolist(), ends[newest].tolist(), strict=True):
        rows = order[first:end]
        app_id, session_id, player_id, build_id, _ = (_text(column, rows[:1])[0] for column in ids.values())
        session = SessionRates((app_id, session_id), player_id, build_id)
        session.extend(table[rows], _text(ids["level_id"], rows))
        found.append(session)
    return found


def _text(column: tuple[NDArray[np.int32], list[str]], rows: NDArray[np.intp]) -> list[str]:
    codes, values = column
    return ["" if code < 0 else values[code] for code in codes[rows].tolist()]


class PerformanceModel:
    """All sessions in scope. The newest few are shown until a person chooses."""

    def __init__(self) -> None:
        self.scope = Scope()
        self.loading = False
        self.truncated = False
        self.sessions: dict[SessionKey, SessionRates] = {}
        self.span: Span | None = None  # the marked one
        self.room = FOLLOWED  # plots that fit on the screen
        self.picked: SessionKey | None = None  # whose event is picked
        self._chosen: list[SessionKey] = []
        self._recent = RecentRows[TrajectoryRow]()

    # data

    def set_scope(self, scope: Scope) -> None:
        """Forget what is shown; a history has to be loaded again."""
        self.scope = scope
        self._chosen = []
        self.clear()

    def clear(self) -> None:
        self.sessions = {}
        self.truncated = False

    def query_params(self, *, span: Span | None = None) -> dict[str, object]:
        """What questions to the event store are narrowed to: the scope, and a span of time."""
        params: dict[str, object] = self.scope.params()
        if span is not None:
            params["from_us"], params["to_us"] = span
        return params

    def loaded(self, answer: Columns, sessions: list[SessionRates]) -> None:
        """The `frame_rate` query's answer, as `sessions_of` it, replaces everything; then comes what arrived since."""
        self.clear()
        self.truncated = answer.truncated
        self.loading = False
        self.sessions = {session.key: session for session in sessions}
        last_seq = int(numbers(answer, "seq").max()) if answer.rows else -1
        self._take(self._recent.beyond(lambda _row: last_seq))

    def take_rows(self, rows: FeedRows, *, seen: bool = True) -> bool:
        """Live rows; those that nobody would see wait for `catch_up`. Whether something in scope changed."""
        seen = seen and not self.loading  # a load that fails leaves them to be caught up on
        self._recent.add(rows.trajectories, seen=seen)
        return seen and self._take(rows.trajectories)

    def catch_up(self) -> bool | None:
        """Show what nobody saw. Whether there was anything; None: too much, a history is to be loaded instead."""
        if self.loading:
            return False  # what is being loaded brings them along
        rows = self._recent.catch_up()
        return None if rows is None else self._take(rows)

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

    def offered(self) -> list[SessionRates]:
        """Those to choose from: the chosen ones, and of a marked range those that were played in it."""
        span = self.span
        if span is None:
            return self.listed()
        return [session for session in self.listed() if session.key in self._chosen or session.played_in(span)]

    def choose(self, keys: list[SessionKey]) -> None:
        """Show these; none: follow the newest."""
        self._chosen = list(keys)

    @property
    def follows_newest(self) -> bool:
        return not self._chosen and self.scope.sessions is None

    @property
    def chosen(self) -> list[SessionRates]:
        """What a person marked in the list, the newest first."""
        return [session for session in self.listed() if session.key in self._chosen]

    def wanted(self, newest: int = FOLLOWED) -> list[SessionRates]:
        """The sessions a person asked for, or the newest few: of the marked span, when there is one."""
        if chosen := self.chosen:
            return chosen
        listed = self.listed()
        if self.span is not None:
            listed = [session for session in listed if session.played_in(self.span)]
        return listed if self.scope.sessions is not None else listed[:newest]

    def shown(self) -> list[SessionRates]:
        """Those with a plot each: as many of the newest as fit on the screen, or what a person chose, up to a few."""
        newest = min(FOLLOWED, self.room)
        return self._with_picked(self.wanted(newest)[:MAX_CHOSEN], newest if self.follows_newest else MAX_CHOSEN)

    def _with_picked(self, found: list[SessionRates], most: int) -> list[SessionRates]:
        """The session of the picked event as well, where a person chose none: in place of the oldest, if need be."""
        picked = None if self.picked is None or self.chosen else self.sessions.get(self.picked)
        if picked is None or picked in found or (self.span is not None and not picked.played_in(self.span)):
            return found
        return [*found[: max(most, 1) - 1], picked]

    def drawn(self, choices: Choices) -> list[SessionRates]:
        """Those whose lines are drawn: over bands only what a person chose."""
        if choices.spread:
            return self.chosen
        return self.overlaid() if choices.picture == "overlay" else self.shown()

    def words(self, choices: Choices) -> str:
        """How many sessions there are, and which of them are drawn."""
        drawn = self.drawn(choices)
        wanted = self.wanted(MAX_OVERLAID)
        offered, known = len(self.offered()), plural(len(self.sessions), "session")
        words = [known if self.span is None else f"{offered:,} of {known}"]
        if choices.spread:
            words.append(f"{len(drawn)} over the bands" if drawn else "choose any")
        elif self.follows_newest:
            newest = drawn == self.wanted(len(drawn))
            words.append("newest shown" if newest else "newest + picked shown")
        elif len(wanted) > len(drawn):
            words.append(f"{len(drawn)} of {len(wanted)} chosen are shown")
        if self.truncated or any(session.dropped for session in self.sessions.values()):
            words.append("older values not shown")
        return " · ".join(words)

    def overlaid(self) -> list[SessionRates]:
        """As many of the wanted as can be told apart in one plot."""
        return self._with_picked(self.wanted(MAX_OVERLAID)[:MAX_OVERLAID], MAX_OVERLAID)
