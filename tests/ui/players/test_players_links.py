"""Ways from the players to other views, and back."""

import numpy as np
from PySide6.QtWidgets import QPushButton

from console.columns import encode_columns
from console.ui.navigation import (
    Destination,
    EventsSubject,
    LevelSubject,
    PlayerSubject,
    SegmentSubject,
)
from console.ui.selection import Scope
from tests.ui.fake_players import NOW_US, player_id
from tests.ui.fakes import APP_ID, FakeClient, FakeMessages
from tests.ui.players.steps import MakeView, led_to


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
