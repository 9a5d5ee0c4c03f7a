"""Conditions: what is read, what is refused and where, and whom they let in."""

import re
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.players.conditions import (
    MAX_COMPARISONS,
    MAX_DEPTH,
    OPERATORS,
    OPERATORS_OF,
    Comparison,
    Condition,
    Group,
    parse_conditions,
)
from console.players.definitions import Check, InvalidDefinition
from console.players.fields import FIELD_KINDS, Facts, as_instant
from console.players.matching import holds, in_words
from console.players.profiles import Profile
from tests.players.made_profiles import on, played

ATTRIBUTES: dict[str, Any] = {
    "level": 45,
    "country": "US",
    "is_vip": True,
    "zero": 0,
    "ratio": 0.5,
    "tags": ["pvp", "beta", 7, True],
    "joined": "2026-02-01T12:00:00+02:00",
    "birthday": "1961-05-01",
    "nothing": None,
    "hardware": {"gpu": "NVIDIA GeForce RTX 4070", "cores": [4, 8]},
    "long": "x" * 5_000 + "needle",
}
PLAYER = played(
    *range(-20, 0),
    player_id="550e8400-e29b-41d4-a716-446655440000",
    external_id="player_123",
    email="alice@example.com",
    session_count=12,
    revenue_minor=499,
    purchases=1,
    attributes=ATTRIBUTES,
)
NOW = on(0)


def meets(field: str, operator: str, value: Any, player: Profile = PLAYER, now_us: int = NOW) -> bool:
    tree = {"field": field, "operator": operator, "value": value}
    return holds(parse_conditions(tree, "$"), Facts(player, now_us, "mid_core"))


@pytest.mark.parametrize(
    ("field", "operator", "value"),
    [
        ("id", "==", "550e8400-e29b-41d4-a716-446655440000"),
        ("external_id", "starts_with", "player_"),
        ("external_id", "!=", None),
        ("device_id", "==", None),
        ("device_id", "in", [None, "x"]),
        ("email", "ends_with", "@example.com"),
        ("email", "contains", "@"),
        ("email", "contains_any", ["nobody", "alice"]),
        ("email", "contains_all", ["alice", "example"]),
        ("email", "matches", r"^[a-z]+@"),
        ("session_count", ">", 11.5),
        ("session_count", "not_in", [1, 2]),
        ("total_revenue", "==", 4.99),
        ("is_payer", "==", True),
        ("first_seen_at", "<", "2026-02-12"),
        ("first_seen_at", "==", "2026-01-23T12:00:00Z"),
        ("first_seen_at", "in", ["2026-01-23T13:00:00+01:00"]),
        ("last_seen_at", "within_last", "12h"),
        ("last_seen_at", "within_last", "1d"),
        ("days_since_last_seen", "==", 0.5),
        ("lifecycle_stage", "==", "active"),
        ("lifecycle_stage", "not_in", ["churned", "dormant"]),
        ("churn_risk", "<", 0.5),
        ("attributes.level", "==", 45.0),
        ("attributes.level", ">=", 45),
        ("attributes.level", "in", [44, 45]),
        ("attributes.country", "in", ["DE", "US"]),
        ("attributes.country", "<", "ZZ"),
        ("attributes.is_vip", "==", True),
        ("attributes.is_vip", "!=", 1),
        ("attributes.zero", "!=", False),
        ("attributes.zero", "not_in", [False]),
        ("attributes.ratio", "<=", 0.5),
        ("attributes.tags", "contains", "beta"),
        ("attributes.tags", "contains", 7),
        ("attributes.tags", "in", ["beta"]),
        ("attributes.tags", "contains_any", ["x", "pvp"]),
        ("attributes.tags", "contains_all", ["pvp", 7]),
        ("attributes.hardware.gpu", "matches", r"RTX ?40\d\d"),
        ("attributes.nothing", "==", None),
        ("attributes.missing", "==", None),
        ("attributes.missing", "!=", "x"),
        ("attributes.missing", "not_in", ["x"]),
        ("attributes.missing.deeper", "==", None),
        ("attributes.joined", "==", "2026-02-01T10:00:00Z"),
        ("attributes.joined", "in", ["2026-02-01T10:00:00.000Z", "x"]),
        ("attributes.joined", "<", "2026-02-01T11:00:00Z"),
        ("attributes.joined", "within_last", "2w"),
        ("attributes.birthday", "<", "1970-01-01T00:00:00Z"),
        ("attributes.birthday", "==", "1961-05-01T00:00:00Z"),
    ],
)
def test_conditions_that_hold(field: str, operator: str, value: Any) -> None:
    assert meets(field, operator, value)


