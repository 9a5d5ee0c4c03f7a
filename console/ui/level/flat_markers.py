"""The markers of the flat level: the same signs, numbers and ring as in three dimensions, painted in pixels."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from console.ui.level.clusters import Clusters
from console.ui.level.framing import Place
from console.ui.level.marker_atlas import CELL_PX, atlas, sprites
from console.ui.level.marker_layer import SLOT_PX, MarkerLayer
from console.ui.level.marker_sight import Pointed, paint_ring, pointed
from console.ui.theme import Tokens


class FlatMarkers(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """Paints a MarkerLayer over the whole view, whatever part of the level that shows."""

    def __init__(self, layer: MarkerLayer, tokens: Tokens) -> None:
        super().__init__()
        self._layer = layer
        self._tokens = tokens
        self._shown = True
        self._picked: Place | None = None
        self._atlas: tuple[object, QPixmap] | None = None
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents, False)

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.update()

    def set_shown(self, on: bool) -> None:
        self._shown = on
        self.update()

    def set_picked(self, place: Place | None) -> None:
        self._picked = place
        self.update()

    def under(self, scene_position: QPointF) -> Pointed | None:
        """The markers of the sign under a point of the scene, which has the widget's pixels."""
        if not self._shown:
            return None
        clusters = self._clusters()
        return pointed(clusters, self._seen(clusters), scene_position)

    def viewTransformChanged(self) -> None:
        self.prepareGeometryChange()
        super().viewTransformChanged()

    def boundingRect(self) -> QRectF:
        rect: QRectF = self.viewRect() or QRectF()
        return rect

    def dataBounds(self, *_: object, **__: object) -> None:
        """Markers never move the view."""
        return

    def paint(self, painter: QPainter, _: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.save()
        painter.setTransform(self.getViewWidget().viewportTransform())
        rect = self.getViewBox().sceneBoundingRect()
        painter.setClipRect(rect)
        if self._shown:
            self._paint_signs(painter)
        if self._picked is not None:
            at = self.getViewBox().mapViewToScene(QPointF(self._picked[0], self._picked[1]))
            painter.translate(rect.topLeft())
            paint_ring(painter, at - rect.topLeft(), self._tokens, round(rect.width()), round(rect.height()))
        painter.restore()

    def _paint_signs(self, painter: QPainter) -> None:
        clusters = self._clusters()
        if not len(clusters):
            return
        picture = self._picture(painter.device().devicePixelRatioF())
        wanted = sprites(clusters)
        of = wanted[:, 0].astype(np.int64)
        middles = self._seen(clusters)[of, :2] + clusters.slots[of] * SLOT_PX + wanted[:, 2:] * (1, -1)
        rect = self.getViewBox().sceneBoundingRect()
        low, high = (rect.left() - CELL_PX, rect.top() - CELL_PX), (rect.right() + CELL_PX, rect.bottom() + CELL_PX)
        seen = ((middles > low) & (middles < high)).all(axis=1)
        side = picture.height()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for cell, (x, y) in zip(wanted[seen, 1].astype(int).tolist(), middles[seen].tolist(), strict=True):
            target = QRectF(x - CELL_PX / 2, y - CELL_PX / 2, CELL_PX, CELL_PX)
            painter.drawPixmap(target, picture, QRectF(cell * side, 0, side, side))

    def _clusters(self) -> Clusters:
        width, _ = self.getViewBox().viewPixelSize()
        return self._layer.clusters(float(width))

    def _seen(self, clusters: Clusters) -> NDArray[np.float64]:
        """Where clusters are in the scene's pixels; the highest is the nearest."""
        to_scene = self.getViewBox().childGroup.sceneTransform()
        x, y = clusters.places[:, 0], clusters.places[:, 1]
        across = to_scene.m11() * x + to_scene.m21() * y + to_scene.dx()
        down = to_scene.m12() * x + to_scene.m22() * y + to_scene.dy()
        return np.column_stack([across, down, -clusters.places[:, 2]])

    def _picture(self, ratio: float) -> QPixmap:
        kinds = self._layer.markers.kinds()
        look = (tuple(kinds), self._tokens.scheme, ratio)
        if self._atlas is None or self._atlas[0] != look:
            self._atlas = look, QPixmap.fromImage(atlas(self._tokens, kinds, ratio))
        return self._atlas[1]
