"""Which colour stands for which player and which session: the same in every view, and each time the window is opened.

Views show the same people at once: a track on the level, a lane of the timeline, a line of the frame rate. A player has
one of a few hues, in the order in which their sessions came to be known. Sessions have the hue of their player, the
first in full and the next in other shades: so a name means one hue wherever it stands. No Qt.
"""

import zlib
from collections.abc import Callable, Iterable
from typing import Final

Key = tuple[str, str]

HUES: Final = 6  # as many as a theme's series has
SHADES: Final = 3
# So many players, and so many sessions, are remembered; a later one's colour is made of its name, which is as stable.
MAX_KNOWN: Final = 65_536


class Colours:
    """Gives players and sessions the places of their colours in `palette.people`: all hues, once in each shade.

    A name means one of its application: others may use the same. Whoever is asked for before the recording's order is
    learnt gets a colour by order of asking until then.
    """

    def __init__(self, most: int = MAX_KNOWN) -> None:
        self._most = most
        self._players: dict[Key, int] = {}
        self._sessions: dict[Key, int] = {}
        self._played: dict[Key, int] = {}  # sessions of a player
        self._learnt = False
        self._told: list[Callable[[], object]] = []

    def when_learnt(self, act: Callable[[], object]) -> None:
        """Call `act` once colours that were given before may be others."""
        self._told.append(act)

    def learn(self, sessions: Iterable[tuple[str, str, str]]) -> None:
        """Take the sessions of a recording in their order, as (app_id, session_id, player_id); who is new comes last.

        The first time decides for all that were asked for before, too.
        """
        first, self._learnt = not self._learnt, True
        asked = (self._players, self._sessions) if first else ({}, {})
        if first:
            self._players, self._sessions, self._played = {}, {}, {}
        for session in sessions:
            self.session(*session)
        if any(self._players.get(key) != hue for key, hue in asked[0].items()) or any(
            self._sessions.get(key) != place for key, place in asked[1].items()
        ):
            for act in self._told:
                act()

    def player(self, app_id: str, player_id: str) -> int:
        """The place of a player's colour, 0 … HUES − 1."""
        key = app_id, player_id
        known = self._players.get(key)
        if known is not None:
            return known
        if len(self._players) >= self._most:
            return _made_of(key) % HUES
        hue = self._players[key] = len(self._players) % HUES
        return hue

    def session(self, app_id: str, session_id: str, player_id: str) -> int:
        """The place of a session's colour, 0 … HUES × SHADES − 1."""
        key = app_id, session_id
        known = self._sessions.get(key)
        if known is not None:
            return known
        owner = app_id, player_id or session_id
        hue = self.player(*owner)
        if len(self._sessions) >= self._most:
            return hue + HUES * (_made_of(key) % SHADES)
        before = self._played.get(owner, 0)
        self._played[owner] = before + 1
        place = self._sessions[key] = hue + HUES * (before % SHADES)
        return place


def _made_of(key: Key) -> int:
    return zlib.crc32("\0".join(key).encode("utf-8", "surrogatepass"))
