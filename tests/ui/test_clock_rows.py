"""Tables follow the clock: its range, its moment, and back to the newest row."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.messages import FeedHello, FeedRows
from console.ui.clock import TimeRange
from console.ui.context import ViewContext
from console.ui.live.view import LiveView
from console.ui.selection import Picked
from console.ui.widgets.clock_rows import range_terms
from tests.ui.fakes import NOW_US, FakeClient, make_status
from tests.ui.rows import event_row
from tests.ui.screen import show

SECOND = 1_000_000


def test_terms_of_a_range_are_exact_and_never_fail() -> None:
    terms = range_terms(TimeRange(1_000_001, 2_000_000))
    assert terms == 'time:>="1970-01-01T00:00:01.000001Z" time:<="1970-01-01T00:00:02.000000Z"'
    assert range_terms(None) == range_terms(TimeRange(0, 2**62)) == ""


def test_the_live_table_goes_where_the_clock_goes(context: ViewContext, client: FakeClient, qtbot: QtBot) -> None:
    view = LiveView(context)
    qtbot.addWidget(view)
    view.resize(980, 500)
    show(view)
    rows = [event_row(seq, time_us=NOW_US + seq * SECOND) for seq in range(100, 400)]
    context.feed.rows_arrived.emit(FeedRows(events=rows, requests=[], trajectories=[]))
    context.clock.set_extent(TimeRange(NOW_US, NOW_US + 400 * SECOND))
    table, clock_rows = view.page.table, view.page.clock_rows
    assert table.following
    assert clock_rows.button.isHidden()

    def now() -> list[int]:
        shown = table.rows.shown
        is_now = table._delegate.is_now
        return [] if is_now is None else [shown[row].seq for row in range(len(shown)) if is_now(shown[row])]

    # a moment
    context.clock.seek(NOW_US + 150 * SECOND + 100_000)
    clock_rows.show_moment()
    assert not table.following
    assert now() == [150]
    first, last = table.rows_in_sight(0, table.viewport().height())
    assert first <= 50 <= last
    more = [event_row(seq, time_us=NOW_US + seq * SECOND) for seq in range(400, 410)]
    context.feed.rows_arrived.emit(FeedRows(events=more, requests=[], trajectories=[]))
    clock_rows.show_moment()
    assert now() == [150]
    assert table.pill.new == 10
    # what is picked elsewhere is selected, and brought into sight
    context.selection.pick(Picked(9, 300, 0))
    assert table.current_row().seq == 300
    first, last = table.rows_in_sight(0, table.viewport().height())
    assert first <= 200 <= last

    # what was picked and is not loaded is offered, though its moment is among the rows: it was sent late
    context.selection.pick(Picked(1, 50, 0, time_us=NOW_US + 200 * SECOND))
    assert clock_rows.button.text().startswith("Load ")
    assert clock_rows._around_us() == NOW_US + 200 * SECOND
    context.selection.pick(Picked(9, 300, 0, time_us=NOW_US + 300 * SECOND))
    assert clock_rows.button.isHidden()

    # a moment before all rows offers to load what was there
    context.clock.seek(NOW_US)
    clock_rows.show_moment()
    assert clock_rows.button.text().startswith("Load ")
    client.filtered_events = [event_row(seq, time_us=NOW_US + seq * SECOND) for seq in range(1, 60)]
    client.filtered_frames = [FeedHello(last_seq=410, last_request_id=0, status=make_status())]
    qtbot.mouseClick(clock_rows.button, Qt.MouseButton.LeftButton)
    chosen = context.clock.range
    assert chosen == TimeRange(NOW_US - 30 * SECOND, NOW_US + 30 * SECOND)
    assert client.called("filtered_events")[-1]["matching"] == range_terms(chosen)
    assert [view.page.store[row].seq for row in range(len(view.page.store))] == list(range(1, 31))
    context.clock.set_range(None)
    context.selection.pick(Picked(1, 20, 0, time_us=NOW_US + 20 * SECOND))
    assert table._picked_key != 20
    qtbot.mouseClick(clock_rows.button, Qt.MouseButton.LeftButton)
    assert table.current_row().seq == 20, "what was picked is marked once it is loaded"
    context.selection.pick(None)
    context.clock.set_range(chosen)
    table.follow()
    assert context.clock.range == chosen, "the newest row of the range is wanted, not the present"

    # and back
    qtbot.mouseClick(clock_rows.button, Qt.MouseButton.LeftButton)
    assert context.clock.range is None
    assert len(view.page.store) == 310
    table.follow()
    assert context.clock.following
    assert table.following
    assert now() == []
    assert clock_rows.button.isHidden()


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_O])
def test_keys_that_rows_have_no_use_for_reach_the_window(context: ViewContext, qtbot: QtBot, key: Qt.Key) -> None:
    view = LiveView(context)
    qtbot.addWidget(view)
    context.feed.rows_arrived.emit(FeedRows(events=[event_row(1)], requests=[], trajectories=[]))
    with qtbot.captureExceptions() as raised:
        qtbot.keyClick(view.page.table, key)
    assert not raised
    assert view.page.table.following
