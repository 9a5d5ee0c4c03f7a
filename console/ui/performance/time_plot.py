"""A plot of frame rates over time: axes, budgets, the clock's cursor and range, and what the mouse does."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from console.ui.colours import HUES
from console.ui.level.palette import mix, people
from console.ui.performance.choices import Choices, amount, in_unit
from console.ui.performance.dashed_line import DashedLine
from console.ui.performance.session_rates import LOW_1, LOW_5, MEAN, Floats
from console.ui.style import mono_font
from console.ui.theme import Tokens

# Rate, its name, its number in the colour series, its dashes in pixels. One pixel wide: wider pens are drawn ten times
# slower.
LINES: tuple[tuple[int, str, int, tuple[int, ...]], ...] = (
    (MEAN, "mean", 0, ()),
    (LOW_5, "low 5 %", 1, (8, 4)),
    (LOW_1, "low 1 %", 4, (2, 3)),
)
TOP = {"fps": 75.0, "ms": 40.0}  # what a plot reaches at least
_LEAST_S = 1.0
_TICK_PX = 90
_LEAST_TICK_PX = 18
_TICKS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400)
LABEL_ALPHA = 190
_LABEL_PX = 16
_ABOVE, _BELOW = (1, 1), (1, 0)  # the corner of a name that stands on its line, or hangs from it
AXIS_PX = 24
_REGION_ALPHA = 28
_SCALE_SAMPLES = 20_000
_HIGHEST = 1e6  # frames per second that an axis goes up to: some games send the largest number where they know none


class TimeAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Seconds since a session began, as `4:30` or `1:04:30`."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        least = (high - low) / max(1.0, size / _TICK_PX)
        day = _TICKS_S[-1]
        return [(next((step for step in _TICKS_S if step >= least), math.ceil(least / day) * day), 0.0)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [_length(round(value)) for value in values]


class RateAxis(pg.AxisItem):  # type: ignore[misc]
    """Rates, at as many heights as can be told apart: of a low plot, few."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        spacing, offset = super().tickSpacing(low, high, size)[0]
        while 0 < size * spacing / max(high - low, 1e-9) < _LEAST_TICK_PX and spacing < high - low:
            spacing *= 2
        return [(spacing, offset)]


