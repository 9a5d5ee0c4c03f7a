"""A person's hands on the picture of a level: turning, moving and zooming its camera, clicking and resting."""

from typing import cast

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from console.ui.level.camera import Camera

_CLICK_PX = 4
_TURNS = {Qt.Key.Key_Left: (-5, 0), Qt.Key.Key_Right: (5, 0), Qt.Key.Key_Up: (0, 5), Qt.Key.Key_Down: (0, -5)}
_ZOOMS = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}


class Hands(QObject):
    """Orbit: left drag or arrows. Pan: right or middle drag, Shift + drag, Shift + arrows. Zoom: wheel, + and −.

    From the top nothing turns: what orbits, pans.

    - `moved()`: the camera is elsewhere
    - `clicked(QPointF)`: the left button went down and up in one place
    - `clicked_twice(QPointF)`: quickly again; `clicked` came before
    - `rested(QPointF, QPoint)`: the pointer stays at a place; the second is the same place on the screen
    """

    moved = Signal()
    clicked = Signal(QPointF)
    clicked_twice = Signal(QPointF)
    rested = Signal(QPointF, QPoint)

    def __init__(self, canvas: QWidget, camera: Camera) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._camera = camera
        self._pressed: QPointF | None = None
        self._last: QPointF | None = None
        canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event.type():
            case QEvent.Type.MouseButtonPress:
                self._pressed = self._last = cast("QMouseEvent", event).position()
                self._canvas.setFocus(Qt.FocusReason.MouseFocusReason)
            case QEvent.Type.MouseButtonDblClick:
                double = cast("QMouseEvent", event)
                if double.button() == Qt.MouseButton.LeftButton:
                    self.clicked_twice.emit(double.position())
            case QEvent.Type.MouseMove:
                self._drag(cast("QMouseEvent", event))
            case QEvent.Type.MouseButtonRelease:
                self._release(cast("QMouseEvent", event))
            case QEvent.Type.Wheel:
                self._wheel(cast("QWheelEvent", event))
            case QEvent.Type.KeyPress:
                return self._key(cast("QKeyEvent", event))
            case QEvent.Type.ToolTip:
                help_event = cast("QHelpEvent", event)
                self.rested.emit(QPointF(help_event.pos()), help_event.globalPos())
            case _:
                return False
        event.accept()
        return True

    def _drag(self, event: QMouseEvent) -> None:
        if self._last is None or not event.buttons():
            return
        moved = event.position() - self._last
        self._last = event.position()
        left = event.buttons() & Qt.MouseButton.LeftButton and not self._camera.is_top
        if left and not event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier):
            self._camera.orbit(-moved.x() * 0.4, moved.y() * 0.4)
        else:
            self._camera.pan(moved.x(), moved.y(), self._canvas.width())
        self.moved.emit()

    def _release(self, event: QMouseEvent) -> None:
        pressed, self._pressed, self._last = self._pressed, None, None
        still = pressed is not None and (event.position() - pressed).manhattanLength() < _CLICK_PX
        if still and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(event.position())

    def _wheel(self, event: QWheelEvent) -> None:
        steps = (event.angleDelta().y() or event.angleDelta().x()) / 120
        self._camera.zoom(steps, event.position(), self._canvas.width(), self._canvas.height())
        self.moved.emit()

    def _key(self, event: QKeyEvent) -> bool:
        """Whether the key was for the camera; all others go on to the view."""
        key = Qt.Key(event.key())
        width, height = self._canvas.width(), self._canvas.height()
        if key in _TURNS:
            dx, dy = _TURNS[key]
            if self._camera.is_top or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._camera.pan(-dx * 8, dy * 8, width)
            else:
                self._camera.orbit(dx, dy)
        elif key in _ZOOMS:
            self._camera.zoom(_ZOOMS[key], QPointF(width / 2, height / 2), width, height)
        else:
            return False
        self.moved.emit()
        return True
