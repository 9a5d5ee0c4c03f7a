"""Numbers and times in the sentences of the integration check."""

from typing import Final

_MINUTE_US: Final = 60_000_000


def length(us: int) -> str:
    """A stretch of time to two digits at most: `140 ms`, `2.5 s`, `12 min`, `3 h`, `2 days`."""
    us = abs(us)
    if us < 1_000_000:
        return f"{us // 1000} ms"
    if us < 10_000_000:
        return f"{us / 1e6:.1f} s"
    if us < 2 * _MINUTE_US:
        return f"{us // 1_000_000} s"
    if us < 120 * _MINUTE_US:
        return f"{us // _MINUTE_US} min"
    hours = us // (60 * _MINUTE_US)
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"


def count(number: int, word: str) -> str:
    """`1 request`, `1,204 requests`, `2 bodies`."""
    plural = f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"
    return f"{number:,} {word if number == 1 else plural}"


def size(number: float) -> str:
    """Bytes in steps of 1,000."""
    if number < 1000:
        return f"{number:.0f} bytes"
    return f"{number / 1000:.1f} kB" if number < 1e6 else f"{number / 1e6:.1f} MB"


def listed(names: list[str]) -> str:
    """`a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
