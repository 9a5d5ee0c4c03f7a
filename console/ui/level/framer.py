"""What the camera is sent to see: a level when it is first known how large it is, a moment that was asked for."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from console.ui.level.canvas import LevelCanvas
from console.ui.level.fit_beside import Card
from console.ui.level.framing import EMPTY_BOUNDS, Bounds, is_elsewhere, outgrows
from console.ui.level.marker_view import MarkerView
from console.ui.level.model import LevelScene

_SETTLED_MS = 60


class Framer(QObject):
    """Remembers what the picture was fitted to. `framed()`: it was fitted to something else."""

    framed = Signal()

    def __init__(
        self,
        scene: LevelScene,
        markers: MarkerView,
        canvas: Callable[[], LevelCanvas],
        cards: Callable[[], Sequence[Card]],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._scene = scene
        self._markers = markers
        self._canvas = canvas
        self._cards = cards
        self._seen: Bounds | None = None  # what the camera was sent to last
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_SETTLED_MS)
        self._again.timeout.connect(self._fit_again)
        self._bounds: Bounds | None = None
        self._awaited = False  # a moment whose place is not known yet

    def forget(self) -> None:
        """Another level, or model: it is to be fitted anew."""
        self._bounds = None

    def frame_selection(self) -> None:
        """See the picked event, else the chosen sessions, else all of the level."""
        chosen = None if self._scene.scope.sessions is None else self._scene.sample_bounds()
        self._fit(self._markers.picked_bounds() or chosen or self._scene.bounds() or EMPTY_BOUNDS)

    def cards_moved(self) -> None:
        """The picture, or what lies over it, has another size: what nobody moved is fitted anew once that settled."""
        self._again.start()

    def _fit(self, bounds: Bounds) -> None:
        self._seen = bounds
        self._canvas().fit(bounds, self._cards())

    def _fit_again(self) -> None:
        if self._seen is not None and not self._canvas().touched:
            self._fit(self._seen)

    def frame_once(self) -> None:
        """Show all of a level, or the moment asked for, when it is first known how large the level is.

        Also when it lies elsewhere, as with other axes: what was looked at is gone.
        """
        bounds = self._scene.bounds()
        if bounds is None:
            return
        if self._bounds is None or (self._scene.active_model() is not None and is_elsewhere(bounds, self._bounds)):
            self._frame(bounds)

    def grow(self) -> None:
        """Without a mesh, the picture grows with the tracks until a person moves the camera."""
        if self._scene.active_model() is not None or self._bounds is None or self._canvas().touched:
            return
        bounds = self._scene.bounds()
        if bounds is not None and outgrows(bounds, self._bounds):
            self._frame(bounds)

    def go_to_moment(self) -> None:
        """Now, if the level is there and the place is known; else when it is."""
        wanted = self._markers.moment_bounds
        self._awaited = wanted is None
        if wanted is not None and self._bounds is not None:
            self._canvas().fly_to(wanted)

    def tracks_came(self) -> None:
        """A history was loaded: it may tell the place of the moment asked for."""
        if self._awaited:
            self._markers.show_picked()
            self.go_to_moment()

    def _frame(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._canvas().set_bounds(bounds)
        self._fit(bounds)
        if (wanted := self._markers.moment_bounds) is not None:
            self._canvas().fly_to(wanted)
        self.framed.emit()
