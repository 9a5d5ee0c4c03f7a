"""The window around the views: tabs, docks, bars, memory."""

from typing import Any

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from console.ui.clock import TimeRange
from console.ui.context import ViewContext
from console.ui.main_window import MainWindow
from console.ui.navigation import Destination, EventsSubject
from console.ui.selection import Picked, Scope
from tests.ui.fakes import APP_ID
from tests.ui.window.frames import FakeView, Frame


def test_menus_reach_players_and_flags_from_everywhere(frame: Frame) -> None:
    for text, view in (("Find a player …", "players"), ("Find a flag or segment …", "flags")):
        frame.window.show_view("live")
        frame.action(text).trigger()
        assert frame.window.current_name == view
        shown = frame.window.current_view
        assert isinstance(shown, FakeView)
        assert shown.filters_wanted == 1
    assert frame.action("7 Players").shortcut().toString() == "Ctrl+7"
    assert frame.action("8 Flags & segments").shortcut().toString() == "Ctrl+8"


def test_views_are_built_when_first_shown(frame: Frame, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: frame.window.view("requests") is not None)
    assert frame.window.view("level") is None
    frame.window.show_view("level")
    assert frame.window.view("level") is frame.window.current_view
    assert frame.window.stack.currentWidget() is frame.window.current_view


def test_a_view_leads_to_another_narrowed_and_with_its_subject(frame: Frame, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: frame.window.view("requests") is not None)
    subject = EventsSubject("player_01", frozenset({"player_01"}))
    scope = Scope(app_id=APP_ID)
    asking: Any = frame.window.view("requests")
    asking.destination_wanted.emit(Destination(view="performance", scope=scope, subject=subject))
    shown: Any = frame.window.current_view
    assert frame.window.current_name == "performance"
    assert frame.context.selection.scope == scope
    assert shown.subjects == [subject]
    asking.destination_wanted.emit(Destination(view="live"))
    assert frame.window.current_name == "live"
    assert frame.context.selection.scope == scope, "none was asked for"


@pytest.mark.expects_log
def test_a_view_that_cannot_be_built_leaves_the_others_alone(
    frame: Frame, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: FakeView, context: ViewContext) -> None:
        raise RuntimeError("no <b>OpenGL</b> here")

    monkeypatch.setattr(FakeView, "__init__", fail)
    frame.window.show_view("level")
    page = frame.window.current_view
    assert isinstance(page, QLabel)
    assert "RuntimeError: no <b>OpenGL</b> here" in page.text()
    assert page.textFormat() is Qt.TextFormat.PlainText
    frame.window.show_view("live")
    assert isinstance(frame.window.current_view, FakeView)


def test_a_badge_stands_beside_the_tab(frame: Frame) -> None:
    view = frame.window.view("live")
    assert isinstance(view, FakeView)
    view.badge_changed.emit("12")
    label = frame.window.tab_bar.tabButton(1, frame.window.tab_bar.ButtonPosition.RightSide)
    assert label is not None
    assert label.text() == "12"  # type: ignore[attr-defined]
    assert label.isVisible()
    view.badge_changed.emit("13")
    assert label.isVisible()
    view.badge_changed.emit("")
    assert not label.isVisible()


def test_freezing_holds_every_view_and_those_built_later(frame: Frame, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: frame.window.view("requests") is not None)
    frame.action("Freeze").trigger()
    assert frame.window.frozen
    assert frame.window.top_bar.freeze_button.isChecked()
    frame.window.show_view("performance")
    for name in ("live", "requests", "performance"):
        view = frame.window.view(name)  # type: ignore[arg-type]
        assert isinstance(view, FakeView)
        assert view.frozen == [True]
    frame.window.top_bar.freeze_button.click()
    assert not frame.action("Freeze").isChecked()


def test_menu_commands_reach_the_shown_view_only_where_they_mean_something(frame: Frame) -> None:
    assert frame.action("Clear view").isEnabled()
    assert not frame.action("Frame selection").isEnabled()
    frame.action("Clear view").trigger()
    view = frame.window.view("live")
    assert isinstance(view, FakeView)
    assert view.cleared == 1


def test_keys_step_through_the_views(frame: Frame) -> None:
    frame.window.show_view("overview")
    frame.action("Previous view").trigger()
    assert frame.window.current_name == "applications"
    frame.action("Next view").trigger()
    assert frame.window.current_name == "overview"
    frame.action("4 Level").trigger()
    assert frame.window.current_name == "level"
    assert frame.action("4 Level").isChecked()


def test_no_two_actions_share_a_shortcut(frame: Frame) -> None:
    keys = [a.shortcut().toString() for a in frame.actions() if not a.shortcut().isEmpty()]
    assert len(keys) == len(set(keys))
    assert {"Ctrl+E", "Ctrl+L", "Ctrl+F", "F", "Ctrl+1", "Ctrl+5"} <= set(keys)


