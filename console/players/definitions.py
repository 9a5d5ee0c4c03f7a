"""Flags and segments as people and programs write them, and what their evaluation says.

Parts of a definition forbid fields they do not know: a misspelt condition would otherwise let everybody in.
"""

from typing import Any, Literal

from msgspec import Struct

FlagType = Literal["boolean", "string", "number", "json", "multivariate"]
Reason = Literal[
    "override",
    "disabled",
    "segment_match",
    "rule_match",
    "rollout",
    "split",
    "prerequisite_failed",
    "default",
    "error",
]
ChurnWindow = Literal["casual", "mid_core", "strategy"]
Tier = Literal["free", "growth", "pro", "enterprise"]


class InvalidDefinition(ValueError):
    """A flag, a segment or an override that is refused. `path` leads to what is wrong with it: `$.rules[0].rollout`."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path
        self.message = message


class UnknownFlag(LookupError):
    """There is no flag of this key."""


class UnknownSegment(LookupError):
    """There is no segment of this id."""


class Segment(Struct, frozen=True, kw_only=True):
    """Players who meet a condition. `conditions` is the documented tree, as sent.

    `segment_id` is chosen by its author (`beta-testers`) and never changes; `version` counts its changes from 1.
    """

    segment_id: str
    name: str
    description: str = ""
    conditions: dict[str, Any]
    version: int = 1
    created_at_us: int = 0
    updated_at_us: int = 0


class Variant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named value of a flag."""

    key: str
    value: Any


class Share(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A variant's part in a split. Weights are relative: they need not sum up to anything."""

    variant_key: str
    weight: float


class Schedule(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """When a rule holds: from `start_at` up to but not including `end_at`, ISO 8601; None leaves an end open."""

    start_at: str | None = None
    end_at: str | None = None


class Prerequisite(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another flag that must have this value for the player first."""

    flag_key: str
    value: Any = True


class Rule(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Gives a value to the players who pass all of it: segment, conditions, schedule, then the roll-out.

    Exactly one of `value`, `variant_key` and `split` says what they get; a rule of a boolean flag without any gives
    true. `rollout` is a percentage, 0 … 100.
    """

    rule_id: str
    description: str = ""
    segment_id: str | None = None
    conditions: dict[str, Any] | None = None
    schedule: Schedule | None = None
    rollout: float | None = None
    value: Any = None
    variant_key: str | None = None
    split: list[Share] | None = None


class Flag(Struct, frozen=True, kw_only=True):
    """A feature flag. Rules are tried in order; the first that passes decides, else the default.

    `version` counts its changes from 1.
    """

    key: str
    name: str = ""
    description: str = ""
    type: FlagType = "boolean"
    enabled: bool = False
    default_value: Any = None
    variants: list[Variant] = []
    prerequisites: list[Prerequisite] = []
    rules: list[Rule] = []
    version: int = 1
    created_at_us: int = 0
    updated_at_us: int = 0


class Override(Struct, frozen=True, kw_only=True):
    """A value that one player gets before anything else is looked at."""

    flag_key: str
    player_id: str
    value: Any
    at_us: int = 0


class Evaluation(Struct, frozen=True, kw_only=True):
    """What a player gets of one flag, and why."""

    flag_key: str
    value: Any
    variant_key: str | None
    reason: Reason
    segment_id: str | None = None


class Check(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One comparison of an explanation: what was asked, what was there, and whether it passed.

    `what` names the kind: override, switch, prerequisite, segment, condition, group (of conditions), schedule, rollout,
    split, error. `path` leads to it in the flag's definition (`$.rules[0].conditions.conditions[1]`), or in a
    segment's (`segment beta-testers $.conditions.conditions[1]`). `text` says it in words. A bucket is 0 … 1.
    """

    what: str
    path: str
    passed: bool
    text: str
    field: str = ""
    operator: str = ""
    expected: Any = None
    actual: Any = None


class RuleTrace(Struct, frozen=True, kw_only=True):
    """How one rule went; `reached` is false for those behind the one that decided, which are checked all the same."""

    rule_id: str
    index: int
    passed: bool
    reached: bool
    checks: list[Check]


class Explanation(Struct, frozen=True, kw_only=True):
    """An evaluation with everything that was compared on the way to it."""

    evaluation: Evaluation
    checks: list[Check]
    rules: list[RuleTrace]


class Membership(Struct, frozen=True, kw_only=True):
    """Whether a player is in a segment, with the comparisons."""

    segment_id: str
    is_member: bool
    checks: list[Check] = []


class Factor(Struct, frozen=True, kw_only=True):
    """One part of a churn risk. Contributions sum up to the score."""

    factor: str
    description: str
    contribution: float


class ChurnRisk(Struct, frozen=True, kw_only=True):
    """How likely a player is gone for good, 0 … 1: a labelled heuristic."""

    player_id: str
    risk_score: float
    risk_level: Literal["low", "medium", "high", "critical"]
    factors: list[Factor]
    prediction_date: str
    confidence: float


Stage = Literal["new", "active", "at_risk", "dormant", "churned", "resurrected"]


class Lifecycle(Struct, frozen=True, kw_only=True):
    """A player's stage, and the numbers it follows from, in days.

    `thresholds` maps a stage to the gap at which it begins. `next_transition_at` is when the stage changes if the
    player stays away, ISO 8601; None when it never does. `reason` says it in words.
    """

    player_id: str
    stage: Stage
    days_since_last_activity: float
    typical_gap_days: float
    churn_window_days: int
    thresholds: dict[str, float]
    next_transition_at: str | None
    reason: str
