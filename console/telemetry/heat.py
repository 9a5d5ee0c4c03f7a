"""Heatmaps of a level seen from above: grids of square cells, what happened in each, and what a picture makes of it.

All lengths are the viewer's metres. Arrays of cells have the shape (rows, columns); row 0 has the lowest y.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Cells = NDArray[np.int64]
Numbers = NDArray[np.integer] | NDArray[np.floating]

# What lies beside the grid, and what lies in its cells at other heights than are shown.
BESIDE, OTHER_HEIGHT = -1, -2
# A million cells are more than a screen has, and their sums take a few milliseconds still.
MAX_CELLS = 1_000_000
# Frame rates are gathered in bins that are 3 % wide, so that a quantile is right to 1.5 %.
BIN_RATIO = 1.03
_BINS = 4096  # more than there can be
_PARTS = 64
# A Gaussian narrower than this, in cells, reaches no neighbour.
_SHARP = 0.1

Box = tuple[tuple[float, float, float], tuple[float, float, float]]
Per = Literal["absolute", "session", "minute"]


@dataclass(frozen=True)
class Grid:
    """Square cells of `cell_m` metres from (`x`, `y`) on, for what lies between two heights; None is open."""

    x: float
    y: float
    cell_m: float
    columns: int
    rows: int
    low: float | None = None
    high: float | None = None

    @staticmethod
    def over(box: Box, cell_m: float, *, low: float | None = None, high: float | None = None) -> "Grid":
        """Cover a box's floor. Cells grow where there would be more than MAX_CELLS of them.

        Their corners are multiples of their size, so a box that grows keeps its cells. Raises ValueError for a size
        that is none.
        """
        if not (math.isfinite(cell_m) and cell_m > 0):
            raise ValueError(f"a cell's size must be positive metres, not {cell_m}")
        (x0, y0, _), (x1, y1, _) = box
        size = cell_m
        while True:
            left, near = math.floor(x0 / size), math.floor(y0 / size)
            columns = max(1, math.floor(x1 / size) + 1 - left)
            rows = max(1, math.floor(y1 / size) + 1 - near)
            if columns * rows <= MAX_CELLS:
                return Grid(left * size, near * size, size, columns, rows, low, high)
            size *= max(2.0, math.sqrt(columns * rows / MAX_CELLS))

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.columns

    @property
    def cells(self) -> int:
        return self.rows * self.columns

    @property
    def right(self) -> float:
        """The highest x."""
        return self.x + self.columns * self.cell_m

    @property
    def top(self) -> float:
        """The highest y."""
        return self.y + self.rows * self.cell_m

    def from_game(self, to_viewer: Array) -> list[float]:
        """Three rows of the matrix that turns the game's (x, y, z, 1) into column, row and height, as 12 numbers.

        `to_viewer` is the 4×4 matrix from the game's axes and units to the viewer's metres.
        """
        to_cells = np.diag([1 / self.cell_m, 1 / self.cell_m, 1.0, 1.0])
        to_cells[0, 3], to_cells[1, 3] = -self.x / self.cell_m, -self.y / self.cell_m
        values: list[float] = (to_cells @ to_viewer)[:3].ravel().tolist()
        return values

    def numbers(self, points: NDArray[np.floating]) -> Cells:
        """The cell of each point `(n, 3)`: row × columns + column, BESIDE or OTHER_HEIGHT."""
        places = (points[:, :2].astype(np.float64) - (self.x, self.y)) / self.cell_m
        ends = np.array([self.columns, self.rows])
        inside: NDArray[np.bool_] = np.all((places >= 0) & (places < ends), axis=1)  # far away, a cast overflows
        whole = np.floor(np.where(inside[:, None], places, 0.0)).astype(np.int64)
        found = np.where(inside, whole[:, 1] * self.columns + whole[:, 0], BESIDE)
        height = points[:, 2]
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        found[inside & ((height < low) | (height > high))] = OTHER_HEIGHT
        return found

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Row and column of a place; None beside the grid."""
        if not (self.x <= x < self.right and self.y <= y < self.top):
            return None
        row, column = int((y - self.y) / self.cell_m), int((x - self.x) / self.cell_m)
        return min(row, self.rows - 1), min(column, self.columns - 1)

    def centre(self, row: int, column: int) -> tuple[float, float]:
        """The middle of a cell, x and y."""
        return self.x + (column + 0.5) * self.cell_m, self.y + (row + 0.5) * self.cell_m


