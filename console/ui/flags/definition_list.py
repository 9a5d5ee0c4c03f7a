"""The list of flags, or of segments: two lines each, a flag with its switch."""

from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from console.ui.flags.switch import SWITCH_SIZE, paint_switch
from console.ui.hover import plain_hover
from console.ui.style import mono_font, ui_font
from console.ui.theme import Theme
from console.ui.widgets.selecting import select_rows
from console.ui.widgets.text_filter import parse_filter

Index = QModelIndex | QPersistentModelIndex
LINE = Qt.ItemDataRole.UserRole
_ROW = 48
_SIDE = 12


@dataclass(frozen=True)
class Line:
    """One flag or segment. `on` None: it has no switch. `edited`: it has changes that are not saved.

    `recent`: its age tells of something that happened lately, which a person should see.
    """

    key: str
    title: str
    note: str
    summary: str
    age: str
    on: bool | None = None
    edited: bool = False
    recent: bool = False
    hover: str = ""

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        state = "" if self.on is None else ", on" if self.on else ", off"
        edited = ", not saved" if self.edited else ""
        age = f", {self.age}" if self.recent else ""
        return f"{self.title}{state}{edited}, {self.note}, {self.summary}{age}"


class _Model(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.lines: list[Line] = []

    def set_lines(self, lines: list[Line]) -> None:
        if [line.key for line in lines] == [line.key for line in self.lines]:
            self.lines = lines
            if lines:
                self.dataChanged.emit(self.index(0), self.index(len(lines) - 1))
            return
        self.beginResetModel()
        self.lines = lines
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        line = self.lines[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return line.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_hover(f"{line.title}\n{line.summary}\n{line.hover}".rstrip())
        return line if role == LINE else None


class _Delegate(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line: Line = index.data(LINE)
        tokens = self._theme.tokens
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(tokens.selection))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(tokens.hover))
        inner = rect.adjusted(_SIDE, 6, -_SIDE, -6)
        if line.on is not None:
            paint_switch(painter, switch_rect(rect), tokens, on=line.on)
            inner.setLeft(switch_rect(rect).right() + _SIDE)
        top = QRect(inner.left(), inner.top(), inner.width(), inner.height() // 2)
        low = QRect(inner.left(), inner.top() + inner.height() // 2, inner.width(), inner.height() // 2)
        self._line(painter, top, line.title, line.note, tokens.text, tokens.warning if line.edited else tokens.dim)
        painter.setFont(ui_font(11))
        age_color = tokens.accent if line.recent else tokens.dim
        self._line(painter, low, line.summary, line.age, tokens.dim, age_color, small=True)
        painter.restore()

    def _line(
        self, painter: QPainter, rect: QRect, text: str, note: str, color: str, note_color: str, small: bool = False
    ) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.setFont(ui_font(11))
        painter.setPen(QColor(note_color))
        painter.drawText(rect, middle | Qt.AlignmentFlag.AlignRight, note)
        room = rect.width() - painter.fontMetrics().horizontalAdvance(note) - 8
        if not small:
            painter.setFont(mono_font())
        painter.setPen(QColor(color))
        painter.drawText(rect, middle, painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room))


def switch_rect(row: QRect) -> QRect:
    """Where in a row its switch takes clicks: all of its left end."""
    return QRect(row.left(), row.top(), _SIDE * 2 + SWITCH_SIZE.width() - 6, row.height())


class DefinitionList(QListView):
    """`chosen(key)` when a person goes to a line; `flipped(key)` when they click its switch or press Space."""

    chosen = Signal(str)
    flipped = Signal(str)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Model(self)
        self._lines: list[Line] = []
        self._terms = parse_filter("")
        self._key = ""
        self.setModel(self._model)
        self.setItemDelegate(_Delegate(theme, self))
        self.setProperty("ground", "panel")
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)
        self.selectionModel().currentChanged.connect(self._went)
        theme.changed.connect(self.viewport().update)

    @property
    def lines(self) -> list[Line]:
        """What is listed, after the filter."""
        return self._model.lines

    def show_lines(self, lines: list[Line]) -> None:
        """List these; the chosen one stays chosen."""
        self._lines = lines
        self._fill()

    def set_filter(self, text: str) -> None:
        """List only those whose text holds these words."""
        self._terms = parse_filter(text)
        self._fill()

    def mark(self, key: str) -> None:
        """Select a line without telling; "" selects none."""
        self._key = key
        row = next((row for row, line in enumerate(self.lines) if line.key == key), -1)
        with QSignalBlocker(self.selectionModel()):
            if row < 0:
                self.clearSelection()
                self.setCurrentIndex(QModelIndex())
            else:
                select_rows(self, [row])
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            line: Line = index.data(LINE)
            if line.on is not None and switch_rect(self.visualRect(index)).contains(event.position().toPoint()):
                self.flipped.emit(line.key)
                return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        line = self.currentIndex().data(LINE)
        if event.key() == Qt.Key.Key_Space and line is not None and line.on is not None:
            self.flipped.emit(line.key)
            return
        super().keyPressEvent(event)

    def _fill(self) -> None:
        lines = self._lines
        if self._terms:
            lines = [line for line in lines if self._terms.matches(line.spoken.casefold())]
        with QSignalBlocker(self.selectionModel()):
            self._model.set_lines(lines)
        self.mark(self._key)

    def _went(self, current: QModelIndex, _previous: QModelIndex) -> None:
        line = current.data(LINE)
        if line is not None and line.key != self._key:
            self._key = line.key
            self.chosen.emit(line.key)
