"""Rows of a name, bins of time and a number, in which moments and spans of time are marked."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QApplication

from console.ui import theme
from console.ui.clock import TimeRange
from console.ui.overview.charts import AXIS, LEFT, RIGHT, Row, Rows
from console.ui.overview.model import Bins
from console.ui.style import mono_font
from console.ui.theme import Theme
from console.ui.widgets.formatting import day_and_time, local_time

_BETWEEN_PX = 16  # from one time below the bars to the other
_SHORT_CHARS = len("11-22 09:00")
_DAY_US = 72_000_000_000
_RANGE_ALPHA = 34
_HOW = "Click: look at this moment · drag: a range of time · double click: the rows"


class TimeRows(Rows):
    """Rows of bars over time, each with a scale of its own; the time below, and a line where the clock is.

    `moment_wanted(time_us)`: a click among the bars; `range_wanted(TimeRange)`: a drag. A double click there is what a
    click on the name is: `chosen`.
    """

    moment_wanted = Signal(object)  # µs do not fit into Qt's int
    range_wanted = Signal(object)

    def __init__(self, colors: Theme, name: str, *, row_height: int = theme.ROW_HEIGHT, name_width: int = 168) -> None:
        super().__init__(colors, name, row_height=row_height, name_width=name_width, value_width=72)
        self._bins: Bins | None = None
        self._cursor_us: int | None = None
        self._pressed: QPointF | None = None
        self._dragged_to: float | None = None

    def show_rows(self, rows: Sequence[Row], bins: Bins, *, least: int = 1) -> None:
        """Show rows; there is room for `least` of them always."""
        self._bins = bins
        self._show(rows, least, AXIS)

    def show_cursor(self, time_us: int | None) -> None:
        """The moment that all views look at; None while they follow the present."""
        before, self._cursor_us = self._cursor_x(), time_us
        now = self._cursor_x()
        if now != before:
            for x in {before, now} - {None}:  # while playing, this is thirty times a second
                assert x is not None
                self.update(QRect(x - 1, 0, 3, self.height()))

    def _cursor_x(self) -> int | None:
        """In whole pixels; None where the moment is out of sight."""
        bins, at, plot = self._bins, self._cursor_us, self._plot(0)
        if bins is None or at is None or not bins.from_us <= at <= bins.to_us:
            return None
        return round(plot.left() + (at - bins.from_us) / (bins.to_us + 1 - bins.from_us) * plot.width())

    def _time_at(self, x: float) -> int:
        bins, plot = self._bins, self._plot(0)
        assert bins is not None
        share = min(max((x - plot.left()) / plot.width(), 0.0), 1.0)
        return bins.from_us + round(share * (bins.to_us - bins.from_us))

    def _among_bars(self, place: QPointF) -> bool:
        plot = self._plot(0)
        return self._bins is not None and plot.left() <= place.x() < plot.right() and self._at(place.y()) >= 0

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._among_bars(event.position()):
            self._pressed, self._dragged_to = event.position(), None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        x = event.position().x()
        if self._pressed is not None and (
            self._dragged_to is not None or abs(x - self._pressed.x()) >= QApplication.startDragDistance()
        ):
            self._dragged_to = x
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, dragged_to = self._pressed, self._dragged_to
        self._pressed = self._dragged_to = None
        if pressed is None:
            if not self._among_bars(event.position()):  # the second release of a double click comes without a press
                super().mouseReleaseEvent(event)
        elif dragged_to is None:
            self.moment_wanted.emit(self._time_at(pressed.x()))
        else:
            start, end = sorted((self._time_at(pressed.x()), self._time_at(dragged_to)))
            self.range_wanted.emit(TimeRange(start, end))
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self._among_bars(event.position()):
            self.chosen.emit(self._rows[self._at(event.position().y())].key)

    def _paint_row(self, painter: QPainter, row: Row, plot: QRectF) -> None:
        painter.setPen(QPen(QColor(self._theme.tokens.line), 1))
        painter.drawLine(QPointF(plot.left(), plot.bottom() - 2.5), QPointF(plot.right(), plot.bottom() - 2.5))
        highest, count = float(row.heights.max(initial=0.0)), len(row.heights)
        if highest <= 0:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._color(row.color))
        step, room = plot.width() / count, plot.height() - 6
        left, bottom, width = plot.left(), plot.bottom() - 3, step - (1.0 if step > 4 else 0.0)
        filled = np.flatnonzero(row.heights)
        heights = np.maximum(1.0, room * row.heights[filled] / highest)
        bars = zip(filled.tolist(), heights.tolist(), strict=True)
        painter.drawRects([QRectF(left + index * step, bottom - height, width, height) for index, height in bars])

    def _paint_below(self, painter: QPainter) -> None:
        bins, plot = self._bins, self._plot(0)
        if bins is None:
            return
        self._paint_marks(painter)
        painter.setFont(mono_font(theme.HEADING_PX))
        painter.setPen(QColor(self._theme.tokens.dim))
        area = QRectF(plot.left(), self._below(), plot.width(), AXIS)
        start, stop = _instant(bins.from_us, bins), _instant(bins.to_us + 1, bins)
        if plot.width() >= painter.fontMetrics().horizontalAdvance(start + stop) + _BETWEEN_PX:
            painter.drawText(area, LEFT, start)
        elif len(start) > _SHORT_CHARS:  # the year can be told from the tip
            start, stop = start[-_SHORT_CHARS:], stop[-_SHORT_CHARS:]
            if plot.width() >= painter.fontMetrics().horizontalAdvance(start + stop) + _BETWEEN_PX:
                painter.drawText(area, LEFT, start)
        painter.drawText(area, RIGHT, stop)

    def _paint_marks(self, painter: QPainter) -> None:
        """The span that is being dragged, and the clock's moment, down all rows."""
        accent, cursor, bottom = QColor(self._theme.tokens.text), self._cursor_x(), self._below() - 3
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self._pressed is not None and self._dragged_to is not None:
            plot, ground = self._plot(0), QColor(accent)
            ground.setAlpha(_RANGE_ALPHA)
            left, right = sorted((self._pressed.x(), min(max(self._dragged_to, plot.left()), plot.right())))
            painter.fillRect(QRectF(left, 0, right - left, bottom), ground)
        if cursor is not None:
            painter.fillRect(QRectF(cursor, 0, 1, bottom), accent)

    def _hover(self, row: Row, x: float, plot: QRectF) -> str:
        bins = self._bins
        if bins is None or not plot.left() <= x < plot.right() or not len(row.heights):
            return row.hover
        index = min(int((x - plot.left()) / plot.width() * len(row.heights)), len(row.heights) - 1)
        start, stop = bins.span_of(index)
        number = float(row.heights[index])
        value = f"{number:,.0f}" if number == int(number) else f"{number * 100:.1f} %"
        return f"{_instant(start, bins)} – {_instant(stop, bins)}: {value}\n{row.hover}\n\n{_HOW}"


def _instant(time_us: int, bins: Bins) -> str:
    """A time of day, or day and time where bins reach over more than one."""
    if bins.to_us - bins.from_us < _DAY_US:
        return local_time(time_us)[:8]
    return day_and_time(time_us)
