"""Regular expressions of filters, written again so that Python and RE2, which the event store has, agree on them.

They differ in what `$`, a point, `\\b` and the classes of characters take. Here the classes are ASCII's, `$` is the end
of the text, and a point is any character but the end of a line: both can be told so. RE2 repeats at most 1,000 times.
"""

import re
from re import _constants as op  # type: ignore[attr-defined]
from typing import Any, Final

from console.patterns import BadPattern, checked_tree
from console.telemetry.filter_tree import Pattern

_MAX_REPEAT: Final = 1_000
_CATEGORIES: Final = {
    op.CATEGORY_DIGIT: "0-9",
    op.CATEGORY_SPACE: r"\x{9}-\x{d}\x{20}",
    op.CATEGORY_WORD: "0-9A-Z_a-z",
}
_NEGATED: Final = {
    op.CATEGORY_NOT_DIGIT: r"\x{0}-\x{2f}\x{3a}-\x{10ffff}",
    op.CATEGORY_NOT_SPACE: r"\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{10ffff}",
    op.CATEGORY_NOT_WORD: r"\x{0}-\x{2f}\x{3a}-\x{40}\x{5b}-\x{5e}\x{60}\x{7b}-\x{10ffff}",
}
_HEX: Final = re.compile(r"\\x\{([0-9a-f]+)\}")


def portable_pattern(source: str) -> Pattern:
    """The pattern for both. Raises BadPattern for one that may take long, or that RE2 does not have."""
    tree = checked_tree(source)
    if tree.state.flags & (re.MULTILINE | re.DOTALL | re.VERBOSE | re.LOCALE):
        raise BadPattern("has a flag that is not taken: of the flags there is only (?i)")
    portable = _write(list(tree), 1)
    if tree.state.flags & re.IGNORECASE:
        portable = f"(?i){portable}"
    python = _HEX.sub(lambda match: f"\\U{int(match[1], 16):08x}", portable)
    python = python.replace(r"\z", r"\Z").replace(r"\b", r"(?a:\b)")
    re.compile(python)
    return Pattern(source, python, portable)


def _write(items: list[tuple[Any, Any]], rounds: int) -> str:
    return "".join(_part(code, argument, rounds) for code, argument in items)


def _part(code: Any, argument: Any, rounds: int) -> str:
    if code is op.LITERAL:
        return _character(argument)
    if code is op.NOT_LITERAL:
        return f"[^{_character(argument)}]"
    if code is op.ANY:
        return r"[^\x{a}]"
    if code is op.IN:
        return _set(argument)
    if code is op.BRANCH:
        return "(?:" + "|".join(_write(list(alternative), rounds) for alternative in argument[1]) + ")"
    if code is op.SUBPATTERN:
        _, added, removed, body = argument
        if added & ~re.IGNORECASE or removed:
            raise BadPattern("has a flag that is not taken: of the flags there is only (?i)")
        return ("(?i:" if added else "(?:") + _write(list(body), rounds) + ")"
    if code in (op.MAX_REPEAT, op.MIN_REPEAT):
        return _repeat(argument, rounds, lazy=code is op.MIN_REPEAT)
    if code is op.AT:
        return _place(argument)
    raise BadPattern("uses what the event store does not have: possessive or atomic groups, looking around")


def _repeat(argument: tuple[Any, Any, Any], rounds: int, *, lazy: bool) -> str:
    least, most, items = argument
    counted = int(least) if most is op.MAXREPEAT else int(most)
    if rounds * max(1, counted) > _MAX_REPEAT:
        raise BadPattern(f"repeats something more than {_MAX_REPEAT:,} times")
    body = f"(?:{_write(list(items), rounds * max(1, counted))})"
    times = f"{{{int(least)},}}" if most is op.MAXREPEAT else f"{{{int(least)},{int(most)}}}"
    return body + times + ("?" if lazy else "")


def _place(code: Any) -> str:
    if code in (op.AT_BEGINNING, op.AT_BEGINNING_STRING):
        return r"\A"
    if code in (op.AT_END, op.AT_END_STRING):
        return r"\z"
    if code is op.AT_BOUNDARY:
        return r"\b"
    raise BadPattern(r"uses \B, which no two engines take alike")


def _set(items: list[tuple[Any, Any]]) -> str:
    written = ""
    for code, argument in items:
        if code is op.NEGATE:
            written += "^"
        elif code is op.RANGE:
            written += f"{_character(argument[0])}-{_character(argument[1])}"
        elif code is op.CATEGORY:
            written += _CATEGORIES.get(argument) or _NEGATED[argument]
        else:
            written += _character(argument)
    return f"[{written}]"


def _character(code: int) -> str:
    if 0xD800 <= code <= 0xDFFF:
        raise BadPattern("names half a character (a surrogate)")
    character = chr(code)
    return character if character.isascii() and character.isalnum() else f"\\x{{{code:x}}}"