@dataclass(frozen=True)
class Totals:
    """Of a whole selection, for what is told per session or per minute."""

    sessions: int = 0
    seconds: float = 0.0

    def divisor(self, per: Per) -> float:
        """What an amount is divided by; NaN where there is nothing to divide by."""
        value = {"absolute": 1.0, "session": float(self.sessions), "minute": self.seconds / 60}[per]
        return value if value > 0 else math.nan


class Heat:
    """What was gathered in every cell. Grows by `add` as samples come in; never asks for what it has again.

    `samples`, `seconds` and `players` are sums, and so is `rate_seconds`, of frame rate × seconds. `lowest` and
    `highest` are heights of samples in metres, ∞ and −∞ where none is known. `beside` and `other_height` count samples
    that no cell holds, `unrated` those without a frame rate.
    """

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.samples: Array = np.zeros(grid.shape)
        self.seconds: Array = np.zeros(grid.shape)
        self.players: Array = np.zeros(grid.shape)
        self.rate_seconds: Array = np.zeros(grid.shape)
        self.lowest: Array = np.full(grid.shape, np.inf)
        self.highest: Array = np.full(grid.shape, -np.inf)
        self.beside = self.other_height = self.unrated = 0
        # Seconds of every cell and bin of the frame rate, in parts: cell × _BINS + bin, and the seconds.
        self._keys: list[Cells] = []
        self._amounts: list[Array] = []

    def add(
        self,
        cells: Cells,
        samples: Numbers,
        seconds: Numbers,
        *,
        players: Numbers | None = None,
        bins: Cells | None = None,
        rate_seconds: Numbers | None = None,
    ) -> None:
        """Add rows of equal length: the cell of each, its samples and seconds, and with `bins` its frame rate.

        With `bins`, rows of the bin −1 (no rate known) are only counted.
        """
        self.beside += int(samples[cells == BESIDE].sum())
        self.other_height += int(samples[cells == OTHER_HEIGHT].sum())
        held = cells >= 0
        if bins is not None and rate_seconds is not None:
            self.unrated += int(samples[held & (bins < 0)].sum())
            held = held & (bins >= 0)
            _add(self.rate_seconds, cells[held], rate_seconds[held])
            self._keys.append(cells[held] * _BINS + np.minimum(bins[held], _BINS - 1))
            self._amounts.append(seconds[held].astype(np.float64))
            if len(self._keys) > _PARTS:
                self._merge()
        _add(self.samples, cells[held], samples[held])
        _add(self.seconds, cells[held], seconds[held])
        if players is not None:
            _add(self.players, cells[held], players[held])

    def add_heights(self, cells: Cells, lowest: Array, highest: Array) -> None:
        """Between which heights samples of cells were: rows of equal length. Those that no cell holds are left out."""
        held = cells >= 0
        np.minimum.at(self.lowest.reshape(-1), cells[held], lowest[held])
        np.maximum.at(self.highest.reshape(-1), cells[held], highest[held])

    def rate_quantile(self, share: float) -> Array:
        """The frame rate that `share` (0 … 1) of the time in each cell was below; NaN where none is known."""
        if not self._keys:
            return np.full(self.grid.shape, np.nan)
        self._merge()
        cells, bins = np.divmod(self._keys[0], _BINS)
        return quantiles(cells, bins, self._amounts[0], share, self.grid.cells).reshape(self.grid.shape)

    def _merge(self) -> None:
        if len(self._keys) > 1:
            keys, which = np.unique(np.concatenate(self._keys), return_inverse=True)
            amounts = np.bincount(which, np.concatenate(self._amounts), minlength=len(keys))
            self._amounts = [amounts.astype(np.float64)]
            self._keys = [keys]


def _add(target: Array, cells: Cells, amounts: Numbers) -> None:
    flat = target.reshape(-1)
    if len(cells) > flat.size // 8:
        flat += np.bincount(cells, amounts, minlength=flat.size)
    else:
        np.add.at(flat, cells, amounts)


def rate_bin(rate: NDArray[np.float64]) -> Cells:
    """The bin of each frame rate, −1 for NaN: as the event store counts them."""
    known = np.isfinite(rate)
    safe = np.maximum(np.where(known, rate, 1.0), 1.0)
    return np.where(known, np.floor(np.log(safe) / math.log(BIN_RATIO)), -1).astype(np.int64)


