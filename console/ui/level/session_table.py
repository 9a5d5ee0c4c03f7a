"""What tracks know of their sessions, by number: whose they are, which build, when they began, and what is hidden.

A vertex carries its session's number only. So colouring, hiding and highlighting sessions touches this table, and
never the vertices. No Qt.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.ui.colours import Colours

Ints = NDArray[np.int64]
UNKNOWN_US = -1
HIDDEN, DIMMED, NORMAL = 0, 1, 2


@dataclass(frozen=True)
class SessionFacts:
    """One session: `player` and `build` are numbers in order of appearance."""

    app_id: str
    session_id: str
    player_id: str
    build_id: str
    player: int
    build: int

    @property
    def key(self) -> str:
        """Names the session: two applications may use the same session id."""
        return session_key(self.app_id, self.session_id)


def session_key(app_id: str, session_id: str) -> str:
    """Names a session: two applications may use the same session id."""
    return f"{app_id}/{session_id}"


class SessionTable:
    """Sessions in order of appearance: a session keeps its number. `revision` grows with changes.

    Players and sessions have the `colours` that they have in every view; builds have theirs in order of appearance.
    """

    def __init__(self, colours: Colours | None = None) -> None:
        self.revision = 0
        self._book = Colours() if colours is None else colours
        self._facts: list[SessionFacts] = []
        self._numbers: dict[str, int] = {}
        self._players: dict[tuple[str, str], int] = {}
        self._builds: dict[tuple[str, str], int] = {}
        self._player = np.zeros(64, dtype=np.int64)
        self._build = np.zeros(64, dtype=np.int64)
        self._player_colour = np.zeros(64, dtype=np.int64)
        self._session_colour = np.zeros(64, dtype=np.int64)
        self._entered_us = np.zeros(64, dtype=np.int64)
        self._emphasis: NDArray[np.uint8] | None = None
        self._hidden: dict[str, set[int]] = {"player": set(), "session": set(), "build": set()}
        self._highlighted: int | None = None
        self._book.when_learnt(self._colour_anew)

    def __len__(self) -> int:
        return len(self._facts)

    def __getitem__(self, number: int) -> SessionFacts:
        return self._facts[number]

    # who is known

    def number(self, app_id: str, session_id: str, player_id: str, build_id: str) -> int:
        """The session's number; a session heard of for the first time gets the next."""
        key = session_key(app_id, session_id)
        number = self._numbers.get(key)
        if number is not None:
            if build_id and not self._facts[number].build_id:
                self._tell(number, SessionFacts(app_id, session_id, player_id, build_id, 0, 0))
            return number
        number = self._numbers[key] = len(self._facts)
        self._facts.append(SessionFacts(app_id, session_id, player_id, build_id, 0, 0))
        if number == len(self._player):
            columns = self._player, self._build, self._entered_us, self._player_colour, self._session_colour
            self._player, self._build, self._entered_us, self._player_colour, self._session_colour = (
                np.concatenate([column, np.zeros_like(column)]) for column in columns
            )
        self._entered_us[number] = UNKNOWN_US
        self._tell(number, self._facts[number])
        return number

    def find(self, app_id: str, session_id: str) -> int | None:
        """The number of a session, None when its tracks were never seen."""
        return self._numbers.get(session_key(app_id, session_id))

    def entered(self, number: int, time_us: int) -> None:
        """The session was on the level at this time: the earliest one is when it entered."""
        known = self._entered_us[number]
        if known == UNKNOWN_US or time_us < known:
            self._entered_us[number] = time_us
            self.revision += 1

    def forget_entries(self) -> None:
        """Another level: nobody has entered it yet."""
        self._entered_us[:] = UNKNOWN_US
        self.revision += 1

    def _tell(self, number: int, facts: SessionFacts) -> None:
        app_id, session_id, player_id = facts.app_id, facts.session_id, facts.player_id
        player = self._players.setdefault((app_id, player_id), len(self._players))
        build = self._builds.setdefault((app_id, facts.build_id), len(self._builds))
        self._facts[number] = SessionFacts(app_id, session_id, player_id, facts.build_id, player, build)
        self._player[number], self._build[number] = player, build
        self._colour(number)
        self._changed()

    def _colour(self, number: int) -> None:
        facts = self._facts[number]
        self._player_colour[number] = self._book.player(facts.app_id, facts.player_id)
        self._session_colour[number] = self._book.session(facts.app_id, facts.session_id, facts.player_id)

    def _colour_anew(self) -> None:
        for number in range(len(self)):
            self._colour(number)
        self._changed()

    # columns, by session number

    @property
    def entered_us(self) -> Ints:
        """When each session entered the level, UNKNOWN_US where that is not known."""
        return self._entered_us[: len(self)]

    def groups(self, by: str) -> Ints:
        """The number of each session's `player`, `build`, or of the `session` itself."""
        if by == "player":
            return self._player[: len(self)]
        return self._build[: len(self)] if by == "build" else np.arange(len(self))

    def colours(self, by: str) -> Ints:
        """The number, in a series of colours, of each session's `player`, `build`, or of the `session` itself."""
        if by == "build":
            return self._build[: len(self)]
        return (self._player_colour if by == "player" else self._session_colour)[: len(self)]

    def group_name(self, by: str, group: int) -> str:
        """What a person calls a player, build or session of that number."""
        if by == "session":
            facts = self._facts[group]
            return f"{facts.player_id} · {facts.session_id}"
        first = int(np.flatnonzero(self.groups(by) == group)[0])
        return self._facts[first].player_id if by == "player" else self._facts[first].build_id or "no build"

    # what is seen

    @property
    def highlighted(self) -> int | None:
        """The session that stands out, all others dimmed."""
        return self._highlighted

    def highlight(self, number: int | None) -> None:
        if number != self._highlighted:
            self._highlighted = number
            self._changed()

    def hidden(self, by: str) -> Collection[int]:
        """The players, builds or sessions whose tracks are not shown."""
        return self._hidden[by]

    def set_hidden(self, by: str, group: int, hidden: bool) -> None:
        """Show or hide the tracks of a player, build or session."""
        if hidden != (group in self._hidden[by]):
            (self._hidden[by].add if hidden else self._hidden[by].discard)(group)
            self._changed()

    def emphasis(self) -> NDArray[np.uint8]:
        """HIDDEN, DIMMED or NORMAL of every session."""
        if self._emphasis is None:
            result = np.full(len(self), NORMAL if self._highlighted is None else DIMMED, dtype=np.uint8)
            for by, groups in self._hidden.items():
                if groups:
                    result[np.isin(self.groups(by), list(groups))] = HIDDEN
            if self._highlighted is not None:
                result[self._highlighted] = NORMAL  # chosen by a person: shown although its group is hidden
            self._emphasis = result
        return self._emphasis

    def _changed(self) -> None:
        self._emphasis = None
        self.revision += 1
