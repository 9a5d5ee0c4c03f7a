"""A switch: on or off at a glance, by place and colour."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from console.ui.theme import Theme, Tokens

SWITCH_SIZE = QSize(30, 16)
_INSET = 3


def paint_switch(painter: QPainter, rect: QRect, tokens: Tokens, *, on: bool, focused: bool = False) -> None:
    """Draw a switch centred in `rect`."""
    box = QRectF(0, 0, SWITCH_SIZE.width(), SWITCH_SIZE.height())
    box.moveCenter(QRectF(rect).center())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(tokens.text if focused else tokens.good if on else tokens.faint))
    painter.setBrush(QColor(tokens.good if on else tokens.window))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), box.height() / 2, box.height() / 2)
    knob = box.height() - 2 * _INSET
    left = box.right() - _INSET - knob if on else box.left() + _INSET
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.window if on else tokens.dim))
    painter.drawEllipse(QRectF(left, box.top() + _INSET, knob, knob))
    painter.restore()


class Switch(QAbstractButton):
    """A checkable button that looks like a switch, with a word beside it."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        words = max(self.fontMetrics().horizontalAdvance(word) for word in ("On", "Off"))
        return QSize(SWITCH_SIZE.width() + 8 + words, 24)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        with QPainter(self) as painter:
            place = QRect(0, 0, SWITCH_SIZE.width(), self.height())
            paint_switch(painter, place, tokens, on=self.isChecked(), focused=self.hasFocus())
            painter.setPen(QColor(tokens.text if self.isChecked() else tokens.dim))
            painter.drawText(
                self.rect().adjusted(SWITCH_SIZE.width() + 8, 0, 0, 0),
                Qt.AlignmentFlag.AlignVCenter,
                "On" if self.isChecked() else "Off",
            )
