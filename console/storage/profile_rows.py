"""From the rows of `players.sqlite` and `activity.sqlite` to profiles: of one player, or of many at once.

Works on a connection that `prepare` made ready, whose view `known` has a row for each player.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import chain
from operator import itemgetter
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
_when = itemgetter(1, 2, 3)

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
# By id without the view, whose two halves would both be asked for, and for a list of ids be read from end to end.
_PLAYER: Final = "SELECT player_id, app_id, external_id, telemetry_id, sessions, player FROM main.players WHERE"
_SUBJECT_ALONE: Final = f"""
SELECT player_id, app_id, external_id, player_id, 0, NULL FROM activity.subjects s WHERE {_ALONE} AND
"""  # noqa: S608
_LISTED: Final = "player_id IN (SELECT value FROM json_each(?))"
# The two indexes are merged, and nothing is read but what is wanted.
_BEHIND: Final = f"""
{_PLAYER} app_id = ?1 AND player_id > ?2
UNION ALL {_SUBJECT_ALONE} app_id = ?1 AND player_id > ?2
ORDER BY player_id
LIMIT ?3
"""
_SUBJECTS: Final = (
    "SELECT player_id, subject_id, first_us, last_us, sessions, days, attributes FROM activity.subjects WHERE"
)

# Sessions: who tells of them, first and last sign of life, session_id. Within a list every session is there once.
Spans = list[tuple[Any, int, int, str]]


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
    found = {row[0]: _known(row) for row in db.execute(f"{_PLAYER} {_LISTED}", wanted)}
    if len(found) < len(player_ids):
        found |= {row[0]: _known(row) for row in db.execute(f"{_SUBJECT_ALONE} {_LISTED}", wanted)}
    known = {player_id: found[player_id] for player_id in player_ids if player_id in found}
    subject_ids = [subject_id for one in known.values() for subject_id in one.subject_ids]
    return _profiles(db, known, db.execute(f"{_SUBJECTS} {_LISTED}", (as_json(subject_ids),)))


def read_behind(db: sqlite3.Connection, app_id: str, player_id: str, limit: int) -> dict[str, Profile]:
    """The profiles of an application's next players, in the order of their ids: half the cost of a list of ids."""
    known = {row[0]: _known(row) for row in db.execute(_BEHIND, (app_id, player_id, limit))}
    if not known:
        return {}
    *_, last_id = known
    near = db.execute(f"{_SUBJECTS} app_id = ? AND player_id > ? AND player_id <= ?", (app_id, player_id, last_id))
    far = [
        subject_id for one in known.values() for subject_id in one.subject_ids if not player_id < subject_id <= last_id
    ]
    return _profiles(db, known, chain(near, db.execute(f"{_SUBJECTS} {_LISTED}", (as_json(far),)) if far else ()))


def as_json(values: Sequence[object]) -> str:
    """A list as a parameter, for json_each."""
    return msgspec.json.encode(values).decode()


# --------------------------------------------------------------------------------------------------------------------


def _known(row: tuple[Any, ...]) -> Known:
    player = row[5]
    return Known(row[0], row[1], row[2], row[3], row[4], None if player is None else decode_player(player))


