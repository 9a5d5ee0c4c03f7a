"""A row store as a Qt table model."""

from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from console.ui.hover import plain_hover
from console.ui.widgets.row_store import RowStore
from console.ui.widgets.table_columns import RowCells

R = TypeVar("R")

_NOWHERE = QModelIndex()
_DISPLAY = Qt.ItemDataRole.DisplayRole
_HOVER = Qt.ItemDataRole.ToolTipRole


class RowTableModel(QAbstractTableModel, Generic[R]):
    """Adapts a store: one `beginInsertRows` per addition, and no roles but text and hover.

    The delegate paints from `row` and `texts` and asks for no roles at all.
    """

    def __init__(self, store: RowStore[R], cells: RowCells[R], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.store = store
        self.cells = cells
        store.observe(self)

    def row(self, row: int) -> R:
        """The value behind a shown row."""
        return self.store[row]

    def texts(self, row: int) -> tuple[str, ...]:
        """One text a column."""
        return self.cells.texts(self.store[row])

    # QAbstractTableModel

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.store)

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.cells.columns)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = _DISPLAY) -> Any:
        if role == _DISPLAY:
            return self.texts(index.row())[index.column()] if index.isValid() else None
        if role == _HOVER and index.isValid():
            row, column = self.store[index.row()], self.cells.columns[index.column()]
            text = column.hover(row) if column.hover else column.text(row)
            return plain_hover(text) if text else None
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = self.cells.columns[section]
        if role == _DISPLAY:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    # RowObserver

    def before_insert(self, first: int, last: int) -> None:
        self.beginInsertRows(_NOWHERE, first, last)

    def after_insert(self) -> None:
        self.endInsertRows()

    def before_remove(self, first: int, last: int) -> None:
        self.beginRemoveRows(_NOWHERE, first, last)

    def after_remove(self) -> None:
        self.endRemoveRows()

    def before_reset(self) -> None:
        self.beginResetModel()

    def after_reset(self) -> None:
        self.endResetModel()
