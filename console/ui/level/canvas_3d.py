"""The level in three dimensions: an OpenGL widget that paints no more often than it can afford."""

import time
from typing import Any

import numpy as np
from OpenGL import GL
from pyqtgraph.opengl import GLViewWidget
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QKeyEvent,
    QMatrix4x4,
    QOffscreenSurface,
    QOpenGLContext,
    QPainter,
    QSurfaceFormat,
)
from PySide6.QtOpenGL import QOpenGLPaintDevice
from PySide6.QtWidgets import QToolTip, QWidget
from shiboken6 import isValid

from console.telemetry.coordinates import transformed
from console.ui.hover import plain_hover
from console.ui.level.camera import Camera
from console.ui.level.canvas import MarkerHit, Worlds
from console.ui.level.framing import EMPTY_BOUNDS, Bounds, Section, grid_lines
from console.ui.level.geometry import MeshGeometry
from console.ui.level.gl_item import LevelItem
from console.ui.level.hands import Hands
from console.ui.level.marker_item import MARKER_PX, MarkerItem
from console.ui.level.markers import MarkerStore
from console.ui.level.mesh_item import LineItem, MeshItem
from console.ui.level.overlay import Label, paint_axes, paint_labels
from console.ui.level.palette import mesh_colours, rgb
from console.ui.level.tracks import TrackStore
from console.ui.level.trajectory_item import (
    HARDWARE_BUDGET,
    SOFTWARE_BUDGET,
    SOFTWARE_MOVING_BUDGET,
    TrajectoryItem,
)
from console.ui.theme import Tokens
from console.ui.widgets.formatting import exact_time, visible

_SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "gdi generic", "basic render", "software")
# Live data may take this share of the window's time for painting; a person's own movements are always painted.
_LIVE_SHARE = 0.4
_MIN_FRAME_S = 1 / 60
_STILL_MS = 200


def opengl_problem() -> str:
    """Why there can be no 3D here, as a sentence; "" when there can."""
    if QGuiApplication.platformName() in ("offscreen", "minimal", "vnc", "linuxfb"):
        return f"The platform “{QGuiApplication.platformName()}” has no OpenGL."
    context = QOpenGLContext()
    if not context.create():
        return "No OpenGL driver could be started."
    surface = QOffscreenSurface()
    surface.setFormat(context.format())
    surface.create()
    if not context.makeCurrent(surface):
        return "The OpenGL driver gives no drawing surface."
    version = tuple(context.format().version())
    embedded = context.isOpenGLES()
    context.doneCurrent()
    if version < ((3, 0) if embedded else (2, 1)):
        return f"OpenGL 2.1 is needed; the driver offers {version[0]}.{version[1]}."
    return ""


