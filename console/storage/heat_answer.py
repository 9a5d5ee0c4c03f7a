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
from console.storage.cell_parts import Parts, PartSums
from console.telemetry.heat import BESIDE, OTHER_HEIGHT

Floats = NDArray[np.float64]

# What every row of a cell's array means ahead of the cells themselves.
_SPECIAL = 2


def heat_answer(
    batches: Iterable[Mapping[str, NDArray[Any]]], upto: int, params: Mapping[str, Any]
) -> dict[str, Array]:
    """One line a cell, or a cell and part; see `queries/heat.sql`.

    Each batch has a row a sample: `x`, `y`, `z` in the game's axes, `part` and `seconds` of its trajectory, and its
    `rate` (NaN: not known).
    """
    grid = _Grid(params)
    by = params.get("by")
    parts = Parts(grid.numbers) if by == "player" else None
    rates = PartSums(grid.numbers) if by is not None and parts is None else None
    samples, seconds = np.zeros(grid.numbers, np.int64), np.zeros(grid.numbers)
    for batch in batches:
        numbers = grid.number(batch)
        if rates is not None:
            known = np.nan_to_num(batch["rate"], nan=0.0) * batch["seconds"]
            rates.add(numbers, batch["part"], batch["seconds"], known)
            continue
        samples += np.bincount(numbers, minlength=grid.numbers)
        seconds += np.bincount(numbers, batch["seconds"], minlength=grid.numbers)
        if parts is not None:
            parts.add(numbers, batch["part"])
    if rates is not None:
        return _told(upto, *rates.sums())
    found = np.flatnonzero(samples)
    none = np.zeros(len(found), np.int64)
    count = None if parts is None else parts.counts()[found]
    return _told(upto, found, none, samples[found], seconds[found], none.astype(np.float64), parts=count)


def _told(
    upto: int,
    numbers: NDArray[np.int64],
    part: NDArray[np.int64],
    samples: NDArray[np.int64],
    seconds: Floats,
    rate_seconds: Floats,
    *,
    parts: NDArray[np.int64] | None = None,
) -> dict[str, Array]:
    """The answer's columns. Where nobody was, one line still tells how far the answer reaches."""
    if not len(numbers):
        numbers, none = np.array([_SPECIAL + BESIDE]), np.zeros(1, np.int64)
        return _told(upto, numbers, none, none, none.astype(np.float64), none.astype(np.float64), parts=none)
    return {
        "upto": np.full(len(numbers), upto, np.int64),
        "cell": (numbers - _SPECIAL).astype(np.int32),
        "part": part.astype(np.int32),
        "parts": np.ones(len(numbers), np.int64) if parts is None else parts,
        "samples": samples,
        "seconds": seconds,
        "rate_seconds": rate_seconds,
    }


class _Grid:
    """Finds the number of each sample: that of its cell + 2, so that what lies in no cell has one, too."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        self._rows = np.asarray(params["to_grid"], np.float64).reshape(3, 4)
        self._ends = (int(params["columns"]), int(params["rows"]))
        self._low, self._high = params.get("low"), params.get("high")
        self.numbers = max(0, self._ends[0]) * max(0, self._ends[1]) + _SPECIAL

    def number(self, batch: Mapping[str, NDArray[Any]]) -> NDArray[np.int64]:
        column, row = self._along(0, batch), self._along(1, batch)
        # Compared ahead of the cast, which overflows far away.
        beside = ~((column >= 0) & (column < self._ends[0]) & (row >= 0) & (row < self._ends[1]))
        column[beside] = row[beside] = 0.0
        numbers = row.astype(np.int64)
        numbers *= self._ends[0]
        numbers += column.astype(np.int64)
        numbers += _SPECIAL
        if self._low is not None or self._high is not None:
            height = self._along(2, batch)
            other = np.zeros(len(height), np.bool_)
            if self._low is not None:
                other |= height < self._low
            if self._high is not None:
                other |= height > self._high
            numbers[other] = _SPECIAL + OTHER_HEIGHT
        numbers[beside] = _SPECIAL + BESIDE
        return numbers

    def _along(self, number: int, batch: Mapping[str, NDArray[Any]]) -> Floats:
        """One row of the matrix times the places. Most only exchange axes: a term of zero is left out."""
        *factors, offset = self._rows[number].tolist()
        found = np.full(len(batch["x"]), offset)
        for factor, axis in zip(factors, "xyz", strict=True):
            if factor:
                found += batch[axis] * factor if factor != 1.0 else batch[axis]
        return found
