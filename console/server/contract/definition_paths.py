"""The routes of flags and segments in the contract."""

from typing import Final

from console.server.contract.operations import EXAMPLE_ID, NAME, PLAYER_ID, Operation, in_path, in_query
from console.server.contract.parts import TEXT, TIME, UUID, YES_OR_NO, Json, object_of, reference
from console.server.contract.player_examples import EVALUATION, FLAG, NEW_FLAG, NEW_SEGMENT, SEGMENT
from console.server.player_api.flags import MAX_REQUESTED_FLAGS

_EXPLAIN: Final[Json] = in_query("explain", {"type": "string", "enum": ["1"]}, "Tell every comparison too.")


def definition_paths() -> Json:
    """By path and method."""
    return {**_flags(), **_segments()}


def _flags() -> Json:
    flag, override = reference("Flag"), reference("Override")
    key: Json = {**in_path("key", NAME, "The flag's key."), "example": "new_tutorial"}
    subject = _subject()
    known: Json = {"tag": "flags", "parameters": (key,), "refusals": (404, 409)}
    editing: Json = {"secret": True, **known}
    each_flag: Json = {"anyOf": [reference("Evaluation"), reference("UnknownFlag")]}
    each = "/v1/flags/flags/{key}/overrides/{player_id}"
    one_override: Json = {"tag": "flags", "secret": True, "parameters": (key, PLAYER_ID), "refusals": (404,)}
    return {
        "/v1/flags/flags": {
            "get": Operation(
                id="list_flags",
                tag="flags",
                summary="List the flags",
                secret=True,
                data=object_of({"flags": {"type": "array", "items": flag}}),
            ).document(),
            "post": Operation(
                id="create_flag",
                tag="flags",
                summary="Create a flag",
                secret=True,
                body="Flag",
                example=NEW_FLAG,
                data=flag,
                answered=FLAG,
                statuses=(201,),
                refusals=(409,),
            ).document(),
        },
        "/v1/flags/flags/evaluate": {
            "post": Operation(
                id="evaluate_flags",
                tag="flags",
                summary="What a player gets of every flag",
                description="Or of those in `requested_flags`; an unknown one is an error at its key.",
                parameters=(_EXPLAIN,),
                body=_subject(
                    {
                        "requested_flags": {
                            "type": ["array", "null"],
                            "maxItems": MAX_REQUESTED_FLAGS,
                            "items": {"type": "string"},
                        }
                    }
                ),
                example={"player_id": EXAMPLE_ID},
                data=object_of({"player_id": UUID, "flags": {"type": "object", "additionalProperties": each_flag}}),
                answered={"player_id": EXAMPLE_ID, "flags": {"new_tutorial": EVALUATION}},
                refusals=(404,),
            ).document()
        },
        "/v1/flags/flags/{key}": {
            "get": Operation(id="flag", summary="Look a flag up", data=flag, answered=FLAG, **editing).document(),
            "put": Operation(
                id="replace_flag",
                summary="Replace a flag",
                body="Flag",
                example=NEW_FLAG,
                data=flag,
                answered=FLAG,
                **editing,
            ).document(),
            "patch": Operation(
                id="patch_flag",
                summary="Change a flag",
                description="A JSON merge patch (RFC 7396).",
                body={"type": "object"},
                example={"enabled": False},
                data=flag,
                answered=FLAG,
                **editing,
            ).document(),
            "delete": Operation(
                id="delete_flag", summary="Delete a flag and its overrides", data=_deleted(key=TEXT), **editing
            ).document(),
        },
        "/v1/flags/flags/{key}/evaluate": {
            "post": Operation(
                id="evaluate_flag",
                tag="flags",
                summary="What a player gets of a flag, and why",
                parameters=(key, _EXPLAIN),
                body=subject,
                example={"player_id": EXAMPLE_ID},
                data=reference("Evaluation"),
                answered=EVALUATION,
                refusals=(404,),
            ).document()
        },
        "/v1/flags/flags/{key}/overrides": {
            "get": Operation(
                id="list_overrides",
                summary="List a flag's overrides",
                data=object_of({"overrides": {"type": "array", "items": override}}),
                **editing,
            ).document()
        },
        each: {
            "get": Operation(id="override", summary="Look an override up", data=override, **one_override).document(),
            "put": Operation(
                id="set_override",
                summary="Give one player a value",
                body={"type": "object", "required": ["value"], "properties": {"value": {}}},
                example={"value": True},
                data=override,
                **one_override,
            ).document(),
            "delete": Operation(
                id="clear_override",
                summary="Take it back",
                data=_deleted(flag_key=TEXT, player_id=UUID),
                **one_override,
            ).document(),
        },
    }


