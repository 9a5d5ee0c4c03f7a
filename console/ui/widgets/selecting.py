"""Selecting rows from the program, as if no key were held.

Qt's `selectRow` and a view's `setCurrentIndex` ask the keyboard: with Ctrl held they take a selected row back, with
Shift they may select nothing. Rows that arrive while a person is about to press Ctrl+C would cost the selection.
"""

from collections.abc import Iterable

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex
from PySide6.QtWidgets import QAbstractItemView

_FLAGS = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


def select_index(view: QAbstractItemView, index: QModelIndex) -> None:
    """Select the row of a place, and nothing else; it becomes the current one. An invalid place selects nothing."""
    view.selectionModel().setCurrentIndex(index, _FLAGS)


def select_rows(view: QAbstractItemView, rows: Iterable[int]) -> None:
    """Select these rows, and nothing else; the first becomes the current one."""
    model, chosen = view.model(), QItemSelection()
    places = [model.index(row, 0) for row in rows]
    for place in places:
        chosen.select(place, place)
    view.selectionModel().select(chosen, _FLAGS)
    if places:
        view.selectionModel().setCurrentIndex(places[0], QItemSelectionModel.SelectionFlag.NoUpdate)