def quantiles(cells: Cells, bins: Cells, weights: Array, share: float, count: int) -> Array:
    """The value that `share` of each cell's weight lies below, from histograms with bins of BIN_RATIO; `(count,)`.

    Within a bin the weight is taken as spread evenly over the logarithm. NaN for cells without weight.
    """
    order = np.lexsort((bins, cells))
    cells, bins, weights = cells[order], bins[order], weights[order]
    total = np.bincount(cells, weights, minlength=count)
    running = np.cumsum(weights)
    before = np.concatenate([[0.0], running])[np.searchsorted(cells, np.arange(count))]  # of the cells that come first
    upto = running - before[cells]
    target = share * total
    reached = np.flatnonzero((upto >= target[cells] * (1 - 1e-12)) & (weights > 0))
    held, index = np.unique(cells[reached], return_index=True)
    row = reached[index]
    inside = np.clip((target[held] - (upto[row] - weights[row])) / weights[row], 0.0, 1.0)
    result = np.full(count, np.nan)
    result[held] = BIN_RATIO ** (bins[row] + inside)
    return result


def smoothed(values: Array, radius: float) -> Array:
    """Values blurred by a Gaussian of `radius` cells (its standard deviation); their sum stays the same.

    What would leave the grid is kept at its edge cells by dividing the kernel anew there.
    """
    if radius < _SHARP:
        return values
    reach = max(1, math.ceil(3 * radius))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / radius) ** 2)
    return _blurred(_blurred(values, kernel, 0), kernel, 1)


def reached(lowest: Array, highest: Array, radius: float) -> tuple[Array, Array]:
    """The lowest and highest of what `smoothed` lets run into each cell; NaN where there is none."""
    reach = 0 if radius < _SHARP else max(1, math.ceil(3 * radius))
    low, high = lowest, highest
    for axis in (0, 1):
        low, high = _extreme(np.minimum, low, reach, axis), _extreme(np.maximum, high, reach, axis)
    known = low <= high
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def _extreme(of: np.ufunc, values: Array, reach: int, axis: int) -> Array:
    """The lowest, or highest, of each cell and as many on its either side along an axis."""
    found = values.copy()
    along, given = np.moveaxis(found, axis, 0), np.moveaxis(values, axis, 0)
    for shift in range(1, min(reach, len(along) - 1) + 1):
        of(along[shift:], given[:-shift], out=along[shift:])
        of(along[:-shift], given[shift:], out=along[:-shift])
    return found


def _blurred(values: Array, kernel: Array, axis: int) -> Array:
    """Each cell gives what it has to its neighbours along one axis, in the kernel's shares of those that exist."""
    length, reach = values.shape[axis], len(kernel) // 2
    given = np.convolve(np.ones(length), kernel)[reach : reach + length]
    shape = [1, 1]
    shape[axis] = length
    shares = values / given.reshape(shape)
    padding = [(0, 0), (0, 0)]
    padding[axis] = (reach, reach)
    padded = np.pad(shares, padding)
    result = np.zeros_like(values)
    for offset, weight in enumerate(kernel):
        window = [slice(None), slice(None)]
        window[axis] = slice(offset, offset + length)
        result += weight * padded[tuple(window)]
    return result


def ratio(amounts: Array, weights: Array, radius: float) -> Array:
    """amounts / weights, both smoothed first, so that no empty cell pulls a mean down; NaN where nothing weighs."""
    over = smoothed(weights, radius)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(over > 1e-12, smoothed(amounts, radius) / over, np.nan)


def difference(first: Array, second: Array) -> Array:
    """first − second; NaN where either is not known."""
    return first - second


def shares(values: Array, low: float, high: float, *, log: bool = False) -> Array:
    """Where each value lies between two others, 0 … 1; NaN stays. With `log`, by order of magnitude.

    Nothing is 0 in every scale, so that log shows the rare and hides the none: `low` must be positive there.
    """
    if log:
        with np.errstate(invalid="ignore", divide="ignore"):
            values = np.log(np.maximum(values, 1e-300))
        low, high = math.log(low), math.log(high)
    span = high - low
    if span <= 0:
        return np.where(np.isnan(values), np.nan, 1.0)
    return np.clip((values - low) / span, 0.0, 1.0)
