"""Terms of the filter language, as menus write them: a field's value, and how it joins what is there. Pure."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from console.telemetry.filter_tree import And, Node
from console.telemetry.filters import Filter, Scope, parse, quoted

How = Literal["only", "and", "not", "or"]

MAX_VALUE_CHARS: Final = 500
# What needs no quotes: no sign of the language anywhere, and neither a path nor a range can begin with it.
_BARE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*", re.ASCII)
_WORDS: Final = frozenset({"AND", "OR", "NOT", "TO"})
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def written(value: str) -> str:
    """A value as a filter writes it: with quotes where it needs them."""
    return value if _BARE.fullmatch(value) and value.upper() not in _WORDS else quoted(value)


def term(field: str, value: str) -> str:
    """The term that finds exactly this value; no value is a value too. "" for what a line cannot hold."""
    if not value:
        return f"-{field}:*"
    if len(value) > MAX_VALUE_CHARS or not value.isprintable():
        return ""
    return f"{field}:{written(value)}"


def number_term(field: str, value: float | None) -> str:
    """The term that finds exactly this number."""
    return f"-{field}:*" if value is None else term(field, repr(value))


def instant(time_us: int) -> str:
    """A time as a filter writes it, exact to the microsecond, in UTC."""
    at = _EPOCH + timedelta(microseconds=time_us)
    return quoted(at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


def negated(found: str) -> str:
    """The opposite of a term."""
    return found[1:] if found.startswith("-") else f"-{found}"


def joined(text: str, found: str, how: How, scope: Scope) -> str:
    """A filter's text with a term more. A text that cannot be read is replaced."""
    there = parse(text, scope)
    if how == "only" or not isinstance(there, Filter) or there.is_empty:
        return negated(found) if how == "not" else found
    text = text.strip()
    if how != "or":
        found = negated(found) if how == "not" else found
        plain, safe = parse(f"{text} {found}", scope), parse(f"({text}) {found}", scope)
        # A sign behind OR is read as a part of it: `a OR b -c` needs parentheses, most texts do not.
        same = isinstance(plain, Filter) and isinstance(safe, Filter) and _flat(plain.tree) == _flat(safe.tree)
        return f"{text} {found}" if same else f"({text}) {found}"
    # Or binds tighter than terms side by side.
    return f"({text}) OR {found}" if isinstance(there.tree, And) else f"{text} OR {found}"


def _flat(tree: Node) -> list[Node]:
    """What must all match, however it is grouped."""
    return [part for inner in tree.parts for part in _flat(inner)] if isinstance(tree, And) else [tree]


def escaped_path(path: str) -> str:
    """Names joined by points, as the recording knows them, with signs of the language escaped."""
    return "".join(f"\\{sign}" if sign in _SIGNS else sign for sign in path)


_SIGNS: Final = frozenset('\\ :()[]{}"^~<>/*?')
