"""Schemas of the player API's bodies."""

from typing import Any, Final, get_args

from console.players.definitions import FlagType, Reason, Stage
from console.players.fields import FIELD_KINDS
from console.server.contract.parts import Json, reference

_ID: Final[Json] = {"type": "string", "minLength": 1, "maxLength": 256}
_UUID: Final[Json] = {"type": "string", "format": "uuid"}
_TEXT: Final[Json] = {"type": "string"}
_TIME: Final[Json] = {"type": "string", "format": "date-time", "description": "ISO 8601; answered in UTC."}
_ANY: Final[Json] = {"description": "Any JSON value."}
_PROPERTIES: Final[Json] = {
    "type": "object",
    "additionalProperties": True,
    "description": "Free values: strings to 1,000 characters, integers of 64 bits, arrays to 100 items, 3 levels deep.",
}


def _nullable(schema: Json) -> Json:
    return {**schema, "type": [schema["type"], "null"]}


def _object(description: str, properties: Json, *required: str, closed: bool = False) -> Json:
    schema: Json = {"type": "object", "description": description, "properties": properties}
    if required:
        schema["required"] = list(required)
    if closed:
        schema["additionalProperties"] = False
    return schema


def _choice(values: Any) -> Json:
    return {"type": "string", "enum": list(get_args(values))}


_CONDITIONS: Final[Json] = {
    "type": "object",
    "description": "A tree: `operator` is AND or OR over `conditions`, each a comparison or a further tree.",
    "required": ["operator", "conditions"],
    "properties": {
        "operator": {"type": "string", "enum": ["AND", "OR"]},
        "conditions": {
            "type": "array",
            "minItems": 1,
            "items": {"anyOf": [reference("Comparison"), reference("Conditions")]},
        },
    },
}

_RULE: Final[Json] = _object(
    "Gives a value to players who pass all of it. One of `value`, `variant_key` and `split` says which.",
    {
        "rule_id": _ID,
        "description": _TEXT,
        "segment_id": _nullable(_TEXT),
        "conditions": {"anyOf": [reference("Conditions"), {"type": "null"}]},
        "schedule": {
            "anyOf": [
                _object(
                    "When the rule holds.", {"start_at": _nullable(_TEXT), "end_at": _nullable(_TEXT)}, closed=True
                ),
                {"type": "null"},
            ]
        },
        "rollout": {"type": ["number", "null"], "minimum": 0, "maximum": 100, "description": "Percent of players."},
        "value": _ANY,
        "variant_key": _nullable(_TEXT),
        "split": {
            "type": ["array", "null"],
            "items": _object(
                "A variant's part.",
                {"variant_key": _TEXT, "weight": {"type": "number", "exclusiveMinimum": 0}},
                "variant_key",
                "weight",
                closed=True,
            ),
        },
    },
    "rule_id",
    closed=True,
)

_FLAG_FIELDS: Final[Json] = {
    "key": _ID,
    "name": _TEXT,
    "description": _TEXT,
    "type": _choice(FlagType),
    "enabled": {"type": "boolean"},
    "default_value": _ANY,
    "variants": {
        "type": "array",
        "items": _object("A named value.", {"key": _ID, "value": _ANY}, "key", "value", closed=True),
    },
    "prerequisites": {
        "type": "array",
        "items": _object("Another flag first.", {"flag_key": _TEXT, "value": _ANY}, "flag_key", closed=True),
    },
    "rules": {"type": "array", "items": reference("Rule")},
    "version": {"type": ["integer", "null"], "description": "Given in a PUT or PATCH, it must be the present one."},
    "created_at": _TIME,
    "updated_at": _TIME,
}
_SEGMENT_FIELDS: Final[Json] = {
    "id": _ID,
    "name": _TEXT,
    "description": _TEXT,
    "conditions": reference("Conditions"),
    "version": {"type": ["integer", "null"], "description": "Given in a PUT or PATCH, it must be the present one."},
    "created_at": _TIME,
    "updated_at": _TIME,
}

