"""Shows the bytes of a body: of eight megabytes, only the rows in sight are ever painted."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from console.ui.style import mono_font
from console.ui.theme import Theme
from console.ui.widgets.hex_layout import NARROW, WIDE, HexLayout, Span, ascii_text, copied_hex, hex_text

_MARGIN = 8
_ROW_HEIGHT = 18
_MARK_ALPHA = 110
_RANGE_ALPHA = 60
_NOTHING = Span(0, 0)


class HexView(QAbstractScrollArea):
    """Offset, bytes and text. One selection, by mouse and keyboard; `marks` are what is wrong.

    `selection_changed` tells of selections by the person, not of `select`.
    """

    selection_changed = Signal(int, int)

    def __init__(self, colors: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = colors
        self._body = b""
        self._marks: tuple[Span, ...] = ()
        self._context = _NOTHING
        self._anchor = self._cursor = 0
        self._selection = _NOTHING
        self._layout = HexLayout(0, WIDE)
        font = mono_font()
        metrics = QFontMetricsF(font)
        self._advance = metrics.horizontalAdvance("0")
        self._baseline = (_ROW_HEIGHT + metrics.ascent() - metrics.descent()) / 2
        self.setFont(font)
        self.viewport().setFont(font)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setViewportMargins(0, _MARGIN, 0, _MARGIN)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self.setAccessibleName("Bytes of the request")
        self.verticalScrollBar().valueChanged.connect(self.viewport().update)
        self.horizontalScrollBar().valueChanged.connect(self.viewport().update)
        colors.changed.connect(self.viewport().update)

    # what is shown

    @property
    def body(self) -> bytes:
        return self._body

    @property
    def selection(self) -> Span:
        return self._selection

    @property
    def marks(self) -> tuple[Span, ...]:
        return self._marks

    def set_body(self, body: bytes, marks: Sequence[Span] = ()) -> None:
        """Show other bytes, with those of `marks` in the colour of an error."""
        self._body = body
        self._marks = tuple(mark for mark in marks if mark)
        self._selection = self._context = _NOTHING
        self._anchor = self._cursor = 0
        self._arrange()
        self.verticalScrollBar().setValue(0)
        self._describe()

    def set_context(self, span: Span) -> None:
        """Tint the bytes of what is looked at, as one event of a batch."""
        self._context = span
        self.viewport().update()

    def select(self, span: Span) -> None:
        """Select bytes and bring the first of them into sight."""
        start = min(max(span.start, 0), len(self._body))
        end = min(max(span.end, start), len(self._body))
        self._selection = Span(start, end)
        self._anchor, self._cursor = start, max(start, end - 1)
        self.show_offset(start)
        self._describe()
        self.viewport().update()

    def show_offset(self, offset: int) -> None:
        """Scroll so that a byte is in sight, with some rows around it if it was not."""
        if not self._is_in_sight(offset):
            self.verticalScrollBar().setValue(max(0, self._layout.row_of(offset) - self._page_rows // 3))

    def _is_in_sight(self, offset: int) -> bool:
        first = self.verticalScrollBar().value()
        return first <= self._layout.row_of(offset) < first + self._page_rows

    def copy(self) -> None:
        """Put the selection on the clipboard, as hex."""
        if self._selection:
            QGuiApplication.clipboard().setText(copied_hex(self._body, self._selection))

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self.viewport()) as painter:
            painter.setFont(self.font())
            tokens, layout = self._theme.tokens, self._layout
            left = _MARGIN - self.horizontalScrollBar().value()
            first = self.verticalScrollBar().value()
            last = min(first + self.viewport().height() // _ROW_HEIGHT + 1, layout.rows)
            dim, text = QColor(tokens.dim), QColor(tokens.text)
            bad, tint, chosen = QColor(tokens.bad), QColor(tokens.accent), QColor(tokens.selection)
            bad.setAlpha(_MARK_ALPHA)
            tint.setAlpha(_RANGE_ALPHA // 2)
            marks = self._marks_between(first * layout.per_row, last * layout.per_row)
            for row in range(first, last):
                y = (row - first) * _ROW_HEIGHT
                start = row * layout.per_row
                self._fill(painter, row, y, left, self._context, tint)
                self._fill(painter, row, y, left, self._selection, chosen)
                for mark in marks:
                    self._fill(painter, row, y, left, mark, bad)
                data = self._body[start : start + layout.per_row]
                base = y + self._baseline
                painter.setPen(dim)
                painter.drawText(QPointF(left, base), f"{start:0{layout.offset_chars}x}")
                painter.drawText(QPointF(left + layout.text_column * self._advance, base), ascii_text(data))
                painter.setPen(text)
                painter.drawText(QPointF(left + layout.hex_column * self._advance, base), hex_text(data))
            if self.hasFocus() and layout.size:
                self._outline_cursor(painter, first, left)

    def _marks_between(self, start: int, end: int) -> list[Span]:
        return [mark for mark in self._marks if mark.start < end and mark.end > start]

    def _fill(self, painter: QPainter, row: int, y: int, left: int, span: Span, color: QColor) -> None:
        covered = self._layout.spans_of_row(row, span)
        if covered is None:
            return
        first, last = covered
        advance = self._advance
        hex_left = left + (self._layout.hex_column + first * 3) * advance
        painter.fillRect(QRectF(hex_left - 2, y + 1, ((last - first) * 3 + 2) * advance + 4, _ROW_HEIGHT - 2), color)
        text_left = left + (self._layout.text_column + first) * advance
        painter.fillRect(QRectF(text_left, y + 1, (last - first + 1) * advance, _ROW_HEIGHT - 2), color)

    def _outline_cursor(self, painter: QPainter, first: int, left: int) -> None:
        row, place = divmod(self._cursor, self._layout.per_row)
        x = left + (self._layout.hex_column + place * 3) * self._advance
        painter.setPen(QColor(self._theme.tokens.accent))
        painter.drawRect(QRectF(x - 1.5, (row - first) * _ROW_HEIGHT + 1.5, 2 * self._advance + 3, _ROW_HEIGHT - 3))

    # keyboard and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self._select_by_person(0, len(self._body) - 1)
        elif (target := self._target(event)) is not None:
            extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._select_by_person(self._anchor if extend else target, target)
        else:
            super().keyPressEvent(event)

    def _target(self, event: QKeyEvent) -> int | None:
        """Where a key moves the cursor to."""
        per_row, size = self._layout.per_row, self._layout.size
        whole = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        row_start = self._cursor - self._cursor % per_row
        key = Qt.Key
        moves = {
            key.Key_Left: self._cursor - 1,
            key.Key_Right: self._cursor + 1,
            key.Key_Up: self._cursor - per_row,
            key.Key_Down: self._cursor + per_row,
            key.Key_PageUp: self._cursor - per_row * self._page_rows,
            key.Key_PageDown: self._cursor + per_row * self._page_rows,
            key.Key_Home: 0 if whole else row_start,
            key.Key_End: size - 1 if whole else row_start + per_row - 1,
        }
        target = moves.get(key(event.key()))
        return None if target is None or not size else min(max(target, 0), size - 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        offset = self._offset_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and offset is not None:
            extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._select_by_person(self._anchor if extend else offset, offset)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        offset = self._offset_at(event.position())
        if event.buttons() & Qt.MouseButton.LeftButton and offset is not None and offset != self._cursor:
            self._select_by_person(self._anchor, offset)

    def _offset_at(self, place: QPointF) -> int | None:
        row = self.verticalScrollBar().value() + int(place.y() // _ROW_HEIGHT)
        column = (place.x() - _MARGIN + self.horizontalScrollBar().value()) / self._advance
        return self._layout.byte_at(row, column)

    def _select_by_person(self, anchor: int, cursor: int) -> None:
        if not self._body:
            return
        self._anchor, self._cursor = anchor, cursor
        self._selection = Span(min(anchor, cursor), max(anchor, cursor) + 1)
        row, bar, page = self._layout.row_of(cursor), self.verticalScrollBar(), self._page_rows
        if row < bar.value():
            bar.setValue(row)
        elif row >= bar.value() + page:
            bar.setValue(row - page + 1)
        self._describe()
        self.viewport().update()
        self.selection_changed.emit(self._selection.start, self._selection.end)

    # geometry

    def sizeHint(self) -> QSize:
        return QSize(round(HexLayout(0, NARROW).columns * self._advance) + 3 * _MARGIN, 16 * _ROW_HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        in_sight = self._is_in_sight(self._selection.start) or event.oldSize().isEmpty()
        super().resizeEvent(event)
        self._arrange()
        if in_sight:  # what was looked at stays in sight, also when a row holds fewer bytes than before
            self.show_offset(self._selection.start)

    @property
    def _page_rows(self) -> int:
        return max(1, self.viewport().height() // _ROW_HEIGHT)

    def _arrange(self) -> None:
        """Sixteen bytes a row where there is room for them and their text, else eight."""
        top_byte = self.verticalScrollBar().value() * self._layout.per_row
        size, room = len(self._body), self.viewport().width() - 2 * _MARGIN
        wide = HexLayout(size, WIDE)
        self._layout = wide if wide.columns * self._advance <= room else HexLayout(size, NARROW)
        vertical, horizontal = self.verticalScrollBar(), self.horizontalScrollBar()
        vertical.setPageStep(self._page_rows)
        vertical.setRange(0, max(0, self._layout.rows - self._page_rows))
        vertical.setValue(self._layout.row_of(top_byte))
        horizontal.setPageStep(max(1, room))
        horizontal.setRange(0, max(0, round(self._layout.columns * self._advance) - room))
        self.viewport().update()

    def _describe(self) -> None:
        span = self._selection
        data = self._body[span.start : min(span.end, span.start + WIDE)]
        words = f"{span.end - span.start} bytes from offset {span.start:#x}: {hex_text(data)}" if span else ""
        self.setAccessibleDescription(words or f"{len(self._body):,} bytes")
