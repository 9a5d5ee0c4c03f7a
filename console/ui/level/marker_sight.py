"""Markers under the pointer, and the ring around the event that is picked, for both canvases."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from console.ui.level.camera import Camera
from console.ui.level.canvas import ClusterHit, MarkerHit
from console.ui.level.clusters import Clusters
from console.ui.level.framing import Place
from console.ui.level.marker_layer import cluster_at
from console.ui.theme import Tokens

_RING_PX = 14.0
_EDGE_PX = 26.0


@dataclass(frozen=True)
class Pointed:
    """The markers of the sign that is pointed at."""

    indices: NDArray[np.int64]

    def hit(self) -> MarkerHit | ClusterHit:
        """What a click on it means."""
        found = self.indices.tolist()
        return MarkerHit(found[0]) if len(found) == 1 else ClusterHit(tuple(found))


def pointed(clusters: Clusters, seen: NDArray[np.float64], position: QPointF) -> Pointed | None:
    """What is under a point. `seen` as in `cluster_at`."""
    number = cluster_at(clusters, seen, position.x(), position.y())
    return None if number is None else Pointed(clusters.of(number))


def paint_picked(
    painter: QPainter, camera: Camera, place: Place | None, tokens: Tokens, width: int, height: int
) -> None:
    """A ring around a place; where it is out of sight, an arrow at the edge that points to it."""
    if place is None:
        return
    x, y, _ = camera.project(np.array([place]), width, height)[0].tolist()
    if math.isnan(x):  # behind the camera: the way there is down
        x, y = width / 2, height * 4.0
    paint_ring(painter, QPointF(x, y), tokens, width, height)


def paint_ring(painter: QPainter, at: QPointF, tokens: Tokens, width: int, height: int) -> None:
    """As `paint_picked`, at a point of the widget."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if 0 <= at.x() <= width and 0 <= at.y() <= height:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, thick in ((tokens.window, 5.0), (tokens.accent, 2.5)):
            painter.setPen(QPen(QColor(colour), thick))
            painter.drawEllipse(at, _RING_PX, _RING_PX)
        return
    middle = QPointF(width / 2, height / 2)
    way = at - middle
    share = min(
        (width / 2 - _EDGE_PX) / max(abs(way.x()), 1e-6),
        (height / 2 - _EDGE_PX) / max(abs(way.y()), 1e-6),
    )
    painter.save()
    painter.translate(middle + way * share)
    painter.rotate(math.degrees(math.atan2(way.y(), way.x())))
    painter.setPen(QPen(QColor(tokens.window), 2))
    painter.setBrush(QColor(tokens.accent))
    painter.drawPolygon(QPolygonF([QPointF(12, 0), QPointF(-8, -9), QPointF(-3, 0), QPointF(-8, 9)]))
    painter.restore()
