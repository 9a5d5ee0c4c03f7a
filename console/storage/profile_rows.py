"""From the rows of `players.sqlite` and `activity.sqlite` to profiles: of one player, or of many at once.

Works on a connection that `prepare` made ready, whose view `known` has a row for each player.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from console.players.changes import joined_attributes
from console.players.profiles import DAY_US, Activity, PlayedSession, Player, Profile
from console.storage.activity_store import day_of, decode_attributes, unpack_days
from console.storage.player_store import decode_player

# A profile carries the sessions that ended at most so long before the player was last seen; it counts all.
CARRIED_SESSIONS_US: Final = 60 * DAY_US
_FEW_SESSIONS: Final = 100  # read all of them, sooner than count them
_EVER: Final = -(2**63)

# Whoever is known to any API. Telemetry alone knows a subject whose external id nobody has taken, and whose id is
# nobody's: its player may have been adopted under that id.
_ALONE: Final = """
    external_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM main.players p WHERE p.app_id = s.app_id AND p.external_id = s.external_id)
    AND NOT EXISTS (SELECT 1 FROM main.players p WHERE p.player_id = s.player_id)
"""
_VIEW: Final = f"""
CREATE TEMP VIEW known AS
SELECT
    player_id, app_id, external_id, telemetry_id, device_id, email, first_us, last_us, revenue_minor, sessions, player
FROM main.players
UNION ALL
SELECT player_id, app_id, external_id, player_id, NULL, NULL, first_us, last_us, 0, 0, NULL
FROM activity.subjects s
WHERE {_ALONE}
"""  # noqa: S608  # constants
# Not of the view: here the two indexes are merged, and nothing is read but what is wanted.
_IDS_BEHIND: Final = f"""
SELECT player_id FROM main.players WHERE app_id = ?1 AND player_id > ?2
UNION ALL
SELECT player_id FROM activity.subjects s WHERE app_id = ?1 AND player_id > ?2 AND {_ALONE}
ORDER BY player_id
LIMIT ?3
"""  # noqa: S608
# By id without the view, whose two halves would both be asked for, and for a list of ids be read from end to end.
_PLAYER: Final = "SELECT player_id, app_id, external_id, telemetry_id, sessions, player FROM main.players WHERE"
_SUBJECT_ALONE: Final = f"""
SELECT player_id, app_id, external_id, player_id, 0, NULL FROM activity.subjects s WHERE {_ALONE} AND
"""  # noqa: S608
_LISTED: Final = "player_id IN (SELECT value FROM json_each(?))"

Spans = dict[str, tuple[int, int]]  # session_id → first and last sign of life


class Known(Struct, frozen=True, gc=False):
    """Somebody: a player that commands made, or, without one, an external id that telemetry alone knows.

    `telemetry_id` is the id that follows from the external id: the player's own, unless the player was anonymous first.
    `sessions` is how many were recorded by commands.
    """

    player_id: str
    app_id: str
    external_id: str | None
    telemetry_id: str | None
    sessions: int
    player: Player | None

    @property
    def subject_ids(self) -> tuple[str, ...]:
        """The ids under which events may know this player."""
        if self.telemetry_id is None or self.telemetry_id == self.player_id:
            return (self.player_id,)
        return (self.player_id, self.telemetry_id)


class Subject(Struct, frozen=True, gc=False):
    """A row of what events show."""

    subject_id: int
    first_us: int
    last_us: int
    sessions: int
    days: bytes
    attributes: bytes


def prepare(db: sqlite3.Connection, activity_path: Path) -> None:
    """Make a reading connection to `players.sqlite` see both files. Raises sqlite3.Error."""
    db.execute("ATTACH ? AS activity", (f"{activity_path.absolute().as_uri()}?mode=rw",))
    db.execute("PRAGMA query_only = OFF")  # a view of this connection's own
    db.execute(_VIEW)
    db.execute("PRAGMA query_only = ON")


def find(db: sqlite3.Connection, player_id: str) -> Known | None:
    """Who has this id."""
    row = db.execute(f"{_PLAYER} player_id = ?", (player_id,)).fetchone()
    if row is None:
        row = db.execute(f"{_SUBJECT_ALONE} player_id = ?", (player_id,)).fetchone()
    return None if row is None else _known(row)


def find_external(db: sqlite3.Connection, app_id: str, external_id: str) -> Known | None:
    """Who has this external id."""
    ids = (app_id, external_id)
    row = db.execute(f"{_PLAYER} app_id = ? AND external_id = ?", ids).fetchone()
    if row is None:
        row = db.execute(f"{_SUBJECT_ALONE} app_id = ? AND external_id = ?", ids).fetchone()
    return None if row is None else _known(row)


def ids_behind(db: sqlite3.Connection, app_id: str, player_id: str, limit: int) -> list[str]:
    """The next ids of an application's players, in their order."""
    return [row[0] for row in db.execute(_IDS_BEHIND, (app_id, player_id, limit))]


