"""Small tables: rows that are few, looked up by a key of any kind."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from console.ui import theme
from console.ui.hover import plain_hover
from console.ui.style import mono_font
from console.ui.theme import Theme
from console.ui.widgets.selecting import select_rows
from console.ui.widgets.table_columns import Tone


@dataclass(frozen=True)
class Column:
    """A column of a small table; width 0 takes what is left."""

    title: str
    width: int
    mono: bool = False
    right: bool = False
    tone: Tone = Tone.TEXT


@dataclass(frozen=True)
class Line:
    """One row. `key` finds it again after a refresh; `hovers` are exact and may be empty."""

    key: Hashable
    cells: tuple[str, ...]
    hovers: tuple[str, ...] = ()
    tones: tuple[Tone | None, ...] = ()


class SmallTable(QTableWidget):
    """Rows that are few. `opened(key)`: Enter or a double click on one."""

    opened = Signal(object)

    def __init__(self, colors: Theme, name: str, columns: Sequence[Column], parent: QWidget | None = None) -> None:
        super().__init__(0, len(columns), parent)
        self._theme = colors
        self._columns = tuple(columns)
        self._lines: list[Line] = []
        self.setAccessibleName(name)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        vertical = self.verticalHeader()
        vertical.setVisible(False)
        vertical.setMinimumSectionSize(theme.ROW_HEIGHT)
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setDefaultSectionSize(theme.ROW_HEIGHT)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(False)
        for index, column in enumerate(columns):
            head = QTableWidgetItem(column.title)
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            head.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            self.setHorizontalHeaderItem(index, head)
            if column.width:
                self.setColumnWidth(index, column.width)
            else:
                header.setSectionResizeMode(index, QHeaderView.ResizeMode.Stretch)
        self.cellDoubleClicked.connect(lambda row, _column: self.opened.emit(self._lines[row].key))
        colors.changed.connect(self._fill)

    @property
    def current_key(self) -> Hashable | None:
        """The selected row's key; None when there are several."""
        keys = self.current_keys
        return keys.pop() if len(keys) == 1 else None

    @property
    def current_keys(self) -> set[Hashable]:
        """The keys of the selected rows."""
        return {self._lines[index.row()].key for index in self.selectionModel().selectedRows()}

    @property
    def lines(self) -> list[Line]:
        return list(self._lines)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show other rows; those selected stay selected when they are still there, and so does the place."""
        if list(lines) == self._lines:
            return
        selected, place = self.current_keys, self.verticalScrollBar().value()
        self._lines = list(lines)
        self._fill()
        select_rows(self, (row for row, line in enumerate(self._lines) if line.key in selected))
        self.verticalScrollBar().setValue(place)

    def select(self, key: Hashable) -> None:
        """Select the row with this key; one that is not there changes nothing."""
        row = next((row for row, line in enumerate(self._lines) if line.key == key), -1)
        if row >= 0:
            select_rows(self, [row])

    def fitting_height(self, most: int) -> int:
        """The height that shows every row, up to `most` rows."""
        return self.height_of(min(max(len(self._lines), 1), most))

    def height_of(self, rows: int) -> int:
        """The height that shows so many rows, whether they are there or still come."""
        return rows * theme.ROW_HEIGHT + self.horizontalHeader().sizeHint().height() + 2

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentRow()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and 0 <= row < len(self._lines):
            self.opened.emit(self._lines[row].key)
        elif event.matches(QKeySequence.StandardKey.Copy) and 0 <= row < len(self._lines):
            QGuiApplication.clipboard().setText("\t".join(self._lines[row].cells))
        else:
            super().keyPressEvent(event)

    def _fill(self) -> None:
        tokens = self._theme.tokens
        self.setRowCount(len(self._lines))
        for row, line in enumerate(self._lines):
            for index, (column, text) in enumerate(zip(self._columns, line.cells, strict=True)):
                item = QTableWidgetItem(text)
                if column.mono:
                    item.setFont(mono_font())
                side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                tone = (line.tones[index] if index < len(line.tones) else None) or column.tone
                item.setForeground(QColor(getattr(tokens, tone.value)))
                hover = line.hovers[index] if index < len(line.hovers) else ""
                item.setToolTip(plain_hover(hover or text) if hover or text else "")
                self.setItem(row, index, item)
