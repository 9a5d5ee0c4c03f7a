"""Applications › builds › sessions, as plain values. Pure: no Qt."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from console.columns import numbers, text
from console.messages import Application, Columns, EventRow
from console.telemetry.events import EventKind

LIVE_SECS = 10.0
MAX_SESSIONS_PER_BUILD = 500
MAX_SESSIONS = 2_000
_MINUTE_US = 60_000_000


@dataclass(frozen=True)
class SessionLine:
    """One session. `fps` is the last trajectory's mean, None when it sent none."""

    app_id: str
    build_id: str
    session_id: str
    player_id: str
    first_us: int
    events: int
    fps: float | None
    level_id: str


@dataclass(frozen=True)
class BuildLine:
    """One build and its newest sessions; `total` counts those that are not listed too."""

    app_id: str
    build_id: str
    total: int
    sessions: tuple[SessionLine, ...]


@dataclass(frozen=True)
class ApplicationLine:
    """One application and its builds, the newest first."""

    app_id: str
    name: str
    environment: str
    builds: tuple[BuildLine, ...]


def session_lines(answer: Columns) -> list[SessionLine]:
    """The `sessions` query's rows. Identity events have no session: their row is left out."""
    if not answer.rows:
        return []
    fps = [None if math.isnan(value) else value for value in numbers(answer, "fps_mean").astype(float).tolist()]
    lines = [
        SessionLine(*values)
        for values in zip(
            text(answer, "app_id"),
            text(answer, "build_id"),
            text(answer, "session_id"),
            text(answer, "player_id"),
            numbers(answer, "first_us").tolist(),
            numbers(answer, "events").tolist(),
            fps,
            text(answer, "level_id"),
            strict=True,
        )
    ]
    return [line for line in lines if line.session_id]


def arrange(applications: Iterable[Application], sessions: Iterable[SessionLine]) -> list[ApplicationLine]:
    """The tree: applications as listed, builds by their newest session, sessions by the minute they began in.

    The newest come first; players who began together stand in order of their names. At most MAX_SESSIONS_PER_BUILD
    of a build and MAX_SESSIONS in all are listed.
    """
    builds: dict[tuple[str, str], list[SessionLine]] = {}
    for line in sessions:
        builds.setdefault((line.app_id, line.build_id), []).append(line)
    for lines in builds.values():
        lines.sort(key=_newest_minute_first)
    ordered = sorted(builds.items(), key=lambda item: (-max(line.first_us for line in item[1]), item[0][1]))
    room = MAX_SESSIONS
    lines_of: dict[str, list[BuildLine]] = {}
    for (app_id, build_id), lines in ordered:
        shown = lines[: min(MAX_SESSIONS_PER_BUILD, room)]
        room -= len(shown)
        lines_of.setdefault(app_id, []).append(BuildLine(app_id, build_id, len(lines), tuple(shown)))
    return [
        ApplicationLine(one.app_id, one.name, one.environment, tuple(lines_of.get(one.app_id, ())))
        for one in applications
    ]


def _newest_minute_first(line: SessionLine) -> tuple[int, str, int]:
    return (-(line.first_us // _MINUTE_US), line.player_id, -line.first_us)


@dataclass
class Activity:
    """Which sessions sent something lately, by this computer's clock: games' clocks may be wrong."""

    _seen: dict[str, float] = field(default_factory=dict)

    def note(self, rows: Iterable[EventRow], now: float) -> bool:
        """Take rows in; True when a session is new or live again."""
        woke = False
        for row in rows:
            if row.session_id and row.kind is not EventKind.PLAYER_API:  # the dock lists sessions of telemetry
                before = self._seen.get(row.session_id)
                woke = woke or before is None or now - before > LIVE_SECS
                self._seen[row.session_id] = now
        return woke

    def live(self, now: float) -> frozenset[str]:
        """The sessions of the last LIVE_SECS; older ones are forgotten."""
        self._seen = {session_id: at for session_id, at in self._seen.items() if now - at <= LIVE_SECS}
        return frozenset(self._seen)
