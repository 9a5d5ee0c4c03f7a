"""One rule put to one player: each test notes what it compared, when it is given a list to note it in."""

from typing import Any

from console.players import engine
from console.players.compiled import CompiledRule
from console.players.definitions import Check, Evaluation, Flag, Reason
from console.players.fields import Facts
from console.players.flag_values import variant_with
from console.players.instants import iso_text
from console.players.matching import holds


def conditions_hold(flag: Flag, rule: CompiledRule, facts: Facts, checks: list[Check] | None) -> bool:
    """Whether the player meets the conditions of the rule itself."""
    return rule.condition is None or holds(rule.condition, facts, checks)


def schedule_holds(flag: Flag, rule: CompiledRule, facts: Facts, checks: list[Check] | None) -> bool:
    """Whether it is time."""
    span = rule.span
    if span is None:
        return True
    passed = span.holds(facts.now_us)
    if checks is not None:
        begins = "" if span.start_us is None else f" from {iso_text(span.start_us)}"
        ends = "" if span.end_us is None else f" until {iso_text(span.end_us)}"
        now = iso_text(facts.now_us)
        text = f"the rule holds{begins}{ends or (' on' if begins else ' always')}; it is {now}"
        checks.append(Check(what="schedule", path=f"{rule.path}.schedule", passed=passed, text=text, actual=now))
    return passed


def rolled_out(flag: Flag, rule: CompiledRule, facts: Facts, checks: list[Check] | None) -> bool:
    """Whether the player's bucket is among those that get something."""
    if rule.ranges:
        return _has_share(flag, rule, facts, checks)
    if rule.coverage >= 1:
        return True
    at = _bucket(flag, facts)
    passed = engine.within(at, rule.coverage)
    if checks is not None:
        text = f"the player's bucket is {at:.4f}; rolled out to those below {rule.coverage:g}"
        checks.append(
            Check(
                what="rollout",
                path=f"{rule.path}.rollout",
                passed=passed,
                text=text,
                operator="<",
                expected=rule.coverage,
                actual=at,
            )
        )
    return passed


def _has_share(flag: Flag, rule: CompiledRule, facts: Facts, checks: list[Check] | None) -> bool:
    at = _bucket(flag, facts)
    index = engine.chosen(at, rule.ranges)
    if checks is not None:
        if index >= 0:
            low, high = rule.ranges[index]
            text = f"the player's bucket is {at:.4f}: “{rule.variants[index].key}” has {low:.4f} … {high:.4f}"
        else:
            text = f"the player's bucket is {at:.4f}, in the part of its share that is not rolled out"
        expected = {
            variant.key: [round(edge, 6) for edge in part]
            for variant, part in zip(rule.variants, rule.ranges, strict=True)
        }
        checks.append(
            Check(what="split", path=f"{rule.path}.split", passed=index >= 0, text=text, expected=expected, actual=at)
        )
    return index >= 0


def given(flag: Flag, rule: CompiledRule, facts: Facts) -> Evaluation:
    """The value of a rule that has passed."""
    segment_id = rule.rule.segment_id
    if rule.ranges:
        variant = rule.variants[engine.chosen(_bucket(flag, facts), rule.ranges)]
        return evaluation_of(flag, variant.value, "split", variant.key, segment_id)
    reason: Reason = "rollout" if rule.coverage < 1 else "rule_match" if segment_id is None else "segment_match"
    if rule.variants:
        return evaluation_of(flag, rule.variants[0].value, reason, rule.variants[0].key, segment_id)
    value = True if rule.rule.value is None and flag.type == "boolean" else rule.rule.value
    return evaluation_of(flag, value, reason, None, segment_id)


def _bucket(flag: Flag, facts: Facts) -> float:
    at = facts.buckets.get(flag.key)
    if at is None:
        at = facts.buckets[flag.key] = engine.bucket(flag.key, facts.profile.player_id)
    return at


def evaluation_of(
    flag: Flag, value: Any, reason: Reason, variant_key: str | None = None, segment_id: str | None = None
) -> Evaluation:
    """An answer. Where no variant is named, a boolean flag's is `enabled` or `disabled`, and a multivariate one's the
    first of this value."""
    if variant_key is None:
        if flag.type == "boolean":
            variant_key = "enabled" if value is True else "disabled"
        elif flag.type == "multivariate":
            variant = variant_with(flag, value)
            variant_key = None if variant is None else variant.key
    return Evaluation(flag_key=flag.key, value=value, variant_key=variant_key, reason=reason, segment_id=segment_id)
