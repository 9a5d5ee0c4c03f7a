"""Numbered places on the level, and where each should be: painted over the picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from console.ui.level.camera import Camera
from console.ui.level.surface import Place
from console.ui.style import ui_font
from console.ui.theme import Tokens

PIN_RADIUS = 8.0


@dataclass(frozen=True)
class Pin:
    """`place` is a disc with the number, `other` a ring joined to it, in the viewer's metres; either may be missing."""

    number: int
    place: Place | None
    other: Place | None = None


def paint_pins(painter: QPainter, camera: Camera, pins: Sequence[Pin], tokens: Tokens, width: int, height: int) -> None:
    """Over everything else: a place that a wall hides has to be seen too."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for pin in pins:
        place, other = (_on_screen(camera, where, width, height) for where in (pin.place, pin.other))
        if place is not None and other is not None:
            for colour, thickness in ((tokens.window, 4.0), (tokens.accent, 1.5)):
                painter.setPen(QPen(QColor(colour), thickness, Qt.PenStyle.DashLine))
                painter.drawLine(place, other)
        if other is not None:
            for colour, thickness in ((tokens.window, 4.0), (tokens.accent, 2.0)):
                painter.setPen(QPen(QColor(colour), thickness))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(other, PIN_RADIUS - 3, PIN_RADIUS - 3)
        if place is not None:
            painter.setPen(QPen(QColor(tokens.window), 1.5))
            painter.setBrush(QColor(tokens.accent))
            painter.drawEllipse(place, PIN_RADIUS, PIN_RADIUS)
            painter.setPen(QColor(tokens.on_accent))
            painter.setFont(ui_font(11))
            box = QRectF(place.x() - PIN_RADIUS, place.y() - PIN_RADIUS, 2 * PIN_RADIUS, 2 * PIN_RADIUS)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(pin.number))


def _on_screen(camera: Camera, place: Place | None, width: int, height: int) -> QPointF | None:
    if place is None:
        return None
    x, y, _ = camera.project(np.array([place]), width, height)[0].tolist()
    far = not (abs(x) < 10 * width and abs(y) < 10 * height)  # NaN behind the camera too
    return None if far else QPointF(x, y)
