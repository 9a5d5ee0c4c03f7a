"""One of the three rates of many sessions in one plot, each with a line of its own."""

from PySide6.QtWidgets import QWidget

from console.ui.performance.choices import RATE_WORDS, Choices, in_unit
from console.ui.performance.dashed_line import DashedLine
from console.ui.performance.model import MAX_OVERLAID
from console.ui.performance.session_rates import SessionKey, SessionRates
from console.ui.performance.time_plot import TimePlot, reach, session_pen
from console.ui.theme import Tokens


class OverlayPlot(TimePlot):
    """Up to MAX_OVERLAID sessions. A session keeps its colour and dashes for as long as it is shown."""

    def __init__(self, tokens: Tokens, choices: Choices, parent: QWidget | None = None) -> None:
        self._curves: list[DashedLine] = []
        self._places: dict[SessionKey, int] = {}
        self._drawn: dict[int, tuple[object, ...]] = {}
        self._reaches: dict[int, float] = {}
        super().__init__(tokens, choices, parent=parent)

    def set_tokens(self, tokens: Tokens) -> None:
        """Paint in these colours."""
        super().set_tokens(tokens)
        for number, curve in enumerate(self._curves):
            curve.setPen(session_pen(tokens, number))

    @property
    def places(self) -> dict[SessionKey, int]:
        """The number of each session's pen."""
        return dict(self._places)

    def show_sessions(self, sessions: list[SessionRates]) -> None:
        """Draw these, as far as they changed."""
        keys = {session.key for session in sessions}
        self._places = {key: place for key, place in self._places.items() if key in keys}
        free = iter(sorted(set(range(MAX_OVERLAID)) - set(self._places.values())))
        for session in sessions:
            if session.key not in self._places:
                self._places[session.key] = next(free)
            self._draw(session, self._places[session.key])
        for number in set(self._drawn) - set(self._places.values()):
            self._curves[number].setData([], [])
            del self._drawn[number], self._reaches[number]
        self.top = self.needed_top(self._reaches.values())
        self.setAccessibleName(f"Frame rates of {len(sessions)} sessions over time, {RATE_WORDS[self.choices.rate]}")

    def _draw(self, session: SessionRates, place: int) -> None:
        state = session.key, session.revision, self.choices.unit, self.choices.rate
        if self._drawn.get(place) == state:
            return
        while len(self._curves) <= place:
            curve = self.add_curve()
            curve.setPen(session_pen(self.tokens, len(self._curves)))
            self._curves.append(curve)
        self._drawn[place] = state
        seconds, rates = session.line(self.choices.rate)
        values = in_unit(rates, self.choices.unit)
        self._reaches[place] = reach(values)
        self._curves[place].setData(seconds, values)
