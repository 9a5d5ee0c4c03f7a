"""One session's frame rates over time. Lines are told apart by dashes and names as well as by colour."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPainter, QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from console.ui.performance.choices import Choices, in_unit
from console.ui.performance.dashed_line import DashedLine
from console.ui.performance.session_rates import Floats, SessionRates
from console.ui.performance.time_plot import LABEL_ALPHA, LINES, TimePlot, clear, line_pen, reach
from console.ui.style import ui_font
from console.ui.theme import Tokens
from console.ui.widgets.formatting import time_span, visible


class FrameRatePlot(TimePlot):
    """Mean, low 5 % and low 1 % of a session, with its player's name.

    `all_wanted()`: a person wants to see when the session was, as nothing of it is in sight.
    """

    all_wanted = Signal()

    def __init__(self, tokens: Tokens, choices: Choices, parent: QWidget | None = None) -> None:
        self._curves: dict[int, DashedLine] = {}
        self._dots: dict[int, pg.ScatterPlotItem] = {}
        self._drawn: tuple[object, ...] = ()
        self._player = ""
        super().__init__(tokens, choices, parent=parent)
        plot = self.getPlotItem()
        self._curves |= {rate: self.add_curve() for rate, *_ in LINES}
        # A point without neighbours makes no line.
        self._dots |= {rate: pg.ScatterPlotItem(size=5, pen=None) for rate, *_ in LINES}
        for dots in self._dots.values():
            plot.addItem(dots, ignoreBounds=True)
        self._title = _Title(justify="left")
        self._title.setParentItem(self.getViewBox())
        self._title.setPos(8, 2)
        self._ends: tuple[float, float] | None = None
        self.elsewhere = QPushButton(self)
        self.elsewhere.setProperty("role", "link")
        self.elsewhere.hide()
        self.elsewhere.clicked.connect(self.all_wanted)
        self.getViewBox().sigXRangeChanged.connect(self._look)
        self.set_tokens(tokens)

    def set_tokens(self, tokens: Tokens) -> None:
        """Paint in these colours."""
        super().set_tokens(tokens)
        for rate, curve in self._curves.items():
            curve.setPen(line_pen(tokens, rate))
            self._dots[rate].setBrush(pg.mkBrush(line_pen(tokens, rate).color()))
        if self._curves:
            self._show_title()

    def show_session(self, session: SessionRates) -> None:
        """Draw a session; nothing is done when it has not changed."""
        state = session.key, session.revision, self.choices.unit, self.choices.budgets
        if state == self._drawn:
            return
        self._drawn = state
        self.setAccessibleName(f"Frame rate of {visible(session.player_id)} over time")
        reaches: list[float] = []
        for rate, curve in self._curves.items():
            seconds, rates = session.line(rate)
            values = in_unit(rates, self.choices.unit)
            curve.setData(seconds, values)
            alone = without_neighbours(values)
            self._dots[rate].setData(seconds[alone], values[alone])
            reaches.append(reach(values))
        self.top = self.needed_top(reaches)
        table = session.table()
        self._ends = (float(table[0, 0]) / 1e6, float(table[-1, 1]) / 1e6) if len(table) else None
        self._look()
        if session.player_id != self._player:
            self._player = session.player_id
            self._show_title()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "elsewhere"):  # pyqtgraph resizes it in its constructor
            self._place_elsewhere()

    def _look(self) -> None:
        """An empty plot says why: the session was at another time."""
        low, high = self.getViewBox().viewRange()[0]
        ends = self._ends
        away = ends is not None and (ends[1] < low or ends[0] > high)
        self.elsewhere.setVisible(away)
        if away and ends is not None:
            start_us, end_us = (round(end * 1e6) for end in ends)
            words = f"Played {time_span(start_us, end_us)} · Show all of it"
            if words != self.elsewhere.text():
                self.elsewhere.setText(words)
                self.elsewhere.adjustSize()
            self._place_elsewhere()

    def _place_elsewhere(self) -> None:
        box = self.getViewBox().sceneBoundingRect()
        self.elsewhere.move(
            round(box.center().x() - self.elsewhere.width() / 2), round(box.center().y() - self.elsewhere.height() / 2)
        )

    def _show_title(self) -> None:
        # The label's text is HTML to Qt, and names come from clients: it is given as plain text.
        self._title.item.setPlainText(visible(self._player, 48))
        self._title.item.setDefaultTextColor(pg.mkColor(self.tokens.text))
        self._title.item.setFont(ui_font(12))
        self._title.ground = clear(self.tokens.panel, LABEL_ALPHA)
        self._title.update()


class _Title(pg.LabelItem):  # type: ignore[misc]  # pyqtgraph has no types
    """A label on a ground of its own: lines may run behind it."""

    ground: QColor | None = None

    def paint(self, painter: QPainter, *_: object) -> None:
        if self.ground is not None:
            painter.fillRect(self.item.mapRectToParent(self.item.boundingRect()), self.ground)


def without_neighbours(values: Floats) -> NDArray[np.bool_]:
    """Which of the values stand alone between breaks of the line."""
    known = np.isfinite(values)
    beside = np.zeros_like(known)
    beside[1:] |= known[:-1]
    beside[:-1] |= known[1:]
    return known & ~beside
