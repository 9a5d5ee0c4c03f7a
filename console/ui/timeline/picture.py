"""Paints what a timeline shows and seldom changes: lanes, levels, ticks, ruler. What moves is painted over it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPixmap, QPolygonF

from console.telemetry.events import EventKind
from console.ui.colours import Colours
from console.ui.level.palette import mix, people
from console.ui.style import mono_font, ui_font
from console.ui.theme import Tokens
from console.ui.timeline.lanes import Lane
from console.ui.timeline.marks import Marks
from console.ui.timeline.pieces import Piece
from console.ui.timeline.source import TimelineSource
from console.ui.timeline.span import Span, ruler
from console.ui.timeline.ticks import DEATH, FUNNEL, GAMEPLAY
from console.ui.widgets.formatting import visible

RULER_PX: Final = 20
LANE_PX: Final = 20
NAME_PX: Final = 140
RIGHT_PX: Final = 12
_BAR_PX: Final = 8
_LEFT_PX: Final = 12
_SWATCH_PX: Final = 8
# How far ticks reach above and below the middle of their lane: what they are is not told by their colour alone.
_TICK_PX: Final = {GAMEPLAY: (5, 5), FUNNEL: (9, 5), DEATH: (9, 9)}
_MOST_ROUNDED: Final = 1_000


@dataclass(frozen=True)
class Layout:
    """Where things are, in pixels. `fixed` are the rows above the sessions' lanes."""

    width: int
    height: int
    fixed: tuple[str, ...]

    @property
    def left(self) -> int:
        return NAME_PX

    @property
    def columns(self) -> int:
        """The width of time."""
        return max(self.width - NAME_PX - RIGHT_PX, 1)

    @property
    def lanes_top(self) -> int:
        return RULER_PX + LANE_PX * len(self.fixed)

    @property
    def lanes_shown(self) -> int:
        """Lanes in sight, the last one maybe in part."""
        return max(-(-(self.height - self.lanes_top) // LANE_PX), 0)

    @property
    def whole_lanes(self) -> int:
        """Lanes in sight as a whole."""
        return max((self.height - self.lanes_top) // LANE_PX, 0)

    def fixed_at(self, y: float) -> str:
        """Which fixed row is at a height; "" for none."""
        row = int(y - RULER_PX) // LANE_PX
        return self.fixed[row] if y >= RULER_PX and row < len(self.fixed) else ""


def paint(
    tokens: Tokens, source: TimelineSource, layout: Layout, span: Span, first_row: int, ratio: float, colours: Colours
) -> QPixmap:
    """The whole picture, sharp on a screen of `ratio` device pixels a pixel."""
    image = QPixmap(round(layout.width * ratio), round(layout.height * ratio))
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(tokens.panel))
    with QPainter(image) as painter:
        _paint_ruler(painter, tokens, layout, span)
        for row, name in enumerate(layout.fixed):
            top = RULER_PX + row * LANE_PX
            _paint_name(painter, tokens, name, top, dim=True)
            if name == ALL:
                _paint_activity(painter, tokens, source, layout, span, top)
            else:
                rejected = name == REJECTED
                marks = source.rejected if rejected else source.bookmarks
                _paint_groove(painter, tokens, layout, top)
                _paint_marks(painter, tokens, marks, layout, span, top, rejected=rejected)
        lanes = source.lanes.rows[first_row : first_row + layout.lanes_shown]
        swatches = people(tokens)
        painter.setClipRect(0, layout.lanes_top, layout.width, layout.height - layout.lanes_top)
        for row, lane in enumerate(lanes):
            top = layout.lanes_top + row * LANE_PX
            swatch = swatches[colours.session(lane.app_id, lane.session_id, lane.player_id)]
            _paint_name(painter, tokens, lane.player_id or lane.session_id, top, swatch=swatch)
            _paint_groove(painter, tokens, layout, top)
            _paint_lane(painter, tokens, source, lane, layout, span, top)
        if lanes:
            grid = source.ticks.grid(source.lanes.row_of(), first_row, span, (len(lanes), layout.columns))
            painter.drawImage(QPointF(layout.left, layout.lanes_top), tick_image(grid, tokens))
    return image


ALL: Final = "All sessions"
REJECTED: Final = "Rejected"
BOOKMARKS: Final = "Bookmarks"


def tick_image(grid: NDArray[np.uint8], tokens: Tokens) -> QImage:
    """Ticks on a clear ground, LANE_PX pixels a lane; a tick is two pixels wide."""
    lanes, columns = grid.shape
    pixels = np.zeros((lanes, LANE_PX, columns), dtype=np.uint32)
    wide = grid.copy()
    np.copyto(wide[:, 1:], grid[:, :-1], where=(grid[:, 1:] == 0) & (grid[:, :-1] != 0))
    middle = LANE_PX // 2
    colours = {
        GAMEPLAY: mix(tokens.panel, tokens.text, 0.7),
        FUNNEL: tokens.kind_text[EventKind.FUNNEL],
        DEATH: tokens.bad,
    }
    for look, (above, below) in _TICK_PX.items():
        here = wide == look
        if here.any():
            colour = np.uint32(QColor(colours[look]).rgba())
            part = pixels[:, middle - above : middle + below]
            np.copyto(part, colour, where=here[:, None, :])
    flat = np.ascontiguousarray(pixels.reshape(lanes * LANE_PX, columns))
    return QImage(flat.data, columns, lanes * LANE_PX, columns * 4, QImage.Format.Format_ARGB32_Premultiplied).copy()


def level_colour(tokens: Tokens, number: int) -> QColor:
    """The colour of the n-th level: muted, so that ticks stand out of it."""
    share = 0.6 if number < len(tokens.series) else 0.4
    return QColor(mix(tokens.panel, tokens.series[number % len(tokens.series)], share))


# parts


def _paint_ruler(painter: QPainter, tokens: Tokens, layout: Layout, span: Span) -> None:
    painter.setFont(mono_font(11))
    metrics = QFontMetrics(mono_font(11))
    line = QColor(tokens.line)
    for time_us, words in ruler(span, layout.columns):
        x = layout.left + round(span.x_of(time_us, layout.columns))
        painter.fillRect(x, RULER_PX - 5, 1, layout.height - RULER_PX + 5, line)
        if x + 5 + metrics.horizontalAdvance(words) <= layout.width:
            painter.setPen(QColor(tokens.dim))
            painter.drawText(x + 5, RULER_PX - 6, words)


def _paint_name(painter: QPainter, tokens: Tokens, name: str, top: int, *, dim: bool = False, swatch: str = "") -> None:
    """A name; before it the `swatch` of a session's colour, as its tracks and its line have it."""
    left = _LEFT_PX
    if swatch:
        box = QRectF(left, top + (LANE_PX - _SWATCH_PX) / 2, _SWATCH_PX, _SWATCH_PX)
        _rounded(painter, box, QColor(swatch))
        left += _SWATCH_PX + 6
    font = ui_font(12)
    painter.setFont(font)
    painter.setPen(QColor(tokens.dim if dim else tokens.text))
    room = NAME_PX - left - 8
    words = QFontMetrics(font).elidedText(visible(name), Qt.TextElideMode.ElideMiddle, room)
    painter.drawText(QRect(left, top, room, LANE_PX), Qt.AlignmentFlag.AlignVCenter, words)


def _paint_groove(painter: QPainter, tokens: Tokens, layout: Layout, top: int) -> None:
    groove = QRectF(layout.left, top + (LANE_PX - _BAR_PX) / 2, layout.columns, _BAR_PX)
    _rounded(painter, groove, QColor(tokens.raised))


def _paint_lane(
    painter: QPainter, tokens: Tokens, source: TimelineSource, lane: Lane, layout: Layout, span: Span, top: int
) -> None:
    """When the session lived, then what is known of its levels."""
    _paint_piece(painter, QColor(tokens.line), lane.first_us, lane.last_us, layout, span, top, rounded=True)
    pieces: list[Piece] = source.pieces.of(lane.key)
    for piece in pieces:
        if piece.end_us >= span.start_us and piece.start_us <= span.end_us:
            colour = level_colour(tokens, source.pieces.numbers[piece.level_id])
            rounded = len(pieces) <= _MOST_ROUNDED
            _paint_piece(painter, colour, piece.start_us, piece.end_us, layout, span, top, rounded=rounded)


def _paint_piece(
    painter: QPainter,
    colour: QColor,
    start_us: int,
    end_us: int,
    layout: Layout,
    span: Span,
    top: int,
    *,
    rounded: bool,
) -> None:
    left = max(span.x_of(start_us, layout.columns), 0.0)
    right = min(max(span.x_of(end_us, layout.columns), left + 2), layout.columns)
    if right <= left or left > layout.columns:
        return
    bar = QRectF(layout.left + left, top + (LANE_PX - _BAR_PX) / 2, right - left, _BAR_PX)
    if rounded:
        _rounded(painter, bar, colour)
    else:
        painter.fillRect(bar, colour)


def _rounded(painter: QPainter, bar: QRectF, colour: QColor) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(bar, 3, 3)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_activity(
    painter: QPainter, tokens: Tokens, source: TimelineSource, layout: Layout, span: Span, top: int
) -> None:
    """Columns two pixels wide, as high as the root of how many events there are: few show beside many."""
    columns, room = max(layout.columns // 2, 1), LANE_PX - 2
    heights = (source.near or source.activity).heights(span, columns)
    tops = np.where(heights > 0, room - 2 - np.rint(np.sqrt(heights) * (room - 4)), room)
    filled = np.arange(room)[:, None] >= np.repeat(tops, 2)[None, :]
    pixels = np.where(filled, np.uint32(QColor(tokens.faint).rgba()), np.uint32(0)).astype(np.uint32)
    painter.fillRect(layout.left, top + room, layout.columns, 1, QColor(tokens.line))
    image = QImage(pixels.data, 2 * columns, room, 8 * columns, QImage.Format.Format_ARGB32_Premultiplied)
    painter.drawImage(layout.left, top, image)


def _paint_marks(
    painter: QPainter, tokens: Tokens, marks: Marks, layout: Layout, span: Span, top: int, *, rejected: bool
) -> None:
    """A small triangle for what was refused, a ribbon for what is bookmarked."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.bad if rejected else tokens.accent))
    for column in marks.columns(span, layout.columns):
        x, y = layout.left + column + 0.5, top + LANE_PX / 2
        if rejected:
            painter.drawPolygon(QPolygonF([QPointF(x - 4, y + 4), QPointF(x + 4, y + 4), QPointF(x, y - 5)]))
        else:
            ribbon = [(x - 3, y - 6), (x + 3, y - 6), (x + 3, y + 6), (x, y + 3), (x - 3, y + 6)]
            painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in ribbon]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
