"""Which colour stands for which player and which session: the same in every view, for as long as the window lives.

Views show the same people at once: a track on the level, a lane of the timeline, a line of the frame rate. A colour is
a number here, of which a theme makes one of its series; numbers are given in order of appearance, whichever view shows
somebody first. The first session of a player has the player's own colour. No Qt.
"""

import zlib
from typing import Final

Key = tuple[str, str]

# So many players, and so many sessions, are remembered; a later one's number is made of its name, which is as stable.
MAX_KNOWN: Final = 65_536


class Colours:
    """Gives players and sessions their numbers. A name means one of its application: others may use the same."""

    def __init__(self, most: int = MAX_KNOWN) -> None:
        self._most = most
        self._next = 0
        self._players: dict[Key, int] = {}
        self._sessions: dict[Key, int] = {}
        self._played: set[Key] = set()  # players whose own number a session has

    def player(self, app_id: str, player_id: str) -> int:
        """The number of a player."""
        return self._number(self._players, (app_id, player_id))

    def session(self, app_id: str, session_id: str, player_id: str) -> int:
        """The number of a session; that of its player, when it is the first of theirs that is asked for."""
        key = app_id, session_id
        known = self._sessions.get(key)
        if known is not None:
            return known
        owner = app_id, player_id
        if player_id and owner not in self._played and len(self._sessions) < self._most:
            number = self.player(app_id, player_id)
            if owner in self._players:
                self._played.add(owner)
            self._sessions[key] = number
            return number
        return self._number(self._sessions, key)

    def _number(self, known: dict[Key, int], key: Key) -> int:
        number = known.get(key)
        if number is not None:
            return number
        if len(known) >= self._most:
            return zlib.crc32("\0".join(key).encode("utf-8", "surrogatepass"))
        number = known[key] = self._next
        self._next += 1
        return number
