"""A row store as a Qt table model."""

from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer

from console.ui.hover import plain_hover
from console.ui.widgets.row_store import RowStore
from console.ui.widgets.sorted_rows import SortedRows, SortOrder
from console.ui.widgets.table_columns import RowCells

R = TypeVar("R")

_NOWHERE = QModelIndex()
_DISPLAY = Qt.ItemDataRole.DisplayRole
_HOVER = Qt.ItemDataRole.ToolTipRole
# How often rows that arrive find their place in a sorted table: so seldom that sorting takes a twentieth of the time.
_SORT_AGAIN_MS = 1_000
_SORT_SHARE = 20


class RowTableModel(QAbstractTableModel, Generic[R]):
    """Adapts a store: one `beginInsertRows` per addition, and no roles but text and hover.

    The delegate paints from `row` and `texts` and asks for no roles at all. `shown` are the rows in their order on
    screen: the store's own, or sorted by a column, where rows that arrive find their place once a second.
    """

    def __init__(self, store: RowStore[R], cells: RowCells[R], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self.cells = cells
        self.order: SortOrder | None = None
        self._sorted: SortedRows[R] | None = None
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._sort_again)
        store.observe(self)

    @property
    def shown(self) -> RowStore[R] | SortedRows[R]:
        return self.store if self._sorted is None else self._sorted

    def sort_by(self, order: SortOrder | None) -> None:
        """Show the rows in another order; None: as they arrived."""
        self.beginResetModel()
        self.order = order
        self._sort()
        self.endResetModel()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.cells.columns) - 1)

    def can_sort(self, column: int) -> bool:
        """Whether the rows can be sorted by this column."""
        return self.cells.columns[column].order is not None

    def show_store(self, store: RowStore[R]) -> None:
        """Show the rows of another store from now on."""
        self.beginResetModel()
        self.store.observe(None)
        self.store = store
        store.observe(self)
        self._sort()
        self.endResetModel()

    def row(self, row: int) -> R:
        """The value behind a shown row."""
        return self.shown[row]

    def texts(self, row: int) -> tuple[str, ...]:
        """One text a column."""
        return self.cells.texts(self.shown[row])

    # QAbstractTableModel

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.shown)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.cells.columns)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = _DISPLAY) -> Any:
        if role == _DISPLAY:
            return self.texts(index.row())[index.column()] if index.isValid() else None
        if role == _HOVER and index.isValid():
            row, column = self.shown[index.row()], self.cells.columns[index.column()]
            text = column.hover(row) if column.hover else column.text(row)
            return plain_hover(text) if text else None
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = self.cells.columns[section]
        if role == _DISPLAY:
            if self.order is not None and self.order.column == section:
                return f"{column.title} {'↓' if self.order.descending else '↑'}"
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    # RowObserver; a sorted table stays as it is until it is sorted again

    def before_insert(self, first: int, last: int) -> None:
        if self._sorted is None:
            self.beginInsertRows(_NOWHERE, first, last)

    def after_insert(self) -> None:
        if self._sorted is None:
            self.endInsertRows()
        elif not self._again.isActive():
            self._again.start(max(_SORT_AGAIN_MS, round(_SORT_SHARE * self._sorted.took_ms)))

    def before_remove(self, first: int, last: int) -> None:
        if self._sorted is None:
            self.beginRemoveRows(_NOWHERE, first, last)

    def after_remove(self) -> None:
        if self._sorted is None:
            self.endRemoveRows()

    def before_reset(self) -> None:
        self.beginResetModel()

    def after_reset(self) -> None:
        self._sort()
        self.endResetModel()

    # sorting

    def _sort(self) -> None:
        self._again.stop()
        self._sorted = None
        if self.order is not None:
            value_of = self.cells.columns[self.order.column].order
            assert value_of is not None
            self._sorted = SortedRows(self.store, value_of, descending=self.order.descending)

    def _sort_again(self) -> None:
        self.beginResetModel()
        self._sort()
        self.endResetModel()
