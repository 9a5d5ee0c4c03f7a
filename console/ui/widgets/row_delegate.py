"""Paints table rows: text in two fonts, tones, and the chip of an event's kind."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QFontMetricsF, QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from console.telemetry.events import EventKind
from console.ui import theme
from console.ui.style import mono_font, ui_font
from console.ui.theme import Theme
from console.ui.widgets.formatting import cut
from console.ui.widgets.table_columns import RowCells, TableColumn, Tone

CELL_PADDING = 8
BAR_WIDTH = 3
# A ribbon with a notch, in the padding left of the first cell: its shape tells, not its colour alone.
_RIBBON = QPolygonF([QPointF(2, 6), QPointF(7, 6), QPointF(7, 17), QPointF(4.5, 14), QPointF(2, 17)])
_KINDS = {kind.label: kind for kind in EventKind}
_CHIP_WIDTH = 78
_CHIP_HEIGHT = 18
_CHIP_RADIUS = 4
_CHIP_OUTLINE_ALPHA = 120
_LINE_ALPHA = 130
_REMEMBERED_ELISIONS = 8_192
_UI, _MONO, _PLAIN_MONO = range(3)


class PaintedRows(Protocol):
    """What a table's model gives the delegate: the value behind a row, and its texts."""

    @property
    def cells(self) -> RowCells[Any]: ...
    def row(self, row: int) -> Any: ...
    def texts(self, row: int) -> tuple[str, ...]: ...