class Canvas3D(GLViewWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """The scene in one OpenGL context; what is picked and hovered, it tells."""

    hit = Signal(object)
    failed = Signal(str)

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFormat(_with_samples(QSurfaceFormat.defaultFormat()))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Level in three dimensions")
        self.camera = Camera()
        self.context_generation = 0
        self.needs_point_sprites = False
        self.frame_seconds = 0.0
        self.touched = False
        self._tokens = tokens
        self._labels: list[Label] = []
        self._spacing = 5.0
        self._broken = False
        self._painted_at = 0.0
        self._pending = QTimer(self)
        self._pending.setSingleShot(True)
        self._pending.timeout.connect(self.update)
        self._software = False
        self._hands = Hands(self, self.camera)
        self._hands.moved.connect(self._moved)
        self._hands.clicked.connect(self._clicked)
        self._hands.rested.connect(self._rested)
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.setInterval(_STILL_MS)
        self._still.timeout.connect(self._stand_still)
        self._tracks_store = TrackStore()
        self._markers_store = MarkerStore()
        light, shade = mesh_colours(tokens)
        self.grid = LineItem((*rgb(tokens.faint), 0.55))
        self.mesh = MeshItem(light, shade)
        self.edges = LineItem((0.0, 0.0, 0.0, 0.0))
        self.tracks = TrajectoryItem(self._tracks_store, tokens)
        self.markers = MarkerItem(self._markers_store, tokens)
        self._level_items: tuple[LevelItem, ...] = (self.mesh, self.edges, self.grid, self.tracks, self.markers)
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
        self.update()

    def set_stores(self, tracks: TrackStore, markers: MarkerStore) -> None:
        self._tracks_store, self._markers_store = tracks, markers
        self.tracks.set_tracks(tracks)
        self.markers.set_markers(markers)

    def set_mesh(self, geometry: MeshGeometry | None) -> None:
        nothing = np.empty((0, 3), dtype=np.float32)
        if geometry is None:
            self.mesh.set_mesh(nothing, np.empty((0, 3), dtype=np.uint32))
            self.edges.set_ends(nothing)
        else:
            self.mesh.set_mesh(geometry.vertices, geometry.faces)
            self.edges.set_ends(geometry.outline)

    def set_worlds(self, worlds: Worlds) -> None:
        self.mesh.world = self.edges.world = worlds.mesh
        self.tracks.world = self.markers.world = worlds.telemetry
        self.update()

    def set_bounds(self, bounds: Bounds) -> None:
        ends, self._spacing = grid_lines(bounds)
        self.grid.set_ends(ends)

    def set_labels(self, labels: list[Label]) -> None:
        self._labels = labels

    def set_colour_by(self, field: int) -> None:
        self.tracks.value = field
        self.update()

    def set_shown(self, *, tracks: bool, markers: bool) -> None:
        self.tracks.setVisible(tracks)
        self.markers.setVisible(markers)

    def set_xray(self, on: bool) -> None:
        self.mesh.xray = on
        self.update()

    def set_section(self, section: Section) -> None:
        for item in (self.mesh, self.edges, self.tracks, self.markers):
            item.section = section
        self.update()

    def set_time_range(self, start_us: int | None, end_us: int | None) -> None:
        self.tracks.set_time_range(start_us, end_us)

    def fit(self, bounds: Bounds) -> None:
        self.camera.fit(bounds, self._aspect())
        self.touched = False
        self.update()

    def from_top(self, bounds: Bounds) -> None:
        self.camera.from_top(bounds, self._aspect())
        self.touched = False
        self.update()

    def refresh(self) -> None:
        """Paint what came, as soon as the window's time allows it."""
        if self._pending.isActive() or not self.isVisible():
            return
        pause = max(_MIN_FRAME_S, self.frame_seconds / _LIVE_SHARE)
        wait = self._painted_at + pause - time.perf_counter()
        self._pending.start(max(0, round(wait * 1000)))

    # OpenGL

    def initializeGL(self) -> None:
        """Called again when the widget was given another context: items make their objects anew."""
        self.context_generation += 1
        context = self.context()
        context.aboutToBeDestroyed.connect(self.release, Qt.ConnectionType.DirectConnection)
        try:
            super().initializeGL()
            name = (GL.glGetString(GL.GL_RENDERER) or b"").decode("ascii", "replace").lower()
        except Exception as error:  # whatever a driver does, the rest of the window goes on
            self._fail(error)
            return
        self._software = any(word in name for word in _SOFTWARE)
        self._stand_still()
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
        self.doneCurrent()

    def paintGL(self) -> None:
        if self._broken:
            return
        began = time.perf_counter()
        try:
            self._paint_scene()
        except Exception as error:
            self._fail(error)
            return
        self._paint_overlay()
        GL.glFinish()  # else software rendering is done later, and not counted
        self._painted_at = time.perf_counter()
        self.frame_seconds = self._painted_at - began

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
        painter = QPainter(device)
        try:
            width, height = self.width(), self.height()
            if self.tracks.visible():
                paint_labels(painter, self.camera, self._labels, self._tokens, width, height)
            paint_axes(painter, self.camera, self._tokens, width, height, self._spacing)
        finally:
            painter.end()

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

    # a person's hands

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def _clicked(self, position: QPointF) -> None:
        marker = self.marker_at(position)
        if marker is not None:
            self.hit.emit(MarkerHit(marker))

    def _rested(self, position: QPointF, on_screen: QPoint) -> None:
        marker_hit = self.marker_at(position)
        if marker_hit is None:
            QToolTip.hideText()
            return
        marker = self._markers_store[marker_hit]
        lines = (visible(marker.name), visible(marker.player_id), exact_time(marker.time_us))
        QToolTip.showText(on_screen, plain_hover("\n".join(lines)), self)

    def marker_at(self, position: QPointF) -> int | None:
        """Index of the shown marker under a point, the nearest to the viewer when there are several."""
        places, _ = self._markers_store.table()
        if len(places) == 0 or not self.markers.visible():
            return None
        world = transformed(self.markers.world, places)
        usable = self._markers_store.shown() & self.markers.section.holds(world[:, 2])
        seen = self.camera.project(world, self.width(), self.height())
        away = np.hypot(seen[:, 0] - position.x(), seen[:, 1] - position.y())
        near = usable & (away <= MARKER_PX * 0.7)
        if not near.any():
            return None
        return int(np.argmin(np.where(near, seen[:, 2], np.inf)))

    def _moved(self) -> None:
        self.touched = True
        if self._software:
            self.tracks.budget = SOFTWARE_MOVING_BUDGET
            self._still.start()
        self.update()

    def _stand_still(self) -> None:
        """Draw in full detail again."""
        self.tracks.budget = SOFTWARE_BUDGET if self._software else HARDWARE_BUDGET
        self.update()

    def _aspect(self) -> float:
        return float(max(self.width(), 1) / max(self.height(), 1))


def _with_samples(surface: QSurfaceFormat) -> QSurfaceFormat:
    surface.setDepthBufferSize(24)
    surface.setSamples(4)
    return surface
