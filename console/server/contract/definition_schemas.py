"""Schemas of flags, segments, their conditions, and what an evaluation answers."""

from typing import Final

from console.players.checks import (
    KEY_PATTERN,
    MAX_DESCRIPTION_CHARS,
    MAX_KEY_CHARS,
    MAX_NAME_CHARS,
    MAX_PREREQUISITES,
    MAX_RULES,
    MAX_VARIANTS,
    MAX_WEIGHT,
)
from console.players.conditions import OPERATORS
from console.players.definitions import FlagType, Reason
from console.players.fields import FIELD_KINDS
from console.server.contract.parts import (
    ANY,
    TEXT,
    TEXT_OR_NULL,
    TIME,
    UUID,
    YES_OR_NO,
    Json,
    choice,
    nullable,
    object_with,
    reference,
)

KEY: Final[Json] = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX_KEY_CHARS,
    "pattern": f"^{KEY_PATTERN}$",
    "description": "Letters, digits, `_`, `-` and `.`, beginning with a letter or a digit.",
}
_NAME: Final[Json] = {"type": "string", "maxLength": MAX_NAME_CHARS}
_DESCRIPTION: Final[Json] = {"type": "string", "maxLength": MAX_DESCRIPTION_CHARS}
_VERSION: Final[Json] = {
    "type": ["integer", "null"],
    "description": "Counts the changes. Given in a PUT or PATCH, it must be the present one.",
}
_ANSWERED_TIME: Final[Json] = {"description": "Answered, ISO 8601 in UTC; what is sent here is not looked at."}

_FLAG_FIELDS: Final[Json] = {
    "key": KEY,
    "name": _NAME,
    "description": _DESCRIPTION,
    "type": {**choice(FlagType), "default": "boolean"},
    "enabled": {**YES_OR_NO, "default": False, "description": "While it is off, everybody gets the default."},
    "default_value": {**ANY, "description": "What a player gets whom no rule gives anything; of the flag's type."},
    "variants": {
        "type": "array",
        "maxItems": MAX_VARIANTS,
        "items": object_with("A named value.", {"key": KEY, "value": ANY}, "key", "value", closed=True),
    },
    "prerequisites": {
        "type": "array",
        "maxItems": MAX_PREREQUISITES,
        "items": object_with(
            "Another flag that must have this value for the player first.",
            {"flag_key": TEXT, "value": {**ANY, "default": True}},
            "flag_key",
            closed=True,
        ),
    },
    "rules": {"type": "array", "maxItems": MAX_RULES, "items": reference("Rule")},
    "version": _VERSION,
    "created_at": _ANSWERED_TIME,
    "updated_at": _ANSWERED_TIME,
}

_SEGMENT_FIELDS: Final[Json] = {
    "id": KEY,
    "name": {**_NAME, "description": "Without one it goes by its id."},
    "description": _DESCRIPTION,
    "conditions": reference("Condition"),
    "version": _VERSION,
    "created_at": _ANSWERED_TIME,
    "updated_at": _ANSWERED_TIME,
}

_CHECK_FIELDS: Final[Json] = {
    "what": {
        **TEXT,
        "description": "Its kind, such as `segment`, `condition`, `rollout` or `schedule`.",
    },
    "path": {**TEXT, "description": "Where it stands in the definition."},
    "passed": YES_OR_NO,
    "text": {**TEXT, "description": "The comparison in words."},
    "field": TEXT,
    "operator": TEXT,
    "expected": ANY,
    "actual": {**ANY, "description": "What the player has."},
}

