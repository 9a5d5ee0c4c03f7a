"""Rows in the order of a column, and the table that shows them so."""

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.messages import RequestRow
from console.ui.context import ViewContext
from console.ui.requests.model import COLUMNS, bar_tone, request_cells, request_key, request_store
from console.ui.widgets.row_store import RowStore
from console.ui.widgets.row_table import RowTable
from console.ui.widgets.row_table_model import RowTableModel
from console.ui.widgets.sorted_rows import SortedRows, SortOrder
from tests.ui.rows import request_row
from tests.ui.screen import show

SIZE = next(index for index, column in enumerate(COLUMNS) if column.key == "size")


@given(st.lists(st.none() | st.integers(0, 5), max_size=40), st.booleans())
def test_sorted_rows(values: list[int | None], descending: bool) -> None:
    store = request_store()
    store.add([request_row(number, took_us=value) for number, value in enumerate(values, 1)])
    rows = SortedRows(store, lambda row: row.took_us, descending=descending)
    assert sorted(row.request_id for row in rows) == list(range(1, len(values) + 1))
    known = [row.took_us for row in rows if row.took_us is not None]
    assert known == sorted(known, reverse=descending)
    assert all(row.took_us is None for row in list(rows)[len(known) :]), "those without a value come last"
    for before, after in zip(list(rows), list(rows)[1:], strict=False):
        assert before.took_us != after.took_us or before.request_id > after.request_id, "equal ones: the newest first"
    for place, row in enumerate(rows):
        assert rows.find(row.request_id) == place
    assert rows.find(999) is None


def test_what_clicks_on_a_head_ask_for() -> None:
    order = SortOrder(3)
    assert order.next() == SortOrder(3, descending=False)
    assert SortOrder(3, descending=False).next() is None


def make(context: ViewContext, qtbot: QtBot, sizes: list[int]) -> tuple[RowTable, RowStore[RequestRow]]:
    store = request_store()
    store.add([request_row(number, bytes=size) for number, size in enumerate(sizes, 1)])
    table = RowTable(RowTableModel(store, request_cells()), context.theme, key_of=request_key, bar_of=bar_tone)
    qtbot.addWidget(table)
    table.resize(900, 240)
    show(table)
    return table, store


def click(table: RowTable, column: int) -> None:
    table.horizontalHeader().sectionClicked.emit(column)


def shown(table: RowTable) -> list[int]:
    return [row.request_id for row in map(table.rows.row, range(table.rows.rowCount()))]


def test_a_click_sorts_another_turns_it_round_a_third_ends_it(context: ViewContext, qtbot: QtBot) -> None:
    table, _ = make(context, qtbot, [5, 9, 1])
    click(table, SIZE)
    assert shown(table) == [2, 1, 3]
    assert table.rows.headerData(SIZE, Qt.Orientation.Horizontal) == "Size ↓"
    assert not table.following
    click(table, SIZE)
    assert shown(table) == [3, 1, 2]
    assert table.rows.headerData(SIZE, Qt.Orientation.Horizontal) == "Size ↑"
    click(table, SIZE)
    assert shown(table) == [1, 2, 3]
    assert table.following
    click(table, SIZE)
    click(table, 0)
    assert shown(table) == [1, 2, 3], "the time's head: as they arrived"


def test_rows_that_arrive_find_their_place_a_moment_later(context: ViewContext, qtbot: QtBot) -> None:
    table, store = make(context, qtbot, [5, 9, 1])
    click(table, SIZE)
    table.pick_key(1)
    store.add([request_row(4, bytes=7)])
    assert shown(table) == [2, 1, 3]
    assert table.rows._again.isActive()
    table.rows._again.timeout.emit()
    assert shown(table) == [2, 4, 1, 3]
    assert table.current_row().request_id == 1, "what was picked stays picked"
    store.set_filter(lambda row: row.bytes > 5)
    assert shown(table) == [2, 4]


def test_rows_that_are_trimmed_stay_until_it_is_sorted_again(context: ViewContext, qtbot: QtBot) -> None:
    store = RowStore(request_key, capacity=3, trim_block=2)
    store.add([request_row(1, bytes=1), request_row(2, bytes=2), request_row(3, bytes=3)])
    table = RowTable(RowTableModel(store, request_cells()), context.theme, key_of=request_key)
    qtbot.addWidget(table)
    click(table, SIZE)
    store.add([request_row(4, bytes=4)])
    assert shown(table) == [3, 2, 1]
    table.rows._again.timeout.emit()
    assert shown(table) == [4, 3]


def test_a_sorted_table_keeps_its_place(context: ViewContext, qtbot: QtBot) -> None:
    table, store = make(context, qtbot, list(range(200)))
    click(table, SIZE)
    table.verticalScrollBar().setValue(50)
    store.add([request_row(900, bytes=1)])
    table.rows._again.timeout.emit()
    assert table.verticalScrollBar().value() == 50
    qtbot.keyClick(table, Qt.Key.Key_End)
    assert table.rows.order is not None
    assert table.verticalScrollBar().value() == table.verticalScrollBar().maximum()
    table.follow()
    assert table.rows.order is None
    assert shown(table)[-1] == 900
