"""What the lines mean, and the exact values under the pointer."""

import math

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from console.ui.performance.model import SessionRates
from console.ui.performance.plot import LINES, line_pen
from console.ui.style import mono_font, ui_font
from console.ui.theme import Theme
from console.ui.widgets.formatting import exact_time, visible

_SAMPLE_PX = 28


class LineKey(QWidget):
    """The three kinds of line with their names, in a row."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName("Solid: mean. Dashed: low 5 %. Dotted: low 1 %.")
        self.setFont(ui_font(12))

    def sizeHint(self) -> QSize:
        words = sum(self.fontMetrics().horizontalAdvance(name) for _, name, *_ in LINES)
        return QSize(words + len(LINES) * (_SAMPLE_PX + 6 + 16), 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        tokens = self._theme.tokens
        x = 0
        for rate, name, _, _ in LINES:
            pen = line_pen(tokens, rate)
            pen.setWidth(2)
            painter.setPen(pen)
            painter.drawLine(QPointF(x, self.height() / 2), QPointF(x + _SAMPLE_PX, self.height() / 2))
            painter.setPen(tokens.text)
            width = self.fontMetrics().horizontalAdvance(name)
            left = x + _SAMPLE_PX + 6
            painter.drawText(left, 0, width + 2, self.height(), Qt.AlignmentFlag.AlignVCenter, name)
            x = left + width + 16


class Readout(QFrame):
    """A card beside the pointer."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setFont(mono_font())
        column.addWidget(self._text)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text()

    def show_values(self, sessions: list[SessionRates], seconds: float) -> bool:
        """The rows nearest to a time. False when there are none."""
        lines: list[str] = []
        for session in sessions:
            index = session.nearest(seconds)
            if index is None:
                continue
            start, end, *rates = session.table()[index].tolist()
            if not lines:
                lines += exact_time(int(start + end) // 2).split("\n")
            level = visible(session.level_at(index), 32)
            lines += ["", f"{visible(session.player_id, 32)}{' · ' + level if level else ''}"]
            lines += [
                f"{name:<8}{'–' if math.isnan(rates[rate]) else f'{rates[rate]:7.2f} fps'}" for rate, name, *_ in LINES
            ]
        self._text.setText("\n".join(lines))
        self.adjustSize()
        return bool(lines)
