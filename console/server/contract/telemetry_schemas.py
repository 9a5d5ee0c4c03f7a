"""Schemas and examples of the telemetry API's bodies."""

from typing import Any, Final

from console.telemetry.events import MAX_NAME_CHARS, MAX_POSITIONS_NUMBERS

Json = dict[str, Any]

_NAME: Final[Json] = {"type": "string", "minLength": 1, "maxLength": MAX_NAME_CHARS}
_TEXT: Final[Json] = {"type": "string"}
_COORDINATE: Final[Json] = {"type": "number", "description": "Finite; in the game's own axes and units."}
_TIME: Final[Json] = {
    "type": "string",
    "format": "date-time",
    "description": "ISO 8601, UTC; 0 to 9 fractional digits, kept to microseconds.",
}
_COMMON: Final[Json] = {
    "app_id": {"type": "string", "format": "uuid", "description": "The application of the key."},
    "build_id": _NAME,
    "player_id": _NAME,
}
_SESSION: Final[Json] = {"session_id": _NAME}
_FREE: Final[Json] = {"type": "object", "additionalProperties": True}


def _event(description: str, required: list[str], properties: Json) -> Json:
    return {
        "type": "object",
        "description": description,
        "required": required,
        "properties": properties,
        "additionalProperties": True,
    }


TELEMETRY_SCHEMAS: Final[Json] = {
    "Event": {
        "oneOf": [
            {"$ref": "#/components/schemas/PlayerIdentity"},
            {"$ref": "#/components/schemas/FunnelStep"},
            {"$ref": "#/components/schemas/GameplayEvent"},
            {"$ref": "#/components/schemas/Trajectory"},
        ]
    },
    "PlayerIdentity": _event(
        "Who plays, on what hardware. Recognised by `event_name` being `Create_Player`.",
        ["event_name", "app_id", "build_id", "player_id", "timestamp"],
        {
            "event_name": {"const": "Create_Player"},
            **_COMMON,
            "timestamp": _TIME,
            "region": _TEXT,
            "hardware": _FREE,
        },
    ),
    "FunnelStep": _event(
        "A player reached a step. Recognised by `funnel_step_name`.",
        ["funnel_step_name", "app_id", "build_id", "player_id", "session_id", "timestamp"],
        {"funnel_step_name": _NAME, **_COMMON, **_SESSION, "timestamp": _TIME, "level_id": _NAME},
    ),
    "GameplayEvent": _event(
        "Something happened, maybe at a place. Recognised by any other `event_name`.",
        ["event_name", "app_id", "build_id", "player_id", "session_id", "timestamp"],
        {
            "event_name": {**_NAME, "not": {"const": "Create_Player"}},
            **_COMMON,
            **_SESSION,
            "timestamp": _TIME,
            "level_id": _NAME,
            "position": {"type": "array", "items": _COORDINATE, "minItems": 3, "maxItems": 3},
            "custom_data": _FREE,
            "input_method": _TEXT,
        },
    ),
    "Trajectory": _event(
        "Where a player went between two instants. Recognised by `positions`: a flat list x, y, z, x, y, z, … whose "
        "samples are spread evenly over the time.",
        ["app_id", "build_id", "player_id", "session_id", "positions", "timestamp_start", "timestamp_end"],
        {
            **_COMMON,
            **_SESSION,
            "positions": {
                "type": "array",
                "items": _COORDINATE,
                "minItems": 3,
                "maxItems": MAX_POSITIONS_NUMBERS,
                "description": "Its length is a multiple of 3.",
            },
            "timestamp_start": _TIME,
            "timestamp_end": _TIME,
            "fps": {
                "type": "object",
                "description": "Frames per second: mean, and the means of the slowest 5 % and 1 %.",
                "properties": {name: {"type": "number", "minimum": 0} for name in ("mean", "low_5", "low_1")},
            },
            "status": _TEXT,
            "input_method": _TEXT,
            "level_id": {**_NAME, "description": "Without it: the level of the session's newest event before it."},
        },
    ),
    "StoredModel": {
        "type": "object",
        "required": ["status", "model_id", "level_name", "version", "triangles", "vertices", "bounds"],
        "properties": {
            "status": {"const": "stored"},
            "model_id": {"type": "string", "format": "uuid"},
            "level_name": _TEXT,
            "version": {"type": "integer", "minimum": 1},
            "triangles": {"type": "integer"},
            "vertices": {"type": "integer"},
            "bounds": {
                "type": "array",
                "minItems": 2,
                "maxItems": 2,
                "items": {"type": "array", "minItems": 3, "maxItems": 3, "items": {"type": "number"}},
                "description": "Minimum and maximum, in the mesh's own axes and units.",
            },
        },
    },
    "ExportStarted": {
        "type": "object",
        "required": ["status", "export_id"],
        "properties": {"status": {"const": "queued"}, "export_id": {"type": "string"}},
    },
    "Export": {
        "type": "object",
        "required": ["export_id", "state", "rows", "rows_total", "bytes", "file", "error"],
        "properties": {
            "export_id": {"type": "string"},
            "state": {"type": "string", "enum": ["queued", "running", "done", "failed", "cancelled"]},
            "rows": {"type": "integer"},
            "rows_total": {"type": "integer", "description": "An estimate until it is done."},
            "bytes": {"type": "integer"},
            "file": _TEXT,
            "error": _TEXT,
        },
    },
}

_EXAMPLE_IDS: Final[Json] = {
    "app_id": "72ab8f81-ef36-4712-a046-399a62b9afaa",
    "build_id": "Win64_Shipping_1.0.2",
    "player_id": "player_uuid",
}

EVENT_EXAMPLES: Final[dict[str, Json]] = {
    "player_identity": {
        "event_name": "Create_Player",
        **_EXAMPLE_IDS,
        "region": "EU-West",
        "hardware": {"gpu": "RTX 4090", "ram": "32GB"},
        "timestamp": "2026-02-12T10:00:00Z",
    },
    "funnel_step": {
        "funnel_step_name": "Tutorial_Start",
        **_EXAMPLE_IDS,
        "session_id": "session_uuid",
        "level_id": "Training_Grounds",
        "timestamp": "2026-02-12T10:00:00Z",
    },
    "gameplay_event": {
        "event_name": "Player_Jump",
        **_EXAMPLE_IDS,
        "session_id": "session_uuid",
        "level_id": "Level_1",
        "position": [10.5, 0.0, -5.2],
        "custom_data": {"weapon": "Sword", "ammo": 10},
        "input_method": "Gamepad",
        "timestamp": "2026-02-12T10:00:00Z",
    },
    "trajectory": {
        **_EXAMPLE_IDS,
        "session_id": "session_uuid",
        "status": "Gameplay",
        "input_method": "Gamepad",
        "fps": {"mean": 60, "low_5": 55, "low_1": 30},
        "positions": [10.0, 0.0, 1.0, 10.1, 0.0, 1.1, 10.2, 0.0, 1.2],
        "timestamp_start": "2026-02-12T10:00:00Z",
        "timestamp_end": "2026-02-12T10:00:05Z",
    },
}

ERROR_EXAMPLE: Final[Json] = {
    "status": "error",
    "error": "invalid_event",
    "message": "1 of 4 events is invalid: nothing was stored.",
    "details": [
        {
            "index": 3,
            "path": "$[3].position[1]",
            "message": 'expected a number, got str "x"',
            "hint": "send numbers, not text",
        }
    ],
}
