"""The timeline on screen: what it asks, what clicks, drags and keys do."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.columns import encode_columns
from console.messages import FeedHello, FeedRows
from console.ui.clock import TimeRange
from console.ui.context import ViewContext
from console.ui.selection import Picked, Scope
from console.ui.timeline.moment_popup import MomentPopup
from console.ui.timeline.panel import Timeline
from console.ui.timeline.picture import LANE_PX
from tests.ui.fakes import APP_ID, NOW_US, FakeClient, FakeMessages, make_status
from tests.ui.rows import event_row, rejected_row
from tests.ui.screen import show
from tests.ui.timeline.test_timeline_pure import SECOND, lanes_answer, ticks_answer

WIDTH, HEIGHT = 900, 240


@pytest.fixture
def timeline(context: ViewContext, client: FakeClient, qtbot: QtBot) -> Iterator[Timeline]:
    client.queries["timeline_lanes"] = lanes_answer(("a", "s1", 0, 100), ("b", "s2", 10, 50), known=3)
    client.queries["timeline_ticks"] = ticks_answer(("s1", 20, "Door_Open"), ("s1", 60, "Player_Death"))
    times = {"start_us": np.array([NOW_US], "<i8"), "end_us": np.array([NOW_US + 90 * SECOND], "<i8")}
    client.queries["timeline_levels"] = encode_columns(
        {"app_id": [APP_ID], "session_id": ["s1"], "level_id": ["Court <b>"]} | times
    )
    client.queries["timeline_activity"] = encode_columns(times | {"events": np.array([4], "<i8")})
    client.request_list = [rejected_row(5, received_at_us=NOW_US + 30 * SECOND)]
    timeline = Timeline(context)
    timeline.source._wall_clock = lambda: NOW_US / 1e6 + 3600  # a session ahead of it has no say
    qtbot.addWidget(timeline)
    timeline.resize(WIDTH, HEIGHT)
    show(timeline)
    hello = FeedHello(last_seq=10, last_request_id=5, status=make_status())
    context.feed._hello = hello
    context.feed.connected.emit(hello)
    timeline.source._ask_now()
    QApplication.processEvents()
    yield timeline
    context.clock.pause()


def place(timeline: Timeline, secs: float, row: int = 0) -> QPoint:
    """Of a moment on a lane; −1 is the row of rejected requests."""
    span = timeline.canvas.view.span
    layout = timeline.canvas.arrangement()
    assert span is not None
    x = layout.left + round(span.x_of(NOW_US + round(secs * SECOND), layout.columns))
    return QPoint(x, layout.lanes_top + row * LANE_PX + LANE_PX // 2)


def test_the_timeline_shows_sessions_and_steers_the_clock(
    timeline: Timeline, context: ViewContext, client: FakeClient, messages: FakeMessages, qtbot: QtBot
) -> None:
    clock, selection, canvas, bar = context.clock, context.selection, timeline.canvas, timeline.bar
    area = canvas.viewport()
    assert clock.extent == TimeRange(NOW_US, NOW_US + 100 * SECOND)
    assert clock.following
    assert client.called("query")[-3]["sessions"] == {APP_ID: ["s1", "s2"]}
    assert bar.hint.text() == "drag to select a range · 2 of 3 sessions"
    assert bar.levels.words == ["Court <b>"]
    assert canvas.arrangement().fixed == ("All sessions", "Rejected")
    assert canvas.grab().toImage().size().width() == WIDTH

    # a click seeks, on an event it picks without moving the clock
    qtbot.mouseClick(area, Qt.MouseButton.LeftButton, pos=place(timeline, 40))
    assert clock.cursor_us == pytest.approx(NOW_US + 40 * SECOND, abs=SECOND)
    at = clock.cursor_us
    qtbot.mouseClick(area, Qt.MouseButton.LeftButton, pos=place(timeline, 60))
    picked = selection.picked
    assert picked == Picked(2, 2, 0)
    assert picked is not None
    assert (picked.time_us, picked.session_id, picked.level_id) == (NOW_US + 60 * SECOND, "s1", "Court <b>")
    assert clock.cursor_us == at
    qtbot.mouseDClick(area, Qt.MouseButton.LeftButton, pos=place(timeline, 60))
    assert clock.cursor_us == NOW_US + 60 * SECOND
    qtbot.mouseClick(area, Qt.MouseButton.LeftButton, pos=place(timeline, 30, -1))
    assert selection.picked == Picked(5)
    words = canvas.under.words_at(QPointF(place(timeline, 60)))
    assert words.startswith("Player_Death and 2 more here: zoom in")
    assert "Session s1" in canvas.under.words_at(QPointF(20, place(timeline, 0).y()))

    # a drag marks out a range, its edge can be moved, a double click or Escape gives it up
    def drag(start: QPoint, end: QPoint) -> None:
        qtbot.mousePress(area, Qt.MouseButton.LeftButton, pos=start)
        left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        moved = QPointF(end)
        move = QMouseEvent(QEvent.Type.MouseMove, moved, area.mapToGlobal(moved), left, left, none)
        QApplication.sendEvent(area, move)
        canvas.grab()
        canvas._rest.timeout.emit()  # the pointer rested: the views are narrowed already
        assert clock.range == canvas._draft
        qtbot.mouseRelease(area, Qt.MouseButton.LeftButton, pos=end)

    drag(place(timeline, 70), place(timeline, 30))
    assert clock.range is not None
    assert clock.range.start_us == pytest.approx(NOW_US + 30 * SECOND, abs=SECOND)
    drag(place(timeline, 70, 1), place(timeline, 80, 1))
    assert clock.range is not None
    assert clock.range.end_us == pytest.approx(NOW_US + 80 * SECOND, abs=SECOND)
    assert clock.range.start_us == pytest.approx(NOW_US + 30 * SECOND, abs=SECOND)
    edge = place(timeline, 0, 1)
    edge.setX(
        canvas.arrangement().left + round(canvas.view.span.x_of(clock.range.start_us, canvas.arrangement().columns)) - 3
    )
    kept = clock.range
    qtbot.mouseClick(area, Qt.MouseButton.LeftButton, pos=edge)
    assert (clock.range, clock.cursor_us) == (kept, kept.start_us), "a click beside an edge is on the edge"
    assert bar.range.isVisible()
    qtbot.mouseDClick(area, Qt.MouseButton.LeftButton, pos=place(timeline, 90, 1))
    assert clock.range is None
    clock.set_range(TimeRange(NOW_US, NOW_US + SECOND))
    assert timeline.close_range()
    assert not timeline.close_range()

    # a moment or a range that another view marks brings a lane of it into sight
    timeline.resize(WIDTH, bar.height() + canvas.arrangement().lanes_top + LANE_PX)
    assert [lane.session_id for lane in canvas.lanes_in_sight()][:1] == ["s1"]
    canvas.verticalScrollBar().setValue(1)
    clock.seek(NOW_US + 90 * SECOND)
    assert canvas.lanes_in_sight()[0].session_id == "s1"
    canvas.verticalScrollBar().setValue(1)
    clock.set_range(TimeRange(NOW_US, NOW_US + SECOND))
    assert canvas.lanes_in_sight()[0].session_id == "s1"
    clock.set_range(None)
    timeline.resize(WIDTH, HEIGHT)

    # the wheel zooms to the pointer, and asks for what is not known as finely as it can be seen
    before = canvas.view.span
    assert before is not None
    pointer = QPointF(place(timeline, 60))
    wheel = QWheelEvent(
        pointer,
        area.mapToGlobal(pointer),
        QPoint(),
        QPoint(0, 960),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    asked = len(client.called("query"))
    QApplication.sendEvent(area, wheel)
    after = canvas.view.span
    assert after is not None
    assert after.length_us < before.length_us / 4
    assert canvas.under.time_at(pointer.x()) == pytest.approx(NOW_US + 60 * SECOND, abs=SECOND)
    timeline.source._ask_now()
    assert [call["name"] for call in client.called("query")[asked:]] == ["timeline_ticks", "timeline_activity"]
    canvas.view.zoom(3, NOW_US + 60 * SECOND)
    canvas.refresh()
    timeline.source._ask_now()
    assert client.called("query")[-1]["name"] == "timeline_levels", "now it is too coarse"
    bar.fit.click()
    assert canvas.view.span == before

    # keys that no widget had a use for
    clock.seek(NOW_US + 50 * SECOND)
    for key, modifier, secs in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 1),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier, -10),
    ):
        at = clock.cursor_us
        assert at is not None
        qtbot.keyClick(canvas, key, modifier)
        assert clock.cursor_us == at, "the window's, not the canvas's"
        assert timeline.take_key(QKeyEvent(QEvent.Type.KeyPress, key, modifier))
        assert clock.cursor_us == at + secs * SECOND
    # typed
    bar.time.click()
    popup = bar.findChild(MomentPopup)
    assert popup is not None
    assert (popup.start.dateTime().toMSecsSinceEpoch(), popup.end.dateTime().toMSecsSinceEpoch()) == (
        NOW_US // 1000,
        NOW_US // 1000 + 100_000,
    )
    popup.start.setDateTime(popup.start.dateTime().addSecs(70))
    popup.end.setDateTime(popup.start.dateTime())
    assert not popup.mark.isEnabled()
    popup.end.setDateTime(popup.start.dateTime().addSecs(5))
    popup.mark.click()
    assert clock.range == TimeRange(NOW_US + 70 * SECOND, NOW_US + 75 * SECOND)
    clock.set_range(None)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    bar.ask_when()
    popup = bar.findChild(MomentPopup)
    assert popup is not None
    popup.moment.setDateTime(popup.start.dateTime().addSecs(33))
    qtbot.keyClick(popup.moment, Qt.Key.Key_Return)
    assert clock.cursor_us == NOW_US + 33 * SECOND

    clock.seek(NOW_US + 60 * SECOND)
    no_modifier = Qt.KeyboardModifier.NoModifier
    assert timeline.take_key(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_I, no_modifier))
    assert clock.range == TimeRange(NOW_US + 60 * SECOND, NOW_US + 100 * SECOND)
    clock.seek(NOW_US + 80 * SECOND)
    assert timeline.take_key(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_O, no_modifier))
    assert clock.range == TimeRange(NOW_US + 60 * SECOND, NOW_US + 80 * SECOND)
    # a range has a length: its start at its end gives that end up, and the other way around
    timeline.mark_start()
    assert clock.range == TimeRange(NOW_US + 80 * SECOND, NOW_US + 100 * SECOND)
    timeline.mark_end()
    assert clock.range == TimeRange(NOW_US, NOW_US + 80 * SECOND)
    clock.set_range(TimeRange(NOW_US, NOW_US))
    assert clock.range == TimeRange(NOW_US, NOW_US + 80 * SECOND)
    clock.set_range(None)
    for at, mark, words in ((100, timeline.mark_start, "after"), (0, timeline.mark_end, "before")):
        clock.seek(NOW_US + at * SECOND)
        mark()
        assert clock.range is None
        assert messages.said[-1][1].startswith(f"Nothing lies {words} this moment")
    assert not timeline.take_key(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, no_modifier))
    assert timeline.take_key(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Space, no_modifier))
    assert clock.playing
    timeline.toggle()
    assert not clock.playing
    bar.follow.click()
    assert (clock.following, clock.cursor_us) == (True, NOW_US + 100 * SECOND)
    timeline.toggle()
    assert (clock.playing, clock.cursor_us) == (True, NOW_US), "from the start of what is in sight"
    timeline.toggle()

    # what is picked elsewhere comes into sight and moves no clock; the present comes back with its key and its button
    bar.follow.click()
    at = clock.cursor_us
    canvas.view.fit(TimeRange(NOW_US + 80 * SECOND, NOW_US + 100 * SECOND))
    selection.pick(Picked(2, 2, 0, NOW_US + 20 * SECOND, APP_ID, "s1"))
    assert canvas.view.span.holds(NOW_US + 20 * SECOND)
    assert (clock.following, clock.cursor_us) == (True, at)
    kept = canvas.view.span
    selection.pick(Picked(2, 2, 1, 20 * SECOND, APP_ID, "s1"))
    assert canvas.view.span == kept, "a moment of a wrong clock is nowhere"
    assert timeline.take_key(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_End, no_modifier))
    assert canvas.view.span.holds(at)
    canvas.view.show_moment(NOW_US)
    clock.seek(NOW_US)
    assert not canvas.view.span.holds(at)
    bar.follow.click()
    assert canvas.view.span.holds(at)


def test_activity_stops_growing_while_nobody_looks(
    timeline: Timeline, context: ViewContext, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.ui.timeline.source._ARRIVED", 2)
    timeline.hide()
    asked = len(client.called("query"))
    for seq in range(200, 210):
        row = event_row(seq, session_id="s9", player_id="z", time_us=NOW_US + seq * SECOND)
        context.feed.rows_arrived.emit(FeedRows(events=[row], requests=[], trajectories=[]))
    assert timeline.source.activity.arrived == 3
    extent = timeline.source.lanes.extent
    assert extent is not None
    assert extent.end_us >= NOW_US + 209 * SECOND, "the clock goes on all the same"
    assert len(client.called("query")) == asked
    timeline.show()
    QApplication.processEvents()
    assert len(client.called("query")) > asked


def test_what_arrives_and_another_scope(timeline: Timeline, context: ViewContext, client: FakeClient) -> None:
    context.clock.follow()
    late = event_row(200, session_id="s9", player_id="z", time_us=NOW_US + 120 * SECOND)
    asked = len(client.called("query"))
    context.feed.rows_arrived.emit(FeedRows(events=[late], requests=[rejected_row(9)], trajectories=[]))
    timeline.source._tell_now()
    assert [lane.session_id for lane in timeline.source.lanes.rows] == ["s9", "s1", "s2"]
    assert context.clock.cursor_us == NOW_US + 120 * SECOND
    assert len(timeline.source.rejected) == 2
    assert len(client.called("query")) == asked, "the feed tells, nobody is asked"
    timeline.grab()
    client.bookmarked["event"] = {200}
    client.filtered_events = [late]
    context.feed.changed.emit("bookmarks")
    timeline.source._tell_now()
    assert timeline.canvas.arrangement().fixed[-1] == "Bookmarks"
    timeline.grab()
    client.queries["timeline_lanes"] = encode_columns({})
    context.selection.set_scope(Scope.of_sessions("other", ["none"]))
    assert client.called("query")[-1]["sessions"] == {"other": ["none"]}
    assert context.clock.extent is None
    assert timeline.bar.hint.text() == ""
    timeline.grab()
