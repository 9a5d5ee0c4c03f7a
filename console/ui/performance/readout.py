"""What the lines mean, and the exact values under the pointer."""

import math

from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from console.ui.performance.choices import RATE_WORDS, Choices, exact
from console.ui.performance.session_rates import RATE, SessionRates
from console.ui.performance.time_plot import LINES, line_colour, line_pen, swatch_pen
from console.ui.style import mono_font, ui_font
from console.ui.theme import Theme
from console.ui.widgets.formatting import exact_time, visible

_SAMPLE_PX = 20
_BEFORE_PX, _AFTER_PX = 5, 8  # a name
_MOST_SESSIONS = 8


class LineKey(QWidget):
    """What is drawn, with names, in a row: the three lines of a session, or the bands."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._choices = Choices()
        self.setFont(ui_font(12))
        self.show_choices(self._choices)

    def show_choices(self, choices: Choices) -> None:
        """Explain another picture."""
        self._choices = choices
        self.setAccessibleName(", ".join(name for _, name in self._entries()))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        words = sum(
            self.fontMetrics().horizontalAdvance(name) + _SAMPLE_PX + _BEFORE_PX + _AFTER_PX
            for _, name in self._entries()
        )
        return QSize(words, 20)

    def _entries(self) -> list[tuple[QPen | QColor, str]]:
        tokens = self._theme.tokens
        if self._choices.spread:
            wide, narrow = QColor(line_colour(tokens, 0)), QColor(line_colour(tokens, 0))
            wide.setAlpha(60)
            narrow.setAlpha(130)
            return [(QPen(QColor(tokens.text)), "median"), (narrow, "25–75 %"), (wide, "5–95 %")]
        if self._choices.picture == "overlay":
            return [(QPen(QColor(line_colour(tokens, 0))), RATE_WORDS[self._choices.rate])]
        return [(line_pen(tokens, rate), name) for rate, name, _, _ in LINES]

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            middle = self.height() / 2
            x = 0
            for sample, name in self._entries():
                if isinstance(sample, QColor):
                    painter.fillRect(x, round(middle) - 5, _SAMPLE_PX, 10, sample)
                else:
                    painter.setPen(swatch_pen(sample))
                    painter.drawLine(QPointF(x, middle), QPointF(x + _SAMPLE_PX, middle))
                painter.setPen(QColor(self._theme.tokens.text))
                width = self.fontMetrics().horizontalAdvance(name)
                left = x + _SAMPLE_PX + _BEFORE_PX
                painter.drawText(left, 0, width + 2, self.height(), Qt.AlignmentFlag.AlignVCenter, name)
                x = left + width + _AFTER_PX


class Readout(QFrame):
    """A card beside the pointer."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._area = parent
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

    def show_lines(self, lines: list[str]) -> None:
        """Show text beside the pointer; without lines, hide."""
        self.setVisible(bool(lines))
        if not lines:
            return
        self._text.setText("\n".join(lines))
        self.adjustSize()
        at = self._area.mapFromGlobal(QCursor.pos()) + QPoint(16, 16)
        limit = QPoint(self._area.width() - self.width() - 8, self._area.height() - self.height() - 8)
        self.move(min(at.x(), limit.x()), max(0, min(at.y(), limit.y())))
        self.raise_()


def session_lines(sessions: list[SessionRates], seconds: float, within: float, choices: Choices) -> list[str]:
    """The rows at a time, or `within` seconds of it; of more sessions than fit, those that did worst then."""
    found = [(session, index) for session in sessions if (index := session.near(seconds, within)) is not None]
    if choices.picture == "overlay":
        found.sort(key=lambda each: _rate(each[0], each[1], choices.rate))
    lines: list[str] = []
    for session, index in found[:_MOST_SESSIONS]:
        start, end, *rates = session.table()[index].tolist()
        if not lines:
            lines += exact_time(int(start + end) // 2).split("\n")
        level = visible(session.level_at(index), 32)
        name = visible(session.player_id, 32)
        if choices.picture == "overlay":
            lines.append(f"{exact(rates[choices.rate], choices.unit)}  {name}")
            continue
        lines += ["", f"{name}{' · ' + level if level else ''}"]
        lines += [f"{words:<8}{exact(rates[rate], choices.unit)}" for rate, words, *_ in LINES]
    if len(found) > _MOST_SESSIONS:
        lines.append(f"and {len(found) - _MOST_SESSIONS} more, faster ones")
    return lines


def _rate(session: SessionRates, index: int, rate: int) -> float:
    value = float(session.table()[index, RATE + rate])
    return math.inf if math.isnan(value) else value
