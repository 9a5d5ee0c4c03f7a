"""What players get: the order of the walk, buckets that stay, and explanations that say the same."""

import subprocess
import sys
import uuid
from collections import Counter
from typing import Any

import msgspec
import pytest
from growthbook import GrowthBook
from hypothesis import given, settings
from hypothesis import strategies as st

from console.players.definitions import (
    Flag,
    InvalidDefinition,
    Override,
    Prerequisite,
    Rule,
    Schedule,
    Segment,
    Share,
    UnknownFlag,
    UnknownSegment,
    Variant,
)
from console.players.evaluation import Definitions
from console.players.profiles import Profile
from tests.players.made_profiles import on, played

NOW = on(0)
PLAYER = played(*range(-20, 0), player_id="550e8400-e29b-41d4-a716-446655440000", attributes={"level": 45})
PLAYERS = [msgspec.structs.replace(PLAYER, player_id=str(uuid.uuid5(uuid.NAMESPACE_URL, str(n)))) for n in range(1_000)]

BETA = Segment(segment_id="beta", name="Beta", conditions={"field": "attributes.level", "operator": ">=", "value": 10})
NOBODY = Segment(
    segment_id="nobody", name="Nobody", conditions={"field": "lifecycle_stage", "operator": "==", "value": "churned"}
)
THREE = [Variant(key="a", value="A"), Variant(key="b", value="B"), Variant(key="c", value="C")]


def flag(*rules: Rule, **fields: Any) -> Flag:
    return Flag(**{"key": "f", "enabled": True, "rules": list(rules)} | fields)


def rule(**fields: Any) -> Rule:
    return Rule(**{"rule_id": "r"} | fields)


def groups(*rules: Rule, **fields: Any) -> Flag:
    return flag(*rules, **{"type": "multivariate", "default_value": "A", "variants": THREE} | fields)


def definitions(*flags: Flag, overrides: list[Override] | None = None) -> Definitions:
    return Definitions(flags, [BETA, NOBODY], overrides or [])


def got(evaluated: Flag, player: Profile = PLAYER, *others: Flag, now_us: int = NOW, **given: Any) -> tuple[Any, ...]:
    """Value, variant, reason and segment; the explanation must say the same."""
    compiled = definitions(evaluated, *others, **given)
    answer = compiled.evaluate(evaluated.key, player, now_us, "mid_core")
    assert compiled.explain(evaluated.key, player, now_us, "mid_core").evaluation == answer
    assert compiled.evaluate_all(player, now_us, "mid_core")[evaluated.key] == answer
    return answer.value, answer.variant_key, answer.reason, answer.segment_id


def test_the_documented_answer() -> None:
    tutorial = flag(rule(segment_id="beta"), key="new_tutorial")
    answer = definitions(tutorial).evaluate("new_tutorial", PLAYER, NOW, "mid_core")
    assert msgspec.to_builtins(answer) == {
        "flag_key": "new_tutorial",
        "value": True,
        "variant_key": "enabled",
        "reason": "segment_match",
        "segment_id": "beta",
    }


def test_the_first_that_decides() -> None:
    every = [
        rule(rule_id="1", segment_id="nobody"),
        rule(rule_id="2", rollout=0.0),
        rule(rule_id="3", schedule=Schedule(end_at="2026-01-01T00:00:00Z")),
        rule(rule_id="4", segment_id="beta", conditions={"field": "id", "operator": "==", "value": PLAYER.player_id}),
        rule(rule_id="5", value=False),
    ]
    assert got(flag(*every)) == (True, "enabled", "segment_match", "beta")
    assert got(flag(*every[:3])) == (False, "disabled", "default", None)
    assert got(flag(every[4])) == (False, "disabled", "rule_match", None)
    assert got(flag(*every, enabled=False, default_value=True)) == (True, "enabled", "disabled", None)
    mine = Override(flag_key="f", player_id=PLAYER.player_id, value=False)
    others = Override(flag_key="f", player_id=PLAYERS[0].player_id, value=False)
    assert got(flag(*every, enabled=False), overrides=[mine, others]) == (False, "disabled", "override", None)
    assert got(flag(*every), overrides=[others])[2] == "segment_match"


