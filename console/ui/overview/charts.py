"""Small charts of the overview: rows of a name, a picture and a number; among them those of frame rates."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from console.ui import theme
from console.ui.hover import plain_hover
from console.ui.overview.model import Floats, RateLine
from console.ui.style import mono_font, ui_font
from console.ui.theme import Theme
from console.ui.widgets.formatting import visible

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
AXIS = 20
_MOST_NAMES = 0.36
_BUDGETS = (60.0, 30.0)


@dataclass(frozen=True)
class Row:
    """A line of a chart. `color` names one of the theme's, or is a colour; `value` stands at its right end."""

    key: object
    name: str
    value: str
    hover: str
    color: str = "accent"
    heights: Floats = field(default_factory=lambda: np.zeros(0))


class Rows(QWidget):
    """Rows that are chosen by mouse or keyboard. `chosen(key)`: a click, or Enter."""

    chosen = Signal(object)

    def __init__(self, colors: Theme, name: str, *, row_height: int, name_width: int, value_width: int) -> None:
        super().__init__()
        self._theme = colors
        self._rows: list[Row] = []
        self._current = -1
        self._row_height, self._name_width, self._value_width = row_height, name_width, value_width
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        colors.changed.connect(self.update)

    @property
    def rows(self) -> list[Row]:
        return list(self._rows)

    def _show(self, rows: Sequence[Row], least: int, below: int) -> None:
        self._rows = list(rows)
        self._current = min(self._current, len(rows) - 1)
        self.setAccessibleDescription("; ".join(f"{visible(row.name, 60)} {row.value}" for row in rows))
        self.setFixedHeight(max(len(rows), least) * self._row_height + below)
        self.update()

    def _plot(self, index: int) -> QRectF:
        """Where a row's bars are."""
        names = self._names_wide()
        left = names + 8 if names else 0  # without names, right below the heading
        width = self.width() - left - self._value_width - 8
        return QRectF(left, index * self._row_height, max(8.0, width), self._row_height)

    def _names_wide(self) -> int:
        return min(self._name_width, round(self.width() * _MOST_NAMES))

    def _below(self) -> float:
        """Where the rows end."""
        return float(max(len(self._rows), 1) * self._row_height)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            tokens, font, wide = self._theme.tokens, ui_font(), self._names_wide()
            for index, row in enumerate(self._rows):
                area = QRectF(0, index * self._row_height, self.width(), self._row_height)
                if index == self._current and self.hasFocus():
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(QColor(tokens.selection))
                    painter.drawRoundedRect(area, 4, 4)
                painter.setFont(font)
                painter.setPen(QColor(tokens.text))
                name = QFontMetrics(font).elidedText(visible(row.name), Qt.TextElideMode.ElideMiddle, wide)
                painter.drawText(QRectF(0, area.top(), wide, self._row_height), LEFT, name)
                painter.setFont(mono_font())
                painter.setPen(QColor(tokens.dim))
                painter.drawText(area, RIGHT, row.value)
                self._paint_row(painter, row, self._plot(index))
            self._paint_below(painter)

    def _paint_row(self, painter: QPainter, row: Row, plot: QRectF) -> None:
        raise NotImplementedError

    def _paint_below(self, painter: QPainter) -> None:
        raise NotImplementedError

    def _hover(self, row: Row, x: float, plot: QRectF) -> str:
        return row.hover

    def _color(self, name: str) -> QColor:
        return QColor(getattr(self._theme.tokens, name, name))

    def _at(self, y: float) -> int:
        index = int(y // self._row_height)
        return index if 0 <= index < len(self._rows) else -1

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self._at(event.position().y())
        if index >= 0 and event.button() is Qt.MouseButton.LeftButton:
            self.chosen.emit(self._rows[index].key)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        inside = self._at(event.position().y()) >= 0
        self.setCursor(Qt.CursorShape.PointingHandCursor if inside else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if step and self._rows:
            self._current = min(max(self._current + step, 0), len(self._rows) - 1)
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and 0 <= self._current < len(self._rows):
            self.chosen.emit(self._rows[self._current].key)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            index = self._at(event.pos().y())
            if index >= 0:
                text = self._hover(self._rows[index], event.pos().x(), self._plot(index))
                QToolTip.showText(event.globalPos(), plain_hover(text), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)


class RateRows(Rows):
    """Rows of frame rates: a bar to the median, a mark at the slowest twentieth, lines at 60 and 30 frames a second."""

    def __init__(self, colors: Theme, name: str) -> None:
        super().__init__(colors, name, row_height=theme.ROW_HEIGHT, name_width=168, value_width=96)
        self._lines: dict[object, RateLine] = {}
        self._top = scale_of([])

    def show_lines(self, lines: Sequence[RateLine], top_fps: float) -> None:
        """Show builds or levels, on a scale from 0 to `top_fps`."""
        self._lines = {(line.app_id, line.name): line for line in lines}
        self._top = top_fps
        rows = [Row((line.app_id, line.name), line.words, _rates(line), _rate_hover(line)) for line in lines]
        self._show(rows, 1, AXIS)

    def _paint_row(self, painter: QPainter, row: Row, plot: QRectF) -> None:
        line, tokens = self._lines[row.key], self._theme.tokens
        middle = plot.center().y()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.raised))
        painter.drawRect(QRectF(plot.left(), middle - 5, plot.width(), 10))
        scale = plot.width() / self._top
        if line.median == line.median:
            painter.setBrush(QColor(tokens.series[2]))
            painter.drawRect(QRectF(plot.left(), middle - 5, line.median * scale, 10))
        painter.setPen(QPen(QColor(tokens.faint), 1, Qt.PenStyle.DotLine))
        for budget in _BUDGETS:
            at = plot.left() + budget * scale
            painter.drawLine(QPointF(at, plot.top()), QPointF(at, plot.bottom()))
        if line.p5 == line.p5:
            painter.setPen(QPen(QColor(tokens.text), 2))
            at = plot.left() + line.p5 * scale
            painter.drawLine(QPointF(at, middle - 7), QPointF(at, middle + 7))

    def _paint_below(self, painter: QPainter) -> None:
        plot = self._plot(0)
        painter.setFont(mono_font(theme.HEADING_PX))
        painter.setPen(QColor(self._theme.tokens.dim))
        for budget in _BUDGETS:
            at = plot.left() + budget / self._top * plot.width()
            painter.drawText(QRectF(at - 40, self._below(), 80, AXIS), Qt.AlignmentFlag.AlignCenter, f"{budget:.0f}")


def scale_of(lines: Sequence[RateLine]) -> float:
    """How far a scale must reach, in frames per second, so that every median and the budgets are on it."""
    return max([_BUDGETS[0] * 1.25, *(line.median * 1.1 for line in lines if line.median == line.median)])


def _rates(line: RateLine) -> str:
    if line.median != line.median:
        return "–"
    return f"{line.median:.0f} / {line.p5:.0f} fps"


def _rate_hover(line: RateLine) -> str:
    people = f"{line.sessions:,} sessions of {line.players:,} players"
    if line.median != line.median:
        return f"{line.words}\n{people}; no frame rates were sent"
    return (
        f"{line.words}\n{people}\nmedian {line.median:.1f} fps (bar), slowest 5 % at {line.p5:.1f} fps or less (mark)"
        f"\nof the mean rates of their trajectories"
    )
