"""A small playtest on a level of one hall: who played what, as a game sends it."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgpack
import requests

from tests.e2e.processes import Credentials, Server

START = datetime(2026, 2, 12, 10, tzinfo=UTC)
LEVEL = "Hall"
SECS = 60  # that a session lasts
OLD_CORNER, NEW_CORNER, LOST_CORNER = (-5.0, -5.0), (5.0, 5.0), (5.0, -5.0)
# A floor of 20 m × 20 m with a wall in its middle, Z up.
MODEL = """\
v -10 -10 0\nv 10 -10 0\nv 10 10 0\nv -10 10 0\nf 1 2 3\nf 1 3 4
v -2 0 0\nv 2 0 0\nv 2 0 3\nv -2 0 3\nf 5 6 7\nf 5 7 8
"""


def us(seconds: float) -> int:
    """A moment of the playtest, in µs since 1970."""
    return round((START.timestamp() + seconds) * 1e6)


@dataclass(frozen=True)
class Played:
    """A session: whose, when it began, in which corner it stayed, which steps it reached and when it died."""

    player: str
    build: str
    start: float
    corner: tuple[float, float]
    steps: tuple[str, ...] = ()
    died: float | None = None
    fps: float = 60.0
    level: str | None = LEVEL

    @property
    def session(self) -> str:
        return f"session of {self.player}"

    def events(self, app_id: str) -> list[dict[str, Any]]:
        """As a game sends them: steps ten seconds apart, a sample a second on a circle of 1 m."""
        who = {"app_id": app_id, "build_id": self.build, "player_id": self.player, "session_id": self.session}
        if self.level is not None:
            who["level_id"] = self.level
        found: list[dict[str, Any]] = [
            {**who, "funnel_step_name": step, "timestamp": _stamp(self.start + 10 * number)}
            for number, step in enumerate(self.steps)
        ]
        if self.died is not None:
            place = [*self.corner, 1.0]
            at = _stamp(self.start + self.died)
            found.append({**who, "event_name": "Player_Death", "position": place, "timestamp": at})
        x, y = self.corner
        track = [(x + math.cos(second), y + math.sin(second), 0.5) for second in range(SECS + 1)]
        who.pop("level_id", None)
        found.append(
            {
                **who,
                "status": "Gameplay",
                "input_method": "gamepad",
                "fps": {"mean": self.fps, "low_5": self.fps * 0.8, "low_1": self.fps * 0.5},
                "positions": [number for place in track for number in place],
                "timestamp_start": _stamp(self.start),
                "timestamp_end": _stamp(self.start + SECS),
            }
        )
        return found


PLAYTEST = (
    Played("ann", "1.0", 0, OLD_CORNER, ("Start", "Door", "Exit"), died=40),
    Played("bob", "1.0", 120, OLD_CORNER, ("Start", "Door")),
    Played("cid", "2.0", 240, NEW_CORNER, ("Start", "Door"), died=40, fps=20),
    Played("dan", "2.0", 360, NEW_CORNER, ("Start",)),
    Played("eve", "2.0", 480, LOST_CORNER, level=None),
)
PLAYED = sum(one.level is not None for one in PLAYTEST) * (SECS + 1)  # samples on the level


def _stamp(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def send(server: Server, credentials: Credentials, *sessions: Played) -> None:
    """One request a session."""
    for played in sessions:
        body = msgpack.packb(played.events(credentials.app_id))
        headers = {"x-public-token": credentials.public_key}
        answer = requests.post(server.events_url, data=body, headers=headers, timeout=90)
        assert answer.status_code == 200, answer.text
