"""What a filter's text may go on with at the cursor. Pure; the values come from whoever knows the recording."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Final, TypeVar

from msgspec import Struct

from console.telemetry.filters import Field, Scope, fields
from console.ui.widgets.filter_terms import written

R = TypeVar("R")

MAX_SUGGESTIONS: Final = 50
COUNTED_ROWS: Final = 20_000
"""Of the rows that a table holds, so many are looked through at each key: some milliseconds."""
_ENDS: Final = frozenset(" \t()[]{}")


class Wanted(Struct, frozen=True):
    """The characters `start … end` are being written: a field's name, or a value of `field`.

    `prefix` is what stands there before the cursor, without its quotation mark.
    """

    start: int
    end: int
    prefix: str
    field: str = ""


class Suggestion(Struct, frozen=True):
    """One way to go on. `text` is what is put there, `about` a few words on it."""

    text: str
    about: str


def wanted_at(text: str, cursor: int) -> Wanted | None:
    """What is being written at the cursor; None inside a range, a regular expression or behind a comparison."""
    place = _place_of(text[:cursor])
    if place.depth > 0 or cursor < place.start:
        return None
    there = text[place.start : cursor]
    if there[:1] in ("/", "<", ">") or (there.startswith('"') and not (place.in_quotes and place.name)):
        return None
    return Wanted(place.start, _end_of(text, cursor, place), there.lstrip('"'), place.name)


class _Place(Struct):
    """Where in a term a text ends: what is being written begins at `start`, as a value of `name`."""

    start: int = 0
    name: str = ""
    in_quotes: bool = False
    depth: int = 0


def _place_of(before: str) -> _Place:
    place = _Place()
    escaped = False
    for at, character in enumerate(before):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif place.in_quotes:
            place.in_quotes = character != '"'
        elif character == '"':
            place.in_quotes = True
        elif character in "[{":
            place.depth += 1
        elif character in "]}":
            place.depth -= 1
        else:
            _step(place, before, at)
    return place


def _step(place: _Place, before: str, at: int) -> None:
    character = before[at]
    if character in _ENDS:
        place.start, place.name = at + 1, ""
    elif character in "+-!" and at == place.start and not place.name:
        place.start = at + 1
    elif character == ":" and not place.name:
        place.name, place.start = before[place.start : at], at + 1


def _end_of(text: str, cursor: int, place: _Place) -> int:
    """Where what is being written ends: a name with its colon, text with its quotation mark."""
    if place.in_quotes:
        closing = text.find('"', cursor)
        return len(text) if closing < 0 else closing + 1
    end = cursor
    while end < len(text) and text[end] not in _ENDS and (place.name or text[end] != ":"):
        end += 1
    return end + (not place.name and text[end : end + 1] == ":")


def field_suggestions(prefix: str, scope: Scope) -> list[Suggestion]:
    """Fields whose name begins so, then those that have it inside; all of them for no prefix."""
    known = fields(scope)
    lower = prefix.lower()
    first = [field for field in known if field.name.startswith(lower)]
    inside = [field for field in known if lower in field.name and field not in first]
    return [Suggestion(_opening(field), field.about) for field in (*first, *inside)]


def word_suggestions(field: str, prefix: str, scope: Scope) -> list[Suggestion] | None:
    """The values of a field that has only a few; None when the recording must be asked."""
    known = next((one for one in fields(scope) if one.name == field), None)
    if known is None or not known.words:
        return [] if known is not None and known.kind in ("number", "time") else None
    return [Suggestion(word, "") for word in known.words if word.startswith(prefix.lower())]


def value_suggestions(values: Sequence[tuple[str, int]]) -> list[Suggestion]:
    """Values with how many rows have each."""
    shown = (value for value in values if value[0] and value[0].isprintable())
    return [Suggestion(written(value), f"{count:,}") for value, count in shown][:MAX_SUGGESTIONS]


def counted_values(newest_first: Iterable[R], value_of: Callable[[R], str], prefix: str) -> list[tuple[str, int]]:
    """The values that begin so, in either case, and how many rows have each, the most frequent first."""
    counts = Counter(map(value_of, islice(newest_first, COUNTED_ROWS)))
    lower = prefix.lower()
    found = [(value, count) for value, count in counts.items() if value and value.lower().startswith(lower)]
    return sorted(found, key=lambda one: (-one[1], one[0]))[:MAX_SUGGESTIONS]


def path_root(wanted: Wanted, scope: Scope) -> str:
    """The payload whose names are wanted: `custom_data.w` asks for those of custom_data; "" for none."""
    root, point, _ = wanted.prefix.partition(".")
    if wanted.field or not point:
        return ""
    return next((field.name for field in fields(scope) if field.kind == "payload" and field.name == root), "")


def completed(text: str, wanted: Wanted, put: str) -> tuple[str, int]:
    """The text with the suggestion in place, and where the cursor goes."""
    rest = text[wanted.end :]
    if wanted.field and not rest.startswith((" ", ")")):
        put += " "
    elif wanted.field and rest.startswith(" "):
        return text[: wanted.start] + put + rest, wanted.start + len(put) + 1
    return text[: wanted.start] + put + rest, wanted.start + len(put)


def _opening(field: Field) -> str:
    return f"{field.name}." if field.kind == "payload" else f"{field.name}:"
