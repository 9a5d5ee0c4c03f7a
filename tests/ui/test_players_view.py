"""The players view against a stand-in server: paging, sorting, finding, the profile, time travel, links."""

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QPushButton
from pytestqt.qtbot import QtBot

from console.client import ConsoleRefused, ConsoleUnavailable
from console.columns import encode_columns
from console.messages import ConsoleError, FeedChanged, FeedHello
from console.messages import players as p
from console.ui.context import ViewContext
from console.ui.navigation import (
    Destination,
    EventsSubject,
    LevelSubject,
    NamedPlayerSubject,
    PlayerSubject,
    SegmentSubject,
    TraceSubject,
)
from console.ui.players.edit_dialogs import AttributeDialog, IdentityDialog
from console.ui.players.view import PlayersView
from console.ui.selection import Scope
from console.ui.widgets.override_dialog import OverrideDialog
from tests.ui.fake_flags import make_flag
from tests.ui.fake_players import NOW_US, make_detail, make_player_row, make_profile, player_id
from tests.ui.fakes import APP_ID, FakeClient, FakeMessages, make_application, make_status, refused
from tests.ui.screen import show

OTHER_APP = "00000000-0000-4000-8000-00000000000b"
MakeView = Callable[..., PlayersView]


@pytest.fixture
def make_view(qtbot: QtBot, context: ViewContext, client: FakeClient) -> MakeView:
    kept: list[PlayersView] = []  # qtbot holds no reference of its own

    def make(players: int = 500) -> PlayersView:
        client.player_rows = [make_player_row(number) for number in range(1, players + 1)]
        client.player_details = {player_id(number): make_detail(number) for number in range(1, min(players, 30) + 1)}
        view = PlayersView(context)
        kept.append(view)
        qtbot.addWidget(view)
        view.resize(1100, 800)
        show(view)
        context.feed.receive(FeedHello(last_seq=0, last_request_id=0, status=make_status()))
        return view

    return make


def offsets(client: FakeClient) -> list[int]:
    return [call["offset"] for call in client.called("players")]


def opened(kind: type[QDialog]) -> Any:
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible())


def refusal(path: str, message: str) -> ConsoleRefused:
    return ConsoleRefused(400, ConsoleError(code="invalid", message=message, path=path))


def led_to(view: PlayersView) -> list[Destination]:
    seen: list[Destination] = []
    view.destination_wanted.connect(seen.append)
    return seen


# the list


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
    qtbot.waitUntil(lambda: view.table.rows.rowCount() == 501, timeout=3_000)
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


# the profile


def test_a_profile_shows_all_of_a_player(make_view: MakeView) -> None:
    view = make_view()
    view.table.selectRow(0)
    page = view.profile.page
    assert page.name.text() == "player_00001"
    assert page.chip.stage == "at_risk"
    assert page.overview.risk.score.text() == "0.41  medium"
    assert page.overview.lifecycle.reason.text().startswith("Away for 3.2 days")
    assert [line.cells[0] for line in page.overview.attributes.lines] == ["country", "gear", "is_vip", "level"]
    assert [line.cells[1:4] for line in page.flags.table.lines] == [
        ("true", "enabled", "rule for a segment"),
        ('{"columns": 3}', "wide", "split"),
        ("1.5", "", "override"),
    ]
    assert len(page.sessions.lines) == 12
    assert [line.cells[1:] for line in page.purchases.lines] == [("4.99", "t-1"), ("45.00", "")]
    assert page.tabs.tabText(1) == "Flags 3"


def test_text_of_clients_is_shown_inert(make_view: MakeView, client: FakeClient) -> None:
    view = make_view()
    hostile = "<img src='file:///x'>\u202e"
    profile = make_profile(1, external_id=hostile, attributes={hostile: hostile})
    client.player_details[player_id(1)] = make_detail(1, profile, segments=[])
    view.table.selectRow(0)
    page = view.profile.page
    assert page.name.text() == "<img src='file:///x'>⟨U+202E⟩"
    assert page.name.textFormat() is Qt.TextFormat.PlainText
    assert "\u202e" not in page.overview.attributes.lines[0].cells[1]


def test_the_factors_of_the_risk_are_bars_that_sum_up_to_it(make_view: MakeView) -> None:
    view = make_view()
    view.table.selectRow(0)
    card = view.profile.page.overview.risk
    shares = [bar.share for _, _, _, bar in card._rows]
    assert sum(shares) == pytest.approx(card.bar.share)
    assert [name.text() for name, _, _, _ in card._rows] == ["Inactivity", "Fewer sessions", "Less playtime"]


async def test_an_answer_for_a_player_who_was_left_is_not_shown(make_view: MakeView, client: FakeClient) -> None:
    view = make_view()
    await asyncio.sleep(0)
    late = view.profile._load(player_id(1), None)
    view.profile.open(player_id(2))
    await asyncio.sleep(0)
    await late
    assert view.profile.page.name.text() == "player_00002"


