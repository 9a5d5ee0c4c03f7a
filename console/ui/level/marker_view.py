"""What a person does with markers: pick one, come nearer to many, choose from those at one place, go to its time."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu, QWidget

from console.telemetry.coordinates import transformed
from console.ui.context import ViewContext
from console.ui.level.canvas import ClusterHit, LevelCanvas, MarkerHit, TrackHit
from console.ui.level.framing import Bounds, Place, around, bounds_of, union
from console.ui.level.markers import Marker
from console.ui.level.model import LevelScene
from console.ui.level.track_heads import heads_at
from console.ui.navigation import LevelMomentSubject
from console.ui.selection import Picked
from console.ui.widgets.formatting import local_time, visible

# Markers that are spread less than this are not told apart by coming nearer.
_ONE_PLACE_M = 0.3
# What is seen around one marker, to every side.
_AROUND_M = 6.0
_NEAREST_M = 1.5
_MAX_LISTED = 20
_MAX_HEADS = 4096
_NAME_CHARS = 32


class MarkerView(QObject):
    """Between the shared selection, the clock, and the markers of the picture."""

    def __init__(
        self, context: ViewContext, scene: LevelScene, canvas: Callable[[], LevelCanvas], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._scene = scene
        self._canvas = canvas
        self._over = parent
        self._moment: LevelMomentSubject | None = None
        context.selection.picked_changed.connect(self._picked_changed)

    def take_hit(self, hit: MarkerHit | ClusterHit | TrackHit | None) -> None:
        """A click."""
        if isinstance(hit, MarkerHit):
            self._pick(self._scene.markers[hit.index])
        elif isinstance(hit, ClusterHit):
            self._look_closer(hit)

    def activate(self, hit: MarkerHit | ClusterHit | TrackHit | None) -> None:
        """A double click: to the moment of the event that the first click picked."""
        if isinstance(hit, MarkerHit):
            self._context.clock.seek(self._scene.markers[hit.index].time_us)

    def show_picked(self) -> None:
        """Ring the event that is picked, in whatever view that was; to be called again when the level changed."""
        self._canvas().set_picked(self.picked_place())

    def show_moment(self, subject: LevelMomentSubject) -> None:
        """Ring where somebody was at a moment, until something is picked."""
        self._moment = subject
        self.show_picked()

    def forget_moment(self) -> bool:
        """Whether there was one."""
        moment, self._moment = self._moment, None
        self.show_picked()
        return moment is not None

    @property
    def moment_bounds(self) -> Bounds | None:
        """What is to be seen of the moment that was asked for; None without one, and until its place is known."""
        place = self._moment_place()
        return None if place is None else around(place, _AROUND_M)

    def _moment_place(self) -> Place | None:
        moment, scene = self._moment, self._scene
        if moment is None or moment.level_id != scene.level:
            return None
        place = moment.place
        if place is None:
            number = scene.sessions.find(moment.app_id, moment.session_id)
            heads = heads_at(scene.tracks, moment.time_us, _MAX_HEADS) if number is not None else []
            place = next((_first_three(head.vertex) for head in heads if head.session == number), None)
        return None if place is None else self._in_viewer(place)

    def _picked_changed(self, picked: Picked | None) -> None:
        if picked is not None:
            self._moment = None
        self.show_picked()

    def picked_place(self) -> Place | None:
        """Where on this level the picked event or the moment was, in metres of the viewer; None when elsewhere."""
        if (moment := self._moment_place()) is not None:
            return moment
        picked, scene = self._context.selection.picked, self._scene
        if picked is None:
            return None
        place = picked.place if picked.level_id == scene.level else None
        if place is None and picked.seq is not None and picked.index is not None:
            # A level may hold events that named another, or none.
            index = scene.markers.find(picked.seq, picked.index)
            place = None if index is None else _place(scene.markers[index])
        return None if place is None else self._in_viewer(place)

    def _in_viewer(self, sent: Place) -> Place:
        return _first_three(transformed(self._scene.transforms.telemetry, np.array([sent]))[0])

    def picked_bounds(self) -> Bounds | None:
        """What is to be seen of the picked event: its place and some of what is around; None when it is not here."""
        place = self.picked_place()
        return None if place is None else around(place, _AROUND_M)

    def _pick(self, marker: Marker) -> None:
        self._context.selection.pick(
            Picked(
                marker.request_id,
                marker.seq,
                marker.index,
                time_us=marker.time_us,
                app_id=marker.app_id,
                session_id=marker.session_id,
                level_id=self._scene.level or "",
                place=_place(marker),
            )
        )

    def _look_closer(self, hit: ClusterHit) -> None:
        places = self._canvas().places_of_markers(hit.indices)
        bounds = bounds_of(places)
        if bounds is None:
            return
        low, high = np.array(bounds)
        if float((high - low).max()) < _ONE_PLACE_M:
            self._list(hit)
            return
        x, y, z = ((low + high) / 2).tolist()
        self._canvas().fly_to(union(bounds, around((x, y, z), _NEAREST_M)) or bounds, places)

    def _list(self, hit: ClusterHit) -> None:
        """Choose one of several that lie on each other, newest first."""
        menu = QMenu(self._over)
        menu.setAccessibleName("Events at this place")
        menu.aboutToHide.connect(menu.deleteLater)
        markers = [self._scene.markers[index] for index in hit.indices[::-1][:_MAX_LISTED]]
        for marker in markers:
            words = (
                local_time(marker.time_us),
                visible(marker.player_id, _NAME_CHARS),
                visible(marker.name, _NAME_CHARS),
            )
            action = menu.addAction("   ".join(words).replace("&", "&&"))
            action.triggered.connect(lambda _=False, marker=marker: self._pick(marker))
        if more := len(hit.indices) - len(markers):
            menu.addAction(f"and {more:,} older").setEnabled(False)
        menu.popup(QCursor.pos())


def _first_three(vertex: NDArray[np.floating]) -> Place:
    x, y, z = vertex[:3].tolist()
    return x, y, z


def _place(marker: Marker) -> Place:
    return marker.x, marker.y, marker.z