def test_values_of_every_type() -> None:
    assert got(flag(type="string", default_value="x")) == ("x", None, "default", None)
    assert got(flag(rule(value=2), type="number", default_value=1)) == (2, None, "rule_match", None)
    assert got(flag(rule(value={"a": [1]}), type="json")) == ({"a": [1]}, None, "rule_match", None)
    assert got(groups()) == ("A", "a", "default", None)
    assert got(groups(rule(variant_key="b", segment_id="beta"))) == ("B", "b", "segment_match", "beta")
    assert got(groups(rule(value="C"))) == ("C", "c", "rule_match", None)
    override = Override(flag_key="f", player_id=PLAYER.player_id, value="B")
    assert got(groups(), overrides=[override]) == ("B", "b", "override", None)
    on_off = [Variant(key="on", value=True), Variant(key="off", value=False)]
    assert got(flag(rule(variant_key="off"), variants=on_off)) == (False, "off", "rule_match", None)
    text = flag(rule(variant_key="b"), type="string", default_value="B", variants=THREE)
    assert got(text) == ("B", "b", "rule_match", None)
    assert got(msgspec.structs.replace(text, rules=[])) == ("B", None, "default", None)


def test_a_schedule_holds_from_its_start_until_before_its_end() -> None:
    timed = flag(rule(schedule=Schedule(start_at="2026-02-12T01:00:00+01:00", end_at="2026-02-12T00:00:01Z")))
    assert [got(timed, now_us=on(0) + us)[2] for us in (-1, 0, 999_999, 1_000_000)] == [
        "default",
        "rule_match",
        "rule_match",
        "default",
    ]


# prerequisites


def test_prerequisites_must_have_their_value() -> None:
    needing = flag(rule(), key="b", prerequisites=[Prerequisite(flag_key="a")])
    on_for_beta = flag(rule(segment_id="beta"), key="a")
    assert got(needing, PLAYER, on_for_beta)[2] == "rule_match"
    assert got(needing, PLAYER, flag(rule(segment_id="nobody"), key="a"))[2] == "prerequisite_failed"
    assert got(needing, PLAYER, flag(rule(), key="a", enabled=False))[:3] == (False, "disabled", "prerequisite_failed")
    named = flag(rule(), key="c", prerequisites=[Prerequisite(flag_key="g", value="B"), Prerequisite(flag_key="b")])
    variant = groups(rule(variant_key="b"), key="g")
    assert got(named, PLAYER, needing, variant, on_for_beta)[2] == "rule_match"
    override = Override(flag_key="a", player_id=PLAYER.player_id, value=False)
    assert got(named, PLAYER, needing, variant, on_for_beta, overrides=[override])[2] == "prerequisite_failed"


# buckets


def gets(compiled: Definitions, key: str = "f") -> dict[str, Any]:
    return {player.player_id: compiled.evaluate(key, player, NOW, "mid_core").value for player in PLAYERS}


def test_raising_a_rollout_keeps_everybody_who_is_in() -> None:
    before: set[str] = set()
    for percent in (0, 0.01, 1, 10, 25.5, 50, 99, 100):
        inside = {key for key, value in gets(definitions(flag(rule(rollout=percent)))).items() if value}
        assert before <= inside
        assert abs(len(inside) - 10 * percent) < 50
        before = inside
    assert len(before) == len(PLAYERS)
    reasons = {got(flag(rule(rollout=share)), player)[2] for share in (0, 50, 100) for player in PLAYERS[:20]}
    assert reasons == {"default", "rollout", "rule_match"}


def test_flags_divide_players_each_in_its_own_way() -> None:
    compiled = definitions(*(flag(rule(rollout=50), key=f"flag_{n}") for n in range(2)))
    one, other = gets(compiled, "flag_0"), gets(compiled, "flag_1")
    assert 200 < sum(one[key] and other[key] for key in one) < 300


def test_a_split_divides_by_weight_and_a_wider_rollout_moves_nobody() -> None:
    shares = [Share(variant_key="b", weight=1), Share(variant_key="c", weight=3)]
    everybody = gets(definitions(groups(rule(split=shares))))
    assert 200 < Counter(everybody.values())["B"] < 300
    before: dict[str, Any] = {}
    for percent in (1, 20, 80, 100):
        inside = {
            key: value
            for key, value in gets(definitions(groups(rule(split=shares, rollout=percent)))).items()
            if value != "A"
        }
        assert before.items() <= inside.items() <= everybody.items()
        assert abs(len(inside) - 10 * percent) < 50
        before = inside
    split = groups(rule(split=shares, rollout=50, segment_id="beta"))
    assert {got(split, player)[2:] for player in PLAYERS[:30]} == {("split", "beta"), ("default", None)}


