"""The list of players: paging, sorting, finding, following, looks."""

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from console.client import ConsoleUnavailable
from console.messages import FeedChanged, FeedHello
from console.ui.context import ViewContext
from console.ui.navigation import (
    NamedPlayerSubject,
)
from console.ui.selection import Scope
from tests.ui.fake_players import make_detail, make_player_row, make_profile, player_id
from tests.ui.fakes import APP_ID, FakeClient, FakeMessages, make_application, make_status
from tests.ui.players.steps import OTHER_APP, MakeView, offsets
from tests.ui.screen import show


def test_only_the_pages_in_sight_are_asked_for(make_view: MakeView, client: FakeClient) -> None:
    view = make_view(100_000)
    assert view.table.rows.rowCount() == 100_000
    assert offsets(client) == [0]
    view.table.scrollToBottom()
    view.table.look()
    assert offsets(client) == [0, 99_800]
    assert view.table.rows.texts(99_999)[0] == "player_100000"


def test_a_click_on_a_head_sorts_and_another_turns_it_round(
    make_view: MakeView, client: FakeClient, context: ViewContext
) -> None:
    view = make_view()
    header = view.table.horizontalHeader()
    for section, expected in ((2, ("churn_risk", True)), (2, ("churn_risk", False)), (0, ("external_id", False))):
        header.sectionClicked.emit(section)
        call = client.called("players")[-1]
        assert (call["sort"], call["descending"]) == expected
        assert header.sortIndicatorSection() == section
    asked = len(client.called("players"))
    header.sectionClicked.emit(8)  # e-mail: not sorted by
    assert len(client.called("players")) == asked
    assert header.sortIndicatorSection() == 0
    assert context.settings.value("players/sort") == "external_id"


def test_what_is_typed_is_asked_for_after_a_pause(make_view: MakeView, client: FakeClient, qtbot: QtBot) -> None:
    view = make_view()
    view.bar.field.setText("0001")
    assert len(client.called("players")) == 1
    qtbot.waitUntil(lambda: client.called("players")[-1]["search"] == "0001")
    assert view.table.rows.rowCount() == 11
    view.bar.field.setText("nobody")
    qtbot.waitUntil(lambda: view.table.rows.rowCount() == 0)
    assert view.table.isVisible(), "a search without a match is not an empty application"
    button = next(one for one in view.table.findChildren(QPushButton) if one.text() == "Clear the filter")
    button.click()
    qtbot.waitUntil(lambda: view.table.rows.rowCount() == 500)


def test_an_application_without_players_teaches(make_view: MakeView, client: FakeClient, context: ViewContext) -> None:
    view = make_view(0)
    assert view.empty.isVisible()
    assert view.empty.title.text() == "Waiting for the first player of My Game"
    assert "URL=http://127.0.0.1:18000/v1" in view.empty.code.toPlainText()
    assert make_application().keys[0].token in view.empty.code.toPlainText()
    client.player_rows = [make_player_row()]
    view.source.expire()
    view.source._again.timeout.emit()
    assert view.table.isVisible()


def test_players_that_changed_are_asked_for_again_and_the_picked_one_stays(
    make_view: MakeView, client: FakeClient, context: ViewContext, qtbot: QtBot
) -> None:
    view = make_view()
    view.table.selectRow(3)
    client.player_rows = [make_player_row(999), *client.player_rows]
    context.feed.receive(FeedChanged(topic="players"))
    qtbot.waitUntil(lambda: view.table.rows.rowCount() == 501)
    assert view.table.currentIndex().row() == 4
    assert view.profile.player_id == player_id(4)


def test_a_frozen_view_holds_still(make_view: MakeView, client: FakeClient, context: ViewContext) -> None:
    view = make_view()
    view.set_frozen(True)
    asked = len(client.calls)
    context.feed.changed.emit("players")
    assert not view.source._again.isActive()
    assert len(client.calls) == asked
    view.set_frozen(False)
    assert view.source._again.isActive()


