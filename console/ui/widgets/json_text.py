"""A decoded payload as indented JSON, bounded, with nothing hidden in it. Pure."""

import base64
import json
import math
import re
from collections.abc import Iterator
from typing import Any

MAX_CHARS = 120_000
_INDENT = "  "
_LINE_CHARS = 96
_NUMBERS_A_LINE = 3  # positions are triples

# What JSON leaves as it is though it cannot be seen or turns the text around: see `formatting.visible`.
_HIDDEN = re.compile(
    "[\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
    "|[\U000e0000-\U000e007f]"
)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def json_string(text: str) -> str:
    """A JSON string in which invisible and order-changing characters are escapes."""
    return _HIDDEN.sub(_escape, json.dumps(text, ensure_ascii=False))


def scalar_text(value: Any) -> str:
    """A value without children. Bytes become base64 text, as in exports; what JSON has no word for stays readable."""
    if isinstance(value, str):
        return json_string(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return json.dumps(base64.b64encode(value).decode())
    if isinstance(value, float) and not math.isfinite(value):
        return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN")
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    return json_string(str(value))


def pretty(value: Any, limit: int = MAX_CHARS) -> tuple[str, bool]:
    """Indented JSON of at most about `limit` characters, and whether something was left out."""
    parts: list[str] = []
    length = 0
    for part in _parts(value, ""):
        parts.append(part)
        length += len(part)
        if length > limit:
            return "".join(parts)[:limit], True
    return "".join(parts), False


def _parts(value: Any, indent: str) -> Iterator[str]:
    inner = indent + _INDENT
    if isinstance(value, dict) and value:
        yield "{\n"
        for i, (key, item) in enumerate(value.items()):
            yield ("" if i == 0 else ",\n") + inner + json_string(str(key)) + ": "
            yield from _parts(item, inner)
        yield f"\n{indent}}}"
    elif isinstance(value, list | tuple) and value:
        yield from _array(value, indent)
    else:
        yield "{}" if isinstance(value, dict) else "[]" if isinstance(value, list | tuple) else scalar_text(value)


def _array(items: list[Any] | tuple[Any, ...], indent: str) -> Iterator[str]:
    inner = indent + _INDENT
    if all(isinstance(item, int | float) for item in items[:_NUMBERS_A_LINE]) and len(items) > _NUMBERS_A_LINE * 2:
        if all(isinstance(item, int | float) for item in items):
            yield "[\n"
            for at in range(0, len(items), _NUMBERS_A_LINE):
                row = ", ".join(map(scalar_text, items[at : at + _NUMBERS_A_LINE]))
                yield inner + row + (",\n" if at + _NUMBERS_A_LINE < len(items) else "\n")
            yield f"{indent}]"
            return
    elif len(items) <= 16 and not any(isinstance(item, dict | list | tuple) for item in items):
        line = "[" + ", ".join(map(scalar_text, items)) + "]"
        if len(line) <= _LINE_CHARS:
            yield line
            return
    yield "[\n"
    for i, item in enumerate(items):
        yield ("" if i == 0 else ",\n") + inner
        yield from _parts(item, inner)
    yield f"\n{indent}]"