def read_profile(db: sqlite3.Connection, known: Known) -> Profile:
    """One profile, with as few questions as it takes."""
    subjects = _subjects(db, known)
    if known.sessions + sum(subject.sessions for subject in subjects) <= _FEW_SESSIONS:
        spans = _read_spans(db, known, subjects, _EVER)
        return _profile_of(known, subjects, spans, len(spans))
    since_us = _bounds_of(known, subjects)[1] - CARRIED_SESSIONS_US
    spans = _read_spans(db, known, subjects, since_us)
    return _profile_of(known, subjects, spans, _count_sessions(db, known, subjects))


def read_spans(db: sqlite3.Connection, known: Known) -> Spans:
    """All sessions of a player, of either API."""
    return _read_spans(db, known, _subjects(db, known), _EVER)


def read_profiles(db: sqlite3.Connection, player_ids: Sequence[str]) -> dict[str, Profile]:
    """Many profiles at once, in the order asked for, without those whom nobody knows."""
    wanted = (as_json(player_ids),)
    known = {row[0]: _known(row) for row in db.execute(f"{_PLAYER} {_LISTED}", wanted)}
    if len(known) < len(player_ids):
        known |= {row[0]: _known(row) for row in db.execute(f"{_SUBJECT_ALONE} {_LISTED}", wanted)}
    owners = {subject_id: one.player_id for one in known.values() for subject_id in one.subject_ids}
    subjects: dict[str, list[Subject]] = {player_id: [] for player_id in known}
    spans: dict[str, Spans] = {player_id: {} for player_id in known}
    owner_of: dict[int, str] = {}
    for row in db.execute(
        "SELECT player_id, subject_id, first_us, last_us, sessions, days, attributes FROM activity.subjects"
        " WHERE player_id IN (SELECT value FROM json_each(?))",
        (as_json(list(owners)),),
    ):
        owner_of[row[1]] = owner = owners[row[0]]
        subjects[owner].append(Subject(*row[1:]))
    for subject_id, *span in db.execute(
        "SELECT subject_id, session_id, first_us, last_us FROM activity.sessions"
        " WHERE subject_id IN (SELECT value FROM json_each(?))",
        (as_json(list(owner_of)),),
    ):
        _add_span(spans[owner_of[subject_id]], *span)
    for player_id, *span in db.execute(
        "SELECT player_id, session_id, started_us, ended_us FROM main.sessions"
        " WHERE player_id IN (SELECT value FROM json_each(?))",
        (as_json(list(known)),),
    ):
        _add_span(spans[player_id], *span)
    return {
        player_id: _profile_of(known[player_id], subjects[player_id], spans[player_id], len(spans[player_id]))
        for player_id in player_ids
        if player_id in known
    }


def as_json(values: Sequence[object]) -> str:
    """A list as a parameter, for json_each."""
    return msgspec.json.encode(values).decode()


# --------------------------------------------------------------------------------------------------------------------


def _known(row: tuple[Any, ...]) -> Known:
    player = row[5]
    return Known(row[0], row[1], row[2], row[3], row[4], None if player is None else decode_player(player))