def test_buckets_are_those_of_growthbook() -> None:
    """The whole of their evaluator gives every player the same, for a roll-out and for a split inside one."""
    rolled, parted = (
        flag(rule(rollout=37.5), key="rolled"),
        groups(
            rule(split=[Share(variant_key="a", weight=2), Share(variant_key="b", weight=5)], rollout=60),
            key="parted",
            default_value="C",
        ),
    )
    common = {"hashAttribute": "id", "hashVersion": 2}
    features = {
        "rolled": {
            "defaultValue": False,
            "rules": [{"force": True, "coverage": 0.375, "seed": "rolled", **common}],
        },
        "parted": {
            "defaultValue": "C",
            "rules": [
                {
                    "variations": ["A", "B"],
                    "weights": [2 / 7, 5 / 7],
                    "coverage": 0.6,
                    "seed": "parted",
                    "key": "parted",
                    **common,
                }
            ],
        },
    }
    compiled = definitions(rolled, parted)
    for player in PLAYERS:
        theirs = GrowthBook(attributes={"id": player.player_id}, features=features)
        ours = compiled.evaluate_all(player, NOW, "mid_core")
        assert ours["rolled"].value is theirs.is_on("rolled")
        assert ours["parted"].value == theirs.get_feature_value("parted", None)


def test_buckets_never_change() -> None:
    """Another release of the evaluator that hashes differently would move players in the middle of a playtest."""
    compiled = definitions(
        flag(rule(rollout=50)), groups(rule(split=[Share(variant_key=k, weight=1) for k in "abc"]), key="g")
    )
    explained = compiled.explain("f", PLAYER, NOW, "mid_core")
    assert explained.rules[0].checks[0].actual == 0.4754
    assert "".join(list(gets(compiled, "g").values())[:20]) == "ABCCACABBCCBAABAACAA"


# explanations


def test_an_explanation_shows_every_rule_and_what_was_compared() -> None:
    explained = definitions(
        flag(
            rule(rule_id="no", segment_id="nobody", rollout=50),
            rule(rule_id="yes", conditions=BETA.conditions, schedule=Schedule(start_at="2026-01-01T00:00:00Z")),
            rule(rule_id="late", segment_id="beta"),
            prerequisites=[Prerequisite(flag_key="g", value="B")],
        ),
        groups(rule(variant_key="b"), key="g"),
    ).explain("f", PLAYER, NOW, "mid_core")
    assert explained.evaluation.reason == "rule_match"
    assert [(check.what, check.path, check.passed) for check in explained.checks] == [
        ("switch", "$.enabled", True),
        ("prerequisite", "$.prerequisites[0]", True),
    ]
    assert [(r.rule_id, r.index, r.passed, r.reached) for r in explained.rules] == [
        ("no", 0, False, True),
        ("yes", 1, True, True),
        ("late", 2, True, False),
    ]
    assert [(check.what, check.path, check.passed) for r in explained.rules for check in r.checks] == [
        ("segment", "$.rules[0].segment_id", False),
        ("condition", "segment nobody $.conditions", False),
        ("rollout", "$.rules[0].rollout", True),
        ("condition", "$.rules[1].conditions", True),
        ("schedule", "$.rules[1].schedule", True),
        ("segment", "$.rules[2].segment_id", True),
        ("condition", "segment beta $.conditions", True),
    ]
    texts = [check.text for r in explained.rules for check in r.checks]
    assert texts[0] == "not in the segment “Nobody”"
    assert texts[1] == "lifecycle_stage is “active”; asked: == “churned”"
    assert texts[4] == "the rule holds from 2026-01-01T00:00:00Z on; it is 2026-02-12T00:00:00Z"
    msgspec.msgpack.encode(explained)


