"""The performance view against a stand-in server: loading, following, choosing, reading values."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QItemSelectionModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console import messages as m
from console.client import ConsoleUnavailable
from console.columns import encode_columns
from console.ui.clock import TimeRange
from console.ui.context import ViewContext
from console.ui.selection import Picked, Scope
from console.ui.views import VIEWS
from tests.ui.fakes import APP_ID, NOW_US, FakeClient, FakeMessages, make_status, make_trajectory
from tests.ui.performance.answers import SECOND, MakeView, history, last_asked, rows, shown_range


def test_a_range_marked_before_is_in_sight(client: FakeClient, context: ViewContext, make_view: MakeView) -> None:
    client.queries["frame_rate"] = history(1)
    context.clock.set_range(TimeRange(NOW_US - 90 * SECOND, NOW_US + 10 * SECOND))
    view = make_view()
    hello = m.FeedHello(last_seq=1, last_request_id=1, status=make_status())
    context.feed._hello = hello
    context.feed.connected.emit(hello)
    QApplication.processEvents()
    low, high = shown_range(view)
    assert low <= NOW_US / SECOND - 90
    assert high >= NOW_US / SECOND + 10


def test_a_picked_event_is_in_sight_with_its_session_wherever_it_was_picked(
    client: FakeClient, context: ViewContext, make_view: MakeView
) -> None:
    client.queries["frame_rate"] = history(6, rows=1_000)
    context.clock.set_extent(TimeRange(NOW_US, NOW_US + 2_005 * SECOND))
    context.selection.pick(Picked(1, 1, 0, NOW_US + 60 * SECOND, APP_ID, "s0"))  # before the view was first seen
    view = make_view()

    def sees(seconds: float) -> bool:
        low, high = shown_range(view)
        return low <= NOW_US / SECOND + seconds <= high

    assert view._pictures.each[0]._picked.isVisible()
    assert sees(60)
    assert [session.key[1] for session in view._pictures.sessions] == ["s5", "s4", "s0"]
    assert "newest + picked shown" in view._count.text()
    assert not view._controls.follow.isChecked()
    assert context.clock.following, "only this view turned there"
    follow = next(spec for spec in VIEWS if spec.name == "performance").command_of(view, "follow")
    assert follow is not None
    follow()  # as Go ▸ Newest does, though the clock is at the present
    view.hide()
    view.show()
    assert sees(2_000), "once is enough"
    context.selection.pick(Picked(1, 2, 1, NOW_US - 60 * SECOND, APP_ID, "s0"))
    assert sees(2_000), "the moment of a wrong clock is nowhere"
    view.hide()
    context.selection.pick(Picked(1, 3, 2, NOW_US + 90 * SECOND, APP_ID, "s5"))
    view.show()
    assert sees(90)
    assert [session.key[1] for session in view._pictures.sessions] == ["s5", "s4", "s3"]
    assert view._count.text().endswith("newest shown")
    view._choose([(APP_ID, "s1")])
    context.selection.pick(Picked(1, 4, 3, NOW_US + 95 * SECOND, APP_ID, "s0"))
    assert [session.key[1] for session in view._pictures.sessions] == ["s1"], "what a person chose stays"


def test_an_empty_view_teaches(make_view: MakeView) -> None:
    view = make_view()
    assert view._pages.currentIndex() == 0


def test_a_history_is_drawn_with_its_summary(client: FakeClient, make_view: MakeView) -> None:
    client.queries["frame_rate"] = history()
    view = make_view()
    assert view._pages.currentIndex() == 1
    assert [plot.isVisible() for plot in view._pictures.each] == [True] * 3
    assert view._tiles.low_5.value == "40.0"
    assert " of 3 sessions" in view._tiles.low_5.note
    assert "newest shown" in view._count.text()


def test_the_worst_moment_is_placed(client: FakeClient, make_view: MakeView) -> None:
    client.queries["frame_rate"] = history()
    place = {"x": 1.0, "y": 2.5, "z": -3.0}
    client.queries["samples"] = encode_columns({axis: np.array([v], "<f4") for axis, v in place.items()})
    view = make_view()
    view._choose([(APP_ID, "s0")])
    assert view._tiles.worst.value == "7.2"
    assert view._tiles.worst.aside == "fps  (1.0, 2.5, -3.0)"
    assert "player 0 · Courtyard" in view._tiles.worst.note
    asked = [call for call in client.called("query") if call["name"] == "samples"][-1]
    assert asked["sessions"] == {APP_ID: ["s0"]}
    assert (asked["from_us"], asked["to_us"]) == (NOW_US + 100 * SECOND, NOW_US + 101 * SECOND), "up to its middle"


def test_live_rows_are_drawn_and_followed(qtbot: QtBot, context: ViewContext, make_view: MakeView) -> None:
    view = make_view()
    context.feed.rows_arrived.emit(rows(make_trajectory(1, session_id="live")))
    qtbot.waitUntil(lambda: view._pages.currentIndex() == 1)
    context.feed.rows_arrived.emit(rows(make_trajectory(500, session_id="live")))
    qtbot.waitUntil(lambda: shown_range(view)[1] > (NOW_US / SECOND) + 500)
    # Whose clock is three hours ahead does not take the present of the others out of sight.
    context.clock.set_extent(TimeRange(NOW_US, NOW_US + 600 * SECOND))
    context.feed.rows_arrived.emit(rows(make_trajectory(10_800, session_id="ahead")))
    qtbot.waitUntil(lambda: shown_range(view)[1] > NOW_US / SECOND + 600)
    assert shown_range(view)[1] < NOW_US / SECOND + 620
    view._choose([(APP_ID, "ahead")])
    assert shown_range(view)[1] > NOW_US / SECOND + 10_800, "alone it is seen"


def test_a_person_who_pans_is_left_alone_until_end(
    qtbot: QtBot, context: ViewContext, client: FakeClient, make_view: MakeView
) -> None:
    client.queries["frame_rate"] = history(1)
    view = make_view()
    box = view._pictures.each[0].getViewBox()
    box.setXRange(NOW_US / SECOND, NOW_US / SECOND + 20, padding=0)
    box.sigRangeChangedManually.emit([True, False])
    assert not view._controls.follow.isChecked()
    before = shown_range(view)
    context.feed.rows_arrived.emit(rows(make_trajectory(900, session_id="s0")))
    qtbot.wait(250)
    assert shown_range(view) == before
    for key in (Qt.Key.Key_Space, Qt.Key.Key_I, Qt.Key.Key_O, Qt.Key.Key_End):
        pressed = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(view._list, pressed)
        assert not pressed.isAccepted(), "the timeline's, with the list in focus, too"
    assert view._controls.follow.isChecked()
    assert shown_range(view)[1] > NOW_US / SECOND + 900
    view.frame_selection()
    assert shown_range(view)[0] == pytest.approx(NOW_US / SECOND)


def test_several_sessions_share_one_clock(client: FakeClient, make_view: MakeView) -> None:
    client.queries["frame_rate"] = history(6)
    view = make_view()
    view._choose([(APP_ID, f"s{n}") for n in range(6)])
    assert [plot.isVisible() for plot in view._pictures.each] == [True] * 4
    assert "4 of 6 chosen are shown" in view._count.text()
    view._pictures.each[0].getViewBox().setXRange(NOW_US / SECOND, NOW_US / SECOND + 30, padding=0)
    ranges = {tuple(np.round(plot.getViewBox().viewRange()[0], 1)) for plot in view._pictures.each}
    assert max(left for left, _ in ranges) - min(left for left, _ in ranges) < 1.0
    view._choose([(APP_ID, "s1")])
    assert [plot.isVisible() for plot in view._pictures.each] == [True, False, False, False]


def test_the_list_marks_what_is_shown_and_tells_what_is_chosen(
    qtbot: QtBot, client: FakeClient, make_view: MakeView
) -> None:
    client.queries["frame_rate"] = history()
    view = make_view()
    assert view._list._marked() == {(APP_ID, "s0"), (APP_ID, "s1"), (APP_ID, "s2")}
    with qtbot.waitSignal(view._list.chosen) as chosen:
        # Not by the list's own method, which asks the keyboard whether to extend the selection.
        select = QItemSelectionModel.SelectionFlag.ClearAndSelect
        view._list.selectionModel().setCurrentIndex(view._list.model().index(2, 0), select)
    assert chosen.args == [[(APP_ID, "s0")]]
    assert [session.key[1] for session in view.model.shown()] == ["s0"]


def test_the_pointer_reads_exact_values(client: FakeClient, context: ViewContext, make_view: MakeView) -> None:
    client.queries["frame_rate"] = history(1)
    view = make_view()
    view._pictures.each[0].hovered.emit(NOW_US / SECOND + 101)
    assert view._pictures.readout.isVisible()
    assert "   7.25 fps" in view._pictures.readout.text
    assert "UTC" in view._pictures.readout.text
    view._pictures.each[0].hovered.emit(float("nan"))
    assert not view._pictures.readout.isVisible()
    view._pictures.each[0].hovered.emit(NOW_US / SECOND + 101)
    client.failures["query"] = ConsoleUnavailable("gone")
    context.selection.set_scope(Scope("another"))
    assert view._pictures.each[0].isVisible(), "until something is known of the other scope"
    view._pictures.each[0].hovered.emit(NOW_US / SECOND + 101)
    assert not view._pictures.readout.isVisible()


def test_a_scope_is_asked_for(context: ViewContext, client: FakeClient, make_view: MakeView) -> None:
    make_view()
    context.selection.set_scope(Scope.of_sessions(APP_ID, "ba"))
    call = last_asked(client)
    assert (call["name"], call["app_id"], call["sessions"]) == ("frame_rate", APP_ID, {APP_ID: ["a", "b"]})


def test_a_frozen_view_stands_still(qtbot: QtBot, context: ViewContext, make_view: MakeView) -> None:
    view = make_view()
    view.set_frozen(True)
    context.feed.rows_arrived.emit(rows(make_trajectory(1)))
    qtbot.wait(200)
    assert view._pages.currentIndex() == 0
    view.set_frozen(False)
    assert view._pages.currentIndex() == 1
    view.set_frozen(True)
    context.feed.rows_arrived.emit(rows(make_trajectory(2)))
    waiting = [one.asking for one in view._standing._slots.values() if one.asking._active]
    assert waiting
    assert not any(asking._timer.isActive() for asking in waiting)
    view.set_frozen(False)
    assert all(asking._timer.isActive() for asking in waiting), "what is worked out of all is outdated, too"
    view.clear()
    assert view._pages.currentIndex() == 0


def test_it_asks_again_when_connected_and_when_the_store_caught_up(
    context: ViewContext, client: FakeClient, messages: FakeMessages, make_view: MakeView
) -> None:
    client.failures["query"] = ConsoleUnavailable("starting")
    view = make_view()
    assert messages.said == []
    del client.failures["query"]
    before = len(client.called("query"))
    context.feed.connected.emit(m.FeedHello(last_seq=1, last_request_id=1, status=make_status(events_behind=3)))
    assert len(client.called("query")) == before + 1
    context.feed.caught_up.emit()
    assert len(client.called("query")) == before + 2
    context.feed.rows_arrived.emit(m.FeedRows(events=[], requests=[], trajectories=[], skipped_events=1))
    assert view._source.asking._timer.isActive(), "what the feed skipped is in the store"
    view._source.asking._timer.timeout.emit()
    assert len(client.called("query")) == before + 3


def test_while_hidden_it_asks_nothing_and_then_once(
    context: ViewContext, client: FakeClient, make_view: MakeView
) -> None:
    view = make_view()
    view.hide()
    before = len(client.calls)
    context.selection.set_scope(Scope(APP_ID))
    context.clock.set_range(TimeRange(NOW_US, NOW_US + SECOND))
    context.feed.caught_up.emit()
    context.feed.rows_arrived.emit(rows(make_trajectory(1, session_id="live")))
    assert len(client.calls) == before
    assert not view.model.sessions
    view.show()
    assert [call["name"] for call in client.called("query")].count("frame_rate") == 2
    view.hide()
    context.feed.rows_arrived.emit(rows(make_trajectory(2, session_id="live")))
    before = len(client.calls)
    view.show()
    assert ("", "live") in view.model.sessions or (APP_ID, "live") in view.model.sessions
    assert [call["name"] for call in client.called("query")].count("frame_rate") == 2
    view.hide()
    before = len(client.calls)
    view.show()
    assert len(client.calls) == before


def test_a_view_that_is_built_late_knows_the_range(
    context: ViewContext, client: FakeClient, make_view: MakeView
) -> None:
    client.queries |= {"frame_rate": history(3, 60)}
    context.clock.set_range(TimeRange(NOW_US, NOW_US + 20 * SECOND))
    view = make_view()
    assert not view._controls.follow.isChecked()
    assert view._tiles.mean.value != "–"
    assert shown_range(view)[0] <= NOW_US / SECOND
