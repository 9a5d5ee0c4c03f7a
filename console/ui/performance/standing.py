"""Questions to the event store that are asked again while people look at their answers and games go on playing."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from console.messages import Columns
from console.ui.asking import Asking
from console.ui.context import ViewContext

# A query and its parameters.
Question = tuple[str, dict[str, Any]]

_AGAIN_MS = 3_000
_SPAN = ("from_us", "to_us")


@dataclass
class _Slot:
    asking: Asking
    question: Question | None = None
    answer: Columns | None = None


class StandingQuestions(QObject):
    """One question for each slot. `answered(slot)`: there is another answer.

    The answer of another span of time stays until the next one of its slot is there: nothing flickers. That of another
    question would be taken for what it is not, and goes. What nobody looks at is not asked.
    """

    answered = Signal(str)

    def __init__(self, context: ViewContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._wanted: set[str] = set()
        self._slots: dict[str, _Slot] = {}

    def answer(self, slot: str) -> Columns | None:
        """The newest answer of a slot; None before there is one."""
        return self._slots[slot].answer if slot in self._slots else None

    def want(self, wanted: dict[str, Question]) -> None:
        """Exactly these from now on. Those with an answer that holds are not asked again."""
        for slot in self._wanted - set(wanted):
            asking = self._slots[slot].asking
            asking.set_active(False)
            if asking.running:
                asking.give_up()
        self._wanted = set(wanted)
        for slot, question in wanted.items():
            if slot not in self._slots:
                self._slots[slot] = _Slot(self._asking(slot))
            one = self._slots[slot]
            if question != one.question:
                if one.question is None or _apart_from_span(question) != _apart_from_span(one.question):
                    one.answer = None
                one.question = question
                one.asking.give_up()
            one.asking.set_active(True)

    def outdated(self) -> None:
        """More was recorded: ask again before long, what nobody looks at when somebody does."""
        for one in self._slots.values():
            one.asking.ask_soon()

    def ask_anew(self) -> None:
        """Ask everything now: the server is another one, or the store caught up."""
        for one in self._slots.values():
            one.asking.ask()

    def forget(self) -> None:
        """Drop the answers too."""
        for one in self._slots.values():
            one.asking.give_up()
            one.question = one.answer = None

    def _asking(self, slot: str) -> Asking:
        async def load() -> None:
            one = self._slots[slot]
            if one.question is not None:
                name, params = one.question
                one.answer = await self._context.client.query(name, **params)
                self.answered.emit(slot)

        return Asking(self._context, load, "Sum up the frame rates", self, least_pause_ms=_AGAIN_MS)


def _apart_from_span(question: Question) -> Question:
    name, params = question
    return name, {key: value for key, value in params.items() if key not in _SPAN}
