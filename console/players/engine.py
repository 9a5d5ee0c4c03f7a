"""The parts of GrowthBook's evaluator that flags and segments are decided by: comparisons, hashing, bucket ranges.

Its SDK brings an HTTP client along and takes 0.4 s to import: that happens at the first use, or with `load`.
"""

from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from types import ModuleType

# The hash in use is their second: it leaves no pattern between flags whose keys are alike.
_HASH_VERSION: Final = 2

Range = tuple[float, float]


def load() -> None:
    """Import the evaluator now, so that no evaluation waits for it."""
    _core()


@cache
def _core() -> "ModuleType":
    import growthbook.core

    return growthbook.core


def compare(query: str, actual: Any, operand: Any) -> bool:
    """One of the evaluator's operators (`$gte`, `$in`, `$regex`). Values of different types never match."""
    return cast(bool, _core().evalOperatorCondition(query, actual, operand, None))


def bucket(seed: str, player_id: str) -> float:
    """Where a player stands between 0 and 1, in steps of 0.0001; always the same for the same seed."""
    return cast(float, _core().gbhash(seed, player_id, _HASH_VERSION))


def ranges(weights: list[float], coverage: float) -> tuple[Range, ...]:
    """A range of buckets for each weight. `coverage` (0 … 1) leaves each its first part, so more of it adds players
    and moves none."""
    total = sum(weights)
    shares = [weight / total for weight in weights]
    return tuple(_core().getBucketRanges(len(shares), coverage, shares))


def chosen(at: float, among: tuple[Range, ...]) -> int:
    """The index of the range this bucket falls into, or -1."""
    return cast(int, _core().chooseVariation(at, among))


def within(at: float, upper: float) -> bool:
    """Whether a bucket is among the first `upper` (0 … 1)."""
    return cast(bool, _core().inRange(at, (0.0, upper)))
