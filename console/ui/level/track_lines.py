"""What is one line: which trajectories a player went without a break, and where nobody can have gone. No Qt."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

# Two trajectories of a session are one line when the second starts this soon after the first ended, and no farther
# away than somebody could have run: a respawn elsewhere must not draw a line through the level.
JOIN_GAP_US = 2_000_000
JOIN_OVERLAP_US = 500_000
JOIN_METRES = 2.0
JOIN_METRES_PER_SECOND = 12.0
# Nobody moves so far from one sample to the next: such places are not joined by a line either. Nor are those of a
# respawn or a teleport: a way so long, made so fast, many times as long as the ways before and after it.
JUMP_METRES = 1_000.0
LEAP_METRES = 5.0
LEAP_METRES_PER_SECOND = 40.0
LEAP_TIMES = 8.0


def joins(gap_us: int | Ints, distance_m: float | NDArray[np.floating]) -> NDArray[np.bool_]:
    """Whether a trajectory that starts `gap_us` after the last one, `distance_m` from its end, continues it."""
    gap = np.asarray(gap_us)
    reach = JOIN_METRES + JOIN_METRES_PER_SECOND * np.maximum(gap, 0) / 1e6
    answer: NDArray[np.bool_] = (gap <= JOIN_GAP_US) & (gap >= -JOIN_OVERLAP_US) & (np.asarray(distance_m) <= reach)
    return answer


def jumps(way_m: NDArray[np.floating], steps_s: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which ways from a sample to its next one, `(n,)` in metres and as many seconds, nobody can have moved.

    NaN is no way at all, as from one session to the next. Who drives or flies is as fast a step earlier and later; who
    is put elsewhere is so for one step alone, or for two when that happens again at once.
    """
    ways = np.full(len(way_m) + 4, np.nan)  # two more at each end, so that every way has neighbours
    ways[2:-2] = way_m
    fast = np.zeros(len(ways), dtype=np.bool_)
    fast[2:-2] = (way_m > LEAP_METRES) & (way_m > LEAP_METRES_PER_SECOND * steps_s)
    around = np.fmax(np.fmax(ways[1:-3], ways[3:-1]), 0.0)
    leap = fast[2:-2] & (way_m > LEAP_TIMES * around)
    first, second = ways[1:-2], ways[2:-1]
    beside = np.fmax(ways[:-3], ways[3:])  # NaN where nothing tells how fast somebody usually is: no leap then
    twice = fast[1:-2] & fast[2:-1] & (np.fmin(first, second) > LEAP_TIMES * beside)
    far: NDArray[np.bool_] = leap | twice[1:] | twice[:-1] | (way_m > JUMP_METRES)
    return far
