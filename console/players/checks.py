"""Whether a flag, a segment or an override may be kept: what is wrong with it, where, and what would be right."""

import math
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from console.players.conditions import parse_conditions
from console.players.definitions import Flag, InvalidDefinition, Prerequisite, Rule, Segment, Share
from console.players.flag_values import check_json, check_text, check_type, check_value, variant_with
from console.players.schedules import schedule_span

__all__ = ["InvalidDefinition", "check_flag", "check_flag_beside", "check_override", "check_segment"]

MAX_KEY_CHARS: Final = 100
MAX_NAME_CHARS: Final = 200
MAX_DESCRIPTION_CHARS: Final = 2_000
MAX_RULES: Final = 100
MAX_VARIANTS: Final = 100
MAX_PREREQUISITES: Final = 20
# How long a chain of flags that need each other may get.
MAX_CHAIN: Final = 20
MAX_WEIGHT: Final = 1e9

KEY_PATTERN: Final = r"[A-Za-z0-9][A-Za-z0-9_.-]*"

_KEY = re.compile(KEY_PATTERN)


def check_segment(segment: Segment) -> None:
    """Raises InvalidDefinition when a segment cannot be kept."""
    _check_key(segment.segment_id, "$.segment_id")
    check_text(segment.name, "$.name", MAX_NAME_CHARS)
    if not segment.name.strip():
        raise InvalidDefinition("$.name", "a segment has a name")
    check_text(segment.description, "$.description", MAX_DESCRIPTION_CHARS)
    parse_conditions(segment.conditions, "$.conditions")


def check_flag(flag: Flag, flags: Iterable[Flag], segments: Iterable[Segment]) -> None:
    """Raises InvalidDefinition when a flag cannot be kept beside these flags and segments.

    `flags` may hold an earlier version of it.
    """
    check_flag_beside(flag, {other.key: other for other in flags}, {segment.segment_id for segment in segments})


def check_flag_beside(flag: Flag, flags: Mapping[str, Flag], segment_ids: Collection[str]) -> None:
    """The same, for many flags in a row: the others by key."""
    _check_key(flag.key, "$.key")
    check_text(flag.name, "$.name", MAX_NAME_CHARS)
    check_text(flag.description, "$.description", MAX_DESCRIPTION_CHARS)
    _check_variants(flag)
    if not (flag.type == "boolean" and flag.default_value is None):
        check_value(flag, flag.default_value, "$.default_value")
    if flag.prerequisites:
        _check_prerequisites(flag, flags)
    _check_rules(flag, segment_ids)


def check_override(flag: Flag, value: object) -> None:
    """Raises InvalidDefinition when a flag cannot have this value, for one player or at all."""
    check_value(flag, value, "$.value")


def _check_key(key: str, path: str) -> None:
    if not key:
        raise InvalidDefinition(path, "is empty")
    if len(key) > MAX_KEY_CHARS:
        raise InvalidDefinition(path, f"is longer than {MAX_KEY_CHARS} characters")
    if not _KEY.fullmatch(key):
        raise InvalidDefinition(
            path, f"{key!r}: letters, digits, “_”, “-” and “.” are taken, beginning with a letter or a digit"
        )


def _check_variants(flag: Flag) -> None:
    if flag.type == "multivariate" and not flag.variants:
        raise InvalidDefinition("$.variants", "a multivariate flag has variants: there are none")
    if len(flag.variants) > MAX_VARIANTS:
        raise InvalidDefinition("$.variants", f"there are more than {MAX_VARIANTS}")
    seen: set[str] = set()
    for index, variant in enumerate(flag.variants):
        path = f"$.variants[{index}]"
        _check_key(variant.key, f"{path}.key")
        if variant.key in seen:
            raise InvalidDefinition(f"{path}.key", f"{variant.key!r} is there twice")
        seen.add(variant.key)
        if flag.type == "multivariate":
            check_json(variant.value, f"{path}.value")
        else:
            check_type(flag.type, variant.value, f"{path}.value")


# prerequisites


def _check_prerequisites(flag: Flag, flags: Mapping[str, Flag]) -> None:
    if len(flag.prerequisites) > MAX_PREREQUISITES:
        raise InvalidDefinition("$.prerequisites", f"there are more than {MAX_PREREQUISITES}")
    seen: set[str] = set()
    for index, needed in enumerate(flag.prerequisites):
        path = f"$.prerequisites[{index}]"
        if needed.flag_key == flag.key:
            raise InvalidDefinition(f"{path}.flag_key", "a flag cannot be its own prerequisite")
        if needed.flag_key in seen:
            raise InvalidDefinition(f"{path}.flag_key", f"{needed.flag_key[:100]!r} is there twice")
        seen.add(needed.flag_key)
        other = flags.get(needed.flag_key)
        if other is None:
            raise InvalidDefinition(f"{path}.flag_key", f"there is no flag {needed.flag_key[:100]!r}")
        _check_needed_value(other, needed, f"{path}.value")
    _check_chain(flag, flags)


def _check_needed_value(other: Flag, needed: Prerequisite, path: str) -> None:
    try:
        check_value(other, needed.value, path)
    except InvalidDefinition as error:
        raise InvalidDefinition(path, f"{other.key!r} can never have this value: {error.message}") from None


