"""The level in three dimensions: an OpenGL widget that paints no more often than it can afford."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL
from pyqtgraph.opengl import GLViewWidget
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMatrix4x4, QPainter, QShowEvent, QSurfaceFormat
from PySide6.QtOpenGL import QOpenGLPaintDevice
from PySide6.QtWidgets import QToolTip, QWidget
from shiboken6 import isValid

from console.ui.hover import plain_hover
from console.ui.level.axes_sign import AxesSign
from console.ui.level.camera import Camera
from console.ui.level.canvas import ClusterHit, MarkerHit, TrackHit, Worlds
from console.ui.level.colouring import Colouring, Ramp
from console.ui.level.fit_beside import Card
from console.ui.level.flight import Flight
from console.ui.level.frame_target import FrameTarget
from console.ui.level.framing import EMPTY_BOUNDS, Bounds, Place, Section, grid_lines
from console.ui.level.geometry import MeshGeometry
from console.ui.level.gl_item import LevelItem
from console.ui.level.hands import Hands
from console.ui.level.heat_item import HeatFloor
from console.ui.level.heat_picture import HeatPicture
from console.ui.level.marker_item import MarkerItem
from console.ui.level.marker_layer import MarkerLayer
from console.ui.level.marker_sight import paint_picked
from console.ui.level.markers import MarkerStore
from console.ui.level.mesh_item import LineItem, MeshItem
from console.ui.level.opengl import draws_in_software, opengl_problem, with_depth
from console.ui.level.overlay import Label
from console.ui.level.pace import Pace
from console.ui.level.palette import mesh_colours, rgb
from console.ui.level.pins import Pin, paint_pins
from console.ui.level.player_item import PlayerItem
from console.ui.level.player_signs import PlayerSigns
from console.ui.level.sight import Sight
from console.ui.level.track_lists import DrawPlan
from console.ui.level.tracks import TrackStore
from console.ui.level.trajectory_item import TrajectoryItem
from console.ui.theme import Tokens

_CONTEXT_MS = 1000


__all__ = ["Canvas3D", "opengl_problem", "with_depth"]


class Canvas3D(GLViewWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """The scene in one OpenGL context; what is picked and hovered, it tells."""

    hit = Signal(object)
    activated = Signal(object)
    failed = Signal(str)
    pointed = Signal(object)
    has_depth = True

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFormat(with_depth(QSurfaceFormat.defaultFormat()))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Level in three dimensions")
        self.camera = Camera()
        self.context_generation = 0
        self.needs_point_sprites = False
        self.touched = False
        self._tokens = tokens
        self._labels: list[Label] = []
        self._player_signs = PlayerSigns()
        self._axes_sign = AxesSign()
        self._target = FrameTarget()
        self._pins: Sequence[Pin] = ()
        self._asking = False
        self._spacing = 5.0
        self._broken = False
        self._software = False
        self._hands = Hands(self, self.camera)
        self._hands.moved.connect(self._moved)
        self._hands.clicked.connect(self._clicked)
        self._hands.clicked_twice.connect(self._clicked_twice)
        self._flight = Flight(self.camera, self)
        self._flight.moved.connect(self._flew)
        self._picked: Place | None = None
        self._geometry: MeshGeometry | None = None
        self._hands.rested.connect(self._rested)
        self.layer = MarkerLayer(MarkerStore())
        light, shade = mesh_colours(tokens)
        self.grid = LineItem((*rgb(tokens.faint), 0.55))
        self.mesh = MeshItem(light, shade)
        self.edges = LineItem((0.0, 0.0, 0.0, 0.0))
        self.tracks = TrajectoryItem(TrackStore(), tokens)
        self._pace = Pace(self, self.tracks)
        self.heat_floor = HeatFloor(self.mesh)
        self.markers = MarkerItem(self.layer, tokens)
        self._players = PlayerItem(tokens)
        self._sight = Sight(self.camera, self.layer, self.markers, self.tracks, self.mesh, self._size)
        self._level_items: tuple[LevelItem, ...] = (
            self.mesh,
            self.heat_floor,
            self.edges,
            self.grid,
            self.tracks,
            self.markers,
            self._players,
        )
        for depth, item in enumerate(self._level_items):
            item.setDepthValue(depth)
            self.addItem(item)
        self.set_tokens(tokens)
        self.set_bounds(EMPTY_BOUNDS)

    # what is shown

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.setBackgroundColor(tokens.window)
        self.grid.colour = (*rgb(tokens.faint), 0.55)
        self.mesh.colours = mesh_colours(tokens)
        self.edges.colour = (*rgb(tokens.window if tokens.scheme == "dark" else tokens.dim), 0.7)
        self.tracks.set_tokens(tokens)
        self.markers.set_tokens(tokens)
        self._players.set_tokens(tokens)
        self.update()

    def set_stores(self, tracks: TrackStore, markers: MarkerStore) -> None:
        self._sight.tracks_store = tracks
        self.tracks.set_tracks(tracks)
        self.layer.set_markers(markers)

    def set_mesh(self, geometry: MeshGeometry | None) -> None:
        self._geometry = self._sight.geometry = geometry
        nothing = np.empty((0, 3), dtype=np.float32)
        if geometry is None:
            self.mesh.set_mesh(nothing, np.empty((0, 3), dtype=np.uint32))
            self.edges.set_ends(nothing)
        elif self._software and geometry.simpler is not None:
            self.mesh.set_mesh(*geometry.simpler)
            self.edges.set_ends(nothing)  # of the whole mesh: they would not fit
        else:
            self.mesh.set_mesh(geometry.vertices, geometry.faces)
            self.edges.set_ends(geometry.outline)

    @property
    def remark(self) -> str:
        if not self._software or self._geometry is None or self._geometry.simpler is None:
            return ""
        shown, whole = len(self._geometry.simpler[1]), len(self._geometry.faces)
        return f"No graphics card draws here: the level is simplified from {whole:,} to {shown:,} triangles."

    def set_worlds(self, worlds: Worlds) -> None:
        self.mesh.world = self.edges.world = worlds.mesh
        self.tracks.world = worlds.telemetry
        self.layer.set_world(worlds.telemetry)
        self.update()

    def set_bounds(self, bounds: Bounds) -> None:
        ends, self._spacing = grid_lines(bounds)
        self.grid.set_ends(ends)

    def set_labels(self, labels: list[Label]) -> None:
        self._labels = labels
        self._players.set_labels(labels)

    def set_colouring(self, meaning: Colouring, values: Ramp) -> None:
        self.tracks.set_colouring(meaning, values)

    def set_trail(self, seconds: float) -> None:
        self.tracks.trail_s = seconds
        self.update()

    def set_playing(self, on: bool) -> None:
        self._pace.play(on)

    def set_heat(self, picture: HeatPicture | None, words: Callable[[float, float], str] | None) -> None:
        self._sight.heat_words = words
        self.mesh.heat = self.heat_floor.picture = picture
        self.update()

    def set_shown(self, *, tracks: bool, markers: bool) -> None:
        self.tracks.setVisible(tracks)
        self._players.setVisible(tracks)
        self.markers.setVisible(markers)

    def set_xray(self, on: bool) -> None:
        self.mesh.xray = on
        self.update()

    def set_section(self, section: Section) -> None:
        self._sight.section = section
        self.layer.set_section(section)
        for item in (self.mesh, self.edges, self.tracks):
            item.section = section
        self.update()

    def set_time_range(self, start_us: int | None, end_us: int | None) -> None:
        self.layer.set_time_range(start_us, end_us)
        self.tracks.set_time_range(start_us, end_us)
        self._pace.refresh()

    def ask_point(self, on: bool) -> None:
        """Have clicks tell the line of sight under them."""
        self._asking = on
        self.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)

    def set_pins(self, pins: Sequence[Pin]) -> None:
        self._pins = pins
        self.update()

    def set_picked(self, place: Place | None) -> None:
        self._picked = place
        self.update()

    def places_of_markers(self, indices: tuple[int, ...]) -> NDArray[np.float64]:
        return self.layer.places(np.array(indices, dtype=np.int64))

    def metres_per_pixel(self) -> float:
        """At the distance of what is in the middle."""
        return self.camera.metres_per_pixel(self.width())

    def fit(self, bounds: Bounds, cards: Sequence[Card] = ()) -> None:
        self._flight.stop()
        self.camera.fit_beside(bounds, self._size(), cards)
        self.touched = False
        self.update()

    def fly_to(self, bounds: Bounds, signs: NDArray[np.float64] | None = None) -> None:
        self.touched = True
        self._flight.to(self._sight.unhidden(self.camera.fitted(bounds, self._aspect()), bounds, signs))

    def set_top(self, on: bool) -> None:
        self._flight.stop()
        self.camera.set_top(on)
        self.update()

    def drawn(self) -> DrawPlan:
        return self.tracks.plan

    def refresh(self) -> None:
        """Paint what came, as soon as the window's time allows it."""
        self._pace.refresh()

    @property
    def frame_seconds(self) -> float:
        """What the last frame took."""
        return self._pace.frame_seconds

    # OpenGL

    def initializeGL(self) -> None:
        """Called again when the widget was given another context: items make their objects anew."""
        self.context_generation += 1
        context = self.context()
        context.aboutToBeDestroyed.connect(self.release, Qt.ConnectionType.DirectConnection)
        try:
            super().initializeGL()
            self._software = draws_in_software()
        except Exception as error:  # whatever a driver does, the rest of the window goes on
            self._fail(error)
            return
        self.set_mesh(self._geometry)  # a simpler one, if this is software
        self._pace.begin(software=self._software)
        core = context.format().profile() is QSurfaceFormat.OpenGLContextProfile.CoreProfile
        self.needs_point_sprites = not core and not context.isOpenGLES()

    def release(self) -> None:
        """Delete every OpenGL object while the context lives. Idempotent."""
        # The context also ends with the widget, whose Qt side may be gone by then.
        if not isValid(self) or self.context() is None:
            return
        self.makeCurrent()
        for item in self._level_items:
            item.release()
        self._target.release()
        self.doneCurrent()

    def paintGL(self) -> None:
        if self._broken:
            return
        began = time.perf_counter()
        self._target.begin(self.deviceWidth(), self.deviceHeight(), smooth=self._pace.smooth)
        try:
            self._paint_scene()
        except Exception as error:
            self._fail(error)
            return
        self._paint_overlay()
        self._target.end()
        GL.glFinish()  # else software rendering is done later, and not counted
        self._pace.painted(began)

    def _paint_scene(self) -> None:
        width, height = max(self.width(), 1), max(self.height(), 1)
        self._projectionStack[:] = [self.camera.projection_matrix(width, height)]
        self._modelViewStack[:] = [self.camera.view_matrix()]
        self.opts["distance"] = self.camera.pose.distance
        GL.glClearColor(*rgb(self._tokens.window), 1.0)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT | GL.GL_DEPTH_BUFFER_BIT)
        GL.glDepthFunc(GL.GL_LEQUAL)
        if self.default_vao.isCreated():
            self.default_vao.bind()
        for item in sorted(self.items, key=lambda item: item.depthValue()):
            if item.visible():
                item.paint()

    def _paint_overlay(self) -> None:
        GL.glDisable(GL.GL_DEPTH_TEST)  # QPainter expects Qt's own state
        # Not on the widget itself: grabbing a picture redirects painters of widgets, and this would be lost.
        device = QOpenGLPaintDevice(self.deviceWidth(), self.deviceHeight())
        device.setDevicePixelRatio(self.devicePixelRatioF())
        with QPainter(device) as painter:
            width, height = self.width(), self.height()
            if self.tracks.visible() and self._labels:
                heads = np.array([(label.x, label.y, label.z) for label in self._labels])
                places = self.camera.project(heads, width, height)
                self._player_signs.paint(painter, places, self._labels, self._tokens, width, height, dots=False)
            paint_pins(painter, self.camera, self._pins, self._tokens, width, height)
            paint_picked(painter, self.camera, self._picked, self._tokens, width, height)
            self._axes_sign.paint(painter, self.camera, self._tokens, height, self._spacing)

    def _fail(self, error: Exception) -> None:
        self._broken = True
        reason = str(error) or type(error).__name__
        # The widget is replaced by whoever hears this, which must not happen while it paints.
        QTimer.singleShot(0, self, lambda: self.failed.emit(f"OpenGL failed: {reason}."))

    def projectionMatrix(self, region: Any, viewport: Any) -> QMatrix4x4:
        """For items of pyqtgraph's own that ask the view."""
        return self.camera.projection_matrix(viewport[2], viewport[3])

    def viewMatrix(self) -> QMatrix4x4:
        return self.camera.view_matrix()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Qt only warns in its log when a context cannot be made, and would show nothing for ever.
        QTimer.singleShot(_CONTEXT_MS, self, self._expect_context)

    def _expect_context(self) -> None:
        if not self._broken and self.isVisible() and not self.isValid():
            self._fail(RuntimeError("the driver gave no context"))

    # a person's hands

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def _clicked(self, position: QPointF) -> None:
        if self._asking:
            self.pointed.emit(self._sight.ray(position))
        else:
            self.hit.emit(self.hit_at(position))

    def _clicked_twice(self, position: QPointF) -> None:
        if self._asking:
            return
        hit = self.hit_at(position)
        if hit is not None:
            self.activated.emit(hit)
        elif (place := self._sight.place(position)) is not None:
            self.touched = True
            self._flight.to(replace(self.camera.pose, centre=place))

    def _rested(self, position: QPointF, on_screen: QPoint) -> None:
        text = self._sight.words(position)
        if text:
            QToolTip.showText(on_screen, plain_hover(text), self)
        else:
            QToolTip.hideText()

    def hit_at(self, position: QPointF) -> MarkerHit | ClusterHit | TrackHit | None:
        """What is shown under a point of the widget."""
        return self._sight.hit(position)

    def _flew(self) -> None:
        self._pace.move()
        self.update()

    def _moved(self) -> None:
        self.touched = True
        self._flight.stop()
        self._pace.move()
        self.update()

    def _size(self) -> tuple[int, int]:
        return max(self.width(), 1), max(self.height(), 1)

    def _aspect(self) -> float:
        return float(max(self.width(), 1) / max(self.height(), 1))
