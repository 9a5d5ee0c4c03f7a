"""The rules of each documented field, with what to say when one is broken."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from console.telemetry.events import MAX_NAME_CHARS, MAX_POSITIONS_NUMBERS, Positions
from console.telemetry.free_values import Findings
from console.telemetry.layout import Form, Head, Path, describe, head_at, scalar_at, skip
from console.telemetry.schema import FRAME_RATE_FIELDS, FieldType
from console.telemetry.times import BadTimestamp, bad_epoch, read_timestamp

_decode_positions = msgspec.msgpack.Decoder(Positions).decode

_STR_HINT = "Send str, not bin: in Python pack str, not bytes; in C# use string, not byte[]."
_POSITION_HINT = "Send three floats, e.g. [10.5, 0.0, -5.2]. In Unity: new float[] { pos.x, pos.y, pos.z }."
_POSITIONS_HINT = "Send one flat array of numbers: [x, y, z, x, y, z, …]."
_RATES_HINT = 'Send numbers ≥ 0 by name: {"mean": 60.0, "low_5": 55.0, "low_1": 30.0}.'


def check_field(found: Findings, name: str, kind: FieldType, at: int, path: Path | None) -> datetime | None:
    """Check one documented field that is there and not nil. Returns the instant of a good time."""
    path = (path, name)
    if kind is FieldType.TIME:
        return _check_time(found, at, path)
    _CHECKS[kind](found, at, path)
    return None


def _text_of(found: Findings, at: int, path: Path, expected: str, hint: str) -> str | None:
    """A string's text, or None with the reason noted."""
    body = found.body
    head = head_at(body, at)
    if head.form is Form.STR:
        return body[head.content : head.end].decode() if found.text(head, at, path) else None
    _wrong_form(found, head, at, path, expected, _STR_HINT if head.form is Form.BIN else hint)
    return None


def _wrong_form(found: Findings, head: Head, at: int, path: Path, expected: str, hint: str) -> None:
    if head.form is Form.EXT:
        found.extension(head, at, path, expected)
    else:
        found.add(path, f"expected {expected}, got {describe(found.body, at)}", hint, at, skip(found.body, at))


def _check_name(found: Findings, at: int, path: Path) -> None:
    text = _text_of(found, at, path, "a string", "Send it as a string.")
    if text is None:
        return
    end = skip(found.body, at)
    if not text:
        found.add(path, "must not be empty", "Send the id or name, or leave an optional field out.", at, end)
    elif len(text) > MAX_NAME_CHARS:
        found.add(
            path,
            f"is {len(text):,} characters long: the limit is {MAX_NAME_CHARS}",
            "Send a short name or id here, and long text in custom_data.",
            at,
            end,
        )


def _check_text(found: Findings, at: int, path: Path) -> None:
    text = _text_of(found, at, path, "a string", "Send it as a string; an enum by its name.")
    if text == "":
        found.add(path, "must not be empty", "Leave the field out, or send nil.", at, skip(found.body, at))


def _check_time(found: Findings, at: int, path: Path) -> datetime | None:
    body = found.body
    head = head_at(body, at)
    try:
        if head.form in (Form.INT, Form.FLOAT):
            value = scalar_at(body, at, head)
            if math.isfinite(value):
                raise bad_epoch(value, describe(body, at))
        text = _text_of(found, at, path, "an ISO 8601 time as text", "Send text like 2026-02-12T10:00:00Z.")
        return None if text is None else read_timestamp(text)
    except BadTimestamp as bad:
        found.add(path, bad.message, bad.hint, at, head.end)
        return None


def _check_map(found: Findings, at: int, path: Path) -> None:
    head = head_at(found.body, at)
    if head.form is Form.MAP:
        found.value(at, path, depth=1)
        return
    hint = 'Send a map with string keys, e.g. {"weapon": "Sword", "ammo": 10}.'
    if head.form is Form.STR and found.body[head.content : head.content + 1] == b"{":
        hint = "Send the map itself, not its JSON text."
    _wrong_form(found, head, at, path, "a map", hint)


def _number(found: Findings, at: int, path: Path, hint: str) -> float | None:
    """A finite number, or None with the reason noted."""
    head = head_at(found.body, at)
    if head.form is Form.FLOAT:
        return None if found.not_finite(head, at, path) else scalar_at(found.body, at, head)
    if head.form is Form.INT:
        return float(scalar_at(found.body, at, head))
    if head.form is Form.STR and not found.text(head, at, path):
        return None
    _wrong_form(found, head, at, path, "a number", hint)
    if head.form in (Form.ARRAY, Form.MAP):
        found.value(at, path, depth=2)
    return None


