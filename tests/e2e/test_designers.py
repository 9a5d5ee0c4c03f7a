"""What a designer does with a playtest: the real server, real MessagePack over HTTP, the real window."""

import asyncio
import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from console.columns import numbers
from console.messages import LevelModelChanges
from console.telemetry.placement import Placement
from console.ui.clock import TimeRange
from console.ui.funnels.model import Bar
from console.ui.level.heatmap.options import Options
from console.ui.level.tools import TOOLS
from console.ui.live_feed import Connection
from console.ui.options import VIEW_NAMES
from console.ui.widgets.form_fields import NumberField
from tests.e2e.desk import Desk, named
from tests.e2e.playtest import LEVEL, MODEL, NEW_CORNER, OLD_CORNER, PLAYED, PLAYTEST, SECS, send, us
from tests.e2e.processes import PATIENCE_SECS, Credentials, Server, make_application, server_of, serving, steady_port

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.gl,
    pytest.mark.skipif(
        sys.platform == "linux" and not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"),
        reason="there is no screen",
    ),
]

_ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    # Before the application exists: without it, two OpenGL views in one process crash.
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    return ["playtest-console"]


@dataclass(frozen=True)
class Place:
    """A server on which the playtest was recorded, and its application."""

    server: Server
    credentials: Credentials


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("designers")
    (folder / "hall.obj").write_text(MODEL)
    with serving(folder / "w", port=steady_port()) as server:  # it is restarted
        credentials = make_application(folder / "w")
        send(server, credentials, *PLAYTEST)
        yield Place(server, credentials)


@pytest.fixture(scope="module")
def shared(qapp: QApplication, place: Place) -> Iterator[Desk]:
    workspace = place.server.workspace
    desk = Desk(qapp, workspace, workspace.parent / "window.ini")

    async def furnish() -> None:
        client = desk.context.client
        file = workspace.parent / "hall.obj"
        model = await client.upload_level_model(place.credentials.app_id, LEVEL, file, mesh_axes="blender")
        await client.change_level_model(model.model_id, LevelModelChanges(telemetry_axes="blender"))

    async def stored() -> None:
        """What is counted before is counted again once more is stored, but when is not told."""
        sent = sum(len(one.events(place.credentials.app_id)) for one in PLAYTEST)
        async with asyncio.timeout(PATIENCE_SECS):
            while numbers(await desk.context.client.query("totals"), "events")[0] < sent:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    try:
        desk.wait(stored())
        desk.wait(furnish())
        for name in ("live", "level", "performance"):
            desk.view(name)
        yield desk
    finally:
        desk.close()


@pytest.fixture
def desk(shared: Desk) -> Iterator[Desk]:
    shared.start_over()
    shared.until(lambda: shared.context.clock.extent, "the timeline knows when was played")
    yield shared
    assert shared.complaints() == []


def players_in_live(desk: Desk) -> list[str]:
    """Whose events the table shows, one for each row."""
    store = desk.window.view("live").page.store
    return [store[row].player_id for row in range(len(store))]


def died(desk: Desk, player: str) -> Any:
    """The row of a player's death in the table."""
    rows = desk.window.view("live").page.everything.rows()
    return next(row for row in rows if (row.player_id, row.name) == (player, "Player_Death"))


def level_of(desk: Desk) -> Any:
    """The level view with all of the level in it."""
    view = desk.view("level")
    desk.until(lambda: view.scene.level == LEVEL and not view.scene.loading, "the level is loaded")
    desk.until(lambda: view.scene.active_model() and view._source.geometry is not None, "its model is shown")
    return view


def played_level(desk: Desk) -> Any:
    """The level view with all in it that was played there: the store may have lagged behind when it was first asked."""
    view = level_of(desk)
    desk.until(lambda: view.scene.tracks.samples == PLAYED, "all tracks are on the level")
    desk.until(lambda: len(view.scene.markers) == 2, "both deaths are on the level")
    return view


