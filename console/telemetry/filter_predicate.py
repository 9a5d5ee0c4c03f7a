"""A filter as a predicate: what the live tail, and requests of the journal, are asked with."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from console.patterns import MAX_TEXT_CHARS
from console.telemetry.filter_tree import (
    And,
    Anywhere,
    Bounds,
    Compare,
    Everything,
    Exists,
    Flag,
    Node,
    Not,
    Or,
    Pattern,
    Term,
    Test,
    Wildcard,
)
from console.telemetry.filter_wildcards import wildcard_matcher


class Facts(Struct, kw_only=True, gc=False):
    """What a filter can ask of one row. Text that there is none of is "", anything else None.

    `time` is in microseconds, `took` in milliseconds. `status` is a trajectory's, or the HTTP status of a request.
    """

    event: str = ""
    kind: str = ""
    app: str = ""
    build: str = ""
    player: str = ""
    session: str = ""
    level: str = ""
    input: str = ""
    status: str | int = ""
    ip: str = ""
    route: str = ""
    time: int | None = None
    x: float | None = None
    y: float | None = None
    z: float | None = None
    fps_mean: float | None = None
    fps_low_5: float | None = None
    fps_low_1: float | None = None
    custom_data: Mapping[str, Any] | None = None
    hardware: Mapping[str, Any] | None = None
    method: str = ""
    error: str = ""
    first_error: str = ""
    client: str = ""
    key: str = ""
    bytes: int | None = None
    events: int | None = None
    took: float | None = None
    rejected: bool = False
    late: bool = False
    bookmarked: bool = False


Predicate = Callable[[Facts], bool]
_Accept = Callable[[Any], bool]

_ANYWHERE: Final = (
    "event", "kind", "app", "build", "player", "session", "level", "input", "status", "ip", "route", "method",
    "error", "first_error", "client", "key",
)  # fmt: skip
_PAYLOADS: Final = ("custom_data", "hardware")


def _no_json(value: Any) -> None:
    """Extension types of MessagePack are nothing in JSON."""


_encode_json: Final = msgspec.json.Encoder(enc_hook=_no_json).encode


def predicate_of(node: Node) -> Predicate:
    """Whether a row matches. Raises nothing when called, whatever the row holds."""
    if isinstance(node, Everything):
        return lambda facts: True
    if isinstance(node, And):
        both = [predicate_of(part) for part in node.parts]
        return lambda facts: all(part(facts) for part in both)
    if isinstance(node, Or):
        either = [predicate_of(part) for part in node.parts]
        return lambda facts: any(part(facts) for part in either)
    if isinstance(node, Not):
        inner = predicate_of(node.part)
        return lambda facts: not inner(facts)
    if isinstance(node, Flag):
        name = node.name
        return lambda facts: bool(getattr(facts, name))
    if isinstance(node, Anywhere):
        return _anywhere(node.test)
    return _compare(node)


def _compare(node: Compare) -> Predicate:
    name, path = node.field.name.replace(".", "_"), node.path
    if node.field.kind == "payload":
        accept = _payload_test(node.test)
        return lambda facts: any(accept(value) for value in _values_at(getattr(facts, name), path))
    accept = _text_test(node.test) if node.field.kind in ("text", "word") else _number_test(node.test)
    return lambda facts: accept(getattr(facts, name))


def _text_test(test: Test) -> _Accept:
    if isinstance(test, Exists):
        return lambda text: text != ""
    if isinstance(test, Bounds):
        return _within(test)
    return _string_test(test)


def _string_test(test: Term | Wildcard | Pattern) -> Callable[[str], bool]:
    if isinstance(test, Term):
        wanted = test.text
        return lambda text: text == wanted
    if isinstance(test, Wildcard):
        return wildcard_matcher(test.pieces)
    search = re.compile(test.python).search
    return lambda text: search(text[:MAX_TEXT_CHARS]) is not None


def _number_test(test: Test) -> _Accept:
    if isinstance(test, Exists):
        return lambda number: number is not None
    assert isinstance(test, Bounds)
    within = _within(test)
    return lambda number: number is not None and within(number)


def _within(test: Bounds) -> _Accept:
    low: Any = test.low
    high: Any = test.high
    with_low, with_high = test.with_low, test.with_high

    def within(value: Any) -> bool:
        if low is not None and not (value >= low if with_low else value > low):
            return False
        return high is None or bool(value <= high if with_high else value < high)

    return within


def _payload_test(test: Test) -> _Accept:
    """Values as JSON has them: text, numbers, true and false."""
    if isinstance(test, Exists):
        return lambda value: value is not None
    if isinstance(test, Bounds):
        within = _within(test)
        if isinstance(test.low, str) or isinstance(test.high, str):
            return lambda value: type(value) is str and within(value)
        return lambda value: type(value) in (int, float) and within(float(value))
    if isinstance(test, Term):
        return _payload_term(test)
    accept = _string_test(test)
    return lambda value: type(value) is str and accept(value)


def _payload_term(test: Term) -> _Accept:
    text, number = test.text, test.number
    truth = {"true": True, "false": False}.get(text)

    def accept(value: Any) -> bool:
        if type(value) is str:
            return value == text
        if type(value) is bool:
            return value is truth
        return number is not None and type(value) in (int, float) and float(value) == number

    return accept


def _values_at(payload: Mapping[str, Any] | None, path: tuple[str, ...]) -> Iterator[Any]:
    """What is at the path, and of an array its items too."""
    value: Any = payload
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return
        value = value[name]
    yield value
    if isinstance(value, (list, tuple)):
        yield from value


def _anywhere(test: Term | Wildcard | Pattern) -> Predicate:
    if isinstance(test, Pattern):
        search = re.compile(test.python).search
        return lambda facts: any(search(text[:MAX_TEXT_CHARS]) is not None for text in _texts(facts))
    if isinstance(test, Term):
        wanted = fold(test.text)
        return lambda facts: any(wanted in fold(text) for text in _texts(facts))
    pieces = (("*", True), *((fold(piece) if not wild else piece, wild) for piece, wild in test.pieces), ("*", True))
    accept = wildcard_matcher(pieces)
    return lambda facts: any(accept(fold(text)) for text in _texts(facts))


def _texts(facts: Facts) -> Iterator[str]:
    for name in _ANYWHERE:
        if (value := getattr(facts, name)) != "":
            yield value if isinstance(value, str) else str(value)
    for name in _PAYLOADS:
        if (payload := getattr(facts, name)) is not None:
            yield payload_text(payload)


def payload_text(payload: Mapping[str, Any]) -> str:
    """A payload as JSON: what is kept of it, and looked through for a word."""
    return _encode_json(payload).decode()


def plain_payload(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """A payload with the values that its JSON has: bytes are Base64, and so on."""
    return msgspec.to_builtins(payload, str_keys=True, enc_hook=_no_json)  # type: ignore[no-any-return]


def fold(text: str) -> str:
    """Lower case, one character for one: what the event store's `lower` does."""
    if text.isascii():
        return text.lower()
    return "".join(lower if len(lower := character.lower()) == 1 else lower[0] for character in text)