class RowDelegate(QStyledItemDelegate):
    """Paints whole rows straight from the model's values and their remembered texts.

    Qt asks a delegate cell by cell; with one Python call, style option and index each, a screen of 350 cells took
    11 ms. The table hands over the rows instead. What a cell needs is prepared once per theme.
    """

    def __init__(self, colors: Theme, model: PaintedRows, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = colors
        self._model = model
        self._columns = model.cells.columns
        self.hovered_row = -1
        self.selected_row = -1
        self.is_marked: Callable[[Any], bool] | None = None
        self.is_now: Callable[[Any], bool] | None = None
        # Monospaced ASCII needs no shaping, which is half the price of drawing it.
        plain_mono = mono_font()
        plain_mono.setStyleStrategy(QFont.StyleStrategy.PreferNoShaping)
        self._fonts = (ui_font(), mono_font(), plain_mono)
        self._metrics = tuple(QFontMetrics(font) for font in self._fonts)
        self._baselines = tuple((theme.ROW_HEIGHT + m.ascent() - m.descent()) // 2 for m in self._metrics)
        self._mono_advance = QFontMetricsF(mono_font()).horizontalAdvance("0")
        self._elided: dict[tuple[str, int, int], str] = {}
        self._chips: dict[tuple[str, float], QPixmap] = {}
        self.refresh()

    def refresh(self) -> None:
        """Take the theme's colours anew."""
        tokens = self._theme.tokens
        self._pens = {
            Tone.TEXT: QPen(QColor(tokens.text)),
            Tone.DIM: QPen(QColor(tokens.dim)),
            Tone.GOOD: QPen(QColor(tokens.good)),
            Tone.WARNING: QPen(QColor(tokens.warning)),
            Tone.BAD: QPen(QColor(tokens.bad)),
        }
        self._selection = QColor(tokens.selection)
        self._hover = QColor(tokens.hover)
        self._line = QColor(tokens.line)
        self._line.setAlpha(_LINE_ALPHA)
        self._ribbon = QColor(tokens.accent)
        self._chips.clear()

    def paint_rows(
        self,
        painter: QPainter,
        rows: range,
        top: int,
        columns: Sequence[tuple[int, int, int]],
        width: int,
        bar_of: Callable[[Any], Tone | None] | None,
    ) -> None:
        """Paint `rows`, the first at `top`, over `width` pixels. `columns` are (section, left, width) in sight."""
        value_of, texts_of, marked, now = self._model.row, self._model.cells.texts, self.is_marked, self.is_now
        for row in rows:
            value = value_of(row)
            if row == self.selected_row:
                painter.fillRect(0, top, width, theme.ROW_HEIGHT, self._selection)
            elif row == self.hovered_row:
                painter.fillRect(0, top, width, theme.ROW_HEIGHT, self._hover)
            painter.fillRect(0, top + theme.ROW_HEIGHT - 1, width, 1, self._line)
            texts = texts_of(value)
            for section, left, space in columns:
                if texts[section]:
                    self._paint_cell(painter, self._columns[section], value, texts[section], left, top, space)
            tone = bar_of(value) if bar_of is not None else None
            if tone is not None:
                painter.fillRect(0, top, BAR_WIDTH, theme.ROW_HEIGHT, self._pens[tone].color())
            if marked is not None and marked(value):
                self._paint_ribbon(painter, top)
            if now is not None and now(value):
                painter.fillRect(0, top + theme.ROW_HEIGHT - 1, width, 1, self._ribbon)
                painter.fillRect(0, top + theme.ROW_HEIGHT - 4, 8, 4, self._ribbon)
            top += theme.ROW_HEIGHT

    def _paint_ribbon(self, painter: QPainter, top: int) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._ribbon)
        painter.drawPolygon(_RIBBON.translated(0, top))
        painter.restore()

    def _paint_cell(
        self, painter: QPainter, column: TableColumn[Any], value: Any, text: str, left: int, top: int, width: int
    ) -> None:
        if column.chip:
            chip = self._chip(text, painter.device().devicePixelRatio())
            painter.drawPixmap(left + CELL_PADDING, top + (theme.ROW_HEIGHT - _CHIP_HEIGHT) // 2, chip)
            return
        space = width - 2 * CELL_PADDING
        text_width = 0
        if column.mono and text.isascii():
            face, advance = _PLAIN_MONO, self._mono_advance
            if len(text) * advance > space + 1:
                text = cut(text, int(space // advance), middle=column.middle)
                face = _MONO
            text_width = round(len(text) * advance)
        else:
            face = _MONO if column.mono else _UI
            text = self._elide(text, space, face, column.middle)
            if column.right:
                text_width = self._metrics[face].horizontalAdvance(text)
        painter.setFont(self._fonts[face])
        painter.setPen(self._pens[column.tone(value)])
        x = left + width - CELL_PADDING - text_width if column.right else left + CELL_PADDING
        painter.drawText(x, top + self._baselines[face], text)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Wide enough for the text: a double click on a column's edge fits it."""
        text = self._model.texts(index.row())[index.column()]
        column = self._columns[index.column()]
        width = _CHIP_WIDTH if column.chip else self._metrics[1 if column.mono else 0].horizontalAdvance(text)
        return QSize(width + 2 * CELL_PADDING + 2, theme.ROW_HEIGHT)

    def _elide(self, text: str, width: int, face: int, middle: bool) -> str:
        key = (text, width, face)
        found = self._elided.get(key)
        if found is None:
            if len(self._elided) >= _REMEMBERED_ELISIONS:
                self._elided.clear()
            mode = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
            found = self._metrics[face].elidedText(text, mode, max(0, width))
            self._elided[key] = found
        return found

    def _chip(self, label: str, ratio: float) -> QPixmap:
        found = self._chips.get((label, ratio))
        if found is None:
            found = self._chips[label, ratio] = self._draw_chip(label, ratio)
        return found

    def _draw_chip(self, label: str, ratio: float) -> QPixmap:
        kind = _KINDS[label]
        tokens = self._theme.tokens
        image = QPixmap(round(_CHIP_WIDTH * ratio), round(_CHIP_HEIGHT * ratio))
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        with QPainter(image) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            outline = QColor(tokens.kinds[kind])
            outline.setAlpha(_CHIP_OUTLINE_ALPHA)
            painter.setPen(QPen(outline, 1))
            painter.drawRoundedRect(QRectF(0.5, 0.5, _CHIP_WIDTH - 1, _CHIP_HEIGHT - 1), _CHIP_RADIUS, _CHIP_RADIUS)
            font = ui_font(theme.HEADING_PX + 1)
            metrics = QFontMetrics(font)
            painter.setFont(font)
            painter.setPen(QColor(tokens.kind_text[kind]))
            painter.drawText(7, (_CHIP_HEIGHT + metrics.ascent() - metrics.descent()) // 2, label)
        return image