@pytest.mark.parametrize(
    ("field", "operator", "value"),
    [
        ("device_id", "contains", "x"),
        ("email", "contains", "ALICE"),
        ("email", "contains_all", ["alice", "bob"]),
        ("email", "ends_with", "example"),
        ("email", "starts_with", "lice"),
        ("session_count", "==", 11),
        ("last_seen_at", "within_last", "719m"),
        ("attributes.level", "==", "45"),
        ("attributes.level", ">", "44"),
        ("attributes.level", "contains", "4"),
        ("attributes.level", "contains_any", [45]),
        ("attributes.level", "starts_with", "4"),
        ("attributes.level", "matches", "4"),
        ("attributes.level", "within_last", "30d"),
        ("attributes.is_vip", "==", 1),
        ("attributes.is_vip", "in", [1]),
        ("attributes.zero", "==", False),
        ("attributes.zero", "==", None),
        ("attributes.tags", "contains", 1),
        ("attributes.tags", "contains_all", ["pvp", 8]),
        ("attributes.tags", "not_in", ["beta"]),
        ("attributes.tags", "matches", "beta"),
        ("attributes.tags", "==", "beta"),
        ("attributes.tags.length", "==", 4),
        ("attributes.hardware", "contains_any", ["gpu"]),
        ("attributes.hardware.cores", "contains", "4"),
        ("attributes.country", "contains_all", ["U", 5]),
        ("attributes.country", "<", "2026-02-01T10:00:00Z"),  # text is never compared with an instant
        ("attributes.missing", "<", 5),
        ("attributes.missing", ">=", "a"),
        ("attributes.missing", "in", ["x"]),
        ("attributes.missing", "contains", "x"),
        ("attributes.missing", "matches", "."),
        ("attributes.missing", "within_last", "30d"),
        ("attributes.joined", "within_last", "1w"),
        ("attributes.joined", "!=", "2026-02-01T10:00:00Z"),
        ("attributes.joined", "not_in", ["2026-02-01T10:00:00Z"]),
        ("attributes.joined", ">", 5),
        ("attributes.joined", "==", as_instant("2026-02-01T10:00:00Z")),
        ("attributes.long", "matches", "needle"),  # only the first 1,000 characters are searched
    ],
)
def test_conditions_that_do_not_hold(field: str, operator: str, value: Any) -> None:
    assert not meets(field, operator, value)


def test_within_last_ends_now() -> None:
    assert not meets("last_seen_at", "within_last", "30d", now_us=PLAYER.last_seen_us - 1)
    assert meets("last_seen_at", "within_last", "30d", now_us=PLAYER.last_seen_us)
    assert meets("days_since_last_seen", "==", 0, now_us=PLAYER.first_seen_us)


# refusals


