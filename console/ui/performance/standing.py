"""Questions to the event store that are asked again while people look at their answers and games go on playing."""

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from console.client import ConsoleUnavailable
from console.messages import Columns
from console.ui.context import ViewContext

# Asked again this often at most, and so that asking never takes more than a tenth of the store's time.
_AGAIN_MS = 3_000
_REST = 9


class StandingQuestions(QObject):
    """One question for each slot. `answered(slot)`: there is another answer.

    An answer stays until the next one of its slot is there: nothing flickers. What nobody looks at is not asked.
    """

    answered = Signal(str)

    def __init__(self, context: ViewContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._wanted: dict[str, tuple[str, dict[str, Any]]] = {}
        self._answers: dict[str, Columns] = {}
        self._asked_for: dict[str, tuple[str, dict[str, Any]]] = {}
        self._running: dict[str, Callable[[], object]] = {}
        self._stale = False
        self._took_ms = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._again)

    def answer(self, slot: str) -> Columns | None:
        """The newest answer of a slot; None before there is one."""
        return self._answers.get(slot)

    def want(self, wanted: dict[str, tuple[str, dict[str, Any]]]) -> None:
        """Exactly these from now on: query and parameters of each slot. Those with an answer are not asked again."""
        self._wanted = wanted
        for slot in set(self._running) - set(wanted):
            self._break_off(slot)
        for slot, question in wanted.items():
            if self._asked_for.get(slot) != question:
                self._ask(slot)

    def outdated(self) -> None:
        """More was recorded: ask again before long."""
        self._stale = True
        if self._wanted and not self._timer.isActive() and not self._running:
            self._timer.start(max(_AGAIN_MS, round(self._took_ms * _REST)))

    def ask_anew(self) -> None:
        """Ask everything now: the server is another one, or the store caught up."""
        self._asked_for.clear()
        self.want(self._wanted)

    def forget(self) -> None:
        """Drop the answers too."""
        self._answers.clear()
        for slot in list(self._running):
            self._break_off(slot)
        self._asked_for.clear()

    def _again(self) -> None:
        if self._stale:
            self._stale = False
            for slot in self._wanted:
                self._ask(slot)

    def _break_off(self, slot: str) -> None:
        self._running.pop(slot)()
        self._asked_for.pop(slot, None)

    def _ask(self, slot: str) -> None:
        if slot in self._running:
            self._break_off(slot)
        question = self._wanted[slot]
        self._asked_for[slot] = question
        self._running[slot] = _nothing  # in case the work ends before `start` comes back
        name, params = question

        async def ask() -> None:
            started = time.perf_counter()
            answer = await self._context.client.query(name, **params)
            self._took_ms = (time.perf_counter() - started) * 1000
            del self._running[slot]
            self._answers[slot] = answer
            self.answered.emit(slot)
            if self._stale:
                self.outdated()

        def failed(error: Exception) -> None:
            # Asked again when the server is back, or when something else is wanted.
            self._running.pop(slot, None)
            self._asked_for.pop(slot, None)
            if not isinstance(error, ConsoleUnavailable):
                self._context.messages.say(f"Sum up the frame rates: {error}", kind="bad")

        stop = self._context.tasks.start(ask(), "Sum up the frame rates", on_error=failed)
        if slot in self._running:
            self._running[slot] = stop


def _nothing() -> None:
    pass
