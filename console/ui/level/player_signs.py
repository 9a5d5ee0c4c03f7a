"""Where players are, painted over the level: a dot each, and names as long as they do not cover each other.

Dots and name plates are painted once and then copied: on an OpenGL device a circle or a word costs as much as a
hundred copied pictures, and hundreds of players move thirty times a second.
"""

from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPixmap

from console.ui.level.overlay import MAX_DOTS, MAX_NAMES, NAME_CHARS, Label
from console.ui.style import ui_font
from console.ui.theme import Tokens
from console.ui.widgets.formatting import visible

RADIUS_PX, RIM_PX = 4.5, 1.5
DOT_PX = 12
_PLATE_PX = 18
_ABOVE_PX = 27
# Plates kept for players who may be named again.
_KEPT_PLATES = 4 * MAX_NAMES


class PlayerSigns:
    """Keeps the pictures of dots and plates while theme and resolution stay the same."""

    def __init__(self) -> None:
        self._look: object = None
        self._dots: dict[str, QPixmap] = {}
        self._plates: OrderedDict[str, QPixmap] = OrderedDict()

    def paint(
        self,
        painter: QPainter,
        places: NDArray[np.float64],
        labels: Sequence[Label],
        tokens: Tokens,
        width: int,
        height: int,
        *,
        dots: bool = True,
    ) -> None:
        """Dots at all places, unless others draw them, and names at those heard of last.

        `places`: x and y of each label, in pixels or NaN.
        """
        shown, places = labels[-MAX_DOTS:], places[-MAX_DOTS:]
        if not shown:
            return
        ratio = painter.device().devicePixelRatioF()
        if self._look != (tokens, ratio):
            self._look = tokens, ratio
            self._dots.clear()
            self._plates.clear()
        x, y = places[:, 0], places[:, 1]
        seen = np.flatnonzero((x > 0) & (x < width) & (y > 0) & (y < height)).tolist()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for index in seen if dots else ():
            middle = QPointF(x[index] - DOT_PX / 2, y[index] - DOT_PX / 2)
            painter.drawPixmap(middle, self._dot(shown[index].colour, tokens, ratio))
        taken: list[QRectF] = []
        for index in reversed(seen):
            if len(taken) == MAX_NAMES:
                break
            plate = self._plate(shown[index].text, tokens, ratio)
            wide = plate.width() / ratio
            # On whole pixels: names that move stay sharp.
            box = QRectF(round(x[index] - wide / 2), round(y[index] - _ABOVE_PX), wide, _PLATE_PX)
            if not any(box.intersects(other) for other in taken):
                taken.append(box)
                painter.drawPixmap(box.topLeft(), plate)

    def _dot(self, colour: str, tokens: Tokens, ratio: float) -> QPixmap:
        if colour not in self._dots:
            image = _clear(DOT_PX, DOT_PX, ratio)
            with QPainter(image) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(QColor(tokens.window), RIM_PX))
                painter.setBrush(QColor(colour))
                painter.drawEllipse(QPointF(DOT_PX / 2, DOT_PX / 2), RADIUS_PX, RADIUS_PX)
            self._dots[colour] = QPixmap.fromImage(image)
        return self._dots[colour]

    def _plate(self, name: str, tokens: Tokens, ratio: float) -> QPixmap:
        plate = self._plates.get(name)
        if plate is not None:
            self._plates.move_to_end(name)
            return plate
        text = visible(name, NAME_CHARS)
        font = ui_font(12)
        wide = int(QFontMetricsF(font).horizontalAdvance(text)) + 13
        image = _clear(wide, _PLATE_PX, ratio)
        ground = QColor(tokens.panel)
        ground.setAlpha(215)
        box = QRectF(0, 0, wide, _PLATE_PX)
        with QPainter(image) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(box, 4, 4)
            painter.setPen(QColor(tokens.text))
            painter.setFont(font)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine, text)
        plate = self._plates[name] = QPixmap.fromImage(image)
        if len(self._plates) > _KEPT_PLATES:
            self._plates.popitem(last=False)
        return plate


def _clear(width: int, height: int, ratio: float) -> QImage:
    """A clear picture of so many pixels of the window."""
    image = QImage(round(width * ratio), round(height * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    return image
