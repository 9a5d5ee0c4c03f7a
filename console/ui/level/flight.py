"""The camera on its way to another pose: so that a person sees where it went."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from console.ui.level.camera import Camera
from console.ui.level.framing import Pose, between

_FLIGHT_S = 0.35
_TICK_MS = 16


class Flight(QObject):
    """At most one at a time; a person's own movement ends it. `moved()`: the camera is elsewhere."""

    moved = Signal()

    def __init__(
        self, camera: Camera, parent: QObject | None = None, *, monotonic: Callable[[], float] = time.perf_counter
    ) -> None:
        super().__init__(parent)
        self._camera = camera
        self._monotonic = monotonic
        self._way: tuple[Pose, Pose, float] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.advance)

    def to(self, pose: Pose) -> None:
        """Begin from where the camera is."""
        self._way = self._camera.pose, pose, self._monotonic()
        self._timer.start()

    def stop(self) -> None:
        """Stay where the camera is."""
        self._way = None
        self._timer.stop()

    def advance(self) -> None:
        """Go on by the time that has passed. The timer calls it; the last step is exact."""
        if self._way is None:
            return
        start, end, began = self._way
        share = min(1.0, (self._monotonic() - began) / _FLIGHT_S)
        if share >= 1.0:
            self._camera.pose = end
            self.stop()
        else:
            self._camera.pose = between(start, end, share * share * (3 - 2 * share))
        self.moved.emit()
