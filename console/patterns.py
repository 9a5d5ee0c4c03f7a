"""Regular expressions that people write: refused if some text could keep the matcher busy for long.

Python's `re` tries every way in which a pattern can divide a text, and an evaluation must not wait for that. What is
walked is the tree that `re` itself makes of the pattern, so that nothing is understood differently from how it runs.

The bound: each repetition may cost the whole text, once for every way in which the pattern may have come that far. A
repetition that may stop at only one place, because what follows cannot begin with a character it takes, adds no ways.
"""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any, Final, NamedTuple

MAX_PATTERN_CHARS: Final = 200
# Longer text is matched up to here.
MAX_TEXT_CHARS: Final = 1_000
# Steps of the matcher: a few ns each. A group is noted on the way in and out, and when more than a single character is
# repeated, the matcher keeps what it goes back to.
_MAX_COST = 12_000_000
_GROUP_COST = 4
_ROUND_COST = 6

_CONTAINERS = {op.SUBPATTERN, op.ATOMIC_GROUP, op.BRANCH, op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}

# Sets of characters as bits: one for each ASCII character, and one for each kind of the others.
_OTHER_DIGITS = 1 << 128
_OTHER_LETTERS = 1 << 129
_OTHER_SPACES = 1 << 130
_OTHER_SIGNS = 1 << 131
_OTHER = _OTHER_DIGITS | _OTHER_LETTERS | _OTHER_SPACES | _OTHER_SIGNS
_ASCII = (1 << 128) - 1
_ANY = _ASCII | _OTHER


class BadPattern(ValueError):
    """A pattern that is refused; the message says why."""


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """The pattern, ready to search in text of at most 1,000 characters. Raises BadPattern."""
    checked_tree(pattern)
    with _told(), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(pattern)


def checked_tree(pattern: str) -> Any:
    """The tree that `re` makes of a pattern that is taken. Raises BadPattern."""
    if not pattern:
        raise BadPattern("is empty, and so matches everything")
    if len(pattern) > MAX_PATTERN_CHARS:
        raise BadPattern(f"has {len(pattern):,} characters: at most {MAX_PATTERN_CHARS} are taken")
    with _told():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # "[[a]" may mean something else one day
            tree = _parser.parse(pattern)
        _check(tree)
    return tree


@contextmanager
def _told() -> Iterator[None]:
    """What `re` refuses, in a sentence."""
    try:
        yield
    except re.error as error:
        at = "" if error.pos is None else f" at character {error.pos + 1}"
        raise BadPattern(f"is no regular expression: {error.msg}{at}") from None
    except (OverflowError, RecursionError) as error:
        raise BadPattern(f"is too large a regular expression: {error}") from None


def _check(tree: Any) -> None:
    flags = tree.state.flags
    walk = _Walk(ignore_case=bool(flags & re.IGNORECASE))
    starts = 1 if _anchored(tree, multiline=bool(flags & re.MULTILINE)) else MAX_TEXT_CHARS // _stride(tree)
    cost = starts * walk.sequence(_without_open_end(list(tree)), 0).cost
    if cost > _MAX_COST:
        raise BadPattern(
            "may take very long on some text: repetitions overlap, so that it can be divided in too many ways. "
            "Begin with ^, repeat what cannot be mistaken for what follows ([^.]+ before a point), "
            "and nest no repetitions"
        )


class _Part(NamedTuple):
    """A part of a pattern: the characters it can begin with, whether it can be empty, in how many ways it can end,
    and what it costs to try them all."""

    first: int
    nullable: bool
    ways: int
    cost: int


