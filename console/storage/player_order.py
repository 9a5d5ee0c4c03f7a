"""In which order a table shows an application's players: what SQL can say, and what must be judged one by one."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from string import ascii_lowercase, ascii_uppercase
from typing import Final

from console.messages.players import PlayerSort
from console.players.definitions import ChurnWindow
from console.storage.player_judgements import Judgement, PlayerJudgements
from console.storage.player_roster import IsWanted, PlayerRoster, always

# What SQL cannot say.
JUDGED_SORTS: Final[frozenset[PlayerSort]] = frozenset({"stage", "churn_risk"})

_FRESH_PER_SEC: Final = 5.0  # of work
_MINUTE_US: Final = 60_000_000

# Those in whose ids, name or address a text is found; nothing of a player has a line break that people would search.
_FOUND: Final = """
FROM known k
WHERE app_id = :app_id AND (:search = '' OR instr(lower(
    player_id || char(10) || ifnull(external_id, '') || char(10) || ifnull(device_id, '') || char(10)
    || ifnull(email, '')
), :search))
"""
# A player's subjects are found by the two ids that events may know the player by.
_SUBJECTS: Final = "FROM activity.subjects s WHERE s.player_id IN (k.player_id, k.telemetry_id)"
_SESSIONS: Final = f"""
    SELECT r.session_id FROM main.sessions r WHERE r.player_id = k.player_id
    UNION
    SELECT t.session_id FROM activity.sessions t WHERE t.subject_id IN (SELECT s.subject_id {_SUBJECTS})
"""  # noqa: S608  # constants
_SORT_KEYS: Final[dict[PlayerSort, str]] = {
    "external_id": "lower(k.external_id)",
    "revenue": "k.revenue_minor",
    "first_seen": f"min(k.first_us, ifnull((SELECT min(s.first_us) {_SUBJECTS}), k.first_us))",
    "last_seen": f"max(k.last_us, ifnull((SELECT max(s.last_us) {_SUBJECTS}), k.last_us))",
    "session_count": f"(SELECT count(*) FROM ({_SESSIONS}))",  # noqa: S608
}
_LOWER: Final = str.maketrans(ascii_uppercase, ascii_lowercase)  # as SQLite's lower() does
_IDS: Final = f"SELECT player_id {_FOUND}"
_SORTED_IDS: Final = {
    (sort, descending): f"{_IDS} ORDER BY {'external_id IS NULL, ' if sort == 'external_id' else ''}"
    f"{key}{' DESC' if descending else ''}, player_id"
    for sort, key in _SORT_KEYS.items()
    for descending in (False, True)
}


class _Sorted:
    """Every player who was asked for, in order; good for a while. Whoever sorts holds the lock."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.player_ids: list[str] = []
        self.until = float("-inf")


class PlayerOrder:
    """Keeps an order for as long as five times what it cost, at most a sixth of one processor's time therefore.

    Whoever scrolls through many players asks for page after page, and is best served with pages of one order.
    """

    def __init__(self, roster: PlayerRoster, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._judgements = PlayerJudgements(roster)
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._kept: dict[tuple[object, ...], _Sorted] = {}

    def page(
        self,
        db: sqlite3.Connection,
        *,
        app_id: str,
        search: str,
        sort: PlayerSort,
        descending: bool,
        limit: int,
        offset: int,
        now_us: int,
        window: ChurnWindow,
        is_wanted: IsWanted = always,
    ) -> tuple[int, list[str]]:
        """How many there are, and the ids of a page. By external id, whoever has none comes last.

        The connection is one that `profile_rows.prepare` made ready. Raises NotWanted.
        """
        found = {"app_id": app_id, "search": search.translate(_LOWER)}
        judged = sort in JUDGED_SORTS
        # Nobody minds when a stage is a minute old.
        question = (*found.values(), sort, descending, *((now_us // _MINUTE_US, window) if judged else ()))
        kept = self._place_of(question)
        with kept.lock:
            began = self._monotonic()
            if kept.until <= began:
                if judged:
                    judgements = self._judgements.of(db, app_id, now_us, window, is_wanted)
                    among = [row[0] for row in db.execute(_IDS, found)] if search else judgements
                    kept.player_ids = _sorted_by_judgement(judgements, among, sort, descending)
                else:
                    kept.player_ids = [row[0] for row in db.execute(_SORTED_IDS[sort, descending], found)]
                now = self._monotonic()
                kept.until = now + _FRESH_PER_SEC * (now - began)
            player_ids = kept.player_ids
        return len(player_ids), player_ids[offset : offset + limit]

    def _place_of(self, question: tuple[object, ...]) -> _Sorted:
        now = self._monotonic()
        with self._lock:
            self._kept = {
                known: order for known, order in self._kept.items() if order.until > now or order.lock.locked()
            }
            return self._kept.setdefault(question, _Sorted())


def _sorted_by_judgement(
    judged: Mapping[str, Judgement], player_ids: Iterable[str], sort: PlayerSort, descending: bool
) -> list[str]:
    """By risk, or by stage and among those of one by risk."""
    by_stage = sort == "stage"
    keys = [
        (one.stage if by_stage else 0, one.risk, player_id)
        for player_id in player_ids
        if (one := judged.get(player_id)) is not None
    ]
    keys.sort(reverse=descending)
    return [player_id for _, _, player_id in keys]
