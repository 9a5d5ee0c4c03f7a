"""Which field may stand in which kind of event: for explanations and for the inspector.

`decoding` holds the same facts as types; a test holds the two together.
"""

import enum
from collections.abc import Mapping
from types import MappingProxyType

from console.telemetry.events import EventKind

RECOGNISERS = ("event_name", "funnel_step_name", "positions")


class FieldType(enum.Enum):
    """What a field holds."""

    NAME = "name"
    TEXT = "text"
    TIME = "time"
    MAP = "map"
    POSITION = "position"
    POSITIONS = "positions"
    FRAME_RATES = "frame rates"


def _fields(**types: FieldType) -> Mapping[str, FieldType]:
    return MappingProxyType(types)


_N, _X, _T, _M = FieldType.NAME, FieldType.TEXT, FieldType.TIME, FieldType.MAP

FIELDS: Mapping[EventKind, Mapping[str, FieldType]] = MappingProxyType(
    {
        EventKind.IDENTITY: _fields(
            event_name=_N, app_id=_N, build_id=_N, player_id=_N, timestamp=_T, region=_X, hardware=_M
        ),
        EventKind.FUNNEL: _fields(
            funnel_step_name=_N, app_id=_N, build_id=_N, player_id=_N, session_id=_N, timestamp=_T, level_id=_N
        ),
        EventKind.GAMEPLAY: _fields(
            event_name=_N,
            app_id=_N,
            build_id=_N,
            player_id=_N,
            session_id=_N,
            timestamp=_T,
            level_id=_N,
            position=FieldType.POSITION,
            custom_data=_M,
            input_method=_X,
        ),
        EventKind.TRAJECTORY: _fields(
            app_id=_N,
            build_id=_N,
            player_id=_N,
            session_id=_N,
            positions=FieldType.POSITIONS,
            timestamp_start=_T,
            timestamp_end=_T,
            fps=FieldType.FRAME_RATES,
            status=_X,
            input_method=_X,
            level_id=_N,
        ),
    }
)

OPTIONAL: frozenset[str] = frozenset(
    {"region", "hardware", "level_id", "position", "custom_data", "input_method", "fps", "status"}
)
FRAME_RATE_FIELDS = ("mean", "low_5", "low_1")
ALL_FIELDS: frozenset[str] = frozenset(name for fields in FIELDS.values() for name in fields)


def required(kind: EventKind) -> list[str]:
    """The fields that an event of this kind must have, in the documented order."""
    return [name for name in FIELDS[kind] if name not in OPTIONAL]
