"""The coverage tool against a stand-in server, flat: what it asks, tells, and where it flies."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from console import messages as m
from console.columns import encode_columns
from console.ui.context import ViewContext
from console.ui.level import canvas_3d
from console.ui.level.coverage.panel import CoveragePanel
from console.ui.level.coverage.words import away_words
from console.ui.level.framing import Bounds
from console.ui.level.view import LevelView
from tests.ui.fakes import APP_ID, LEVEL, FakeClient, make_level_model
from tests.ui.screen import show

FLOOR = m.Mesh(
    model_id="model-1",
    vertices=np.array([[-50, 0, -50], [50, 0, -50], [50, 0, 50], [-50, 0, 50]], dtype="<f4").tobytes(),
    faces=np.array([[0, 2, 1], [0, 3, 2]], dtype="<u4").tobytes(),
)


def test_the_tool_tells_what_nobody_visited_and_who_left(
    qtbot: QtBot, client: FakeClient, context: ViewContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canvas_3d, "opengl_problem", lambda: "There is no OpenGL.")
    view = LevelView(context)
    qtbot.addWidget(view)
    view.resize(1200, 700)
    show(view)
    view._source.turn_to(LEVEL, chosen=True)
    view._drawer.open_tool("coverage")
    panel = view._drawer.tool("coverage")
    assert isinstance(panel, CoveragePanel)
    assert "has no model" in panel._covered.text()
    # 101 × 101 cells of 1 m, of which the first column was walked.
    client.queries["heat"] = encode_columns(
        {
            "cell": np.append(np.arange(101) * 101, -1).astype("<i4"),
            "samples": np.ones(102, "<i8"),
            "seconds": np.ones(102),
        }
    )
    one = np.ones(1, "<i8")
    client.queries["outside"] = encode_columns(
        {
            "app_id": [APP_ID],
            "session_id": ["s1"],
            "player_id": ["p1"],
            "time_us": one,
            "samples": one * 3,
            "away_m": np.array([1e9]),
            "x": np.array([1e9]),
            "y": np.zeros(1),
            "z": np.zeros(1),
            "outside_samples": one * 3,
            "outside_sessions": one,
            "all_samples": one * 300,
            "within_1_m": one,
            "within_10_m": one * 2,
            "within_100_m": one * 2,
        }
    )
    client.level_model_list = [make_level_model()]
    client.meshes["model-1"] = FLOOR
    context.feed.changed.emit("level_models")
    panel._pause.stop()
    panel._ask()
    qtbot.waitUntil(lambda: panel.found is not None)
    assert panel._covered.text() == "2.0 % of 10,000 m² of floor visited"
    assert panel._outside_words.text() == "3 samples of 1 session, 1.0 % of all:\n1 up to 1 m\n1 1 to 10 m\n1 farther"
    assert [line.cells for line in panel._strays.lines] == [("1e+09 m", "p1")]
    assert panel._words(-49.5, 0) == "visited"
    assert panel._words(0, 0) == "nobody was here"
    assert panel._words(99, 0) == ""
    flown: list[Bounds] = []
    monkeypatch.setattr(view.canvas, "fly_to", flown.append)
    panel._regions.opened.emit(0)
    panel._strays.opened.emit(0)
    assert flown[0][0][0] == pytest.approx(-52)
    assert flown[1][0][0] == pytest.approx(1e9 - 4)
    client.queries["outside"] = m.Columns(rows=0, columns={})
    panel._ask()
    qtbot.waitUntil(lambda: not panel.outside.strays)
    assert panel._outside_words.text() == "Every sample lies inside the level."
    assert [away_words(metres) for metres in (0.25, 1234.5)] == ["0.2 m", "1,234.5 m"]
    view._source.turn_to("elsewhere", chosen=True)
    assert panel.found is None, "it was another level's"
    view._drawer.open_tool("")
    assert panel._legend.isHidden()