def _segments() -> Json:
    segment = reference("Segment")
    segment_id: Json = {**in_path("id", NAME, "The segment's id."), "example": "beta-testers"}
    editing: Json = {"tag": "segments", "secret": True, "parameters": (segment_id,), "refusals": (404, 409)}
    membership = object_of({"segment_id": TEXT, "player_id": UUID, "is_member": YES_OR_NO, "evaluated_at": TIME})
    membership["properties"]["explanation"] = object_of({"checks": {"type": "array", "items": reference("Check")}})
    return {
        "/v1/segments/segments": {
            "get": Operation(
                id="list_segments",
                tag="segments",
                summary="List the segments",
                secret=True,
                data=object_of({"segments": {"type": "array", "items": segment}}),
            ).document(),
            "post": Operation(
                id="create_segment",
                tag="segments",
                summary="Create a segment",
                secret=True,
                body="Segment",
                example=NEW_SEGMENT,
                data=segment,
                answered=SEGMENT,
                statuses=(201,),
                refusals=(409,),
            ).document(),
        },
        "/v1/segments/segments/{id}": {
            "get": Operation(
                id="segment", summary="Look a segment up", data=segment, answered=SEGMENT, **editing
            ).document(),
            "put": Operation(
                id="replace_segment",
                summary="Replace a segment",
                body="Segment",
                example=NEW_SEGMENT,
                data=segment,
                answered=SEGMENT,
                **editing,
            ).document(),
            "patch": Operation(
                id="patch_segment",
                summary="Change a segment",
                description="A JSON merge patch (RFC 7396).",
                body={"type": "object"},
                example={"name": "Testers of the beta"},
                data=segment,
                answered=SEGMENT,
                **editing,
            ).document(),
            "delete": Operation(
                id="delete_segment", summary="Delete a segment that no flag uses", data=_deleted(id=TEXT), **editing
            ).document(),
        },
        "/v1/segments/segments/{id}/evaluate": {
            "post": Operation(
                id="evaluate_segment",
                tag="segments",
                summary="Whether a player is in a segment",
                parameters=(segment_id, _EXPLAIN),
                body=_subject(),
                example={"player_id": EXAMPLE_ID},
                data=membership,
                answered={
                    "segment_id": "beta-testers",
                    "player_id": EXAMPLE_ID,
                    "is_member": True,
                    "evaluated_at": "2025-01-25T14:30:00Z",
                },
                refusals=(404,),
            ).document()
        },
        "/v1/segments/player/{player_id}": {
            "get": Operation(
                id="segments_of_player",
                tag="segments",
                summary="The segments a player is in",
                parameters=(PLAYER_ID,),
                data=object_of(
                    {
                        "player_id": UUID,
                        "segments": {"type": "array", "items": object_of({"id": TEXT, "name": TEXT})},
                    }
                ),
                answered={
                    "player_id": EXAMPLE_ID,
                    "segments": [{"id": "beta-testers", "name": "Beta testers"}],
                },
                refusals=(404,),
            ).document()
        },
    }


def _subject(further: Json | None = None) -> Json:
    properties = {"player_id": {"type": "string", "format": "uuid"}, **(further or {})}
    return {"type": "object", "required": ["player_id"], "properties": properties}


def _deleted(**what: Json) -> Json:
    return object_of({**what, "deleted": {"const": True}})
