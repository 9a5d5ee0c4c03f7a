"""When the level is painted, and in how much detail: no more often, and no more of it, than the window can afford."""

import time

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from console.ui.level.frame_budget import HARDWARE_BUDGET, SOFTWARE_BUDGET, FrameBudget, Smoothing
from console.ui.level.trajectory_item import TrajectoryItem

# So long a pause follows a frame, in times of what it took: live data leaves most of the window's time to all else, and
# what plays enough that controls answer at once. A person's own movements are always painted.
_LIVE_PAUSE, _PLAYING_PAUSE = 2.5, 0.5
_MIN_FRAME_S = 1 / 60
_STILL_MS = 200


class Pace(QObject):
    """Of one canvas and its tracks, which are what there may be too much of. `frame_seconds`: the last frame's."""

    def __init__(self, canvas: QWidget, tracks: TrajectoryItem) -> None:
        super().__init__(canvas)
        self.frame_seconds = 0.0
        self._canvas = canvas
        self._tracks = tracks
        self._budget = FrameBudget(*SOFTWARE_BUDGET)
        self._smoothing = Smoothing()
        self._moving = self._playing = False
        self._painted_at = 0.0
        self._pending = QTimer(self)
        self._pending.setSingleShot(True)
        self._pending.timeout.connect(canvas.update)
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.setInterval(_STILL_MS)
        self._still.timeout.connect(self.stand_still)

    def begin(self, *, software: bool) -> None:
        """With another context, which is drawn by a graphics card or by software."""
        self._budget = FrameBudget(*(SOFTWARE_BUDGET if software else HARDWARE_BUDGET))
        self._smoothing = Smoothing(moving=not software)
        self.stand_still()

    @property
    def smooth(self) -> bool:
        """Whether the next frame has smooth edges."""
        return self._smoothing.moving or not self._moving

    def refresh(self) -> None:
        """Paint what came, as soon as the window's time allows it."""
        if self._pending.isActive() or not self._canvas.isVisible():
            return
        pause = max(_MIN_FRAME_S, self.frame_seconds * (_PLAYING_PAUSE if self._playing else _LIVE_PAUSE))
        wait = self._painted_at + pause - time.perf_counter()
        self._pending.start(max(0, round(wait * 1000)))

    def play(self, on: bool) -> None:
        """Whether a recording plays: told again at each of its steps."""
        self._playing = on
        if on:
            self.move()

    def move(self) -> None:
        """Something moves: for a while, fluent comes before detailed."""
        self._moving = True
        self._tracks.budget = self._budget.moving
        self._still.start()

    def stand_still(self) -> None:
        """Draw in full detail again."""
        self._moving = False
        self._tracks.budget = self._budget.still
        self._canvas.update()

    def painted(self, began: float) -> None:
        """A frame is done that was begun at this `perf_counter`."""
        self._painted_at = time.perf_counter()
        self.frame_seconds = self._painted_at - began
        self._smoothing.spent(self.frame_seconds, moving=self._moving)
        if not self._tracks.visible():
            return  # frames without tracks tell nothing of them: the last one's figures would count again and again
        mine = self._tracks.seconds
        others = self.frame_seconds - mine
        self._budget.spent(mine, others_s=others, moving=self._moving, limited=self._tracks.plan.limited)
        self._tracks.budget = self._budget.moving if self._moving else self._budget.still
