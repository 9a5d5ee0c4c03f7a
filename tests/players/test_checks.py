"""Definitions that may not be kept: each refused with the path and the reason."""

import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.players.checks import MAX_CHAIN, check_flag, check_override, check_segment
from console.players.definitions import (
    Flag,
    FlagType,
    InvalidDefinition,
    Prerequisite,
    Rule,
    Schedule,
    Segment,
    Share,
    Variant,
)
from console.players.flag_values import same_value

BETA = Segment(segment_id="beta", name="Beta", conditions={"field": "attributes.level", "operator": ">=", "value": 10})
THREE = [Variant(key="a", value="A"), Variant(key="b", value="B"), Variant(key="c", value="C")]
OTHER = Flag(key="other")
GROUPS = Flag(key="groups", type="multivariate", default_value="A", variants=THREE)


def flag(**fields: Any) -> Flag:
    return Flag(**{"key": "f"} | fields)


def with_rule(flag_type: FlagType = "boolean", /, **fields: Any) -> Flag:
    defaults: dict[FlagType, Any] = {"string": "", "number": 0, "json": {}, "multivariate": "A", "boolean": False}
    variants = [Variant(key=v.key, value=v.value) for v in THREE] if flag_type in ("string", "multivariate") else []
    rule = Rule(**{"rule_id": "r"} | fields)
    return flag(type=flag_type, default_value=defaults[flag_type], variants=variants, rules=[rule])


def split(*shares: tuple[str, float]) -> list[Share]:
    return [Share(variant_key=key, weight=weight) for key, weight in shares]


@pytest.mark.parametrize(
    "good",
    [
        flag(),
        flag(key="new.tutorial-2_x", name="New tutorial", description="x" * 2_000, default_value=True),
        flag(type="string", default_value=""),
        flag(type="number", default_value=0.5),
        flag(type="json"),
        flag(type="json", default_value={"a": [1, None, {"b": True}]}),
        GROUPS,
        flag(prerequisites=[Prerequisite(flag_key="other"), Prerequisite(flag_key="groups", value="B")]),
        with_rule(segment_id="beta", rollout=12.5),
        with_rule(rollout=0, value=False),
        with_rule(rollout=100, conditions=BETA.conditions),
        with_rule(schedule=Schedule(start_at="2026-02-12T10:00:00Z", end_at="2026-02-12T10:00:00.000001Z")),
        with_rule(schedule=Schedule(end_at="2026-02-12T10:00:00Z")),
        with_rule("number", value=0),
        with_rule("string", variant_key="b"),
        with_rule("string", split=split(("a", 1), ("b", 0.5)), rollout=50),
        with_rule("multivariate", split=split(("a", 1))),
        with_rule("multivariate", value="C"),
        with_rule("json", value=[1]),
    ],
)
def test_good_flags(good: Flag) -> None:
    check_flag(good, [OTHER, GROUPS, good], [BETA])
    again = msgspec.json.decode(msgspec.json.encode(good), type=Flag)
    check_flag(again, [OTHER, GROUPS], [BETA])


