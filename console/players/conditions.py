"""Conditions: the documented tree of AND, OR and comparisons, read once and checked whole.

What is read is data: how it is put to a player is `matching`'s. Nothing here imports the evaluator.
"""

import math
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Literal

from console.patterns import BadPattern, compile_pattern
from console.players.definitions import InvalidDefinition
from console.players.fields import STAGES, Field, Kind, as_instant, field_named
from console.players.values import MAX_INT, MIN_INT, kind_of

MAX_DEPTH: Final = 10
MAX_COMPARISONS: Final = 200
MAX_LISTED: Final = 1_000
MAX_TEXT_CHARS: Final = 1_000
MAX_SPAN_DAYS: Final = 3_660

# The evaluator's names. What is missing here is composed of them.
_ORDERED: Final = {">": "$gt", ">=": "$gte", "<": "$lt", "<=": "$lte"}
_SIMPLE: Final = {"==": "$eq", "!=": "$ne", **_ORDERED, "in": "$in", "not_in": "$nin"}
_ON_TEXT: Final = ("contains", "starts_with", "ends_with", "matches", "contains_any", "contains_all")
_EQUAL: Final = ("==", "!=", "in", "not_in")

OPERATORS: Final = (*_SIMPLE, *_ON_TEXT, "within_last")
OPERATORS_OF: Final[dict[Kind, tuple[str, ...]]] = {
    "text": (*_EQUAL, *_ON_TEXT),
    "stage": _EQUAL,
    "number": tuple(_SIMPLE),
    "boolean": ("==", "!="),
    "time": (*_SIMPLE, "within_last"),
    "any": OPERATORS,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field against one value.

    `query` is the evaluator's operator, `operand` what it compares with. Where an attribute holds an instant,
    `instants` is compared with instead; where it holds text, `patterns` are searched. `of_parts` asks for what text or
    a list is made of: anything else has no parts. `span_us` is how far back `within_last` reaches.
    """

    path: str
    field: Field
    operator: str
    value: Any
    query: str = ""
    operand: Any = None
    instants: Any = None
    patterns: tuple[re.Pattern[str], ...] = ()
    of_parts: bool = False
    span_us: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions of which all or one must hold."""

    path: str
    operator: Literal["AND", "OR"]
    parts: tuple["Condition", ...]


Condition = Comparison | Group


def parse_conditions(tree: object, path: str) -> Condition:
    """Read a condition. `path` is where it stands in its definition. Raises InvalidDefinition."""
    return _Reader().condition(tree, path, 1)


class _Reader:
    def __init__(self) -> None:
        self._comparisons = 0

    def condition(self, node: object, path: str, depth: int) -> Condition:
        if type(node) is not dict:
            raise InvalidDefinition(path, f"a condition is an object, not {kind_of(node)}")
        if "conditions" in node:
            return self._group(node, path, depth)
        if "field" in node:
            self._comparisons += 1
            if self._comparisons > MAX_COMPARISONS:
                raise InvalidDefinition(path, f"there are more than {MAX_COMPARISONS} comparisons")
            return _comparison(node, path)
        raise InvalidDefinition(
            path, 'expected {"field", "operator", "value"} or {"operator": "AND" or "OR", "conditions": […]}'
        )

    def _group(self, node: dict[Any, Any], path: str, depth: int) -> Group:
        _check_keys(node, ("operator", "conditions"), path)
        operator = node.get("operator")
        if operator not in ("AND", "OR"):
            raise InvalidDefinition(
                f"{path}.operator", f"conditions are joined by AND or OR, not by {_short(operator)}"
            )
        parts = node["conditions"]
        if type(parts) is not list:
            raise InvalidDefinition(f"{path}.conditions", f"expected an array, got {kind_of(parts)}")
        if not parts:
            raise InvalidDefinition(f"{path}.conditions", "is empty: at least one condition is needed")
        if depth >= MAX_DEPTH:
            raise InvalidDefinition(path, f"conditions are nested deeper than {MAX_DEPTH} levels")
        found = tuple(self.condition(part, f"{path}.conditions[{i}]", depth + 1) for i, part in enumerate(parts))
        return Group(path, operator, found)


def _comparison(node: dict[Any, Any], path: str) -> Comparison:
    _check_keys(node, ("field", "operator", "value"), path)
    field = field_named(node["field"], f"{path}.field")
    operator = node.get("operator")
    if type(operator) is not str or operator not in OPERATORS:
        raise InvalidDefinition(f"{path}.operator", _unknown_operator(operator))
    if operator not in OPERATORS_OF[field.kind]:
        raise InvalidDefinition(
            f"{path}.operator",
            f"{field.name} is {_KIND_WORDS[field.kind]}: {operator} cannot be asked of it, "
            f"but {' '.join(OPERATORS_OF[field.kind])} can",
        )
    if "value" not in node:
        raise InvalidDefinition(path, "the value is missing")
    value, where = node["value"], f"{path}.value"
    if operator == "within_last":
        return Comparison(path, field, operator, value, span_us=_span_us(value, where))
    if operator in _ON_TEXT:
        return _on_text(path, field, operator, value, where)
    return _simple(path, field, operator, value, where)


# comparisons of whole values


def _simple(path: str, field: Field, operator: str, value: object, where: str) -> Comparison:
    query = _SIMPLE[operator]
    if operator in ("in", "not_in"):
        operand: Any = [
            _operand(item, field, operator, f"{where}[{i}]") for i, item in enumerate(_listed(value, where))
        ]
        instants: Any = [_or_instant(item) for item in operand] if field.kind == "any" else None
        if instants == operand:
            instants = None
    else:
        operand = _operand(value, field, operator, where)
        instants = as_instant(operand) if field.kind == "any" and type(operand) is str else None
    return Comparison(path, field, operator, value, query, operand, instants)


def _or_instant(item: Any) -> Any:
    instant = as_instant(item) if type(item) is str else None
    return item if instant is None else instant


def _operand(value: object, field: Field, operator: str, where: str) -> Any:
    """The value as it is compared: one that the field can have."""
    _check_scalar(value, where)
    if operator in _ORDERED and (value is None or type(value) is bool):
        raise InvalidDefinition(where, f"{operator} compares numbers, times and text, not {kind_of(value)}")
    if field.kind == "any" or (value is None and field.kind == "text"):
        return value
    if field.kind == "time":
        instant = as_instant(value) if type(value) is str else None
        if instant is None:
            raise InvalidDefinition(
                where, f"{field.name} is a time: expected ISO 8601 text like 2026-02-12T10:00:00Z, got {_short(value)}"
            )
        return instant
    if field.kind == "stage" and value not in STAGES:
        raise InvalidDefinition(where, f"{field.name} is one of {', '.join(STAGES)}, never {_short(value)}")
    if not isinstance(value, _PYTHON_TYPES[field.kind]) or (field.kind == "number" and type(value) is bool):
        raise InvalidDefinition(where, f"{field.name} is {_KIND_WORDS[field.kind]}, and never {_short(value)}")
    return value


_KIND_WORDS: Final[dict[Kind, str]] = {
    "text": "text",
    "stage": "a stage",
    "number": "a number",
    "boolean": "true or false",
    "time": "a time",
    "any": "an attribute",
}
_PYTHON_TYPES: Final[dict[Kind, type | tuple[type, ...]]] = {
    "text": str,
    "stage": str,
    "number": (int, float),
    "boolean": bool,
}


# comparisons of parts


def _on_text(path: str, field: Field, operator: str, value: object, where: str) -> Comparison:
    if operator in ("contains", "contains_any", "contains_all"):
        parts = [value] if operator == "contains" else _listed(value, where)
        for i, item in enumerate(parts):
            _check_part(item, field, where if operator == "contains" else f"{where}[{i}]")
        texts = [item for item in parts if type(item) is str]
        # Text contains no number: then not all of the parts are in it.
        searched = [] if operator == "contains_all" and len(texts) < len(parts) else texts
        patterns = tuple(re.compile(re.escape(text)) for text in searched)
        query = "$in" if operator == "contains_any" else "$all"
        return Comparison(path, field, operator, value, query, parts, None, patterns, of_parts=True)
    if type(value) is not str:
        raise InvalidDefinition(where, f"{operator} needs text, not {kind_of(value)}")
    _check_part(value, field, where)
    if operator == "matches":
        try:
            pattern = compile_pattern(value)
        except BadPattern as error:
            raise InvalidDefinition(where, str(error)) from None
    else:
        escaped = re.escape(value)
        pattern = re.compile(rf"\A{escaped}" if operator == "starts_with" else rf"{escaped}\Z")
    # A list has no beginning or end that is text: without parts to compare it with, it never passes.
    return Comparison(path, field, operator, value, "$in", [], None, (pattern,), of_parts=True)


def _check_part(value: object, field: Field, where: str) -> None:
    _check_scalar(value, where)
    if value is None or value == "":
        raise InvalidDefinition(where, "is empty")
    if field.kind == "text" and type(value) is not str:
        raise InvalidDefinition(where, f"{field.name} is text: it cannot contain {kind_of(value)}")


_SPAN = re.compile(r"([0-9]{1,6})([mhdw])")
_UNITS_US: Final = {"m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000, "w": 604_800_000_000}


def _span_us(value: object, where: str) -> int:
    match = _SPAN.fullmatch(value) if type(value) is str else None
    if match is None:
        raise InvalidDefinition(where, f"expected a span like 30d, 12h, 45m or 2w, got {_short(value)}")
    span = int(match[1]) * _UNITS_US[match[2]]
    if not 0 < span <= MAX_SPAN_DAYS * _UNITS_US["d"]:
        raise InvalidDefinition(where, f"a span is more than 0 and at most {MAX_SPAN_DAYS:,} days")
    return span


# what stands anywhere


def _listed(value: object, where: str) -> list[Any]:
    if type(value) is not list:
        raise InvalidDefinition(where, f"expected an array, got {kind_of(value)}")
    if not value:
        raise InvalidDefinition(where, "is empty: at least one value is needed")
    if len(value) > MAX_LISTED:
        raise InvalidDefinition(where, f"has {len(value):,} values: at most {MAX_LISTED:,} are taken")
    return value


def _check_scalar(value: object, where: str) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        if len(value) > MAX_TEXT_CHARS:
            raise InvalidDefinition(where, f"is longer than {MAX_TEXT_CHARS:,} characters")
    elif isinstance(value, int):
        if not MIN_INT <= value <= MAX_INT:
            raise InvalidDefinition(where, "does not fit in 64 bits")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidDefinition(where, "is not a finite number")
    else:
        raise InvalidDefinition(where, f"expected text, a number, true, false or null, got {kind_of(value)}")


def _check_keys(node: dict[Any, Any], known: tuple[str, ...], path: str) -> None:
    for key in node:
        if key not in known:
            raise InvalidDefinition(path, f"unknown key {_short(key)}: expected {', '.join(known)}")


def _unknown_operator(operator: object) -> str:
    if operator is None:
        return "the operator is missing"
    close = get_close_matches(str(operator)[:20].lower().replace(" ", "_"), OPERATORS, n=1) if operator else []
    hint = f"did you mean {close[0]}?" if close else f"there are {' '.join(OPERATORS)}"
    return f"there is no operator {_short(operator)}: {hint}"


def _short(value: object) -> str:
    text = "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
