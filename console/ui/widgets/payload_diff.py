"""What differs between two recorded events, value by value and as they were on the wire. Pure."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from console.telemetry.inspect import event_span
from console.telemetry.layout import Broken, Path, describe, head_at, key_text, path_text, skip
from console.ui.widgets.formatting import visible

MAX_VALUES: Final = 5_000
_MAX_DEPTH: Final = 32
_SHOWN_BYTES: Final = 12


class Difference(Struct, frozen=True):
    """One value that differs. None: the event has no such value."""

    path: str
    left: str | None
    right: str | None

    @property
    def word(self) -> str:
        """What kind of difference it is."""
        if self.left is None:
            return "added"
        return "missing" if self.right is None else "changed"


class Comparison(Struct, frozen=True):
    """The differences in the order of the first event, then what only the second has; and how many values agree."""

    differences: list[Difference]
    equal: int
    is_whole: bool


class _Value(Struct, frozen=True):
    content: bytes
    text: str
    label: str


def compare(left_body: bytes, left_index: int, right_body: bytes, right_index: int) -> Comparison:
    """Compare two events of two bodies, or of one. What cannot be read counts as absent.

    Values are equal when their bytes are: 5 as uint8 and as fixint are told apart, as an SDK's author wants it.
    """
    left, left_whole = _values(left_body, left_index)
    right, right_whole = _values(right_body, right_index)
    differences = []
    equal = 0
    for path in [*left, *(path for path in right if path not in left)]:
        ours, theirs = left.get(path), right.get(path)
        if ours is not None and theirs is not None and ours.content == theirs.content:
            equal += 1
            continue
        differences.append(Difference(path, *_shown(ours, theirs)))
    return Comparison(differences, equal, left_whole and right_whole)


def _shown(left: _Value | None, right: _Value | None) -> tuple[str | None, str | None]:
    """The texts of two values that differ; their types, or where long ones part, when the texts are the same."""
    values = (left, right)
    if left is None or right is None or left.text != right.text:
        texts = [None if value is None else value.text for value in values]
    elif left.label != right.label:
        texts = [f"{value.text} as {value.label}" for value in (left, right)]
    else:
        pairs = zip(left.content, right.content, strict=False)
        at = next(
            (i for i, (one, other) in enumerate(pairs) if one != other), min(map(len, (left.content, right.content)))
        )
        texts = [
            f"{len(value.content):,} bytes, from byte {at:,}: {value.content[at : at + _SHOWN_BYTES].hex(' ')}"
            for value in (left, right)
        ]
    first, second = (None if text is None else visible(text, 400) for text in texts)
    return first, second


def _values(body: bytes, index: int) -> tuple[dict[str, _Value], bool]:
    """The values of one event that have no children, by path; and whether those are all."""
    span = event_span(body, index)
    found: dict[str, _Value] = {}
    if span is None:
        return found, True
    for path, at, end in _leaves(body, span.start):
        if len(found) >= MAX_VALUES:
            return found, False
        name = path_text(path).removeprefix("$").removeprefix(".") or "$"
        while name in found:
            name += " (again)"
        found[name] = _Value(body[at:end], describe(body, at), head_at(body, at).label)
    return found, True


def _leaves(body: bytes, start: int) -> Iterator[tuple[Path | None, int, int]]:
    """Path, start and end of every value without children, in the order of the bytes. The event must be whole."""
    open_: list[Iterator[tuple[Path | None, int]]] = [iter([(None, start)])]
    while open_:
        path, at = next(open_[-1], (None, -1))
        if at < 0:
            open_.pop()
            continue
        if head_at(body, at).children and len(open_) <= _MAX_DEPTH:
            open_.append(_children(body, at, path))
        else:
            yield path, at, skip(body, at)


def _children(body: bytes, start: int, path: Path | None) -> Iterator[tuple[Path | None, int]]:
    head = head_at(body, start)
    at = head.content
    is_map = head.children > head.size
    for place in range(head.size):
        step: str | int = place
        if is_map:
            step = key_text(body, at)
            at = skip(body, at)
        yield (path, step), at
        try:
            at = skip(body, at)
        except Broken:
            return
