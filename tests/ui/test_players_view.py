"""The players view against a stand-in server: paging, sorting, finding, the profile, time travel, links."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.messages import FeedChanged, FeedHello
from console.ui.context import ViewContext
from console.ui.players.view import PlayersView
from tests.ui.fake_players import make_detail, make_player_row, player_id
from tests.ui.fakes import APP_ID, FakeClient, make_status


@pytest.fixture
def make_view(qtbot: QtBot, context: ViewContext, client: FakeClient) -> Callable[..., PlayersView]:
    kept: list[PlayersView] = []

    def make(players: int = 500) -> PlayersView:
        client.player_rows = [make_player_row(number) for number in range(1, players + 1)]
        client.player_details = {player_id(number): make_detail(number) for number in range(1, min(players, 30) + 1)}
        view = PlayersView(context)
        kept.append(view)
        qtbot.addWidget(view)
        view.resize(1100, 800)
        view.show()
        qtbot.waitExposed(view)
        context.feed.receive(FeedHello(last_seq=0, last_request_id=0, status=make_status()))
        return view

    return make


def test_only_the_pages_in_sight_are_asked_for(make_view: Callable[..., PlayersView], client: FakeClient) -> None:
    view = make_view(100_000)
    assert view.table.rows.rowCount() == 100_000
    assert [call["offset"] for call in client.called("players")] == [0]
    view.table.scrollToBottom()
    view.table.look()
    assert [call["offset"] for call in client.called("players")] == [0, 99_800]
    assert view.table.rows.texts(99_999)[0] == "player_100000"
