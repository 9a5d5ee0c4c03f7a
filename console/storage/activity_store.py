"""What events show of players, in `activity.sqlite`: when somebody was there, in which sessions, on what hardware.

A projection of the event store, which is one of the journal. Everything is a minimum, a maximum, a union, or the last
by sequence number: the same events give the same sums in whatever order and however often they are added.
"""

import sqlite3
import struct
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from console.players.profiles import DAY_US, player_id_of
from console.storage.sqlite import transaction
from console.storage.sqlite_projection import ProjectionError, close_projection, open_projection

__all__ = ["ActivityStore", "ProjectionError", "Seen", "Told", "make_ready"]

_WAL_PAGES_BEFORE_CHECKPOINT: Final = 1000
# A store process whose server was killed may still write for a moment.
_BUSY_TIMEOUT_SECS: Final = 5.0
_AT_ONCE: Final = 500  # rows, between two looks at whether they are wanted
_LAST_DAY: Final = 0xFFFF  # in the year 2149: two bytes hold a day

_encode = msgspec.json.Encoder().encode
# Of each attribute the sequence number that wrote it, and its value.
decode_attributes = msgspec.json.Decoder(dict[str, tuple[int, Any]]).decode


class Seen(Struct, frozen=True, gc=False):
    """Somebody was there between two instants.

    `name` is the external id that telemetry used, or, where `tracked`, the player id that the player API did.
    """

    app_id: str
    name: str
    tracked: bool
    session_id: str | None
    first_us: int
    last_us: int


class Told(Struct, frozen=True):
    """What a `Create_Player` event said of somebody who was seen."""

    app_id: str
    external_id: str
    seq: int
    attributes: dict[str, Any]


def make_ready(path: Path, journal_id: str, last_seq: int) -> None:
    """Put the file aside if it cannot be used for this journal, and have one that readers can open.

    For whoever starts the process that writes to it. Raises ProjectionError.
    """
    store = ActivityStore(path)
    store.open(journal_id, last_seq)
    store.close()


class _Sum:
    """What is added to one subject."""

    def __init__(self) -> None:
        self.first_us = 2**63 - 1
        self.last_us = -(2**63)
        self.days: set[int] = set()
        self.sessions: dict[str, tuple[int, int]] = {}
        self.attributes: dict[str, tuple[int, Any]] = {}

    def see(self, seen: Seen) -> None:
        self.first_us = min(self.first_us, seen.first_us)
        self.last_us = max(self.last_us, seen.last_us)
        self.days.add(day_of(seen.first_us))
        self.days.add(day_of(seen.last_us))
        if seen.session_id is not None:
            first_us, last_us = self.sessions.get(seen.session_id, (seen.first_us, seen.last_us))
            self.sessions[seen.session_id] = (min(first_us, seen.first_us), max(last_us, seen.last_us))

    def tell(self, attributes: dict[str, tuple[int, Any]]) -> None:
        for name, written in attributes.items():
            if name not in self.attributes or written[0] > self.attributes[name][0]:
                self.attributes[name] = written


_Subject = tuple[str, str, bool]  # app_id, name, tracked