class TimeBox(pg.ViewBox):  # type: ignore[misc]
    """Dragging marks a span of time; with Shift, or the middle button, it moves the picture.

    `dragged(from, to, finished)`, `clicked(at)`, `cleared()`: times on the x axis.
    """

    dragged = Signal(float, float, bool)
    clicked = Signal(float)
    cleared = Signal()

    def __init__(self, *, marks: bool) -> None:
        super().__init__()
        self._marks = marks

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        moves = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if not self._marks or moves or event.button() != Qt.MouseButton.LeftButton:
            super().mouseDragEvent(event, axis=axis)
            return
        event.accept()
        start, now = (float(self.mapToView(at).x()) for at in (event.buttonDownPos(), event.pos()))
        self.dragged.emit(start, now, event.isFinish())

    def mouseClickEvent(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self._marks:
            return
        event.accept()
        if event.double():
            self.cleared.emit()
        else:
            self.clicked.emit(float(self.mapToView(event.pos()).x()))


class TimePlot(pg.PlotWidget):  # type: ignore[misc]
    """x is seconds on a local clock, or since a session began; y frames per second or milliseconds, from 0.

    `hovered(float)`: the time under the pointer, NaN when it left. `moved()`: a person panned or zoomed.
    `range_wanted(from, to)`: a span was marked, `range_given_up()`, `moment_wanted(at)`; in seconds since 1970.
    """

    hovered = Signal(float)
    moved = Signal()
    range_wanted = Signal(float, float)
    range_given_up = Signal()
    moment_wanted = Signal(float)

    def __init__(self, tokens: Tokens, choices: Choices, *, clock: bool = True, parent: QWidget | None = None) -> None:
        """`clock`: x is the time of day, on which moments and spans can be marked."""
        self._box = TimeBox(marks=clock)
        self._budgets: list[pg.InfiniteLine] = []  # the lowest line first
        axis = pg.DateAxisItem() if clock else TimeAxis("bottom")
        super().__init__(parent, viewBox=self._box, axisItems={"left": RateAxis("left"), "bottom": axis})
        self.tokens = tokens
        self.choices = choices
        self.top = TOP[choices.unit]  # what has to be in sight
        self.setMinimumHeight(72)
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setDownsampling(auto=True, mode="peak")
        plot.setClipToView(True)
        plot.showGrid(x=False, y=True, alpha=0.12)
        plot.setMouseEnabled(x=True, y=False)
        plot.getAxis("left").setWidth(44)
        plot.getAxis("left").setStyle(maxTickLevel=0)  # a third of a frame goes into finer lines
        plot.getAxis("left").enableAutoSIPrefix(False)
        plot.getAxis("bottom").enableAutoSIPrefix(False)
        plot.getAxis("bottom").setHeight(AXIS_PX)
        self._box.disableAutoRange()
        self._box.setYRange(0, self.top, padding=0)
        self._box.setLimits(yMin=0, minXRange=_LEAST_S)
        self._box.sigRangeChangedManually.connect(lambda _: self.moved.emit())
        self._box.dragged.connect(self._dragged)
        self._box.clicked.connect(self.moment_wanted)
        self._box.cleared.connect(self.range_given_up)
        self._cross, self._cursor, self._picked = (pg.InfiniteLine(angle=90) for _ in range(3))
        self._region = pg.LinearRegionItem(movable=clock)
        self._region.setZValue(-10)
        self._region.sigRegionChangeFinished.connect(self._region_moved)
        for item in (self._region, self._cross, self._cursor, self._picked):
            item.hide()
            plot.addItem(item, ignoreBounds=True)
        self.scene().sigMouseMoved.connect(self._mouse_moved)
        self._show_budgets()
        self.set_tokens(tokens)

    def set_tokens(self, tokens: Tokens) -> None:
        """Paint in these colours."""
        self.tokens = tokens
        self.setBackground(tokens.panel)
        for side in ("left", "bottom"):
            axis = self.getPlotItem().getAxis(side)
            axis.setPen(tokens.line)
            axis.setTextPen(tokens.dim)
            axis.setTickFont(mono_font(11))
        for budget in self._budgets:
            budget.setPen(pg.mkPen(tokens.faint, width=1, style=Qt.PenStyle.DashDotLine))
            budget.label.setColor(tokens.dim)
            budget.label.setFont(mono_font(11))
            budget.label.fill = pg.mkBrush(clear(tokens.panel, LABEL_ALPHA))
        self._cross.setPen(pg.mkPen(tokens.dim, width=1))
        self._cursor.setPen(pg.mkPen(tokens.accent, width=1))
        self._picked.setPen(pg.mkPen(tokens.warning, width=1, style=Qt.PenStyle.DashLine))
        self._region.setBrush(clear(tokens.accent, _REGION_ALPHA))
        self._region.setHoverBrush(clear(tokens.accent, _REGION_ALPHA + 12))
        for line in self._region.lines:
            line.setPen(pg.mkPen(tokens.accent, width=1))
            line.setHoverPen(pg.mkPen(tokens.text, width=1))

    def add_curve(self) -> DashedLine:
        """A line, still without a pen, that breaks where a value is not known."""
        # A lowest and a highest value a pixel: pyqtgraph draws five times as many, which nobody can see.
        line = DashedLine(connect="finite", autoDownsampleFactor=1.0)
        self.getPlotItem().addItem(line)
        return line

    def set_choices(self, choices: Choices) -> bool:
        """Another unit or other budgets; whoever draws lines draws them anew. Whether anything changed."""
        if choices == self.choices:
            return False
        self.choices = choices
        self._show_budgets()
        self.set_tokens(self.tokens)
        return True

    def show_up_to(self, top: float) -> None:
        """Scale the plot from 0 to this value."""
        if self._box.viewRange()[1][1] != top:
            self._box.setYRange(0, top, padding=0)
        self._part_labels()

    def _part_labels(self) -> None:
        """Names stand over their budgets, at the top below; those that would lie over another one are left out."""
        height = max(1.0, self._box.height())
        scale = height / max(self._box.viewRange()[1][1], 1e-9)
        taken = -math.inf
        for budget in self._budgets:
            at = budget.value() * scale
            above = at + _LABEL_PX <= height
            budget.label.anchors = [_ABOVE if above else _BELOW] * 2
            budget.label.updatePosition()
            low = at if above else at - _LABEL_PX
            budget.label.setVisible(low >= taken)
            taken = max(taken, low + _LABEL_PX) if low >= taken else taken

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._budgets:
            self._part_labels()

    def show_cross(self, seconds: float) -> None:
        """The line that marks a time in every plot; NaN hides it."""
        _place(self._cross, None if math.isnan(seconds) else seconds)

    def show_cursor(self, seconds: float | None) -> None:
        """The moment that all views look at; None while they follow the present."""
        _place(self._cursor, seconds)

    def show_picked(self, seconds: float | None) -> None:
        """The moment of the event that is picked."""
        _place(self._picked, seconds)

    def show_region(self, span: tuple[float, float] | None) -> None:
        """The span of time that all views are narrowed to."""
        self._region.setVisible(span is not None)
        if span is not None and self._region.getRegion() != span:
            self._region.blockSignals(True)
            self._region.setRegion(span)
            self._region.blockSignals(False)

    def needed_top(self, reaches: Iterable[float]) -> float:
        """The value that the y axis has to reach: budgets, and what each line needs."""
        unit = self.choices.unit
        top = TOP[unit]
        if self.choices.budgets:
            top = max(top, 1.06 * float(in_unit(np.array(self.choices.budgets), unit).max()))
        return max(top, *reaches, 0.0)

    def _show_budgets(self) -> None:
        plot, unit = self.getPlotItem(), self.choices.unit
        for old in self._budgets:
            plot.removeItem(old)
        self._budgets = []
        options = {"position": 0.995, "anchors": [_ABOVE] * 2}
        for value, fps in sorted((float(in_unit(np.array([fps]), unit)[0]), fps) for fps in self.choices.budgets):
            line = pg.InfiniteLine(value, angle=0, label=amount(fps, unit), labelOpts=options)
            self._budgets.append(line)
        for budget in self._budgets:
            budget.setZValue(5)  # its name is to be read over the lines
            plot.addItem(budget, ignoreBounds=True)

    def _dragged(self, start: float, now: float, finished: bool) -> None:
        low, high = min(start, now), max(start, now)
        if finished:
            self.range_wanted.emit(low, high)
        else:
            self.show_region((low, high))

    def _region_moved(self) -> None:
        low, high = self._region.getRegion()
        self.range_wanted.emit(float(low), float(high))

    def _mouse_moved(self, position: QPointF) -> None:
        if self._box.sceneBoundingRect().contains(position):
            self.hovered.emit(float(self._box.mapSceneToView(position).x()))
        else:
            self.hovered.emit(math.nan)

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)
        self.hovered.emit(math.nan)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # the view's keys work from here too


