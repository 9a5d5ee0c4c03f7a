"""A slider with two ends: which part of a whole is meant."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

_HANDLE_PX = 7.0
_GROOVE_PX = 4.0
_PAGE = 20
_KEYS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_PageDown: -_PAGE,
    Qt.Key.Key_PageUp: _PAGE,
}


class RangeSlider(QWidget):
    """From 0 to `steps`; `changed(int, int)` tells the lower and the upper end after a person moved them.

    Drag an end, or what lies between both. Arrows and page keys move the end that was moved last, with Shift both;
    Home and End bring it to its limit; a double click means the whole again.
    """

    changed = Signal(int, int)

    def __init__(self, steps: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps = steps
        self._ends = [0, steps]
        self._moves: tuple[int, ...] = ()  # the ends under the pointer
        self._last = 1
        self._grabbed = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def ends(self) -> tuple[int, int]:
        """The lower and the upper end."""
        return self._ends[0], self._ends[1]

    def set_ends(self, low: int, high: int) -> None:
        """Show these without telling that something was moved. Raises ValueError for ends that are not in order."""
        if not 0 <= low <= high <= self._steps:
            raise ValueError(f"the ends must lie in order between 0 and {self._steps}, not {low} and {high}")
        self._ends = [low, high]
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, 24)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 24)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        x = event.position().x()
        low, high = (self._x(end) for end in self._ends)
        if low + _HANDLE_PX < x < high - _HANDLE_PX and (low, high) != (self._x(0), self._x(self._steps)):
            self._moves = (0, 1)
            self._grabbed = x - low
        else:
            # The nearer end; where both lie on each other, the one that can go that way.
            upper = abs(x - high) < abs(x - low) or (low == high and x >= high)
            self._moves = (int(upper),)
            self._last = int(upper)
            self._drag_to(x)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._moves:
            self._drag_to(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._moves = ()
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._change(0, self._steps)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._move_end(self._last, 0 if key == Qt.Key.Key_Home else self._steps)
        elif key not in _KEYS:
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._shift(_KEYS[key])
        else:
            self._move_end(self._last, self._ends[self._last] + _KEYS[key])

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            colours = self.palette()
            middle = self.height() / 2
            low, high = (self._x(end) for end in self._ends)
            painter.setPen(Qt.PenStyle.NoPen)
            groove = QRectF(self._x(0), middle - _GROOVE_PX / 2, self._x(self._steps) - self._x(0), _GROOVE_PX)
            painter.setBrush(colours.color(QPalette.ColorRole.Mid))
            painter.drawRoundedRect(groove, 2, 2)
            accent = colours.color(QPalette.ColorRole.Link if self.isEnabled() else QPalette.ColorRole.Mid)
            painter.setBrush(accent)
            painter.drawRoundedRect(QRectF(low, groove.top(), high - low, _GROOVE_PX), 2, 2)
            for number, x in enumerate((low, high)):
                active = self.hasFocus() and number == self._last
                painter.setPen(QPen(accent, 2))
                painter.setBrush(accent if active else colours.color(QPalette.ColorRole.Window))
                painter.drawEllipse(QPointF(x, middle), _HANDLE_PX - 1, _HANDLE_PX - 1)

    def _x(self, step: int) -> float:
        return _HANDLE_PX + (self.width() - 2 * _HANDLE_PX) * step / self._steps

    def _step(self, x: float) -> int:
        share = (x - _HANDLE_PX) / max(self.width() - 2 * _HANDLE_PX, 1)
        return round(min(1.0, max(0.0, share)) * self._steps)

    def _drag_to(self, x: float) -> None:
        if len(self._moves) == 2:
            self._shift(self._step(x - self._grabbed) - self._ends[0])
        else:
            self._move_end(self._moves[0], self._step(x))

    def _shift(self, delta: int) -> None:
        low, high = self._ends
        delta = min(max(delta, -low), self._steps - high)
        self._change(low + delta, high + delta)

    def _move_end(self, number: int, step: int) -> None:
        low, high = self._ends
        if number == 0:
            self._change(min(max(step, 0), high), high)
        else:
            self._change(low, max(min(step, self._steps), low))

    def _change(self, low: int, high: int) -> None:
        if [low, high] != self._ends:
            self._ends = [low, high]
            self.update()
            self.changed.emit(low, high)
