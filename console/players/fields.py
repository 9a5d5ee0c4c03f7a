"""What a condition can ask of a player: columns, attributes, and what is computed from them.

`Facts` is one player at one instant. What is costly is computed when first asked for, and once.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any, Final, Literal, get_args

from console.players.churn_risk import risk_score
from console.players.definitions import ChurnWindow, Evaluation, InvalidDefinition, Stage
from console.players.lifecycle import stage_of
from console.players.profiles import DAY_US, Profile

# `time` is an instant; `any` is an attribute, which may hold any JSON value, or be missing.
Kind = Literal["text", "stage", "number", "boolean", "time", "any"]

STAGES: Final[tuple[str, ...]] = get_args(Stage)
ATTRIBUTES: Final = "attributes."

_MAX_NAME_CHARS = 300
_MAX_STEPS = 8


class Facts:
    """A player at the instant `now_us`, with the answers that several flags and segments ask for."""

    __slots__ = ("_risk", "_stage", "buckets", "evaluations", "members", "now_us", "profile", "window")

    def __init__(self, profile: Profile, now_us: int, window: ChurnWindow) -> None:
        self.profile = profile
        self.now_us = now_us
        self.window: ChurnWindow = window
        self.members: dict[str, bool] = {}  # by segment
        self.buckets: dict[str, float] = {}  # by seed
        self.evaluations: dict[str, Evaluation] = {}  # by flag
        self._stage: Stage | None = None
        self._risk: float | None = None

    @property
    def days_since_last_seen(self) -> float:
        """Elapsed time, in days with a fraction; 0 when the player was seen later than now."""
        return max(0, self.now_us - self.profile.last_seen_us) / DAY_US

    @property
    def stage(self) -> Stage:
        if self._stage is None:
            self._stage = stage_of(self.profile, self.now_us, self.window)
        return self._stage

    @property
    def risk(self) -> float:
        if self._risk is None:
            self._risk = risk_score(self.profile, self.now_us, self.window)
        return self._risk


@dataclass(frozen=True, slots=True)
class Field:
    """Something to compare. A `time` reads as µs since 1970-01-01 UTC; what is missing reads as None."""

    name: str
    kind: Kind
    read: Callable[[Facts], Any]


_FIELDS: Final[dict[str, Field]] = {
    field.name: field
    for field in (
        Field("id", "text", lambda facts: facts.profile.player_id),
        Field("external_id", "text", lambda facts: facts.profile.external_id),
        Field("device_id", "text", lambda facts: facts.profile.device_id),
        Field("email", "text", lambda facts: facts.profile.email),
        Field("session_count", "number", lambda facts: facts.profile.session_count),
        # In whole units, as the player API shows it: 4.99.
        Field("total_revenue", "number", lambda facts: facts.profile.revenue_minor / 100),
        Field("is_payer", "boolean", lambda facts: facts.profile.is_payer),
        Field("first_seen_at", "time", lambda facts: facts.profile.first_seen_us),
        Field("last_seen_at", "time", lambda facts: facts.profile.last_seen_us),
        Field("days_since_last_seen", "number", lambda facts: facts.days_since_last_seen),
        Field("lifecycle_stage", "stage", lambda facts: facts.stage),
        Field("churn_risk", "number", lambda facts: facts.risk),
    )
}

# Every field with a name of its own; beside them there is `attributes.*`.
FIELD_KINDS: Final[dict[str, Kind]] = {field.name: field.kind for field in _FIELDS.values()}


def field_named(name: object, path: str) -> Field:
    """The field of this name. A dotted name leads into an attribute that is an object: `attributes.hardware.gpu`.

    Raises InvalidDefinition when there is none.
    """
    if type(name) is not str:
        raise InvalidDefinition(path, "a field is named by text, like session_count or attributes.level")
    field = _FIELDS.get(name)
    if field is not None:
        return field
    if not name.startswith(ATTRIBUTES):
        raise InvalidDefinition(path, _unknown(name))
    steps = name.removeprefix(ATTRIBUTES).split(".")
    if not all(steps):
        raise InvalidDefinition(path, f"the name of an attribute is missing in {name[:60]!r}")
    if len(name) > _MAX_NAME_CHARS or len(steps) > _MAX_STEPS:
        raise InvalidDefinition(path, f"is longer than {_MAX_NAME_CHARS} characters or {_MAX_STEPS} steps")
    return Field(name, "any", _attribute(steps))


def _attribute(steps: list[str]) -> Callable[[Facts], Any]:
    if len(steps) == 1:
        only = steps[0]
        return lambda facts: facts.profile.attributes.get(only)

    def read(facts: Facts) -> Any:
        value: Any = facts.profile.attributes
        for step in steps:
            if type(value) is not dict:
                return None
            value = value.get(step)
        return value

    return read


def _unknown(name: str) -> str:
    if name == ATTRIBUTES.rstrip("."):
        return "say which attribute, like attributes.level"
    close = get_close_matches(name[:60], FIELD_KINDS, n=1, cutoff=0.75)
    if close:
        return f"there is no field {name[:60]!r}: did you mean {close[0]!r}?"
    return (
        f"there is no field {name[:60]!r}: an attribute is asked for as {ATTRIBUTES + name[:60]!r}; "
        f"the fields are {', '.join(FIELD_KINDS)} and attributes.*"
    )


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_MAX_INSTANT_CHARS = 40


def as_instant(text: str) -> int | None:
    """Text as an instant, in µs since 1970-01-01 UTC; None when it is none.

    More is taken than as the time of an event: attributes hold birthdays, dates alone (midnight in UTC), no seconds.
    """
    if not 10 <= len(text) <= _MAX_INSTANT_CHARS or not _INSTANT.fullmatch(text):
        return None
    try:
        instant = datetime.fromisoformat(text.upper())
    except ValueError:  # the 30th of February
        return None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return (instant - _EPOCH) // _MICROSECOND
