"""The level view against a stand-in server, flat: what it asks, follows, saves and says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from console import messages as m
from console.client import ConsoleUnavailable
from console.columns import encode_columns
from console.ui.context import ViewContext
from console.ui.level import canvas_3d
from console.ui.level.canvas import ClusterHit, MarkerHit
from console.ui.level.framing import WHOLE_HEIGHT
from console.ui.level.stage import Stage, models_in
from console.ui.level.view import LevelView
from console.ui.navigation import LevelSubject
from console.ui.recent_rows import RecentRows
from console.ui.selection import Picked, Scope
from tests.ui.fakes import (
    APP_ID,
    BUILD,
    LEVEL,
    FakeClient,
    FakeMessages,
    make_event,
    make_level_model,
    make_status,
    make_trajectory,
    refused,
)
from tests.ui.screen import show

SQUARE = m.Mesh(
    model_id="model-1",
    vertices=np.array([[-50, 0, -50], [50, 0, -50], [50, 0, 50], [-50, 0, 50]], dtype="<f4").tobytes(),
    faces=np.array([[0, 1, 2], [0, 2, 3]], dtype="<u4").tobytes(),
)


@pytest.fixture(autouse=True)
def flat(monkeypatch: pytest.MonkeyPatch) -> None:
    """No OpenGL: these tests run anywhere, and try the fallback besides."""
    monkeypatch.setattr(canvas_3d, "opengl_problem", lambda: "There is no OpenGL.")


@pytest.fixture
def make_view(qtbot: QtBot, context: ViewContext) -> Callable[[], LevelView]:
    kept: list[LevelView] = []  # qtbot holds no reference of its own

    def make() -> LevelView:
        view = LevelView(context)
        kept.append(view)
        qtbot.addWidget(view)
        view.resize(900, 600)
        show(view)
        return view

    return make


def samples(count: int = 20, level_seq: int = 3) -> m.Columns:
    line = np.linspace(-40, 40, count)
    return encode_columns(
        {
            "app_id": [APP_ID] * count,
            "session_id": ["s-old"] * count,
            "player_id": ["old_player"] * count,
            "seq": np.full(count, level_seq, "<i8"),
            "time_us": (1_770_000_000_000_000 + np.arange(count) * 100_000).astype("<i8"),
            "x": line.astype("<f4"),
            "y": np.zeros(count, "<f4"),
            "z": line.astype("<f4"),
            "fps_mean": np.full(count, 60, "<f4"),
            "fps_low_5": np.full(count, 50, "<f4"),
            "fps_low_1": np.full(count, 40, "<f4"),
        }
    )


def rows(*trajectories: m.TrajectoryRow, events: tuple[m.EventRow, ...] = ()) -> m.FeedRows:
    return m.FeedRows(events=list(events), requests=[], trajectories=list(trajectories))


def played(client: FakeClient, **counts: int) -> None:
    samples = np.array(list(counts.values()), "<i8")
    applications = [APP_ID] * len(counts)
    client.queries["levels"] = encode_columns(
        {"app_id": applications, "level_id": list(counts), "samples": samples, "last_us": samples}
    )


def with_model(client: FakeClient, **changes: Any) -> None:
    client.level_model_list = [make_level_model(**changes)]
    client.meshes["model-1"] = SQUARE


def test_the_busiest_level_is_loaded_with_its_mesh_and_history(
    client: FakeClient, make_view: Callable[[], LevelView]
) -> None:
    with_model(client)
    played(client, **{"quiet": 1, LEVEL: 20})
    client.queries["samples"] = samples()
    view = make_view()
    assert view.scene.level == LEVEL
    assert view.scene.tracks.samples == 20
    assert client.called("mesh") == [{"model_id": "model-1"}]
    asked = next(call for call in client.called("query") if call["name"] == "samples")
    assert asked["level_id"] == LEVEL


def test_the_first_visit_teaches(make_view: Callable[[], LevelView]) -> None:
    view = make_view()
    stage = view.findChild(Stage)
    assert stage is not None
    assert any("No level yet" in text for text in texts(view))
    assert any("There is no OpenGL. The level is shown from above instead." in text for text in texts(view))
    assert not view._top.xray.isEnabled()
    assert view._top.xray.toolTip().startswith("Without OpenGL")


@pytest.mark.parametrize(
    "error", [ImportError("no OpenGL"), AttributeError("'NoneType' has no 'glGetError'"), OSError()]
)
def test_a_machine_whose_opengl_cannot_be_loaded_shows_the_level_flat(
    make_view: Callable[[], LevelView], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(canvas_3d, "opengl_problem", lambda: "")
    monkeypatch.setattr(canvas_3d, "Canvas3D", fail)
    view = make_view()
    assert any(text.startswith("OpenGL could not be loaded: ") and "above instead" in text for text in texts(view))


def test_live_rows_are_followed(context: ViewContext, make_view: Callable[[], LevelView]) -> None:
    view = make_view()
    context.feed.rows_arrived.emit(rows(make_trajectory(1), events=(make_event(2),)))
    assert view.scene.level == LEVEL
    context.feed.rows_arrived.emit(rows(make_trajectory(3)))
    assert view.scene.tracks.samples == 100
    assert len(view.scene.markers) == 1


def test_a_chosen_level_is_not_left(
    context: ViewContext, client: FakeClient, make_view: Callable[[], LevelView]
) -> None:
    played(client, Quiet=0, Other=0)
    view = make_view()
    view._top.level_chosen.emit("Quiet")
    context.feed.rows_arrived.emit(rows(make_trajectory(1)))
    assert view.scene.level == "Quiet"
    context.feed.connected.emit(m.FeedHello(last_seq=1, last_request_id=1, status=make_status()))
    assert view.scene.level == "Quiet"


def test_another_view_leads_to_a_level(make_view: Callable[[], LevelView], client: FakeClient) -> None:
    view = make_view()
    view.show_subject(LevelSubject("the roof"))
    assert view.scene.level == "the roof"
    assert view.scene.chosen
    assert client.called("query")[-1]["level_id"] == "the roof"


def test_a_scope_narrows_what_is_asked(
    context: ViewContext, client: FakeClient, make_view: Callable[[], LevelView]
) -> None:
    played(client, **{LEVEL: 20})
    make_view()
    client.calls.clear()
    context.selection.set_scope(Scope(APP_ID, "build", frozenset({(APP_ID, "b"), (APP_ID, "a")})))
    asked = {call["name"]: call for call in client.called("query")}
    for name in ("samples", "markers"):
        assert asked[name]["app_id"] == APP_ID
        assert asked[name]["build_id"] == "build"
        assert asked[name]["sessions"] == {APP_ID: ["a", "b"]}


def test_a_history_is_asked_again_once_the_store_caught_up(
    context: ViewContext, client: FakeClient, make_view: Callable[[], LevelView]
) -> None:
    played(client, **{LEVEL: 20})
    view = make_view()
    before = len(client.called("query"))
    client.queries["samples"] = samples()
    context.feed.caught_up.emit()
    assert len(client.called("query")) > before
    # What the feed skipped is in the store.
    before = len(client.called("query"))
    context.feed.rows_arrived.emit(m.FeedRows(events=[], requests=[], trajectories=[], skipped_events=5))
    assert len(client.called("query")) == before
    view._source._again.timeout.emit()
    assert len(client.called("query")) > before


def test_a_hidden_level_asks_nothing_and_catches_up_when_shown(
    context: ViewContext, client: FakeClient, make_view: Callable[[], LevelView]
) -> None:
    played(client, **{LEVEL: 20})
    view = make_view()
    view.scene._recent = RecentRows(max_unseen=5)

    def asked_when(change: Callable[[], object]) -> int:
        """Questions that the shown view asks after what changed while it was hidden."""
        view.hide()
        before = len(client.calls)
        change()
        assert len(client.calls) == before
        view.show()
        QApplication.processEvents()
        return len(client.calls) - before

    revision = view.scene.tracks.revision
    assert asked_when(lambda: None) == 0
    assert asked_when(lambda: context.feed.rows_arrived.emit(rows(make_trajectory(1, level_id=LEVEL)))) == 0
    assert view.scene.tracks.revision > revision, "the few rows that came are shown"
    many = rows(*(make_trajectory(number, level_id=LEVEL) for number in range(2, 9)))
    assert asked_when(lambda: context.feed.rows_arrived.emit(many)) == 3  # sessions, samples, markers

    def much() -> None:
        context.selection.set_scope(Scope(APP_ID))
        context.selection.set_scope(Scope(APP_ID, BUILD))
        context.feed.caught_up.emit()
        context.feed.changed.emit("level_models")

    assert asked_when(much) == 9  # the levels, their models and names; the history; the summary beside it
    assert client.called("query")[-1]["build_id"] == BUILD
    assert asked_when(lambda: None) == 0


def test_axes_are_saved_with_the_model(client: FakeClient, make_view: Callable[[], LevelView]) -> None:
    with_model(client)
    played(client, **{LEVEL: 20})
    view = make_view()
    view._bottom.axes_chosen.emit("godot", "unreal")
    (call,) = client.called("change_level_model")
    assert call["changes"] == m.LevelModelChanges(mesh_axes="godot", telemetry_axes="unreal")


def test_axes_without_a_model_are_kept_in_the_settings(
    context: ViewContext, client: FakeClient, make_view: Callable[[], LevelView]
) -> None:
    played(client, **{LEVEL: 20})
    client.queries["samples"] = samples()
    view = make_view()
    view._bottom.axes_chosen.emit("gltf", "unreal")
    assert client.called("change_level_model") == []
    assert view.scene.transforms.telemetry_axes == "unreal"
    assert view.scene.tracks.metres_per_unit == 0.01  # joined anew
    assert make_view().scene.transforms.telemetry_axes == "unreal"
    context.settings.setValue("level/telemetry_axes", "nonsense")
    assert make_view().scene.transforms.telemetry_axes == "unity"


def test_a_new_model_appears(context: ViewContext, client: FakeClient, make_view: Callable[[], LevelView]) -> None:
    view = make_view()
    with_model(client)
    context.feed.changed.emit("level_models")
    assert view.scene.level == LEVEL
    assert client.called("mesh")
    client.level_model_list = [make_level_model(model_id="model-2", version=2)]
    client.meshes["model-2"] = SQUARE
    context.feed.changed.emit("level_models")
    assert client.called("mesh")[-1] == {"model_id": "model-2"}
    asked = len(client.called("mesh"))
    context.feed.changed.emit("level_models")
    context.feed.changed.emit("applications")
    assert len(client.called("mesh")) == asked


def test_a_mesh_that_cannot_be_had_is_told_and_asked_again(
    context: ViewContext, client: FakeClient, messages: FakeMessages, make_view: Callable[[], LevelView]
) -> None:
    with_model(client)
    client.failures["mesh"] = refused("not_found", "The mesh is gone.")
    make_view()
    assert messages.said == [("bad", "Load the levels: The mesh is gone.")]
    del client.failures["mesh"]
    context.feed.connected.emit(m.FeedHello(last_seq=0, last_request_id=0, status=make_status()))
    assert len(client.called("mesh")) == 2


def test_a_server_that_is_not_there_yet_is_no_news(
    client: FakeClient, messages: FakeMessages, make_view: Callable[[], LevelView]
) -> None:
    client.failures["level_models"] = ConsoleUnavailable("starting")
    make_view()
    assert messages.said == []


def test_a_marker_is_picked_for_the_inspector(context: ViewContext, make_view: Callable[[], LevelView]) -> None:
    view = make_view()
    context.feed.rows_arrived.emit(rows(make_trajectory(1), events=(make_event(7, request_id=5, index=2),)))
    view.canvas.hit.emit(MarkerHit(0))
    picked = context.selection.picked
    assert picked == Picked(5, 7, 2)
    assert picked is not None
    assert (picked.app_id, picked.session_id, picked.level_id) == (APP_ID, view.scene.markers[0].session_id, LEVEL)
    assert picked.place == (view.scene.markers[0].x, view.scene.markers[0].y, view.scene.markers[0].z)
    ring = view._marker_view.picked_place()
    assert ring is not None
    context.selection.pick(Picked(5, 7, 2, place=None))
    assert view._marker_view.picked_place() == ring  # known by its number alone
    assert view._marker_view.picked_bounds() is not None
    assert context.clock.following
    view.canvas.activated.emit(MarkerHit(0))
    assert context.clock.cursor_us == view.scene.markers[0].time_us
    context.selection.pick(None)
    assert view._marker_view.picked_place() is None
    menus = len(view.findChildren(QMenu))
    view.canvas.hit.emit(ClusterHit((0, 0)))
    menu = view.findChildren(QMenu)[-1]
    assert len(view.findChildren(QMenu)) == menus + 1
    menu.actions()[0].trigger()
    menu.close()
    assert context.selection.picked == Picked(5, 7, 2)


def test_a_frozen_view_keeps_its_labels(context: ViewContext, make_view: Callable[[], LevelView]) -> None:
    view = make_view()
    view.set_frozen(True)
    context.feed.rows_arrived.emit(rows(make_trajectory(1)))
    assert view.canvas._labels == []  # type: ignore[attr-defined]
    view.set_frozen(False)
    assert len(view.canvas._labels) == 1  # type: ignore[attr-defined]
    view.clear()
    assert view.scene.tracks.samples == 0


def test_switches_and_colours_are_remembered(context: ViewContext, make_view: Callable[[], LevelView]) -> None:
    view = make_view()
    assert view._top.tracks.isChecked()
    view._top.tracks.setChecked(False)
    view._top.xray.setChecked(True)
    view._top.colour_chosen.emit("build")
    again = make_view()
    assert not again._top.tracks.isChecked()
    assert again._top.markers.isChecked()
    assert again._top.xray.isChecked()
    again._top.xray.setChecked(False)
    again._top.top.setChecked(True)  # from above roofs are seen through, until a person chose
    assert again._top.xray.isChecked()
    again._top.top.setChecked(False)
    assert not again._top.xray.isChecked()
    again._top.xray.setChecked(True)
    again._rail.buttons["heatmap"].click()
    assert not again._top.markers.isChecked(), "signs would bury the picture"
    again._top.tracks.setChecked(True)
    again._rail.buttons["heatmap"].click()
    assert (again._top.tracks.isChecked(), again._top.markers.isChecked()) == (False, True)
    again._rail.buttons["coverage"].click()
    assert (again._top.tracks.isChecked(), again._top.markers.isChecked()) == (True, False)
    assert again._top.colour.currentData() == "build"


def test_the_section_is_given_in_metres(client: FakeClient, make_view: Callable[[], LevelView], qtbot: QtBot) -> None:
    with_model(client)
    view = make_view()
    slider = view._bottom.section
    for _ in range(10):  # of 20 pages
        qtbot.keyClick(slider, Qt.Key.Key_PageDown)
    assert view._workbench.section.high == pytest.approx(5.0)  # half of −2 … 12
    assert "≤ 5.0 m" in texts(view)
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(13, 12))  # the lower end
    qtbot.keyClick(slider, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    low, high = slider.ends
    assert 0 < low < high == 201
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert slider.ends == (0, 201)
    qtbot.mouseDClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() // 3, 12))
    assert view._workbench.section == WHOLE_HEIGHT
    assert "whole height" in texts(view)


def test_kinds_of_markers_are_switched(context: ViewContext, make_view: Callable[[], LevelView]) -> None:
    view = make_view()
    context.feed.rows_arrived.emit(rows(make_trajectory(1), events=(make_event(2, name="Tom & <b>Jerry</b>"),)))
    view._tell()
    (button,) = view._stage.legend._buttons.values()
    assert button.text().startswith("Tom && <b>Jerry</b>")
    button.click()
    assert view.scene.markers.hidden == {"Tom & <b>Jerry</b>"}
    assert button.font().strikeOut()


def test_dropped_models_are_handed_on(qtbot: QtBot, make_view: Callable[[], LevelView], tmp_path: Path) -> None:
    view = make_view()
    event = drop([tmp_path / "Level.GLB", tmp_path / "notes.txt"])
    assert models_in(event) == [tmp_path / "Level.GLB"]
    with qtbot.waitSignal(view.upload_wanted) as wanted:
        view._stage.dropEvent(event)
    assert event.dropAction() == Qt.DropAction.CopyAction, "who hears of a move may delete the file"
    assert wanted.args == [[tmp_path / "Level.GLB"]]
    view._stage.dropEvent(drop([tmp_path / "notes.txt"]))


def test_keys_turn_the_level(qtbot: QtBot, make_view: Callable[[], LevelView]) -> None:
    view = make_view()
    qtbot.keyClick(view, Qt.Key.Key_X)
    assert not view._top.xray.isChecked(), "a plan has none"
    view.canvas.touched = True
    qtbot.keyClick(view, Qt.Key.Key_F)
    assert not view.canvas.touched


def test_the_theme_is_followed(context: ViewContext, make_view: Callable[[], LevelView]) -> None:
    view = make_view()
    context.feed.rows_arrived.emit(rows(make_trajectory(1), events=(make_event(2),)))
    context.theme.set_scheme("light")
    assert view.canvas._tokens.scheme == "light"  # type: ignore[attr-defined]
    assert len(view._stage.legend._buttons) == 1


def texts(view: LevelView) -> list[str]:
    from PySide6.QtWidgets import QLabel

    return [label.text() for label in view.findChildren(QLabel) if label.isVisible()]


def drop(paths: list[Path]) -> QDropEvent:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    drop.data = data  # type: ignore[attr-defined]  # Qt does not keep it alive
    return QDropEvent(
        QPointF(QPoint(5, 5)),
        Qt.DropAction.CopyAction | Qt.DropAction.MoveAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.ShiftModifier,  # asks for a move
    )
