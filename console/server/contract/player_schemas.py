"""Schemas of the player API's bodies."""

from typing import Final

from console.players.definitions import Stage
from console.players.values import (
    MAX_DEPTH,
    MAX_DURATION_SECS,
    MAX_EMAIL_CHARS,
    MAX_ID_CHARS,
    MAX_ITEMS,
    MAX_KEYS,
    MAX_TEXT_CHARS,
)
from console.server.contract.parts import TEXT, TIME, UUID, Json, choice, nullable, object_with, reference

ID: Final[Json] = {"type": "string", "minLength": 1, "maxLength": MAX_ID_CHARS}
_EMAIL: Final[Json] = {"type": ["string", "null"], "maxLength": MAX_EMAIL_CHARS}
_PROPERTIES: Final[Json] = {
    "type": ["object", "null"],
    "maxProperties": MAX_KEYS,
    "additionalProperties": True,
    "description": (
        f"Free values: strings to {MAX_TEXT_CHARS:,} characters, integers of 64 bits, arrays to {MAX_ITEMS} items, "
        f"{MAX_DEPTH} levels deep."
    ),
}


PLAYER_SCHEMAS: Final[Json] = {
    "PlayerApiError": object_with(
        "Every failure of the player API.",
        {
            "success": {"const": False},
            "error": reference("Problem"),
        },
        "success",
        "error",
    ),
    "Problem": object_with(
        "What is wrong, where, and how to mend it.",
        {
            "code": {
                "type": "string",
                "enum": ["VALIDATION_ERROR", "UNAUTHORIZED", "NOT_FOUND", "RATE_LIMIT_EXCEEDED", "INTERNAL_ERROR"],
            },
            "message": {**TEXT, "description": "For people; of a bad value it begins with the path that leads there."},
        },
        "code",
        "message",
    ),
    "Player": object_with(
        "One player, of either API. `email` is shown to secret keys, and to whoever has just sent it.",
        {
            "id": UUID,
            "external_id": nullable(TEXT),
            "device_id": nullable(TEXT),
            "email": nullable(TEXT),
            "lifecycle_stage": choice(Stage),
            "session_count": {"type": "integer", "minimum": 0},
            "total_revenue": {"type": "number", "minimum": 0},
            "is_payer": {"type": "boolean"},
            "first_seen_at": TIME,
            "last_seen_at": TIME,
            "attributes": {"type": "object", "additionalProperties": True},
        },
        "id",
        "external_id",
        "device_id",
        "lifecycle_stage",
        "session_count",
        "total_revenue",
        "is_payer",
        "first_seen_at",
        "last_seen_at",
        "attributes",
    ),
    "Registration": {
        **object_with(
            "Who the player is: by `external_id`, else by `device_id`. What is given is merged.",
            {
                "external_id": nullable(ID),
                "device_id": nullable(ID),
                "email": _EMAIL,
                "attributes": _PROPERTIES,
            },
        ),
        "anyOf": [{"required": ["external_id"]}, {"required": ["device_id"]}],
    },
    "PlayerPatch": {
        **object_with(
            "A JSON merge patch: null deletes. An `external_id` stays once it is set.",
            {
                "external_id": nullable(ID),
                "device_id": nullable(ID),
                "email": _EMAIL,
                "attributes": _PROPERTIES,
            },
        ),
        "minProperties": 1,
    },
    "Session": object_with(
        "One play session; a repeated `session_id` counts once.",
        {
            "session_id": nullable(ID),
            "started_at": nullable(TIME),
            "duration_seconds": {"type": ["number", "null"], "minimum": 0, "maximum": MAX_DURATION_SECS},
        },
    ),
    "Purchase": object_with("With a `transaction_id` it counts once.", {"transaction_id": nullable(ID)}),
    "Lifecycle": object_with(
        "A player's stage and the numbers it follows from, in days.",
        {
            "player_id": UUID,
            "stage": choice(Stage),
            "days_since_last_activity": {"type": "number"},
            "typical_gap_days": {"type": "number"},
            "churn_window_days": {"type": "integer"},
            "thresholds": object_with(
                "Days away at which a stage begins.",
                {name: {"type": "number"} for name in ("at_risk", "dormant", "churned")},
                *("at_risk", "dormant", "churned"),
            ),
            "next_transition_at": {
                **nullable(TIME),
                "description": "When the stage changes if the player stays away; null when it never does.",
            },
            "reason": {**TEXT, "description": "The stage in words."},
        },
        "player_id",
        "stage",
        "days_since_last_activity",
        "typical_gap_days",
        "churn_window_days",
        "thresholds",
        "next_transition_at",
        "reason",
    ),
    "ChurnRisk": object_with(
        "How likely the player is gone for good: a heuristic. The contributions sum up to the score.",
        {
            "player_id": UUID,
            "risk_score": {"type": "number", "minimum": 0, "maximum": 1},
            "risk_level": {"type": "string", "enum": ["low", "medium", "high", "critical"]},
            "factors": {
                "type": "array",
                "items": object_with(
                    "One part of the score.",
                    {"factor": TEXT, "description": TEXT, "contribution": {"type": "number"}},
                    "factor",
                    "description",
                    "contribution",
                ),
            },
            "prediction_date": TEXT,
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        },
        "player_id",
        "risk_score",
        "risk_level",
        "factors",
        "prediction_date",
        "confidence",
    ),
    "TrackedEvent": object_with(
        "An event to record. With an `event_id` of the client's, its own among the player's, it is recorded once.",
        {
            "player_id": UUID,
            "event_name": ID,
            "session_id": nullable(ID),
            "properties": _PROPERTIES,
            "timestamp": {**nullable(TIME), "description": "When it happened; without it, now."},
            "event_id": nullable(ID),
        },
        "player_id",
        "event_name",
    ),
}
