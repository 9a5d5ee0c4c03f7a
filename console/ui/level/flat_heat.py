"""The heat of a level on the flat canvas: an image under everything, and the words of the cell under the pointer."""

from collections.abc import Callable
from typing import cast

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip

from console.ui.hover import plain_hover
from console.ui.level.heat_picture import HeatPicture


class FlatHeat(QObject):
    """Belongs to one plot. `words` of x and y in the viewer's metres are shown where the pointer rests, "" for none."""

    def __init__(self, widget: pg.PlotWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self._words: Callable[[float, float], str] | None = None
        self._image = pg.ImageItem(axisOrder="row-major")
        self._image.setZValue(-10)
        self._image.hide()
        widget.getPlotItem().addItem(self._image)
        widget.viewport().installEventFilter(self)

    def show(self, picture: HeatPicture | None, words: Callable[[float, float], str] | None) -> None:
        """Lay a picture under the level; None takes it away."""
        self._words = words
        self._image.setVisible(picture is not None)
        if picture is not None:
            self._image.setImage(picture.pixels, levels=(0, 255))
            width, depth = picture.right - picture.left, picture.far - picture.near
            self._image.setRect(QRectF(picture.left, picture.near, width, depth))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ToolTip or self._words is None:
            return False
        help_event = cast("QHelpEvent", event)
        at = self._widget.getViewBox().mapSceneToView(self._widget.mapToScene(help_event.pos()))
        text = self._words(QPointF(at).x(), QPointF(at).y())
        if not text:
            QToolTip.hideText()
            return False
        QToolTip.showText(help_event.globalPos(), plain_hover(text), self._widget)
        return True
