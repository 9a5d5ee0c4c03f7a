"""Where players are on the flat level: the same dots and names as in three dimensions, painted in pixels."""

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from console.ui.level.overlay import Label
from console.ui.level.player_signs import PlayerSigns
from console.ui.theme import Tokens


class FlatPlayers(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """Paints players over the whole view, whatever part of the level that shows."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__()
        self._tokens = tokens
        self._labels: Sequence[Label] = ()
        self._signs = PlayerSigns()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents, False)

    @property
    def labels(self) -> Sequence[Label]:
        """Who is shown."""
        return self._labels

    def show_labels(self, labels: Sequence[Label], tokens: Tokens) -> None:
        """Show these players, those heard of last at the end."""
        self._labels, self._tokens = labels, tokens
        self.update()

    def viewTransformChanged(self) -> None:
        self.prepareGeometryChange()
        super().viewTransformChanged()

    def boundingRect(self) -> QRectF:
        rect: QRectF = self.viewRect() or QRectF()
        return rect

    def dataBounds(self, *_: object, **__: object) -> None:
        """Players never move the view."""
        return

    def paint(self, painter: QPainter, _: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if not self._labels:
            return
        painter.save()
        painter.setTransform(self.getViewWidget().viewportTransform())
        box = self.getViewBox()
        rect = box.sceneBoundingRect()
        painter.setClipRect(rect)
        painter.translate(rect.topLeft())
        seen = [box.mapViewToScene(QPointF(label.x, label.y)) - rect.topLeft() for label in self._labels]
        places = np.array([(at.x(), at.y()) for at in seen])
        self._signs.paint(painter, places, self._labels, self._tokens, round(rect.width()), round(rect.height()))
        painter.restore()
