"""The view of players against a stand-in server."""

import pytest
from pytestqt.qtbot import QtBot

from console.messages import FeedHello
from console.ui.context import ViewContext
from console.ui.players.view import PlayersView
from tests.ui.fake_players import make_detail, make_player_row, player_id
from tests.ui.fakes import FakeClient, make_status
from tests.ui.players.steps import MakeView
from tests.ui.screen import show


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
