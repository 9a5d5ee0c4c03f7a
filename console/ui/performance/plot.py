"""One session's frame rates over time. Lines are told apart by dashes and names as well as by colour."""

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPen
from PySide6.QtWidgets import QWidget

from console.ui.level.palette import mix
from console.ui.performance.model import BUDGETS_FPS, LOW_1, LOW_5, MEAN, Floats, SessionRates
from console.ui.style import mono_font, ui_font
from console.ui.theme import Tokens
from console.ui.widgets.formatting import visible

# Rate, its name, its number in the colour series, its dashes in pixels. One pixel wide: wider pens are drawn ten times
# slower.
LINES = (
    (MEAN, "mean", 0, ()),
    (LOW_5, "low 5 %", 1, (8, 4)),
    (LOW_1, "low 1 %", 4, (2, 3)),
)
TOP_FPS = 75.0


class FrameRatePlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """x is seconds since 1970 on a local clock, y frames per second from 0.

    `hovered(float)`: the time under the pointer, NaN when it left. `moved()`: a person panned or zoomed.
    """

    hovered = Signal(float)
    moved = Signal()

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent, axisItems={"bottom": pg.DateAxisItem()})
        self._tokens = tokens
        self._drawn: tuple[object, int] = (None, -1)
        self._player = ""
        self.top_fps = TOP_FPS  # what has to be in sight
        self.setMinimumHeight(120)
        plot = self.getPlotItem()
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setDownsampling(auto=True, mode="peak")
        plot.setClipToView(True)
        plot.showGrid(x=False, y=True, alpha=0.12)
        plot.setMouseEnabled(x=True, y=False)
        plot.getAxis("left").setWidth(44)
        plot.getAxis("left").enableAutoSIPrefix(False)
        plot.getAxis("bottom").enableAutoSIPrefix(False)
        box = self.getViewBox()
        box.disableAutoRange()
        box.setYRange(0, TOP_FPS, padding=0)
        box.setLimits(yMin=0, minXRange=1.0)
        box.sigRangeChangedManually.connect(self._was_moved)
        self._curves = {rate: plot.plot(connect="finite") for rate, *_ in LINES}
        # A point without neighbours makes no line.
        self._dots = {rate: pg.ScatterPlotItem(size=5, pen=None) for rate, *_ in LINES}
        for dots in self._dots.values():
            plot.addItem(dots, ignoreBounds=True)
        self._budgets = [
            pg.InfiniteLine(
                fps, angle=0, label=f"{fps:.0f} fps", labelOpts={"position": 0.995, "anchors": [(1, 1)] * 2}
            )
            for fps in BUDGETS_FPS
        ]
        self._cross = pg.InfiniteLine(angle=90)
        self._cross.hide()
        for item in (*self._budgets, self._cross):
            plot.addItem(item, ignoreBounds=True)
        self._title = pg.LabelItem(justify="left")
        self._title.setParentItem(box)
        self._title.setPos(8, 2)
        self.scene().sigMouseMoved.connect(self._mouse_moved)
        self.set_tokens(tokens)

    def set_tokens(self, tokens: Tokens) -> None:
        """Paint in these colours."""
        self._tokens = tokens
        self.setBackground(tokens.panel)
        for side in ("left", "bottom"):
            axis = self.getPlotItem().getAxis(side)
            axis.setPen(tokens.line)
            axis.setTextPen(tokens.dim)
            axis.setTickFont(mono_font(11))
        for rate, curve in self._curves.items():
            curve.setPen(line_pen(tokens, rate))
            self._dots[rate].setBrush(pg.mkBrush(line_pen(tokens, rate).color()))
        for budget in self._budgets:
            budget.setPen(pg.mkPen(tokens.faint, width=1, style=Qt.PenStyle.DashDotLine))
            budget.label.setColor(tokens.dim)
            budget.label.setFont(mono_font(11))
        self._cross.setPen(pg.mkPen(tokens.dim, width=1))
        self._show_title()

    def show_session(self, session: SessionRates) -> None:
        """Draw a session; nothing is done when it has not changed."""
        state = session.key, session.revision
        if state == self._drawn:
            return
        self._drawn = state
        self.setAccessibleName(f"Frame rate of {visible(session.player_id)} over time")
        highest = TOP_FPS
        for rate, curve in self._curves.items():
            seconds, values = session.line(rate)
            curve.setData(seconds, values)
            alone = _without_neighbours(values)
            self._dots[rate].setData(seconds[alone], values[alone])
            known = values[np.isfinite(values)]
            if len(known):
                highest = max(highest, float(known.max()) * 1.08)
        self.top_fps = highest
        if session.player_id != self._player:
            self._player = session.player_id
            self._show_title()

    def show_up_to(self, fps: float) -> None:
        """Scale the plot from 0 to this many frames per second."""
        if self.getViewBox().viewRange()[1][1] != fps:
            self.getViewBox().setYRange(0, fps, padding=0)

    def show_cross(self, seconds: float) -> None:
        """The line that marks a time in every plot; NaN hides it."""
        self._cross.setVisible(not math.isnan(seconds))
        if not math.isnan(seconds):
            self._cross.setPos(seconds)

    def _show_title(self) -> None:
        # The label's text is HTML to Qt, and names come from clients: it is given as plain text.
        self._title.item.setPlainText(visible(self._player, 48))
        self._title.item.setDefaultTextColor(pg.mkColor(self._tokens.text))
        self._title.item.setFont(ui_font(12))

    def _was_moved(self, _: object) -> None:
        self.moved.emit()

    def _mouse_moved(self, position: QPointF) -> None:
        box = self.getViewBox()
        if box.sceneBoundingRect().contains(position):
            self.hovered.emit(float(box.mapSceneToView(position).x()))
        else:
            self.hovered.emit(math.nan)

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)
        self.hovered.emit(math.nan)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # the view's keys work from here too


def _without_neighbours(values: Floats) -> NDArray[np.bool_]:
    known = np.isfinite(values)
    beside = np.zeros_like(known)
    beside[1:] |= known[:-1]
    beside[:-1] |= known[1:]
    return known & ~beside


def line_colour(tokens: Tokens, number: int) -> str:
    """A series colour that can be read as text on the panel."""
    colour = tokens.series[number]
    return colour if tokens.scheme == "dark" else mix(colour, tokens.text, 0.35)


def line_pen(tokens: Tokens, rate: int) -> QPen:
    """The pen of one rate: colour and dashes."""
    _, _, number, dashes = next(line for line in LINES if line[0] == rate)
    pen: QPen = pg.mkPen(line_colour(tokens, number), width=1)
    if dashes:
        pen.setDashPattern([float(length) for length in dashes])
    return pen
