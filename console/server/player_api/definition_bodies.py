"""Flags and segments as the player API writes and reads them: the domain's own, with times as text.

What a GET answers can be sent back in a PUT: `created_at` and `updated_at` are read and ignored, and `version`, where
it is given, must still be the present one.
"""

from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Struct

from console.players.changes import merge_patch
from console.players.definitions import Flag, FlagType, Override, Prerequisite, Rule, Segment, Variant
from console.players.instants import iso_text
from console.players.json_bodies import decode_json

B = TypeVar("B")


class FlagBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """A flag on the wire. A boolean flag without a `default_value` is off by default."""

    key: str
    name: str = ""
    description: str = ""
    type: FlagType = "boolean"
    enabled: bool = False
    default_value: Any = UNSET
    variants: list[Variant] = []
    prerequisites: list[Prerequisite] = []
    rules: list[Rule] = []
    version: int | None = None
    created_at: Any = None
    updated_at: Any = None

    def flag(self) -> Flag:
        """As the domain has it."""
        default = self.default_value
        if default is UNSET:
            default = False if self.type == "boolean" else None
        return Flag(
            key=self.key,
            name=self.name,
            description=self.description,
            type=self.type,
            enabled=self.enabled,
            default_value=default,
            variants=self.variants,
            prerequisites=self.prerequisites,
            rules=self.rules,
        )


class SegmentBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """A segment on the wire. Without a name it goes by its id."""

    id: str
    name: str = ""
    description: str = ""
    conditions: dict[str, Any]
    version: int | None = None
    created_at: Any = None
    updated_at: Any = None

    def segment(self) -> Segment:
        """As the domain has it."""
        return Segment(
            segment_id=self.id, name=self.name or self.id, description=self.description, conditions=self.conditions
        )


class OverrideBody(Struct, kw_only=True, forbid_unknown_fields=True):
    """The value of an override; null is one where the flag's type has it."""

    value: Any


def flag_body(flag: Flag) -> dict[str, Any]:
    """A flag as it is answered."""
    body: dict[str, Any] = msgspec.to_builtins(flag)
    return _with_times(body, body.pop("created_at_us"), body.pop("updated_at_us"))


def segment_body(segment: Segment) -> dict[str, Any]:
    """A segment as it is answered."""
    body: dict[str, Any] = msgspec.to_builtins(segment)
    body = {"id": body.pop("segment_id"), **body}
    return _with_times(body, body.pop("created_at_us"), body.pop("updated_at_us"))


def override_body(override: Override) -> dict[str, Any]:
    """An override as it is answered."""
    return {
        "flag_key": override.flag_key,
        "player_id": override.player_id,
        "value": override.value,
        "set_at": iso_text(override.at_us),
    }


def _with_times(body: dict[str, Any], created_us: int, updated_us: int) -> dict[str, Any]:
    return body | {"created_at": iso_text(created_us), "updated_at": iso_text(updated_us)}


def patched(body: dict[str, Any], patch: dict[str, Any], kind: type[B]) -> B:
    """A body after a JSON merge patch (RFC 7396). Raises InvalidValue."""
    merged = merge_patch(body, patch)
    if "version" not in patch:  # a patch that names none is one of whatever is there
        merged.pop("version", None)
    return decode_json(msgspec.json.encode(merged), kind)