@pytest.mark.parametrize(
    ("tree", "path", "message"),
    [
        (None, "$", "is an object, not null"),
        ([], "$", "is an object, not an array"),
        ({}, "$", 'expected {"field", "operator", "value"}'),
        ({"operator": "AND"}, "$", "expected"),
        ({"operator": "AND", "conditions": []}, "$.conditions", "at least one"),
        ({"operator": "AND", "conditions": {}}, "$.conditions", "an array"),
        ({"operator": "and", "conditions": [1]}, "$.operator", "AND or OR, not by 'and'"),
        ({"operator": ["AND"], "conditions": [1]}, "$.operator", "AND or OR"),
        ({"conditions": [1]}, "$.operator", "not by null"),
        ({"operator": "OR", "conditions": [1]}, "$.conditions[0]", "is an object, not a number"),
        ({"operator": "OR", "conditions": [1], "field": "id"}, "$", "unknown key 'field'"),
        ({"field": "id", "operator": "==", "value": "x", "values": []}, "$", "unknown key 'values'"),
        ({"field": "id", "operator": "==", 5: "x"}, "$", "unknown key 5"),
        ({"field": 5, "operator": "==", "value": "x"}, "$.field", "named by text"),
        ({"field": "sesion_count", "operator": "==", "value": 1}, "$.field", "did you mean 'session_count'?"),
        ({"field": "level", "operator": "==", "value": 1}, "$.field", "asked for as 'attributes.level'"),
        ({"field": "attributes", "operator": "==", "value": 1}, "$.field", "like attributes.level"),
        ({"field": "attributes.", "operator": "==", "value": 1}, "$.field", "name of an attribute is missing"),
        ({"field": "attributes.a..b", "operator": "==", "value": 1}, "$.field", "name of an attribute is missing"),
        ({"field": "attributes." + "x" * 400, "operator": "==", "value": 1}, "$.field", "longer than"),
        ({"field": "id", "value": 1}, "$.operator", "the operator is missing"),
        ({"field": "id", "operator": "=", "value": "x"}, "$.operator", "did you mean"),
        ({"field": "id", "operator": "starts with", "value": "x"}, "$.operator", "did you mean starts_with?"),
        ({"field": "id", "operator": {}, "value": "x"}, "$.operator", "there is no operator {}"),
        ({"field": "id", "operator": "==" * 50, "value": "x"}, "$.operator", "there is no operator"),
        ({"field": "id", "operator": ">", "value": "x"}, "$.operator", "id is text: > cannot be asked of it"),
        ({"field": "is_payer", "operator": "in", "value": [True]}, "$.operator", "but == != can"),
        ({"field": "id", "operator": "within_last", "value": "30d"}, "$.operator", "is text"),
        ({"field": "id", "operator": "=="}, "$", "the value is missing"),
        ({"field": "id", "operator": "==", "value": 5}, "$.value", "id is text, and never 5"),
        ({"field": "id", "operator": "==", "value": ["x"]}, "$.value", "got an array"),
        ({"field": "id", "operator": "contains", "value": 5}, "$.value", "cannot contain a number"),
        ({"field": "session_count", "operator": "==", "value": True}, "$.value", "never true"),
        ({"field": "session_count", "operator": "==", "value": None}, "$.value", "never null"),
        ({"field": "session_count", "operator": ">", "value": None}, "$.value", "not null"),
        ({"field": "is_payer", "operator": "==", "value": 1}, "$.value", "true or false"),
        ({"field": "lifecycle_stage", "operator": "==", "value": "gone"}, "$.value", "is one of new, active"),
        ({"field": "lifecycle_stage", "operator": "in", "value": ["new", "x"]}, "$.value[1]", "is one of new"),
        ({"field": "last_seen_at", "operator": ">", "value": 5}, "$.value", "expected ISO 8601 text"),
        ({"field": "last_seen_at", "operator": ">", "value": "2026-02-30"}, "$.value", "expected ISO 8601 text"),
        ({"field": "last_seen_at", "operator": "within_last", "value": "30"}, "$.value", "a span like 30d"),
        ({"field": "last_seen_at", "operator": "within_last", "value": 30}, "$.value", "a span like 30d"),
        ({"field": "last_seen_at", "operator": "within_last", "value": "0d"}, "$.value", "more than 0"),
        ({"field": "last_seen_at", "operator": "within_last", "value": "999999w"}, "$.value", "at most 3,660 days"),
        ({"field": "attributes.x", "operator": ">", "value": True}, "$.value", "not true or false"),
        ({"field": "attributes.x", "operator": "==", "value": 2**63}, "$.value", "64 bits"),
        ({"field": "attributes.x", "operator": "==", "value": float("nan")}, "$.value", "finite"),
        ({"field": "attributes.x", "operator": "==", "value": "x" * 1_001}, "$.value", "1,000 characters"),
        ({"field": "attributes.x", "operator": "==", "value": b"x"}, "$.value", "got bytes"),
        ({"field": "attributes.x", "operator": "in", "value": "x"}, "$.value", "expected an array, got text"),
        ({"field": "attributes.x", "operator": "in", "value": []}, "$.value", "is empty"),
        ({"field": "attributes.x", "operator": "in", "value": [[1]]}, "$.value[0]", "got an array"),
        ({"field": "attributes.x", "operator": "in", "value": [1] * 1_001}, "$.value", "at most 1,000"),
        ({"field": "attributes.x", "operator": "contains", "value": ""}, "$.value", "is empty"),
        ({"field": "attributes.x", "operator": "contains_any", "value": ["a", ""]}, "$.value[1]", "is empty"),
        ({"field": "attributes.x", "operator": "starts_with", "value": 5}, "$.value", "needs text, not a number"),
        ({"field": "attributes.x", "operator": "matches", "value": "(a+)+b"}, "$.value", "may take very long"),
    ],
)
def test_refusals_say_where_and_why(tree: Any, path: str, message: str) -> None:
    with pytest.raises(InvalidDefinition, match=re.escape(message)) as refused:
        parse_conditions(tree, "$")
    assert refused.value.path == path


