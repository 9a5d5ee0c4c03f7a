"""A filter as a condition of the event store's SQL: the same answers as `console.telemetry.filter_predicate` gives.

Whatever the person wrote is a bound parameter; the text of the condition is made of the words in here alone. The
condition is never NULL, and stands where `e` is a row of events.
"""

from typing import Any, Final

from console.patterns import MAX_TEXT_CHARS
from console.storage.bound_lists import bound_list, list_sql
from console.telemetry.filter_fields import KIND_WORDS, LATE_US
from console.telemetry.filter_predicate import fold, predicate_of
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
from console.telemetry.filters import Facts, Filter

# Beyond the years that a TIMESTAMP has, there are no events.
_MAX_TIME_US: Final = 9 * 10**18

_LEVEL: Final = (
    "coalesce(e.level_id, CASE e.kind WHEN 3 THEN"
    " (SELECT any_value(nullif(p.level, '(unassigned)')) FROM placed_trajectories p WHERE p.seq = e.seq)"
    " WHEN 4 THEN NULL ELSE (SELECT any_value(a.level_id) FROM assigned_sessions a"
    " WHERE a.app_id = e.app_id AND a.session_id = e.session_id) END, '')"
)


def _of_trajectory(column: str) -> str:
    return f"(SELECT any_value(t.{column}) FROM trajectories t WHERE t.seq = e.seq)"  # noqa: S608  # constants


_TEXTS: Final = {
    "event": "e.name",
    "app": "e.app_id",
    "build": "e.build_id",
    "player": "e.player_id",
    "session": "coalesce(e.session_id, '')",
    "level": _LEVEL,
    "input": "coalesce(e.input, '')",
    "status": f"coalesce({_of_trajectory('status')}, '')",
    "ip": "e.peer",
    "route": "e.route",
}
_NUMBERS: Final = {
    "x": "e.x",
    "y": "e.y",
    "z": "e.z",
    "fps.mean": _of_trajectory("fps_mean"),
    "fps.low_5": _of_trajectory("fps_low_5"),
    "fps.low_1": _of_trajectory("fps_low_1"),
}
_PAYLOADS: Final = {"custom_data": "e.custom_data", "hardware": "e.hardware"}


