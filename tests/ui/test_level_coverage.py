"""The coverage tool against a stand-in server, flat: what it asks, tells, adds, and where it flies."""

import math
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from console import messages as m
from console.columns import encode_columns
from console.telemetry.coverage import HEIGHT_STEP_M, Region
from console.ui.context import ViewContext
from console.ui.level import canvas_3d
from console.ui.level.coverage import source
from console.ui.level.coverage.panel import CoveragePanel
from console.ui.level.coverage.words import away_words
from console.ui.level.framing import WHOLE_HEIGHT, Bounds
from console.ui.level.view import LevelView
from tests.ui.fakes import APP_ID, LEVEL, FakeClient, make_level_model, make_trajectory
from tests.ui.screen import show


def plate(half: float, height: float) -> list[list[float]]:
    """Corners as glTF has them, y up."""
    return [[-half, height, -half], [half, height, -half], [half, height, half], [-half, height, half]]


# A floor of 100 × 100 m, and another of 60 × 60 m four metres above it; a slope 10 m wide goes up beside it.
SLOPE = [[-46, 0, -5], [-30, 4, -5], [-30, 4, 5], [-46, 0, 5]]
FLOORS = m.Mesh(
    model_id="model-1",
    vertices=np.array(plate(50, 0) + plate(30, 4) + SLOPE, dtype="<f4").tobytes(),
    faces=np.array(
        [[a + n for n in face] for a in (0, 4, 8) for face in ((0, 2, 1), (0, 3, 2))], dtype="<u4"
    ).tobytes(),
)


def test_the_tool_tells_floor_by_floor_what_nobody_visited_and_who_left(
    qtbot: QtBot, client: FakeClient, context: ViewContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(canvas_3d, "opengl_problem", lambda: "There is no OpenGL.")
    monkeypatch.setattr(source, "_OUTSIDE_MS", 20)
    view = LevelView(context)
    qtbot.addWidget(view)
    view.resize(1200, 700)
    show(view)
    view._source.turn_to(LEVEL, chosen=True)
    view._drawer.open_tool("coverage")
    panel = view._drawer.tool("coverage")
    assert isinstance(panel, CoveragePanel)
    assert "has no model" in panel._covered.text()

    def regions() -> tuple[Region, ...]:
        return () if panel.found is None else panel.found.regions

    def walked_m2() -> float:
        return math.nan if panel.found is None else panel.found.storeys[1].visited_m2

    # Counted in 201 × 201 cells of half a metre, of which the twelfth column was walked on; looked at in those of 1 m.
    client.queries["visited"] = encode_columns(
        {
            "upto": np.full(201, 5, "<i8"),
            "cell": (np.arange(201) * 201 + 11).astype("<i4"),
            "step": np.full(201, round(0.5 / HEIGHT_STEP_M), "<i4"),
            "samples": np.ones(201, "<i8"),
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
    client.meshes["model-1"] = FLOORS
    context.feed.changed.emit("level_models")
    panel._pause.stop()
    panel._ask()
    qtbot.waitUntil(lambda: panel.found is not None and bool(panel.outside.strays))
    assert panel.found is not None
    _, high = panel.found.storeys
    assert panel._covered.text().startswith("1.8 % of 13,720 m²")
    assert [line.cells[1] for line in panel._storeys.lines] == ["", "0.0 %", "2.5 %"]
    assert panel._storeys.lines[1].cells[::2] == ("3.6 … 4.0", f"{high.missed_m2:,.0f} m²")
    assert panel._outside_words.text() == (
        "3 samples of 1 session, 1.0 % of all:\nup to 1 m: 1\n1 to 10 m: 1\nfarther than 100 m: 1"
    )
    assert [line.cells for line in panel._strays.lines] == [("1e+09 m", "p1")]
    assert panel._words(-44.5, -20) == "visited"
    assert panel._words(0, 0).splitlines() == ["4.0 m: nobody was here", "0.0 m: nobody was here"]
    assert panel._words(0, 0, 4.2) == "nobody was here"
    assert panel._words(99, 0) == ""
    # A floor, a region, a stray; and the whole again.
    flown: list[Bounds] = []
    monkeypatch.setattr(view.canvas, "fly_to", flown.append)
    panel._storeys.opened.emit(high.number)
    assert panel._bench.section.low == pytest.approx(high.low)
    qtbot.waitUntil(lambda: {region.storey for region in regions()} == {1})
    panel._storeys.opened.emit(None)
    assert panel._bench.section == WHOLE_HEIGHT
    assert view._bottom.section.ends == (0, 400)
    qtbot.waitUntil(lambda: {region.storey for region in regions()} == {0, 1})
    upper = next(region for region in regions() if region.storey == 1)
    panel._regions.opened.emit(upper.middle)
    panel._strays.opened.emit(0)
    assert flown[0][0][0] == pytest.approx(upper.low[0] - 4)
    assert flown[1][0][0] == pytest.approx(1e9 - 4)
    assert panel._listed == WHOLE_HEIGHT, "all regions stay listed while one is looked at"
    # Somebody walks on the upper floor: nothing is asked for again.
    qtbot.waitUntil(lambda: not panel._pause.isActive() and not panel._source.loading)
    asked = len(client.called("query"))
    walked = np.array([[x, 4.1, 0] for x in range(-20, 21)], dtype="<f4").tobytes()
    row = make_trajectory(6, positions=walked, level_id=LEVEL)
    context.feed.rows_arrived.emit(m.FeedRows([], [], trajectories=[row, row]))
    qtbot.waitUntil(lambda: walked_m2() > 0)
    assert walked_m2() == 42.5 * 2.5, "with a metre around"
    assert "visited" not in [call["name"] for call in client.called("query")[asked:]]
    assert panel._words(0, 0, 4.2) == "visited"
    # Hidden, nothing is read; shown again, it is.
    view._drawer.open_tool("")
    assert panel._legend.isHidden()
    elsewhere = np.array([[x, 4.1, 10] for x in range(-20, 21)], dtype="<f4").tobytes()
    context.feed.rows_arrived.emit(
        m.FeedRows([], [], trajectories=[make_trajectory(7, positions=elsewhere, level_id=LEVEL)])
    )
    view._drawer.open_tool("coverage")
    qtbot.waitUntil(lambda: walked_m2() == 42.5 * 5)
    # More rows come while it is answered than are kept: it is asked again for those that the answer did not hold.
    monkeypatch.setattr(source, "_RECENT_ROWS", 1)
    ask = client.query
    late = [make_trajectory(seq, positions=walked, level_id=LEVEL) for seq in (8, 9)]
    visits_asked = 0

    async def query(name: str, **params: Any) -> m.Columns:
        nonlocal visits_asked
        visits_asked += name == "visited"
        answer = await ask(name, **params)
        if name == "visited" and visits_asked == 1:
            context.feed.rows_arrived.emit(m.FeedRows([], [], trajectories=late))
        return answer

    monkeypatch.setattr(client, "query", query)
    panel._ask()
    qtbot.waitUntil(lambda: visits_asked == 2)
    client.queries["outside"] = m.Columns(rows=0, columns={})
    panel._ask()
    qtbot.waitUntil(lambda: panel.found is not None and not panel.outside.strays)
    assert panel._outside_words.text() == "Every sample lies inside the level."
    assert [away_words(metres) for metres in (0.25, 1234.5)] == ["0.2 m", "1,234.5 m"]
    view._source.turn_to("elsewhere", chosen=True)
    assert not regions(), "they were another level's"
