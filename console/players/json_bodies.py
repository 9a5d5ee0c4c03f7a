"""JSON bodies as typed values, and for every one that is none of them: where it breaks, and how.

msgspec reads in one pass; its messages are put into the words and paths of this API. Where it names no exact place (a
number without bounds inside an object of any keys, half of a surrogate pair, endless nesting) the body is looked
through once more. That happens to refused bodies only.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from console.players.paths import Path, path_text, step_text
from console.players.values import InvalidValue

T = TypeVar("T")


def decode_json(body: bytes, kind: type[T]) -> T:
    """The body as a value of that type. Raises InvalidValue, whatever the bytes are."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError, OverflowError) as error:
        raise _explained(body, error) from None


def _explained(body: bytes, error: Exception) -> InvalidValue:
    if isinstance(error, RecursionError):
        return InvalidValue(_deep_path(body), "is nested too deeply")
    if isinstance(error, msgspec.ValidationError):
        found = _mismatch(str(error))
        return (_unreadable_value(body) or found) if "[...]" in found.path else found
    try:
        body.decode()
    except UnicodeDecodeError as bad:
        return InvalidValue("$", f"the body is not UTF-8: byte 0x{body[bad.start]:02x} {_place(body, bad.start)}")
    return _syntax(body, str(error))


# What msgspec says of a value of another type than the expected one, and where.
_AT = re.compile(r"(?s)(.*?)(?: - at `(?:key in )?([^`]*)`)?")
_MISSING = re.compile(r"Object missing required field `(.*)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
_WORDS = {
    "str": "text",
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "an array",
}


def _mismatch(message: str) -> InvalidValue:
    match = _AT.fullmatch(message)
    assert match is not None
    text, path = match[1], match[2] or "$"
    if missing := _MISSING.fullmatch(text):
        return InvalidValue(path + step_text(missing[1]), "is missing")
    if unknown := _UNKNOWN.fullmatch(text):
        return InvalidValue(path + step_text(unknown[1]), "is no key that is known here")
    return InvalidValue(path, _in_words(text))


def _in_words(text: str) -> str:
    words = re.sub(r"`([^`]*)`", lambda found: " or ".join(_WORDS.get(n, n) for n in found[1].split(" | ")), text)
    return words[:1].lower() + words[1:]


_BYTE = re.compile(r"\(byte (\d+)\)")


def _syntax(body: bytes, message: str) -> InvalidValue:
    if not body.strip():
        return InvalidValue("$", "the body is empty: send a JSON object")
    if body.startswith(b"\xef\xbb\xbf"):
        return InvalidValue("$", "the body starts with a byte order mark: send UTF-8 without one")
    if found := _unreadable_value(body):
        return found  # what Python reads and msgspec does not: NaN, half of a surrogate pair
    at = _BYTE.search(message)
    if at is None:
        cut = "the body is not JSON: it ends in the middle of a value, or holds half of a surrogate pair"
        return InvalidValue("$", cut)
    offset = int(at[1])
    if "trailing" in message:
        offset -= 1  # msgspec has read one on
    what = message[: at.start()].strip().removeprefix("JSON is malformed: ")
    return InvalidValue("$", f"the body is not JSON: {what} {_place(body, offset)}")


def _place(body: bytes, offset: int) -> str:
    line = body.count(b"\n", 0, offset) + 1
    column = offset - (body.rfind(b"\n", 0, offset) + 1) + 1
    return f"at byte {offset} (line {line}, column {column})"


# Looking through this many takes some 50 ms at worst.
_MAX_SEARCHED_BYTES = 100_000


def _unreadable_value(body: bytes) -> InvalidValue | None:
    """The first value that JSON's grammar allows and nothing can hold; not looked for in very large bodies."""
    if len(body) > _MAX_SEARCHED_BYTES:
        return None
    try:
        parsed = json.loads(body, parse_int=_bounded, parse_constant=_Constant)
    except (ValueError, RecursionError):
        return None
    for path, value in _walk(parsed):
        if isinstance(value, _Constant):
            return InvalidValue(path_text(path), f"{value.name} is not JSON: send null, or leave it out")
        if isinstance(value, float) and not math.isfinite(value):
            return InvalidValue(path_text(path), "is a number out of range")
        if isinstance(value, str) and not _is_whole(value):
            return InvalidValue(path_text(path), "contains half of a character (a lone surrogate)")
    return None


class _Constant:
    """NaN or an infinity, which Python's reader lets pass."""

    def __init__(self, name: str) -> None:
        self.name = name


def _bounded(digits: str) -> int | float:
    # Python refuses to read thousands of digits, and msgspec does not say where they are.
    return int(digits) if len(digits) < 300 else math.inf


def _walk(value: Any) -> Iterator[tuple[Path, Any]]:
    """Every value and every key with its path, in the order of the text."""
    stack: list[tuple[Path, Any]] = [((None, "$"), value)]
    while stack:
        path, value = stack.pop()
        yield path, value
        if isinstance(value, dict):
            for key, item in reversed(value.items()):
                stack.append(((path, key), item))
                stack.append(((path, key), key))
        elif isinstance(value, list):
            stack.extend(((path, index), item) for index, item in reversed(list(enumerate(value))))


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{},]')
_SHOWN_LEVELS = 6


def _deep_path(body: bytes) -> str:
    """The first levels of the way into a body that is nested without end."""
    steps: list[str | int] = []
    deepest: list[str | int] = []
    for token in _TOKEN.finditer(body):
        text = token[0]
        if text in b"[{":
            steps.append(0 if text == b"[" else "")
            if len(steps) > len(deepest):
                deepest = list(steps)
            if len(steps) > _SHOWN_LEVELS:
                break
        elif text in b"]}":
            steps = steps[:-1]
        elif text == b"," and steps:
            last = steps[-1]
            steps[-1] = last + 1 if isinstance(last, int) else ""
        elif text.startswith(b'"') and steps and steps[-1] == "":
            steps[-1] = text[1:-1].decode("utf-8", "replace")
    return "$" + "".join(map(step_text, deepest[:_SHOWN_LEVELS])) + "…"