def test_a_player_who_is_gone_is_told_and_closed(
    make_view: MakeView, client: FakeClient, messages: FakeMessages
) -> None:
    view = make_view()
    client.failures["player"] = refused("not_found", "There is no such player.", 404)
    view.table.selectRow(0)
    assert messages.said == [("warning", "There is no such player any more.")]
    assert not view.profile.page.isVisible()


def test_events_are_asked_for_when_they_are_looked_at(make_view: MakeView, client: FakeClient) -> None:
    view = make_view()
    client.queries["player_events"] = encode_columns(
        {name: np.array([7]) for name in ("seq", "request_id", "index", "time_us")}
        | {"name": ["level_complete"], "session_id": ["s"]}
    )
    view.table.selectRow(0)
    assert client.called("query") == []
    view.profile.page.tabs.setCurrentIndex(4)
    assert client.called("query") == [
        {
            "name": "player_events",
            "app_id": APP_ID,
            "player_ids": [player_id(1), "player_00001"],
            "limit": 200,
        }
    ]
    assert [line.cells[1] for line in view.profile.page.events.lines] == ["level_complete"]


def test_an_event_is_picked_for_the_inspector(make_view: MakeView, client: FakeClient, context: ViewContext) -> None:
    view = make_view()
    client.queries["player_events"] = encode_columns(
        {name: np.array([7]) for name in ("seq", "request_id", "index", "time_us")}
        | {"name": ["x"], "session_id": [""]}
    )
    view.table.selectRow(0)
    view.profile.page.tabs.setCurrentIndex(4)
    view.profile.page.events.selectRow(0)
    assert context.selection.picked is not None
    assert context.selection.picked.seq == 7


# edits


def test_an_attribute_is_edited_as_a_merge_patch(make_view: MakeView, client: FakeClient) -> None:
    view = make_view()
    view.table.selectRow(0)
    page = view.profile.page.overview
    page.attributes.opened.emit("gear")
    dialog = opened(AttributeDialog)
    dialog.value.setPlainText('{"sword": "steel", "runes": [1, 2]}')
    dialog.save()
    assert client.called("change_player") == [
        {"player_id": player_id(1), "changes": p.PlayerChanges(attributes={"gear": {"sword": "steel"}})}
    ]


def test_an_attribute_is_added_and_removed(make_view: MakeView, client: FakeClient) -> None:
    view = make_view()
    view.table.selectRow(0)
    page = view.profile.page.overview
    page.edit_wanted.emit("")
    dialog = opened(AttributeDialog)
    assert not dialog.save_button.isEnabled()
    dialog.name.setText("clan")
    dialog.value.setPlainText("[1")
    assert not dialog.save_button.isEnabled()
    assert "not JSON" in dialog.hint.text()
    dialog.value.setPlainText("wolves")
    dialog.save()
    assert "clan" in [line.key for line in page.attributes.lines]
    page.attributes.select("clan")
    page._remove.click()
    assert client.called("change_player")[-1]["changes"] == p.PlayerChanges(attributes={"clan": None})
    assert "clan" not in [line.key for line in page.attributes.lines]


def test_a_refused_edit_stays_open_with_the_reason(make_view: MakeView, client: FakeClient) -> None:
    view = make_view()
    view.table.selectRow(0)
    view.profile.page.edit.click()
    dialog = opened(IdentityDialog)
    assert not dialog.external_id.isEnabled()
    client.failures["change_player"] = refusal("$.email", "This is no e-mail address.")
    dialog.email.setText("nobody")
    dialog.save()
    assert dialog.isVisible()
    assert dialog.problem.text() == "This is no e-mail address."
    assert dialog.email.property("state") == "bad"
    del client.failures["change_player"]
    dialog.email.setText("")
    dialog.save()
    assert client.called("change_player")[-1]["changes"] == p.PlayerChanges(email=None)
    assert not dialog.isVisible()


def test_a_refusal_within_an_attribute_says_where(make_view: MakeView, client: FakeClient) -> None:
    view = make_view()
    view.table.selectRow(0)
    client.failures["change_player"] = refusal("$.attributes.level.a", "Is nested deeper than 3 levels.")
    view.profile.page.overview.edit_wanted.emit("level")
    dialog = opened(AttributeDialog)
    dialog.save()
    assert dialog.problem.text() == "$.attributes.level.a: Is nested deeper than 3 levels."
    dialog.reject()


# flags


def test_a_flag_leads_to_its_trace_at_the_chosen_time(make_view: MakeView) -> None:
    view = make_view()
    view.table.selectRow(0)
    seen = led_to(view)
    flags = view.profile.page.flags
    flags.table.select("shop_layout")
    flags.why.click()
    view.profile._now_us = NOW_US
    flags.why.click()
    assert [one.view for one in seen] == ["flags", "flags"]
    assert [one.subject for one in seen] == [
        TraceSubject(APP_ID, "shop_layout", player_id(1)),
        TraceSubject(APP_ID, "shop_layout", player_id(1), NOW_US),
    ]


