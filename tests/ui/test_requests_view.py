"""The requests view over a feed."""

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from console.messages import FeedHello, FeedRows, RequestDetail, RequestRow
from console.messages.filters import RequestsFound
from console.messages.requests import FailureKind, FailureReport
from console.ui.context import ViewContext
from console.ui.navigation import Destination, PlayerSubject
from console.ui.requests.view import RequestsView
from console.ui.selection import Picked, Scope
from tests.ui.fake_requests import make_failure
from tests.ui.fakes import FakeClient, FakeMessages, make_status
from tests.ui.rows import rejected_row, request_row
from tests.ui.screen import show


@pytest.fixture
def view(context: ViewContext, qtbot: QtBot) -> RequestsView:
    view = RequestsView(context)
    qtbot.addWidget(view)
    view.resize(980, 500)
    show(view)
    return view


def arrive(context: ViewContext, *rows: RequestRow, skipped: int = 0) -> None:
    context.feed.rows_arrived.emit(FeedRows(events=[], requests=list(rows), trajectories=[], skipped_requests=skipped))


def shown(view: RequestsView) -> list[int]:
    store = view.page.store
    return [store[i].request_id for i in range(len(store))]


def test_the_past_is_loaded_and_live_rows_follow(view: RequestsView, context: ViewContext, client: FakeClient) -> None:
    client.request_list = [request_row(number) for number in range(1, 6)]
    context.feed.connected.emit(FeedHello(last_seq=0, last_request_id=5, status=make_status()))
    arrive(context, request_row(6))
    assert shown(view) == [1, 2, 3, 4, 5, 6]
    assert client.called("requests") == [{"before_id": 6, "limit": 5, "rejected_only": False}]


def test_rejected_requests_alone(view: RequestsView, context: ViewContext) -> None:
    arrive(context, request_row(1), rejected_row(2), request_row(3), rejected_row(4, status=429))
    view.show_rejected()
    assert shown(view) == [2, 4]
    view.show_rejected(False)
    assert shown(view) == [1, 2, 3, 4]


def test_the_badge_counts_rejections(view: RequestsView, context: ViewContext) -> None:
    badges: list[str] = []
    view.badge_changed.connect(badges.append)
    context.feed.status_changed.emit(make_status(rejected_total=12))
    arrive(context, rejected_row(1), request_row(2))
    context.feed.status_changed.emit(make_status(rejected_total=13))
    assert badges == ["12", "13"]
    assert view.badge == "13"


def test_skipped_requests_are_counted_and_can_be_loaded(
    view: RequestsView, context: ViewContext, client: FakeClient
) -> None:
    arrive(context, request_row(1), request_row(5), skipped=3)
    assert view.page.bar.missing.text() == "3 not shown: the window was behind"
    client.request_list = [request_row(number) for number in range(1, 6)]
    view.page.bar.missing.click()
    assert shown(view) == [1, 2, 3, 4, 5]
    assert view.page.store.skipped == 0


def test_a_picked_request_is_shared(view: RequestsView, context: ViewContext) -> None:
    arrive(context, rejected_row(9))
    view.page.table.pick_key(9)
    assert context.selection.picked == Picked(request_id=9)
    view.page.table.unpick()
    assert context.selection.picked is None


def test_the_request_of_a_picked_event_is_marked(view: RequestsView, context: ViewContext) -> None:
    arrive(context, request_row(8), request_row(9))
    context.selection.pick(Picked(request_id=9, seq=100, index=2))
    assert view.page.table.currentIndex().row() == 1
    assert context.selection.picked == Picked(request_id=9, seq=100, index=2)


def test_menus_reach_the_page(view: RequestsView, context: ViewContext) -> None:
    arrive(context, request_row(1))
    view.set_frozen(True)
    assert view.page.store.frozen
    view.set_frozen(False)
    view.clear()
    assert shown(view) == []
    view.focus_filter()


def test_a_player_api_request_leads_to_its_player(
    view: RequestsView, context: ViewContext, client: FakeClient, messages: FakeMessages
) -> None:
    seen: list[Destination] = []
    view.destination_wanted.connect(seen.append)
    player = "550e8400-e29b-41d4-a716-446655440000"
    rows = [
        request_row(1),
        request_row(2, route=f"/v1/players/players/{player}"),
        request_row(3, route="/v1/events/events"),
    ]
    client.details = {
        row.request_id: RequestDetail(
            row=row,
            headers=[],
            body=b"",
            body_truncated=False,
            wire_bytes=0,
            response=b"",
            first_seq=None,
            error_message="",
            details=[],
        )
        for row in rows
    }
    arrive(context, *rows)
    assert not view.actions_of(rows[0]), "telemetry comes in batches of many players"
    for row in rows:
        view.page.table.pick_key(row.request_id)
        view.open_player()
    assert seen == [Destination(view="players", subject=PlayerSubject(rows[1].app_id, player))]
    assert messages.said[-1] == ("info", "This request names no player, or more than one.")