def _subjects(db: sqlite3.Connection, known: Known) -> list[Subject]:
    ids = known.subject_ids
    rows = db.execute(
        "SELECT subject_id, first_us, last_us, sessions, days, attributes FROM activity.subjects"
        " WHERE player_id IN (?, ?)",
        (ids[0], ids[-1]),
    )
    return [Subject(*row) for row in rows]


def _read_spans(db: sqlite3.Connection, known: Known, subjects: Iterable[Subject], since_us: int) -> Spans:
    spans: Spans = {}
    for subject in subjects:
        if subject.sessions:
            for row in db.execute(
                "SELECT session_id, first_us, last_us FROM activity.sessions WHERE subject_id = ? AND last_us >= ?",
                (subject.subject_id, since_us),
            ):
                _add_span(spans, *row)
    if known.sessions:
        for row in db.execute(
            "SELECT session_id, started_us, ended_us FROM main.sessions WHERE player_id = ? AND ended_us >= ?",
            (known.player_id, since_us),
        ):
            _add_span(spans, *row)
    return spans


def _count_sessions(db: sqlite3.Connection, known: Known, subjects: Iterable[Subject]) -> int:
    """A session that both APIs know counts once."""
    (count,) = db.execute(
        "SELECT count(*) FROM (SELECT session_id FROM main.sessions WHERE player_id = ?"
        " UNION SELECT session_id FROM activity.sessions WHERE subject_id IN (SELECT value FROM json_each(?)))",
        (known.player_id, as_json([subject.subject_id for subject in subjects])),
    ).fetchone()
    return int(count)


def _profile_of(known: Known, subjects: Sequence[Subject], spans: Spans, session_count: int) -> Profile:
    """All that is known of one player. `spans` are sessions of either API, all or the latest."""
    player = known.player
    first_us, last_us = _bounds_of(known, subjects)
    days = {day_of(first_us), day_of(last_us)}
    for subject in subjects:
        days.update(unpack_days(subject.days))
    since_us = last_us - CARRIED_SESSIONS_US
    sessions = sorted(
        (started_us, ended_us, session_id)
        for session_id, (started_us, ended_us) in spans.items()
        if ended_us >= since_us
    )
    if player is not None:
        days.update(player.days)
    return Profile(
        player_id=known.player_id,
        app_id=known.app_id,
        external_id=known.external_id,
        device_id=player.device_id if player else None,
        email=player.email if player else None,
        attributes=joined_attributes(player, _attributes(subjects)),
        session_count=session_count,
        revenue_minor=player.revenue_minor if player else 0,
        purchases=player.purchases if player else 0,
        last_purchase_us=player.last_purchase_us if player else None,
        first_seen_us=first_us,
        last_seen_us=last_us,
        days=tuple(sorted(days)),
        sessions=tuple(
            PlayedSession(session_id=session_id, started_us=started_us, ended_us=ended_us)
            for started_us, ended_us, session_id in sessions
        ),
    )


def _bounds_of(known: Known, subjects: Sequence[Subject]) -> tuple[int, int]:
    """The first and the last sign of life."""
    firsts = [subject.first_us for subject in subjects]
    lasts = [subject.last_us for subject in subjects]
    if known.player is not None:
        firsts.append(known.player.first_us)
        lasts.append(known.player.last_us)
    return min(firsts), max(lasts)


def _add_span(spans: Spans, session_id: str, first_us: int, last_us: int) -> None:
    """Join sessions by their id: the same one may be known by both APIs."""
    if session_id in spans:
        earlier_us, later_us = spans[session_id]
        first_us, last_us = min(first_us, earlier_us), max(last_us, later_us)
    spans[session_id] = (first_us, last_us)


def _attributes(subjects: Sequence[Subject]) -> Activity | None:
    written: dict[str, tuple[int, Any]] = {}
    for subject in subjects:
        if len(subject.attributes) > 2:  # more than "{}"
            for name, (seq, value) in decode_attributes(subject.attributes).items():
                if name not in written or seq > written[name][0]:
                    written[name] = (seq, value)
    if not written:
        return None
    return Activity(
        first_us=0,
        last_us=0,
        attributes={name: value for name, (_, value) in written.items()},
        attribute_seqs={name: seq for name, (seq, _) in written.items()},
    )
