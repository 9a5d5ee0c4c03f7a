"""Flags as they are evaluated: conditions read, times in µs, shares as ranges of buckets."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from console.players import engine
from console.players.checks import check_flag_beside
from console.players.conditions import Condition, parse_conditions
from console.players.definitions import Flag, Rule, Variant
from console.players.schedules import Span, schedule_span


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One rule. `coverage` is the roll-out, 0 … 1.

    With a split, `variants` and `ranges` have one entry a share; a rule that names one variant has that alone.
    """

    rule: Rule
    path: str
    condition: Condition | None
    span: Span | None
    coverage: float
    variants: tuple[Variant, ...]
    ranges: tuple[engine.Range, ...]


@dataclass(frozen=True, slots=True)
class CompiledFlag:
    """A flag with its rules."""

    flag: Flag
    rules: tuple[CompiledRule, ...] = ()


def compile_flag(flag: Flag, flags: Mapping[str, Flag], segment_ids: Collection[str]) -> CompiledFlag:
    """Check a flag beside the others, and compile it. Raises InvalidDefinition."""
    check_flag_beside(flag, flags, segment_ids)
    variants = {variant.key: variant for variant in flag.variants}
    rules = (_compile_rule(rule, f"$.rules[{index}]", variants) for index, rule in enumerate(flag.rules))
    return CompiledFlag(flag, tuple(rules))


def _compile_rule(rule: Rule, path: str, variants: dict[str, Variant]) -> CompiledRule:
    coverage = 1.0 if rule.rollout is None else rule.rollout / 100
    given: tuple[Variant, ...] = ()
    ranges: tuple[engine.Range, ...] = ()
    if rule.split is not None:
        given = tuple(variants[share.variant_key] for share in rule.split)
        ranges = engine.ranges([share.weight for share in rule.split], coverage)
    elif rule.variant_key is not None:
        given = (variants[rule.variant_key],)
    condition = None if rule.conditions is None else parse_conditions(rule.conditions, f"{path}.conditions")
    span = None if rule.schedule is None else schedule_span(rule.schedule, f"{path}.schedule")
    return CompiledRule(rule, path, condition, span, coverage, given, ranges)
