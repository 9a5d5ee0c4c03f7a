"""Frame rates summed up: time spent at each rate, what shares of it lie where, and how sure a difference is. Pure.

A histogram says all there is to say of a group of sessions in a few hundred numbers, whatever was recorded: the event
store counts, and whoever looks derives every percentile and every share from the same numbers.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Bins are half a frame per second wide; the last one holds everything from MOST_FPS on.
BIN_FPS = 0.5
MOST_FPS = 1000.0
BINS = int(MOST_FPS / BIN_FPS) + 1

# With fewer sessions on either side a difference says little, whatever its interval.
FEW_SESSIONS = 5


class RateHistogram:
    """Seconds played at each frame rate. Histograms can be added; an empty one changes nothing."""

    __slots__ = ("_below", "seconds")

    def __init__(self, seconds: Floats) -> None:
        """`seconds` has BINS numbers ≥ 0. Raises ValueError for another length."""
        if seconds.shape != (BINS,):
            raise ValueError(f"a histogram of frame rates has {BINS} bins, not {seconds.shape}")
        self.seconds = seconds
        self._below = np.concatenate([[0.0], np.cumsum(seconds)])

    @classmethod
    def of_bins(cls, numbers: NDArray[np.integer], seconds: Floats) -> "RateHistogram":
        """From bin numbers and their seconds; a number may occur again."""
        inside = np.clip(numbers, 0, BINS - 1)
        return cls(np.bincount(inside, weights=seconds, minlength=BINS).astype(np.float64))

    @classmethod
    def of_rates(cls, fps: Floats, seconds: Floats) -> "RateHistogram":
        """From rates in frames per second, each held for so long. Rates that are not known (NaN) are left out."""
        known = np.isfinite(fps)
        inside = np.clip(fps[known], 0.0, MOST_FPS)
        return cls.of_bins((inside / BIN_FPS).astype(np.int64), seconds[known])

    def __add__(self, other: "RateHistogram") -> "RateHistogram":
        return RateHistogram(self.seconds + other.seconds)

    @property
    def total(self) -> float:
        """Seconds in all."""
        return float(self._below[-1])

    def share_below(self, fps: float) -> float:
        """Share of the time below a rate, 0 … 1; NaN when there is none. Within a bin, time is spread evenly."""
        return float(self.shares_below(np.array([fps]))[0])

    def shares_below(self, fps: Floats) -> Floats:
        """The same for many rates at once."""
        if self.total <= 0:
            return np.full(len(fps), math.nan)
        below: Floats = np.interp(fps / BIN_FPS, np.arange(BINS + 1), self._below) / self.total
        return below

    def percentile(self, percent: float) -> float:
        """The rate that so many percent of the time lie below, in frames per second; NaN when there is none.

        It is the inverse of `share_below`, so it lies within half a frame per second of the exact one.
        """
        if self.total <= 0:
            return math.nan
        wanted = percent / 100 * self.total
        # The first bin that reaches it, from a bin that has something: flat stretches hold no time.
        bin_number = int(np.searchsorted(self._below[1:], wanted, side="left"))
        if wanted <= 0:
            bin_number = int(np.flatnonzero(self.seconds)[0])
        bin_number = min(bin_number, int(np.flatnonzero(self.seconds)[-1]))
        part = (wanted - self._below[bin_number]) / self.seconds[bin_number]
        return (bin_number + min(1.0, max(0.0, float(part)))) * BIN_FPS


@dataclass(frozen=True)
class SessionAverages:
    """Average rates of the sessions of a group: how many, their mean, and their variance (of a sample, n − 1)."""

    sessions: int
    mean: float
    variance: float


@dataclass(frozen=True)
class Difference:
    """How much more one group has than another, in frames per second, and half the width of its 95 % interval.

    `half_width` is NaN where one side has a single session: nothing is known about how sessions vary.
    """

    fps: float
    half_width: float
    few: bool

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero, and there are sessions enough to say so."""
        return not self.few and not math.isnan(self.half_width) and abs(self.fps) > self.half_width


def difference(one: SessionAverages, other: SessionAverages) -> Difference:
    """Of `one` from `other`: Welch's interval for unequal variances. Sessions are the unit: samples of one session are
    much like each other, and would make every difference look sure.

    B. L. Welch, "The generalization of Student's problem when several different population variances are involved",
    Biometrika 34 (1947).
    """
    gap = one.mean - other.mean
    few = min(one.sessions, other.sessions) < FEW_SESSIONS
    if min(one.sessions, other.sessions) < 2:
        return Difference(gap, math.nan, few)
    parts = (one.variance / one.sessions, other.variance / other.sessions)
    squared_error = sum(parts)
    if squared_error <= 0:
        return Difference(gap, 0.0, few)
    freedom = squared_error**2 / (parts[0] ** 2 / (one.sessions - 1) + parts[1] ** 2 / (other.sessions - 1))
    return Difference(gap, student_t_975(freedom) * math.sqrt(squared_error), few)


def student_t_975(freedom: float) -> float:
    """Student's t that 97.5 % lie below, for so many degrees of freedom ≥ 1; within 1 % from 3 on.

    Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5: an expansion about the normal quantile.
    """
    z = 1.959963984540054
    if freedom < 3:  # the expansion is poor there: exact values for 1, 2 and 3, joined by straight lines
        return float(np.interp(freedom, [1.0, 2.0, 3.0], [12.706, 4.303, 3.182]))
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, 1))
