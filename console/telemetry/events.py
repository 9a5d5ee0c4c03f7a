"""The four kinds of telemetry event, as typed values.

Times are as sent: with the client's offset, or with none. `epoch_us` brings all of them to UTC.
"""

import enum
import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from msgspec import Meta, Struct

MAX_BATCH_EVENTS = 10_000
MAX_POSITIONS_NUMBERS = 30_000
MAX_NESTING = 16
MAX_NAME_CHARS = 256
MAX_TEXT_BYTES = 64 * 1024
MAX_BODY_BYTES = 8 * 1024 * 1024
# Values are scalars, map keys, arrays and maps. A full batch has 200 of them for each event, 20 of them containers.
MAX_EVENT_VALUES = 100_000
MAX_BODY_VALUES = 2_000_000
MAX_BODY_CONTAINERS = 200_000

CREATE_PLAYER = "Create_Player"

UNASSIGNED_LEVEL = "(unassigned)"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# NaN fails both comparisons and the infinities one each, so the bounds are the check for finite numbers, at C speed.
_LARGEST = sys.float_info.max
Number = Annotated[float, Meta(ge=-_LARGEST, le=_LARGEST)]
FrameRate = Annotated[float, Meta(ge=0, le=_LARGEST)]
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARS)]
Text = Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_BYTES)]
Position = tuple[Number, Number, Number]
Positions = Annotated[list[Number], Meta(min_length=3, max_length=MAX_POSITIONS_NUMBERS)]


class EventKind(enum.IntEnum):
    """What an event is, inferred from its fields. The values are stored: never renumber."""

    IDENTITY = 0
    FUNNEL = 1
    GAMEPLAY = 2
    TRAJECTORY = 3
    PLAYER_API = 4  # what the player API records: no telemetry, but it stands in the same tables

    @property
    def label(self) -> str:
        """The word shown to people."""
        return "player API" if self is EventKind.PLAYER_API else self.name.lower()


class PlayerIdentity(Struct, frozen=True, kw_only=True):
    """`event_name == "Create_Player"`: who plays, on what hardware."""

    event_name: Name
    app_id: Name
    build_id: Name
    player_id: Name
    timestamp: datetime
    region: Text | None = None
    hardware: dict[str, Any] | None = None


class FunnelStep(Struct, frozen=True, kw_only=True):
    """`funnel_step_name`: a player reached a step."""

    funnel_step_name: Name
    app_id: Name
    build_id: Name
    player_id: Name
    session_id: Name
    timestamp: datetime
    level_id: Name | None = None


class GameplayEvent(Struct, frozen=True, kw_only=True):
    """Any other `event_name`: something happened, maybe at a place."""

    event_name: Name
    app_id: Name
    build_id: Name
    player_id: Name
    session_id: Name
    timestamp: datetime
    level_id: Name | None = None
    position: Position | None = None
    custom_data: dict[str, Any] | None = None
    input_method: Text | None = None


class FrameRates(Struct, frozen=True):
    """Frames per second over one trajectory: mean, and the means of its slowest 5 % and 1 %."""

    mean: FrameRate | None = None
    low_5: FrameRate | None = None
    low_1: FrameRate | None = None


class Trajectory(Struct, frozen=True, kw_only=True):
    """`positions`: where a player went between two instants.

    `positions` is flat, `[x, y, z, x, y, z, …]`, in the game's own axes and units; its samples are
    spread evenly over `timestamp_start … timestamp_end`.
    """

    app_id: Name
    build_id: Name
    player_id: Name
    session_id: Name
    positions: Positions
    timestamp_start: datetime
    timestamp_end: datetime
    fps: FrameRates | None = None
    status: Text | None = None
    input_method: Text | None = None
    level_id: Name | None = None


Event = PlayerIdentity | FunnelStep | GameplayEvent | Trajectory


class EventBatch(Struct, frozen=True):
    """The events of one accepted body, in wire order. Nothing after `decoding` checks them again."""

    events: list[Event]
    app_ids: frozenset[str]


def epoch_us(instant: datetime) -> int:
    """Microseconds since 1970-01-01 UTC. A datetime without a zone is read as UTC."""
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return (instant - EPOCH) // _MICROSECOND
