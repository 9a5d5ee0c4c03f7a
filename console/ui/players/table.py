"""The table of players: rows come page by page as they come into sight."""

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from console.messages.players import PlayerSort
from console.ui import theme
from console.ui.hover import plain_hover
from console.ui.players.model import ASCENDING_FIRST, COLUMNS, SORTS, PlayerCells, Shown
from console.ui.players.pages import PlayerPages
from console.ui.players.stages import STAGE_OF_WORD, draw_stage, risk_color
from console.ui.theme import Theme
from console.ui.widgets.painted_table import PaintedTable
from console.ui.widgets.row_delegate import CELL_PADDING, RowDelegate
from console.ui.widgets.selecting import select_rows
from console.ui.widgets.table_columns import TableColumn

_NOWHERE = QModelIndex()
_BAR_HEIGHT = 6
_BAR_RADIUS = 3.0
_NUMBER_WIDTH = 34
_PAGING_PAUSE_MS = 30
Index = QModelIndex | QPersistentModelIndex


class PlayerTableModel(QAbstractTableModel):
    """Adapts the pages: a change of their number inserts or removes rows at the end, so that the place is kept."""

    def __init__(self, pages: PlayerPages, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cells = PlayerCells()
        self._pages = pages
        self._rows = 0

    def row(self, row: int) -> Shown:
        """The player behind a row; None until the page came."""
        return self._pages[row]

    def texts(self, row: int) -> tuple[str, ...]:
        """One text a column."""
        return self.cells.texts(self._pages[row])

    def find(self, player_id: str) -> int | None:
        """The row of a player, when it is loaded."""
        return self._pages.find(player_id)

    def sync(self) -> None:
        """Tell the table what the pages hold now."""
        total = self._pages.total
        if total > self._rows:
            self.beginInsertRows(_NOWHERE, self._rows, total - 1)
            self._rows = total
            self.endInsertRows()
        elif total < self._rows:
            self.beginRemoveRows(_NOWHERE, total, self._rows - 1)
            self._rows = total
            self.endRemoveRows()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.texts(index.row())[index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            column, row = COLUMNS[index.column()], self._pages[index.row()]
            text = column.hover(row) if column.hover else column.text(row)
            return plain_hover(text) if text else None
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class PlayerDelegate(RowDelegate):
    """Rows as everywhere, with the chip of a stage and the bar of a risk."""

    def _draw_chip(self, label: str, ratio: float) -> QPixmap:
        return draw_stage(STAGE_OF_WORD[label], self._theme.tokens, ratio)

    def _paint_cell(
        self, painter: QPainter, column: TableColumn[Any], value: Any, text: str, left: int, top: int, width: int
    ) -> None:
        super()._paint_cell(painter, column, value, text, left, top, width)
        if column.key != "risk" or value is None:
            return
        room = width - 2 * CELL_PADDING - _NUMBER_WIDTH
        if room < 8:
            return
        y = top + (theme.ROW_HEIGHT - _BAR_HEIGHT) / 2
        ground = QRectF(left + CELL_PADDING + _NUMBER_WIDTH, y, room, _BAR_HEIGHT)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.tokens.line))
        painter.drawRoundedRect(ground, _BAR_RADIUS, _BAR_RADIUS)
        ground.setWidth(max(_BAR_HEIGHT, room * value.churn_risk))
        painter.setBrush(QColor(risk_color(value.churn_risk, self._theme.tokens)))
        painter.drawRoundedRect(ground, _BAR_RADIUS, _BAR_RADIUS)
        painter.restore()