def nested(depth: int) -> dict[str, Any]:
    tree: dict[str, Any] = {"field": "id", "operator": "==", "value": "x"}
    for _ in range(depth - 1):
        tree = {"operator": "AND", "conditions": [tree]}
    return tree


def test_depth_and_size_are_bounded() -> None:
    parse_conditions(nested(MAX_DEPTH), "$")
    with pytest.raises(InvalidDefinition, match="nested deeper than 10 levels"):
        parse_conditions(nested(MAX_DEPTH + 1), "$")
    with pytest.raises(InvalidDefinition, match="nested deeper"):
        parse_conditions(nested(10_000), "$")
    leaf = nested(1)
    parse_conditions({"operator": "OR", "conditions": [leaf] * MAX_COMPARISONS}, "$")
    with pytest.raises(InvalidDefinition, match="more than 200 comparisons"):
        parse_conditions({"operator": "OR", "conditions": [leaf] * (MAX_COMPARISONS + 1)}, "$")


def test_every_field_and_operator_is_read() -> None:
    values = {"text": "x", "stage": "new", "number": 1, "boolean": True, "time": "2026-02-12", "any": "x"}
    for name, kind in [*FIELD_KINDS.items(), ("attributes.x", "any")]:
        for operator in OPERATORS_OF[kind]:
            value: Any = "30d" if operator == "within_last" else values[kind]
            listed = operator in ("in", "not_in", "contains_any", "contains_all")
            assert isinstance(meets(name, operator, [value] if listed else value), bool)


# trees

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
_leaves = st.fixed_dictionaries(
    {
        "field": st.sampled_from([*FIELD_KINDS, "attributes.level", "attributes.tags", "attributes.hardware.gpu"]),
        "operator": st.sampled_from(OPERATORS),
        "value": _json | st.lists(st.text(string.ascii_letters, max_size=5), max_size=3) | st.just("30d"),
    }
)
_trees = st.recursive(
    _leaves | _json,
    lambda inner: st.fixed_dictionaries(
        {"operator": st.sampled_from(["AND", "OR", "=="]), "conditions": st.lists(inner, max_size=3)}
    ),
    max_leaves=8,
)


def read_or_refused(tree: Any) -> Condition | InvalidDefinition:
    try:
        return parse_conditions(tree, "$")
    except InvalidDefinition as error:
        return error


@given(
    _json,
    st.sampled_from(OPERATORS),
    st.one_of(_json, st.lists(_json, min_size=1, max_size=3), st.sampled_from(["30d", "2026-02-12", "a"])),
)
def test_any_attribute_can_be_compared_with_whatever_is_taken(actual: Any, operator: str, value: Any) -> None:
    condition = read_or_refused({"field": "attributes.x", "operator": operator, "value": value})
    if not isinstance(condition, InvalidDefinition):
        for attributes in ({"x": actual}, {"x": [actual]}, {}):
            facts = Facts(played(0, attributes=attributes), NOW, "mid_core")
            assert isinstance(holds(condition, facts, []), bool)


@given(_trees)
def test_anything_is_read_or_refused_with_a_path(tree: Any) -> None:
    condition = read_or_refused(tree)
    if isinstance(condition, InvalidDefinition):
        assert condition.path.startswith("$")
        assert condition.message
        return
    facts = Facts(PLAYER, NOW, "mid_core")
    checks: list[Check] = []
    assert holds(condition, facts) is holds(condition, facts, checks)
    assert all(check.text for check in checks)


_scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text("ab1", max_size=3)
_comparisons = st.one_of(
    st.tuples(st.sampled_from(["==", "!=", "contains"]), _scalars),
    st.tuples(st.sampled_from([">", ">=", "<", "<="]), st.integers(-3, 3) | st.text("ab1", max_size=3)),
    st.tuples(st.sampled_from(["in", "not_in"]), st.lists(_scalars, min_size=1, max_size=3)),
)


