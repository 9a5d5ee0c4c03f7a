"""The level on the graphics card: what is sent, what is seen, and that it survives being moved about."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDockWidget, QMainWindow
from pytestqt.qtbot import QtBot

from console.ui.level import mesh_item, trajectory_item
from console.ui.level.canvas import MarkerHit, Worlds
from console.ui.level.canvas_2d import Canvas2D
from console.ui.level.canvas_3d import Canvas3D, opengl_problem
from console.ui.level.colouring import colouring, ramp
from console.ui.level.framing import WHOLE_HEIGHT, Bounds, Section
from console.ui.level.geometry import MeshGeometry
from console.ui.level.heat_picture import HeatPicture, Layer
from console.ui.level.markers import Marker, MarkerStore
from console.ui.level.overlay import Label
from console.ui.level.palette import rgb
from console.ui.level.tracks import FIELDS, TrackStore
from console.ui.level.trajectory_item import TrajectoryItem, merged
from console.ui.theme import DARK, LIGHT
from tests.ui.screen import show

SECOND = 1_000_000
BOUNDS: Bounds = ((-10.0, -10.0, 0.0), (10.0, 10.0, 4.0))
FLOOR = np.array([[-10, -10, 0], [10, -10, 0], [10, 10, 0], [-10, 10, 0]])


def quads(*corners: NDArray[np.float64]) -> MeshGeometry:
    """Rectangles, each by its four corners in turn."""
    two = np.array([[0, 1, 2], [0, 2, 3]])
    return MeshGeometry(
        np.concatenate(corners).astype(np.float32),
        np.concatenate([two + 4 * n for n in range(len(corners))]).astype(np.uint32),
        np.empty((0, 3), dtype=np.float32),
    )


ROOF = quads(FLOOR + np.array([0, 0, 4]))

pytestmark = pytest.mark.gl


@pytest.fixture
def stores() -> tuple[TrackStore, MarkerStore]:
    return TrackStore(chunk=4096, max_samples=400_000), MarkerStore()


@pytest.fixture
def canvas(qtbot: QtBot, stores: tuple[TrackStore, MarkerStore]) -> Iterator[Canvas3D]:
    if problem := opengl_problem():
        pytest.skip(problem)
    made = Canvas3D(DARK)
    qtbot.addWidget(made)
    made.resize(320, 240)
    made.set_worlds(Worlds(np.eye(4), np.eye(4)))
    made.set_stores(*stores)
    show(made)
    made.fit(BOUNDS)
    yield made
    made.release()


def paint_by(canvas: Canvas2D | Canvas3D, name: str) -> None:
    canvas.set_colouring(colouring(name), ramp(colouring(name), DARK, 10.0))


def walk(
    store: TrackStore, *, session: str = "s", player: int = 0, samples: int = 40, at_s: int = 0, fps: float = 60.0
) -> None:
    """A diagonal across the level, one metre above the floor."""
    line = np.linspace(-9, 9, samples, dtype=np.float32)
    points = np.stack([line, line * 0.5, np.full(samples, 1.0, np.float32)], axis=1)
    for other in range(player):  # who has the colours before
        store.sessions._book.player("app", f"another {other}")
    number = store.sessions.number("app", session, session, "build")
    store.sessions.entered(number, at_s * SECOND)
    store.add(number, session, at_s * SECOND, (at_s + 1) * SECOND, points, (fps, fps, fps))


def coloured(image: QImage, colour: str, tolerance: int = 40) -> int:
    """How many pixels have about this colour, without the corner where the axes are."""
    image = image.copy(80, 0, image.width() - 80, image.height()).convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), -1, 4)[:, : image.width(), 2::-1]
    wanted = np.array(rgb(colour)) * 255
    return int((np.abs(pixels.astype(float) - wanted).max(axis=2) < tolerance).sum())


def shades(image: QImage) -> int:
    """How many colours a picture has, without the corner where the axes are."""
    image = image.copy(180, 0, image.width() - 180, image.height()).convertToFormat(QImage.Format.Format_RGB32)
    return len(np.unique(np.frombuffer(image.constBits(), dtype=np.uint32)))


def unlike(image: QImage, other: QImage) -> int:
    """How many pixels of two pictures differ clearly."""
    first, second = (
        np.frombuffer(one.convertToFormat(QImage.Format.Format_RGB32).constBits(), dtype=np.uint8).astype(int)
        for one in (image, other)
    )
    assert image.size() == other.size()
    return int((np.abs(first - second).reshape(-1, 4).max(axis=1) > 40).sum())


def test_tracks_are_seen_in_their_players_colour(canvas: Canvas3D, stores: tuple[TrackStore, MarkerStore]) -> None:
    paint_by(canvas, "player")
    assert coloured(canvas.grabFramebuffer(), DARK.series[1]) == 0
    walk(stores[0], player=1)
    assert coloured(canvas.grabFramebuffer(), DARK.series[1]) > 100
    canvas.set_shown(tracks=False, markers=True)
    assert coloured(canvas.grabFramebuffer(), DARK.series[1]) == 0


def test_recolouring_and_time_ranges_send_nothing(canvas: Canvas3D, stores: tuple[TrackStore, MarkerStore]) -> None:
    walk(stores[0], player=1, fps=15.0)
    paint_by(canvas, "player")
    canvas.grabFramebuffer()
    sent = canvas.tracks.bytes_sent
    assert sent == 40 * 4 * FIELDS
    paint_by(canvas, "low_1")
    assert coloured(canvas.grabFramebuffer(), DARK.frame_rate[0]) > 100
    canvas.set_time_range(5 * SECOND, None)
    assert coloured(canvas.grabFramebuffer(), DARK.frame_rate[0]) == 0
    canvas.set_time_range(None, None)
    assert coloured(canvas.grabFramebuffer(), DARK.frame_rate[0]) > 100
    paint_by(canvas, "time")
    assert coloured(canvas.grabFramebuffer(), DARK.sequence[0]) > 10
    paint_by(canvas, "speed")  # 20 m/s, beyond the ramp's end
    assert coloured(canvas.grabFramebuffer(), DARK.sequence[-1]) > 100
    canvas.set_time_range(None, SECOND)
    canvas.set_trail(0.2)  # a fifth of the line, and fading
    assert 10 < coloured(canvas.grabFramebuffer(), DARK.sequence[-1]) < 100
    canvas.set_trail(0.0)
    sessions = stores[0].sessions
    sessions.set_hidden("player", 0, True)
    assert coloured(canvas.grabFramebuffer(), DARK.sequence[-1]) == 0
    sessions.highlight(0)
    assert coloured(canvas.grabFramebuffer(), DARK.sequence[-1]) > 100
    sessions.highlight(sessions.number("app", "another", "q", "build"))
    sessions.set_hidden("player", 0, False)  # dimmed
    assert coloured(canvas.grabFramebuffer(), DARK.sequence[-1]) == 0
    assert canvas.tracks.bytes_sent == sent


def test_edges_are_smooth_unless_what_moves_takes_too_long(
    canvas: Canvas3D, stores: tuple[TrackStore, MarkerStore]
) -> None:
    paint_by(canvas, "player")
    walk(stores[0], player=1)
    canvas.set_labels([Label("p", -5.0, 5.0, 1.0, DARK.series[2]), Label("q", 5.0, -5.0, 1.0, DARK.series[2])])
    still = canvas.grabFramebuffer()
    assert coloured(still, DARK.series[2]) > 2 * 30  # two dots of four pixels' radius
    canvas._pace._smoothing.moving = False
    canvas._flew()
    rough = canvas.grabFramebuffer()
    assert shades(rough) < shades(still)
    assert unlike(rough, still) > 20
    assert unlike(rough, still) < 1500  # edges only
    assert coloured(rough, DARK.series[2]) > 2 * 30
    canvas.resize(400, 300)
    canvas._pace.stand_still()
    assert shades(canvas.grabFramebuffer()) > shades(rough)
    canvas.set_shown(tracks=False, markers=True)
    assert coloured(canvas.grabFramebuffer(), DARK.series[2]) == 0


def test_only_new_samples_are_sent(canvas: Canvas3D, stores: tuple[TrackStore, MarkerStore]) -> None:
    walk(stores[0], samples=1000)
    canvas.grabFramebuffer()
    before = canvas.tracks.bytes_sent
    walk(stores[0], session="t", samples=10, at_s=1)
    canvas.grabFramebuffer()
    assert canvas.tracks.bytes_sent - before == 10 * 4 * FIELDS


def test_the_drawn_vertices_stay_within_the_budget(canvas: Canvas3D, stores: tuple[TrackStore, MarkerStore]) -> None:
    for number in range(40):
        walk(stores[0], session=f"s{number}", samples=1000, at_s=number)
    canvas.tracks.budget = 8_000
    paint_by(canvas, "low_1")
    assert coloured(canvas.grabFramebuffer(), DARK.frame_rate[-1]) > 100
    assert 1_000 < canvas.tracks.plan.vertices <= 9_000
    canvas.tracks.budget = 100_000
    canvas.grabFramebuffer()
    assert canvas.tracks.plan.vertices >= 40_000
    canvas.set_shown(tracks=False, markers=False)
    canvas.tracks.plan, canvas.tracks.seconds = replace(canvas.tracks.plan, stride=2), 0.0  # as if fast, and thinned
    before = canvas.tracks.budget
    for _ in range(30):  # of what is not drawn no more can be afforded than before
        canvas.grabFramebuffer()
    assert canvas.tracks.budget <= before


def test_a_roof_hides_tracks_until_it_is_cut_or_seen_through(
    canvas: Canvas3D, stores: tuple[TrackStore, MarkerStore]
) -> None:
    walk(stores[0], player=1)
    paint_by(canvas, "player")
    canvas.set_mesh(ROOF)
    canvas.set_top(True)
    canvas.fit(BOUNDS)
    assert coloured(canvas.grabFramebuffer(), DARK.series[1]) == 0
    canvas.set_section(Section(high=3.0))
    assert coloured(canvas.grabFramebuffer(), DARK.series[1]) > 100
    canvas.set_section(Section(high=0.5))  # the track is higher than that
    assert coloured(canvas.grabFramebuffer(), DARK.series[1]) == 0
    canvas.set_section(WHOLE_HEIGHT)
    canvas.set_xray(True)
    assert coloured(canvas.grabFramebuffer(), DARK.series[1]) > 100
    canvas.set_mesh(None)
    assert coloured(canvas.grabFramebuffer(), DARK.series[1]) > 100


def test_markers_are_seen_and_found(canvas: Canvas3D, stores: tuple[TrackStore, MarkerStore], qtbot: QtBot) -> None:
    stores[1].add(
        [Marker(1, 1, 0, 0, "Player_Died", "p", 0.0, 0.0, 1.0), Marker(2, 2, 0, 0, "Jump", "p", 5.0, 5.0, 1.0)]
    )
    canvas.set_top(True)
    canvas.fit(BOUNDS)
    assert coloured(canvas.grabFramebuffer(), DARK.bad) > 20
    seen = canvas.camera.project(np.array([[0.0, 0.0, 1.0]]), 320, 240)[0]
    place = QPointF(float(seen[0]), float(seen[1]))
    assert canvas.hit_at(place) == MarkerHit(0)
    assert canvas.hit_at(QPointF(5, 5)) is None
    with qtbot.waitSignal(canvas.hit) as hit:
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert hit.args == [MarkerHit(0)]
    stores[1].set_hidden("Player_Died", True)
    assert coloured(canvas.grabFramebuffer(), DARK.bad) == 0
    assert canvas.hit_at(place) is None


@pytest.mark.parametrize(("elevation", "away"), [(20.0, 9.0), (35.0, 5.0), (60.0, 3.0)])
def test_a_wall_hides_a_signs_number_too_and_the_floor_cuts_neither(
    canvas: Canvas3D, stores: tuple[TrackStore, MarkerStore], elevation: float, away: float
) -> None:
    stores[1].add([Marker(n, n, 0, 0, "Player_Died", "p", 0.0, 0.0, 0.0) for n in range(3)])
    canvas.camera.pose = replace(canvas.camera.pose, elevation=elevation, centre=(0.0, 0.0, 0.0))

    def seen(geometry: MeshGeometry | None) -> tuple[int, int]:
        canvas.set_mesh(geometry)
        image = canvas.grabFramebuffer()
        return coloured(image, DARK.bad, 10), coloured(image, DARK.text, 10)

    free = seen(None)
    assert min(free) > 10
    assert seen(quads(FLOOR)) == free
    rises, ahead = np.radians(elevation), canvas.camera.ahead()
    across, foot = np.cross(ahead, (0.0, 0.0, 10.0)), -away * ahead
    top = foot + np.array([0.0, 0.0, away * np.tan(rises) + 3.0 / np.cos(rises)])
    wall = np.array([foot - across, foot + across, top + across, top - across])
    assert seen(quads(FLOOR, wall)) == (0, 0)


def test_a_long_history_and_a_large_level_come_in_slices(
    canvas: Canvas3D, stores: tuple[TrackStore, MarkerStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trajectory_item, "_SLICE_VERTICES", 3000)
    monkeypatch.setattr(mesh_item, "SLICE_BYTES", 60)
    walk(stores[0], session="past", player=2, samples=8000)
    walk(stores[0], session="now", player=1)
    canvas.set_mesh(ROOF)
    paint_by(canvas, "player")
    seen = []
    for _ in range(4):
        canvas.grabFramebuffer()
        drawn_plan = canvas.tracks.plan
        newest = max(chunk * 4096 + int(first.max()) for chunk, _, first, _ in drawn_plan.strips)
        seen.append((newest >= 8000, drawn_plan.vertices, canvas.mesh.complete))
    assert [now for now, *_ in seen] == [True] * 4  # what is played now does not wait
    drawn = [vertices for _, vertices, _ in seen]
    assert drawn == sorted(drawn)
    assert drawn[0] < 8000 < drawn[-1]
    assert [complete for *_, complete in seen] == [False, True, True, True]
    assert canvas.tracks.bytes_sent >= 8040 * 4 * FIELDS


def test_the_colours_follow_the_theme(canvas: Canvas3D) -> None:
    canvas.set_tokens(LIGHT)
    assert coloured(canvas.grabFramebuffer(), LIGHT.window, 12) > 240 * 240 / 2


def test_a_floating_dock_and_another_store_draw_again(
    qtbot: QtBot, stores: tuple[TrackStore, MarkerStore], canvas: Canvas3D
) -> None:
    window, dock = QMainWindow(), QDockWidget()
    qtbot.addWidget(window)
    second = Canvas3D(DARK)
    second.setFixedSize(320, 240)
    second.set_stores(*stores)
    second.set_mesh(replace(ROOF, vertices=ROOF.vertices - [0, 0, 4]))
    warm = np.full((4, 4, 4), (200, 40, 40, 200), dtype=np.uint8)
    second.set_heat(HeatPicture(warm, 0.0, -9.0, 9.0, 9.0, 0.0), None)
    stores[1].add([Marker(0, 1, 0, 0, "Player_Died", "p", -5.0, 5.0, 1.0)])
    dock.setWidget(second)
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    window.resize(500, 400)
    walk(stores[0], player=1)
    paint_by(second, "player")
    show(window)
    second.fit(BOUNDS)
    picture = second.grabFramebuffer()
    assert coloured(picture, DARK.series[1]) > 50
    assert coloured(picture, DARK.bad) > 10
    for floating in (True, False, True):
        dock.setFloating(floating)
        qtbot.waitUntil(lambda: unlike(second.grabFramebuffer(), picture) == 0)
    second.release()  # as Qt does before a context ends, and with the next one
    second.makeCurrent()
    second.initializeGL()
    # Tracks and their colours, markers, the level and the heat on it: all is there again.
    assert unlike(second.grabFramebuffer(), picture) == 0
    second.release()
    other = TrackStore(chunk=4096)
    walk(other, player=2)
    second.set_stores(other, stores[1])
    image = second.grabFramebuffer()
    assert coloured(image, DARK.series[2]) > 50
    assert coloured(image, DARK.series[1]) == 0


def test_a_driver_that_fails_is_told_once(qtbot: QtBot, canvas: Canvas3D, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: TrajectoryItem) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(TrajectoryItem, "draw", fail)
    with qtbot.waitSignal(canvas.failed) as told:
        canvas.grabFramebuffer()
    assert told.args == ["OpenGL failed: out of memory."]
    canvas.grabFramebuffer()


def test_the_camera_turns_pans_and_zooms(qtbot: QtBot, canvas: Canvas3D) -> None:
    before = canvas.camera.pose
    qtbot.keyClick(canvas, Qt.Key.Key_Left)
    assert canvas.camera.pose.azimuth == before.azimuth - 5
    qtbot.keyClick(canvas, Qt.Key.Key_Up)
    assert canvas.camera.pose.elevation == before.elevation + 5
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.camera.pose.distance < before.distance
    qtbot.keyClick(canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.camera.pose.centre != before.centre
    assert canvas.touched
    canvas.fit(BOUNDS)
    assert not canvas.touched


def test_zooming_keeps_what_is_under_the_pointer(canvas: Canvas3D) -> None:
    canvas.set_top(True)
    canvas.fit(BOUNDS)
    point = np.array([[5.0, 3.0, 2.0]])  # on the plane through the centre
    before = canvas.camera.project(point, 320, 240)[0]
    canvas.camera.zoom(3, QPointF(float(before[0]), float(before[1])), 320, 240)
    after = canvas.camera.project(point, 320, 240)[0]
    assert np.abs(after[:2] - before[:2]).max() < 1.0


def test_the_flat_canvas_draws_the_same(qtbot: QtBot, stores: tuple[TrackStore, MarkerStore]) -> None:
    canvas = Canvas2D(DARK)
    qtbot.addWidget(canvas)
    canvas.resize(320, 240)
    walk(stores[0], player=1, fps=15.0)
    stores[1].add([Marker(1, 1, 0, 0, "Player_Died", "p", 0.0, 5.0, 1.0)])
    canvas.set_worlds(Worlds(np.eye(4), np.eye(4)))
    canvas.set_mesh(ROOF)
    canvas.set_stores(*stores)
    canvas.fit(BOUNDS)
    show(canvas)
    paint_by(canvas, "player")
    assert coloured(canvas.grab().toImage(), DARK.series[1]) > 50
    assert coloured(canvas.grab().toImage(), DARK.bad) > 10
    paint_by(canvas, "low_1")
    assert coloured(canvas.grab().toImage(), DARK.frame_rate[0]) > 50
    canvas.set_section(Section(high=0.5))
    assert coloured(canvas.grab().toImage(), DARK.frame_rate[0]) == 0
    canvas.set_section(WHOLE_HEIGHT)
    canvas.set_time_range(5 * SECOND, None)
    assert coloured(canvas.grab().toImage(), DARK.frame_rate[0]) == 0
    canvas.set_shown(tracks=False, markers=False)
    assert coloured(canvas.grab().toImage(), DARK.bad) == 0
    assert canvas.getViewBox().viewRect().contains(QRectF(-10, -10, 20, 20))


def test_touching_ranges_become_one_write() -> None:
    assert merged([(8, 12), (0, 4), (4, 8), (20, 24)], 4096) == [(0, 12), (20, 24)]
    assert merged([(4000, 4096), (4096, 4100)], 4096) == [(4000, 4096), (4096, 4100)]


def test_surfaces_show_the_layer_at_their_own_height(canvas: Canvas3D) -> None:
    canvas.set_mesh(ROOF)

    def shown(*layers: tuple[str, float, float]) -> tuple[int, int]:
        made = []
        for colour, low, high in layers:
            warm = np.full((2, 2, 4), (*(round(part * 255) for part in rgb(colour)), 255), dtype=np.uint8)
            made.append(Layer(warm, np.full((2, 2), low), np.full((2, 2), high)))
        canvas.set_heat(HeatPicture(made[0].pixels, -10.0, -10.0, 10.0, 10.0, 0.0, layers=tuple(made)), None)
        picture = canvas.grabFramebuffer()
        return coloured(picture, DARK.bad, 12), coloured(picture, DARK.good, 12)

    assert shown((DARK.bad, -2.0, 1.0)) == (0, 0), "a roof far above"
    assert shown((DARK.bad, -2.0, 1.0), (DARK.good, 3.8, 4.2))[1] > 500
    assert shown((DARK.bad, 3.8, 4.2), (DARK.good, 7.0, 9.0))[0] > 500