@pytest.mark.parametrize(
    ("bad", "path", "message"),
    [
        (flag(key=""), "$.key", "is empty"),
        (flag(key="a b"), "$.key", "letters, digits"),
        (flag(key="../x"), "$.key", "beginning with a letter"),
        (flag(key="é"), "$.key", "letters, digits"),
        (flag(key="x\n"), "$.key", "letters, digits"),
        (flag(key="x" * 101), "$.key", "longer than 100"),
        (flag(name="x" * 201), "$.name", "at most 200"),
        (flag(name="a\0b"), "$.name", "U+0000"),
        (flag(description="\ud800"), "$.description", "half of a character"),
        (flag(default_value=1), "$.default_value", "a boolean flag has true or false, not a number"),
        (flag(type="string"), "$.default_value", "has text, not null"),
        (flag(type="string", default_value="x" * 10_001), "$.default_value", "at most 10,000"),
        (flag(type="number", default_value=True), "$.default_value", "not true or false"),
        (flag(type="number", default_value=2**63), "$.default_value", "64 bits"),
        (flag(type="number", default_value=float("inf")), "$.default_value", "finite"),
        (flag(type="json", default_value={"a": {"b": float("nan")}}), "$.default_value.a.b", "finite"),
        (flag(type="json", default_value={"a b": [b"x"]}), '$.default_value["a b"][0]', "no JSON value"),
        (flag(type="json", default_value={1: 2}), "$.default_value", "a key is a number"),
        (flag(type="json", default_value=["x" * 10_000] * 7), "$.default_value", "larger than 64 KiB"),
        (flag(type="multivariate", default_value="A"), "$.variants", "there are none"),
        (flag(type="multivariate", default_value="D", variants=THREE), "$.default_value", "none of them"),
        (
            flag(type="multivariate", default_value=True, variants=[Variant(key="a", value=1)]),
            "$.default_value",
            "none of",
        ),
        (flag(variants=[Variant(key="a", value="x")]), "$.variants[0].value", "not text"),
        (flag(variants=[Variant(key="a", value=True)] * 2), "$.variants[1].key", "'a' is there twice"),
        (flag(variants=[Variant(key="", value=True)]), "$.variants[0].key", "is empty"),
        (flag(variants=[Variant(key=f"v{n}", value=True) for n in range(101)]), "$.variants", "more than 100"),
        (flag(rules=[Rule(rule_id=f"r{n}") for n in range(101)]), "$.rules", "more than 100"),
        (flag(rules=[Rule(rule_id="r"), Rule(rule_id="r")]), "$.rules[1].rule_id", "'r' is there twice"),
        (with_rule(rule_id=""), "$.rules[0].rule_id", "is empty"),
        (with_rule(segment_id="gone"), "$.rules[0].segment_id", "there is no segment 'gone'"),
        (with_rule(conditions={}), "$.rules[0].conditions", "expected"),
        (
            with_rule(conditions={"field": "level", "operator": "==", "value": 1}),
            "$.rules[0].conditions.field",
            "attributes.level",
        ),
        (with_rule(rollout=-0.1), "$.rules[0].rollout", "from 0 to 100, not -0.1"),
        (with_rule(rollout=101), "$.rules[0].rollout", "from 0 to 100"),
        (with_rule(rollout=float("nan")), "$.rules[0].rollout", "from 0 to 100"),
        (with_rule(schedule=Schedule(start_at="soon")), "$.rules[0].schedule.start_at", "ISO 8601"),
        (
            with_rule(schedule=Schedule(start_at="2026-02-12T10:00:00Z", end_at="2026-02-12T11:00:00+01:00")),
            "$.rules[0].schedule.end_at",
            "not after start_at",
        ),
        (with_rule(value="x"), "$.rules[0].value", "true or false"),
        (with_rule(variant_key="a"), "$.rules[0].variant_key", "the flag has none"),
        (with_rule("string", variant_key="d"), "$.rules[0].variant_key", "the flag has a, b, c"),
        (with_rule("string"), "$.rules[0]", "gives nothing"),
        (with_rule("string", value="x", variant_key="a"), "$.rules[0].variant_key", "value or variant_key"),
        (with_rule("string", value="x", split=[]), "$.rules[0].split", "value or split"),
        (with_rule("string", split=[]), "$.rules[0].split", "is empty"),
        (with_rule("string", split=split(("d", 1))), "$.rules[0].split[0].variant_key", "no variant 'd'"),
        (with_rule("string", split=split(("a", 1), ("a", 1))), "$.rules[0].split[1].variant_key", "twice"),
        (with_rule("string", split=split(("a", 1), ("b", 0))), "$.rules[0].split[1].weight", "more than 0"),
        (with_rule("string", split=split(("a", float("inf")))), "$.rules[0].split[0].weight", "more than 0"),
        (with_rule("string", split=split(("a", float("nan")))), "$.rules[0].split[0].weight", "more than 0"),
        (with_rule("multivariate", value="D"), "$.rules[0].value", "none of them"),
        (with_rule("multivariate"), "$.rules[0]", "gives nothing"),
        (flag(prerequisites=[Prerequisite(flag_key="f")]), "$.prerequisites[0].flag_key", "its own"),
        (flag(prerequisites=[Prerequisite(flag_key="gone")]), "$.prerequisites[0].flag_key", "no flag 'gone'"),
        (flag(prerequisites=[Prerequisite(flag_key="other")] * 2), "$.prerequisites[1].flag_key", "twice"),
        (
            flag(prerequisites=[Prerequisite(flag_key="other", value="on")]),
            "$.prerequisites[0].value",
            "'other' can never have this value",
        ),
        (flag(prerequisites=[Prerequisite(flag_key="groups")]), "$.prerequisites[0].value", "can never have"),
        (flag(prerequisites=[Prerequisite(flag_key="other")] * 21), "$.prerequisites", "more than 20"),
    ],
)
def test_bad_flags(bad: Flag, path: str, message: str) -> None:
    with pytest.raises(InvalidDefinition, match=re.escape(message)) as refused:
        check_flag(bad, [OTHER, GROUPS], [BETA])
    assert refused.value.path == path
    assert str(refused.value).startswith(path)