def test_facets_narrow_beside_the_filter(view: RequestsView, context: ViewContext, client: FakeClient) -> None:
    arrive(context, request_row(1), rejected_row(2), rejected_row(3, peer="10.0.0.9"), rejected_row(4, status=503))
    view.facets.choose("status", ["4xx"])
    assert shown(view) == [2, 3]
    rows = [rejected_row(3, peer="10.0.0.9"), request_row(9, peer="10.0.0.9")]
    client.filtered_requests = [RequestsFound(rows=rows, searched_to=1, complete=True)]
    view.page.language.use("10.0.0.9")
    assert shown(view) == [3]
    view.facets.clear_facets()
    view.show_rejected()
    assert shown(view) == [3]
    view.page.bar.field.clear()
    assert shown(view) == [2, 3, 4]


def test_a_menu_offers_what_there_is(view: RequestsView, context: ViewContext) -> None:
    arrive(context, request_row(1), rejected_row(2), rejected_row(3))
    menu = view.facets.menu_of("status")
    assert [action.text() for action in menu.actions() if action.text()] == [
        "Any",
        "2xx  accepted\t1",
        "4xx  refused\t2",
    ]
    menu.actions()[3].toggle()
    assert shown(view) == [2, 3]
    assert view.facets.buttons["status"].text() == "Status: 4xx"
    assert view.facets.buttons["status"].accessibleName() == "Status: 4xx"
    view.facets.menu_of("status").actions()[0].trigger()
    assert shown(view) == [1, 2, 3]


def test_older_rejections_come_once_when_asked_for(
    view: RequestsView, context: ViewContext, client: FakeClient, qtbot: QtBot
) -> None:
    arrive(context, request_row(100))
    client.request_list = [rejected_row(3), request_row(4)]
    view.show_rejected()
    qtbot.waitUntil(lambda: shown(view) == [3])
    view.show_rejected(False)
    view.show_rejected()
    assert len(client.called("requests")) == 1


def test_equal_failures_in_one_line_narrow_the_table(
    view: RequestsView, context: ViewContext, client: FakeClient
) -> None:
    client.failure_groups = (make_failure(), make_failure(2, kind=FailureKind(status=401, error="x", pattern="y")))
    client.request_list = [rejected_row(1), rejected_row(2)]
    arrive(context, request_row(10), rejected_row(11), rejected_row(12, first_error="other"))
    view.show_failures()
    assert view.failures.isVisible()
    assert [line.cells[0] for line in view.failures.table.lines] == ["412", "412"]
    view.failures.table.selectRow(0)
    assert shown(view) == [1, 2, 11]
    assert view.facets.only.isVisible()
    view.failures.show_report(FailureReport(groups=[make_failure(9)], groups_total=1, requests=412))
    assert shown(view) == [1, 2, 11], "the choice outlives a refresh"
    view.facets.only.click()
    assert shown(view) == [1, 2, 10, 11, 12]
    assert view.failures.table.current_key is None


def test_enter_opens_the_newest_request_of_a_failure(
    view: RequestsView, context: ViewContext, client: FakeClient
) -> None:
    client.failure_groups = (make_failure(),)
    arrive(context, rejected_row(11), rejected_row(12), request_row(13))
    view.show_failures()
    view.failures.table.selectRow(0)
    view.failures.table.opened.emit(make_failure().kind)
    assert context.selection.picked == Picked(request_id=12)


def test_the_list_of_failures_asks_only_when_it_is_seen(
    view: RequestsView, context: ViewContext, client: FakeClient
) -> None:
    arrive(context, rejected_row(1))
    assert not client.called("failure_report")
    view.show_failures()
    assert client.called("failure_report") == [{"app_id": None}]
    assert view.failures.nothing.isVisible()
    context.selection.set_scope(Scope(app_id="a"))
    assert client.called("failure_report")[1:] == [{"app_id": "a"}]
    arrive(context, rejected_row(2))
    assert view.failures._timer.isActive()
    view.show_failures(False)
    view.failures._timer.timeout.emit()
    assert len(client.called("failure_report")) == 2


def test_clearing_the_filter_clears_every_narrowing(
    view: RequestsView, context: ViewContext, client: FakeClient
) -> None:
    arrive(context, request_row(1), rejected_row(2))
    view.show_rejected()
    view.facets.choose("status", ["5xx"])
    view.show_failure(make_failure().kind)
    assert shown(view) == []
    view.page.filter_cleared.emit()
    assert shown(view) == [1, 2]
    assert not view.facets.reset.isVisible()


def test_the_shown_requests_can_be_exported(view: RequestsView, context: ViewContext) -> None:
    arrive(context, request_row(1), rejected_row(2), request_row(3), rejected_row(4))
    view.show_rejected()
    assert view.shown_request_ids() == [2, 4]


def test_sorting_is_offered_to_the_keyboard_too(view: RequestsView, context: ViewContext) -> None:
    arrive(context, request_row(1, bytes=5), request_row(2, bytes=9), request_row(3, bytes=1))
    (menu,) = [action.menu() for action in view.page.columns.menu.actions() if action.text() == "Sort by"]
    assert isinstance(menu, QMenu)
    actions = {action.text(): action for action in menu.actions()}
    assert list(actions) == ["Status", "Events", "Size", "Took", "Time of arrival"]
    actions["Size"].trigger()
    assert [view.page.table.rows.row(index).request_id for index in range(3)] == [2, 1, 3]
    actions["Time of arrival"].trigger()
    assert view.page.table.rows.order is None
