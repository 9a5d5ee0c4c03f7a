"""What is written over the level: the size of the floor's squares, and which way the axes point."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from console.ui.level.camera import Camera
from console.ui.level.framing import view_axes
from console.ui.style import mono_font
from console.ui.theme import Tokens

MAX_NAMES = 24
MAX_DOTS = 400
NAME_CHARS = 24


@dataclass(frozen=True)
class Label:
    """A player's last place, in the viewer's metres."""

    text: str
    x: float
    y: float
    z: float
    colour: str


def paint_axes(painter: QPainter, camera: Camera, tokens: Tokens, height: int, spacing: float) -> None:
    """Bottom left, above the chip: the viewer's axes as seen from here, and what a square of the floor measures."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ground = QColor(tokens.panel)
    ground.setAlpha(190)  # a level seen from above may fill the picture, as pale as the words
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(QRectF(8, height - 146, 112, 94), 6, 6)
    axes = view_axes(camera.pose.elevation, camera.pose.azimuth)
    middle = QPointF(56, height - 106)
    painter.setFont(mono_font(11))
    colours = (tokens.series[4], tokens.series[2], tokens.series[0])
    order = sorted(range(3), key=lambda axis: float(axes[2][axis]))
    for axis in order:
        end = middle + QPointF(float(axes[0][axis]) * 22, -float(axes[1][axis]) * 22)
        painter.setPen(QPen(QColor(colours[axis]), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(middle, end)
        if (end - middle).manhattanLength() > 8:
            away = middle + (end - middle) * 1.45
            painter.setPen(QColor(tokens.dim))
            painter.drawText(QRectF(away.x() - 8, away.y() - 8, 16, 16), Qt.AlignmentFlag.AlignCenter, "xyz"[axis])
    painter.setPen(QColor(tokens.dim))
    where = QRectF(16, height - 74, 122, 18)
    painter.drawText(where, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, f"grid {metres(spacing)}")


def metres(length: float) -> str:
    """`5 m`, `20 cm`, `2 km`."""
    if length < 1:
        return f"{length * 100:g} cm"
    return f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
