"""One event of a body, for a person who looks at it: where it lies, what it holds, what is worth knowing.

Bodies may be rejected ones: what cannot be read is left out, and no bytes make anything here raise.
"""

import itertools
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from console.telemetry import quirks
from console.telemetry.decoding import kind_of
from console.telemetry.events import EventKind, epoch_us
from console.telemetry.layout import Broken, Form, Head, Path, head_at, key_text, path_text, scalar_at, skip
from console.telemetry.problems import NeedsDiagnosis
from console.telemetry.schema import ALL_FIELDS, FIELDS, FRAME_RATE_FIELDS, RECOGNISERS, FieldType
from console.telemetry.times import EARLIEST_PLAUSIBLE, BadTimestamp, parse_timestamp

# Clients buffer events, so that only a long delay tells of a clock; a time in the future always does.
AHEAD_US = 1_000_000
BEHIND_US = 60_000_000

# Frames/s. A value below the second one is rather the time of a frame in seconds: 0.0167 for 60 frames/s.
_IMPOSSIBLE_RATE = 2_000
_FRAME_TIME_SECS = 0.2

# An event of the largest trajectory has 30,000 values.
MAX_VALUES = 100_000
MAX_NOTES = 200
_MAX_DEPTH = 64

# What the numbers of a field are, by its key.
UNITS: Mapping[str, str] = MappingProxyType(
    {
        "position": "game units",
        "positions": "game units, x y z",
        "mean": "frames/s",
        "low_5": "frames/s, slowest 5 %",
        "low_1": "frames/s, slowest 1 %",
    }
)


class Span(NamedTuple):
    """A range of bytes, `end` not included."""

    start: int
    end: int


class Note(NamedTuple):
    """Something worth knowing that is no error. `path` is a JSON path, as in problems; `span` the value's bytes."""

    path: str
    text: str
    span: Span


class _Value(NamedTuple):
    """`depth` is the number of containers around it within the event; `key` None in an array."""

    path: Path | None
    key: str | None
    start: int
    head: Head
    depth: int


def event_span(body: bytes, index: int) -> Span | None:
    """The bytes of one event, None when they cannot be read. A body that is one map is event 0."""
    try:
        head = head_at(body, 0)
        if head.form is not Form.ARRAY:
            return Span(0, skip(body, 0)) if index == 0 else None
        if not 0 <= index < head.size:
            return None
        start = skip(body, head.content, index)
        return Span(start, skip(body, start))
    except Broken:
        return None


def payload_of(body: bytes, index: int) -> Any:
    """The decoded value of one event, None when it cannot be decoded. Extension values become msgspec.msgpack.Ext."""
    span = event_span(body, index)
    if span is None:
        return None
    try:
        return msgspec.msgpack.decode(body[span.start : span.end])
    except (ValueError, OverflowError, RecursionError):
        return None


def annotate(body: bytes, index: int, received_at_us: int | None = None) -> list[Note]:
    """What is worth knowing of one event: unknown fields, zones and clocks, repeated keys, binary values.

    `received_at_us` is when the server received it, None when the clocks are not to be compared. In the order of the
    bytes, at most `MAX_NOTES`.
    """
    span = event_span(body, index)
    if span is None:
        return []
    root: Path | None = None if head_at(body, 0).form is Form.MAP else (None, index)
    return list(itertools.islice(_notes(body, span, root, received_at_us), MAX_NOTES))


# ---------------------------------------------------------------------------------------------------------------- notes


def _notes(body: bytes, span: Span, root: Path | None, received_at_us: int | None) -> Iterator[Note]:
    kind, absent = _kind_and_absent_fields(body[span.start : span.end])
    seen: set[Path | None] = set()
    for value in itertools.islice(_values(body, span.start, root), MAX_VALUES):
        texts: list[str] = []
        if value.key is not None:
            if value.path in seen:
                texts.append("the key is repeated: the last value counts")
            seen.add(value.path)
        if value.head.form is Form.BIN:
            texts.append("binary: exported as Base64 text")
        if value.depth == 1 and value.key is not None and kind is not None:
            texts += _field_notes(body, value, kind, absent, received_at_us)
        for text in texts:
            yield Note(path_text(value.path), text, Span(value.start, skip(body, value.start)))


def _kind_and_absent_fields(event: bytes) -> tuple[EventKind | None, list[str]]:
    """The kind, and its fields that were not sent: an unknown key may be one of them, misspelt."""
    try:
        decoded = msgspec.msgpack.decode(event)
        if not isinstance(decoded, dict):
            return None, []
        kind = kind_of(decoded)
    except (ValueError, OverflowError, RecursionError, NeedsDiagnosis):
        return None, []
    return kind, [name for name in FIELDS[kind] if name not in decoded]


