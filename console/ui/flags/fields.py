"""What the condition builder offers: fields, the operators that make sense for each, and what a value looks like. Pure.

It offers, and never forbids: the server decides what a condition may be.
"""

from typing import Any

from console.players.conditions import OPERATORS_OF
from console.players.fields import FIELD_KINDS, STAGES, Kind
from console.ui.widgets.value_text import list_text, read_list, read_texts, read_value, texts_text, value_text

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

_TEXT_OPERATORS = frozenset({"starts_with", "ends_with", "matches", "within_last"})
# The usual one first; the others follow as the documentation lists them.
_FIRST: dict[Kind, tuple[str, ...]] = {"number": (">=", "<=", ">", "<"), "time": ("within_last",)}
_PLACEHOLDERS: dict[Kind, str] = {
    "text": "text",
    "number": "0",
    "time": "2026-01-31T00:00:00Z",
    "boolean": "true",
    "stage": "active",
    "any": "text, number, true",
}


# What each field means, in the order in which they are offered.
FIELDS: dict[str, str] = {
    "lifecycle_stage": "new, active, at_risk, dormant, churned or resurrected",
    "days_since_last_seen": "days since the last sign of life",
    "churn_risk": "0 … 1",
    "session_count": "sessions, of either API",
    "total_revenue": "sum of the purchases, 4.99",
    "is_payer": "has bought something",
    "first_seen_at": "the first sign of life",
    "last_seen_at": "the last sign of life",
    "external_id": "the game's own id of the player",
    "device_id": "the id of the device",
    "email": "e-mail address",
    "id": "the player's UUID",
}


def kind_of_field(name: str) -> Kind:
    """What a field holds; an attribute may hold anything."""
    return FIELD_KINDS.get(name, "any")


def operators_of(name: str) -> tuple[str, ...]:
    """Operators for this field, the usual one first."""
    kind = kind_of_field(name)
    first = _FIRST.get(kind, ())
    return (*first, *(sign for sign in OPERATORS_OF[kind] if sign not in first))


def placeholder_of(name: str, operator: str) -> str:
    """An example of a value."""
    if operator == "within_last":
        return "30d, 12h, 45m"
    if operator == "matches":
        return "^beta-"
    example = _PLACEHOLDERS[kind_of_field(name)]
    return f"{example}, …" if operator in LIST_OPERATORS else example


def choices_of(name: str, operator: str) -> tuple[str, ...]:
    """All values there are, for a field with few; () for the others."""
    kind = kind_of_field(name)
    if operator in LIST_OPERATORS:
        return ()
    if kind == "stage":
        return STAGES
    return ("true", "false") if kind == "boolean" else ()


def shown_value(name: str, operator: str, value: Any) -> str:
    """A condition's value as it is typed: `typed_value` gives it back."""
    takes_text = _takes_text(name, operator)
    if operator in LIST_OPERATORS and isinstance(value, list):
        return texts_text(value) if takes_text and all(isinstance(one, str) for one in value) else list_text(value)
    return value if takes_text and isinstance(value, str) else value_text(value)


def typed_value(name: str, operator: str, text: str) -> Any:
    """The value of a typed text: a field of texts takes it as it is. Raises NotAValue."""
    takes_text = _takes_text(name, operator)
    if operator in LIST_OPERATORS:
        return read_texts(text) if takes_text else read_list(text)
    return text.strip() if takes_text else read_value(text)


def _takes_text(name: str, operator: str) -> bool:
    return operator in _TEXT_OPERATORS or kind_of_field(name) in ("text", "time", "stage")