def test_overrides_are_set_and_cleared(make_view: MakeView, client: FakeClient) -> None:
    view = make_view()
    view.table.selectRow(0)
    flags = view.profile.page.flags
    flags.table.select("new_tutorial")
    assert not flags.clear.isEnabled()
    client.flag_list = [make_flag("new_tutorial")]
    flags.override.click()
    dialog = opened(OverrideDialog)
    assert dialog.value.value() is True, "what the player gets now"
    dialog.value._choice.setCurrentText("false")
    dialog.submit()
    assert client.called("set_override")[-1]["value"] is False
    flags.table.select("xp_factor")
    flags.clear.click()
    assert client.called("clear_override") == [{"app_id": APP_ID, "key": "xp_factor", "player_id": player_id(1)}]
    flags.clear_all.click()
    assert client.called("clear_overrides")[-1]["player_id"] == player_id(1)


# links


def test_a_player_leads_to_the_live_view_by_both_ids(make_view: MakeView) -> None:
    view = make_view()
    view.table.selectRow(0)
    seen = led_to(view)
    view.profile.page.live.click()
    subject = EventsSubject("player_00001", frozenset({player_id(1), "player_00001"}))
    assert seen == [Destination(view="live", scope=Scope(app_id=APP_ID), subject=subject)]


def test_a_player_leads_to_the_level_of_the_last_path(
    make_view: MakeView, client: FakeClient, messages: FakeMessages
) -> None:
    view = make_view()
    view.table.selectRow(0)
    seen = led_to(view)
    view.profile.page.level.click()
    assert seen == []
    assert "left no path" in messages.said[-1][1]
    client.queries["sessions"] = encode_columns(
        {"player_id": ["player_00001"], "session_id": ["s"], "level_id": ["yard"]}
        | {"trajectories": np.array([3]), "last_us": np.array([NOW_US])}
    )
    view.profile.page.level.click()
    scope = Scope.of_sessions(APP_ID, ["s"])
    assert seen == [Destination(view="level", scope=scope, subject=LevelSubject("yard"))]


def test_a_segment_leads_to_its_definition(make_view: MakeView) -> None:
    view = make_view()
    view.table.selectRow(0)
    seen = led_to(view)
    next(b for b in view.profile.page.overview.findChildren(QPushButton) if b.text() == "Payers").click()
    assert seen == [Destination(view="flags", subject=SegmentSubject(APP_ID, "payers"))]


def test_another_view_leads_to_a_player(make_view: MakeView) -> None:
    view = make_view()
    view.show_subject(PlayerSubject(APP_ID, player_id(3)))
    assert view.profile.page.name.text() == "player_00003"
    assert view.table.currentIndex().row() == 2


# time travel


def test_another_day_is_asked_for_in_list_and_profile(make_view: MakeView, client: FakeClient, qtbot: QtBot) -> None:
    view = make_view()
    view.table.selectRow(0)
    view.travel.slider.setValue(20)
    assert view.travel.words.text() == "in 20 days, if nobody plays until then"
    qtbot.waitUntil(lambda: client.called("players")[-1]["now_us"] is not None)
    asked = client.called("players")[-1]["now_us"]
    assert client.called("player")[-1]["now_us"] == asked
    assert view.profile.page.isVisible()
    view.travel.back.click()
    assert client.called("players")[-1]["now_us"] is None
    assert client.called("player")[-1]["now_us"] is None
    assert not view.travel.back.isEnabled()


def test_a_day_beyond_the_slider_is_chosen_in_the_calendar(make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    travel = view.travel
    asked: list[int | None] = []
    travel.now_changed.connect(asked.append)
    travel.date.setDate(travel.date.date().addDays(400))
    qtbot.waitUntil(lambda: len(asked) == 1)
    assert travel.words.text().startswith("in 400 days")
    assert travel.date.date() == travel.date.minimumDate().currentDate().addDays(400)
    assert travel.slider.value() == travel.slider.maximum()


def test_another_day_keeps_the_place_and_says_when_it_takes_long(
    make_view: MakeView, client: FakeClient, qtbot: QtBot
) -> None:
    view = make_view(2_000)
    view.table.scrollToBottom()
    view.table.look()
    client.failures["players"] = ConsoleUnavailable("slow")
    view.source.set_now(NOW_US)
    view._slow.timeout.emit()
    assert view.bar.field.count_text == "looking …"
    del client.failures["players"]
    view.source.expire()
    view.source._again.timeout.emit()
    assert client.called("players")[-1]["offset"] == 1_800
    assert view.bar.field.count_text == "2,000"


def test_stepping_days_quickly_asks_once(make_view: MakeView, client: FakeClient, qtbot: QtBot) -> None:
    view = make_view()
    for days in range(1, 30):
        view.travel.slider.setValue(days)
    qtbot.waitUntil(lambda: client.called("players")[-1]["now_us"] is not None)
    assert len(client.called("players")) == 2


# looks


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