class ActivityStore:
    """Belongs to one thread at a time; readers have connections of their own. Raises ProjectionError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._journal_id = ""
        self._db: sqlite3.Connection | None = None
        self._position = 0

    def open(self, journal_id: str, last_seq: int) -> None:
        """Open the file for this journal, which reaches as far as `last_seq`; what cannot be used is put aside."""
        self._journal_id = journal_id
        self._db = open_projection(
            self._path, "activity", journal_id=journal_id, last=last_seq, busy_timeout_secs=_BUSY_TIMEOUT_SECS
        )
        self._db.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES_BEFORE_CHECKPOINT}")
        (self._position,) = self._db.execute("SELECT reached FROM position").fetchone()

    def close(self) -> None:
        """Idempotent."""
        db, self._db = self._db, None
        if db is not None:
            close_projection(db)

    @property
    def is_open(self) -> bool:
        """Whether there is something to add to."""
        return self._db is not None

    @property
    def position(self) -> int:
        """The last event that was added, with all before it."""
        return self._position

    def add(
        self,
        seen: Iterable[Seen],
        told: Iterable[Told],
        upto_seq: int,
        *,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """Add what events up to `upto_seq` show, in one transaction. Nothing is lost by adding something twice.

        When it is not wanted any more, ProjectionError is raised soon, and nothing was added.
        """
        sums: dict[_Subject, _Sum] = {}
        for number, sight in enumerate(seen):
            if number % _AT_ONCE == 0:
                self._check_wanted(is_wanted)
            subject = (sight.app_id, sight.name, sight.tracked)
            if (total := sums.get(subject)) is None:
                total = sums[subject] = _Sum()
            total.see(sight)
        for telling in told:
            if total := sums.get((telling.app_id, telling.external_id, False)):
                total.tell({name: (telling.seq, value) for name, value in telling.attributes.items()})
        if self._db is None:
            raise ProjectionError(f"{self._path} is not open.")
        try:
            self._write(self._db, sums, upto_seq, is_wanted)
        except sqlite3.Error as error:
            raise ProjectionError(f"{self._path} cannot be written: {error}.") from error

    # ----------------------------------------------------------------------------------------------------------------

    def _write(
        self, db: sqlite3.Connection, sums: dict[_Subject, _Sum], upto_seq: int, is_wanted: Callable[[], bool]
    ) -> None:
        reached = max(self._position, upto_seq)
        with transaction(db):
            (change,) = db.execute(
                "UPDATE position SET reached = ?, changes = changes + 1 RETURNING changes", (reached,)
            ).fetchone()
            for number, (subject, total) in enumerate(sums.items()):
                if number % _AT_ONCE == 0:
                    self._check_wanted(is_wanted)
                self._merge(db, subject, total, change)
        self._position = reached

    def _check_wanted(self, is_wanted: Callable[[], bool]) -> None:
        if not is_wanted():
            raise ProjectionError(f"Adding to {self._path} was broken off.")

    def _merge(self, db: sqlite3.Connection, subject: _Subject, total: _Sum, change: int) -> None:
        app_id, name, tracked = subject
        external_id = None if tracked else name
        player_id = name if tracked else player_id_of(self._journal_id, app_id, name)
        row = db.execute(
            "SELECT subject_id, first_us, last_us, sessions, days, attributes FROM subjects"
            " WHERE player_id = ? AND (external_id IS NULL) = ?",
            (player_id, tracked),
        ).fetchone()
        sessions = 0
        if row is None:
            subject_id = db.execute(
                "INSERT INTO subjects (app_id, external_id, player_id, first_us, last_us, sessions, days, attributes)"
                " VALUES (?,?,?,0,0,0,x'','{}')",
                (app_id, external_id, player_id),
            ).lastrowid
        else:
            subject_id, first_us, last_us, sessions, days, attributes = row
            total.first_us = min(total.first_us, first_us)
            total.last_us = max(total.last_us, last_us)
            total.days.update(unpack_days(days))
            total.tell(decode_attributes(attributes))
        for session_id, bounds in total.sessions.items():
            sessions += _merge_session(db, subject_id, session_id, bounds)
        db.execute(
            "UPDATE subjects SET first_us = ?, last_us = ?, sessions = ?, days = ?, attributes = ?,"
            " changed = ? WHERE subject_id = ?",
            (
                total.first_us,
                total.last_us,
                sessions,
                pack_days(sorted(total.days)),
                _encode(total.attributes),
                change,
                subject_id,
            ),
        )


def _merge_session(db: sqlite3.Connection, subject_id: int | None, session_id: str, bounds: tuple[int, int]) -> int:
    """How many sessions more there are."""
    new = db.execute("INSERT OR IGNORE INTO sessions VALUES (?,?,?,?)", (subject_id, session_id, *bounds)).rowcount
    if not new:
        db.execute(
            "UPDATE sessions SET first_us = min(first_us, ?3), last_us = max(last_us, ?4)"
            " WHERE subject_id = ?1 AND session_id = ?2",
            (subject_id, session_id, *bounds),
        )
    return new


def day_of(time_us: int) -> int:
    """The UTC day since 1970-01-01 of an instant, within what two bytes hold."""
    return min(max(time_us // DAY_US, 0), _LAST_DAY)


def pack_days(days: Sequence[int]) -> bytes:
    """Two bytes a day, little-endian."""
    return struct.pack(f"<{len(days)}H", *days)


def unpack_days(packed: bytes) -> tuple[int, ...]:
    """The inverse of `pack_days`."""
    return struct.unpack(f"<{len(packed) // 2}H", packed)