DEFINITION_SCHEMAS: Final[Json] = {
    "Condition": {
        "description": "One comparison, or a group of further conditions.",
        "anyOf": [reference("ConditionGroup"), reference("Comparison")],
    },
    "ConditionGroup": object_with(
        "Conditions of which all (AND) or one (OR) must hold.",
        {
            "operator": {"type": "string", "enum": ["AND", "OR"]},
            "conditions": {"type": "array", "minItems": 1, "items": reference("Condition")},
        },
        "operator",
        "conditions",
        closed=True,
    ),
    "Comparison": object_with(
        "One comparison. Times are compared as instants.",
        {
            "field": {
                "description": "A field of the player, what is computed from it, or `attributes.` and a dotted path.",
                "anyOf": [
                    {"type": "string", "enum": list(FIELD_KINDS)},
                    {"type": "string", "maxLength": 300, "pattern": r"^attributes\.[^.]+(\.[^.]+){0,7}$"},
                ],
            },
            "operator": {"type": "string", "enum": list(OPERATORS)},
            "value": {**ANY, "description": "A list for `in` and its like; a span such as `30d` for `within_last`."},
        },
        "field",
        "operator",
        "value",
        closed=True,
    ),
    "Rule": object_with(
        "Gives a value to players who pass all of it. One of `value`, `variant_key` and `split` says which.",
        {
            "rule_id": KEY,
            "description": _DESCRIPTION,
            "segment_id": {**TEXT_OR_NULL, "description": "Only members."},
            "conditions": {
                "description": "Only players who meet it.",
                "anyOf": [reference("Condition"), {"type": "null"}],
            },
            "schedule": {
                "description": "Only from `start_at` up to but not including `end_at`; null leaves an end open.",
                "anyOf": [
                    object_with(
                        "When the rule holds.",
                        {"start_at": nullable(TIME), "end_at": nullable(TIME)},
                        closed=True,
                    ),
                    {"type": "null"},
                ],
            },
            "rollout": {
                "type": ["number", "null"],
                "minimum": 0,
                "maximum": 100,
                "description": "Percent of players. Raising it keeps everybody who is in.",
            },
            "value": ANY,
            "variant_key": TEXT_OR_NULL,
            "split": {
                "type": ["array", "null"],
                "minItems": 1,
                "items": object_with(
                    "A variant's part. Weights are relative.",
                    {
                        "variant_key": TEXT,
                        "weight": {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_WEIGHT},
                    },
                    "variant_key",
                    "weight",
                    closed=True,
                ),
            },
        },
        "rule_id",
        closed=True,
    ),
    "Flag": object_with("A feature flag. Rules are tried in order.", _FLAG_FIELDS, "key", closed=True),
    "Segment": object_with("Players who meet a condition.", _SEGMENT_FIELDS, "id", "conditions", closed=True),
    "Evaluation": object_with(
        "What a player gets of a flag, and why. `explanation` stands there with `?explain=1`.",
        {
            "flag_key": TEXT,
            "value": ANY,
            "variant_key": TEXT_OR_NULL,
            "reason": choice(Reason),
            "segment_id": TEXT_OR_NULL,
            "explanation": reference("Explanation"),
        },
        "flag_key",
        "value",
        "variant_key",
        "reason",
        "segment_id",
    ),
    "UnknownFlag": object_with(
        "Stands at the key of a requested flag that there is none of.",
        {
            "flag_key": TEXT,
            "error": object_with(
                "What is wrong.", {"code": {"const": "NOT_FOUND"}, "message": TEXT}, "code", "message"
            ),
        },
        "flag_key",
        "error",
    ),
    "Explanation": object_with(
        "Everything that was compared on the way to a value.",
        {
            "checks": {"type": "array", "items": reference("Check")},
            "rules": {
                "type": "array",
                "items": object_with(
                    "How one rule went.",
                    {
                        "rule_id": TEXT,
                        "index": {"type": "integer", "minimum": 0},
                        "passed": YES_OR_NO,
                        "reached": {**YES_OR_NO, "description": "False behind the rule that decided."},
                        "checks": {"type": "array", "items": reference("Check")},
                    },
                    "rule_id",
                    "index",
                    "passed",
                    "reached",
                    "checks",
                ),
            },
        },
        "checks",
        "rules",
    ),
    "Check": object_with("One comparison of an explanation.", _CHECK_FIELDS, "what", "path", "passed", "text"),
    "Override": object_with(
        "A value that one player gets before anything else is looked at.",
        {"flag_key": TEXT, "player_id": UUID, "value": ANY, "set_at": TIME},
        "flag_key",
        "player_id",
        "value",
        "set_at",
    ),
}