def _field_notes(
    body: bytes, value: _Value, kind: EventKind, absent: list[str], received_at_us: int | None
) -> Iterator[str]:
    assert value.key is not None
    field = FIELDS[kind].get(value.key)
    if field is None:
        yield from _unknown_field_notes(value, kind, absent)
    elif field is FieldType.TIME and value.head.form is Form.STR:
        yield from _time_notes(body, value, received_at_us)
    elif field is FieldType.FRAME_RATES and value.head.form is Form.MAP:
        yield from _frame_rate_notes(body, value.start)


def _unknown_field_notes(value: _Value, kind: EventKind, absent: list[str]) -> Iterator[str]:
    key = value.key or ""
    if key in RECOGNISERS and value.head.form is Form.NIL:
        return  # a nil recogniser counts as absent: one class for every kind, as C# programs have it
    if key in ALL_FIELDS:
        yield f"unknown field: {kind.label} events have none of this name; kept and exported as sent"
        return
    meant = next((name for name in absent if quirks.misspelt(name, [key])), None)
    yield "unknown field: kept and exported as sent" + (f"; is it meant to be {meant}?" if meant else "")


def _time_notes(body: bytes, value: _Value, received_at_us: int | None) -> Iterator[str]:
    try:
        timestamp = parse_timestamp(scalar_at(body, value.start, value.head))
    except (BadTimestamp, UnicodeDecodeError):
        return
    yield from timestamp.warnings
    if (
        timestamp.instant < EARLIEST_PLAUSIBLE or received_at_us is None or value.key == "timestamp_start"
    ):  # a trajectory is sent when it has ended
        return
    ahead_us = epoch_us(timestamp.instant) - received_at_us
    if ahead_us > AHEAD_US:
        yield f"clock {duration_text(ahead_us)} ahead of the server"
    elif ahead_us < -BEHIND_US:
        yield f"{duration_text(-ahead_us)} before it was received: sent late, or the clock is behind"


def duration_text(time_us: int) -> str:
    """A duration for people: `1.8 s`, `3 min`, `2 h`, `5 days`."""
    seconds = time_us / 1e6
    for limit, divisor, unit in ((120, 1, "s"), (7_200, 60, "min"), (172_800, 3_600, "h")):
        if seconds < limit:
            return f"{seconds / divisor:.1f} {unit}".replace(".0 ", " ")
    return f"{seconds / 86_400:,.0f} days"


def _frame_rate_notes(body: bytes, start: int) -> Iterator[str]:
    rates = msgspec.msgpack.decode(body[start : skip(body, start)])
    for name in rates:
        if name not in FRAME_RATE_FIELDS:
            yield f"unknown key {path_text((None, str(name)))[1:].lstrip('.')}: kept and exported as sent"
    mean, low_5, low_1 = (rates.get(name) for name in FRAME_RATE_FIELDS)
    for name, rate in (("mean", mean), ("low_5", low_5), ("low_1", low_1)):
        if not isinstance(rate, (int, float)) or isinstance(rate, bool):
            continue
        if rate > _IMPOSSIBLE_RATE:
            yield f"{name} is {rate:,.6g} frames/s, which no game reaches: is it a count of frames?"
        elif 0 < rate < _FRAME_TIME_SECS:
            yield f"{name} is {rate:.3g} frames/s: is it the time of a frame in seconds, {1 / rate:,.0f} frames/s?"
    for name, low in (("low_5", low_5), ("low_1", low_1)):
        if isinstance(mean, (int, float)) and isinstance(low, (int, float)) and low > mean:
            yield f"{name} is above mean: the slowest frames cannot be faster than the mean"


def _values(body: bytes, start: int, path: Path | None) -> Iterator[_Value]:
    """Every value of a whole event, outside in. The containers that are open are on a stack of iterators."""
    open_: list[Iterator[_Value]] = [iter([_Value(path, None, start, head_at(body, start), 0)])]
    while open_:
        value = next(open_[-1], None)
        if value is None:
            open_.pop()
            continue
        yield value
        if value.head.children and len(open_) <= _MAX_DEPTH:
            open_.append(_children(body, value))


def _children(body: bytes, parent: _Value) -> Iterator[_Value]:
    at = parent.head.content
    for place in range(parent.head.size):
        key: str | None = None
        step: str | int = place
        if parent.head.form is Form.MAP:
            step = key = key_text(body, at)
            at = skip(body, at)
        yield _Value((parent.path, step), key, at, head_at(body, at), parent.depth + 1)
        at = skip(body, at)
