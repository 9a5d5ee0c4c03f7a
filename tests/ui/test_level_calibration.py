"""Calibrating a level: the draft without Qt, lines of sight, and the tool on a flat canvas with a stand-in server."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from console import messages as m
from console.columns import encode_columns
from console.telemetry.coordinates import Transforms, matrix_to_viewer
from console.telemetry.level_fit import Fit
from console.telemetry.placement import Calibration, Placement
from console.ui.context import ViewContext
from console.ui.level import canvas_3d
from console.ui.level.calibration.draft import (
    MAX_PAIRS,
    Draft,
    axes_changes,
    place_text,
    read_place,
    with_axes,
    with_placement,
)
from console.ui.level.calibration.panel import CalibrationPanel
from console.ui.level.calibration.verdict import Verdict, advice, inside_words
from console.ui.level.calibration.verdict_box import VerdictBox
from console.ui.level.camera import Camera
from console.ui.level.canvas_2d import Canvas2D
from console.ui.level.geometry import MeshGeometry
from console.ui.level.surface import Ray, first_hit, height_hit, ray_through
from console.ui.level.view import LevelView
from console.ui.selection import Picked
from tests.ui.fakes import APP_ID, LEVEL, FakeClient, make_level_model
from tests.ui.screen import show

PLAIN = Transforms("gltf", "unity")
TURNED = with_placement(PLAIN, "telemetry", Placement(yaw=90.0, offset=(5.0, 0.0, 0.0)))
# Two floors of 10 × 10 m in the viewer's axes, at 0 and 3 m.
FLOORS = MeshGeometry(
    np.array([(x, y, z) for z in (0, 3) for x, y in ((0, 0), (10, 0), (10, 10), (0, 10))], dtype=np.float32),
    np.array([(0, 1, 2), (0, 2, 3), (4, 5, 6), (4, 6, 7)], dtype=np.uint32),
    np.empty((0, 3), dtype=np.float32),
)
DOWN = (0.0, 0.0, -1.0)


def test_changes_are_undone_one_after_another_and_saving_loses_none() -> None:
    draft = Draft(PLAIN, PLAIN)
    assert not draft.changed
    for yaw in (1.0, 2.0, 3.0):
        draft.change(with_placement(PLAIN, "telemetry", Placement(yaw=yaw)), "telemetry Turn")
    draft.change(with_axes(draft.now, "telemetry", "unreal"))
    assert draft.to_save() == m.LevelModelChanges(
        mesh_axes="gltf", telemetry_axes="unreal", calibration=Calibration(telemetry=Placement(yaw=3.0))
    )
    draft.take_saved(draft.now)
    assert not draft.changed
    draft.undo()
    assert (draft.now.telemetry_axes, draft.now.calibration.telemetry.yaw) == ("unity", 3.0)
    draft.undo()
    assert draft.now == PLAIN
    assert not draft.can_undo
    draft.undo()
    draft.take_saved(TURNED)  # somebody else saved
    assert draft.now == TURNED
    draft.undo()
    assert draft.now == PLAIN
    draft.discard()
    assert draft.now == TURNED


def test_directions_of_ones_own_end_with_other_axes_of_that_part() -> None:
    own = with_placement(PLAIN, "mesh", Placement(directions=("+x", "+y", "+z"), scale=2.0))
    assert axes_changes(own, "gltf", "quake").calibration is None
    changed = axes_changes(own, "blender", "unity")
    assert changed.calibration == Calibration(mesh=Placement(scale=2.0))


def test_pairs_bring_the_telemetry_to_where_they_were_clicked() -> None:
    draft = Draft(PLAIN, PLAIN)
    draft.fit_pairs()
    for place, sent in (((0, 0, 0), (0, 0, 0)), ((10, 0, 1), (0, 1, -10)), ((0, 5, 0), (5, 0, 0)), ((1, 1, 1), None)):
        index = draft.add_pair()
        assert index is not None
        draft.put(index, place)
        draft.send(index, sent)
    draft.fit_pairs()
    assert draft.fit is not None
    assert draft.fit.error_m == pytest.approx(0, abs=1e-6)
    assert draft.now.calibration.telemetry.yaw == pytest.approx(90)
    assert draft.pairs[1].residual_m == pytest.approx(0, abs=1e-6)
    pin = draft.pins()[1]
    assert pin.place == pytest.approx((10, 0, 1))
    assert pin.other == pytest.approx((10, 0, 1), abs=1e-6)
    draft.change(with_axes(draft.now, "mesh", "blender"))  # a place stays on the mesh
    assert draft.place(draft.pairs[1]) != pytest.approx((10, 0, 1))
    draft.remove_pair(0)
    assert [pair.residual_m for pair in draft.pairs] == [None] * 3
    while draft.add_pair() is not None:
        pass
    assert len(draft.pairs) == MAX_PAIRS
    same = Draft(PLAIN, PLAIN)
    for _ in range(3):
        same.send(same.add_pair() or 0, (1, 1, 1))
    for index in range(3):
        same.put(index, (float(index), 2, 3))
        same.send(index, (1, 1, 1))
    same.fit_pairs()
    assert same.problem.startswith("The positions are all the same")
    assert same.now == PLAIN


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("1, 2, 3", (1, 2, 3)),
        ("(1.5 -2 3e2)", (1.5, -2, 300)),
        ("X=1 Y=.5 Z=-3.", (1, 0.5, -3)),
        ("[1,2]", None),
        ("1e999 0 0", None),
        ("", None),
    ],
)
def test_positions_are_read_in_any_dress(text: str, place: tuple[float, float, float] | None) -> None:
    assert read_place(text) == place


def test_words() -> None:
    assert place_text((12.504, -3.0, 1e6)) == "12.5, -3, 1000000"
    assert inside_words(None)[1] == "dim"
    assert inside_words(0.992) == ("✓ 99.2 % inside the level", "good")
    quake, unreal, unity = (
        Fit(Transforms(axes, axes), 1.0, 0.9, 1.0, 4.0, 1.0) for axes in ("quake", "unreal", "unity")
    )
    words = advice(Verdict(unity, (), unreal, (quake,)), Transforms("gltf", "unity"))
    assert words.startswith("Unreal (Z-up, cm) for model and telemetry would fit better: 100 % inside, 90 % on floors.")
    assert "with both Quake: choose the engine" in words
    assert advice(Verdict(unity, (), None), unity.transforms) == ""
    assert inside_words(0.0) == ("⚠ Nothing is inside the level", "warning")
    assert inside_words(0.2) == ("⚠ Only 20.0 % inside the level", "warning")


def test_a_line_of_sight_meets_the_nearest_floor_of_the_section() -> None:
    ray = Ray((4.0, 6.0, 9.0), DOWN)
    assert first_hit(ray, FLOORS, np.eye(4)) == pytest.approx((4, 6, 3))
    assert first_hit(ray, FLOORS, np.eye(4), high=2.0) == pytest.approx((4, 6, 0))
    assert first_hit(Ray((40.0, 6.0, 9.0), DOWN), FLOORS, np.eye(4)) is None
    assert first_hit(Ray((4.0, 6.0, -9.0), DOWN), FLOORS, np.eye(4)) is None
    world = matrix_to_viewer("quake", Placement(yaw=90.0, offset=(0.0, 0.0, 5.0)))
    scaled = first_hit(Ray((-0.1, 0.1, 9.0), DOWN), FLOORS, world)
    assert scaled == pytest.approx((-0.1, 0.1, 5 + 3 * 0.0254))
    assert height_hit(ray, 1.0) == pytest.approx((4, 6, 1))
    assert height_hit(Ray((0.0, 0.0, 1.0), (1.0, 0.0, 0.0)), 0.0) is None


def test_what_is_projected_to_a_pixel_is_on_the_ray_through_it() -> None:
    camera = Camera()
    place = np.array([[3.0, -4.0, 2.0]])
    (x, y, _) = camera.project(place, 800, 500)[0]
    matrices = camera.projection_matrix(800, 500), camera.view_matrix()
    eye, world = (np.array(matrix.data(), dtype=np.float64).reshape(4, 4).T for matrix in matrices)
    ray = ray_through(x, y, 800, 500, eye, world)
    assert height_hit(ray, 2.0) == pytest.approx(place[0], abs=1e-2)


def test_the_tool(qtbot: QtBot, context: ViewContext, client: FakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canvas_3d, "opengl_problem", lambda: "There is no OpenGL.")
    client.level_model_list = [make_level_model(bounds=((-20, 0, -15), (20, 0, 15)))]
    corners = np.array([(-20, 0, -15), (20, 0, -15), (20, 0, 15), (-20, 0, 15)], dtype="<f4")
    faces = np.array([(0, 1, 2), (0, 2, 3)], dtype="<u4")
    client.meshes["model-1"] = m.Mesh(model_id="model-1", vertices=corners.tobytes(), faces=faces.tobytes())
    client.queries["levels"] = encode_columns(
        {"app_id": [APP_ID], "level_id": [LEVEL], "samples": np.array([40], "<i8"), "last_us": np.array([1], "<i8")}
    )
    view = LevelView(context)
    qtbot.addWidget(view)
    view.resize(1000, 600)
    show(view)
    view._drawer.open_tool("calibrate")
    panel = view._drawer.tool("calibrate")
    assert isinstance(panel, CalibrationPanel)
    assert panel.draft is not None

    # What is chosen is shown at once, and taken back when the tool is closed; the draft stays.
    telemetry = panel._forms[0]
    telemetry.axes.setCurrentIndex(telemetry.axes.findData("unreal"))
    telemetry.axes.activated.emit(telemetry.axes.currentIndex())
    telemetry.yaw.setValue(30.0)
    telemetry.directions[0].setCurrentIndex(telemetry.directions[0].findData("+y"))
    telemetry.directions[0].activated.emit(0)
    shown = view.scene.transforms
    assert shown.telemetry_axes == "unreal"
    assert shown.calibration.telemetry == Placement(directions=("+y", "+x", "+z"), yaw=30.0)
    assert view._bottom.calibration.text() == "Not saved yet"
    view._drawer.open_tool("")
    assert view.scene.transforms.telemetry_axes == "unity"
    assert view._bottom.calibration.text() == "Calibrate…"
    view._drawer.open_tool("calibrate")
    assert view.scene.transforms == shown
    panel._discard.click()
    assert view.scene.transforms.telemetry_axes == "unity"

    # Three pairs: a click on the level, then a marker's place or a typed one.
    for clicked, sent in (((0.0, 0.0), (7.0, 0.0, 1.0)), ((10.0, 2.0), (17.0, 0.0, 3.0)), ((3.0, 9.0), None)):
        panel._add.click()
        row = panel._pairs._rows[-1]
        assert row.visibleRegion().boundingRect() == row.rect()
        assert panel._add.visibleRegion().boundingRect() == panel._add.rect()
        if sent is None:  # Esc ends the asking, and not the tool; the place is asked for again
            view.keyPressEvent(QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier))
            assert (panel._picking, panel.isVisible()) == (-1, True)
            panel._pairs._rows[2].pick.click()
        view.canvas.pointed.emit(Ray((*clicked, 50.0), DOWN))
        if sent is not None:
            context.selection.pick(Picked(1, round(sent[0]), 0, level_id=LEVEL, app_id=APP_ID, place=sent))
    row = panel._pairs._rows[2]
    assert row.place.toolTip().startswith("3.0, 9.0, 0.0 m\n"), (
        "a place that is too long for its line is whole on hover"
    )
    row.sent.setText("nonsense")
    row.sent.setModified(True)
    row.sent.editingFinished.emit()
    assert row.sent.property("state") == "bad"
    row.sent.setText("10, 0, 10")
    row.sent.setModified(True)
    row.sent.editingFinished.emit()
    panel._fit.click()
    assert "0.00 m off" in panel._result.text()
    assert view.scene.transforms.calibration.telemetry.offset == pytest.approx((-7, -1, 0))
    panel._judging.judge()
    assert not panel._verdict.standing.isVisible()  # nobody has played here yet
    panel._save.click()
    (call,) = client.called("change_level_model")
    assert call["changes"].calibration.telemetry.offset == pytest.approx((-7, -1, 0))
    panel._pairs._rows[0].remove.click()
    assert len(panel.draft.pairs) == 2
    # Asking for a pair's place ends with the level: a click on the next one is none of its pairs.
    panel._add.click()
    assert panel._picking == 2
    elsewhere = make_level_model(model_id="model-2", level_name="elsewhere")
    client.level_model_list.append(elsewhere)
    client.meshes["model-2"] = client.meshes["model-1"]
    context.feed.changed.emit("level_models")
    view._source.turn_to("elsewhere", chosen=True)
    assert (panel._picking, panel._sending, panel.draft.pairs) == (-1, -1, [])
    view.canvas.pointed.emit(Ray((0.0, 0.0, 50.0), DOWN))
    assert panel.draft.pairs == []
    flat = view.findChild(Canvas2D)
    assert flat is not None
    with qtbot.waitSignal(flat.pointed):
        flat.ask_point(True)
        viewport = flat.viewport()
        qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=viewport.rect().center())  # type: ignore[no-untyped-call]

    # What comes while a person is about to click moves nothing.
    view.scene.loading = True
    panel._refresh()
    fit = Fit(PLAIN, 1.0, 0.9, 1.0, 4.0, 1.0)
    verdict = Verdict(fit, (fit,) * 8, fit, (fit,))

    def places() -> list[int]:
        QApplication.sendPostedEvents()
        clicked = (panel._save, panel._forms[0].yaw, panel._forms[1].axes, panel._add, panel._fit)
        return [widget.mapTo(panel, QPoint(0, 0)).y() for widget in clicked]

    before = places()
    panel._verdict.show_verdict(verdict, PLAIN)
    assert panel._verdict.advice.isVisible()
    assert places() == before


def test_long_advice_is_not_cut_and_others_have_what_it_leaves(qtbot: QtBot, context: ViewContext) -> None:
    around = QWidget()
    qtbot.addWidget(around)
    column = QVBoxLayout(around)
    box = VerdictBox(context.theme)
    column.addWidget(box)
    column.addStretch(1)
    around.resize(240, 900)
    show(around)
    turned = Transforms("unreal", "quake", Calibration(telemetry=Placement(yaw=180.0)))
    better, fit = Fit(turned, 1.0, 0.9, 1.0, 4.0, 1.0), Fit(PLAIN, 1.0, 0.9, 1.0, 4.0, 1.0)
    heights = []
    for verdict in (Verdict(fit, (fit,) * 8, None), Verdict(fit, (fit,) * 8, better, (fit, better))):
        box.show_verdict(verdict, PLAIN)
        QApplication.sendPostedEvents()
        heights.append(box.others.height())
    assert box.advice.height() >= box.advice.heightForWidth(box.advice.width())
    assert heights[0] > heights[1] >= box.others.minimumHeight()
