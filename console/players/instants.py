"""Instants as the player API writes them: ISO 8601 text outside, µs since 1970-01-01 UTC inside."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

import msgspec

from console.players.values import InvalidValue, kind_of

EXAMPLE = "2026-02-12T10:00:00Z"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
LATEST_US = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND


def instant_us(value: object, path: str) -> int:
    """Read an ISO 8601 date and time, kept to the microsecond. Without a zone it is UTC.

    Takes what the telemetry API takes (RFC 3339; the zone may be left out), from 1970 on. Raises InvalidValue.
    """
    if type(value) is not str:
        hint = ": write it out" if type(value) in (int, float) else ""
        raise InvalidValue(path, f"expected an ISO 8601 time like {EXAMPLE}, got {kind_of(value)}{hint}")
    try:
        sent = msgspec.convert(value, datetime)
    except (msgspec.ValidationError, ValueError):
        raise InvalidValue(path, f"expected an ISO 8601 time like {EXAMPLE}, got {_quoted(value)}") from None
    if sent.tzinfo is None:
        sent = sent.replace(tzinfo=UTC)
    instant = (sent - _EPOCH) // _MICROSECOND
    if not 0 <= instant <= LATEST_US:
        raise InvalidValue(path, f"{_quoted(value)} is before 1970 or after 9999: is the clock set?")
    return instant


def iso_text(instant: int) -> str:
    """An instant in µs as ISO 8601 text in UTC; the fraction is left out when it is zero."""
    seconds, fraction = divmod(min(max(instant, 0), LATEST_US), 1_000_000)
    return f"{_whole_second(seconds)}.{fraction:06}Z" if fraction else f"{_whole_second(seconds)}Z"


@lru_cache(64)
def _whole_second(seconds: int) -> str:
    """Answers of one second share it: writing a date out takes longer than all the rest."""
    return (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()


def _quoted(text: str) -> str:
    shown = text[:40] + "…" if len(text) > 40 else text
    return msgspec.json.encode(shown.encode("utf-8", "replace").decode()).decode()
