"""The filter bar of the live view and the requests view: mistakes, completion, menus, long looks."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from console.messages import EventRow, FeedHello, FeedRows, RequestRow
from console.messages.filters import FieldValue, RequestsFound
from console.ui.context import ViewContext
from console.ui.live.view import LiveView
from console.ui.requests.view import RequestsView
from console.ui.selection import Scope
from console.ui.widgets.filter_menu import filter_menu
from console.ui.widgets.text_dialog import TextDialog
from tests.ui.fakes import FakeClient, make_status, refused
from tests.ui.rows import event_row, rejected_row, request_row
from tests.ui.screen import opened, press, show


class HeldTasks:
    """Starts nothing by itself: a test says when a call is answered."""

    def __init__(self) -> None:
        self.waiting: dict[str, tuple[Coroutine[Any, Any, Any], Callable[[Exception], None] | None]] = {}

    def start(
        self, work: Coroutine[Any, Any, Any], what: str, on_error: Callable[[Exception], None] | None = None
    ) -> Callable[[], object]:
        self.waiting[what] = (work, on_error)
        return lambda: self.drop(what)

    def answer(self, what: str) -> None:
        work, on_error = self.waiting.pop(what)
        try:
            asyncio.run(work)
        except Exception as error:
            assert on_error is not None
            on_error(error)

    def drop(self, what: str) -> None:
        if what in self.waiting:
            self.waiting.pop(what)[0].close()


@pytest.fixture
def live(context: ViewContext, qtbot: QtBot) -> LiveView:
    view = LiveView(context)
    qtbot.addWidget(view)
    view.resize(980, 500)
    show(view)
    context.feed.rows_arrived.emit(FeedRows(events=[event_row(1), event_row(2)], requests=[], trajectories=[]))
    return view


@pytest.fixture
def requests(context: ViewContext, qtbot: QtBot) -> RequestsView:
    view = RequestsView(context)
    qtbot.addWidget(view)
    view.resize(980, 500)
    show(view)
    return view


def hello(last_seq: int = 0) -> FeedHello:
    return FeedHello(last_seq=last_seq, last_request_id=0, status=make_status(events_total=last_seq))


def shown(view: LiveView | RequestsView) -> list[int]:
    store = view.page.store
    return [view.page.key_of(store[i]) for i in range(len(store))]


def arrive(context: ViewContext, requests: Sequence[RequestRow]) -> None:
    context.feed.rows_arrived.emit(FeedRows(events=[], requests=list(requests), trajectories=[]))


def labels(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.text()]


# mistakes


def test_a_mistake_is_marked_and_mended_by_a_click(live: LiveView, client: FakeClient, qtbot: QtBot) -> None:
    field, language = live.page.bar.field, live.page.language
    field.setText("plaer:p-17")
    assert language.problem is not None
    assert field.marked == (0, 0), "who still types is not told"
    language.show_problem()
    assert field.marked == (0, 5)
    assert language._note.text == "There is no field plaer: did you mean player?"
    assert language._note.accessibleName() == language._note.text
    (mend,) = language._note.buttons
    assert mend.text() == "Mend: player:p-17"
    assert shown(live) == [1, 2], "what was there stays"
    qtbot.mouseClick(mend, Qt.MouseButton.LeftButton)
    assert field.text() == "player:p-17"
    assert field.marked == (0, 0)
    assert language._note.isHidden()
    assert client.called("filtered_feed") == [{"matching": "player:p-17"}]


def test_enter_shows_a_mistake_and_a_key_mends_it(live: LiveView, qtbot: QtBot) -> None:
    field = live.page.bar.field
    live.focus_filter()
    field.setText("x:>-5")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.marked == (3, 5)
    qtbot.keyClick(field, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    assert field.text() == 'x:>"-5"'
    assert live.page.language.filter.text == 'x:>"-5"'


def test_a_mistake_is_told_after_a_pause_and_forgotten_with_the_text(live: LiveView, qtbot: QtBot) -> None:
    field, note = live.page.bar.field, live.page.language._note
    field.setText("a and b")
    qtbot.waitUntil(lambda: not note.isHidden())
    field.clear()
    assert note.isHidden()
    assert field.marked == (0, 0)


# completion


def test_names_then_values_are_completed_by_keyboard(
    live: LiveView, context: ViewContext, client: FakeClient, qtbot: QtBot
) -> None:
    context.selection.set_scope(Scope(app_id="game"))
    client.values["level"] = [FieldValue("Level 1", 120), FieldValue("lobby", 7)]
    field, offered = live.page.bar.field, live.page.language.completer.list
    live.focus_filter()
    qtbot.keyClicks(field, "le")
    assert offered.suggestions[0].text == "level:"
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert field.text() == "level:"
    qtbot.waitUntil(lambda: [one.text for one in offered.suggestions] == ['"Level 1"', "lobby"])
    assert client.called("field_values") == [{"field": "level", "prefix": "", "app_id": "game"}]
    qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == 'level:"Level 1" '
    assert offered.isHidden()
    qtbot.keyClicks(field, "custom_data.we")
    client.values["custom_data"] = [FieldValue("weapon", 3)]
    qtbot.waitUntil(lambda: [one.text for one in offered.suggestions] == ["custom_data.weapon:"])
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert offered.isHidden()
    assert field.text().endswith("custom_data.we")


def test_what_only_requests_have_is_completed_from_the_rows(
    requests: RequestsView, context: ViewContext, client: FakeClient, qtbot: QtBot
) -> None:
    rows = [request_row(1, client="Unity 6"), request_row(2, client="curl/8"), request_row(3, client="Unity 6")]
    arrive(context, [*rows, rejected_row(4, client="", error="invalid_event")])
    field, offered = requests.page.bar.field, requests.page.language.completer.list
    requests.focus_filter()
    qtbot.keyClicks(field, "client:")
    assert [(one.text, one.about) for one in offered.suggestions] == [('"Unity 6"', "2"), ('"curl/8"', "1")]
    qtbot.keyClicks(field, "CU")
    assert [one.text for one in offered.suggestions] == ['"curl/8"']
    field.clear()
    qtbot.keyClicks(field, "-error:")
    assert [one.text for one in offered.suggestions] == ["invalid_event"]
    field.clear()
    qtbot.keyClicks(field, "method:P")
    assert [one.text for one in offered.suggestions] == ["POST"]
    assert client.called("field_values") == [], "what the rows tell is not asked for"


def test_the_list_hangs_below_a_line_that_stands_in_another_bar(live: LiveView, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    layout.addWidget(live.page.bar)
    layout.addStretch(1)
    layout.addWidget(live)
    window.resize(980, 700)
    show(window)
    field, offered = live.page.bar.field, live.page.language.completer.list
    live.focus_filter()
    qtbot.keyClicks(field, "fps")
    assert offered.isVisible()
    below = offered.mapToGlobal(QPoint(0, 0)) - field.mapToGlobal(QPoint(field.x_of(0), field.height()))
    assert (below.x(), below.y()) == (0, 2)
    assert offered.height() > 2 * 24, "nothing of it is cut by the page"


def test_every_field_is_offered_when_asked(requests: RequestsView, qtbot: QtBot) -> None:
    field, offered = requests.page.bar.field, requests.page.language.completer.list
    requests.focus_filter()
    qtbot.keyClick(field, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert {"status:", "took:", "custom_data."} <= {one.text for one in offered.suggestions}
    qtbot.mouseClick(
        offered.viewport(), Qt.MouseButton.LeftButton, pos=offered.visualRect(offered.model().index(0, 0)).center()
    )
    assert field.text() == "event:"


# menus


def test_a_cell_offers_its_filters(live: LiveView, client: FakeClient) -> None:
    client.filtered_frames = [hello(2)]
    row: EventRow = event_row(1, level_id="Level 1")
    level = [column.key for column in live.page._cells.columns].index("level")
    menu = live.page.menu_of(row, level)
    assert labels(menu)[:2] == ['Filter by level:"Level 1"', 'Exclude level:"Level 1"']
    menu.actions()[1].trigger()
    assert live.page.bar.field.text() == '-level:"Level 1"'
    menu = live.page.menu_of(row, 3)
    assert labels(menu)[:4] == [f"{what} player:player_03" for what in ("Filter by", "Exclude", "And", "Or")]
    menu.actions()[3].trigger()
    assert live.page.language.filter.text == '-level:"Level 1" OR player:player_03'


def test_filters_that_were_used_can_be_had_again(live: LiveView) -> None:
    language = live.page.language
    language.use("door")
    language.memory.save("is:late")
    language.use("fps.low_1:<30")
    language.open_menu()
    menu = live.page.findChild(QMenu)
    assert menu is not None
    assert [text for text in labels(menu) if text in ("is:late", "door")] == ["is:late", "door"]
    next(action for action in menu.actions() if action.text() == "Save this filter …").trigger()
    menu.close()
    dialog = opened(TextDialog)
    dialog.field.setText("Slow places")
    press(dialog, "Save")
    language.use("")
    again = filter_menu(language.memory, "events", "fps.low_1:<30", language.use, live)
    assert labels(again)[:2] == ["Rename this filter …", "Forget this filter"]
    called = next(action for action in again.actions() if action.text() == "Slow places")
    assert called.toolTip() == "fps.low_1:<30"
    called.trigger()
    assert live.page.bar.field.text() == "fps.low_1:<30"


# looks that take long


def test_a_long_look_says_so_and_can_be_given_up(
    make_context: Callable[..., ViewContext], client: FakeClient, qtbot: QtBot
) -> None:
    tasks = HeldTasks()
    context = make_context(tasks=tasks)
    view = RequestsView(context)
    qtbot.addWidget(view)
    view.resize(980, 500)
    show(view)
    arrive(context, [request_row(1), rejected_row(2)])
    view.page.language.use("status:400")
    assert shown(view) == [1, 2], "until there is something to show"
    note = view.page._progress._note
    qtbot.waitUntil(lambda: note.text.startswith("Looking through the recorded requests"))
    assert shown(view) == []
    (cancel,) = note.buttons
    qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    assert "Look for what matches" not in tasks.waiting, "the server hears of it"
    assert note.text.startswith("Not all recorded requests")
    arrive(context, [request_row(3), rejected_row(4)])
    assert shown(view) == [4], "what arrives is shown"
    (again,) = note.buttons
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    client.filtered_requests = [
        RequestsFound(rows=[rejected_row(2)], searched_to=2, complete=False),
        RequestsFound(rows=[rejected_row(1)], searched_to=1, complete=True),
    ]
    tasks.answer("Look for what matches")
    assert shown(view) == [1, 2, 4]
    assert note.isHidden()
    assert [call["before_id"] for call in client.called("find_requests")] == [None, 2]


def test_what_a_request_carried_is_judged_by_the_server(
    requests: RequestsView, context: ViewContext, client: FakeClient, qtbot: QtBot
) -> None:
    requests.page.language.use("sword")
    client.filtered_requests = [RequestsFound(rows=[request_row(12)], searched_to=11, complete=True)]
    arrive(context, [request_row(11), request_row(12), rejected_row(13, first_error="no sword")])
    assert shown(requests) == [13]
    qtbot.waitUntil(lambda: shown(requests) == [12, 13])
    assert [call["after_id"] for call in client.called("find_requests")] == [0, 10]


def test_a_refused_filter_is_said_and_can_be_asked_again(live: LiveView, client: FakeClient, qtbot: QtBot) -> None:
    client.filtered_frames = [hello(2)]
    client.failures["filtered_events"] = refused("store", "The event store is being rebuilt.")
    live.page.language.use("door")
    note = live.page._progress._note
    assert note.text == "The filter could not be answered: The event store is being rebuilt."
    client.failures.clear()
    client.filtered_events = [event_row(2)]
    qtbot.mouseClick(note.buttons[0], Qt.MouseButton.LeftButton)
    assert shown(live) == [2]
    assert note.isHidden()


def test_a_frozen_table_takes_in_what_was_asked_for_and_holds_what_arrives(
    live: LiveView, context: ViewContext, client: FakeClient, qtbot: QtBot
) -> None:
    live.set_frozen(True)
    client.filtered_events = [event_row(1)]
    client.filtered_frames = [hello(2), FeedRows(events=[event_row(3)], requests=[], trajectories=[])]
    live.page.language.use("door")
    qtbot.waitUntil(lambda: live.page.table.pill.text() == "Frozen · 1 new")
    assert shown(live) == [1]
    live.set_frozen(False)
    assert shown(live) == [1, 3]


def test_clearing_forgets_what_was_found(live: LiveView, client: FakeClient) -> None:
    client.filtered_frames = [hello(2)]
    client.filtered_events = [event_row(1)]
    live.page.language.use("door")
    live.clear()
    assert shown(live) == []
    live.page.bar.field.clear()
    assert shown(live) == []


def test_a_connection_made_anew_is_asked_again(live: LiveView, context: ViewContext, client: FakeClient) -> None:
    client.filtered_frames = [hello(2)]
    client.filtered_events = [event_row(1)]
    live.page.language.use("door")
    client.filtered_events = [event_row(1), event_row(5)]
    client.event_list = [event_row(seq) for seq in (3, 4, 5)]
    context.feed.connected.emit(hello(5))
    assert shown(live) == [1, 5]
    assert len(client.called("filtered_feed")) == 2


def test_older_matches_than_the_table_holds_are_not_passed_over_in_silence(
    requests: RequestsView, context: ViewContext, client: FakeClient
) -> None:
    rows = [request_row(number) for number in range(5_001, 15_001)]
    client.filtered_requests = [RequestsFound(rows=rows, searched_to=5_001, complete=False)]
    context.feed.status_changed.emit(make_status(requests_total=20_000))
    requests.page.language.use("status:200")
    assert requests.page.bar.field.count_text == "10,000+ of 20,000"
    assert "Older ones match too" in requests.page.bar.field._count.toolTip()
