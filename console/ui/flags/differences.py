"""What a change did to a definition, line by line. Pure."""

import difflib
import json
from dataclasses import dataclass
from typing import Any, Literal

from console.ui.widgets.json_text import pretty

Kind = Literal["same", "added", "removed", "gap"]
_CONTEXT = 3
# Kept by the server for every change, and so never what a person looks for.
_BOOKKEEPING = frozenset({"version", "created_at_us", "updated_at_us"})
_MAX_LINES = 4_000


@dataclass(frozen=True)
class Line:
    """One line of a difference."""

    kind: Kind
    text: str


def difference(before: str, after: str) -> list[Line]:
    """Lines of two JSON texts that differ, with three around them. Either text may be "" for nothing."""
    old, new = _lines(before), _lines(after)
    lines: list[Line] = []
    for tag, a, b, c, d in _joined(difflib.SequenceMatcher(None, old, new, autojunk=False), old, new):
        if tag == "equal":
            lines += _shortened([Line("same", text) for text in old[a:b]], first=a == 0, last=b == len(old))
        else:
            lines += [Line("removed", text) for text in old[a:b]]
            lines += [Line("added", text) for text in new[c:d]]
    return lines


def _joined(
    matcher: "difflib.SequenceMatcher[str]", old: list[str], new: list[str]
) -> list[tuple[str, int, int, int, int]]:
    if max(len(old), len(new)) > _MAX_LINES:  # the matcher takes the square of it
        return [("replace", 0, len(old), 0, len(new))]
    return [(tag, a, b, c, d) for tag, a, b, c, d in matcher.get_opcodes()]


def _shortened(lines: list[Line], *, first: bool, last: bool) -> list[Line]:
    head, tail = 0 if first else _CONTEXT, 0 if last else _CONTEXT
    if first and last:
        return lines
    hidden = len(lines) - head - tail
    if hidden < 2:
        return lines
    return [*lines[:head], Line("gap", f"… {hidden} lines as before"), *lines[len(lines) - tail :]]


def _lines(text: str) -> list[str]:
    if not text:
        return []
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return text.splitlines()
    if isinstance(value, dict):
        value = {key: part for key, part in value.items() if key not in _BOOKKEEPING}
    # Without the commas: a line would differ only because another one follows it now.
    return [line.removesuffix(",") for line in pretty(value)[0].splitlines()]