def _profiles(
    db: sqlite3.Connection, known: dict[str, Known], subject_rows: Iterable[tuple[Any, ...]]
) -> dict[str, Profile]:
    """The profiles of these players. Each row of theirs begins with an id of the player; those of others do no harm."""
    owners = {subject_id: one.player_id for one in known.values() for subject_id in one.subject_ids}
    subjects: dict[str, list[Subject]] = {player_id: [] for player_id in known}
    # Of each player one list of sessions for each of those who tell of them: a subject, or the commands.
    told: dict[str, list[Spans]] = {player_id: [] for player_id in known}
    told_by: dict[int | str, Spans] = {}
    for row in subject_rows:
        if (owner := owners.get(row[0])) is not None:
            subject = Subject(*row[1:])
            subjects[owner].append(subject)
            if subject.sessions:
                told[owner].append(told_by.setdefault(subject.subject_id, []))
    for span in db.execute(
        "SELECT subject_id, first_us, last_us, session_id FROM activity.sessions"
        " WHERE subject_id IN (SELECT value FROM json_each(?))",
        (as_json([*told_by]),),
    ):
        told_by[span[0]].append(span)
    by_commands = [player_id for player_id, one in known.items() if one.sessions]
    for player_id in by_commands:
        told[player_id].append(told_by.setdefault(player_id, []))
    for span in db.execute(
        "SELECT player_id, started_us, ended_us, session_id FROM main.sessions"
        " WHERE player_id IN (SELECT value FROM json_each(?))",
        (as_json(by_commands),),
    ):
        told_by[span[0]].append(span)
    profiles = {}
    for player_id, one in known.items():
        joined = _joined(told[player_id])
        profiles[player_id] = _profile_of(one, subjects[player_id], joined, len(joined))
    return profiles


def _subjects(db: sqlite3.Connection, known: Known) -> list[Subject]:
    ids = known.subject_ids
    rows = db.execute(
        "SELECT subject_id, first_us, last_us, sessions, days, attributes FROM activity.subjects"
        " WHERE player_id IN (?, ?)",
        (ids[0], ids[-1]),
    )
    return [Subject(*row) for row in rows]


def _read_spans(db: sqlite3.Connection, known: Known, subjects: Iterable[Subject], since_us: int) -> Spans:
    told = [
        db.execute(
            "SELECT subject_id, first_us, last_us, session_id FROM activity.sessions"
            " WHERE subject_id = ? AND last_us >= ?",
            (subject.subject_id, since_us),
        ).fetchall()
        for subject in subjects
        if subject.sessions
    ]
    if known.sessions:
        told.append(
            db.execute(
                "SELECT player_id, started_us, ended_us, session_id FROM main.sessions"
                " WHERE player_id = ? AND ended_us >= ?",
                (known.player_id, since_us),
            ).fetchall()
        )
    return _joined(told)


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
    since_us = last_us - CARRIED_SESSIONS_US
    sessions = tuple(
        [  # a list first: in half the time
            PlayedSession(session_id=session_id, started_us=started_us, ended_us=ended_us)
            for _, started_us, ended_us, session_id in spans
            if ended_us >= since_us
        ]
    )
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
        days=_days_of(known, subjects, first_us, last_us),
        sessions=sessions,
    )


def _days_of(known: Known, subjects: Sequence[Subject], first_us: int, last_us: int) -> tuple[int, ...]:
    first, last = day_of(first_us), day_of(last_us)
    if len(subjects) == 1 and known.player is None:
        days = unpack_days(subjects[0].days)
        if days and days[0] == first and days[-1] == last:
            return days
    every = {first, last}
    for subject in subjects:
        every.update(unpack_days(subject.days))
    if known.player is not None:
        every.update(known.player.days)
    return tuple(sorted(every))


def _bounds_of(known: Known, subjects: Sequence[Subject]) -> tuple[int, int]:
    """The first and the last sign of life."""
    firsts = [subject.first_us for subject in subjects]
    lasts = [subject.last_us for subject in subjects]
    if known.player is not None:
        firsts.append(known.player.first_us)
        lasts.append(known.player.last_us)
    return min(firsts), max(lasts)


def _joined(told: Sequence[Spans]) -> Spans:
    """Sessions in the order they began. Those of one id are one: the same may be known by both APIs."""
    if len(told) > 1:
        spans: dict[str, tuple[Any, int, int, str]] = {}
        for span in chain.from_iterable(told):
            teller, first_us, last_us, session_id = span
            if session_id in spans:
                _, earlier_us, later_us, _ = spans[session_id]
                span = (teller, min(first_us, earlier_us), max(last_us, later_us), session_id)
            spans[session_id] = span
        joined = [*spans.values()]
    elif told:
        joined = told[0]
    else:
        return []
    joined.sort(key=_when)
    return joined


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