class Condition:
    """The SQL and its parameters, named `filter_0`, `filter_1`, … . `bookmarked` are sequence numbers of events."""

    def __init__(self, wanted: Filter, bookmarked: list[int]) -> None:
        self.parameters: dict[str, Any] = {}
        self._bookmarked = bookmarked
        self.sql = self._node(wanted.tree)

    def _bind(self, value: Any, kind: str) -> str:
        name = f"filter_{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}::{kind}"

    def _node(self, node: Node) -> str:
        if isinstance(node, Everything):
            return "TRUE"
        if isinstance(node, (And, Or)):
            joined = (" AND " if isinstance(node, And) else " OR ").join(self._node(part) for part in node.parts)
            return f"({joined})"
        if isinstance(node, Not):
            return f"(NOT {self._node(node.part)})"
        if isinstance(node, Flag):
            return self._flag(node.name)
        if isinstance(node, Anywhere):
            return self._anywhere(node)
        return f"coalesce({self._compare(node)}, FALSE)"

    def _flag(self, name: str) -> str:
        if name == "late":
            return f"(epoch_us(e.received_at) - epoch_us(e.time) > {LATE_US})"
        if name == "bookmarked" and self._bookmarked:
            name = f"filter_{len(self.parameters)}"
            self.parameters[name] = bound_list(self._bookmarked)
            return f"(e.seq IN (SELECT unnest({list_sql(name, 'BIGINT')})))"
        return "FALSE"  # what was rejected is not stored

    def _compare(self, node: Compare) -> str:
        name = node.field.name
        if node.field.kind == "payload":
            return self._payload(_PAYLOADS[name], node)
        if node.field.kind == "word":
            matches = predicate_of(node)
            kinds = [int(kind) for word, kind in KIND_WORDS.items() if matches(Facts(kind=word))]
            return f"e.kind IN ({', '.join(map(str, kinds))})" if kinds else "FALSE"
        if node.field.kind == "time":
            return self._time(node.test)
        if node.field.kind == "number":
            return self._number(_NUMBERS[name], node.test)
        return self._text(_TEXTS[name], node.test)

    def _text(self, column: str, test: Test) -> str:
        if isinstance(test, Exists):
            return f"{column} <> ''"
        if isinstance(test, Bounds):
            return self._bounds(column, test, "VARCHAR")
        return self._string(column, test)

    def _string(self, column: str, test: Term | Wildcard | Pattern) -> str:
        if isinstance(test, Term):
            return f"{column} = {self._bind(test.text, 'VARCHAR')}"
        if isinstance(test, Wildcard):
            return f"regexp_matches({column}, {self._bind(_wildcard(test, whole=True), 'VARCHAR')})"
        return self._search(column, test)

    def _search(self, column: str, test: Pattern) -> str:
        return f"regexp_matches(left({column}, {MAX_TEXT_CHARS}), {self._bind(test.portable, 'VARCHAR')})"

    def _number(self, column: str, test: Test) -> str:
        if isinstance(test, Bounds):
            return self._bounds(column, test, "DOUBLE")
        return f"{column} IS NOT NULL"

    def _time(self, test: Test) -> str:
        if not isinstance(test, Bounds):
            return "TRUE"
        low, high = (
            None if bound is None else max(-_MAX_TIME_US, min(int(bound), _MAX_TIME_US))
            for bound in (test.low, test.high)
        )
        return self._bounds("e.time", Bounds(low, high, test.with_low, test.with_high), "BIGINT", "make_timestamp")

    def _bounds(self, column: str, test: Bounds, kind: str, function: str = "") -> str:
        parts = [f"{column} IS NOT NULL"]
        if test.low is not None:
            parts.append(f"{column} {'>=' if test.with_low else '>'} {function}({self._bind(test.low, kind)})")
        if test.high is not None:
            parts.append(f"{column} {'<=' if test.with_high else '<'} {function}({self._bind(test.high, kind)})")
        return f"({' AND '.join(parts)})"

    # what is in JSON

    def _payload(self, column: str, node: Compare) -> str:
        path = "$" + "".join('."' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' for name in node.path)
        found = f"json_extract({column}, {self._bind(path, 'VARCHAR')})"
        if isinstance(node.test, Exists):
            return f"json_type({found}) <> 'NULL'"
        values = f"CASE json_type({found}) WHEN 'ARRAY' THEN {found}::JSON[] ELSE [{found}] END"
        return f"len(list_filter({values}, lambda v: coalesce({self._value(node.test)}, FALSE))) > 0"

    def _value(self, test: Test) -> str:
        """Of one JSON value `v`."""
        text = "(json_type(v) = 'VARCHAR' AND {})"
        number = "(json_type(v) IN ('BIGINT', 'UBIGINT', 'DOUBLE') AND {})"
        if isinstance(test, Bounds):
            if isinstance(test.low, str) or isinstance(test.high, str):
                return text.format(self._bounds("(v ->> '$')", test, "VARCHAR"))
            return number.format(self._bounds("TRY_CAST(v AS DOUBLE)", test, "DOUBLE"))
        if isinstance(test, Exists):
            return "json_type(v) <> 'NULL'"
        parts = [text.format(self._string("(v ->> '$')", test))]
        if isinstance(test, Term) and test.number is not None:
            parts.append(number.format(f"TRY_CAST(v AS DOUBLE) = {self._bind(test.number, 'DOUBLE')}"))
        if isinstance(test, Term) and test.text in ("true", "false"):
            parts.append(f"(json_type(v) = 'BOOLEAN' AND (v ->> '$') = {self._bind(test.text, 'VARCHAR')})")
        return " OR ".join(parts)

    # text anywhere

    def _anywhere(self, node: Anywhere) -> str:
        matches = predicate_of(node)
        kinds = [int(kind) for word, kind in KIND_WORDS.items() if matches(Facts(kind=word))]
        found = [f"e.kind IN ({', '.join(map(str, kinds))})"] if kinds else []
        test = node.test
        columns = [*_TEXTS.values(), *_PAYLOADS.values()]
        if isinstance(test, Term):
            wanted = self._bind(fold(test.text), "VARCHAR")
            found += [f"contains(lower({column}), {wanted})" for column in columns]
        elif isinstance(test, Wildcard):
            wanted = self._bind(_wildcard(test, whole=False), "VARCHAR")
            found += [f"regexp_matches(lower({column}), {wanted})" for column in columns]
        else:
            wanted = self._bind(test.portable, "VARCHAR")
            found += [f"regexp_matches(left(nullif({column}, ''), {MAX_TEXT_CHARS}), {wanted})" for column in columns]
        return f"coalesce({' OR '.join(found)}, FALSE)"


def _wildcard(test: Wildcard, *, whole: bool) -> str:
    """As RE2 reads it; for a part of folded text, when not for the whole."""
    written = ""
    for piece, wild in test.pieces:
        if wild:
            written += ".*" if piece == "*" else "."
        else:
            text = piece if whole else fold(piece)
            written += "".join(f"\\x{{{ord(character):x}}}" for character in text)
    return rf"(?s)\A{written}\z" if whole else f"(?s){written}"
