"""Questions to the server that are asked again while people look at the answers and games go on playing."""

import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer

from console.client import ConsoleUnavailable
from console.ui.context import ViewContext

_PAUSE_OF_COST = 4  # so that the server is asked a fifth of the time at most


class Asking(QObject):
    """Asks at once when the question changes, and now and then while only its answer does.

    Nothing is asked while nobody looks, or the picture is frozen: it is as soon as that ends, once, and only where the
    question or the answer is another one by then. Another question breaks off the one under way. News does not: where
    it comes faster than answers, answers come all the same. Nor does it hurry whoever turns to and fro.
    """

    def __init__(
        self,
        context: ViewContext,
        load: Callable[[], Coroutine[Any, Any, None]],
        what: str,
        parent: QObject,
        *,
        least_pause_ms: int,
        on_error: Callable[[Exception], None] | None = None,
        monotonic: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`load` asks and takes the answer. A failure is told as "`what`: reason", unless `on_error` takes it."""
        super().__init__(parent)
        self._context = context
        self._load = load
        self._what = what
        self._least_pause_ms = least_pause_ms
        self._on_error = on_error
        self._monotonic = monotonic
        self._active = False
        self._frozen = False
        self._stale = True
        self._running = False
        self._turn = 0
        self._rested_at = 0.0  # until then only another question is asked
        self._break_off: Callable[[], object] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._pause_ms = least_pause_ms
        self._timer.timeout.connect(self._run)
        context.feed.caught_up.connect(self.ask)

    @property
    def running(self) -> bool:
        """Whether an answer is awaited."""
        return self._running

    @property
    def pause_ms(self) -> int:
        """From news to the next question: the longer, the dearer the last one was."""
        return self._pause_ms

    def set_active(self, active: bool) -> None:
        """Whether somebody looks."""
        self._active = active
        rest_ms = round((self._rested_at - self._monotonic()) * 1e3)
        if not active or self._frozen or not self._stale or self._running:
            return
        if rest_ms <= 0:
            self._run()
        elif not self._timer.isActive():
            self._timer.start(rest_ms)

    def set_frozen(self, frozen: bool) -> None:
        """Whether the answer is to stay as it is."""
        self._frozen = frozen
        if not frozen and self._stale:
            self._run()

    def ask(self) -> None:
        """The question is another one: the answer under way is of no use any more."""
        self.give_up()
        self._run()

    def ask_soon(self) -> None:
        """The answer is another one by now."""
        self._stale = True
        if self._active and not self._frozen and not self._running and not self._timer.isActive():
            self._timer.start(self._pause_ms)

    def give_up(self) -> None:
        """Nobody waits for the answer under way."""
        self._turn += 1
        self._stale, self._running = True, False
        self._rested_at = 0.0
        if self._break_off is not None:
            self._break_off()
            self._break_off = None

    def _run(self) -> None:
        self._timer.stop()
        if not self._active or self._frozen or self._running:
            return
        self._running, self._stale = True, False
        self._break_off = self._context.tasks.start(
            self._work(self._turn), self._what, on_error=partial(self._fail, self._turn)
        )

    async def _work(self, turn: int) -> None:
        began = self._monotonic()
        await self._load()
        if turn != self._turn:
            return  # whoever saw the answer has another question
        now = self._monotonic()
        self._pause_ms = round(max(self._least_pause_ms, (now - began) * 1e3 * _PAUSE_OF_COST))
        self._rested_at = now + self._pause_ms / 1e3
        self._running = False
        if self._stale:
            self.ask_soon()

    def _fail(self, turn: int, error: Exception) -> None:
        if turn != self._turn:
            return  # it failed while it was broken off: nobody asks that any more
        self._running, self._stale = False, True
        if self._on_error is not None:
            self._on_error(error)
        elif not isinstance(error, ConsoleUnavailable):  # that the server is gone, or not there yet, the window tells
            self._context.messages.say(f"{self._what}: {error}", kind="bad")
