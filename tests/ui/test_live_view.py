"""The live view over a feed."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from console.messages import EventRow, FeedHello, FeedRows
from console.ui.context import ViewContext
from console.ui.live.view import LiveView
from console.ui.live_feed import Connection
from console.ui.navigation import Destination, EventsSubject, NamedPlayerSubject
from console.ui.selection import Picked, Scope
from console.ui.widgets.empty_state import EmptyState
from console.ui.widgets.snippets import LANGUAGES, snippet
from tests.ui.fakes import APP_ID, FakeClient, FakeMessages, make_status
from tests.ui.rows import event_row, trajectory_row
from tests.ui.screen import resize, show


@pytest.fixture
def view(context: ViewContext, qtbot: QtBot) -> LiveView:
    view = LiveView(context)
    qtbot.addWidget(view)
    view.resize(980, 500)
    show(view)
    return view


def connect(context: ViewContext, last_seq: int = 0, **status: object) -> None:
    hello = FeedHello(last_seq=last_seq, last_request_id=0, status=make_status(events_total=last_seq, **status))
    context.feed.connected.emit(hello)


def arrive(context: ViewContext, *rows: EventRow, skipped: int = 0) -> None:
    context.feed.rows_arrived.emit(FeedRows(events=list(rows), requests=[], trajectories=[], skipped_events=skipped))


def shown(view: LiveView) -> list[int]:
    store = view.page.store
    return [store[i].seq for i in range(len(store))]


def test_the_past_is_loaded_and_live_rows_follow(view: LiveView, context: ViewContext, client: FakeClient) -> None:
    client.event_list = [event_row(seq) for seq in range(1, 11)]
    connect(context, last_seq=10)
    arrive(context, event_row(11), event_row(12))
    assert shown(view) == list(range(1, 13))
    assert client.called("events") == [{"before_seq": 11, "limit": 10, "app_id": None}]


def test_a_reconnection_loads_only_what_is_missing(view: LiveView, context: ViewContext, client: FakeClient) -> None:
    client.event_list = [event_row(seq) for seq in range(1, 11)]
    connect(context, last_seq=10)
    client.event_list = [event_row(seq) for seq in range(1, 16)]
    connect(context, last_seq=15)
    assert shown(view) == list(range(1, 16))
    assert client.called("events")[-1] == {"before_seq": 16, "limit": 5, "app_id": None}


def test_rows_the_window_was_too_slow_for_are_counted_and_can_be_loaded(
    view: LiveView, context: ViewContext, client: FakeClient, qtbot: QtBot
) -> None:
    arrive(context, event_row(1), event_row(1_206), skipped=1_204)
    missing = view.page.bar.missing
    assert missing.isVisible()
    assert missing.text() == "1,204 not shown: the window was behind"
    client.event_list = [event_row(seq) for seq in range(1, 1_207)]
    qtbot.mouseClick(missing, Qt.MouseButton.LeftButton)
    assert shown(view) == list(range(1, 1_207))
    assert not missing.isVisible()


def hello(last_seq: int) -> FeedHello:
    return FeedHello(last_seq=last_seq, last_request_id=0, status=make_status(events_total=last_seq))


def test_a_filter_shows_what_was_recorded_and_what_arrives(
    view: LiveView, context: ViewContext, client: FakeClient, qtbot: QtBot
) -> None:
    arrive(context, *(event_row(seq) for seq in range(90, 101)))
    client.filtered_events = [event_row(seq) for seq in (3, 50, 100)]
    live = [event_row(100), event_row(101)]
    client.filtered_frames = [hello(100), FeedRows(events=live, requests=[], trajectories=[])]
    view.page.bar.field.setText("player:player_03")
    view.page.language.apply()
    assert client.called("filtered_feed") == [{"matching": "player:player_03"}]
    assert client.called("filtered_events") == [{"matching": "player:player_03", "before_seq": None, "limit": 10_000}]
    qtbot.waitUntil(lambda: shown(view) == [3, 50, 100, 101])
    arrive(context, event_row(102))
    assert shown(view) == [3, 50, 100, 101], "the subscription says what matches"
    context.feed.status_changed.emit(make_status(events_total=1_240))
    assert view.page.bar.field.count_text == "4 of 1,240"
    view.page.bar.field.clear()
    assert shown(view) == [*range(90, 101), 102]


def test_the_scope_is_asked_for_with_the_filter(view: LiveView, context: ViewContext, client: FakeClient) -> None:
    client.filtered_frames = [hello(3)]
    client.filtered_events = [event_row(1), event_row(3, session_id="other")]
    view.page.language.use("-is:late OR door")
    context.selection.set_scope(Scope.of_sessions(APP_ID, ["other"]))
    assert client.called("filtered_events")[-1]["matching"] == f"(-is:late OR door) app:{APP_ID} session:other"
    assert shown(view) == [3], "and the table narrows what it is given"


def test_typing_filters_after_a_pause(view: LiveView, context: ViewContext, client: FakeClient, qtbot: QtBot) -> None:
    arrive(context, event_row(1), trajectory_row(2))
    client.filtered_frames = [hello(2)]
    client.filtered_events = [event_row(1)]
    view.focus_filter()
    qtbot.keyClicks(view.page.bar.field, "door")
    qtbot.waitUntil(lambda: shown(view) == [1])
    assert [call["matching"] for call in client.called("filtered_feed")] == ["door"]
    qtbot.keyClick(view.page.bar.field, Qt.Key.Key_Escape)
    assert shown(view) == [1, 2]


def test_when_nothing_matches_it_says_so(
    view: LiveView, context: ViewContext, client: FakeClient, qtbot: QtBot
) -> None:
    arrive(context, event_row(1))
    client.filtered_frames = [hello(1)]
    view.page.language.use("nothing-like-this")
    button = next(b for b in view.page.table.findChildren(QPushButton) if b.text() == "Clear the filter")
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert shown(view) == [1]
    context.selection.set_scope(Scope(app_id="another"))
    assert not button.isVisible()


def test_freezing_holds_rows_back_and_says_how_many(view: LiveView, context: ViewContext, qtbot: QtBot) -> None:
    arrive(context, event_row(1))
    view.set_frozen(True)
    arrive(context, event_row(2), event_row(3))
    assert shown(view) == [1]
    pill = view.page.table.pill
    assert pill.text() == "Frozen · 2 new"
    assert view.page.bar.freeze.isChecked()
    qtbot.mouseClick(pill, Qt.MouseButton.LeftButton)
    assert shown(view) == [1, 2, 3]
    assert not view.page.bar.freeze.isChecked()
    assert pill.isHidden()
    assert view.page.table.following


def test_clearing_empties_the_table_and_new_rows_come(view: LiveView, context: ViewContext, client: FakeClient) -> None:
    client.event_list = [event_row(seq) for seq in range(1, 11)]
    connect(context, last_seq=10)
    view.clear()
    assert shown(view) == []
    connect(context, last_seq=10)
    assert shown(view) == []
    arrive(context, event_row(11))
    assert shown(view) == [11]


def test_a_picked_row_is_shared_and_escape_takes_it_back(view: LiveView, context: ViewContext, qtbot: QtBot) -> None:
    arrive(context, event_row(1, request_id=77, index=4))
    view.page.table.pick_key(1)
    assert context.selection.picked == Picked(request_id=77, seq=1, index=4)
    qtbot.keyClick(view.page.table, Qt.Key.Key_Escape)
    assert context.selection.picked is None


def test_what_is_picked_elsewhere_is_marked_without_moving(view: LiveView, context: ViewContext) -> None:
    arrive(context, *(event_row(seq, request_id=seq) for seq in range(1, 101)))
    context.selection.pick(Picked(request_id=3, seq=3, index=0))
    assert view.page.table.currentIndex().row() == 2
    assert view.page.table.following
    context.selection.pick(Picked(request_id=3))
    assert not view.page.table.currentIndex().isValid()
    context.selection.pick(None)
    assert context.selection.picked is None


def test_columns_are_hidden_by_menu_and_remembered(view: LiveView, context: ViewContext, qtbot: QtBot) -> None:
    actions = {action.text(): action for action in view.page.columns.menu.actions()}
    actions["Build"].trigger()
    header = view.page.table.horizontalHeader()
    assert header.isSectionHidden(6)
    header.resizeSection(2, 333)
    view.page.columns.save()
    again = LiveView(context)
    qtbot.addWidget(again)
    assert again.page.table.horizontalHeader().isSectionHidden(6)
    assert again.page.table.columnWidth(2) == 333
    assert not {a.text(): a for a in again.page.columns.menu.actions()}["Build"].isChecked()
    again.page.columns.reset()
    assert not again.page.table.horizontalHeader().isSectionHidden(6)


def test_the_last_column_cannot_be_hidden(view: LiveView) -> None:
    actions = [action for action in view.page.columns.menu.actions() if action.isCheckable()]
    for action in actions:
        action.setChecked(False)
    assert view.page.table.horizontalHeader().hiddenSectionCount() == len(actions) - 1
    assert actions[-1].isChecked()


def test_a_remembered_header_of_other_columns_is_ignored(view: LiveView, context: ViewContext, qtbot: QtBot) -> None:
    view.page.columns.save()
    context.settings.setValue("tables/events/columns", "time other")
    view.page.table.horizontalHeader().resizeSection(0, 300)
    again = LiveView(context)
    qtbot.addWidget(again)
    assert again.page.table.columnWidth(0) != 300


def test_the_table_says_how_much_of_the_recording_it_shows(view: LiveView, context: ViewContext) -> None:
    arrive(context, event_row(1))
    context.feed.status_changed.emit(make_status(events_total=1_240_000))
    assert view.page.bar.field.count_text == "newest 1 of 1.24 M"


def test_a_failed_load_is_said(
    view: LiveView, context: ViewContext, client: FakeClient, messages: FakeMessages
) -> None:
    client.failures["events"] = OSError("no answer")
    connect(context, last_seq=5)
    assert messages.said == [("bad", "Load the events: no answer")]


# the empty state


def test_an_empty_view_teaches(view: LiveView, context: ViewContext, qtbot: QtBot, messages: FakeMessages) -> None:
    connect(context)
    empty = view.findChild(EmptyState)
    assert empty.isVisible()
    code = empty._code.toPlainText()
    assert "http://127.0.0.1:4000/api/events" in code
    assert "pk_live_0123456789" in code
    assert APP_ID in code
    qtbot.mouseClick(empty._copy_code, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == code
    assert empty._save.isEnabled()
    empty._copy_buttons[0].click()
    assert QGuiApplication.clipboard().text() == "http://127.0.0.1:4000"
    assert [kind for kind, _ in messages.said] == ["good", "good"]
    arrive(context, event_row(1))
    assert not empty.isVisible()


def test_the_empty_view_offers_a_test_event_and_a_demo(view: LiveView, context: ViewContext, qtbot: QtBot) -> None:
    connect(context)
    buttons = {button.text(): button for button in view.findChildren(QPushButton)}
    with qtbot.waitSignal(view.test_event_wanted):
        buttons["Send a test event"].click()
    with qtbot.waitSignal(view.demo_wanted):
        buttons["Start demo playtest"].click()


def test_the_empty_view_follows_the_server(view: LiveView, context: ViewContext) -> None:
    empty = view.findChild(EmptyState)
    assert not empty._test.isEnabled()
    connect(context)
    assert empty._test.isEnabled()
    context.feed.connection_changed.emit(Connection.RESTARTING, "The server stopped; it is started again.")
    assert empty._lead.text() == "The server stopped; it is started again."
    assert not empty._test.isEnabled()
    context.feed.connection_changed.emit(Connection.CONNECTED, "")
    assert empty._test.isEnabled()
    context.theme.set_scheme("light")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_snippet_carries_address_key_and_application(language: str) -> None:
    code = snippet(language, url="http://10.0.0.1:4000", token="pk_test_x", app_id="the-app")
    assert all(part in code for part in ("http://10.0.0.1:4000/api/events", "pk_test_x", "the-app", "Hello_Console"))
    assert "$" not in code


def test_the_filter_hands_the_keyboard_back_to_the_table(view: LiveView, context: ViewContext) -> None:
    arrive(context, event_row(1))
    view.focus_filter()
    press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view.page.bar.field, press)
    assert view.focusWidget() is view.page.table  # also of a window that is not the active one


def test_columns_follow_the_width_until_a_person_changes_one(view: LiveView, context: ViewContext) -> None:
    header = view.page.table.horizontalHeader()
    arrive(context, event_row(1))
    resize(view, 760, 500)
    assert header.isSectionHidden(6), "the build gives way first"
    assert header.length() == header.width(), "nothing to scroll sideways"
    header.resizeSection(2, 333)
    resize(view, 1000, 500)
    assert header.sectionSize(2) == 333
    assert header.isSectionHidden(6)
    view.page.columns.reset()
    assert not header.isSectionHidden(6)
    assert header.length() == header.width()


def test_one_player_of_both_apis_can_be_looked_at_alone(view: LiveView, context: ViewContext) -> None:
    arrive(context, *(event_row(seq, player_id=player) for seq, player in enumerate(("p1", "p10", "uuid", "p2"), 1)))
    view.show_subject(EventsSubject("p1", frozenset({"p1", "uuid"})))
    assert shown(view) == [1, 3]
    assert view.only.text() == "p1"
    assert view.only.isVisible()
    arrive(context, event_row(5, player_id="p2"), event_row(6, player_id="uuid"))
    assert shown(view) == [1, 3, 6]
    view.only.click()
    assert shown(view) == [1, 2, 3, 4, 5, 6]
    assert not view.only.isVisible()


def test_a_player_without_recorded_events_can_be_left_again(view: LiveView, context: ViewContext) -> None:
    arrive(context, event_row(1, player_id="p1"))
    view.show_subject(EventsSubject("p2", frozenset({"p2"})))
    assert shown(view) == []
    next(button for button in view.findChildren(QPushButton) if button.text() == "Clear the filter").click()
    assert shown(view) == [1]


# players


def test_the_menu_of_a_row_leads_to_its_player(view: LiveView, context: ViewContext, qtbot: QtBot) -> None:
    seen: list[Destination] = []
    view.destination_wanted.connect(seen.append)
    arrive(context, event_row(1), event_row(2))
    view.page.table.pick_key(1)
    row = view.page.table.current_row()
    menu = view.page.menu_of(row)
    assert [action.text() for action in menu.actions()] == [
        "Open the player's profile",
        f"Only events of {row.player_id}",
        "Bookmark\tCtrl+M",
        "Copy row\tCtrl+C",
    ]
    menu.actions()[0].trigger()
    view.open_player()
    assert seen == [Destination(view="players", subject=NamedPlayerSubject(row.app_id, row.player_id))] * 2
    menu.actions()[1].trigger()
    assert view.only.text() == row.player_id


def test_the_menu_key_asks_for_the_menu_of_the_selected_row(view: LiveView, context: ViewContext, qtbot: QtBot) -> None:
    table = view.page.table
    arrive(context, event_row(1), event_row(2))
    asked: list[int] = []
    table.menu_wanted.disconnect()
    table.menu_wanted.connect(lambda row, _place: asked.append(row.seq))
    at = table.viewport().rect().bottomRight()
    QApplication.sendEvent(
        table.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, at, table.mapToGlobal(at))
    )
    assert asked == [], "nothing is selected"
    table.pick_key(1)
    QApplication.sendEvent(
        table.viewport(), QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, at, table.mapToGlobal(at))
    )
    assert asked == [1]
