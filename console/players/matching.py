"""Puts a condition to a player: one way for the answer and for its explanation.

Without a trace it stops as soon as the answer is known; with one it compares everything and notes each comparison.
"""

from typing import Any

from console.patterns import MAX_TEXT_CHARS
from console.players.conditions import Comparison, Condition, Group
from console.players.definitions import Check
from console.players.engine import compare
from console.players.fields import Facts, as_instant
from console.players.instants import iso_text

_MAX_SHOWN_CHARS = 80


def holds(condition: Condition, facts: Facts, trace: list[Check] | None = None, prefix: str = "") -> bool:
    """Whether a player meets a condition. `prefix` stands before the paths that are noted."""
    if isinstance(condition, Comparison):
        actual = condition.field.read(facts)
        passed = _passes(condition, actual, facts.now_us)
        if trace is not None:
            trace.append(_check(condition, actual, passed, prefix))
        return passed
    wanted = condition.operator == "OR"
    if trace is None:
        for part in condition.parts:
            if holds(part, facts) is wanted:
                return wanted
        return not wanted
    at = len(trace)
    answers = [holds(part, facts, trace, prefix) for part in condition.parts]
    passed = any(answers) if wanted else all(answers)
    trace.insert(at, _group_check(condition, answers, passed, prefix))
    return passed


def _passes(asked: Comparison, actual: Any, now_us: int) -> bool:
    if asked.span_us is not None:
        instant = actual if asked.field.kind == "time" else as_instant(actual) if type(actual) is str else None
        return compare("$gte", instant, now_us - asked.span_us) and compare("$lte", instant, now_us)
    if type(actual) is str:
        if asked.patterns:
            text = actual[:MAX_TEXT_CHARS] if asked.operator == "matches" else actual
            found = (compare("$regex", text, pattern) for pattern in asked.patterns)
            return all(found) if asked.operator == "contains_all" else any(found)
        if asked.instants is not None:
            instant = as_instant(actual)
            return compare(asked.query, actual if instant is None else instant, asked.instants)
    if asked.of_parts and type(actual) is not list:
        return False
    return compare(asked.query, actual, asked.operand)


# in words


def _check(asked: Comparison, actual: Any, passed: bool, prefix: str) -> Check:
    shown = iso_text(actual) if asked.field.kind == "time" else actual
    if type(shown) is float:
        shown = round(shown, 4)
    return Check(
        what="condition",
        path=prefix + asked.path,
        passed=passed,
        text=f"{asked.field.name} is {in_words(shown)}; asked: {asked.operator} {in_words(asked.value)}",
        field=asked.field.name,
        operator=asked.operator,
        expected=asked.value,
        actual=shown,
    )


def _group_check(group: Group, answers: list[bool], passed: bool, prefix: str) -> Check:
    needed = "one is enough" if group.operator == "OR" else "all are needed"
    return Check(
        what="group",
        path=prefix + group.path,
        passed=passed,
        text=f"{sum(answers)} of {len(answers)} hold; {needed}",
        operator=group.operator,
    )


def in_words(value: Any) -> str:
    """A value for a sentence: as JSON writes it, cut when it is long."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"“{_cut(value)}”"
    if isinstance(value, list):
        shown = [in_words(item) for item in value[:8]]
        more = [f"… {len(value) - 8} more"] if len(value) > 8 else []
        return f"[{', '.join(shown + more)}]"
    return _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN_CHARS else text[: _MAX_SHOWN_CHARS - 1] + "…"
