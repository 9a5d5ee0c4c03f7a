"""What moves over the timeline's picture: the range that was marked out, and the cursor."""

from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter

from console.ui.clock import TimeRange
from console.ui.theme import Tokens
from console.ui.timeline.picture import RULER_PX, Layout
from console.ui.timeline.span import Span

_GROUND_ALPHA = 34


def paint_range(painter: QPainter, tokens: Tokens, layout: Layout, span: Span, chosen: TimeRange) -> None:
    """A tinted stretch with an edge on either side, to be taken hold of in the ruler."""
    left = layout.left + round(max(span.x_of(chosen.start_us, layout.columns), -4.0))
    right = layout.left + round(min(span.x_of(chosen.end_us, layout.columns), layout.columns + 4.0))
    if right < layout.left or left > layout.left + layout.columns:
        return
    accent = QColor(tokens.accent)
    ground = QColor(accent)
    ground.setAlpha(_GROUND_ALPHA)
    painter.fillRect(QRect(QPoint(left, 0), QPoint(right, layout.height)), ground)
    for x in (left, right):
        painter.fillRect(x, 0, 1, layout.height, accent)
        painter.fillRect(x - 2, 3, 5, RULER_PX - 8, accent)


def paint_cursor(painter: QPainter, tokens: Tokens, layout: Layout, x: int) -> None:
    """A line down all lanes, with a head under the ruler's times: it hides none of them."""
    accent, top = QColor(tokens.accent), RULER_PX - 5
    painter.fillRect(x, top, 1, layout.height - top, accent)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(accent)
    painter.drawPolygon([QPointF(x - 4.5, top), QPointF(x + 5.5, top), QPointF(x + 0.5, top + 7)])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
