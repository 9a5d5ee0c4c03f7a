"""Telling of a change that happens all the time: now and then, and once more after the last."""

import asyncio
from collections.abc import Callable
from typing import Final

ANNOUNCE_SECS: Final = 1.0


class Throttled:
    """Calls `tell` at once, and then for as long as there are calls once every `secs`. For the loop."""

    def __init__(self, tell: Callable[[], None], secs: float = ANNOUNCE_SECS) -> None:
        self._tell = tell
        self._secs = secs
        self._again = False
        self._closed = False
        self._timer: asyncio.TimerHandle | None = None

    def __call__(self) -> None:
        if self._closed:
            return
        if self._timer is not None:
            self._again = True
            return
        self._timer = asyncio.get_running_loop().call_later(self._secs, self._passed)
        self._tell()

    def close(self) -> None:
        """Tell no more, whoever calls. Idempotent."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _passed(self) -> None:
        self._timer = None
        if self._again:
            self._again = False
            self()
