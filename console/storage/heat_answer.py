"""Works the answer of the query `heat` out of samples as they stream out of the event store.

A cell and its sums cost numpy a pass or two over a batch that fits into the processor's cache; SQL's expressions and
its hash table of cells take twice as long. It happens in the store's process: nothing but cells crosses to
another.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from console.columns import Array
from console.storage.cell_numbers import SPECIAL, CellNumbers
from console.storage.cell_parts import Parts, PartSums
from console.storage.named_queries import InvalidQuery
from console.telemetry.heat import BESIDE

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def heat_answer(
    batches: Iterable[Mapping[str, NDArray[Any]]], upto: int, params: Mapping[str, Any]
) -> dict[str, Array]:
    """One line a cell, or a cell and part; see `queries/heat.sql`.

    Each batch has a row a sample: `x`, `y`, `z` in the game's axes, `part` and `seconds` of its trajectory, and its
    `rate` (NaN: not known). Raises InvalidQuery for what is no grid, or for rates without the width of their bins.
    """
    grid = CellNumbers(params)
    by = params.get("by")
    if by not in (None, "player", "mean", "low_5", "low_1"):
        raise InvalidQuery("The parameter 'by' of the query heat must be player, mean, low_5 or low_1.")
    if by not in (None, "player") and not (params.get("bin_ratio") or 0) > 1:
        raise InvalidQuery("The parameter 'bin_ratio' of the query heat must be more than 1 for frame rates.")
    parts = Parts(grid.count) if by == "player" else None
    rates = PartSums(grid.count) if by is not None and parts is None else None
    samples, seconds = np.zeros(grid.count, np.int64), np.zeros(grid.count)
    ends = np.full(grid.count, np.inf), np.full(grid.count, -np.inf)
    for batch in batches:
        numbers, heights = grid.of(batch)
        np.minimum.at(ends[0], numbers, heights)
        np.maximum.at(ends[1], numbers, heights)
        if rates is not None:
            known = np.nan_to_num(batch["rate"], nan=0.0) * batch["seconds"]
            rates.add(numbers, batch["part"], batch["seconds"], known)
            continue
        samples += np.bincount(numbers, minlength=grid.count)
        seconds += np.bincount(numbers, batch["seconds"], minlength=grid.count)
        if parts is not None:
            parts.add(numbers, batch["part"])
    if rates is not None:
        return _told(upto, *rates.sums(), ends)
    found = np.flatnonzero(samples)
    none = np.zeros(len(found), np.int64)
    count = None if parts is None else parts.counts()[found]
    return _told(upto, found, none, samples[found], seconds[found], none.astype(np.float64), ends, parts=count)


def _told(
    upto: int,
    numbers: Integers,
    part: Integers,
    samples: Integers,
    seconds: Floats,
    rate_seconds: Floats,
    ends: tuple[Floats, Floats],
    *,
    parts: Integers | None = None,
) -> dict[str, Array]:
    """The answer's columns. Where nobody was, one line still tells how far the answer reaches."""
    if not len(numbers):
        numbers, none = np.array([SPECIAL + BESIDE]), np.zeros(1, np.int64)
        nothing = none.astype(np.float64)
        return _told(upto, numbers, none, none, nothing, nothing, ends, parts=none)
    return {
        "upto": np.full(len(numbers), upto, np.int64),
        "cell": (numbers - SPECIAL).astype(np.int32),
        "part": part.astype(np.int32),
        "parts": np.ones(len(numbers), np.int32) if parts is None else parts.astype(np.int32),
        "samples": samples,
        "seconds": seconds,
        "rate_seconds": rate_seconds,
        "lowest": ends[0][numbers].astype(np.float32),  # as samples are stored
        "highest": ends[1][numbers].astype(np.float32),
    }
