"""From the text of a filter to its tree: luqum reads Lucene's syntax, here its words get their meaning."""

import re
from typing import Any, Final

from console.telemetry.filter_fields import FLAGS, KIND_WORDS, Field, Scope, fields, find_field, nearest
from console.telemetry.filter_patterns import portable_pattern
from console.telemetry.filter_problems import BadFilter, bad, quoted
from console.telemetry.filter_scan import check_slips
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
from console.telemetry.filter_values import instants_in, number_in, pieces_of, plain

MAX_CHARS: Final = 2_000
MAX_TERMS: Final = 100
_MAX_DEPTH: Final = 50
_POSITION: Final = re.compile(r"position (\d+)")


def read(text: str, scope: Scope, now_us: int) -> Node:
    """The tree of a filter. Raises BadFilter."""
    if not text.strip():
        return Everything()
    if len(text) > MAX_CHARS:
        raise bad(text, MAX_CHARS, len(text), f"A filter has at most {MAX_CHARS:,} characters, not {len(text):,}.")
    check_slips(text)
    # Here: it takes 70 ms to import, and most who import this module never see a filter.
    from luqum.exceptions import ParseError
    from luqum.thread import parse as parse_lucene

    try:
        found = parse_lucene(text)
    except ParseError as error:
        at = _POSITION.search(str(error))
        start = int(at[1]) if at else 0
        end = start + 1 if at else len(text)
        raise bad(text, start, end, "This cannot be read here: a filter is made of terms such as event:Jump.") from None
    return _Reader(text, scope, now_us).node(found, None)


