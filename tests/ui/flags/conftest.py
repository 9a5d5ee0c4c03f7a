"""The view of flags and segments against a stand-in server."""

import pytest
from pytestqt.qtbot import QtBot

from console import messages as m
from console.ui.context import ViewContext
from console.ui.flags.view import FlagsView
from tests.ui.fake_flags import (
    make_flag,
    make_player_row,
    make_segment,
    make_split_flag,
)
from tests.ui.fakes import FakeClient, make_status
from tests.ui.flags.steps import MakeView
from tests.ui.screen import show


@pytest.fixture
def make_view(qtbot: QtBot, context: ViewContext) -> MakeView:
    kept: list[FlagsView] = []

    def make() -> FlagsView:
        view = FlagsView(context)
        kept.append(view)
        qtbot.addWidget(view)
        view.resize(1100, 800)
        context.feed.receive(m.FeedHello(last_seq=0, last_request_id=0, status=make_status()))
        show(view)
        return view

    return make


@pytest.fixture
def filled(client: FakeClient) -> FakeClient:
    client.flag_list = [
        make_split_flag(),
        make_flag(),
        make_flag("zz_old", enabled=False, type="number", default_value=1),
    ]
    client.segment_list = [make_segment()]
    client.player_rows = [make_player_row()]
    return client