def _check_chain(flag: Flag, flags: Mapping[str, Flag]) -> None:
    """No flag may wait for itself, and none for very many others, whichever way they are reached."""
    needs = {key: [needed.flag_key for needed in other.prerequisites] for key, other in flags.items()}
    needs[flag.key] = [needed.flag_key for needed in flag.prerequisites]
    cycle = _cycle_from(flag.key, needs)
    if cycle:
        index = needs[flag.key].index(cycle[1])
        raise InvalidDefinition(
            f"$.prerequisites[{index}].flag_key", f"flags would wait for each other: {' → '.join(cycle)}"
        )
    below = _levels([flag.key], needs)
    needed_by: dict[str, list[str]] = {}
    for key, others in needs.items():
        for other in others:
            needed_by.setdefault(other, []).append(key)
    if below + _levels([flag.key], needed_by) > MAX_CHAIN:
        raise InvalidDefinition("$.prerequisites", f"a chain of more than {MAX_CHAIN} flags would wait for each other")


def _cycle_from(start: str, needs: dict[str, list[str]]) -> list[str]:
    """A way from a flag back to itself, both ends named; empty when there is none."""
    came_from: dict[str, str] = {}
    waiting = [start]
    while waiting:
        key = waiting.pop()
        for other in needs.get(key, ()):
            if other == start:
                way = [start]
                while key != start:
                    way.append(key)
                    key = came_from[key]
                return [start, *reversed(way)]
            if other not in came_from:
                came_from[other] = key
                waiting.append(other)
    return []


def _levels(front: list[str], needs: dict[str, list[str]]) -> int:
    """How many steps it is to the farthest flag, counted to just beyond the limit."""
    steps = 0
    while steps <= MAX_CHAIN and (front := sorted({other for key in front for other in needs.get(key, ())})):
        steps += 1
    return steps


# rules


def _check_rules(flag: Flag, segment_ids: Collection[str]) -> None:
    if len(flag.rules) > MAX_RULES:
        raise InvalidDefinition("$.rules", f"there are more than {MAX_RULES}")
    seen: set[str] = set()
    for index, rule in enumerate(flag.rules):
        path = f"$.rules[{index}]"
        _check_key(rule.rule_id, f"{path}.rule_id")
        if rule.rule_id in seen:
            raise InvalidDefinition(f"{path}.rule_id", f"{rule.rule_id!r} is there twice")
        seen.add(rule.rule_id)
        check_text(rule.description, f"{path}.description", MAX_DESCRIPTION_CHARS)
        if rule.segment_id is not None and rule.segment_id not in segment_ids:
            raise InvalidDefinition(f"{path}.segment_id", f"there is no segment {rule.segment_id[:100]!r}")
        if rule.conditions is not None:
            parse_conditions(rule.conditions, f"{path}.conditions")
        if rule.schedule is not None:
            schedule_span(rule.schedule, f"{path}.schedule")
        if rule.rollout is not None and not 0 <= rule.rollout <= 100:
            raise InvalidDefinition(f"{path}.rollout", f"is a percentage from 0 to 100, not {rule.rollout}")
        _check_given(flag, rule, path)


def _check_given(flag: Flag, rule: Rule, path: str) -> None:
    """What a rule gives: one of a value, a variant and a split."""
    given = [name for name in ("value", "variant_key", "split") if getattr(rule, name) is not None]
    if len(given) > 1:
        raise InvalidDefinition(f"{path}.{given[1]}", f"a rule gives one thing: {' or '.join(given)}")
    if rule.variant_key is not None:
        _check_variant_key(flag, rule.variant_key, f"{path}.variant_key")
    elif rule.split is not None:
        _check_split(flag, rule.split, f"{path}.split")
    elif rule.value is not None:
        check_value(flag, rule.value, f"{path}.value")
    elif flag.type != "boolean" and not (flag.type == "multivariate" and variant_with(flag, None)):
        raise InvalidDefinition(path, "gives nothing: a value, a variant_key or a split is needed")


def _check_variant_key(flag: Flag, key: str, path: str) -> None:
    if all(variant.key != key for variant in flag.variants):
        names = ", ".join(variant.key for variant in flag.variants[:10]) or "none"
        raise InvalidDefinition(path, f"there is no variant {key[:100]!r}: the flag has {names}")


def _check_split(flag: Flag, split: list[Share], path: str) -> None:
    if not split:
        raise InvalidDefinition(path, "is empty: a split has shares")
    seen: set[str] = set()
    for index, share in enumerate(split):
        where = f"{path}[{index}]"
        _check_variant_key(flag, share.variant_key, f"{where}.variant_key")
        if share.variant_key in seen:
            raise InvalidDefinition(f"{where}.variant_key", f"{share.variant_key!r} is there twice")
        seen.add(share.variant_key)
        if not (math.isfinite(share.weight) and 0 < share.weight <= MAX_WEIGHT):
            raise InvalidDefinition(f"{where}.weight", f"is more than 0 and at most {MAX_WEIGHT:,.0f}")