class _Reader:
    """One reading: a field of the tree that luqum made is carried down to its values."""

    def __init__(self, text: str, scope: Scope, now_us: int) -> None:
        self._text = text
        self._scope = scope
        self._now_us = now_us
        self._terms = 0
        self._depth = 0

    def node(self, item: Any, of: tuple[Field, tuple[str, ...]] | None) -> Node:
        """What an item means; `of` is the field that it stands behind, with the path below it."""
        if self._depth == _MAX_DEPTH:
            raise self._bad(item, f"A filter is at most {_MAX_DEPTH} terms deep.")
        self._depth += 1
        try:
            return self._node(item, of)
        finally:
            self._depth -= 1

    def _node(self, item: Any, of: tuple[Field, tuple[str, ...]] | None) -> Node:
        kind = type(item).__name__
        if kind in ("AndOperation", "UnknownOperation"):
            return And(tuple(self.node(child, of) for child in item.children))
        if kind == "OrOperation":
            return Or(tuple(self.node(child, of) for child in item.children))
        if kind in ("Group", "FieldGroup", "Plus"):
            return self.node(item.children[0], of)
        if kind == "Not":
            return Not(self.node(item.children[0], of))
        if kind == "Prohibit":
            if of is not None and of[0].kind in ("number", "payload") and self._is_number(item.children[0]):
                return self._compare(item.children[0], of, "-")
            return Not(self.node(item.children[0], of))
        if kind == "SearchField":
            return self._search_field(item, of)
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise self._bad(item, f"A filter has at most {MAX_TERMS} terms.")
        if of is None:
            return self._anywhere(item, kind)
        return self._compare(item, of, "")

    def _search_field(self, item: Any, of: tuple[Field, tuple[str, ...]] | None) -> Node:
        start, end = item.pos, item.pos + len(item.name)
        if of is not None:
            raise bad(self._text, start, end, f"{of[0].name}: already names the field: leave out {item.name}:.")
        found = find_field(item.name, self._scope)
        if found is None:
            raise self._unknown_field(item.name, start, end)
        return self.node(item.children[0], found)

    def _unknown_field(self, name: str, start: int, end: int) -> BadFilter:
        other: Scope = "requests" if self._scope == "events" else "events"
        if find_field(name, other) is not None:
            message = f"{name} is a field of {other}: {self._scope} have none."
            return bad(self._text, start, end, message)
        near = nearest(name, [field.name for field in fields(self._scope)])
        if near:
            message = f"There is no field {name}: did you mean {near}?"
            return bad(self._text, start, end, message, near)
        if "." not in name and self._scope == "events":
            message = f"There is no field {name}: an event's own data is found by custom_data.{name}."
            return bad(self._text, start, end, message, f"custom_data.{name}")
        names = ", ".join(field.name for field in fields(self._scope))
        return bad(self._text, start, end, f"There is no field {name}: there are {names}.")

    # text anywhere

    def _anywhere(self, item: Any, kind: str) -> Node:
        if kind == "Regex":
            return Anywhere(self._pattern(item))
        if kind == "Phrase":
            return Anywhere(Term(plain(item.value[1:-1])))
        if kind != "Word":
            raise self._bad(item, "A range belongs to a field, as in x:[1 TO 5].")
        pieces = pieces_of(item.value)
        if pieces == (("*", True),):
            return Everything()
        if any(wild for _, wild in pieces):
            return Anywhere(Wildcard(pieces))
        return Anywhere(Term(plain(item.value)))

    # values of a field

    def _compare(self, item: Any, of: tuple[Field, tuple[str, ...]], sign: str) -> Node:
        field, path = of
        kind = type(item).__name__
        if kind == "Word" and not sign and pieces_of(item.value) == (("*", True),):
            return Compare(field, path, Exists())
        if field.kind == "word":
            return self._word(item, kind, field)
        if field.kind == "payload" and not path:
            message = f"Name what of {field.name} it is, as in {field.example}; a word alone is looked for anywhere."
            raise self._bad(item, message)
        if kind == "Range":
            return Compare(field, path, self._range(item, field))
        if kind in ("From", "To"):
            return Compare(field, path, self._one_sided(item, kind, field))
        if kind == "Regex":
            self._needs_text(item, field)
            return Compare(field, path, self._pattern(item))
        return Compare(field, path, self._single(item, kind, field, sign))

    def _single(self, item: Any, kind: str, field: Field, sign: str) -> Test:
        given = sign + self._value(item)
        if field.kind == "number":
            number = self._number(item, field, given)
            return Bounds(number, number)
        if field.kind == "time":
            low, high = self._instants(item, field, given)
            return Bounds(low, high, True, False)
        pieces = pieces_of(item.value) if kind == "Word" else ()
        if any(wild for _, wild in pieces):
            return Wildcard(pieces)
        return Term(given, number_in(given))

    def _word(self, item: Any, kind: str, field: Field) -> Node:
        given = self._value(item) if kind in ("Word", "Phrase") else ""
        word = given.lower().replace(" ", "_")
        if word not in field.words:
            near = nearest(word, field.words) if word else ""
            message = f"{field.name}: is one of {', '.join(field.words)}."
            raise self._bad(item, message, near or None)
        if field.name == "is":
            assert word in FLAGS
            return Flag(word)
        assert word in KIND_WORDS
        return Compare(field, (), Term(word))

    def _range(self, item: Any, field: Field) -> Test:
        low, high = (self._bound(child) for child in (item.low, item.high))
        if field.kind == "time":
            low_us = None if low is None else self._instants(item, field, low)[0 if item.include_low else 1]
            high_us = None if high is None else self._instants(item, field, high)[1 if item.include_high else 0]
            return Bounds(low_us, high_us, True, False)
        numbers = [None if bound is None else number_in(bound) for bound in (low, high)]
        if field.kind == "number":
            numbers = [None if bound is None else self._number(item, field, bound) for bound in (low, high)]
        are_numbers = numbers.count(None) == [low, high].count(None)
        if field.kind == "number" or (field.kind == "payload" and are_numbers):
            return Bounds(numbers[0], numbers[1], item.include_low, item.include_high)
        return Bounds(low, high, item.include_low, item.include_high)

    def _bound(self, item: Any) -> str | None:
        if type(item).__name__ == "Prohibit":
            return "-" + self._value(item.children[0])
        value = self._value(item)
        return None if value == "*" and type(item).__name__ == "Word" else value

    def _one_sided(self, item: Any, kind: str, field: Field) -> Test:
        given = self._value(item.children[0])
        included = item.include
        low = kind == "From"
        bound: float | int | str = given
        if field.kind == "time":
            instants = self._instants(item.children[0], field, given)
            # After a day is from its end on; until a day is until its end.
            bound = instants[0 if low == included else 1]
            included = low
        elif field.kind == "number":
            bound = self._number(item.children[0], field, given)
        elif field.kind == "payload" and (number := number_in(given)) is not None:
            bound = number
        return Bounds(bound, None, included, True) if low else Bounds(None, bound, True, included)

    def _number(self, item: Any, field: Field, given: str) -> float:
        number = number_in(given)
        if number is None:
            raise self._bad(item, f"{field.name} is a number, as in {field.example}: {given[:40]} is none.")
        return number

    def _instants(self, item: Any, field: Field, given: str) -> tuple[int, int]:
        instants = instants_in(given, self._now_us)
        if instants is None:
            message = (
                f"{field.name} is a time, as in 2026-05-01, 2026-05-01T10:00:30Z or now-5m (UTC): {given[:40]} is none."
            )
            raise self._bad(item, message)
        return instants

    def _pattern(self, item: Any) -> Pattern:
        source = item.value[1:-1].replace("\\/", "/")
        try:
            return portable_pattern(source)
        except ValueError as error:
            raise self._bad(item, f"The regular expression {error}.") from None

    def _needs_text(self, item: Any, field: Field) -> None:
        if field.kind not in ("text", "payload"):
            raise self._bad(item, f"{field.name} is no text: a regular expression finds nothing in it.")

    def _is_number(self, item: Any) -> bool:
        return type(item).__name__ in ("Word", "Phrase") and number_in(self._value(item)) is not None

    def _value(self, item: Any) -> str:
        kind = type(item).__name__
        if kind == "Phrase":
            return plain(item.value[1:-1])
        if kind == "Word":
            return plain(item.value)
        raise self._bad(item, "A value is expected here.")

    def _bad(self, item: Any, message: str, put: str | None = None) -> BadFilter:
        length = len(item.value) if hasattr(item, "value") else item.size
        start = min(item.pos, len(self._text))
        end = min(start + max(1, length), len(self._text))
        return bad(self._text, start, end, message, put)


__all__ = ["MAX_CHARS", "MAX_TERMS", "quoted", "read"]
