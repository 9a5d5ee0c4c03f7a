"""At which heights a level divides into storeys. Pure.

A height divides where floors lie above one another on its two sides, and little floor lies at the height itself. What
goes on from floor to floor (stairs, ramps) is of the storey that it rises from; hills that nothing lies above are not
divided at all.
"""

import math

import numpy as np

from console.telemetry.heat import Array

MOST_STOREYS = 12
# Bins of heights, in metres; wider ones where there would be too many.
_BIN_M = 0.25
_MOST_BINS = 4096
# Of the smaller side, as much must lie above or below the other for two storeys; and as much area, in square metres.
_LEAST_SHARE = 0.2
_LEAST_M2 = 6.0
# Of heights that divide nearly as much as the best the highest is taken, just below the upper floor: ramps are of the
# lower one, and what of them lies above the lower floor must not draw the height down.
_ENOUGH = 0.85
# A storey is as high, at least, in metres.
_LEAST_HEIGHT_M = 1.8
# So far below a floor the storey below it ends.
_BELOW_FLOOR_M = 0.3


def cuts_between(height: Array, low: Array, high: Array, pairs: tuple[Array, Array], area_m2: float) -> Array:
    """The heights between storeys, lowest first.

    `height`, `low` and `high` are of spots that each stand for `area_m2`; `pairs` are the heights of spots and the
    lowest places of those next above them.
    """
    if not len(pairs[0]):
        return np.empty(0)
    base, top = float(low.min()), float(high.max())
    size = max(_BIN_M, (top - base) / _MOST_BINS)
    bins = math.ceil((top - base) / size) + 2
    edges = base + size * np.arange(bins + 1) - size / 2

    def counted(values: Array) -> Array:
        numbers = np.clip((values - edges[0]) / size, 0, bins - 1).astype(np.int64)
        return np.bincount(numbers, np.full(len(numbers), area_m2), minlength=bins).astype(np.float64)

    # Up to each edge: how much lies below it, and how many pairs it divides.
    below = np.append(0.0, np.cumsum(counted(height)))
    lower = np.clip(np.ceil((pairs[0] - edges[0]) / size + 1e-9), 0, bins).astype(np.int64)
    upper = np.clip(np.floor((pairs[1] - edges[0]) / size - 1e-9), 0, bins).astype(np.int64)
    held = lower <= upper
    lower, upper = lower[held], upper[held]
    # What lies at an edge itself: a storey must not end within a floor.
    crossed = np.append(np.append(0.0, counted(low)), 0.0)
    crossed = crossed[:-1] + np.append(counted(height), 0.0)
    cuts: list[int] = []
    open_ranges = [(0, bins)]
    while open_ranges and len(cuts) < MOST_STOREYS - 1:
        start, end = open_ranges.pop(0)
        room = math.ceil(_LEAST_HEIGHT_M / size)
        allowed = slice(start + room if start else 1, end - room + 1 if end < bins else bins)
        cut = _best_cut(start, end, allowed, below, lower, upper, crossed, area_m2)
        if cut is not None:
            cuts.append(cut)
            open_ranges += [(start, cut), (cut, end)]
    found: Array = np.sort(edges[cuts] - min(_BELOW_FLOOR_M, size) + size / 2)
    return found


def _best_cut(
    start: int, end: int, allowed: slice, below: Array, lower: Array, upper: Array, crossed: Array, area_m2: float
) -> int | None:
    """The allowed edge between two that divides most of what lies above one another there; None where none does."""
    inside = (lower > start) & (upper < end)
    steps = np.bincount(lower[inside], minlength=len(below) + 1) - np.bincount(
        upper[inside] + 1, minlength=len(below) + 1
    )
    divided = np.cumsum(steps)[: len(below)] * area_m2
    smaller = np.minimum(below - below[start], below[end] - below)
    enough = divided >= np.maximum(_LEAST_M2, _LEAST_SHARE * smaller)
    worth = np.zeros(len(below))
    worth[allowed] = np.where(enough, divided - 2 * crossed[: len(below)], 0.0)[allowed]
    best = float(worth.max())
    if best <= 0:
        return None
    return int(np.flatnonzero(worth >= _ENOUGH * best)[-1])
