"""When counts over all players are made again by themselves: rarely, and only while somebody looks."""

import time

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from console.ui.live_feed import LiveFeed

REST_MS = 10_000
# Of the time, at most a tenth is spent counting: with very many players it takes the server a while.
_REST_TIMES = 9


class Recount(QObject):
    """`due`: players changed since the last count, the pause is over and `watched` is seen."""

    due = Signal()

    def __init__(self, feed: LiveFeed, watched: QWidget, rest_ms: int = REST_MS) -> None:
        super().__init__(watched)
        self._watched = watched
        self._rest_ms = rest_ms
        self._old = self._frozen = self._busy = False
        self._began_at = 0.0
        self._took_ms = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tell)
        watched.installEventFilter(self)
        feed.changed.connect(self._told)

    def began(self) -> None:
        """A count was asked for, for whatever reason: another one can wait."""
        self._began_at = time.monotonic()
        self._old, self._busy = False, True
        self._timer.start(self._rest_ms)

    def ended(self) -> None:
        """Its answer came, or the reason why there is none. What is broken off has no end: another one begins."""
        self._busy = False
        self._took_ms = (time.monotonic() - self._began_at) * 1000
        self._timer.start(max(self._rest_ms, round(self._took_ms * _REST_TIMES)))

    def set_frozen(self, frozen: bool) -> None:
        """Hold the counts; what changed meanwhile is counted afterwards."""
        self._frozen = frozen
        self._tell()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            QTimer.singleShot(0, self, self._tell)
        return False

    def _told(self, topic: str) -> None:
        if topic == "players":
            self._old = True
            self._tell()

    def _tell(self) -> None:
        may = not (self._frozen or self._busy or self._timer.isActive())
        if self._old and may and self._watched.isVisible():
            self._old = False
            self.due.emit()
