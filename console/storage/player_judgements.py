"""Stage and churn risk of every player of an application, at one instant: what orders by them are made of."""

import sqlite3
import threading
from typing import Final, NamedTuple

from console.players.churn_risk import stage_and_score
from console.players.definitions import ChurnWindow, Stage
from console.storage.player_roster import AT_ONCE, IsWanted, PlayerRoster, check_wanted, decode_profile

_MINUTE_US: Final = 60_000_000
_NUMBERS: Final[dict[Stage, int]] = {
    "new": 0, "active": 1, "resurrected": 2, "at_risk": 3, "dormant": 4, "churned": 5
}  # fmt: skip


class Judgement(NamedTuple):
    """Of one player. `stage` counts from new, 0, to churned, 5; `profile` is what was judged, encoded."""

    stage: int
    risk: float
    profile: bytes


class PlayerJudgements:
    """Judges whoever changed since the last question of the same minute; nobody minds when a stage is a minute old.

    Use it from any thread. Keeps the latest minute that was asked about, and what was judged of it before somebody
    stopped waiting.
    """

    def __init__(self, roster: PlayerRoster) -> None:
        self._roster = roster
        self._lock = threading.Lock()
        self._question: tuple[object, ...] = ()
        self._judged: dict[str, Judgement] = {}

    def of(
        self, db: sqlite3.Connection, app_id: str, now_us: int, window: ChurnWindow, is_wanted: IsWanted
    ) -> dict[str, Judgement]:
        """The judgement of every player by id. Raises NotWanted."""
        profiles = self._roster.encoded(db, app_id, is_wanted)
        with self._lock:
            question = (app_id, window, now_us // _MINUTE_US)
            if question != self._question:
                self._question, self._judged = question, {}
            judged = self._judged
            news = [
                item for item in profiles.items() if item[0] not in judged or judged[item[0]].profile is not item[1]
            ]
            for number, (player_id, encoded) in enumerate(news):
                if number % AT_ONCE == 0:
                    check_wanted(is_wanted)
                profile = decode_profile(encoded)
                stage, risk = stage_and_score(profile, now_us, window)
                judged[player_id] = Judgement(_NUMBERS[stage], risk, encoded)
            for player_id in judged.keys() - profiles.keys():
                del judged[player_id]
            return judged.copy()