def test_escape_that_nobody_wants_closes_the_detail(frame: Frame, qtbot: QtBot) -> None:
    frame.context.selection.pick(Picked(request_id=1))
    qtbot.keyClick(frame.window, Qt.Key.Key_Escape)
    assert frame.context.selection.picked is None


def test_copy_goes_to_the_focused_widget(frame: Frame, qtbot: QtBot) -> None:
    view = frame.window.view("live")
    assert isinstance(view, FakeView)
    view.line.setText("copied text")
    view.line.selectAll()
    frame.window.activateWindow()
    view.line.setFocus()
    qtbot.waitUntil(view.line.hasFocus)
    frame.action("Copy\tCtrl+C").trigger()
    assert QGuiApplication.clipboard().text() == "copied text"


def test_the_inspector_is_out_of_the_way_where_nothing_is_or_can_be_picked(frame: Frame, context: ViewContext) -> None:
    dock = frame.window.inspector_dock
    assert dock.isHidden()
    frame.window.show_view("performance")
    context.selection.pick(Picked(1))
    assert dock.isHidden()
    frame.window.show_view("live")
    assert not dock.isHidden()
    context.selection.pick(None)
    assert dock.isHidden()
    context.selection.pick(Picked(1))
    assert not dock.isHidden()
    frame.window.show_view("performance")
    dock.toggleViewAction().trigger()
    frame.window.show_view("requests")
    dock.toggleViewAction().trigger()
    assert dock.isHidden()
    frame.window.show_view("performance")
    assert not dock.isHidden(), "what the person chose for these views"
    frame.window.show_view("live")
    assert dock.isHidden()


def test_the_inspector_opens_beside_a_level_for_what_is_picked(frame: Frame, context: ViewContext) -> None:
    dock, room = frame.window.inspector_dock, frame.window._inspector_room
    frame.window.show_view("level")
    assert dock.isHidden()
    context.selection.pick(Picked(1))
    assert dock.isHidden(), "a double click finds the level where it was"
    room._soon.timeout.emit()
    assert not dock.isHidden()
    context.selection.pick(None)
    assert dock.isHidden()


def test_layout_is_remembered(frame: Frame, qtbot: QtBot, context: ViewContext) -> None:
    frame.window.show_view("requests")
    context.selection.pick(Picked(1))
    frame.window.inspector_dock.toggleViewAction().trigger()
    frame.window.remember()
    settings = QSettings(context.settings.fileName(), QSettings.Format.IniFormat)
    second = MainWindow(context.theme, settings)
    qtbot.addWidget(second, before_close_func=lambda window: setattr(window, "_may_close", True))
    second.restore((800, 600))
    assert second.current_name == "requests"
    assert second.inspector_dock.isHidden()
    assert not second.sessions_dock.isHidden()
    assert second.width() == 1200


def test_nonsense_in_the_settings_is_ignored(qtbot: QtBot, context: ViewContext, style: object) -> None:
    for name in ("geometry", "state", "view"):
        context.settings.setValue(f"window/{name}", "nonsense")
    window = MainWindow(context.theme, context.settings)
    qtbot.addWidget(window, before_close_func=lambda w: setattr(w, "_may_close", True))
    window.restore((900, 700))
    assert (window.width(), window.height()) == (900, 700)
    assert window.current_name == "live"


def test_closing_asks_the_session_first(frame: Frame, qtbot: QtBot) -> None:
    with qtbot.waitSignal(frame.window.close_asked):
        frame.window.close()
    assert frame.window.isVisible()
    frame.window.close_now()
    assert not frame.window.isVisible()


def test_the_first_keys_are_the_timelines(frame: Frame, qtbot: QtBot) -> None:
    window = frame.window
    window.activateWindow()
    qtbot.waitUntil(lambda: window.focusWidget() is not None and window.isActiveWindow(), timeout=30_000)
    taken: list[int] = []
    assert window.timeline is not None
    window.timeline.take_key = lambda event: taken.append(event.key()) or True  # type: ignore[func-returns-value,method-assign]
    focused = window.focusWidget()
    assert focused is not None
    qtbot.keyClick(focused, Qt.Key.Key_Space)
    assert taken == [Qt.Key.Key_Space]
    qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert window.focusWidget() is not focused, "and Tab goes on from there"


def test_end_brings_the_shown_view_back_to_the_present_like_its_command(frame: Frame, qtbot: QtBot) -> None:
    window = frame.window
    window.show_view("performance")
    shown = window.current_view
    assert isinstance(shown, FakeView)
    assert frame.context.clock.following, "nobody hears of the clock"
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert shown.followed == 0
    frame.context.clock.follow()
    qtbot.keyClick(window, Qt.Key.Key_End)
    assert shown.followed == 1
    assert window.timeline is not None
    view = window.timeline.canvas.view
    view.set_extent(TimeRange(0, 10**10), following=True)
    view.zoom(9, 0)
    view.pan(-(10**10))
    frame.action("Newest\tEnd").trigger()
    assert shown.followed == 2
    assert view.span is not None
    assert view.span.holds(10**10), "and the timeline, where only that was looked around in"
