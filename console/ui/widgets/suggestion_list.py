"""The list below a line of text with ways to go on; the keyboard stays in the line."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from console.ui.style import mono_font, ui_font
from console.ui.theme import ROW_HEIGHT, SPACING, Theme
from console.ui.widgets.filter_completion import Suggestion
from console.ui.widgets.formatting import visible
from console.ui.widgets.selecting import select_index

_NOWHERE: Final = QModelIndex()
_SHOWN_ROWS: Final = 9
_WIDTH: Final = 380
_NAME_CHARS: Final = 60


class SuggestionList(QListView):
    """`chosen(Suggestion)` when one was taken, by key or by mouse."""

    chosen = Signal(object)

    def __init__(self, colors: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._theme = colors
        self._rows = _Rows(self)
        self.setModel(self._rows)
        self.setItemDelegate(_Painter(colors, self))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setAccessibleName("Ways to go on")
        self.clicked.connect(self._take)
        colors.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    @property
    def suggestions(self) -> Sequence[Suggestion]:
        """What is offered; empty while it is hidden."""
        return () if self.isHidden() else self._rows.rows

    def move_to(self, parent: QWidget) -> None:
        """Lie over another widget from now on, with no part outside of it."""
        self._over = parent
        self.setParent(parent)

    def offer(self, suggestions: Sequence[Suggestion], place: QPoint) -> None:
        """Show these at a place of the parent, or hide when there are none. None is selected: Enter is the line's."""
        if not suggestions:
            self.hide()
            return
        self._rows.set_rows(suggestions)
        height = min(len(suggestions), _SHOWN_ROWS) * ROW_HEIGHT + 2 * SPACING[0]
        parent = self._over
        width = min(_WIDTH, parent.width())
        self.resize(width, min(height, max(ROW_HEIGHT * 2, parent.height() - place.y() - SPACING[1])))
        self.move(max(0, min(place.x(), parent.width() - width)), place.y())
        select_index(self, _NOWHERE)
        self.scrollToTop()
        self.show()
        self.raise_()

    def takes(self, event: QKeyEvent) -> bool:
        """Whether this key, pressed in the line, was for the list."""
        if self.isHidden():
            return False
        key, row, count = Qt.Key(event.key()), self.currentIndex().row(), len(self._rows.rows)
        if key == Qt.Key.Key_Down:
            self._go(0 if row < 0 else (row + 1) % count)
        elif key == Qt.Key.Key_Up:
            self._go(count - 1 if row < 0 else (row - 1) % count)
        elif key == Qt.Key.Key_PageDown:
            self._go(min(count - 1, max(row, 0) + _SHOWN_ROWS - 1))
        elif key == Qt.Key.Key_PageUp:
            self._go(max(0, row - _SHOWN_ROWS + 1))
        elif key == Qt.Key.Key_Tab:
            self._take(self._rows.index(max(row, 0)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and row >= 0:
            self._take(self._rows.index(row))
        elif key == Qt.Key.Key_Escape:
            self.hide()
        else:
            return False
        return True

    def _go(self, row: int) -> None:
        select_index(self, self._rows.index(row))

    def _take(self, index: QModelIndex) -> None:
        self.hide()
        self.chosen.emit(self._rows.rows[index.row()])

    def _restyle(self) -> None:
        tokens = self._theme.tokens
        self.setStyleSheet(
            f"QListView {{ background: {tokens.panel}; border: 1px solid {tokens.faint};"
            f" padding: {SPACING[0] - 1}px; }}"
        )


class _Rows(QAbstractListModel):
    """Names for those who do not see, and how many there are; the painter reads `rows`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: Sequence[Suggestion] = ()

    def set_rows(self, rows: Sequence[Suggestion]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if role != Qt.ItemDataRole.DisplayRole or not index.isValid():
            return None
        row = self.rows[index.row()]
        return f"{visible(row.text, _NAME_CHARS)}  {row.about}"


class _Painter(QStyledItemDelegate):
    """What is put there in the font of the line, a few words on it dim at the right."""

    def __init__(self, colors: Theme, parent: SuggestionList) -> None:
        super().__init__(parent)
        self._theme = colors
        self._list = parent
        self._mono, self._text = mono_font(), ui_font()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(_WIDTH // 2, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens = self._theme.tokens
        row = self._list.suggestions[index.row()] if index.row() < len(self._list.suggestions) else None
        if row is None:
            return
        rect = option.rect
        if index.row() == self._list.currentIndex().row():
            painter.fillRect(rect, QColor(tokens.selection))
        inner = rect.adjusted(SPACING[1], 0, -SPACING[1], 0)
        painter.setFont(self._text)
        about = visible(row.about, _NAME_CHARS)
        painter.setPen(QColor(tokens.dim))
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, about)
        taken = painter.fontMetrics().horizontalAdvance(about) + SPACING[1]
        painter.setFont(self._mono)
        painter.setPen(QColor(tokens.text))
        room = inner.width() - taken
        name = painter.fontMetrics().elidedText(visible(row.text, 200), Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
