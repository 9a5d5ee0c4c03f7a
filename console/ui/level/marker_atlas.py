"""All signs and digits of the markers side by side in one picture, as both canvases draw them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from console.ui.level.clusters import MIXED, Clusters
from console.ui.level.marker_layer import SIGN_PX
from console.ui.level.marker_signs import marker_style
from console.ui.level.markers import MAX_NAMES
from console.ui.level.sign_paths import draw_sign
from console.ui.style import mono_font
from console.ui.theme import Tokens

# A sign and the room around it, so that neighbours do not bleed into each other.
CELL_PX = 22.0
_RADIUS_PX = SIGN_PX / 2 - 1.5
_KINDS = MAX_NAMES + 1
_DIGITS = "0123456789.k"
_MIXED_CELL = _KINDS + len(_DIGITS)
CELLS = _MIXED_CELL + 1
# A digit's ground, in pixels: digits that stand so far apart make one plate.
DIGIT_PX = 7.0
_PLATE_PX = 12.0
# How far under a sign's middle its number's stands: beside it, the next sign of the same cell would cover it.
_NUMBER_BELOW_PX = 13.0


def atlas(tokens: Tokens, kinds: Sequence[str], ratio: float) -> QImage:
    """CELLS cells in one row, premultiplied RGBA: the signs of the kinds by number, digits on plates, many kinds."""
    side = round(CELL_PX * ratio)
    image = QImage(side * CELLS, side, QImage.Format.Format_RGBA8888_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        painter.scale(side / CELL_PX, side / CELL_PX)
        for number, kind in enumerate(kinds[:_KINDS]):
            middle = QPointF((number + 0.5) * CELL_PX, CELL_PX / 2)
            draw_sign(painter, marker_style(tokens, kind, number), middle, _RADIUS_PX, tokens.window)
        font = mono_font(10)
        font.setBold(True)
        painter.setFont(font)
        for number, digit in enumerate(_DIGITS):
            left = (_KINDS + number + 0.5) * CELL_PX
            plate = QRectF(left - DIGIT_PX / 2 - 0.75, (CELL_PX - _PLATE_PX) / 2, DIGIT_PX + 1.5, _PLATE_PX)
            painter.fillRect(plate, QColor(tokens.text))
            painter.setPen(QColor(tokens.panel))
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, digit)
        _draw_mixed(painter, QPointF((_MIXED_CELL + 0.5) * CELL_PX, CELL_PX / 2), tokens)
    return image


def _draw_mixed(painter: QPainter, middle: QPointF, tokens: Tokens) -> None:
    """Several kinds in one: three dots on a disc."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(tokens.text), 1.5))
    painter.setBrush(QColor(tokens.panel))
    painter.drawEllipse(middle, _RADIUS_PX, _RADIUS_PX)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.text))
    for step in (-1, 0, 1):
        painter.drawEllipse(middle + QPointF(step * 3.6, 0), 1.2, 1.2)


def count_words(count: int) -> str:
    """Three digits at most, and a `k` for thousands: no wider than the sign's slot."""
    if count < 1000:
        return str(count)
    return f"{count / 1000:.1f}k" if count < 9_950 else f"{count / 1000:.0f}k"


def sprites(clusters: Clusters) -> NDArray[np.float64]:
    """What is drawn of clusters, in order, `(n, 4)`: the cluster's index, the atlas's cell, pixels right and up."""
    signs = np.zeros((len(clusters), 4))
    signs[:, 0] = np.arange(len(clusters))
    signs[:, 1] = np.where(clusters.kinds == MIXED, _MIXED_CELL, clusters.kinds)
    digits = []
    for number in np.flatnonzero(clusters.counts > 1).tolist():
        count = int(clusters.counts[number])
        words = count_words(count)
        for place, digit in enumerate(words):
            right = (place - (len(words) - 1) / 2) * DIGIT_PX
            digits.append((number, _KINDS + _DIGITS.index(digit), right, -_NUMBER_BELOW_PX))
    return np.concatenate([signs, np.array(digits, dtype=np.float64).reshape(-1, 4)])