class _Walk:
    def __init__(self, *, ignore_case: bool) -> None:
        self._ignore_case = ignore_case

    def sequence(self, items: list[tuple[Any, Any]], follow: int) -> _Part:
        """Parts one after the other; `follow` is what can come behind the last."""
        parts = []
        for code, argument in reversed(items):
            part = self._part(code, argument, follow)
            follow = part.first | follow if part.nullable else part.first
            parts.append(part)
        first, nullable, ways, cost = 0, True, 1, 0
        for part in reversed(parts):
            if nullable:
                first |= part.first
            nullable = nullable and part.nullable
            cost = _bounded(cost + ways * part.cost)
            ways = _bounded(ways * part.ways)
        return _Part(first, nullable, ways, cost)

    def _part(self, code: Any, argument: Any, follow: int) -> _Part:
        if code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            return self._repeat(argument, follow)
        if code is op.SUBPATTERN:
            _, added, _, body = argument
            if added & re.IGNORECASE:
                self._ignore_case = True
            part = self.sequence(list(body), follow)
            return part._replace(cost=part.cost + _GROUP_COST)
        if code is op.ATOMIC_GROUP:
            return self.sequence(list(argument), follow)
        if code is op.BRANCH:
            return self._branch(argument[1], follow)
        if code is op.AT:
            return _Part(0, True, 1, 1)
        if code in (op.GROUPREF, op.GROUPREF_EXISTS):
            raise BadPattern("refers back to a group, which is not taken")
        if code in (op.ASSERT, op.ASSERT_NOT):
            raise BadPattern("looks ahead or behind, which is not taken")
        return _Part(self._characters(code, argument), False, 1, 1)

    def _repeat(self, argument: tuple[int, int, Any], follow: int) -> _Part:
        least, most, items = argument
        most = min(int(most), MAX_TEXT_CHARS)
        least = min(int(least), most)
        if most == 0:
            return _Part(0, True, 1, 1)
        body = self.sequence(list(items), follow)
        if most > 1:
            body = self.sequence(list(items), follow | body.first)
        if body.ways > 1 or body.nullable:
            # Each round doubles the ways, at least.
            rounds = _power(max(2, body.ways) if most > 1 else body.ways + 1, most)
            return _Part(body.first, least == 0 or body.nullable, rounds, _bounded(rounds * body.cost))
        stops = most - least + 1 if body.first & follow else 1
        if len(items) > 1 or items[0][0] in _CONTAINERS:
            body = body._replace(cost=body.cost + _ROUND_COST)
        return _Part(body.first, least == 0, stops, most * max(1, body.cost))

    def _branch(self, alternatives: list[Any], follow: int) -> _Part:
        parts = [self.sequence(list(alternative), follow) for alternative in alternatives]
        taken, overlap = 0, False
        for part in parts:
            begins = part.first | follow if part.nullable else part.first
            overlap = overlap or bool(taken & begins)
            taken |= begins
        ways = sum(part.ways for part in parts) if overlap else max(part.ways for part in parts)
        first = 0
        for part in parts:
            first |= part.first
        return _Part(first, any(part.nullable for part in parts), ways, sum(part.cost for part in parts))

    # characters

    def _characters(self, code: Any, argument: Any) -> int:
        if code is op.ANY or code is op.ANY_ALL:
            return _ANY
        if code is op.LITERAL:
            return self._range(argument, argument)
        if code is op.NOT_LITERAL:
            return _but(self._range(argument, argument))
        if code is op.IN:
            return self._set(argument)
        raise BadPattern(f"uses what is not taken: {str(code).lower()}")

    def _set(self, items: list[tuple[Any, Any]]) -> int:
        negated, found = False, 0
        for code, argument in items:
            if code is op.NEGATE:
                negated = True
            elif code is op.RANGE:
                found |= self._range(*argument)
            elif code is op.CATEGORY:
                found |= _CATEGORIES[argument]
            else:
                found |= self._characters(code, argument)
        return _but(found) if negated else found

    def _range(self, low: int, high: int) -> int:
        bits = 0
        if high > 127:
            bits = _kind_of_other(chr(low)) if low == high else _OTHER
        if low <= 127:
            bits |= (1 << (min(high, 127) + 1)) - (1 << low)
        if self._ignore_case:
            letters = [c for c in range(65, 123) if bits >> c & 1 and chr(c).isalpha()]
            for c in letters:
                bits |= 1 << ord(chr(c).swapcase())
            if letters:  # k is the lower case of the Kelvin sign, too
                bits |= _OTHER_LETTERS
            elif bits & _OTHER_LETTERS:
                bits |= _LETTERS
        return bits


def _but(found: int) -> int:
    """What a set leaves over: beyond ASCII always something of every kind."""
    return (_ASCII & ~found) | _OTHER


def _kind_of_other(character: str) -> int:
    if character.isdecimal():
        return _OTHER_DIGITS
    if character.isalnum():
        return _OTHER_LETTERS
    return _OTHER_SPACES if character.isspace() else _OTHER_SIGNS


def _ascii_where(test: Any) -> int:
    return sum(1 << c for c in range(128) if test(chr(c)))


_DIGITS = _ascii_where(str.isdigit)
_SPACES = _ascii_where(str.isspace)
_LETTERS = _ascii_where(str.isalpha)
_WORDS = _ascii_where(lambda c: c.isalnum() or c == "_")
_CATEGORIES = {
    op.CATEGORY_DIGIT: _DIGITS | _OTHER_DIGITS,
    op.CATEGORY_NOT_DIGIT: _but(_DIGITS),
    op.CATEGORY_SPACE: _SPACES | _OTHER_SPACES,
    op.CATEGORY_NOT_SPACE: _but(_SPACES),
    op.CATEGORY_WORD: _WORDS | _OTHER_LETTERS | _OTHER_DIGITS,
    op.CATEGORY_NOT_WORD: _but(_WORDS),
}


def _anchored(items: Any, *, multiline: bool) -> bool:
    """Whether it can begin to match at the start of the text only."""
    for code, argument in items:
        if code is op.AT:
            if argument is op.AT_BEGINNING_STRING or (argument is op.AT_BEGINNING and not multiline):
                return True
            continue
        if code is op.SUBPATTERN:
            inner = multiline or bool(argument[1] & re.MULTILINE)
            return _anchored(argument[3], multiline=inner)
        if code is op.BRANCH:
            return all(_anchored(alternative, multiline=multiline) for alternative in argument[1])
        return False
    return False


def _stride(items: Any) -> int:
    """How far two beginnings are apart, at least: as far as the text it begins with can overlap itself."""
    prefix = []
    for code, argument in items:
        if code is not op.LITERAL:
            break
        prefix.append(chr(argument).casefold())
    return next((step for step in range(1, len(prefix)) if prefix[step:] == prefix[:-step]), max(1, len(prefix)))


def _without_open_end(items: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """A repetition at the very end is done as soon as it has its least: whatever it takes beyond, it matches."""
    if items and items[-1][0] in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        code, (least, _, body) = items[-1]
        return [*items[:-1], (code, (least, least, body))]
    return items


def _bounded(number: int) -> int:
    """Numbers beyond what is taken need no exact value."""
    return min(number, _MAX_COST + 1)


def _power(base: int, exponent: int) -> int:
    result = 1
    for _ in range(exponent):
        result = _bounded(result * base)
        if result > _MAX_COST:
            break
    return result
