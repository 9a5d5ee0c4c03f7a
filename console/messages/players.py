"""Values of players, flags and segments that cross the console API, as MessagePack both ways.

Definitions and explanations are the domain's own; see `console.players.definitions`. Times are microseconds since
1970-01-01 UTC.
"""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from console.players.definitions import (
    ChurnRisk,
    Evaluation,
    Flag,
    Lifecycle,
    Override,
    Segment,
    Stage,
)
from console.players.profiles import PlayedSession, Profile, Purchase

PlayerSort = Literal["external_id", "stage", "churn_risk", "session_count", "revenue", "first_seen", "last_seen"]


class PlayerRow(Struct, frozen=True, array_like=True, gc=False):
    """One player, as a table shows it. `api` tells which API knows the player: telemetry, player or both."""

    player_id: str
    app_id: str
    external_id: str
    device_id: str
    email: str
    stage: Stage
    churn_risk: float
    session_count: int
    revenue_minor: int
    first_seen_us: int
    last_seen_us: int
    api: Literal["telemetry", "player", "both"]


class PlayerPage(Struct, frozen=True, kw_only=True):
    """Some of the players who match; `total` is how many do."""

    total: int
    rows: list[PlayerRow]


class SegmentName(Struct, frozen=True, kw_only=True):
    """A segment a player is in."""

    segment_id: str
    name: str


class PlayerDetail(Struct, frozen=True, kw_only=True):
    """Everything known of one player, at the instant that was asked for. Sessions and purchases: the newest first."""

    profile: Profile
    lifecycle: Lifecycle
    churn_risk: ChurnRisk
    sessions: list[PlayedSession]
    purchases: list[Purchase]
    segments: list[SegmentName]
    flags: list[Evaluation]
    overrides: list[Override]


class PlayerChanges(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An edit by a person: a JSON merge patch, as the player API takes it."""

    external_id: str | UnsetType | None = UNSET
    device_id: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    attributes: dict[str, Any] | UnsetType | None = UNSET


class SaveFlag(Struct, frozen=True, kw_only=True):
    """A new flag, or one in place of version `replaces`: refused when somebody else changed it meanwhile."""

    flag: Flag
    replaces: int | None = None


class SaveSegment(Struct, frozen=True, kw_only=True):
    """A new segment, or one in place of version `replaces`: refused when somebody else changed it meanwhile."""

    segment: Segment
    replaces: int | None = None


class SetOverride(Struct, frozen=True, kw_only=True):
    """The value one player is to get of a flag."""

    value: Any


class SegmentPreview(Struct, frozen=True, kw_only=True):
    """How many of the known players meet a condition, and some of those who do."""

    members: int
    total: int
    sample: list[PlayerRow]


class FlagCount(Struct, frozen=True, kw_only=True):
    """How many players get one value for one reason."""

    value: Any
    variant_key: str | None
    reason: str
    players: int


class FlagPreview(Struct, frozen=True, kw_only=True):
    """What the known players would get of a flag, saved or not."""

    total: int
    counts: list[FlagCount]


class PreviewSegment(Struct, frozen=True, kw_only=True):
    """A condition to try, saved or not. `now_us` None: the server's clock."""

    conditions: dict[str, Any]
    now_us: int | None = None


class PreviewFlag(Struct, frozen=True, kw_only=True):
    """A flag to try, saved or not. `now_us` None: the server's clock."""

    flag: Flag
    now_us: int | None = None


class DefinitionChange(Struct, frozen=True, kw_only=True):
    """One line of the history of flags, segments and overrides. `before` and `after` are the definitions, as JSON text.

    `by` is who: "window", or the label of the key that was used. `summary` says it in words.
    """

    at_us: int
    kind: Literal["flag", "segment", "override"]
    key: str
    action: Literal["created", "changed", "deleted"]
    by: str
    summary: str
    before: str = ""
    after: str = ""
