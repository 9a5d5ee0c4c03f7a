"""The profile of a player."""

import asyncio

import numpy as np
import pytest
from PySide6.QtCore import Qt

from console.columns import encode_columns
from console.ui.context import ViewContext
from tests.ui.fake_players import make_detail, make_profile, player_id
from tests.ui.fakes import APP_ID, FakeClient, FakeMessages, refused
from tests.ui.players.steps import MakeView


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
