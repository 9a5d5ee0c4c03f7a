"""The event store's questions: one SQL file each, its parameters declared in the comment at its head.

`-- $level_id text, required` declares a parameter. All others may be left out, and are NULL in the SQL then: the usual
form is `($app_id IS NULL OR app_id = $app_id)`. Types are text, text list, integer, float and float list (finite
numbers), and two that stand for the condition they are compiled to: filter, a `FilterParameter` as a map, of the
events `e`; and sessions, a map of application ids to lists of session ids, of the columns `app_id` and `session_id`.
Two applications may have equal session ids, so that a session id alone says nothing.

`-- include rated` stands for what several questions share: the file `queries/parts/rated.sql`. Parts may have parts.

`-- $strict integer, afterwards` declares one that the SQL does not use: it is for the function that works the answer
out of what SQL fetched, see `console.storage.worked_out`.
"""

import math
import re
from collections.abc import Mapping
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from console.storage.bound_lists import bound_list, list_sql
from console.storage.chosen_sessions import chosen_sessions
from console.storage.event_filters import Condition
from console.telemetry.filters import FilterProblem
from console.telemetry.filters import parse as parse_filter

_QUERIES = Path(__file__).parent / "queries"
_DECLARATION = re.compile(
    r"^-- \$(\w+) (text|text list|integer|float|float list|filter|sessions)(, required)?(, afterwards)?$", re.MULTILINE
)
_INCLUDE = re.compile(r"^ *-- include (\w+)$", re.MULTILINE)
_PARAMETER = re.compile(r"\$(\w+)")
# A NULL parameter has no type of its own.
_SQL_TYPES = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "float": "DOUBLE",
    "float list": "DOUBLE[]",
}
_MAX_INTEGER = 2**63 - 1


class InvalidQuery(Exception):
    """There is no such query, or its parameters are wrong. The text is for people."""


class UnknownQuery(InvalidQuery):
    """No query has this name: whoever asks is of another version maybe."""


class FilterParameter(Struct, frozen=True):
    """A filter of events, the microseconds that its `now` is, and the sequence numbers that are bookmarked."""

    text: str
    now_us: int = 0
    bookmarked: list[int] = []


class NamedQuery(Struct, frozen=True):
    """One question. `parameters` maps each name to its type; `sql` has them all cast."""

    name: str
    description: str
    sql: str
    parameters: dict[str, str]
    required: frozenset[str]
    afterwards: frozenset[str] = frozenset()

    def question(self, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The SQL, its filters compiled, and its parameters' values. Raises InvalidQuery."""
        values = {name: value for name, value in self.bind(given).items() if name not in self.afterwards}
        for name, value in values.items():
            if self.parameters[name] == "text list" and value is not None:
                values[name] = bound_list(value)
        sql = self.sql
        for name in [name for name in values if self.parameters[name] in _CONDITIONS]:
            condition, bound = _CONDITIONS[self.parameters[name]](values.pop(name))
            sql = sql.replace(_placeholder(name), condition)
            values |= bound
        return sql, values

    def bind(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Every parameter's value, None for those left out. Raises InvalidQuery."""
        for name in given:
            if name not in self.parameters:
                known = ", ".join(self.parameters) or "none"
                raise InvalidQuery(f"The query {self.name} has no parameter {name!r}; it knows {known}.")
        values = {name: given.get(name) for name in self.parameters}
        for name, value in values.items():
            if value is None:
                if name in self.required:
                    raise InvalidQuery(f"The query {self.name} needs the parameter {name!r}.")
            elif not _fits(value, self.parameters[name]):
                raise InvalidQuery(f"The parameter {name!r} of the query {self.name} must be: {self.parameters[name]}.")
        return values


@cache
def named_query(name: str) -> NamedQuery:
    """The question of that name. Raises UnknownQuery when there is none."""
    if name not in query_names():
        raise UnknownQuery(f"There is no query {name!r}.")
    return parse(name, _whole(_QUERIES / f"{name}.sql"))


def _whole(file: Path) -> str:
    return _INCLUDE.sub(lambda include: _whole(_QUERIES / "parts" / f"{include[1]}.sql"), file.read_text("utf-8"))


@cache
def query_names() -> frozenset[str]:
    """Every question that can be asked."""
    return frozenset(file.stem for file in _QUERIES.glob("*.sql"))


def parse(name: str, text: str) -> NamedQuery:
    """Read a query file. Raises InvalidQuery when its SQL and its declarations differ."""
    declared = {match[1]: match[2] for match in _DECLARATION.finditer(text)}
    required = frozenset(match[1] for match in _DECLARATION.finditer(text) if match[3])
    afterwards = frozenset(match[1] for match in _DECLARATION.finditer(text) if match[4])
    lines = text.splitlines()
    head = takewhile(lambda line: line.startswith("--"), lines)
    description = " ".join(line[3:] for line in head if not line.startswith("-- $"))
    body = "\n".join(line for line in lines if not line.lstrip().startswith("--"))
    if used := set(_PARAMETER.findall(body)) ^ (declared.keys() - afterwards):
        raise InvalidQuery(f"The query {name} declares and uses different parameters: {', '.join(sorted(used))}.")
    sql = _PARAMETER.sub(lambda match: _typed(match[1], declared[match[1]]), body)
    return NamedQuery(name, description, sql, declared, required, afterwards)


def _typed(name: str, kind: str) -> str:
    if kind == "text list":
        return list_sql(name, "VARCHAR")
    return _placeholder(name) if kind in _CONDITIONS else f"${name}::{_SQL_TYPES[kind]}"


def _placeholder(name: str) -> str:
    return f"$condition:{name}$"


def _compiled(given: Any) -> tuple[str, dict[str, Any]]:
    if given is None:
        return "TRUE", {}
    parameter = msgspec.convert(given, FilterParameter)
    found = parse_filter(parameter.text, now_us=parameter.now_us)
    if isinstance(found, FilterProblem):
        raise InvalidQuery(found.message)
    condition = Condition(found, parameter.bookmarked)
    return condition.sql, condition.parameters


_CONDITIONS = {"filter": _compiled, "sessions": chosen_sessions}


def _is_filter(value: Any) -> bool:
    try:
        msgspec.convert(value, FilterParameter)
    except msgspec.ValidationError:
        return False
    return True


def _is_finite(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _fits(value: Any, kind: str) -> bool:
    if kind == "integer":
        return type(value) is int and abs(value) <= _MAX_INTEGER
    if kind == "float":
        return _is_finite(value)
    if kind == "float list":
        return isinstance(value, (list, tuple)) and all(_is_finite(item) for item in value)
    if kind == "filter":
        return _is_filter(value)
    if kind == "sessions":
        return isinstance(value, Mapping) and all(isinstance(app, str) and _is_texts(value[app]) for app in value)
    return isinstance(value, str) if kind == "text" else _is_texts(value)


def _is_texts(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)
