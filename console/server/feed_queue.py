"""What one window has not been sent yet: a window that cannot follow loses rows, and is told how many."""

import asyncio
from collections import deque

from console.messages import FeedRows, encode

MAX_QUEUED_EVENTS = 20_000
MAX_QUEUED_BYTES = 32 * 1024 * 1024


class Subscriber:
    """One reader's bounded queue of encoded frames. The oldest rows are given up first."""

    def __init__(self, hello: bytes) -> None:
        self._hello: bytes | None = hello
        self._rows: deque[tuple[bytes, int, int]] = deque()
        self._queued_events = 0
        self._queued_bytes = 0
        self._status: bytes | None = None
        self._changed: dict[str, bytes] = {}
        self._wake = asyncio.Event()
        self._wake.set()
        self.skipped_events = 0
        self.skipped_requests = 0

    def push_rows(self, frame: bytes, events: int, requests: int) -> None:
        """Queue one frame; never waits."""
        self._rows.append((frame, events, requests))
        self._queued_events += events
        self._queued_bytes += len(frame)
        while len(self._rows) > 1 and (
            self._queued_events > MAX_QUEUED_EVENTS or self._queued_bytes > MAX_QUEUED_BYTES
        ):
            _, lost_events, lost_requests = self._take_rows()
            self.skipped_events += lost_events
            self.skipped_requests += lost_requests
        self._wake.set()

    def push_status(self, frame: bytes) -> None:
        """Queue the newest status in place of an unsent older one."""
        self._status = frame
        self._wake.set()

    def push_changed(self, topic: str, frame: bytes) -> None:
        """Queue an announcement, once however often the topic changes before it is sent."""
        self._changed[topic] = frame
        self._wake.set()

    async def next_frame(self) -> bytes:
        """The next frame to send; waits until there is one."""
        while (frame := self._next()) is None:
            self._wake.clear()
            await self._wake.wait()
        return frame

    def _next(self) -> bytes | None:
        if self._hello is not None:
            hello, self._hello = self._hello, None
            return hello
        if self._changed:
            return self._changed.pop(next(iter(self._changed)))
        if self._status is not None:
            status, self._status = self._status, None
            return status
        if self.skipped_events or self.skipped_requests:
            # What was given up is older than everything queued, so the notice comes first.
            notice = FeedRows([], [], [], self.skipped_events, self.skipped_requests)
            self.skipped_events = self.skipped_requests = 0
            return encode(notice)
        if self._rows:
            return self._take_rows()[0]
        return None

    def _take_rows(self) -> tuple[bytes, int, int]:
        taken = self._rows.popleft()
        self._queued_bytes -= len(taken[0])
        self._queued_events -= taken[1]
        return taken
