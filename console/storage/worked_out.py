"""The named queries whose answer is worked out of what SQL fetched, still in the store's process."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from console.columns import Array
from console.storage.funnel_answer import funnel_answer
from console.storage.heat_answer import heat_answer
from console.storage.visited_answer import visited_answer

Answer = dict[str, Array | Sequence[str | None]]
Batch = Mapping[str, NDArray[Any]]

_ANSWERS: dict[str, Callable[[Answer, Mapping[str, Any]], Answer]] = {"funnel": funnel_answer}
_STREAMED: dict[str, Callable[[Iterable[Batch], int, Mapping[str, Any]], Answer]] = {
    "heat": lambda batches, upto, params: {**heat_answer(batches, upto, params)},
    "visited": lambda batches, upto, params: {**visited_answer(batches, upto, params)},
}


def worked_out(name: str, fetched: Answer, params: Mapping[str, Any]) -> Answer:
    """A query's answer: what was fetched, or what is worked out of it."""
    work_out = _ANSWERS.get(name)
    return fetched if work_out is None else work_out(fetched, params)


def streamed(name: str) -> Callable[[Iterable[Batch], int, Mapping[str, Any]], Answer] | None:
    """What works a query's answer out of batches of numbers, how far the store reaches, and the parameters.

    For what fetches millions of rows: they are never all in memory. None for a query that is not of this kind.
    """
    return _STREAMED.get(name)
