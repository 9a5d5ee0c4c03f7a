"""The values of a filter: numbers, instants, and text with wildcards."""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Final

from console.telemetry.events import epoch_us

_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_DATE: Final = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?)?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
_AGO: Final = re.compile(r"now(?:([+-])(\d{1,9})(ms|s|m|h|d|w))?", re.ASCII)
_UNITS_US: Final = {
    "ms": 10**3,
    "s": 10**6,
    "m": 60 * 10**6,
    "h": 3600 * 10**6,
    "d": 86400 * 10**6,
    "w": 7 * 86400 * 10**6,
}


def number_in(text: str) -> float | None:
    """The finite number that a text is, None when it is none."""
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text)
    return number if math.isfinite(number) else None


def instants_in(text: str, now_us: int) -> tuple[int, int] | None:
    """The microseconds that a time stands for, from and until (not with): a date is the whole day, in UTC.

    `2026`, `2026-05`, `2026-05-01`, `2026-05-01T10:00[:30[.5]]`, each with `Z` or an offset or without; or `now`,
    `now-5m` (ms s m h d w). None when it is none of them.
    """
    if ago := _AGO.fullmatch(text):
        sign, amount, unit = ago.groups()
        at = now_us + (int(f"{sign}{amount}") * _UNITS_US[unit] if amount else 0)
        return at, at + 1
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        start = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0),
            int((fraction or "0").ljust(6, "0")), UTC,
        )  # fmt: skip
    except ValueError:
        return None
    start_us = epoch_us(start) - _offset_us(zone)
    if fraction:
        return start_us, start_us + 10 ** (6 - len(fraction))
    if second:
        return start_us, start_us + 10**6
    if hour:
        return start_us, start_us + 60 * 10**6
    if day:
        return start_us, start_us + 86400 * 10**6
    return start_us, start_us + _length_us(start, months=1 if month else 12)


def _offset_us(zone: str | None) -> int:
    if zone is None or zone == "Z":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return (-minutes if zone[0] == "-" else minutes) * 60 * 10**6


def _length_us(start: datetime, *, months: int) -> int:
    if months == 12:
        days = 366 if start.year % 4 == 0 and (start.year % 100 != 0 or start.year % 400 == 0) else 365
        return days * 86400 * 10**6
    following = (start + timedelta(days=32)).replace(day=1) if (start.year, start.month) != (9999, 12) else None
    days = 31 if following is None else (following - start).days
    return days * 86400 * 10**6


def pieces_of(text: str) -> tuple[tuple[str, bool], ...]:
    """Text as written, in pieces: (text, False), and ("*" or "?", True) for wildcards that are not escaped."""
    pieces: list[tuple[str, bool]] = []
    literal = ""
    characters = iter(text)
    for character in characters:
        if character == "\\":
            literal += next(characters, "\\")
        elif character in "*?":
            if literal:
                pieces.append((literal, False))
                literal = ""
            if not (character == "*" and pieces and pieces[-1] == ("*", True)):
                pieces.append((character, True))
        else:
            literal += character
    if literal:
        pieces.append((literal, False))
    return tuple(pieces)


def plain(text: str) -> str:
    """Text without its escapes."""
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