PLAYER_SCHEMAS: Final[Json] = {
    "PlayerApiError": _object(
        "Every failure of the player API.",
        {
            "success": {"const": False},
            "error": _object(
                "What is wrong, where, and how to mend it.",
                {
                    "code": {
                        "type": "string",
                        "enum": [
                            "VALIDATION_ERROR",
                            "UNAUTHORIZED",
                            "NOT_FOUND",
                            "RATE_LIMIT_EXCEEDED",
                            "INTERNAL_ERROR",
                        ],
                    },
                    "message": _TEXT,
                },
                "code",
                "message",
            ),
        },
        "success",
        "error",
    ),
    "Player": _object(
        "One player, of either API. `email` is shown to secret keys only.",
        {
            "id": _UUID,
            "external_id": _nullable(_TEXT),
            "device_id": _nullable(_TEXT),
            "email": _nullable(_TEXT),
            "lifecycle_stage": _choice(Stage),
            "session_count": {"type": "integer", "minimum": 0},
            "total_revenue": {"type": "number", "minimum": 0},
            "is_payer": {"type": "boolean"},
            "first_seen_at": _TIME,
            "last_seen_at": _TIME,
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
        **_object(
            "Who the player is: by `external_id`, else by `device_id`. What is given is merged.",
            {
                "external_id": _nullable(_ID),
                "device_id": _nullable(_ID),
                "email": {"type": ["string", "null"], "maxLength": 320},
                "attributes": {**_PROPERTIES, "type": ["object", "null"]},
            },
        ),
        "anyOf": [{"required": ["external_id"]}, {"required": ["device_id"]}],
    },
    "PlayerPatch": {
        **_object(
            "A JSON merge patch: null deletes. An `external_id` stays once it is set.",
            {
                "external_id": _nullable(_ID),
                "device_id": _nullable(_ID),
                "email": {"type": ["string", "null"], "maxLength": 320},
                "attributes": {**_PROPERTIES, "type": ["object", "null"]},
            },
        ),
        "minProperties": 1,
    },
    "Session": _object(
        "One play session; a repeated `session_id` counts once.",
        {
            "session_id": _nullable(_ID),
            "started_at": _nullable(_TIME),
            "duration_seconds": {"type": ["number", "null"], "minimum": 0},
        },
    ),
    "Purchase": _object("With a `transaction_id` it counts once.", {"transaction_id": _nullable(_ID)}),
    "Lifecycle": _object(
        "A player's stage and the numbers it follows from, in days.",
        {
            "player_id": _UUID,
            "stage": _choice(Stage),
            "days_since_last_activity": {"type": "number"},
            "typical_gap_days": {"type": "number"},
            "churn_window_days": {"type": "integer"},
            "thresholds": {"type": "object", "additionalProperties": {"type": "number"}},
            "next_transition_at": _nullable(_TIME),
            "reason": _TEXT,
        },
        "player_id",
        "stage",
        "thresholds",
        "next_transition_at",
    ),
    "ChurnRisk": _object(
        "How likely the player is gone for good: a heuristic. The contributions sum up to the score.",
        {
            "player_id": _UUID,
            "risk_score": {"type": "number", "minimum": 0, "maximum": 1},
            "risk_level": {"type": "string", "enum": ["low", "medium", "high", "critical"]},
            "factors": {
                "type": "array",
                "items": _object(
                    "One part of the score.",
                    {"factor": _TEXT, "description": _TEXT, "contribution": {"type": "number"}},
                    "factor",
                    "description",
                    "contribution",
                ),
            },
            "prediction_date": _TEXT,
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        },
        "player_id",
        "risk_score",
        "risk_level",
        "factors",
        "prediction_date",
        "confidence",
    ),
    "TrackedEvent": _object(
        "An event to record. With an `event_id` of the client's it is recorded once, however often it is sent.",
        {
            "player_id": _UUID,
            "event_name": _ID,
            "session_id": _nullable(_ID),
            "properties": {**_PROPERTIES, "type": ["object", "null"]},
            "timestamp": {**_nullable(_TIME), "description": "When it happened; without it, now."},
            "event_id": _nullable(_ID),
        },
        "player_id",
        "event_name",
    ),
    "Comparison": _object(
        "One comparison. Times are compared as instants.",
        {
            "field": {
                "description": "A field of the player, what is computed from it, or `attributes.` and a dotted path.",
                "anyOf": [
                    {"type": "string", "enum": list(FIELD_KINDS)},
                    {"type": "string", "pattern": r"^attributes\.[A-Za-z0-9_]+(\.[A-Za-z0-9_]+){0,2}$"},
                ],
            },
            "operator": {
                "type": "string",
                "enum": [
                    *("==", "!=", ">", ">=", "<", "<="),
                    *("contains", "starts_with", "ends_with", "matches"),
                    *("in", "not_in", "contains_any", "contains_all", "within_last"),
                ],
            },
            "value": _ANY,
        },
        "field",
        "operator",
        "value",
        closed=True,
    ),
    "Conditions": _CONDITIONS,
    "Rule": _RULE,
    "Flag": _object("A feature flag. Rules are tried in order.", _FLAG_FIELDS, "key", closed=True),
    "Segment": _object("Players who meet a condition.", _SEGMENT_FIELDS, "id", "conditions", closed=True),
    "Evaluation": _object(
        "What a player gets of a flag, and why. `explanation` stands there with `?explain=1`.",
        {
            "flag_key": _TEXT,
            "value": _ANY,
            "variant_key": _nullable(_TEXT),
            "reason": _choice(Reason),
            "segment_id": _nullable(_TEXT),
            "explanation": {"type": "object", "additionalProperties": True},
        },
        "flag_key",
        "value",
        "variant_key",
        "reason",
        "segment_id",
    ),
    "Override": _object(
        "A value that one player gets before anything else is looked at.",
        {"flag_key": _TEXT, "player_id": _UUID, "value": _ANY, "set_at": _TIME},
        "flag_key",
        "player_id",
        "value",
        "set_at",
    ),
}