def test_an_explanation_of_shares() -> None:
    compiled = definitions(
        groups(rule(split=[Share(variant_key="b", weight=1), Share(variant_key="c", weight=1)], rollout=50))
    )
    seen = set()
    for player in PLAYERS[:50]:
        (check,) = compiled.explain("f", player, NOW, "mid_core").rules[0].checks
        assert check.expected == {"b": [0, 0.25], "c": [0.5, 0.75]}
        assert check.passed is any(low <= check.actual < high for low, high in check.expected.values())
        seen.add(check.text.split(": ")[-1].split(", ")[-1])
    assert seen == {
        "“b” has 0.0000 … 0.2500",
        "“c” has 0.5000 … 0.7500",
        "in the part of its share that is not rolled out",
    }


def test_an_override_is_explained_with_what_it_hides() -> None:
    mine = Override(flag_key="f", player_id=PLAYER.player_id, value=False)
    explained = definitions(flag(rule(), enabled=False), overrides=[mine]).explain("f", PLAYER, NOW, "mid_core")
    assert explained.evaluation.reason == "override"
    assert [(check.what, check.passed) for check in explained.checks] == [("override", True), ("switch", False)]
    assert [(r.passed, r.reached) for r in explained.rules] == [(True, False)]


_rules = st.builds(
    Rule,
    rule_id=st.just("r"),
    segment_id=st.sampled_from([None, "beta", "nobody"]),
    conditions=st.sampled_from([None, BETA.conditions, NOBODY.conditions]),
    schedule=st.sampled_from(
        [None, Schedule(start_at="2026-02-12T00:00:00Z"), Schedule(end_at="2026-02-12T00:00:00Z")]
    ),
    rollout=st.none() | st.floats(0, 100),
    variant_key=st.sampled_from(["a", "b"]),
)
_flags = st.builds(
    groups,
    enabled=st.sampled_from([True, True, True, False]),
    rules=st.lists(_rules, max_size=4).map(
        lambda rules: [msgspec.structs.replace(r, rule_id=f"r{n}") for n, r in enumerate(rules)]
    ),
)


@settings(max_examples=60)
@given(_flags, st.sampled_from(PLAYERS), st.none() | st.sampled_from("ABC"), st.integers(on(-40), on(40)))
def test_an_explanation_is_the_evaluation(made: Flag, player: Profile, override: str | None, now_us: int) -> None:
    overrides = [] if override is None else [Override(flag_key="f", player_id=player.player_id, value=override)]
    compiled = definitions(made, overrides=overrides)
    answer = compiled.evaluate("f", player, now_us, "casual")
    explained = compiled.explain("f", player, now_us, "casual")
    assert explained.evaluation == answer
    assert all(trace.passed is all(c.passed for c in trace.checks) for trace in explained.rules)
    reached = [trace for trace in explained.rules if trace.reached]
    assert [trace.passed for trace in reached[:-1]] == [False] * len(reached[:-1])
    if answer.reason in ("segment_match", "rule_match", "rollout"):
        assert reached[-1].passed
        assert answer.variant_key == made.rules[reached[-1].index].variant_key


# segments


def test_memberships() -> None:
    compiled = definitions()
    member = compiled.membership("beta", PLAYER, NOW, "mid_core")
    assert (member.segment_id, member.is_member, member.checks) == ("beta", True, [])
    explained = compiled.membership("nobody", PLAYER, NOW, "mid_core", explain=True)
    assert not explained.is_member
    assert [(check.path, check.actual) for check in explained.checks] == [("$.conditions", "active")]
    assert compiled.segments_of(PLAYER, NOW, "mid_core") == [BETA]
    assert compiled.segments_of(PLAYER, on(100), "mid_core") == [BETA, NOBODY]
    assert list(compiled.segments) == ["beta", "nobody"]
    with pytest.raises(UnknownSegment):
        compiled.membership("gone", PLAYER, NOW, "mid_core")


# what is missing or broken


def test_unknown_flags() -> None:
    compiled = definitions(flag(), flag(key="g"))
    assert list(compiled.flags) == ["f", "g"]
    assert list(compiled.evaluate_all(PLAYER, NOW, "mid_core", ["g", "gone", "g"])) == ["g"]
    with pytest.raises(UnknownFlag):
        compiled.evaluate("gone", PLAYER, NOW, "mid_core")
    with pytest.raises(UnknownFlag):
        compiled.explain("gone", PLAYER, NOW, "mid_core")


