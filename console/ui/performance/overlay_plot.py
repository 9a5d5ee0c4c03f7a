"""One of the three rates of many sessions in one plot, each with a line of its own."""

from PySide6.QtWidgets import QWidget

from console.ui.performance.choices import RATE_WORDS, Choices, in_unit
from console.ui.performance.dashed_line import DashedLine
from console.ui.performance.session_rates import SessionKey, SessionRates
from console.ui.performance.time_plot import TimePlot, reach, session_pen
from console.ui.theme import Tokens


class OverlayPlot(TimePlot):
    """Sessions, each with the pen that it is given."""

    def __init__(self, tokens: Tokens, choices: Choices, parent: QWidget | None = None) -> None:
        self._curves: dict[int, DashedLine] = {}  # by pen
        self._drawn: dict[int, tuple[object, ...]] = {}
        self._reaches: dict[int, float] = {}
        super().__init__(tokens, choices, parent=parent)

    def set_tokens(self, tokens: Tokens) -> None:
        """Paint in these colours."""
        super().set_tokens(tokens)
        for pen, curve in self._curves.items():
            curve.setPen(session_pen(tokens, pen))

    def show_sessions(self, sessions: list[SessionRates], pens: dict[SessionKey, int]) -> None:
        """Draw these with the numbers of their pens, as far as they changed."""
        for session in sessions:
            self._draw(session, pens[session.key])
        for pen in set(self._drawn) - {pens[session.key] for session in sessions}:
            self.removeItem(self._curves.pop(pen))
            del self._drawn[pen], self._reaches[pen]
        self.top = self.needed_top(self._reaches.values())
        self.setAccessibleName(f"Frame rates of {len(sessions)} sessions over time, {RATE_WORDS[self.choices.rate]}")

    def _draw(self, session: SessionRates, pen: int) -> None:
        state = session.key, session.revision, self.choices.unit, self.choices.rate
        if self._drawn.get(pen) == state:
            return
        if pen not in self._curves:
            self._curves[pen] = self.add_curve()
            self._curves[pen].setPen(session_pen(self.tokens, pen))
        self._drawn[pen] = state
        seconds, rates = session.line(self.choices.rate)
        values = in_unit(rates, self.choices.unit)
        self._reaches[pen] = reach(values)
        self._curves[pen].setData(seconds, values)