def reach(values: Floats) -> float:
    """How high an axis has to go for a line: over all but the wildest half percent of it; 0 when nothing is known."""
    known = values[:: max(1, len(values) // _SCALE_SAMPLES)]
    known = known[np.isfinite(known)]
    return float(np.percentile(np.minimum(known, _HIGHEST), 99.5)) * 1.08 if len(known) else 0.0


def line_colour(tokens: Tokens, number: int) -> str:
    """A series colour that can be read as text on the panel."""
    return _readable(tokens, tokens.series[number % len(tokens.series)])


def _readable(tokens: Tokens, colour: str) -> str:
    return colour if tokens.scheme == "dark" else mix(colour, tokens.text, 0.35)


def line_pen(tokens: Tokens, rate: int) -> QPen:
    """The pen of one rate: colour and dashes."""
    _, _, number, dashes = next(line for line in LINES if line[0] == rate)
    return dashed_pen(line_colour(tokens, number), dashes)


def session_pen(tokens: Tokens, number: int) -> QPen:
    """The pen of one of many sessions: all colours of people, each shade in dashes of its own; then in other dashes."""
    colours = people(tokens)
    _, _, _, dashes = LINES[(number // HUES + number // len(colours)) % len(LINES)]
    return dashed_pen(_readable(tokens, colours[number % len(colours)]), dashes)


def dashed_pen(colour: str, dashes: tuple[int, ...]) -> QPen:
    """One pixel wide; dashes and gaps in pixels, none for a solid line."""
    pen: QPen = pg.mkPen(colour, width=1)
    if dashes:
        pen.setDashPattern([float(length) for length in dashes])
    return pen


def swatch_pen(pen: QPen) -> QPen:
    """A line's pen for a short sample of it: twice as wide, with dashes as long as in the plot."""
    wide = QPen(pen)
    wide.setWidth(2)
    if pen.style() == Qt.PenStyle.CustomDashLine:
        wide.setDashPattern([length / 2 for length in pen.dashPattern()])  # in units of the width
    return wide


def _length(seconds: int) -> str:
    minutes, rest = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    told = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return f"-{told}" if seconds < 0 else told


def clear(colour: str, alpha: int) -> QColor:
    """A colour that lets through what is behind it; `alpha` from 0 to 255."""
    made = QColor(colour)
    made.setAlpha(alpha)
    return made


def _place(line: pg.InfiniteLine, seconds: float | None) -> None:
    line.setVisible(seconds is not None)
    if seconds is not None:
        line.setPos(seconds)