def _check_position(found: Findings, at: int, path: Path) -> None:
    head = head_at(found.body, at)
    if head.form is not Form.ARRAY:
        _wrong_form(found, head, at, path, "an array of three numbers", _POSITION_HINT)
        if head.form is Form.MAP:
            found.value(at, path, depth=1)
        return
    if head.size != 3:
        count = f"{head.size:,} number" + ("" if head.size == 1 else "s")
        found.add(path, f"expected three numbers [x, y, z], got {count}", _POSITION_HINT, at, skip(found.body, at))
        found.value(at, path, depth=1)
        return
    item = head.content
    for axis in range(3):
        _number(found, item, (path, axis), _POSITION_HINT)
        item = skip(found.body, item)


def _check_positions(found: Findings, at: int, path: Path) -> None:
    body = found.body
    head = head_at(body, at)
    if head.form is not Form.ARRAY:
        hint = _POSITIONS_HINT
        if head.form is Form.BIN:
            hint = "Send the numbers themselves, not the memory of a float array."
        _wrong_form(found, head, at, path, "a flat array of numbers", hint)
        if head.form is Form.MAP:
            found.value(at, path, depth=1)
        return
    end = skip(body, at)
    if head.size > MAX_POSITIONS_NUMBERS:
        found.add(
            path,
            f"holds {head.size:,} numbers: the limit is {MAX_POSITIONS_NUMBERS:,}",
            f"Send several trajectories of at most {MAX_POSITIONS_NUMBERS // 3:,} samples.",
            at,
            end,
        )
        return
    if not head.size:
        found.add(path, "must not be empty", "Send at least one sample: [x, y, z].", at, end)
        return
    if _is_nested(found, head, path):
        return
    if head.size % 3:
        found.add(
            path,
            f"holds {head.size:,} numbers, which is not a multiple of 3",
            f"Every sample has three numbers. {_POSITIONS_HINT}",
            at,
            end,
        )
    try:
        _decode_positions(body[at:end])
    except (ValueError, OverflowError, RecursionError):
        item = head.content
        for place in range(head.size):
            _number(found, item, (path, place), _POSITIONS_HINT)
            item = skip(body, item)


def _is_nested(found: Findings, head: Head, path: Path) -> bool:
    """Whether the samples are arrays or maps of their own. One problem tells it, not one a sample."""
    at = head.content
    for place in range(head.size):
        item = head_at(found.body, at)
        if item.form in (Form.ARRAY, Form.MAP):
            found.add(
                (path, place),
                f"positions must be flat: item {place} is {'an array' if item.form is Form.ARRAY else 'a map'}",
                _POSITIONS_HINT,
                at,
                skip(found.body, at),
            )
            return True
        at = item.end
    return False


def _check_frame_rates(found: Findings, at: int, path: Path) -> None:
    body = found.body
    head = head_at(body, at)
    if head.form is not Form.MAP:
        _wrong_form(found, head, at, path, "a map of frame rates", _RATES_HINT)
        return
    last: dict[str, int] = {}
    at = head.content
    for _ in range(head.size):
        key_head = head_at(body, at)
        key = found.key(key_head, at, path)
        if key is None:
            at = found.value(at, path, depth=2)
            at = found.value(at, path, depth=2)
            continue
        at = key_head.end
        replaced = last.pop(key, None)
        if replaced is not None:
            found.value(replaced, (path, key), depth=2)
        if key in FRAME_RATE_FIELDS and head_at(body, at).form is not Form.NIL:
            last[key] = at
            at = skip(body, at)
        else:
            at = found.value(at, (path, key), depth=2)
    for key, start in last.items():
        rate = _number(found, start, (path, key), _RATES_HINT)
        if rate is not None and rate < 0:
            found.add(
                (path, key),
                f"expected a frame rate ≥ 0, got {describe(body, start)}",
                "Leave it out when it is not known.",
                start,
                skip(body, start),
            )


_CHECKS: dict[FieldType, Callable[[Findings, int, Any], None]] = {
    FieldType.NAME: _check_name,
    FieldType.TEXT: _check_text,
    FieldType.MAP: _check_map,
    FieldType.POSITION: _check_position,
    FieldType.POSITIONS: _check_positions,
    FieldType.FRAME_RATES: _check_frame_rates,
}
