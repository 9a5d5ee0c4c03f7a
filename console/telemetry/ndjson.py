"""Accepted events as NDJSON: one JSON object a line, UTF-8, LF.

The keys are those of the wire in the order they were sent (of a repeated key the last value, where the first stood),
then `received_at` and `seq`. Numbers are what was sent: integers stay integers, a float32 is written as the double it
equals. Binary values become Base64 text. NaN cannot occur: such events are never accepted.

A client's own key called `received_at` or `seq` is renamed to `client_received_at` or `client_seq`, with a further
`client_` for each such key that exists already, so that no key is lost and none appears twice.
"""

from datetime import timedelta
from typing import Any

import msgspec

from console.telemetry.events import EPOCH

RECEIVED_AT = "received_at"
SEQ = "seq"
RENAMED_PREFIX = "client_"

_decode = msgspec.msgpack.Decoder().decode
_encode = msgspec.json.Encoder().encode


def event_lines(body: bytes, received_at_us: int, first_seq: int) -> list[bytes]:
    """The lines of an accepted body's events, each ending with LF.

    `received_at_us` is when the server read the request's headers; `first_seq` the number of the first event.
    """
    decoded = _decode(body)
    events: list[dict[str, Any]] = [decoded] if isinstance(decoded, dict) else decoded
    received_at = utc_text(received_at_us)
    lines = []
    for seq, event in enumerate(events, first_seq):
        if RECEIVED_AT in event or SEQ in event:
            event = _renamed(event)
        event[RECEIVED_AT] = received_at
        event[SEQ] = seq
        lines.append(_encode(event) + b"\n")
    return lines


def utc_text(time_us: int) -> str:
    """ISO 8601 with microseconds and a Z."""
    instant = EPOCH + timedelta(microseconds=time_us)
    return instant.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _renamed(event: dict[str, Any]) -> dict[str, Any]:
    taken = set(event)
    renamed = {}
    for key, value in event.items():
        if key in (RECEIVED_AT, SEQ):
            while key in taken:
                key = RENAMED_PREFIX + key
            taken.add(key)
        renamed[key] = value
    return renamed
