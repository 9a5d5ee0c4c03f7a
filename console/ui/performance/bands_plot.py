"""How the frame rates of all sessions in scope spread over time, and where the chosen ones lie among them."""

import pyqtgraph as pg
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from console.ui.performance.bands import Bands
from console.ui.performance.choices import RATE_WORDS, Choices, in_unit
from console.ui.performance.dashed_line import DashedLine
from console.ui.performance.session_rates import SessionKey, SessionRates
from console.ui.performance.time_plot import TimePlot, line_colour, reach, session_pen
from console.ui.theme import Tokens

_WIDE_ALPHA, _NARROW_ALPHA = 40, 80
MAX_BESIDE = 6  # chosen sessions that are drawn over the bands


class BandsPlot(TimePlot):
    """Bars from 5 to 95 and from 25 to 75 percent, a line for the median, and lines for chosen sessions."""

    def __init__(self, tokens: Tokens, choices: Choices, *, clock: bool, parent: QWidget | None = None) -> None:
        self.bands: Bands | None = None
        self.drawn: Bands | None = None
        self._since_start = not clock
        self._bars: list[pg.BarGraphItem] = []
        self._median: DashedLine | None = None
        self._lines: list[DashedLine] = []
        self._pens: list[int] = []
        super().__init__(tokens, choices, clock=clock, parent=parent)
        plot = self.getPlotItem()
        self._bars += [pg.BarGraphItem(x0=[], x1=[], y0=[], y1=[], pen=None) for _ in range(2)]
        for bars in self._bars:
            bars.setZValue(-5)
            plot.addItem(bars, ignoreBounds=True)
        self._median = self.add_curve()
        self._lines += [self.add_curve() for _ in range(MAX_BESIDE)]
        self.set_tokens(tokens)

    def set_tokens(self, tokens: Tokens) -> None:
        """Paint in these colours."""
        super().set_tokens(tokens)
        for bars, alpha in zip(self._bars, (_WIDE_ALPHA, _NARROW_ALPHA), strict=False):
            colour = QColor(line_colour(tokens, 0))
            colour.setAlpha(alpha)
            bars.setOpts(brush=colour)
        if self._median is not None:
            self._median.setPen(pg.mkPen(tokens.text, width=1))
        for pen, line in zip(self._pens, self._lines, strict=False):
            line.setPen(session_pen(tokens, pen))

    def show_bands(
        self,
        whole: Bands | None,
        beside: list[SessionRates],
        pens: dict[SessionKey, int],
        near: Bands | None = None,
    ) -> None:
        """Draw the bands of the whole recording, or finer ones of what is in sight; over them MAX_BESIDE sessions."""
        self.bands = whole
        self._pens = [pens[session.key] for session in beside[:MAX_BESIDE]]
        for pen, line in zip(self._pens, self._lines, strict=False):
            line.setPen(session_pen(self.tokens, pen))
        bands = self.drawn = whole if near is None else near
        unit, rate = self.choices.unit, self.choices.rate
        self.setAccessibleName(f"Spread of the frame rate ({RATE_WORDS[rate]}) of all sessions over time")
        if bands is None:
            values = None
            for bars in self._bars:
                bars.setOpts(x0=[], x1=[], y0=[], y1=[])
        else:
            values = bands.in_unit(unit)
            for bars, low, high in zip(self._bars, (0, 1), (4, 3), strict=True):
                ends = bands.starts + bands.width
                bars.setOpts(x0=bands.starts, x1=ends, y0=values[low], y1=values[high])
        assert self._median is not None
        self._median.setData(*(([], []) if bands is None else bands.median_line(unit)))
        for number, line in enumerate(self._lines):
            if number < len(beside):
                seconds, rates = beside[number].line(rate)
                line.setData(
                    seconds - (beside[number].began_us / 1e6 if self._since_start else 0), in_unit(rates, unit)
                )
            else:
                line.setData([], [])
        # The scale is that of the whole, so that it does not jump while somebody looks around.
        self.top = self.needed_top([] if whole is None else [reach(whole.in_unit(unit)[4])])

    def x_range(self) -> tuple[float, float] | None:
        """From the first bin to the end of the last one."""
        if self.bands is None:
            return None
        return float(self.bands.starts[0]), float(self.bands.starts[-1]) + self.bands.width
