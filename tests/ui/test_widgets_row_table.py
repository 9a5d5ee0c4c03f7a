"""The table of live rows: following, keeping its place, picking."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QGuiApplication, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.messages import EventRow
from console.ui.context import ViewContext
from console.ui.live.model import event_cells, event_key, event_store
from console.ui.widgets.row_store import RowStore
from console.ui.widgets.row_table import RowTable
from console.ui.widgets.row_table_model import RowTableModel
from console.ui.widgets.table_columns import Tone
from tests.ui.rows import event_row, trajectory_row
from tests.ui.screen import hover, show

Table = tuple[RowTable, RowStore[EventRow]]


@pytest.fixture
def make_table(context: ViewContext, qtbot: QtBot) -> Callable[..., Table]:
    def make(capacity: int = 1_000, bar: bool = False) -> Table:
        store = event_store(capacity)
        table = RowTable(
            RowTableModel(store, event_cells()),
            context.theme,
            key_of=event_key,
            bar_of=(lambda row: Tone.BAD if row.seq % 2 else None) if bar else None,
        )
        qtbot.addWidget(table)
        table.resize(980, 400)
        show(table)
        return table, store

    return make


def add(store: RowStore[EventRow], first: int, last: int) -> None:
    store.add([event_row(seq) for seq in range(first, last + 1)])
    QApplication.processEvents()


def at_end(table: RowTable) -> bool:
    return table.verticalScrollBar().value() == table.verticalScrollBar().maximum()


def wheel(table: RowTable, clicks: int) -> None:
    place = QPointF(50, 50)
    event = QWheelEvent(
        place,
        table.viewport().mapToGlobal(place),
        QPoint(),
        QPoint(0, 120 * clicks),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(table.viewport(), event)


def test_it_follows_the_newest_row(make_table: Callable[..., Table]) -> None:
    table, store = make_table()
    add(store, 1, 100)
    assert table.following
    assert at_end(table)
    add(store, 101, 150)
    assert at_end(table)
    assert table.pill.isHidden()


def test_scrolling_up_stops_following_and_the_pill_counts(make_table: Callable[..., Table], qtbot: QtBot) -> None:
    table, store = make_table()
    add(store, 1, 100)
    wheel(table, 3)
    assert not table.following
    place = table.verticalScrollBar().value()
    add(store, 101, 228)
    assert table.verticalScrollBar().value() == place
    assert table.pill.isVisible()
    assert table.pill.text() == "↓ 128 new"
    qtbot.mouseClick(table.pill, Qt.MouseButton.LeftButton)
    assert table.following
    assert at_end(table)
    assert table.pill.isHidden()


def test_scrolling_back_to_the_end_resumes(make_table: Callable[..., Table]) -> None:
    table, store = make_table()
    add(store, 1, 100)
    wheel(table, 1)
    assert not table.following
    wheel(table, -5)
    assert table.following


def test_end_resumes_and_home_goes_to_the_oldest(make_table: Callable[..., Table], qtbot: QtBot) -> None:
    table, store = make_table()
    add(store, 1, 100)
    qtbot.keyClick(table, Qt.Key.Key_Home)
    assert not table.following
    assert table.verticalScrollBar().value() == 0
    qtbot.keyClick(table, Qt.Key.Key_End)
    assert table.following
    assert at_end(table)


def test_picking_a_row_stops_following_and_escape_unpicks(make_table: Callable[..., Table], qtbot: QtBot) -> None:
    table, store = make_table()
    add(store, 1, 100)
    picked: list[object] = []
    table.picked.connect(picked.append)
    qtbot.keyClick(table, Qt.Key.Key_Up)
    assert picked == [store[table.currentIndex().row()]]
    assert not table.following
    qtbot.keyClick(table, Qt.Key.Key_Up)
    assert len(picked) == 2
    qtbot.keyClick(table, Qt.Key.Key_Escape)
    assert picked[-1] is None
    assert not table.currentIndex().isValid()


def test_a_click_picks(make_table: Callable[..., Table], qtbot: QtBot) -> None:
    table, store = make_table()
    add(store, 1, 5)
    with qtbot.waitSignal(table.picked) as signal:
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(40, 24 * 2 + 5))
    assert signal.args == [store[2]]


def test_rows_before_the_ones_in_sight_do_not_move_them(make_table: Callable[..., Table]) -> None:
    table, store = make_table()
    add(store, 1_000, 1_100)
    wheel(table, 3)
    top = store[table.verticalScrollBar().value()]
    add(store, 500, 600)
    assert store[table.verticalScrollBar().value()] == top
    assert table.pill.isHidden()  # history is not new


def test_trimming_keeps_the_place_and_the_choice(make_table: Callable[..., Table]) -> None:
    table, store = make_table(capacity=200)
    add(store, 1, 200)
    assert table.pick_key(150)
    wheel(table, 1)
    top = store[table.verticalScrollBar().value()]
    picked: list[object] = []
    table.picked.connect(picked.append)
    add(store, 201, 210)
    assert store.trimmed == 200 - 10 or store.trimmed > 0
    if store.find(150) is not None:
        assert store[table.verticalScrollBar().value()] == top
    assert picked == []


def test_a_trimmed_row_is_no_longer_selected_and_nothing_else_is(make_table: Callable[..., Table]) -> None:
    table, store = make_table(capacity=50)
    add(store, 1, 50)
    table.pick_key(2)
    picked: list[object] = []
    table.picked.connect(picked.append)
    add(store, 51, 60)
    assert not table.currentIndex().isValid()
    assert picked == []


def test_the_choice_survives_a_filter(make_table: Callable[..., Table]) -> None:
    table, store = make_table()
    add(store, 1, 100)
    table.pick_key(50)
    picked: list[object] = []
    table.picked.connect(picked.append)
    store.set_filter(lambda row: row.seq % 10 == 0)
    assert store[table.currentIndex().row()].seq == 50
    store.set_filter(lambda row: row.seq % 7 == 0)
    assert not table.currentIndex().isValid()
    store.set_filter(None)
    assert store[table.currentIndex().row()].seq == 50
    assert picked == []


def test_a_row_that_is_not_shown_cannot_be_picked(make_table: Callable[..., Table]) -> None:
    table, _ = make_table()
    assert not table.pick_key(7)


def test_select_all_does_nothing(make_table: Callable[..., Table]) -> None:
    table, store = make_table()
    add(store, 1, 10)
    table.selectAll()
    assert not table.selectionModel().hasSelection()


def test_a_row_is_copied_as_text(make_table: Callable[..., Table], qtbot: QtBot) -> None:
    table, store = make_table()
    add(store, 1, 10)
    table.pick_key(3)
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().split("\t")[1:3] == ["gameplay", "Door_Open"]


def test_the_model_answers_text_and_hover_only(make_table: Callable[..., Table]) -> None:
    table, store = make_table()
    store.add([event_row(1, name="<img src='file:///etc/passwd'>")])
    index = table.rows.index(0, 2)
    assert table.rows.data(index) == "<img src='file:///etc/passwd'>"
    assert "&lt;img" in table.rows.data(index, Qt.ItemDataRole.ToolTipRole)
    for role in (Qt.ItemDataRole.DecorationRole, Qt.ItemDataRole.FontRole, Qt.ItemDataRole.TextAlignmentRole):
        assert table.rows.data(index, role) is None
    assert table.rows.headerData(0, Qt.Orientation.Vertical) is None


def pixel_colors(table: RowTable, row: int) -> set[str]:
    image: QImage = table.viewport().grab().toImage()
    y = table.rowViewportPosition(row) + 12
    return {image.pixelColor(x, y).name() for x in range(image.width())}


def test_rejected_rows_carry_a_bar(make_table: Callable[..., Table], context: ViewContext) -> None:
    table, store = make_table(bar=True)
    add(store, 1, 4)
    image = table.viewport().grab().toImage()
    assert image.pixelColor(1, 12).name() == context.theme.tokens.bad
    assert image.pixelColor(1, 24 + 12).name() != context.theme.tokens.bad


def test_chips_and_tones_are_painted_in_both_themes(make_table: Callable[..., Table], context: ViewContext) -> None:
    table, store = make_table()
    store.add([trajectory_row(1), event_row(2, level_id="", name="x" * 500, build_id="Ł" * 300)])
    QApplication.processEvents()
    dark = pixel_colors(table, 0)
    context.theme.set_scheme("light")
    QApplication.processEvents()
    assert pixel_colors(table, 0) != dark
    table.pick_key(1)
    assert context.theme.tokens.selection in pixel_colors(table, 0)


def test_hidden_columns_are_not_painted(make_table: Callable[..., Table]) -> None:
    table, store = make_table()
    add(store, 1, 3)
    for section in range(1, 9):
        table.setColumnHidden(section, True)
    QApplication.processEvents()
    assert [section for section, _, _ in table._columns_in_sight()] == [0]


def test_paints_are_timed(make_table: Callable[..., Table]) -> None:
    table, store = make_table()
    table.paint_times_us.clear()
    add(store, 1, 50)
    table.viewport().repaint()
    assert len(table.paint_times_us) >= 1
    assert all(0 < took < 5e6 for took in table.paint_times_us)


def test_hovering_marks_the_row(make_table: Callable[..., Table], qtbot: QtBot, context: ViewContext) -> None:
    table, store = make_table()
    add(store, 1, 10)
    hover(table.viewport(), QPoint(100, 24 * 3 + 4))
    assert context.theme.tokens.hover in pixel_colors(table, 3)
    assert context.theme.tokens.hover not in pixel_colors(table, 4)


def test_focus_picks_nothing(make_table: Callable[..., Table], qtbot: QtBot) -> None:
    table, store = make_table()
    picked: list[object] = []
    table.picked.connect(picked.append)
    add(store, 1, 50)
    for reason in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.OtherFocusReason, Qt.FocusReason.MouseFocusReason):
        QApplication.sendEvent(table, QFocusEvent(QEvent.Type.FocusIn, reason))
        assert not picked
        assert table.following
        assert not table.currentIndex().isValid()
    table.pick_key(7)
    QApplication.sendEvent(table, QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason))
    assert table.currentIndex().row() == 6, "what was picked stays"


def test_what_was_picked_elsewhere_can_be_gone_to_while_new_rows_are_followed(
    make_table: Callable[..., Table], qtbot: QtBot
) -> None:
    table, store = make_table()
    add(store, 1, 100)
    table.mark(99)
    assert table.pill.isHidden(), "it is in sight"
    table.mark(3)
    assert table.pill.isVisible()
    assert table.following
    add(store, 101, 140)
    assert (at_end(table), table.pill.text()) == (True, "↑ Go to the picked row")
    qtbot.mouseClick(table.pill, Qt.MouseButton.LeftButton)
    first, last = table.rows_in_sight(0, table.viewport().height())
    assert first <= 2 <= last
    assert not table.following
    assert table.pill.isHidden()
    add(store, 141, 143)
    assert table.pill.text() == "↓ 3 new"
    table.follow()
    assert table.pill.text() == "↑ Go to the picked row"
    table.mark(None)
    assert table.pill.isHidden()
