"""Which pen draws which session: its colour of every view; where several have that colour, dashes of its own. Pure."""

from collections.abc import Iterable

from console.ui.colours import HUES, SHADES, Colours
from console.ui.performance.session_rates import SessionKey, SessionRates


class Pens:
    """Numbers of pens, for `session_pen`.

    A session keeps its pen for as long as it is drawn; its colour it keeps for good.
    """

    def __init__(self, colours: Colours) -> None:
        self._colours = colours
        self._pens: dict[SessionKey, int] = {}
        colours.when_learnt(self._pens.clear)

    def take(self, sessions: Iterable[SessionRates]) -> dict[SessionKey, int]:
        """The pens of these sessions; those of all others are free again."""
        sessions = list(sessions)
        kept = {session.key: self._pens[session.key] for session in sessions if session.key in self._pens}
        used = set(kept.values())
        for session in sessions:
            if session.key not in kept:
                pen = self._colours.session(*session.key, session.player_id)
                while pen in used:
                    pen += HUES * SHADES
                kept[session.key] = pen
                used.add(pen)
        self._pens.clear()
        self._pens.update(kept)
        return kept
