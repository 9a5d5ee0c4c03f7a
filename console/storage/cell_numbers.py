"""Finds the cells of a grid over a level that samples lie in, batch by batch, as they stream out of the event store."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from console.storage.named_queries import InvalidQuery
from console.telemetry.heat import BESIDE, MAX_CELLS, OTHER_HEIGHT

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# What a cell's number is more than the cell: what lies in none has a number, too.
SPECIAL = 2


class CellNumbers:
    """The grid that a question declares by `to_grid`, `columns`, `rows`, `low` and `high`: see `queries/heat.sql`.

    `count` is how many numbers there are: of the cells, and of what lies beside the grid or at other heights.
    """

    def __init__(self, params: Mapping[str, Any]) -> None:
        """Raises InvalidQuery for what is no grid, or has more cells than memory is taken for."""
        matrix = np.asarray(params["to_grid"], np.float64)
        if matrix.shape != (12,) or not np.isfinite(matrix).all():
            raise InvalidQuery("The parameter 'to_grid' must be three rows of four numbers: 12 in all.")
        self._rows = matrix.reshape(3, 4)
        self._ends = (int(params["columns"]), int(params["rows"]))
        if min(self._ends) < 1 or self._ends[0] * self._ends[1] > MAX_CELLS:
            raise InvalidQuery(
                f"The parameters 'columns' and 'rows' must be at least 1, and make at most {MAX_CELLS:,} cells."
            )
        self._low, self._high = params.get("low"), params.get("high")
        self.count = self._ends[0] * self._ends[1] + SPECIAL

    def of(self, batch: Mapping[str, NDArray[Any]]) -> tuple[Integers, Floats]:
        """The number of each sample, that of its cell + SPECIAL, and its height in metres."""
        column, row, height = (self._along(number, batch) for number in range(3))
        # Compared ahead of the cast, which overflows far away.
        beside = ~((column >= 0) & (column < self._ends[0]) & (row >= 0) & (row < self._ends[1]))
        column[beside] = row[beside] = 0.0
        numbers = row.astype(np.int64)
        numbers *= self._ends[0]
        numbers += column.astype(np.int64)
        numbers += SPECIAL
        if self._low is not None:
            numbers[height < self._low] = SPECIAL + OTHER_HEIGHT
        if self._high is not None:
            numbers[height > self._high] = SPECIAL + OTHER_HEIGHT
        numbers[beside] = SPECIAL + BESIDE
        return numbers, height

    def _along(self, number: int, batch: Mapping[str, NDArray[Any]]) -> Floats:
        """One row of the matrix times the places. Most only exchange axes: a term of zero is left out."""
        *factors, offset = self._rows[number].tolist()
        found = np.full(len(batch["x"]), offset)
        for factor, axis in zip(factors, "xyz", strict=True):
            if factor:
                # In 64 bits: in the 32 of samples, those at the edge of a cell are rounded over it.
                found += np.multiply(batch[axis], factor, dtype=np.float64) if factor != 1.0 else batch[axis]
        return found
