"""What the condition builder offers: fields, the operators that make sense for each, and what a value looks like. Pure.

It offers, and never forbids: the server decides what a condition may be.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from console.players.definitions import Stage

Sort = Literal["text", "number", "time", "yes_no", "stage", "attribute"]

# As a person reads them; the sign is the documented one.
OPERATORS: dict[str, str] = {
    "==": "is",
    "!=": "is not",
    ">": "is more than",
    ">=": "is at least",
    "<": "is less than",
    "<=": "is at most",
    "contains": "contains",
    "starts_with": "starts with",
    "ends_with": "ends with",
    "matches": "matches pattern",
    "in": "is one of",
    "not_in": "is none of",
    "contains_any": "contains any of",
    "contains_all": "contains all of",
    "within_last": "is within the last",
}
LIST_OPERATORS = frozenset({"in", "not_in", "contains_any", "contains_all"})
STAGES: tuple[str, ...] = get_args(Stage)
ATTRIBUTES = "attributes."

_EQUAL = ("==", "!=")
_ORDER = (">", ">=", "<", "<=")
_TEXT = ("contains", "starts_with", "ends_with", "matches")
_CHOICE = ("in", "not_in")
_BY_SORT: dict[Sort, tuple[str, ...]] = {
    "text": (*_EQUAL, *_CHOICE, *_TEXT),
    "number": (*_ORDER, *_EQUAL, *_CHOICE),
    "time": ("within_last", *_ORDER),
    "yes_no": _EQUAL,
    "stage": (*_EQUAL, *_CHOICE),
    "attribute": tuple(OPERATORS),
}
_PLACEHOLDERS: dict[Sort, str] = {
    "text": "text",
    "number": "0",
    "time": "2026-01-31T00:00:00Z",
    "yes_no": "true",
    "stage": "active",
    "attribute": "text, number, true",
}


@dataclass(frozen=True)
class Field:
    """One field of a player. `about` is what it means, in a few words."""

    name: str
    sort: Sort
    about: str


FIELDS: tuple[Field, ...] = (
    Field("lifecycle_stage", "stage", "new, active, at_risk, dormant, churned or resurrected"),
    Field("days_since_last_seen", "number", "days since the last sign of life"),
    Field("churn_risk", "number", "0 … 1"),
    Field("session_count", "number", "sessions, of either API"),
    Field("total_revenue", "number", "sum of the purchases, 4.99"),
    Field("is_payer", "yes_no", "has bought something"),
    Field("first_seen_at", "time", "the first sign of life"),
    Field("last_seen_at", "time", "the last sign of life"),
    Field("external_id", "text", "the game's own id of the player"),
    Field("device_id", "text", "the id of the device"),
    Field("email", "text", "e-mail address"),
    Field("id", "text", "the player's UUID"),
)
_BY_NAME = {field.name: field for field in FIELDS}


def field_of(name: str) -> Field:
    """What is known of a field: an attribute may hold anything."""
    return _BY_NAME.get(name) or Field(name, "attribute", "an attribute the game gave its players")


def operators_of(name: str) -> tuple[str, ...]:
    """Operators for this field, the usual one first."""
    return _BY_SORT[field_of(name).sort]


def placeholder_of(name: str, operator: str) -> str:
    """An example of a value."""
    if operator == "within_last":
        return "30d, 12h, 45m"
    if operator == "matches":
        return "^beta-"
    example = _PLACEHOLDERS[field_of(name).sort]
    return f"{example}, …" if operator in LIST_OPERATORS else example


def choices_of(name: str, operator: str) -> tuple[str, ...]:
    """All values there are, for a field with few; () for the others."""
    field = field_of(name)
    if operator in LIST_OPERATORS:
        return ()
    if field.sort == "stage":
        return STAGES
    return ("true", "false") if field.sort == "yes_no" else ()
