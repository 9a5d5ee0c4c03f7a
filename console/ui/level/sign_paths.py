"""The outlines of marker signs, drawn so that each is known at 14 pixels, and the small pictures made of them."""

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QTransform

from console.ui.level.marker_signs import MarkerStyle

Points = Sequence[tuple[float, float]]


def sign_path(sign: str, middle: QPointF, radius: float) -> QPainterPath:
    """A sign around a point, y downwards. Raises KeyError for a sign that is not one of SIGNS."""
    path = _DRAWN[sign]()
    path.setFillRule(Qt.FillRule.OddEvenFill)
    return QTransform(radius, 0, 0, radius, middle.x(), middle.y()).map(path)


def draw_sign(painter: QPainter, style: MarkerStyle, middle: QPointF, radius: float, rim: str) -> None:
    """A sign with a rim in the colour of the ground, so that it stands out on everything."""
    path = sign_path(style.sign, middle, radius)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(rim))
    painter.setPen(QPen(QColor(rim), radius * 0.42, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, _ROUND))
    painter.drawPath(path)
    painter.fillPath(path, QColor(style.colour))


def marker_icon(style: MarkerStyle, ratio: float) -> QIcon:
    """A sign of 14 pixels."""
    pixmap = QPixmap(round(14 * ratio), round(14 * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(sign_path(style.sign, QPointF(7, 7), 6.2), QColor(style.colour))
    return QIcon(pixmap)


_ROUND = Qt.PenJoinStyle.RoundJoin


def _polygons(*outlines: Points) -> QPainterPath:
    path = QPainterPath()
    for points in outlines:
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
        path.closeSubpath()
    return path


def _regular(corners: int, radius: float, turned: float = -90.0, inner: float | None = None) -> Points:
    """Corners of a regular polygon; with `inner`, of a star."""
    rays = corners * (1 if inner is None else 2)
    points = []
    for number in range(rays):
        angle = math.radians(turned + 360 * number / rays)
        reach = radius if inner is None or number % 2 == 0 else inner
        points.append((reach * math.cos(angle), reach * math.sin(angle)))
    return points


def _discs(*radii: float) -> QPainterPath:
    path = QPainterPath()
    for radius in radii:
        path.addEllipse(QPointF(0, 0), radius, radius)
    return path


def _skull() -> QPainterPath:
    dome = QPainterPath()
    dome.addEllipse(QPointF(0, -0.18), 0.86, 0.76)
    jaw = QPainterPath()
    jaw.addRoundedRect(QRectF(-0.48, 0.2, 0.96, 0.76), 0.16, 0.16)
    holes = QPainterPath()
    for side in (-1, 1):
        holes.addEllipse(QPointF(0.36 * side, -0.1), 0.23, 0.25)
        holes.addRect(QRectF(0.17 * side - 0.06, 0.66, 0.12, 0.4))
    holes.addPath(_polygons([(0, 0.18), (0.13, 0.42), (-0.13, 0.42)]))
    return dome.united(jaw).subtracted(holes)


def _warning() -> QPainterPath:
    body = _polygons([(0, -0.92), (1.0, 0.84), (-1.0, 0.84)])
    mark = QPainterPath()
    mark.addRect(QRectF(-0.11, -0.32, 0.22, 0.58))
    mark.addEllipse(QPointF(0, 0.52), 0.14, 0.14)
    return body.subtracted(mark)


def _target() -> QPainterPath:
    cross = QPainterPath()
    for x, y, w, h in ((-0.1, -1, 0.2, 0.62), (-0.1, 0.38, 0.2, 0.62), (-1, -0.1, 0.62, 0.2), (0.38, -0.1, 0.62, 0.2)):
        cross.addRect(QRectF(x, y, w, h))
    return _discs(0.8, 0.56).united(cross).united(_discs(0.16))


def _arrow(up: bool) -> QPainterPath:
    points = [(0, -0.98), (0.88, 0.0), (0.34, 0.0), (0.34, 0.92), (-0.34, 0.92), (-0.34, 0.0), (-0.88, 0.0)]
    return _polygons(points if up else [(x, -y) for x, y in points])


def _plus() -> QPainterPath:
    a, b = 0.3, 0.92
    right = [(a, -b), (a, -a), (b, -a), (b, a), (a, a), (a, b)]
    return _polygons([*right, *((-x, y) for x, y in reversed(right))])


def _exit() -> QPainterPath:
    frame = [(0.1, -0.92), (-0.86, -0.92), (-0.86, 0.92), (0.1, 0.92), (0.1, 0.62), (-0.54, 0.62), (-0.54, -0.62)]
    arrow = [(0.4, -0.62), (1.02, 0.0), (0.4, 0.62), (0.4, 0.2), (-0.28, 0.2), (-0.28, -0.2), (0.4, -0.2)]
    return _polygons([*frame, (0.1, -0.62)], arrow)


def _door() -> QPainterPath:
    door = QPainterPath()
    door.addRoundedRect(QRectF(-0.62, -0.94, 1.24, 1.88), 0.1, 0.1)
    knob = QPainterPath()
    knob.addEllipse(QPointF(0.3, 0.06), 0.16, 0.16)
    return door.subtracted(knob)


def _bubble() -> QPainterPath:
    body = QPainterPath()
    body.addRoundedRect(QRectF(-0.94, -0.82, 1.88, 1.24), 0.36, 0.36)
    return body.united(_polygons([(-0.5, 0.2), (-0.5, 0.96), (0.2, 0.3)]))


_DRAWN: dict[str, Callable[[], QPainterPath]] = {
    "skull": _skull,
    "warning": _warning,
    "burst": lambda: _polygons(_regular(8, 1.0, inner=0.5)),
    "target": _target,
    "arrow_up": lambda: _arrow(up=True),
    "arrow_down": lambda: _arrow(up=False),
    "gem": lambda: _polygons([(-0.5, -0.74), (0.5, -0.74), (0.98, -0.16), (0, 0.92), (-0.98, -0.16)]),
    "plus": _plus,
    "exit": _exit,
    "flag": lambda: _polygons(
        [(-0.78, -0.98), (-0.5, -0.98), (0.92, -0.44), (-0.5, 0.12), (-0.5, 0.98), (-0.78, 0.98)]
    ),
    "door": _door,
    "star": lambda: _polygons(_regular(5, 1.0, inner=0.44)),
    "bubble": _bubble,
    "bolt": lambda: _polygons([(0.2, -1.0), (-0.66, 0.16), (-0.08, 0.16), (-0.2, 1.0), (0.66, -0.2), (0.08, -0.2)]),
    "circle": lambda: _discs(0.84),
    "square": lambda: _polygons([(-0.74, -0.74), (0.74, -0.74), (0.74, 0.74), (-0.74, 0.74)]),
    "triangle": lambda: _polygons([(0, -0.92), (0.92, 0.7), (-0.92, 0.7)]),
    "diamond": lambda: _polygons([(0, -0.98), (0.98, 0), (0, 0.98), (-0.98, 0)]),
    "ring": lambda: _discs(0.88, 0.46),
    "down": lambda: _polygons([(0, 0.92), (0.92, -0.7), (-0.92, -0.7)]),
    "hexagon": lambda: _polygons(_regular(6, 0.92)),
}
