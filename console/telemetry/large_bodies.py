"""Large bodies: how many values they may hold, and decoding them a piece at a time.

A value takes one byte on the wire and up to two hundred in memory, and a decoder that runs in C holds the interpreter
from its first byte to its last. So a large body is first measured, in Python, then decoded a few events at a time, and
of each piece only what an answer needs is kept: other threads go on between two pieces.
"""

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from console.telemetry.decoding import decode_events
from console.telemetry.events import (
    MAX_BATCH_EVENTS,
    MAX_BODY_CONTAINERS,
    MAX_BODY_VALUES,
    MAX_EVENT_VALUES,
    Event,
)
from console.telemetry.layout import Broken, Form, head_at
from console.telemetry.problems import NeedsDiagnosis

# Bodies up to this size cannot hold more values than one event may.
NEVER_EXCESSIVE_BYTES = MAX_EVENT_VALUES
# What is decoded at a time, if it is more than one event.
_PIECE_BYTES = 64 * 1024
# Shorter arrays are walked sooner than their heads are compared.
_MIN_RUN = 8

# Whole size of the scalars that have a fixed one, by first byte; else 0.
_SCALAR_BYTES = [0] * 256
for _byte in (*range(0x80), *range(0xE0, 0x100), 0xC0, 0xC2, 0xC3):
    _SCALAR_BYTES[_byte] = 1
for _byte in range(0xA0, 0xC0):
    _SCALAR_BYTES[_byte] = 1 + (_byte & 0x1F)
for _power in range(4):
    _SCALAR_BYTES[0xCC + _power] = _SCALAR_BYTES[0xD0 + _power] = 1 + (1 << _power)
_SCALAR_BYTES[0xCA], _SCALAR_BYTES[0xCB] = 5, 9
# Children of the containers that tell them in their first byte, by that byte.
_FEW_CHILDREN = [2 * size for size in range(16)] + list(range(16))


class Measure(NamedTuple):
    """An encoded value: the offset behind it, and how many values it is, itself and map keys included."""

    end: int
    values: int
    containers: int


class Excess(Struct, frozen=True):
    """A body that holds more than is taken. `index` is the event that alone does, None for the body as a whole."""

    index: int | None
    start: int
    message: str


class _TooMany(Exception):
    pass


def measure(body: bytes, start: int, max_values: int) -> Measure | None:
    """Walk one value; None when it is of more than `max_values`. Raises Broken. Any depth, constant memory."""
    scalars = _SCALAR_BYTES
    limit = len(body)
    at, left, values, containers = start, 1, 1, 0
    while left:
        if at >= limit:
            raise Broken("a value is missing: the body ends here", "", at, at)
        size = scalars[body[at]]
        left -= 1
        if size:
            at += size
            continue
        first = body[at]
        if first == 0xD9:
            at += 2 + (body[at + 1] if at + 1 < limit else 0)
            continue
        if 0x80 <= first <= 0x9F:
            children = _FEW_CHILDREN[first - 0x80]
            at += 1
        else:
            head = head_at(body, at)
            at = head.end
            if head.form is not Form.ARRAY and head.form is not Form.MAP:
                continue
            children = head.children
        if children > limit - at:  # each takes a byte at least
            raise Broken("the body ends inside a container", "", at, limit)
        containers += 1
        values += children
        if values > max_values:
            return None
        if children >= _MIN_RUN and (width := _width_of_all(body, at, children)):
            at += width * children
        else:
            left += children
    if at > limit:
        raise Broken("the body ends inside a value", "", at, limit)
    return Measure(at, values, containers)


def _width_of_all(body: bytes, at: int, count: int) -> int:
    """The size of each of `count` values when all are floats of one width or small whole numbers; else 0."""
    first = body[at]
    if first == 0xCA or first == 0xCB:
        width = _SCALAR_BYTES[first]
        return width if body[at : at + width * count : width].count(first) == count else 0
    return 1 if first < 0x80 and body[at : at + count].isascii() else 0


def excess_of(body: bytes) -> Excess | None:
    """What a body holds too much of. None also for one that cannot be read, or that is no array or map."""
    try:
        _pieces(body)
    except _TooMany as too_many:
        excess: Excess = too_many.args[0]
        return excess
    except (Broken, NeedsDiagnosis):
        pass
    return None


def app_ids_of(body: bytes) -> list[str]:
    """Check a body of any size as `decode_events` does, and tell the application of each of its events.

    Raises NeedsDiagnosis, also for a body with too many values.
    """
    app_ids: list[str] = []
    for events in _decoded(body):
        app_ids += [event.app_id for event in events]
    return app_ids


def events_of(body: bytes) -> list[Event]:
    """What `decode_events` makes of a valid body, in as many steps as other threads need. Raises NeedsDiagnosis."""
    return [event for events in _decoded(body) for event in events]


def maps_of(body: bytes) -> Iterator[dict[str, Any]]:
    """The events of an accepted body with all their keys as sent, decoded a piece at a time. Raises NeedsDiagnosis."""
    if len(body) <= _PIECE_BYTES:
        yield from _maps(body)
        return
    for piece in _encoded(body):
        yield from _maps(piece)
        time.sleep(0)


def _maps(piece: bytes) -> list[dict[str, Any]]:
    decoded = msgspec.msgpack.decode(piece)
    return [decoded] if isinstance(decoded, dict) else decoded


def _decoded(body: bytes) -> Iterator[list[Event]]:
    for piece in _encoded(body):
        yield decode_events(piece).events
        time.sleep(0)  # lets a waiting thread have the interpreter


def _encoded(body: bytes) -> Iterator[bytes]:
    """Stretches of a body as bodies of their own. Raises NeedsDiagnosis."""
    try:
        pieces = _pieces(body)
    except (_TooMany, Broken) as refusal:
        raise NeedsDiagnosis from refusal
    for count, start, end in pieces:
        yield body if not count else b"\xdc" + count.to_bytes(2, "big") + body[start:end]


def _pieces(body: bytes) -> list[tuple[int, int, int]]:
    """Stretches of events as (count, start, end); a body of one map is one of count 0.

    Raises _TooMany, Broken, and NeedsDiagnosis for what is no batch of a permitted length.
    """
    head = head_at(body, 0)
    if head.form is Form.MAP:
        _measured(body, 0, 0)
        return [(0, 0, len(body))]
    if head.form is not Form.ARRAY or not 0 < head.size <= MAX_BATCH_EVENTS:
        raise NeedsDiagnosis
    pieces: list[tuple[int, int, int]] = []
    start = at = head.content
    values = containers = count = 0
    for index in range(head.size):
        item = _measured(body, at, index)
        values += item.values
        containers += item.containers
        if values > MAX_BODY_VALUES:
            raise _TooMany(Excess(None, 0, f"the body holds more than {MAX_BODY_VALUES:,} values"))
        if containers > MAX_BODY_CONTAINERS:
            raise _TooMany(Excess(None, 0, f"the body holds more than {MAX_BODY_CONTAINERS:,} arrays and maps"))
        if count and item.end - start > _PIECE_BYTES:
            pieces.append((count, start, at))
            start, count = at, 0
        at = item.end
        count += 1
    pieces.append((count, start, at))
    if at != len(body):
        raise NeedsDiagnosis
    return pieces


def _measured(body: bytes, at: int, index: int) -> Measure:
    item = measure(body, at, MAX_EVENT_VALUES)
    if item is None:
        raise _TooMany(Excess(index, at, f"the event holds more than {MAX_EVENT_VALUES:,} values"))
    return item
