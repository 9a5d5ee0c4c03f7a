"""The sign of the axes as a picture that is kept: it changes only when the level is turned."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap

from console.ui.level.camera import Camera
from console.ui.level.overlay import paint_axes
from console.ui.theme import Tokens

# From the lower left corner of the level, in pixels: `paint_axes` stays within.
_WIDTH_PX, _HEIGHT_PX = 168, 148


class AxesSign:
    """Paints the axes once for every direction that they are seen from."""

    def __init__(self) -> None:
        self._look: object = None
        self._picture = QPixmap()

    def paint(self, painter: QPainter, camera: Camera, tokens: Tokens, height: int, spacing: float) -> None:
        """In the lower left corner of a level `height` pixels high."""
        ratio = painter.device().devicePixelRatioF()
        look = (camera.pose.elevation, camera.pose.azimuth, tokens, spacing, ratio)
        if look != self._look:
            self._look = look
            size = QSize(round(_WIDTH_PX * ratio), round(_HEIGHT_PX * ratio))
            image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
            image.setDevicePixelRatio(ratio)
            image.fill(Qt.GlobalColor.transparent)
            with QPainter(image) as inner:
                paint_axes(inner, camera, tokens, _HEIGHT_PX, spacing)
            self._picture = QPixmap.fromImage(image)
        painter.drawPixmap(QPointF(0, height - _HEIGHT_PX), self._picture)