def test_a_hidden_view_asks_for_nothing(make_view: MakeView, client: FakeClient, context: ViewContext) -> None:
    view = make_view()
    context.feed.changed.emit("players")
    view.hide()
    asked = len(client.called("players"))
    context.feed.changed.emit("players")
    assert not view.source._again.isActive()
    assert len(client.called("players")) == asked
    show(view)
    assert len(client.called("players")) == asked + 1


def test_the_scope_chooses_the_application(make_view: MakeView, client: FakeClient, context: ViewContext) -> None:
    client.application_list = [make_application(), make_application(app_id=OTHER_APP, name="Other")]
    view = make_view()
    assert view.application.isVisibleTo(view.bar)
    client.player_rows.append(make_player_row(7, app_id=OTHER_APP))
    context.selection.set_scope(Scope(app_id=OTHER_APP))
    assert client.called("players")[-1]["app_id"] == OTHER_APP
    assert view.table.rows.rowCount() == 1
    assert view.application.currentText() == "Other"
    context.selection.set_scope(Scope())
    assert client.called("players")[-1]["app_id"] == OTHER_APP, "everything is in scope: nobody is taken away"
    view.application.setCurrentIndex(0)
    view.application.activated.emit(0)
    assert client.called("players")[-1]["app_id"] == APP_ID
    assert context.settings.value("players/application") == APP_ID


def test_a_page_that_does_not_come_is_told_and_asked_for_again(
    make_view: MakeView, client: FakeClient, messages: FakeMessages, context: ViewContext
) -> None:
    client.failures["players"] = ConsoleUnavailable("the server is away")
    view = make_view()
    assert messages.said == [("bad", "The players could not be listed: the server is away")]
    del client.failures["players"]
    context.feed.receive(FeedHello(last_seq=0, last_request_id=0, status=make_status()))
    view.source._again.timeout.emit()
    assert view.table.rows.rowCount() == 500


def test_a_row_chosen_before_it_is_loaded_is_opened_when_it_comes(make_view: MakeView, client: FakeClient) -> None:
    view = make_view(1_000)
    client.player_details[player_id(901)] = make_detail(901)
    view.table.setCurrentIndex(view.table.rows.index(900, 0))
    assert view.profile.player_id is None
    view.table.scrollTo(view.table.currentIndex())
    view.table.look()
    assert view.profile.player_id == player_id(901)


def test_keys_copy_open_and_close(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    view.table.selectRow(0)
    qtbot.keyClick(view.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("player_00001\tNew\t0.37")
    assert view.profile.page.isVisible()
    qtbot.keyClick(view.table, Qt.Key.Key_Escape)
    assert not view.profile.page.isVisible()


def test_it_repaints_in_the_other_scheme(make_view: MakeView, context: ViewContext) -> None:
    view = make_view()
    view.table.selectRow(2)
    dark = view.grab().toImage()
    context.theme.set_scheme("light")
    assert view.grab().toImage() != dark


def test_a_player_without_anything_is_no_empty_page(make_view: MakeView, client: FakeClient) -> None:
    view = make_view()
    bare = make_profile(1, external_id=None, device_id=None, email=None, attributes={}, purchases=0, revenue_minor=0)
    detail = make_detail(1, bare, segments=[], flags=[], overrides=[], sessions=[], purchases=[])
    risk = replace(detail.churn_risk, risk_score=0.0, risk_level="low", factors=[])
    client.player_details[player_id(1)] = replace(detail, churn_risk=risk)
    view.table.selectRow(0)
    page = view.profile.page
    assert page.name.text() == "00000000…"
    assert not page.level.isEnabled()
    page.tabs.setCurrentIndex(1)
    assert not page.grab().isNull()


def test_a_player_is_found_by_the_games_own_id(make_view: MakeView, client: FakeClient, messages: FakeMessages) -> None:
    view = make_view()
    view.show_subject(NamedPlayerSubject(APP_ID, "player_00003"))
    assert view.profile.player_id == player_id(3)
    assert client.called("players")[-1]["sort"] == "external_id"
    view.show_subject(NamedPlayerSubject(APP_ID, "nobody"))
    assert messages.said[-1][1].startswith("nobody is not among the known players yet")
    view.show_subject(NamedPlayerSubject(APP_ID, "player_0"))
    assert view.bar.field.text() == "player_0", "who is one of many is looked for in the list"
