"""What a player gets of each flag, and which segments a player is in: the one path for the API, the window and tests.

The walk is ours: overrides, the switch, prerequisites, then rules in order. Each step is asked lazily; an evaluation
takes the first outcome there is, an explanation goes on to the end and notes everything that was compared.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from console.players import engine
from console.players.checks import check_override
from console.players.compiled import CompiledFlag, CompiledRule, compile_flag
from console.players.conditions import Condition, parse_conditions
from console.players.definitions import (
    Check,
    ChurnWindow,
    Evaluation,
    Explanation,
    Flag,
    InvalidDefinition,
    Membership,
    Override,
    RuleTrace,
    Segment,
    UnknownFlag,
    UnknownSegment,
)
from console.players.fields import Facts
from console.players.flag_values import default_of, same_value
from console.players.matching import holds, in_words
from console.players.profiles import Profile
from console.players.rules import conditions_hold, evaluation_of, given, rolled_out, schedule_holds

__all__ = ["Definitions", "UnknownFlag", "UnknownSegment"]

_log = logging.getLogger(__name__)


class _Trace:
    """What an explanation notes."""

    def __init__(self) -> None:
        self.checks: list[Check] = []
        self.rules: list[RuleTrace] = []


class Definitions:
    """The flags, segments and overrides of one application, compiled once and never changed.

    A stored definition that no longer passes the checks breaks itself alone: its flag answers with the default and
    reason `error`. Building the first one imports the evaluator (0.4 s): build in a thread.
    """

    def __init__(self, flags: Iterable[Flag], segments: Iterable[Segment], overrides: Iterable[Override] = ()) -> None:
        engine.load()
        self._segments = {segment.segment_id: segment for segment in segments}
        self._conditions: dict[str, Condition | InvalidDefinition] = {}
        for segment in self._segments.values():
            try:
                self._conditions[segment.segment_id] = parse_conditions(segment.conditions, "$.conditions")
            except InvalidDefinition as error:
                self._conditions[segment.segment_id] = error
        self._by_key = by_key = {flag.key: flag for flag in flags}
        self._flags: dict[str, CompiledFlag] = {}
        self._broken: dict[str, InvalidDefinition] = {}
        for key, flag in by_key.items():
            try:
                self._flags[key] = compile_flag(flag, by_key, self._segments)
            except InvalidDefinition as error:
                self._flags[key] = CompiledFlag(flag)
                self._broken[key] = error
        self._overrides: dict[str, dict[str, Any]] = {}
        for override in overrides:
            self._overrides.setdefault(override.player_id, {})[override.flag_key] = override.value
        self._logged: set[str] = set()

    @property
    def flags(self) -> Mapping[str, Flag]:
        """By key, in the order given."""
        return MappingProxyType(self._by_key)

    @property
    def segments(self) -> Mapping[str, Segment]:
        """By id, in the order given."""
        return MappingProxyType(self._segments)

    # flags

    def evaluate(self, key: str, profile: Profile, now_us: int, window: ChurnWindow) -> Evaluation:
        """What a player gets of a flag at an instant. Raises UnknownFlag."""
        if key not in self._flags:
            raise UnknownFlag(key)
        return self._evaluate(key, Facts(profile, now_us, window))

    def evaluate_all(
        self, profile: Profile, now_us: int, window: ChurnWindow, keys: Iterable[str] | None = None
    ) -> dict[str, Evaluation]:
        """What a player gets of every flag, or of those asked for; keys that no flag has are left out."""
        facts = Facts(profile, now_us, window)
        wanted = self._flags if keys is None else dict.fromkeys(keys)
        return {key: self._evaluate(key, facts) for key in wanted if key in self._flags}

    def explain(self, key: str, profile: Profile, now_us: int, window: ChurnWindow) -> Explanation:
        """The same answer, with everything that was compared on the way, and what the rules behind it would say.

        Raises UnknownFlag.
        """
        if key not in self._flags:
            raise UnknownFlag(key)
        trace = _Trace()
        evaluation = self._decide(self._flags[key], Facts(profile, now_us, window), trace)
        return Explanation(evaluation=evaluation, checks=trace.checks, rules=trace.rules)

    # segments

    def membership(
        self, segment_id: str, profile: Profile, now_us: int, window: ChurnWindow, explain: bool = False
    ) -> Membership:
        """Whether a player is in a segment; the comparisons only when asked to explain.

        Raises UnknownSegment, and InvalidDefinition for one that no longer passes the checks.
        """
        if segment_id not in self._segments:
            raise UnknownSegment(segment_id)
        facts, checks = Facts(profile, now_us, window), list[Check]()
        is_member = holds(self._condition(segment_id), facts, checks if explain else None)
        return Membership(segment_id=segment_id, is_member=is_member, checks=checks)

    def segments_of(self, profile: Profile, now_us: int, window: ChurnWindow) -> list[Segment]:
        """The segments a player is in, in the order given; nobody is in one that no longer passes the checks."""
        facts = Facts(profile, now_us, window)
        return [
            segment
            for segment_id, segment in self._segments.items()
            if not isinstance(condition := self._conditions[segment_id], InvalidDefinition) and holds(condition, facts)
        ]

    # ----------------------------------------------------------------------------------------------------------------

    def _condition(self, segment_id: str) -> Condition:
        condition = self._conditions[segment_id]
        if isinstance(condition, InvalidDefinition):
            raise InvalidDefinition(f"segment {segment_id} {condition.path}", condition.message)
        return condition

    def _evaluate(self, key: str, facts: Facts) -> Evaluation:
        known = facts.evaluations.get(key)
        if known is None:
            known = facts.evaluations[key] = self._decide(self._flags[key], facts, None)
        return known

    def _decide(self, compiled: CompiledFlag, facts: Facts, trace: _Trace | None) -> Evaluation:
        flag = compiled.flag
        outcomes = self._outcomes(compiled, facts, trace)
        try:
            decided = next(outcomes)
        except Exception as error:
            self._note(flag.key, error)
            if trace is not None:
                trace.checks.append(_failed(error))
            return evaluation_of(flag, default_of(flag), "error")
        if trace is not None:
            try:
                for _ in outcomes:
                    pass
            except Exception as error:
                trace.checks.append(_failed(error))
        return decided

    def _note(self, key: str, error: Exception) -> None:
        """Say once what is wrong with a flag: it may be evaluated a thousand times a second."""
        if key not in self._logged:
            self._logged.add(key)
            expected = isinstance(error, InvalidDefinition)
            _log.error("The flag %r cannot be evaluated: %s", key, error, exc_info=None if expected else error)

    def _outcomes(self, compiled: CompiledFlag, facts: Facts, trace: _Trace | None) -> Iterator[Evaluation]:
        """Everything that would decide, in order; the first does."""
        flag = compiled.flag
        decided = False
        overrides = self._overrides.get(facts.profile.player_id)
        if overrides is not None and flag.key in overrides:
            decided = True
            yield self._overridden(flag, overrides[flag.key], trace)
        if flag.key in self._broken:
            broken = self._broken[flag.key]
            raise InvalidDefinition(broken.path, broken.message)
        if trace is not None:
            text = "the flag is on" if flag.enabled else "the flag is off: everybody gets the default"
            trace.checks.append(Check(what="switch", path="$.enabled", passed=flag.enabled, text=text))
        if not flag.enabled:
            decided = True
            yield evaluation_of(flag, default_of(flag), "disabled")
        if not self._prerequisites_hold(flag, facts, trace):
            decided = True
            yield evaluation_of(flag, default_of(flag), "prerequisite_failed")
        for index, rule in enumerate(compiled.rules):
            checks: list[Check] | None = None if trace is None else []
            outcome = self._outcome(flag, rule, facts, checks)
            if trace is not None and checks is not None:
                trace.rules.append(
                    RuleTrace(
                        rule_id=rule.rule.rule_id,
                        index=index,
                        passed=outcome is not None,
                        reached=not decided,
                        checks=checks,
                    )
                )
            if outcome is not None:
                decided = True
                yield outcome
        yield evaluation_of(flag, default_of(flag), "default")

    def _overridden(self, flag: Flag, value: Any, trace: _Trace | None) -> Evaluation:
        check_override(flag, value)
        if trace is not None:
            text = f"this player gets {in_words(value)} before anything else is looked at"
            trace.checks.append(Check(what="override", path="$", passed=True, text=text, expected=value, actual=value))
        return evaluation_of(flag, value, "override")

    def _prerequisites_hold(self, flag: Flag, facts: Facts, trace: _Trace | None) -> bool:
        passed = True
        for index, needed in enumerate(flag.prerequisites):
            given = self._evaluate(needed.flag_key, facts)
            holding = same_value(given.value, needed.value)
            passed = passed and holding
            if trace is None:
                if not holding:
                    return False
                continue
            trace.checks.append(
                Check(
                    what="prerequisite",
                    path=f"$.prerequisites[{index}]",
                    passed=holding,
                    text=f"the flag “{needed.flag_key}” is {in_words(given.value)} ({given.reason}); "
                    f"needed: {in_words(needed.value)}",
                    field=needed.flag_key,
                    operator="==",
                    expected=needed.value,
                    actual=given.value,
                )
            )
        return passed

    # rules

    def _outcome(self, flag: Flag, rule: CompiledRule, facts: Facts, checks: list[Check] | None) -> Evaluation | None:
        """What a rule gives to a player, or None. With `checks` everything is compared and noted."""
        passed = True
        for test in (self._in_segment, conditions_hold, schedule_holds, rolled_out):
            if not test(flag, rule, facts, checks):
                if checks is None:
                    return None
                passed = False
        return given(flag, rule, facts) if passed else None

    def _in_segment(self, flag: Flag, rule: CompiledRule, facts: Facts, checks: list[Check] | None) -> bool:
        segment_id = rule.rule.segment_id
        if segment_id is None:
            return True
        inner: list[Check] | None = None if checks is None else []
        is_member = facts.members.get(segment_id)
        if is_member is None or inner is not None:
            is_member = facts.members[segment_id] = holds(
                self._condition(segment_id), facts, inner, f"segment {segment_id} "
            )
        if checks is not None and inner is not None:
            name = self._segments[segment_id].name
            checks.append(
                Check(
                    what="segment",
                    path=f"{rule.path}.segment_id",
                    passed=is_member,
                    text=f"{'in' if is_member else 'not in'} the segment “{name}”",
                    field=segment_id,
                    actual=is_member,
                )
            )
            checks += inner
        return is_member


def _failed(error: Exception) -> Check:
    path = error.path if isinstance(error, InvalidDefinition) else "$"
    message = error.message if isinstance(error, InvalidDefinition) else f"{type(error).__name__}: {error}"
    return Check(what="error", path=path, passed=False, text=f"cannot be evaluated: {message}")
