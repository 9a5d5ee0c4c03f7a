"""The heatmap's tool against a stand-in server, flat: what it asks, counts, paints, compares and saves."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from console import messages as m
from console.columns import encode_columns
from console.telemetry.heat import Grid, Heat, Totals
from console.ui.clock import TimeRange
from console.ui.context import ViewContext
from console.ui.level import canvas_3d
from console.ui.level.heat_picture import HeatPicture, painted
from console.ui.level.heat_texture import stacked
from console.ui.level.heatmap.field import Side, field_of, number_words
from console.ui.level.heatmap.legend import HeatLegend
from console.ui.level.heatmap.options import Options, automatic_cell, titled
from console.ui.level.heatmap.panel import HeatPanel
from console.ui.level.view import LevelView
from console.ui.selection import Scope
from console.ui.theme import DARK
from tests.ui.fakes import APP_ID, LEVEL, FakeClient, make_event, make_level_model, make_trajectory
from tests.ui.screen import opened, show

GRID = Grid(0.0, 0.0, 1.0, 4, 2)


def side(*samples: float, seconds: float = 2.0, totals: Totals | None = None) -> Side:
    heat = Heat(GRID)
    cells = np.arange(len(samples), dtype=np.int64)
    counts = np.array(samples)
    heat.add(cells, counts, counts * seconds, players=np.minimum(counts, 2))
    return Side("all", heat, totals or Totals(sessions=4, seconds=120))


def test_a_field_is_an_amount_or_a_difference_of_two() -> None:
    field = field_of(Options(log=False), side(1, 0, 5))
    assert field.values.ravel()[[0, 2]].tolist() == [2, 10]
    assert field.shown == 2
    assert field.words(2.5, 0.5) == "10 s\n5 samples\nx 2.5 m, y 0.5 m"
    assert field.words(9, 0) == ""
    assert [text for _, text in field.ticks()] == ["0", "5", "10"]
    players = field_of(Options(measure="players"), side(1, 2, 2))
    assert [text for _, text in players.ticks()] == ["1", "2"], "there is no half player"
    events = field_of(Options(measure="events"), side(1, 2, 3))
    assert events.ticks() == [(0.0, "1"), (pytest.approx(math.log(2, 3)), "2"), (1.0, "3")]
    per = field_of(Options(per="session", least=2), side(1, 0, 5))
    assert (per.shown, per.values.ravel()[2], per.unit) == (1, 2.5, "s per session")
    assert np.isnan(field_of(Options(per="minute"), side(1, totals=Totals())).values).all()
    compared = field_of(Options(), side(1, 0, 5), side(4))
    assert compared.values.ravel()[[0, 2]].tolist() == [-6, 10]
    assert (compared.low, compared.high, compared.log) == (-compared.high, compared.high, False)
    assert compared.words(0.5, 0.5).startswith("-6 s\n5 samples")
    assert compared.words(2.5, 0.5).startswith("+10 s")
    assert [text for _, text in compared.ticks()] == ["-9.96", "0", "≥ +9.96"], "the outermost cells lie beyond"
    logarithmic = field_of(Options(), side(1, 10, 100))
    assert logarithmic.shares().ravel()[:3] == pytest.approx([0, 0.5, 1])
    assert field_of(Options(smooth=1), side(5)).shown > 1
    pixels = field.pixels(DARK)
    assert pixels[0, 1].tolist() == [0, 0, 0, 0]
    assert pixels[0, 0, 3] > 0
    assert painted(np.array([[np.nan, 1.0]]), ("#000000", "#0000ff"), 1.0).tolist() == [
        [[0, 0, 0, 0], [0, 0, 255, 255]]
    ]
    assert [number_words(value) for value in (0, 0.01234, 4.5, 1234.5, -20)] == ["0", "0.0123", "4.5", "1,234", "-20"]
    assert titled("Time spent", "s per session") == "Time spent, s per session"
    assert titled("Events: Fell", "events per minute") == "Events: Fell per minute"
    assert titled("Unique players", "players") == "Unique players"
    assert [automatic_cell(*size) for size in ((1, 1), (100, 20), (1e5, 1))] == [0.25, 1.0, 1024.0]


def answered(**columns: Any) -> m.Columns:
    count = len(columns["cell"])
    default = dict.fromkeys(("part", "parts", "samples"), np.ones(count, "<i8"))
    default["upto"] = np.full(count, 100, "<i8")
    default |= dict.fromkeys(("seconds", "lowest", "highest"), np.ones(count)) | {"rate_seconds": np.zeros(count)}
    return encode_columns(default | columns)


def test_the_tool_counts_follows_compares_and_exports(
    qtbot: QtBot, client: FakeClient, context: ViewContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(canvas_3d, "opengl_problem", lambda: "There is no OpenGL.")
    client.level_model_list = [make_level_model()]
    client.queries["level_builds"] = encode_columns(
        {
            "build_id": ["2.0", "1.0"],
            "sessions": np.array([2, 1], "<i8"),
            "players": np.array([2, 1], "<i8"),
            "seconds": np.array([60.0, 30.0]),
        }
    )
    client.queries["heat"] = answered(cell=np.array([0, 7, -1, -2], "<i4"))
    client.queries["heat_events"] = answered(cell=np.array([3], "<i4"))
    view = LevelView(context)
    qtbot.addWidget(view)
    view.resize(1200, 700)
    show(view)
    view._source.turn_to(LEVEL, chosen=True)
    view._drawer.open_tool("heatmap")
    panel = view._drawer.tool("heatmap")
    assert isinstance(panel, HeatPanel)

    def shown() -> None:
        panel._pause.stop()
        if panel._form.options() != panel._asked:
            panel._ask()
        panel._repaint.stop()
        panel._show()

    shown()
    assert panel.field is not None
    assert panel.field.shown == 2
    asked = next(call for call in client.called("query") if call["name"] == "heat")
    assert len(asked["to_grid"]) == 12
    assert {"low", "high", "app_id", "by"}.isdisjoint(asked)
    assert "1 sample beside the level\n1 sample at other heights" in panel._status.text()
    # The flat picture has no floors.
    assert "samples at z 1.0 … 1.0 m\nfloors above one another are added up" in panel._legend._words.text()
    assert panel.lines(flat=True)[0].endswith("floors above one another are added up")
    # Live rows are added up: those that the answer holds already are not.
    for row in (make_trajectory(100), make_trajectory(101), make_trajectory(102, level_id="elsewhere")):
        context.feed.rows_arrived.emit(m.FeedRows(events=[], requests=[], trajectories=[row]))
    shown()
    assert panel._source.sides()[0].heat.samples.sum() == 52
    assert panel._source.sides()[0].heat.seconds.sum() == pytest.approx(7)
    # What the feed skipped can only be asked for.
    again = panel._source._asking._timer
    again.stop()
    asked_before = len(client.called("query"))
    context.feed.rows_arrived.emit(m.FeedRows(events=[], requests=[], trajectories=[], skipped_events=5))
    assert again.isActive()
    states: list[str] = []
    answer = client.query

    async def watched(name: str, **params: Any) -> m.Columns:
        states.append(panel._state())
        return await answer(name, **params)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "query", watched)
        again.timeout.emit()
    assert all("shown" in state for state in states), "what is counted anew stays as it is meanwhile"
    assert states
    shown()
    assert len(client.called("query")) > asked_before
    assert panel._source.sides()[0].heat.samples.sum() == 52
    # What is selected narrows it.
    context.clock.set_range(TimeRange(10, 20))
    context.selection.set_scope(Scope.of_sessions(APP_ID, ["s1"]))
    panel._ask()
    asked = client.called("query")[-1]
    assert (asked["from_us"], asked["to_us"], asked["app_id"], asked["sessions"]) == (10, 20, APP_ID, {APP_ID: ["s1"]})
    context.clock.follow()
    context.selection.set_scope(Scope())
    # Events of a name, live ones besides.
    panel._form.choose(Options(measure="events"))
    shown()
    context.feed.rows_arrived.emit(m.FeedRows(events=[make_event(200)], requests=[], trajectories=[]))
    assert panel._source.sides()[0].heat.samples.sum() == 2
    # Frame rates and players are other questions; their scale is another matter of painting alone.
    panel._form.choose(Options(measure="fps_p1", rate="low_1"))
    shown()
    assert client.called("query")[-1]["by"] == "low_1"
    panel._form.choose(Options(measure="players"))
    shown()
    assert client.called("query")[-1]["by"] == "player"
    before = len(client.called("query"))
    panel._form.choose(Options(measure="players", least=1, log=False))
    shown()
    panel._form.choose(Options(measure="time", against="builds", build="2.0", base="2.0"))
    assert panel._form.missing() == "Choose two builds to compare."
    assert len(client.called("query")) >= before
    panel._form.choose(Options(measure="time", against="builds", build="2.0", base="1.0"))
    shown()
    assert [call.get("build_id") for call in client.called("query") if call["name"] == "heat"][-2:] == ["2.0", "1.0"]
    assert panel.field.compared
    assert panel._legend._words.text().startswith("more above 0: build 2.0\nmore below 0: build 1.0\n")
    # A moment splits the recording; a kept selection waits for another.
    context.clock.set_extent(TimeRange(0, 1000))
    panel._form.choose(Options(against="moment"))
    panel._use_moment()
    shown()
    assert [side.words[:5] for side in panel._source.sides()] == ["from ", "until"]
    panel._form.choose(Options(against="kept"))
    panel._keep()
    shown()
    assert len(panel._source.sides()) == 2
    panel.export_map()
    dialog = opened(QFileDialog)
    assert Path(dialog.directory().path()) == Path.home(), "wherever the program was started"
    dialog.reject()
    panel.save(tmp_path / "map.png", None)
    panel.save(tmp_path / "nowhere" / "map.png", None)
    qtbot.waitUntil(lambda: (tmp_path / "map.png").exists())
    qtbot.waitUntil(lambda: not QImage(str(tmp_path / "map.png")).isNull())
    # Another level has another map: this one goes at once, and live rows are not counted in its cells.
    view._source.turn_to("elsewhere", chosen=True)
    assert [panel.field, panel._source.sides()] == [None, []]
    assert panel._status.text() == "Counting…"
    # Closed, it takes back what it drew.
    view._drawer.open_tool("")
    assert panel._legend.isHidden()
    assert not panel._source.sides()


def test_surfaces_show_the_heat_of_samples_near_them() -> None:
    heat = Heat(GRID)
    cells = np.array([0, 1, -1])
    heat.add(cells, np.ones(3), np.ones(3))
    heat.add_heights(np.array([0, 0, 1, -1]), np.array([0.5, 1.5, 6.0, 99.0]), np.array([0.5, 1.5, 6.0, 99.0]))
    near = field_of(Options(), Side("all", heat, Totals()))
    [layer] = near.layers(DARK)
    picture = HeatPicture.of(GRID, near.pixels(DARK), 0.0, near.layers(DARK))
    places = [GRID.centre(*divmod(cell, GRID.columns)) for cell in (0, 1, 2)]
    assert [picture.lies_elsewhere(*places[0], z) for z in (-3.0, 0.0, 1.7, 3.0)] == [True, False, False, True]
    assert [picture.lies_elsewhere(*places[1], z) for z in (0.0, 4.5, 6.0)] == [True, False, False]
    assert not picture.lies_elsewhere(*places[2], 0.0), "nothing was there at all"
    assert near.words(*places[0]).endswith("z 0.5 … 1.5 m")
    # What runs into a cell brings its heights along.
    blurred = field_of(Options(smooth=1.0), Side("all", heat, Totals()))
    assert blurred.lowest is not None
    assert blurred.lowest[0, 2] == 0.5
    assert field_of(Options(through=True), Side("all", heat, Totals())).layers(DARK) == ()
    # As the card reads them: colours, then heights in 16 bits.
    pixels, (layers, base, step, _) = stacked([layer])
    assert layers == 1
    assert pixels.shape == (2 * GRID.rows, GRID.columns, 4)
    assert (pixels[: GRID.rows] == near.pixels(DARK)).all()
    high = int(pixels[GRID.rows, 0, 2]) * 256 + int(pixels[GRID.rows, 0, 3])
    assert base + step * high == pytest.approx(float(layer.high[0, 0]), abs=1e-3)


def test_the_legend_is_as_high_as_its_words(qtbot: QtBot) -> None:
    legend = HeatLegend(DARK)
    qtbot.addWidget(legend)
    heights = []
    for words in ("one", "one\ntwo\nthree", "one"):
        legend.show_field("Time spent, s", None, words)
        heights.append(legend.height())
    assert heights[0] == heights[2] < heights[1]
