"""The summary of what is selected on a level: its words, and the tool on a flat canvas with a stand-in server."""

from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from console.columns import encode_columns
from console.ui.clock import TimeRange
from console.ui.context import ViewContext
from console.ui.level import canvas_3d, opengl
from console.ui.level.summary import Played, Waits, death_words, played_words, seconds_words
from console.ui.level.summary_panel import SummaryPanel
from console.ui.level.tool_rail import ToolRail
from console.ui.level.view import LevelView
from console.ui.theme import DARK
from tests.ui.fakes import APP_ID, LEVEL, FakeClient, make_level_model
from tests.ui.screen import show

NOW_US = 1_770_000_000_000_000


def test_words() -> None:
    assert played_words(Played(0, 0, 0, 0, 0, 0)) == ["Nobody in scope has played here"]
    who, when, how_much = played_words(Played(3, 1, NOW_US, NOW_US + 240_000_000, 1_284_000_000, 214_000))
    assert who == "3 sessions of 1 player"
    assert when.count(":") == 4
    assert how_much == "1,284 s played · 214,000 samples"
    assert "-" in played_words(Played(3, 1, NOW_US, NOW_US + 240_000_000_000, 1, 1))[1]
    waits = [Waits("Player_Jump", 90, 1), Waits("Player_Death", 31, 92_000_000)]
    assert death_words(waits) == ["31 × Player_Death", "median life 92 s"]
    assert [seconds_words(us) for us in (9_440_000, 60_000_000, 9_000_000_000)] == ["9.4 s", "60 s", "2.5 h"]


def test_the_tool(qtbot: QtBot, context: ViewContext, client: FakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (canvas_3d, opengl):
        monkeypatch.setattr(module, "opengl_problem", lambda: "There is no OpenGL.", raising=False)
    client.level_model_list = [make_level_model()]
    one = {"<i8": np.array([1], "<i8"), "<f8": np.array([1.0])}
    client.queries["levels"] = encode_columns(
        {"app_id": [APP_ID], "level_id": [LEVEL], "samples": one["<i8"], "last_us": one["<i8"]}
    )
    numbers = ("sessions", "players", "first_us", "last_us", "played_us", "samples")
    client.queries["level_summary"] = encode_columns(dict.fromkeys(numbers, one["<i8"]))
    client.queries["level_waits"] = encode_columns(
        {"name": ["Player_Death"], "events": one["<i8"], "median_us": one["<i8"] * 5_000_000}
    )
    worst: dict[str, Any] = {"app_id": [APP_ID], "session_id": ["s-1"], "player_id": ["ann"], "level_id": [LEVEL]}
    worst |= dict.fromkeys(("start_us", "end_us", "time_us"), one["<i8"] * NOW_US)
    worst |= dict.fromkeys(("times", "sessions", "total_us"), one["<i8"] * 3)
    worst |= {"x": one["<f8"], "y": one["<f8"] * 7, "z": one["<f8"] * 2, "fps": one["<f8"] * 17}
    client.queries["frame_rate_worst"] = encode_columns(worst)
    view = LevelView(context)
    qtbot.addWidget(view)
    view.resize(1000, 600)
    show(view)
    panel = view._drawer.tool("selection")
    assert isinstance(panel, SummaryPanel)
    context.clock.set_range(TimeRange(5, 9))
    panel._asking.ask()
    asked = client.called("query")[-1]
    assert (asked["level_id"], asked["from_us"], asked["to_us"]) == (LEVEL, 5, 9)
    assert panel._played.text().startswith("1 session of 1 player")
    assert panel._deaths.text() == "1 × Player_Death\nmedian life 5.0 s"
    (line,) = panel._worst.lines
    assert line.cells == ("17", "1, 2, 7", "3× ann")  # in the viewer's axes
    context.clock.set_range(None)
    panel._worst.opened.emit(line.key)
    assert context.clock.cursor_us == NOW_US
    view.set_inspected(True)  # it makes room for what was picked
    assert (view._drawer.current, view._drawer.wanted, view._drawer.isHidden()) == ("", "selection", True)
    assert not view._rail.buttons["selection"].isChecked()
    view.set_inspected(False)
    assert view._drawer.current == "selection"
    panel._calibrate.click()
    view.set_inspected(True)
    assert view._drawer.current == "calibrate", "only the summary is about what is picked anyway"


def test_the_rail_shows_every_tool_and_which_is_open(qtbot: QtBot) -> None:
    rail = ToolRail()
    qtbot.addWidget(rail)
    rail.set_tokens(DARK)
    chosen: list[str] = []
    rail.tool_chosen.connect(chosen.append)
    rail.buttons["selection"].click()
    rail.show_tool("heatmap")
    assert [name for name, button in rail.buttons.items() if button.isChecked()] == ["heatmap"]
    rail.buttons["heatmap"].click()
    assert chosen == ["selection", ""]


def test_before_anything_was_sent_no_part_is_empty(
    qtbot: QtBot, context: ViewContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (canvas_3d, opengl):
        monkeypatch.setattr(module, "opengl_problem", lambda: "There is no OpenGL.", raising=False)
    view = LevelView(context)
    qtbot.addWidget(view)
    show(view)
    panel = view._drawer.tool("selection")
    assert isinstance(panel, SummaryPanel)
    panel._asking.ask()
    told = (panel._played.text(), panel._no_worst.text(), panel._deaths.text())
    assert told == ("Nobody has played yet", "No frame rates yet", "No event tells of a death")
