"""Every profile of an application in memory, for questions about all players: counts, and orders that must be judged.

Reading a profile takes ten times as long as looking at it. So all are read once, and after that those that changed:
each row tells which request or commit changed it last. Kept encoded, a profile takes less than a kilobyte.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Final

import msgspec

from console.players.profiles import Profile
from console.storage.profile_rows import read_behind, read_profiles

AT_ONCE: Final = 500  # players, between two looks at whether the answer is wanted

# Of both projections at one moment, or a little before: what is read after it has at least this in it.
_POSITION: Final = "SELECT (SELECT reached FROM main.position), (SELECT changes FROM activity.position)"
# The ids that changes speak of, and those that profiles may have had, or have now, because of them.
_CHANGED: Final = """
SELECT player_id, telemetry_id FROM main.players WHERE app_id = ?1 AND request_id > ?2
UNION ALL
SELECT s.player_id, p.player_id
FROM activity.subjects s LEFT JOIN main.players p ON p.app_id = s.app_id AND p.external_id = s.external_id
WHERE s.app_id = ?1 AND s.changed > ?3
"""

# About as many as there are, and no fewer: who is known to both APIs may be counted twice.
_HOW_MANY: Final = """
SELECT (SELECT count(*) FROM main.players WHERE app_id = ?1)
    + (SELECT count(*) FROM activity.subjects WHERE app_id = ?1)
"""
_MOST_READ_AHEAD: Final = 200_000

IsWanted = Callable[[], bool]

_encode = msgspec.msgpack.Encoder().encode
decode_profile = msgspec.msgpack.Decoder(Profile).decode


class NotWanted(Exception):
    """Nobody waits for the answer any more."""


class PlayerRoster:
    """Keeps the application that was asked about last. Use it from any thread.

    The connections are such as `profile_rows.prepare` made ready. What is asked for looks now and then whether it is
    still wanted, and raises NotWanted when it is not; what was read until then is not read again.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._app_id = ""
        self._kept: dict[str, bytes] = {}
        self._as_of = (0, 0)
        self._read_upto: str | None = None  # while not all were read

    def encoded(self, db: sqlite3.Connection, app_id: str, is_wanted: IsWanted) -> dict[str, bytes]:
        """Every profile by its player's id, for `decode_profile`. One that did not change stays the same object."""
        with self._lock:
            if app_id != self._app_id:
                self._as_of = db.execute(_POSITION).fetchone()
                self._app_id, self._kept, self._read_upto = app_id, {}, ""
            while self._read_upto is not None:
                self._read_more(db, self._read_upto)
                check_wanted(is_wanted)
            position = db.execute(_POSITION).fetchone()
            for player_ids in _batches(self._changed(db)):
                self._read_again(db, player_ids)
                check_wanted(is_wanted)
            self._as_of = position
            return self._kept.copy()

    def read_ahead(self, db: sqlite3.Connection, app_id: str, is_wanted: IsWanted) -> None:
        """Read what the next question will need, unless that is very much. Raises NotWanted."""
        (how_many,) = db.execute(_HOW_MANY, (app_id,)).fetchone()
        if how_many <= _MOST_READ_AHEAD:
            self.encoded(db, app_id, is_wanted)

    def _read_more(self, db: sqlite3.Connection, behind: str) -> None:
        profiles = read_behind(db, self._app_id, behind, AT_ONCE)
        self._read_upto = next(reversed(profiles)) if len(profiles) == AT_ONCE else None
        for player_id, profile in profiles.items():
            self._kept[player_id] = _encode(profile)

    def _changed(self, db: sqlite3.Connection) -> set[str]:
        rows = db.execute(_CHANGED, (self._app_id, *self._as_of)).fetchall()
        return {player_id for row in rows for player_id in row if player_id is not None}

    def _read_again(self, db: sqlite3.Connection, player_ids: list[str]) -> None:
        profiles = read_profiles(db, player_ids)
        for player_id in player_ids:
            if player_id not in profiles:  # another player has taken the external id
                self._kept.pop(player_id, None)
            elif (content := _encode(profiles[player_id])) != self._kept.get(player_id):
                self._kept[player_id] = content


def always() -> bool:
    """For an answer that is wanted in any case."""
    return True


def decoded(encoded: Mapping[str, bytes], is_wanted: IsWanted) -> Iterator[Profile]:
    """The profiles, by id. Raises NotWanted."""
    for number, player_id in enumerate(sorted(encoded)):
        if number % AT_ONCE == 0:
            check_wanted(is_wanted)
        yield decode_profile(encoded[player_id])


def check_wanted(is_wanted: IsWanted) -> None:
    """Raises NotWanted."""
    if not is_wanted():
        raise NotWanted


def _batches(player_ids: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(player_ids)
    while batch := list(islice(rest, AT_ONCE)):
        yield batch
