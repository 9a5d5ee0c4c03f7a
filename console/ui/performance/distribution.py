"""How much of the time was played at which rate: the sessions shown, beside everything in scope."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.telemetry.frame_rates import RateHistogram
from console.ui.performance.choices import RATE_WORDS, Choices, amount, in_unit, percent, under
from console.ui.performance.session_rates import Floats
from console.ui.performance.time_plot import line_colour
from console.ui.style import mono_font
from console.ui.theme import Theme
from console.ui.widgets.elided_label import ElidedLabel

_FILL_ALPHA = 110
_BEHIND_NAME_ALPHA = 190  # bars as high as a name show through, and leave it legible
_BIN = {"fps": 1.0, "ms": 0.5}
# Where the axis ends at least and at most: beyond lies next to nothing, or what a client made up.
_ENDS = {"fps": (75.0, 400.0), "ms": (40.0, 250.0)}


def shares(histogram: RateHistogram, choices: Choices, end: float) -> tuple[Floats, Floats]:
    """Bin edges in the unit shown, and the share of the time in each bin; what lies past the end is in the last one."""
    edges = np.arange(0, end + _BIN[choices.unit], _BIN[choices.unit])
    if choices.unit == "fps":
        below = histogram.shares_below(edges)
        below[-1] = 1.0
    else:
        with np.errstate(divide="ignore"):
            below = 1.0 - histogram.shares_below(np.minimum(1000.0 / edges, 1e9))
        below[0], below[-1] = 0.0, 1.0
    return edges, np.diff(below)


def axis_end(histograms: list[RateHistogram], choices: Choices) -> float:
    """Where an axis ends that shows all budgets and all but half a percent of the time."""
    least, most = _ENDS[choices.unit]
    wanted = [least, *(1.1 * in_unit(np.array(choices.budgets), choices.unit))]
    extreme = 99.5 if choices.unit == "fps" else 0.5
    for histogram in histograms:
        if histogram.total > 0:
            rate = np.array([histogram.percentile(extreme)])
            wanted.append(1.1 * float(in_unit(rate, choices.unit)[0]))
    return float(min(most, np.ceil(max(wanted) / 5) * 5))


class Distribution(QWidget):
    """Filled: the sessions shown. Outlined: everything in scope. Either as a histogram, or summed up from the left."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._choices = Choices()
        self._shown: RateHistogram | None = None
        self._all: RateHistogram | None = None
        self.summed = QPushButton("Cumulative")
        self.summed.setCheckable(True)
        self.summed.setToolTip("Sum up from the left: how much of the time lies below a rate")
        self.summed.toggled.connect(self._draw)
        self._note = ElidedLabel()
        self._note.setProperty("role", "dim")
        bar = QHBoxLayout()
        bar.setSpacing(8)
        bar.addWidget(self._note, 1)
        bar.addWidget(self.summed)
        self.plot = pg.PlotWidget()
        item = self.plot.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setMouseEnabled(x=False, y=False)
        item.showGrid(x=False, y=True, alpha=0.12)
        item.getAxis("left").setWidth(44)
        item.getViewBox().disableAutoRange()
        for side in ("left", "bottom"):
            item.getAxis(side).enableAutoSIPrefix(False)
        self._of_all = item.plot(stepMode="center", x=[0, 1], y=[0])
        self._of_shown = item.plot(stepMode="center", x=[0, 1], y=[0], fillLevel=0)
        self._budgets: list[pg.InfiniteLine] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(bar)
        column.addWidget(self.plot, 1)
        self.set_tokens()

    def set_tokens(self) -> None:
        """Paint in the theme's colours."""
        tokens = self._theme.tokens
        self.plot.setBackground(tokens.panel)
        for side in ("left", "bottom"):
            axis = self.plot.getPlotItem().getAxis(side)
            axis.setPen(tokens.line)
            axis.setTextPen(tokens.dim)
            axis.setTickFont(mono_font(11))
        fill = QColor(line_colour(tokens, 0))
        self._of_shown.setPen(pg.mkPen(fill, width=1))
        fill = QColor(fill)
        fill.setAlpha(_FILL_ALPHA)
        self._of_shown.setBrush(fill)
        self._of_all.setPen(pg.mkPen(tokens.text, width=1))
        behind = QColor(tokens.panel)
        behind.setAlpha(_BEHIND_NAME_ALPHA)
        for budget in self._budgets:
            budget.label.fill = pg.mkBrush(behind)
            budget.setPen(pg.mkPen(tokens.dim, width=1, style=Qt.PenStyle.DashDotLine))
            budget.label.setColor(tokens.dim)
            budget.label.setFont(mono_font(11))

    def show_histograms(
        self, shown: RateHistogram | None, all_in_scope: RateHistogram | None, choices: Choices
    ) -> None:
        """Show these; None is not known, or has no time."""
        self._shown, self._all, self._choices = shown, all_in_scope, choices
        self._draw()

    def _draw(self) -> None:
        choices, item = self._choices, self.plot.getPlotItem()
        known = [histogram for histogram in (self._shown, self._all) if histogram is not None and histogram.total > 0]
        end = axis_end(known, choices)
        highest = 0.0
        for curve, histogram in ((self._of_shown, self._shown), (self._of_all, self._all)):
            if histogram is None or histogram.total <= 0:
                curve.setData([0, 1], [0])
                continue
            edges, parts = shares(histogram, choices, end)
            values = np.cumsum(parts) * 100 if self.summed.isChecked() else parts * 100
            curve.setData(edges, values)
            highest = max(highest, float(values.max()))
        item.getViewBox().setRange(xRange=(0, end), yRange=(0, max(highest * 1.08, 1)), padding=0)
        unit = "frames per second" if choices.unit == "fps" else "milliseconds a frame"
        item.setLabel("bottom", f"% of the time at each {RATE_WORDS[choices.rate]}, {unit}")
        for old in self._budgets:
            item.removeItem(old)
        options = {"position": 0.98, "anchors": [(0, 0)] * 2}
        self._budgets = [
            pg.InfiniteLine(
                float(in_unit(np.array([fps]), choices.unit)[0]),
                angle=90,
                label=amount(fps, choices.unit),
                labelOpts=options,
            )
            for fps in choices.budgets
        ]
        for budget in self._budgets:
            item.addItem(budget, ignoreBounds=True)
        self.set_tokens()
        self._make_room()
        words = self._words()
        self._note.setText(words)
        self.plot.setAccessibleName(words or "Nothing was played")

    def _make_room(self) -> None:
        """Names that would lie over another one are left out; the note above tells of all budgets."""
        scale, free = self.plot.getPlotItem().getViewBox().viewPixelSize()[0], -np.inf
        for budget in sorted(self._budgets, key=lambda budget: float(budget.value())):
            start = float(budget.value()) / scale
            budget.label.setVisible(start >= free)
            if start >= free:
                free = start + budget.label.boundingRect().width()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _words(self) -> str:
        parts = []
        for name, histogram in (("filled: the sessions shown", self._shown), ("outlined: all in scope", self._all)):
            if histogram is not None and histogram.total > 0:
                missed = ", ".join(
                    f"{percent(histogram.share_below(fps))} {under(fps, self._choices.unit)}"
                    for fps in self._choices.budgets
                )
                parts.append(f"{name}{' – ' + missed if missed else ''}")
        words = " · ".join(parts)
        return words[:1].upper() + words[1:]
