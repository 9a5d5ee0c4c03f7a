"""Where every value of a JSON body lies, in bytes. Pure; any bytes may come.

Nothing is decoded ahead: a container is walked when somebody asks for what is in it. Each step looks only as far as it
must, so the beginning of a broken body can be read though its end cannot.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

import msgspec

from console.ui.widgets.hex_layout import Span

_SPACE: Final = re.compile(rb"[ \t\n\r]*")
_STRING: Final = re.compile(rb'"(?:[^"\\\x00-\x1f]|\\.)*+"')
_NUMBER: Final = re.compile(rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD: Final = re.compile(rb"(?:true|false|null)(?![A-Za-z0-9_])")
_STRUCTURE: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{}]|"', re.DOTALL)
_STEP: Final = re.compile(r'\.([^\W\d]\w*)|\[(\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\]')
_CLOSES: Final = {0x7B: 0x7D, 0x5B: 0x5D}


class NotJson(Exception):
    """The body cannot be read from `span` on."""

    def __init__(self, message: str, body: bytes, start: int, end: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.span = Span(start, min(len(body), start + 1 if end is None else end))


class Member(NamedTuple):
    """One member of an object: the key as text, its first byte, and its value."""

    key: str
    start: int
    value: Span


def first_value(body: bytes) -> Span:
    """The body's one value. Raises NotJson, also for what stands behind it."""
    start = _skip_space(body, 0)
    end = value_end(body, start)
    rest = _skip_space(body, end)
    if rest < len(body):
        raise NotJson("there is something behind the value", body, rest, len(body))
    return Span(start, end)


def value_end(body: bytes, start: int) -> int:
    """The end of the value that begins at an offset; a container's inside is not looked at. Raises NotJson."""
    if start >= len(body):
        raise NotJson("a value is missing: the body ends here", body, start)
    first = body[start]
    if first in _CLOSES:
        return _container_end(body, start)
    pattern = _STRING if first == 0x22 else _WORD if 0x61 <= first <= 0x7A else _NUMBER
    match = pattern.match(body, start)
    if match is None:
        what = "a string does not end, or has a control character in it" if first == 0x22 else "this is no JSON value"
        raise NotJson(what, body, start)
    return match.end()


def _container_end(body: bytes, start: int) -> int:
    open_: list[int] = []
    for match in _STRUCTURE.finditer(body, start):
        sign = body[match.start()]
        if sign in _CLOSES:
            open_.append(_CLOSES[sign])
        elif sign == 0x22:
            if match.end() - match.start() == 1:
                raise NotJson("a string does not end", body, match.start(), len(body))
        elif open_.pop() != sign:
            raise NotJson("a bracket is closed by another kind", body, match.start())
        if not open_:
            return match.end()
    raise NotJson("the body ends inside an array or an object", body, start, len(body))


def members(body: bytes, start: int) -> Iterator[Member]:
    """The members of the object at an offset, in order. Raises NotJson where it cannot be read on.

    A container that does not end is the last one: what is wrong is found in it.
    """
    at = _skip_space(body, start + 1)
    if body[at : at + 1] == b"}":
        return
    while True:
        key = _STRING.match(body, at)
        if key is None:
            raise NotJson("a key in double quotes is missing", body, at)
        colon = _skip_space(body, key.end())
        if body[colon : colon + 1] != b":":
            raise NotJson("a colon is missing behind the key", body, at, colon + 1)
        value = _child(body, _skip_space(body, colon + 1))
        yield Member(text_at(body, Span(at, key.end())), at, value.span)
        if not value.whole:
            return
        at = _next(body, value.span.end, b"}")
        if at < 0:
            return


def items(body: bytes, start: int) -> Iterator[Span]:
    """The items of the array at an offset, in order. Raises NotJson, and ends, as `members` does."""
    at = _skip_space(body, start + 1)
    if body[at : at + 1] == b"]":
        return
    while at >= 0:
        item = _child(body, at)
        yield item.span
        if not item.whole:
            return
        at = _next(body, item.span.end, b"]")


class _Child(NamedTuple):
    span: Span
    whole: bool


def _child(body: bytes, start: int) -> _Child:
    """A value inside a container; one that is a container itself may be broken inside. Raises NotJson."""
    try:
        return _Child(Span(start, value_end(body, start)), True)
    except NotJson:
        if body[start : start + 1] in (b"{", b"["):
            return _Child(Span(start, len(body)), False)
        raise


def _next(body: bytes, end: int, closing: bytes) -> int:
    """Where the next member or item begins; −1 behind the last one."""
    at = _skip_space(body, end)
    sign = body[at : at + 1]
    if sign == closing:
        return -1
    if sign != b",":
        raise NotJson(f"a comma or {closing.decode()} is missing", body, at)
    return _skip_space(body, at + 1)


def text_at(body: bytes, span: Span) -> str:
    """A string's text. What cannot be decoded is left as it stands."""
    raw = body[span.start : span.end]
    try:
        return msgspec.json.decode(raw, type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return raw[1:-1].decode("utf-8", "backslashreplace")


def locate(body: bytes, path: str) -> Span | None:
    """The bytes of the value a path leads to (`$.events[3]["a b"]`), or of the last value on the way that is there."""
    if not path.startswith("$"):
        return None
    try:
        found = Span(_skip_space(body, 0), len(body))
        found = Span(found.start, value_end(body, found.start))
    except NotJson:
        return None
    at = 1
    while at < len(path) and (step := _STEP.match(path, at)) is not None:
        at = step.end()
        try:
            inner = _inner(body, found.start, step)
        except NotJson:
            return found
        if inner is None:
            return found
        found = inner
    return found


def _inner(body: bytes, start: int, step: re.Match[str]) -> Span | None:
    name, index, quoted = step.groups()
    sign = body[start : start + 1]
    if index is not None:
        return next(islice(items(body, start), int(index), None), None) if sign == b"[" else None
    if sign != b"{":
        return None
    key = name if name is not None else text_at(quoted.encode(), Span(0, len(quoted.encode())))
    found = None
    for member in members(body, start):
        if member.key == key:
            found = member.value  # of a repeated key the last one holds
    return found


def _skip_space(body: bytes, at: int) -> int:
    match = _SPACE.match(body, at)
    assert match is not None
    return match.end()
