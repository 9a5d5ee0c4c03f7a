"""Funnels: which of their steps players reached, in which time, and in which order steps usually come. Pure.

A chain is a walk through the steps in their order: one hit a step, each no earlier than the one before. A unit (a
session, or a player over all sessions) has reached a step when a chain that ends there exists. Hits that belong to no
chain, repeats and loops do no harm.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from console.telemetry.funnel_definition import StepKind

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

NEVER = -1


@dataclass(frozen=True)
class Hits:
    """Events that are steps, in any order: whose (0 … units − 1), when in µs, received as which, and which step name.

    `name` numbers the distinct names, so that a name may be several steps of a funnel.
    """

    unit: Integers
    time_us: Integers
    seq: Integers
    name: Integers


@dataclass(frozen=True)
class Reached:
    """Of every unit and step, the index of the hit that reached it first; NEVER where none did. `(units, steps)`."""

    hit: Integers

    @property
    def depth(self) -> Integers:
        """How many steps each unit reached."""
        return np.asarray((self.hit != NEVER).sum(axis=1), dtype=np.int64)


@dataclass(frozen=True)
class StepTally:
    """How many units reached a step, and how long after they first reached the step before; NaN where nobody did."""

    units: int
    median_secs: float
    p90_secs: float


def reach(
    hits: Hits, chain: Sequence[int], units: int, *, within_us: int | None = None, strict: bool = False
) -> Reached:
    """Which steps each unit reached. `chain` has the steps' names in order, as `Hits.name` numbers them.

    One pass over all hits a step: of the hits that may be the step before, only the latest one at or before a hit
    matters, since it leaves the shortest time and the fewest other steps in between.
    """
    order = np.lexsort((hits.seq, hits.time_us, hits.unit))
    unit, time_us, name = hits.unit[order], hits.time_us[order], hits.name[order]
    count = len(order)
    result = np.full((units, len(chain)), NEVER, np.int64)
    if count == 0:
        return Reached(result)
    index = np.arange(count)
    changes = np.empty(count, bool)
    changes[0] = True
    changes[1:] = unit[1:] != unit[:-1]
    first_of_unit = np.maximum.accumulate(np.where(changes, index, 0))
    changes[1:] |= name[1:] != name[:-1]
    run = np.cumsum(changes)  # repeats of one step are one run
    valid = name == chain[0]
    _note_first(result, 0, valid, unit, order)
    for step, wanted in enumerate(chain[1:], start=1):
        before = np.empty(count, np.int64)
        before[0] = NEVER
        before[1:] = np.maximum.accumulate(np.where(valid, index, NEVER))[:-1]
        candidates = np.flatnonzero((name == wanted) & (before >= first_of_unit))
        last = before[candidates]
        keeps = np.ones(len(candidates), bool)
        if within_us is not None:
            keeps &= time_us[candidates] - time_us[last] <= within_us
        if strict:
            keeps &= run[candidates] - run[last] <= 1
        valid = np.zeros(count, bool)
        valid[candidates[keeps]] = True
        _note_first(result, step, valid, unit, order)
    return Reached(result)


def _note_first(result: Integers, step: int, valid: Flags, unit: Integers, order: Integers) -> None:
    found = np.flatnonzero(valid)
    units, first = np.unique(unit[found], return_index=True)
    result[units, step] = order[found[first]]


def tally(reached: Reached, time_us: Integers, chosen: Flags | None = None) -> list[StepTally]:
    """Every step's numbers, of all units or of those chosen. The first step has no time: nothing came before it."""
    hit = reached.hit if chosen is None else reached.hit[chosen]
    result = []
    for step in range(hit.shape[1]):
        there = hit[:, step] != NEVER
        units = int(there.sum())
        median = p90 = float("nan")
        if step and units:
            secs = (time_us[hit[there, step]] - time_us[hit[there, step - 1]]) / 1e6
            median, p90 = (float(value) for value in np.quantile(secs, (0.5, 0.9)))
        result.append(StepTally(units, median, p90))
    return result


@dataclass(frozen=True)
class NameFound:
    """A name that could be a step: in how many sessions it came, and how often."""

    name: str
    kind: StepKind
    sessions: int
    events: int


def usual_order(names: Sequence[NameFound], earlier: NDArray[np.int64]) -> list[NameFound]:
    """The order in which steps usually come first in a session.

    `earlier[a, b]` counts the sessions in which `a` came first before `b` did. Every pair is an election between "a
    before b" and "b before a"; Tideman's ranked pairs (Social Choice and Welfare 4, 1987) settles loops: the clearest
    majorities hold, and one that contradicts them does not. Where nothing is known, what more sessions reached comes
    first.
    """
    count = len(names)
    margin = earlier - earlier.T
    pairs = [(a, b) for a in range(count) for b in range(count) if margin[a, b] > 0]
    pairs.sort(key=lambda pair: (-margin[pair], -earlier[pair], names[pair[0]].name, names[pair[1]].name))
    leads = np.eye(count, dtype=bool)  # leads[a, b]: a is before b by what holds so far
    for a, b in pairs:
        if not leads[b, a]:
            leads |= np.outer(leads[:, a], leads[b, :])
    behind = leads.sum(axis=0)  # how many are before each: smaller is earlier
    left = set(range(count))
    result = []
    while left:
        free = [b for b in left if not any(a != b and leads[a, b] for a in left)]
        chosen = min(free, key=lambda b: (-names[b].sessions, behind[b], names[b].name))
        left.remove(chosen)
        result.append(names[chosen])
    return result


def chance_of_difference(reached: int, of: int, other_reached: int, other_of: int) -> float:
    """How likely two shares would differ this much by chance alone, 0 … 1: the two-sided two-proportion z-test.

    1.0 where a group is empty. See NIST/SEMATECH e-Handbook of Statistical Methods, 7.3.3.
    """
    if not of or not other_of:
        return 1.0
    pooled = (reached + other_reached) / (of + other_of)
    spread = pooled * (1 - pooled) * (1 / of + 1 / other_of)
    if spread <= 0:
        return 1.0
    z = abs(reached / of - other_reached / other_of) / spread**0.5
    return math.erfc(z / math.sqrt(2))
