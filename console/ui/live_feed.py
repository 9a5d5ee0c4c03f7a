"""The server's feed, as Qt signals at display rate."""

from __future__ import annotations

import enum
import time
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from console.messages import (
    EventRow,
    FeedChanged,
    FeedFrame,
    FeedHello,
    FeedRows,
    FeedStatus,
    RequestRow,
    ServerStatus,
    TrajectoryRow,
)
from console.ui.shared_texts import SharedTexts

if TYPE_CHECKING:
    from console.client import ConsoleClient

TICK_MS = 24
MAX_TICK_MS = 250
MAX_ROWS_PER_TICK = 5_000
MAX_PENDING_ROWS = 20_000

T = TypeVar("T")


class Connection(enum.Enum):
    """What the window knows of its server."""

    STARTING = "starting"
    CONNECTED = "connected"
    RESTARTING = "restarting"
    STOPPED = "stopped"
    FAILED = "failed"


class LiveFeed(QObject):
    """Signals are sent on the window's thread, at most once a tick, after the state they tell of changed.

    - `connected(FeedHello)`: a (re)connection; views load their history by query now. A view that is built later
      finds the same in `hello`
    - `rows_arrived(FeedRows)`: merged over one display tick, at most MAX_ROWS_PER_TICK of a kind
    - `status_changed(ServerStatus)`
    - `caught_up()`: what was recorded before the connection can all be queried now, and could not when it was made, or
      what was recorded when the server last told of a problem: questions asked meanwhile may have had no answer
    - `changed(str)`: a FeedChanged topic
    - `connection_changed(Connection, str)`: with one plain sentence of reason, or ""

    Work pulls at display rate: when the receivers of a tick took long, the next tick comes later, so that painting
    and input keep at least half of the time. What does not fit is dropped oldest first and counted as skipped.
    """

    connected = Signal(object)
    rows_arrived = Signal(object)
    status_changed = Signal(object)
    caught_up = Signal()
    changed = Signal(str)
    connection_changed = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hello: FeedHello | None = None
        self._status: ServerStatus | None = None
        self._connection = Connection.STARTING
        self._reason = ""
        self._awaited: int | None = None  # so many events the event store is to hold
        self._events: deque[EventRow] = deque()
        self._requests: deque[RequestRow] = deque()
        self._trajectories: deque[TrajectoryRow] = deque()
        self._texts = SharedTexts()
        self._skipped_events = 0
        self._skipped_requests = 0
        self._new_status: ServerStatus | None = None
        self._topics: dict[str, None] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    @property
    def hello(self) -> FeedHello | None:
        """The current connection's first frame; None while there is no connection."""
        return self._hello

    @property
    def status(self) -> ServerStatus | None:
        """The last status, kept when the connection breaks."""
        return self._status

    @property
    def connection(self) -> Connection:
        return self._connection

    @property
    def reason(self) -> str:
        """The sentence that came with the last change of connection."""
        return self._reason

    async def follow(self, client: ConsoleClient) -> None:
        """Deliver frames until the server closes the feed.

        Raises ConsoleUnavailable when the connection breaks or cannot be made, ConsoleRefused when it is refused.
        """
        try:
            async for frame in client.feed():
                self.receive(frame)
        finally:
            self._hello = None

    def set_connection(self, connection: Connection, reason: str = "") -> None:
        """Say what is known of the server."""
        if (connection, reason) != (self._connection, self._reason):
            self._connection, self._reason = connection, reason
            self.connection_changed.emit(connection, reason)

    def receive(self, frame: FeedFrame) -> None:
        """Take one frame: rows wait for the next tick."""
        match frame:
            case FeedRows():
                self._take_rows(frame)
            case FeedStatus():
                self._new_status = frame.status
            case FeedChanged():
                self._topics[frame.topic] = None
            case FeedHello():
                self._start_over(frame)
        if not self._timer.isActive():
            self._timer.start(TICK_MS)

    def close(self) -> None:
        """Tell nothing of what still waits: those who listened are about to be gone."""
        self._timer.stop()

    def _start_over(self, hello: FeedHello) -> None:
        for queue in (self._events, self._requests, self._trajectories):
            queue.clear()
        self._skipped_events = self._skipped_requests = 0
        self._hello, self._status, self._new_status = hello, hello.status, None
        self._awaited = None
        self._await_store(hello.status, behind=hello.status.events_behind > 0)
        self.set_connection(Connection.CONNECTED)
        self.connected.emit(hello)
        self.status_changed.emit(hello.status)

    def _await_store(self, status: ServerStatus, *, behind: bool = False) -> bool:
        """Whether the event store has caught up just now. While games send it is always a little behind."""
        if behind or status.problem:
            self._awaited = status.events_total
        elif self._awaited is not None and status.events_total - status.events_behind >= self._awaited:
            self._awaited = None
            return True
        return False

    def _take_rows(self, rows: FeedRows) -> None:
        self._skipped_events += rows.skipped_events + _extend(self._events, self._texts.in_events(rows.events))
        self._skipped_requests += rows.skipped_requests + _extend(
            self._requests, self._texts.in_requests(rows.requests)
        )
        _extend(self._trajectories, self._texts.in_trajectories(rows.trajectories))

    def _tick(self) -> None:
        started = time.perf_counter()
        if self._new_status is not None:
            self._status, self._new_status = self._new_status, None
            self.status_changed.emit(self._status)
            if self._await_store(self._status):
                self.caught_up.emit()
        topics, self._topics = self._topics, {}
        for topic in topics:
            self.changed.emit(topic)
        if self._has_rows():
            rows = FeedRows(
                events=_take(self._events),
                requests=_take(self._requests),
                trajectories=_take(self._trajectories),
                skipped_events=self._skipped_events,
                skipped_requests=self._skipped_requests,
            )
            self._skipped_events = self._skipped_requests = 0
            self.rows_arrived.emit(rows)
        if self._has_rows() or self._new_status is not None or self._topics:
            took_ms = int((time.perf_counter() - started) * 1000)
            self._timer.start(min(max(TICK_MS, took_ms), MAX_TICK_MS))

    def _has_rows(self) -> bool:
        return bool(
            self._events or self._requests or self._trajectories or self._skipped_events or self._skipped_requests
        )


def _extend(queue: deque[T], rows: Iterable[T]) -> int:
    """Append, dropping the oldest over the bound; returns how many were dropped."""
    queue.extend(rows)
    excess = len(queue) - MAX_PENDING_ROWS
    for _ in range(excess):
        queue.popleft()
    return max(excess, 0)


def _take(queue: deque[T]) -> list[T]:
    if len(queue) <= MAX_ROWS_PER_TICK:
        taken = list(queue)
        queue.clear()
        return taken
    return [queue.popleft() for _ in range(MAX_ROWS_PER_TICK)]