def test_a_moment_and_a_range_of_time_narrow_what_every_view_shows(desk: Desk) -> None:
    clock, timeline = desk.context.clock, desk.window.timeline
    assert timeline is not None
    view = played_level(desk)
    everybody = ["eve", "dan", "cid", "bob", "ann"]
    desk.until(lambda: [lane.player_id for lane in timeline.source.lanes.rows] == everybody, "each has a lane")
    assert clock.extent is not None
    assert (clock.extent.start_us, clock.extent.end_us) == (us(0), us(480 + SECS))

    # A click on the timeline looks at a moment: who plays then stands where it was, what comes later is not there.
    canvas = timeline.canvas
    canvas.fit()
    desk.until(lambda: canvas.view.span, "the timeline has a span")

    def at(seconds: float, lane: int = 4) -> QPoint:
        layout, span = canvas.arrangement(), canvas.view.span
        assert span is not None
        x = layout.left + span.x_of(us(seconds), layout.columns)
        return QPoint(round(x), round(layout.lanes_top) + 5) if lane < 0 else QPoint(round(x), 4)

    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=at(150))
    assert not clock.following
    assert clock.cursor_us == pytest.approx(us(150), abs=1e6)
    (label,) = view._track_view.labels()
    assert label.text == "bob"
    assert math.dist((label.x, label.y), OLD_CORNER) == pytest.approx(1.0, abs=0.1)
    assert view.scene.markers.counts(*clock.shown) == {"Player_Death": 1}

    # A drag marks out a range.
    port = canvas.viewport()
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=at(225))
    QTest.mouseMove(port, at(270))
    QTest.mouseMove(port, at(330))
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=at(330))
    assert clock.range is not None
    assert (clock.range.start_us, clock.range.end_us) == pytest.approx((us(225), us(330)), abs=2e6)
    assert view.scene.markers.counts(*clock.shown) == {"Player_Death": 1}
    desk.view("live")
    desk.until(lambda: players_in_live(desk) == ["cid"] * 4, "the table shows the range alone")
    performance = desk.view("performance")
    of_cid = pytest.approx(20)
    desk.until(lambda: (found := performance._summary()) and found.mean == of_cid, "frame rates are summed up")
    QTest.keyClick(desk.window, Qt.Key.Key_Escape)
    desk.until(lambda: clock.range is None, "Esc gives the range up")
    desk.until(lambda: set(players_in_live(desk)) == {one.player for one in PLAYTEST}, "everybody is back")


def test_an_event_that_is_picked_in_the_table_is_marked_everywhere_and_back(desk: Desk) -> None:
    view = played_level(desk)
    performance = desk.view("performance")
    desk.until(performance._summary, "frame rates are summed up")
    live = desk.view("live")
    desk.until(lambda: len(players_in_live(desk)) > 10, "the table is filled")
    row = died(desk, "ann")
    timeline = desk.window.timeline
    assert timeline is not None

    assert live.page.table.pick_key(row.seq)
    picked = desk.context.selection.picked
    assert picked is not None
    assert (picked.seq, picked.session_id, picked.level_id) == (row.seq, "session of ann", LEVEL)
    assert desk.context.clock.following, "picking moves no clock"
    assert view._marker_view.picked_place() == pytest.approx((*OLD_CORNER, 1.0))
    tick = desk.until(lambda: timeline.source.ticks.find(row.seq), "the timeline has it")
    assert (tick.time_us, tick.name) == (us(40), "Player_Death")
    desk.view("performance")
    desk.until(lambda: any(plot._picked.isVisible() for plot in performance._pictures.plots), "the plot has its line")

    # And back: a click on the other death's marker picks its row.
    level_of(desk)
    other = died(desk, "cid")
    place = np.array([(*NEW_CORNER, 1.0)])
    canvas = view.canvas
    desk.until(lambda: canvas.camera.pose.distance < 100, "the level is fitted into its picture")
    QTest.keyClick(view, Qt.Key.Key_T)
    QTest.keyClick(view, Qt.Key.Key_T)
    desk.until(lambda: canvas.drawn().vertices, "the level was drawn")
    x, y, _ = canvas.camera.project(place, canvas.width(), canvas.height())[0].tolist()
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
    desk.until(lambda: getattr(desk.context.selection.picked, "seq", None) == other.seq, "the marker is picked")
    assert view._marker_view.picked_place() == pytest.approx((*NEW_CORNER, 1.0))
    desk.view("live")
    assert live.page.table.current_row().seq == other.seq
    desk.until(lambda: desk.window.inspector_dock.widget().isVisible(), "the inspector shows it")