@given(_comparisons, _scalars | st.lists(_scalars, max_size=3))
def test_opposites_are_opposites_and_types_never_mix(asked: tuple[str, Any], actual: Any) -> None:
    operator, value = asked
    player = played(0, attributes={"x": actual})

    def ask(operator: str) -> bool:
        return meets("attributes.x", operator, value, player)

    if operator in ("==", "!="):
        assert ask("==") is not ask("!=")
        if ask("=="):
            assert actual == value
            assert isinstance(actual, bool) is isinstance(value, bool)
    elif operator in ("in", "not_in"):
        assert ask("in") is not ask("not_in")
        parts = actual if isinstance(actual, list) else [actual]
        assert ask("in") is any(
            meets("attributes.x", "==", part, played(0, attributes={"x": a})) for part in value for a in parts
        )
    elif operator != "contains":
        comparable = (isinstance(actual, str) and isinstance(value, str)) or (
            isinstance(actual, int | float) and not isinstance(actual, bool) and not isinstance(value, str)
        )
        assert (ask("<=") or ask(">")) is comparable
        assert not (ask("<") and ask(">="))


def _leaf(truth: bool) -> tuple[dict[str, Any], bool]:
    return {"field": "attributes.level", "operator": "==", "value": 45 if truth else 44}, truth


def _joined(operator: str, parts: list[tuple[dict[str, Any], bool]]) -> tuple[dict[str, Any], bool]:
    said = [truth for _, truth in parts]
    tree = {"operator": operator, "conditions": [tree for tree, _ in parts]}
    return tree, all(said) if operator == "AND" else any(said)


# Trees of conditions on the player's level, each with what it must say.
_truths = st.recursive(
    st.booleans().map(_leaf),
    lambda inner: st.builds(_joined, st.sampled_from(["AND", "OR"]), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=12,
)


@given(_truths)
def test_trees_are_boolean_algebra(tree: tuple[dict[str, Any], bool]) -> None:
    condition = read_or_refused(tree[0])
    if isinstance(condition, InvalidDefinition):
        assert "nested" in condition.message
        return
    assert holds(condition, Facts(PLAYER, NOW, "mid_core")) is tree[1]


def test_a_trace_names_every_comparison_and_stops_nowhere() -> None:
    tree = {
        "operator": "OR",
        "conditions": [
            {"field": "attributes.level", "operator": ">=", "value": 10},
            {
                "operator": "AND",
                "conditions": [
                    {"field": "last_seen_at", "operator": ">", "value": "2030-01-01T00:00:00Z"},
                    {"field": "days_since_last_seen", "operator": "<", "value": 1},
                ],
            },
        ],
    }
    checks: list[Check] = []
    condition = parse_conditions(tree, "$.conditions")
    assert isinstance(condition, Group)
    assert isinstance(condition.parts[0], Comparison)
    assert holds(condition, Facts(PLAYER, NOW, "mid_core"), checks, "segment s ")
    assert [(check.what, check.path.removeprefix("segment s $.conditions"), check.passed) for check in checks] == [
        ("group", "", True),
        ("condition", ".conditions[0]", True),
        ("group", ".conditions[1]", False),
        ("condition", ".conditions[1].conditions[0]", False),
        ("condition", ".conditions[1].conditions[1]", True),
    ]
    assert checks[0].text == "1 of 2 hold; one is enough"
    assert checks[1].text == "attributes.level is 45; asked: >= 10"
    assert checks[3].actual == "2026-02-11T12:00:00Z"
    assert checks[3].expected == "2030-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"),
        (True, "true"),
        ("x", "“x”"),
        ("x" * 100, "“" + "x" * 79 + "…”"),
        (list(range(9)), "[0, 1, 2, 3, 4, 5, 6, 7, … 1 more]"),
        (1.5, "1.5"),
    ],
)
def test_values_in_words(value: Any, words: str) -> None:
    assert in_words(value) == words


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-02-12", "2026-02-12T00:00:00Z"),
        ("2026-02-12T10:00", "2026-02-12T10:00:00+00:00"),
        ("2026-02-12t10:00:00.123456789z", "2026-02-12 10:00:00.123456"),
        ("2026-02-12T10:00:00+0530", "2026-02-12T04:30:00Z"),
    ],
)
def test_instants_are_the_same_however_written(text: str, same: str) -> None:
    assert as_instant(text) == as_instant(same)
    assert as_instant(text) is not None


@pytest.mark.parametrize(
    "text", ["", "2026", "20260212", "2026-02-30", "2026-02-12T25:00:00Z", "v2026-02-12", "2026-02-12T10:00:00 UTC"]
)
def test_other_text_is_no_instant(text: str) -> None:
    assert as_instant(text) is None


@given(st.text(max_size=45) | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.+-]{4,20}Z?", fullmatch=True))
def test_any_text_is_an_instant_or_none(text: str) -> None:
    assert isinstance(as_instant(text), int | None)
