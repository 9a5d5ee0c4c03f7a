"""Works the answer of the query `visited` out of samples as they stream out of the event store; see `heat_answer`."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from console.columns import Array
from console.storage.cell_numbers import SPECIAL, CellNumbers
from console.storage.cell_parts import PartCounts
from console.storage.named_queries import InvalidQuery
from console.telemetry.coverage import height_steps


def visited_answer(
    batches: Iterable[Mapping[str, NDArray[Any]]], upto: int, params: Mapping[str, Any]
) -> dict[str, Array]:
    """One line a cell and step of height; see `queries/visited.sql`. Each batch has a row a sample: `x`, `y`, `z`.

    Raises InvalidQuery when a step is none.
    """
    grid, step_m = CellNumbers(params), float(params["step_m"])
    if step_m <= 0:
        raise InvalidQuery("The parameter 'step_m' of the query visited must be more than 0 metres.")
    low, high = params.get("low"), params.get("high")
    ends = np.array([-np.inf if low is None else low, np.inf if high is None else high])
    lowest, highest = height_steps(ends, step_m).tolist()
    counts = PartCounts(grid.count - SPECIAL, lowest, highest)
    for batch in batches:
        numbers, heights = grid.of(batch)
        held = numbers >= SPECIAL
        if not held.all():
            numbers, heights = numbers[held], heights[held]
        numbers -= SPECIAL
        counts.add(numbers, height_steps(heights, step_m))
    cells, steps, samples = counts.counts()
    if not len(cells):  # one line still tells how far the answer reaches
        cells, steps, samples = np.array([-1]), np.zeros(1, np.int64), np.zeros(1, np.int64)
    return {
        "upto": np.full(len(cells), upto, np.int64),
        "cell": cells.astype(np.int32),
        "step": steps.astype(np.int32),
        "samples": samples,
    }