def test_the_heatmap_tells_where_the_new_build_is_played_more(desk: Desk) -> None:
    view = level_of(desk)
    view._drawer.open_tool("heatmap")
    panel = view._drawer.tool("heatmap")
    desk.until(lambda: panel.field is not None and panel._source.builds, "the map is there, and which builds were")
    panel._form.choose(Options(against="builds", build="2.0", base="1.0", cell_m=2.0, smooth=0))
    desk.until(lambda: panel.field.compared, "builds are compared")
    field = panel.field

    def around(corner: tuple[float, float]) -> float:
        cells = {field.grid.cell_at(corner[0] + dx, corner[1] + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)}
        return float(np.nansum([field.values[cell] for cell in cells if cell is not None]))

    # Two sessions of a minute each in their corner.
    assert around(NEW_CORNER) == pytest.approx(2 * SECS, rel=0.05)
    assert around(OLD_CORNER) == pytest.approx(-2 * SECS, rel=0.05)
    assert np.isnan(field.values[field.grid.cell_at(-8.0, 8.0)])
    assert field.words(*NEW_CORNER).startswith("+") or field.words(NEW_CORNER[0] + 1, NEW_CORNER[1]).startswith("+")
    assert panel._legend._words.text() == "more above 0: build 2.0\nmore below 0: build 1.0"
    assert panel.lines()[0].startswith(LEVEL)
    # It follows the range.
    desk.context.clock.set_range(TimeRange(us(0), us(100)))
    desk.until(lambda: panel.field is not field and panel.field is not None, "it is counted anew")
    field = panel.field
    assert around(NEW_CORNER) == 0
    assert around(OLD_CORNER) == pytest.approx(-SECS, rel=0.05)
    view._drawer.open_tool("")


def test_a_funnel_counts_who_was_lost_and_leads_to_them(desk: Desk, place: Place) -> None:
    view = desk.view("funnels")
    report = desk.until(lambda: view.source.report, "the funnel is counted")
    assert [step.name for step in report.steps] == ["Start", "Door", "Exit"]
    assert [tally.units for tally in report.tallies] == [4, 3, 1]
    assert report.tallies[1].median_secs == pytest.approx(10)
    assert view.summary.text() == "1 session of 4 (25.0 %) came from the first step to the last."
    # Those that were lost behind the door: by keyboard, as chosen bars go.
    view.chart.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right):
        QTest.keyClick(view.chart, key)
    assert view.chart.chosen == Bar(1, lost=True)
    desk.until(lambda: len(view.source.behind) == 2, "those behind the bar are listed")
    assert {row.player_id for row in view.source.behind} == {"bob", "cid"}
    QTest.mouseClick(view.behind.events, Qt.MouseButton.LeftButton)
    assert desk.window.current_name == "live"
    desk.until(lambda: set(players_in_live(desk)) == {"bob", "cid"}, "the table shows them alone")
    assert desk.context.selection.scope.sessions == {
        (place.credentials.app_id, f"session of {player}") for player in ("bob", "cid")
    }
    desk.view("funnels")
    QTest.mouseClick(view.behind.tracks, Qt.MouseButton.LeftButton)
    assert desk.window.current_name == "level"
    scene = level_of(desk).scene
    desk.until(lambda: scene.tracks.samples == 2 * (SECS + 1), "their tracks alone are on the level")


