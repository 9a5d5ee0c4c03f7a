"""The level from above, for machines without OpenGL: the same tracks and markers, flat."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from console.telemetry.coordinates import transformed
from console.ui.level.camera import Camera
from console.ui.level.canvas import ClusterHit, MarkerHit, TrackHit, Worlds
from console.ui.level.colouring import Colouring, Ramp
from console.ui.level.fit_beside import Card
from console.ui.level.flat_heat import FlatHeat
from console.ui.level.flat_markers import FlatMarkers
from console.ui.level.flat_players import FlatPlayers
from console.ui.level.flat_tracks import FlatTracks
from console.ui.level.framing import EMPTY_BOUNDS, WHOLE_HEIGHT, Bounds, Place, Section
from console.ui.level.geometry import MeshGeometry
from console.ui.level.heat_picture import HeatPicture
from console.ui.level.marker_layer import MarkerLayer
from console.ui.level.markers import MarkerStore
from console.ui.level.overlay import Label
from console.ui.level.pins import Pin
from console.ui.level.pins_2d import FlatPins
from console.ui.level.surface import Ray
from console.ui.level.track_lists import DrawPlan
from console.ui.level.track_pick import TrackPoint
from console.ui.level.tracks import TrackStore
from console.ui.theme import Tokens

_REDRAW_MS = 500


class Canvas2D(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """x to the right, y up, in metres. Redrawn at most twice a second: QPainter draws slowly."""

    hit = Signal(object)
    has_depth = False
    activated = Signal(object)
    failed = Signal(str)
    pointed = Signal(object)

    def __init__(self, tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Level from above")
        self.touched = False
        self._tokens = tokens
        self._tracks = TrackStore()
        self._markers = MarkerStore()
        self._worlds = Worlds(np.eye(4), np.eye(4))
        self._geometry: MeshGeometry | None = None
        self._section = WHOLE_HEIGHT
        self._shown = (True, True)
        self._labels: list[Label] = []
        self._asking = False
        self._pins: Sequence[Pin] = ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._redraw)
        plot = self.getPlotItem()
        self._lines = FlatTracks(plot, tokens)
        self._heat = FlatHeat(self)
        plot.setAspectLocked(True)
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.showGrid(x=True, y=True, alpha=0.25)
        for side, words in (("bottom", "x, m"), ("left", "y, m")):
            plot.setLabel(side, words)
            plot.getAxis(side).enableAutoSIPrefix(False)
        self.getViewBox().sigRangeChangedManually.connect(self._moved)
        self._flat_pins = FlatPins(plot)
        self.scene().sigMouseClicked.connect(self._point)
        self._outline = pg.PlotCurveItem(connect="pairs")
        self._outline.setZValue(-1)
        self._layer = MarkerLayer(self._markers)
        self._signs = FlatMarkers(self._layer, tokens)
        self._signs.setZValue(25)
        self._players = FlatPlayers(tokens)
        self._players.setZValue(30)
        for item in (self._outline, self._signs, self._players):
            plot.addItem(item)
        self.set_tokens(tokens)
        self.fit(EMPTY_BOUNDS)

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.setBackground(tokens.window)
        for side in ("left", "bottom"):
            axis = self.getPlotItem().getAxis(side)
            axis.setPen(tokens.line)
            axis.setTextPen(tokens.dim)
        self._outline.setPen(pg.mkPen(tokens.faint, width=1))
        self._flat_pins.show(self._pins, tokens)
        self._signs.set_tokens(tokens)
        self._redraw_all()

    def set_stores(self, tracks: TrackStore, markers: MarkerStore) -> None:
        self._tracks, self._markers = tracks, markers
        self._layer.set_markers(markers)
        tracks.take_dirty()
        self._redraw_all()

    def set_mesh(self, geometry: MeshGeometry | None) -> None:
        self._geometry = geometry
        self._draw_outline()

    @property
    def remark(self) -> str:
        return ""

    def set_worlds(self, worlds: Worlds) -> None:
        self._worlds = worlds
        self._layer.set_world(worlds.telemetry)
        self._redraw_all()

    @property
    def rim(self) -> tuple[int, int]:
        """How much of the left and of the bottom the axes take, in pixels."""
        box: QRectF = self.getViewBox().sceneBoundingRect()
        return round(box.left()), max(0, round(self.height() - box.bottom()))

    def set_bounds(self, bounds: Bounds) -> None:
        """The axes carry the scale: nothing to rule."""

    def set_labels(self, labels: list[Label]) -> None:
        self._labels = labels

    def set_colouring(self, meaning: Colouring, values: Ramp) -> None:
        self._lines.meaning, self._lines.values = meaning, values
        self._redraw()

    def set_trail(self, seconds: float) -> None:
        self._lines.trail_s = seconds
        self._redraw()

    def set_playing(self, on: bool) -> None:
        """Frames come when they are drawn."""

    def set_heat(self, picture: HeatPicture | None, words: Callable[[float, float], str] | None) -> None:
        self._heat.show(picture, words)

    def set_shown(self, *, tracks: bool, markers: bool) -> None:
        self._shown = (tracks, markers)
        self._redraw()

    def set_xray(self, on: bool) -> None:
        """From above nothing hides a track."""

    def set_section(self, section: Section) -> None:
        self._section = section
        self._layer.set_section(section)
        self._redraw_all()

    def set_time_range(self, start_us: int | None, end_us: int | None) -> None:
        base = self._tracks.base_us
        start = -float("inf") if start_us is None else (start_us - base) / 1e6
        end = float("inf") if end_us is None else (end_us - base) / 1e6
        self._lines.time_range_s = start, end
        self._layer.set_time_range(start_us, end_us)
        self._redraw()

    def ask_point(self, on: bool) -> None:
        """Have clicks tell the line of sight under them: straight down."""
        self._asking = on
        self.setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)

    def set_pins(self, pins: Sequence[Pin]) -> None:
        self._pins = pins
        self._flat_pins.show(pins, self._tokens)

    def fit(self, bounds: Bounds, cards: Sequence[Card] = ()) -> None:
        self.touched = False
        box, (rim, _) = self.getViewBox(), self.rim
        width, height = max(round(box.width()), 1), max(round(box.height()), 1)
        beside = [(left - rim, top, right - rim, bottom) for left, top, right, bottom in cards]
        camera = Camera()
        camera.set_top(True)
        camera.fit_beside(bounds, (width, height), beside)
        (x, y, _), metres = camera.pose.centre, camera.metres_per_pixel(width)
        wide, tall = width * metres, height * metres
        box.setRange(QRectF(x - wide / 2, y - tall / 2, wide, tall), padding=0)

    def fly_to(self, bounds: Bounds, signs: NDArray[np.float64] | None = None) -> None:
        self.fit(bounds)
        self.touched = True

    def set_top(self, on: bool) -> None:
        """There is no other side to look from."""

    def set_picked(self, place: Place | None) -> None:
        self._signs.set_picked(place)

    def places_of_markers(self, indices: tuple[int, ...]) -> NDArray[np.float64]:
        return self._layer.places(np.array(indices, dtype=np.int64))

    def drawn(self) -> DrawPlan:
        return self._lines.plan

    def refresh(self) -> None:
        if not self._timer.isActive():
            self._timer.start(_REDRAW_MS)

    def _redraw_all(self) -> None:
        self._draw_outline()
        self._redraw()

    def _draw_outline(self) -> None:
        if self._geometry is None:
            self._outline.setData(x=np.empty(0), y=np.empty(0))
            return
        ends = transformed(self._worlds.mesh, self._geometry.outline)
        below = self._section.holds(ends[:, 2]).reshape(-1, 2).all(axis=1)
        ends = ends[np.repeat(below, 2)]
        self._outline.setData(x=ends[:, 0], y=ends[:, 1], connect="pairs")

    def _redraw(self) -> None:
        self._tracks.take_dirty()
        self._lines.clear()
        tracks_shown, markers_shown = self._shown
        if tracks_shown:
            self._lines.draw(self._tracks, self._worlds.telemetry, self._section, self._tokens)
        self._players.show_labels(self._labels if tracks_shown else (), self._tokens)
        self._signs.set_shown(markers_shown)

    def _moved(self, _: object) -> None:
        self.touched = True

    def _point(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._asking:
            at = self.getViewBox().mapSceneToView(event.scenePos())
            self.pointed.emit(Ray((at.x(), at.y(), 1e6), (0.0, 0.0, -1.0)))
            return
        hit = self.hit_at(event.scenePos())
        if not event.double():
            self.hit.emit(hit)
        elif hit is not None:
            self.activated.emit(hit)

    def hit_at(self, position: QPointF) -> MarkerHit | ClusterHit | TrackHit | None:
        """What is shown under a point of the picture."""
        found = self._signs.under(position)
        if found is not None:
            return found.hit()
        point = self._track_under(position)
        return None if point is None else TrackHit(point.session, point.time_us, point.place)

    def _track_under(self, position: QPointF) -> TrackPoint | None:
        if not self._shown[0]:
            return None
        box = self.getViewBox()
        at, (wide, tall) = box.mapSceneToView(position), box.viewPixelSize()
        return self._lines.point_at(self._tracks, (at.x(), at.y()), (wide, tall), self._worlds.telemetry, self._section)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()
