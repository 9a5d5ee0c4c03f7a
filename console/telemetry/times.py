"""Timestamps as clients write them."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

EXAMPLE = "2026-02-12T10:00:00Z"

_ISO_HINT = f"Send ISO 8601 text in UTC, like {EXAMPLE}."
EARLIEST_PLAUSIBLE = datetime(2000, 1, 1, tzinfo=UTC)


class BadTimestamp(Exception):
    """A timestamp that is refused. `hint` says what to send instead."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Timestamp(NamedTuple):
    """An instant in UTC, and what a person may want to know about how it was written."""

    instant: datetime
    warnings: list[str]


def read_timestamp(text: str) -> datetime:
    """Read an ISO 8601 date and time as it was sent, with its offset or with none, kept to the microsecond.

    Accepts exactly what `decoding` accepts: RFC 3339, where the zone may be left out, `T` may be lowercase or a space,
    `Z` lowercase, and an offset may lack its colon. Raises BadTimestamp.
    """
    try:
        return msgspec.convert(text, datetime)
    except (msgspec.ValidationError, ValueError):
        raise _explained(text) from None


def parse_timestamp(text: str) -> Timestamp:
    """Read an ISO 8601 date and time, in UTC; without a zone it is read as UTC. Raises BadTimestamp."""
    sent = read_timestamp(text)
    warnings = []
    if sent.tzinfo is None:
        warnings.append("no time zone: read as UTC")
        instant = sent.replace(tzinfo=UTC)
    else:
        if sent.utcoffset():
            warnings.append(f"not in UTC: sent with the offset {sent.isoformat()[-6:]}")
        try:
            instant = sent.astimezone(UTC)
        except OverflowError:  # the first or last day there is, brought over its edge by the offset
            instant = sent.replace(tzinfo=UTC)
    if instant < EARLIEST_PLAUSIBLE:
        warnings.append(f"the year {instant.year:04}: is the clock set, is the value initialised?")
    return Timestamp(instant, warnings)


# What real programs write, and what to tell the person who wrote it. First match.
_QUIRKS: list[tuple[re.Pattern[str], str, str]] = [
    (
        re.compile(r"\d{4}\.\d\d\.\d\d-\d\d\.\d\d\.\d\d"),
        "this is Unreal's FDateTime::ToString()",
        "Use ToIso8601(): FDateTime::UtcNow().ToIso8601().",
    ),
    (
        re.compile(r"\d{4}-\d\d-\d\d|\d{8}|\d\d?[./-]\d\d?[./-]\d{4}|\d{4}[./]\d\d?[./]\d\d?"),
        "a date without a time of day",
        f"Send the instant, like {EXAMPLE}.",
    ),
    (
        re.compile(r"\d\d?[./-]\d\d?[./-]\d{4},? .*"),
        "a date in the format of one country",
        'Send ISO 8601 text; in C#: DateTime.UtcNow.ToString("o").',
    ),
    (
        re.compile(r"[A-Z][a-z]{2}[,\s].*"),
        "a date in words",
        "Send ISO 8601 text; in JavaScript: new Date().toISOString().",
    ),
    (
        re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d([Zz]|[+-]\d\d:?\d\d)?"),
        "the seconds are missing",
        f"Write them out, like {EXAMPLE}.",
    ),
    (
        re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d,\d+.*"),
        "the fraction follows a comma",
        "Write a point before the fraction: 10:00:00.250Z.",
    ),
    (
        re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d"),
        "the offset has no minutes",
        "Write the offset in full, like +02:00, or send UTC with a Z.",
    ),
    (
        re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?\s*(UTC|GMT|[A-Z]{3,5}|\[.*\]|[+-]\d\d:\d\d\[.*\])"),
        "the zone is a name",
        "Write Z for UTC, or an offset like +02:00.",
    ),
    (
        re.compile(r"\d{4}-\d\d-\d\d[Tt ]24:.*"),
        "hour 24 does not exist here",
        "Midnight is 00:00:00 of the next day.",
    ),
    (
        re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:60.*"),
        "a leap second",
        "Send second 59, or the next second.",
    ),
    (
        re.compile(r"\d{8}[Tt]\d{6}.*"),
        "ISO 8601 in its basic form",
        f"Write the separators: {EXAMPLE}.",
    ),
    (
        re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d.*"),
        "no such day, time or zone, or text after it",
        _ISO_HINT,
    ),
    (
        re.compile(r"\d\d:\d\d.*"),
        "a time of day without a date",
        f"Send the instant, like {EXAMPLE}.",
    ),
]


def _explained(text: str) -> BadTimestamp:
    if not text:
        return BadTimestamp("must not be empty", _ISO_HINT)
    shown = text[:40] + "…" if len(text) > 40 else text
    quoted = msgspec.json.encode(shown.encode("utf-8", "replace").decode()).decode()
    if text != text.strip():
        return BadTimestamp(f"expected an ISO 8601 time, got {quoted}: there is space around it", _ISO_HINT)
    try:
        return (
            bad_epoch(float(text), f"the number {quoted} as text") if _NUMBER.fullmatch(text) else _quirk(text, quoted)
        )
    except OverflowError:
        return _quirk(text, quoted)


_NUMBER = re.compile(r"[+-]?\d{1,7}(\.\d+)?|[+-]?\d{9,20}(\.\d+)?")


def _quirk(text: str, quoted: str) -> BadTimestamp:
    for pattern, what, hint in _QUIRKS:
        if pattern.fullmatch(text[:100]):
            return BadTimestamp(f"expected an ISO 8601 time, got {quoted}: {what}", hint)
    return BadTimestamp(f"expected an ISO 8601 time, got {quoted}", _ISO_HINT)


def bad_epoch(value: float, described: str) -> BadTimestamp:
    """A time sent as a number: the unit is guessed from its size, to show the text that was meant."""
    message = f"expected an ISO 8601 time as text, got {described}"
    for unit, per_second in (("s", 1), ("ms", 1_000), ("µs", 1_000_000), ("ns", 1_000_000_000)):
        if _EARLIEST_EPOCH_SECS <= value / per_second < _LATEST_EPOCH_SECS:
            instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=value / per_second)
            meant = instant.isoformat(timespec="milliseconds" if per_second > 1 else "seconds")
            return BadTimestamp(message, f"Epoch {unit} is not taken. Send it as {meant.replace('+00:00', 'Z')}.")
    return BadTimestamp(message, _ISO_HINT)


# 2001-09-09 and 2096-10-02: far enough apart that no two units fit one number.
_EARLIEST_EPOCH_SECS = 1e9
_LATEST_EPOCH_SECS = 4e9