@pytest.mark.expects_log
@pytest.mark.parametrize(
    ("broken", "others", "path"),
    [
        (flag(rule(conditions={"field": "x"}), default_value=True), [], "$.rules[0].conditions.field"),
        (flag(rule(segment_id="gone"), default_value=True), [], "$.rules[0].segment_id"),
        (
            flag(prerequisites=[Prerequisite(flag_key="g")], default_value=True),
            [flag(key="g", prerequisites=[Prerequisite(flag_key="f")])],
            "$.prerequisites[0].flag_key",
        ),
    ],
)
def test_a_flag_that_no_longer_passes_breaks_alone(
    broken: Flag, others: list[Flag], path: str, caplog: pytest.LogCaptureFixture
) -> None:
    compiled = definitions(broken, flag(rule(), key="fine"), *others)
    for _ in range(2):
        answer = compiled.evaluate("f", PLAYER, NOW, "mid_core")
        assert (answer.value, answer.variant_key, answer.reason) == (True, "enabled", "error")
    assert compiled.evaluate("fine", PLAYER, NOW, "mid_core").reason == "rule_match"
    explained = compiled.explain("f", PLAYER, NOW, "mid_core")
    assert explained.evaluation == answer
    assert (explained.checks[-1].what, explained.checks[-1].path) == ("error", path)
    assert caplog.messages == [message for message in caplog.messages if "The flag 'f' cannot be evaluated" in message]
    assert len(caplog.messages) == 1


@pytest.mark.expects_log
def test_a_segment_that_no_longer_passes_breaks_its_rules() -> None:
    old = Segment(segment_id="old", name="Old", conditions={"field": "level", "operator": "==", "value": 1})
    compiled = Definitions(
        [flag(rule(), rule(rule_id="2", segment_id="old")), flag(rule(segment_id="old"), key="g")], [old]
    )
    assert compiled.evaluate("f", PLAYER, NOW, "mid_core").reason == "rule_match"
    assert compiled.evaluate("g", PLAYER, NOW, "mid_core").reason == "error"
    explained = compiled.explain("f", PLAYER, NOW, "mid_core")
    assert explained.evaluation.reason == "rule_match"
    assert explained.checks[-1].path == "segment old $.conditions.field"
    assert compiled.segments_of(PLAYER, NOW, "mid_core") == []
    with pytest.raises(InvalidDefinition, match=r"attributes\.level"):
        compiled.membership("old", PLAYER, NOW, "mid_core")


@pytest.mark.expects_log
def test_an_override_that_no_longer_fits_is_an_error() -> None:
    stale = Override(flag_key="f", player_id=PLAYER.player_id, value="on")
    assert got(flag(rule(), default_value=False), overrides=[stale]) == (False, "disabled", "error", None)
    assert got(flag(rule()), PLAYERS[0], overrides=[stale])[2] == "rule_match"


@pytest.mark.expects_log
def test_a_mistake_of_ours_costs_the_flag_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> str:
        raise ZeroDivisionError("no days")

    monkeypatch.setattr("console.players.fields.stage_of", broken)
    made = flag(rule(segment_id="nobody"), default_value=True)
    assert got(made) == (True, "enabled", "error", None)
    assert caplog.records[0].exc_info
    compiled = definitions(made, flag(rule(segment_id="beta"), key="g"))
    assert compiled.evaluate_all(PLAYER, NOW, "mid_core")["g"].reason == "segment_match"
    explained = compiled.explain("f", PLAYER, NOW, "mid_core")
    assert explained.checks[-1].text == "cannot be evaluated: ZeroDivisionError: no days"


def test_the_evaluator_is_imported_with_the_first_definitions_only() -> None:
    script = (
        "import sys; import console.players.evaluation, console.players.checks\n"
        "from console.players.definitions import Flag\n"
        "console.players.checks.check_flag(Flag(key='f'), [], [])\n"
        "assert 'growthbook' not in sys.modules and 'aiohttp' not in sys.modules\n"
        "console.players.evaluation.Definitions([], [])\n"
        "assert 'growthbook' in sys.modules\n"
        "import threading; assert threading.active_count() == 1\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True, timeout=120)
