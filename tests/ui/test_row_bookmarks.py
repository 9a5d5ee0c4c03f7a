"""Bookmarks in the live view and the requests view."""

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from console.messages import FeedHello, FeedRows
from console.messages.filters import RequestsFound
from console.ui.context import ViewContext
from console.ui.live.view import LiveView
from console.ui.requests.view import RequestsView
from tests.ui.fakes import FakeClient, FakeMessages, make_status
from tests.ui.rows import event_row, rejected_row, request_row
from tests.ui.screen import show


def hello(last_seq: int = 0) -> FeedHello:
    return FeedHello(last_seq=last_seq, last_request_id=0, status=make_status(events_total=last_seq))


@pytest.fixture
def live(context: ViewContext, qtbot: QtBot) -> LiveView:
    view = LiveView(context)
    qtbot.addWidget(view)
    view.resize(980, 400)
    show(view)
    events = [event_row(seq) for seq in (1, 2, 3)]
    context.feed.rows_arrived.emit(FeedRows(events=events, requests=[], trajectories=[]))
    return view


def ribbons(view: LiveView | RequestsView, context: ViewContext) -> list[int]:
    """The rows on screen that have one."""
    image = view.page.table.viewport().grab().toImage()
    accent = QColor(context.theme.tokens.accent).rgb()
    return [row for row in range(3) if image.pixel(5, row * 24 + 9) == accent]


def test_a_row_is_bookmarked_and_it_can_be_undone(
    live: LiveView, context: ViewContext, client: FakeClient, messages: FakeMessages
) -> None:
    live.page.table.pick_key(2)
    live.toggle_bookmark()
    assert client.called("bookmark") == [{"kind": "event", "ids": [2], "bookmarked": True}]
    assert live.bookmarks.keys == {2}
    live.page.table.unpick()
    assert ribbons(live, context) == [1]
    assert messages.said == [("info", "Event 2 is bookmarked.")]
    ((label, undo),) = messages.actions
    assert label == "Undo"
    undo()
    assert live.bookmarks.keys == frozenset()
    assert ribbons(live, context) == []
    assert len(messages.said) == 1, "what was undone is not told of again"


def test_the_menu_of_a_row_removes_a_bookmark(live: LiveView, client: FakeClient, messages: FakeMessages) -> None:
    client.bookmarked["event"] = {3}
    live.bookmarks.load()
    menu = live.page.menu_of(live.page.store[2])
    next(action for action in menu.actions() if action.text() == "Remove bookmark\tCtrl+M").trigger()
    assert client.bookmarked["event"] == set()
    assert messages.said == [("info", "Event 3 has no bookmark any more.")]
    messages.actions[0][1]()
    assert live.bookmarks.keys == {3}


def test_what_other_windows_bookmark_is_followed(live: LiveView, context: ViewContext, client: FakeClient) -> None:
    client.bookmarked["event"] = {1}
    context.feed.connected.emit(hello(3))
    assert ribbons(live, context) == [0]
    client.bookmarked["event"] = {1, 3}
    context.feed.changed.emit("players")
    assert ribbons(live, context) == [0]
    context.feed.changed.emit("bookmarks")
    assert ribbons(live, context) == [0, 2]
    context.theme.set_scheme("light")
    assert ribbons(live, context) == [0, 2]


def test_without_a_selected_row_it_says_what_to_do(live: LiveView, client: FakeClient, messages: FakeMessages) -> None:
    live.toggle_bookmark()
    assert client.called("bookmark") == []
    assert messages.said == [("info", "Select the event to bookmark first.")]


def test_a_refused_bookmark_is_told_and_changes_nothing(
    live: LiveView, client: FakeClient, messages: FakeMessages
) -> None:
    client.failures["bookmark"] = OSError("no answer")
    live.page.table.pick_key(1)
    live.toggle_bookmark()
    assert messages.said == [("bad", "Set the bookmark: no answer")]
    assert live.bookmarks.keys == frozenset()


def test_bookmarked_only_follows_the_bookmarks(
    live: LiveView, context: ViewContext, client: FakeClient, qtbot: QtBot
) -> None:
    client.filtered_frames = [hello(3)]
    client.filtered_events = [event_row(2)]
    live.show_bookmarked()
    assert live.page.bar.field.text() == "is:bookmarked"
    assert [row.seq for row in live.page.store.rows()] == [2]
    client.filtered_events = []
    client.bookmarked["event"] = {9}
    context.feed.changed.emit("bookmarks")
    assert not live.page.store.rows(), "looked for anew: what lost its bookmark is gone"
    calls = len(client.called("filtered_events"))
    live.page.language.use("door")
    context.feed.changed.emit("bookmarks")
    assert len(client.called("filtered_events")) == calls + 1, "another filter does not mind"


def test_requests_have_bookmarks_of_their_own(
    context: ViewContext, client: FakeClient, messages: FakeMessages, qtbot: QtBot
) -> None:
    view = RequestsView(context)
    qtbot.addWidget(view)
    view.resize(980, 500)
    show(view)
    client.bookmarked = {"event": {1}, "request": set()}
    rows = [request_row(1), rejected_row(2), request_row(3)]
    context.feed.rows_arrived.emit(FeedRows(events=[], requests=rows, trajectories=[]))
    view.page.table.pick_key(2)
    view.toggle_bookmark()
    view.page.table.unpick()
    assert view.bookmarks.keys == {2}
    assert ribbons(view, context) == [1]
    assert messages.said == [("info", "Request 2 is bookmarked.")]
    client.filtered_requests = [RequestsFound(rows=[rows[1]], searched_to=1, complete=True)]
    view.show_bookmarked()
    assert [row.request_id for row in view.page.store.rows()] == [2]
