"""Coroutines of the window: started by views, told when they fail, cancelled when the window closes."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from console.ui.context import Messages

log = logging.getLogger(__name__)


class WindowTasks:
    """The tasks of one window. An expected failure is told; any other is logged with its trace and told too.

    `reason` puts an expected failure into words; None is for one that needs no telling.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        messages: Messages,
        expected: tuple[type[Exception], ...] = (),
        reason: Callable[[Exception], str | None] = str,
    ) -> None:
        self._loop = loop
        self._messages = messages
        self._expected = expected
        self._reason = reason
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def start(
        self, work: Coroutine[Any, Any, Any], what: str, on_error: Callable[[Exception], None] | None = None
    ) -> Callable[[], object]:
        """Run `work` soon. A failure is told as "`what`: reason", unless `on_error` takes it; returns what cancels."""
        if self._closed:
            work.close()
            return work.close
        task = self._loop.create_task(self._guard(work, what, on_error), name=what)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: work.close())  # cancelled before it began, it would be missed
        return task.cancel

    async def close(self) -> None:
        """Cancel what runs and wait for it. Idempotent; later starts do nothing."""
        self._closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _guard(
        self, work: Coroutine[Any, Any, Any], what: str, on_error: Callable[[Exception], None] | None
    ) -> None:
        try:
            await work
        except self._expected as error:
            log.info("%s: %s", what, error)
            if on_error is not None:
                on_error(error)
            elif reason := self._reason(error):
                self._messages.say(f"{what}: {reason}", kind="bad")
        except Exception as error:
            log.exception("%s failed", what)
            if on_error is None:
                self._messages.say(f"{what} failed: {type(error).__name__}: {error}. The log has more.", kind="bad")
            else:
                on_error(error)