def test_deep_values_are_refused_before_they_are_walked() -> None:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(InvalidDefinition, match="nested deeper than 16"):
        check_override(flag(type="json"), value)


def test_a_cycle_of_prerequisites_is_named() -> None:
    def needing(key: str, *others: str) -> Flag:
        return Flag(key=key, prerequisites=[Prerequisite(flag_key=other) for other in others])

    flags = [needing("a", "z", "b"), needing("b", "c"), needing("z"), needing("c")]
    for good in flags:
        check_flag(good, flags, [])
    with pytest.raises(InvalidDefinition, match="wait for each other: c → a → b → c") as refused:
        check_flag(needing("c", "z", "a"), flags, [])
    assert refused.value.path == "$.prerequisites[1].flag_key"


def test_a_chain_of_prerequisites_is_bounded_wherever_it_grows() -> None:
    def chain(name: str, length: int) -> list[Flag]:
        needs = [[], *([Prerequisite(flag_key=f"{name}{n}")] for n in range(length - 1))]
        return [Flag(key=f"{name}{n}", prerequisites=needed) for n, needed in enumerate(needs)]

    upper, lower = chain("u", MAX_CHAIN // 2), chain("l", MAX_CHAIN // 2)
    for good in [*upper, *lower]:
        check_flag(good, upper + lower, [])
    joined = msgspec.structs.replace(upper[0], prerequisites=[Prerequisite(flag_key=lower[-2].key)])
    check_flag(joined, upper + lower, [])
    long = chain("x", MAX_CHAIN + 2)
    with pytest.raises(InvalidDefinition, match="a chain of more than 20"):
        check_flag(long[-1], long, [])
    with pytest.raises(InvalidDefinition, match="a chain of more than 20"):
        check_flag(long[5], long, [])


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"segment_id": "a/b"}, "$.segment_id"),
        ({"name": " "}, "$.name"),
        ({"name": "x" * 201}, "$.name"),
        ({"description": "x" * 2_001}, "$.description"),
        ({"conditions": {}}, "$.conditions"),
        ({"conditions": {"field": "id", "operator": "==", "value": 5}}, "$.conditions.value"),
    ],
)
def test_bad_segments(fields: dict[str, Any], path: str) -> None:
    check_segment(BETA)
    with pytest.raises(InvalidDefinition) as refused:
        check_segment(msgspec.structs.replace(BETA, **fields))
    assert refused.value.path == path


def test_overrides_have_values_the_flag_can_have() -> None:
    check_override(OTHER, True)
    check_override(GROUPS, "C")
    for bad, value in [(OTHER, None), (OTHER, "true"), (GROUPS, "c"), (GROUPS, b"")]:
        with pytest.raises(InvalidDefinition) as refused:
            check_override(bad, value)
        assert refused.value.path == "$.value"


_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-2, 2) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab", max_size=1), inner, max_size=2),
    max_leaves=4,
)


@given(_values, _values)
def test_same_values_are_the_same_json(one: Any, other: Any) -> None:
    def canonical(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: canonical(value[key]) for key in sorted(value)}
        if isinstance(value, list):
            return [canonical(item) for item in value]
        return float(value) + 0.0 if type(value) in (int, float) else value

    assert same_value(one, one)
    assert same_value(one, other) is (msgspec.json.encode(canonical(one)) == msgspec.json.encode(canonical(other)))
