"""The named queries whose answer is worked out of what SQL fetched, still in the store's process."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from console.columns import Array
from console.storage.funnel_answer import funnel_answer

Answer = dict[str, Array | Sequence[str | None]]

_ANSWERS: dict[str, Callable[[Answer, Mapping[str, Any]], Answer]] = {"funnel": funnel_answer}


def worked_out(name: str, fetched: Answer, params: Mapping[str, Any]) -> Answer:
    """A query's answer: what was fetched, or what is worked out of it."""
    work_out = _ANSWERS.get(name)
    return fetched if work_out is None else work_out(fetched, params)
