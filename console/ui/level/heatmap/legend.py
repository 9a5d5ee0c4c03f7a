"""What the colours of a heatmap mean: a card over the level, and the same painted into exported pictures."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from console.ui.level.heatmap.field import Field
from console.ui.style import heading_font, mono_font
from console.ui.theme import HEADING_PX, Tokens
from console.ui.widgets.wrapped import fit_height

WIDTH = 248
RAMP_HEIGHT = 30
_BAR = 8


def paint_ramp(painter: QPainter, rect: QRectF, field: Field, tokens: Tokens) -> None:
    """The bar of colours with its numbers below."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    gradient = QLinearGradient(rect.left(), 0, rect.right(), 0)
    colours = field.colours(tokens)
    for number, colour in enumerate(colours):
        gradient.setColorAt(number / (len(colours) - 1), QColor(colour))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(gradient)
    painter.drawRoundedRect(QRectF(rect.left(), rect.top(), rect.width(), _BAR), 3, 3)
    painter.setPen(QColor(tokens.dim))
    painter.setFont(mono_font(HEADING_PX))
    for place, text in field.ticks():
        room = 88.0
        middle = rect.left() + place * rect.width()
        left = min(max(rect.left(), middle - room / 2), rect.right() - room)
        aligned = Qt.AlignmentFlag.AlignHCenter
        if place in (0.0, 1.0):
            aligned = Qt.AlignmentFlag.AlignLeft if place == 0 else Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(left, rect.top() + _BAR + 4, room, 16), aligned, text)
    painter.restore()


class _Ramp(QWidget):
    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self.tokens = tokens
        self.field: Field | None = None
        self.setFixedHeight(RAMP_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.field is not None:
            with QPainter(self) as painter:
                paint_ramp(painter, QRectF(self.rect()), self.field, self.tokens)


class HeatLegend(QFrame):
    """A card of its own: what is counted, in which unit, on which scale, and of what."""

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setFixedWidth(WIDTH)
        self._heading = _label("heading")
        self._heading.setFont(heading_font())
        self._ramp = _Ramp(tokens)
        self._words = _label("dim")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        for widget in (self._heading, self._ramp, self._words):
            column.addWidget(widget)

    def set_tokens(self, tokens: Tokens) -> None:
        self._ramp.tokens = tokens
        self._ramp.update()

    def show_field(self, title: str, field: Field | None, words: str) -> None:
        """What is shown; None while nothing is."""
        self._heading.setText(title)
        self._ramp.field = field if field is not None and field.shown else None
        self._ramp.setVisible(self._ramp.field is not None)
        if field is not None:
            told = ", ".join(text for _, text in field.ticks())
            self._ramp.setAccessibleName(f"{title}: colours from {told} {field.unit}")
        self._ramp.update()
        self._words.setText(words)
        self._fit()

    def _fit(self) -> None:
        width = WIDTH - 26
        for label in (self._heading, self._words):
            fit_height(label, width)
        self.adjustSize()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, super().sizeHint().height())


def _label(role: str) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    label.setWordWrap(True)
    return label