class PlayerTable(PaintedTable):
    """One row is selected at most. `picked(PlayerRow | None)` tells, `opened` that Enter wants the profile.

    `sort_wanted(sort, descending)` comes from a click on a column's head; `in_sight(first, last)` when rows came into
    view that may have to be loaded.
    """

    picked = Signal(object)
    opened = Signal()
    sort_wanted = Signal(str, bool)
    in_sight = Signal(int, int)

    def __init__(self, model: PlayerTableModel, colors: Theme, parent: QWidget | None = None) -> None:
        super().__init__(colors, parent)
        self.rows = model
        self._picked_id: str | None = None
        self._awaited: int | None = None  # a row that was chosen before it was loaded
        self._sort: tuple[PlayerSort, bool] = ("last_seen", True)
        self._settling = False
        self._delegate = PlayerDelegate(colors, model, self)
        self._looking = QTimer(self)
        self._looking.setSingleShot(True)
        self._looking.setInterval(_PAGING_PAUSE_MS)
        self._looking.timeout.connect(self.look)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("Players")
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.sectionClicked.connect(self._head_clicked)
        self.selectionModel().currentRowChanged.connect(self._current_changed)
        self.verticalScrollBar().valueChanged.connect(lambda _value: self._looking.start())

    # order

    def show_sort(self, sort: PlayerSort, descending: bool) -> None:
        """Mark the column that sorts."""
        keys = [SORTS.get(column.key) for column in COLUMNS]
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self._sort = (sort, descending)
        header = self.horizontalHeader()
        header.setSortIndicatorShown(sort in keys)
        if sort in keys:
            header.setSortIndicator(keys.index(sort), order)

    def _head_clicked(self, section: int) -> None:
        sort = SORTS.get(COLUMNS[section].key)
        if sort is None:
            self.show_sort(*self._sort)  # Qt moved the arrow already
            return
        same = self._sort[0] == sort
        self.sort_wanted.emit(sort, not self._sort[1] if same else sort not in ASCENDING_FIRST)

    # rows

    def refresh(self) -> None:
        """Show what the pages hold now; the picked player stays picked wherever its row went."""
        self._settling = True
        self.rows.sync()
        self._settling = False
        awaited, row = self._awaited, self._awaited_row()
        if row is not None and awaited is not None:
            self._pick(awaited, row)
        else:
            self._find_picked()
        self.viewport().update()
        self.look()

    def look(self) -> None:
        """Say which rows are in sight."""
        first, last = self.rows_in_sight(self.viewport().rect().top(), self.viewport().rect().bottom())
        if last >= first:
            self.in_sight.emit(first, last)

    def mark(self, player_id: str | None) -> None:
        """Select a player's row without telling, and bring it into sight, where it is loaded."""
        self._picked_id, self._awaited = player_id, None
        self._find_picked()
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())
        self.viewport().update()

    def _find_picked(self) -> None:
        row = None if self._picked_id is None else self.rows.find(self._picked_id)
        self._settling = True
        if row is None and self._awaited is None:
            self.selectionModel().clear()
        elif row is not None and self.currentIndex().row() != row:
            select_rows(self, [row])
        self._settling = False
        self._delegate.selected_row = -1 if row is None else row

    def _current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self._settling:
            return
        row = self.rows.row(current.row()) if current.isValid() else None
        if row is None and current.isValid():
            self._awaited = current.row()
        else:
            self._pick(current.row(), row)

    def _awaited_row(self) -> Shown:
        within = self._awaited is not None and self._awaited < self.rows.rowCount()
        return self.rows.row(self._awaited) if self._awaited is not None and within else None

    def _pick(self, index: int, row: Shown) -> None:
        self._awaited = None
        self._picked_id = None if row is None else row.player_id
        self._delegate.selected_row = -1 if row is None else index
        self.viewport().update()
        self.picked.emit(row)

    # Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        self.paint_rows(event.rect())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_row()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        elif key == Qt.Key.Key_Escape and self._picked_id is not None:
            self.selectionModel().clear()
        elif key == Qt.Key.Key_Home:
            self.scrollToTop()
        elif key == Qt.Key.Key_End:
            self.scrollToBottom()
        else:
            super().keyPressEvent(event)
            if self.currentIndex().isValid():
                self.scrollTo(self.currentIndex())
            return
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._looking.start()
