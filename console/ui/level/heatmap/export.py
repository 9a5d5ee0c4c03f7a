"""Heatmaps as pictures to keep: the level as it is seen, or a clean map from above; each says what it shows."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform

from console.ui.level.heatmap.field import Field
from console.ui.level.heatmap.legend import RAMP_HEIGHT, paint_ramp
from console.ui.level.heatmap.options import titled
from console.ui.style import mono_font, ui_font
from console.ui.theme import MONO_PX, Tokens

_MARGIN = 24
_LINE = 20
_MAP_PX = 1600
_RAMP_PX = 360


def with_legend(picture: QImage, field: Field, title: str, lines: Sequence[str], tokens: Tokens) -> QImage:
    """A picture with a strip below it: what it shows, its scale, and what it is of."""
    width = max(round(picture.width() / picture.devicePixelRatio()), _RAMP_PX + 2 * _MARGIN)
    height = round(picture.height() / picture.devicePixelRatio())
    strip = 2 * _MARGIN + 28 + RAMP_HEIGHT + 8 + _LINE * len(lines)
    ratio = picture.devicePixelRatio()
    result = QImage(round(width * ratio), round((height + strip) * ratio), QImage.Format.Format_RGB32)
    result.setDevicePixelRatio(ratio)
    result.fill(QColor(tokens.panel))
    with QPainter(result) as painter:
        painter.drawImage(QPointF(0, 0), picture)
        top = height + _MARGIN
        painter.setPen(QColor(tokens.text))
        painter.setFont(ui_font(16))
        painter.drawText(QPointF(_MARGIN, top + 14), titled(title, field.unit))
        paint_ramp(painter, QRectF(_MARGIN, top + 28, _RAMP_PX, RAMP_HEIGHT), field, tokens)
        painter.setPen(QColor(tokens.dim))
        painter.setFont(ui_font())
        for number, line in enumerate(lines):
            painter.drawText(QPointF(_MARGIN, top + 28 + RAMP_HEIGHT + 16 + _LINE * number), line)
    return result


def map_image(field: Field, outline: NDArray[np.float64], tokens: Tokens) -> QImage:
    """The level from above: cells, the mesh's edges `(n, 3)` in pairs, and a rod for the scale; north is +y."""
    grid = field.grid
    metres = max(grid.right - grid.x, grid.top - grid.y)
    per_metre = (_MAP_PX - 2 * _MARGIN) / metres
    width = round((grid.right - grid.x) * per_metre) + 2 * _MARGIN
    height = round((grid.top - grid.y) * per_metre) + 2 * _MARGIN
    image = QImage(max(width, 480), max(height, 120), QImage.Format.Format_RGB32)
    image.fill(QColor(tokens.window))
    with QPainter(image) as painter:
        to_image = QTransform(per_metre, 0, 0, -per_metre, _MARGIN - grid.x * per_metre, _MARGIN + grid.top * per_metre)
        pixels = np.ascontiguousarray(field.pixels(tokens, opacity=1.0)[::-1])
        rows, columns = pixels.shape[:2]
        cells = QImage(pixels.tobytes(), columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
        painter.drawImage(to_image.mapRect(QRectF(grid.x, grid.y, grid.right - grid.x, grid.top - grid.y)), cells)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.dim), 1))
        ends = outline[:, :2].reshape(-1, 2, 2).tolist()
        painter.drawLines([to_image.map(QLineF(QPointF(*start), QPointF(*end))) for start, end in ends])
        _paint_rod(painter, image.width(), image.height(), per_metre, tokens)
    return image


def _paint_rod(painter: QPainter, width: int, height: int, per_metre: float, tokens: Tokens) -> None:
    """A length of 1, 2 or 5 times a power of ten metres, about a sixth of the picture."""
    wanted = width / 6 / per_metre
    power = 10.0 ** math.floor(math.log10(wanted))
    metres = max(step * power for step in (1, 2, 5) if step * power <= wanted)
    right, below = width - _MARGIN, height - _MARGIN / 2
    left = right - metres * per_metre
    painter.setPen(QPen(QColor(tokens.text), 2))
    painter.drawLine(QPointF(left, below), QPointF(right, below))
    painter.setFont(mono_font(MONO_PX))
    painter.drawText(
        QRectF(left - 40, below - 20, right - left + 80, 16), Qt.AlignmentFlag.AlignHCenter, f"{metres:g} m"
    )