def test_a_session_without_a_level_is_assigned_to_one_and_appears_there(desk: Desk) -> None:
    view = played_level(desk)
    view._drawer.open_tool("levels")
    panel = view._drawer.tool("levels")
    desk.until(lambda: panel.unassigned.isVisible(), "a session named no level")
    panel.unassigned.level.setEditText(LEVEL)
    QTest.mouseClick(panel.unassigned.assign, Qt.MouseButton.LeftButton)
    desk.until(lambda: view.scene.tracks.samples == PLAYED + SECS + 1, "its track appears")
    desk.until(lambda: not panel.unassigned.isVisible(), "none is left over")
    assert ("good", f"1 session assigned to {LEVEL}.") in desk.said
    # What was sent stays as it was sent; taking it back takes the track back.
    QTest.mouseClick(named(desk.window.messages, QPushButton, "Undo"), Qt.MouseButton.LeftButton)
    desk.until(lambda: view.scene.tracks.samples == PLAYED, "its track is gone again")
    view._drawer.open_tool("")


def test_a_calibration_outlives_the_server_and_passes_to_the_next_version(desk: Desk, place: Place) -> None:
    level, client = "Cellar", desk.context.client
    file = place.server.workspace.parent / "hall.obj"
    upload = client.upload_level_model(place.credentials.app_id, level, file, mesh_axes="blender")
    first = desk.wait(upload).model_id
    view = level_of(desk)
    view._source.turn_to(level, chosen=True)
    desk.until(lambda: getattr(view.scene.active_model(), "model_id", "") == first, "the other level is shown")
    view._drawer.open_tool("calibrate")
    panel = view._drawer.tool("calibrate")
    for name, value in (("Turn", 30.0), ("Scale", 2.5), ("Shift y", -4.0)):
        field = named(panel, NumberField, f"{name} of the telemetry")
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, field.textFromValue(value))
        QTest.keyClick(field, Qt.Key.Key_Return)
    wanted = Placement(yaw=30.0, scale=2.5, offset=(0.0, -4.0, 0.0))
    assert view.scene.transforms.calibration.telemetry == wanted, "it is tried out at once"
    save = named(panel, QPushButton, "Save")
    QTest.mouseClick(save, Qt.MouseButton.LeftButton)
    desk.until(lambda: view.scene.saved_transforms().calibration.telemetry == wanted, "it is saved")

    before = server_of(place.server.workspace)
    desk.session.commands.restart_server()
    desk.until(
        lambda: (
            server_of(place.server.workspace) not in (None, before)
            and desk.session.feed.connection is Connection.CONNECTED
        ),
        "another server is there",
    )
    (kept,) = [model for model in desk.wait(client.level_models()) if model.level_name == level]
    assert kept.calibration.telemetry == wanted
    upload = client.upload_level_model(place.credentials.app_id, level, file, mesh_axes="blender")
    second = desk.wait(upload)
    assert (second.version, second.calibration.telemetry) == (2, wanted)
    desk.until(lambda: getattr(view.scene.active_model(), "model_id", "") == second.model_id, "it is shown")
    assert view.scene.transforms.calibration.telemetry == wanted
    view._drawer.open_tool("")
    view._source.turn_to(LEVEL, chosen=True)


def test_without_opengl_the_level_is_drawn_flat_and_everything_else_works(desk: Desk, place: Place) -> None:
    """In a process of its own: a platform is chosen once."""
    program = [sys.executable, "-m", "tests.e2e.flat_window", str(place.server.workspace), LEVEL]
    # Qt complains about a locale that is not UTF-8, here about that of the machine.
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(program, cwd=_ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(done.stderr.splitlines()) <= {"This plugin does not support propagateSizeHints()"}
    seen = json.loads(done.stdout)
    assert seen["notice"].startswith("The platform “offscreen” has no OpenGL. The level is shown from above instead.")
    assert seen["tools"] == [spec.name for spec in TOOLS]
    assert seen["views"] == list(VIEW_NAMES)
    assert seen["picked"] == "Player_Death"
    assert seen["colours"] > 20
    assert seen["said"] == []
