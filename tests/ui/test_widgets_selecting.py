"""Rows are selected as asked for, whatever keys a person holds meanwhile."""

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView
from pytestqt.qtbot import QtBot

from console.ui.context import ViewContext
from console.ui.widgets.selecting import select_index, select_rows
from console.ui.widgets.small_table import Column, Line, SmallTable
from tests.ui.screen import hold_keys, show

NONE, SHIFT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


def lines(*names: str, note: str = "") -> list[Line]:
    return [Line(name, (name, note)) for name in names]


@pytest.fixture
def table(qtbot: QtBot, context: ViewContext) -> SmallTable:
    table = SmallTable(context.theme, "Names", (Column("Name", 80), Column("Note", 0)))
    qtbot.addWidget(table)
    table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    table.show_lines(lines("a", "b", "c", "d"))
    show(table)
    return table


@pytest.mark.parametrize("held", [NONE, SHIFT, CONTROL, SHIFT | CONTROL])
def test_rows_are_selected_and_stay_selected_whatever_is_held(table: SmallTable, held: Qt.KeyboardModifier) -> None:
    hold_keys(held)
    table.select("b")
    assert table.current_key == "b"
    assert table.currentRow() == 1
    table.select("b")
    assert table.current_key == "b", "Qt itself takes it back while Ctrl is held"
    table.select("nowhere")
    assert table.current_key == "b"

    select_rows(table, [0, 2])
    assert table.current_keys == {"a", "c"}
    assert table.current_key is None, "there are two"
    table.show_lines(lines("z", "c", "a", note="news came"))
    assert table.current_keys == {"a", "c"}
    table.show_lines(lines("z", "c"))
    assert table.current_keys == {"c"}

    select_index(table, table.model().index(0, 1))
    assert table.current_keys == {"z"}
    select_index(table, QModelIndex())
    assert table.current_keys == set()
    select_rows(table, [])
    assert table.current_keys == set()
