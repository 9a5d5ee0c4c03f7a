"""The routes of players and events in the contract."""

from typing import Final

from console.players.values import MAX_AMOUNT_MINOR
from console.server.contract.operations import PLAYER_ID, Operation, in_path, in_query
from console.server.contract.parts import TEXT, TEXT_OR_NULL, TIME, UUID, Json, object_of, reference
from console.server.contract.player_examples import (
    BATCH_ANSWER,
    CHURN_RISK,
    LIFECYCLE,
    PLAYER,
    RECORDED_EVENT,
    STREAM,
    TRACKED_EVENT,
)
from console.server.contract.player_schemas import ID
from console.server.player_api.bodies import MAX_BATCH
from console.server.player_api.players import LISTED, MAX_LISTED
from console.server.player_api.stream import MAX_FILTER_VALUES


def player_paths() -> Json:
    """By path and method."""
    return {**_players(), **_events()}


def _players() -> Json:
    player = reference("Player")
    one = "/v1/players/players/{player_id}"
    known: Json = {"parameters": (PLAYER_ID,), "refusals": (404,), "tag": "players"}
    return {
        "/v1/players/players": {
            "post": Operation(
                id="register_player",
                tag="players",
                summary="Register a player, or add to the one there is",
                description=(
                    "201 when the player is new. What is given is merged, what is not stays. Contradictory ids are "
                    "refused, and the message says how to go on."
                ),
                body="Registration",
                example={
                    "external_id": "player_123",
                    "device_id": "device_abc",
                    "attributes": {"level": 45, "country": "US", "is_vip": True},
                },
                data=player,
                answered={name: value for name, value in PLAYER.items() if name != "email"},
                repeatable=True,
                statuses=(200, 201),
            ).document(),
            "get": Operation(
                id="list_players",
                tag="players",
                summary="List the players",
                description="`next_cursor` leads to the next page; it is null after the last.",
                secret=True,
                parameters=(
                    in_query(
                        "limit",
                        {"type": "integer", "minimum": 1, "maximum": MAX_LISTED, "default": LISTED},
                        "How many.",
                    ),
                    in_query("cursor", {"type": "string"}, "The `next_cursor` of the page before."),
                ),
                data=object_of({"players": {"type": "array", "items": player}, "next_cursor": TEXT_OR_NULL}),
            ).document(),
        },
        "/v1/players/players/external/{external_id}": {
            "get": Operation(
                id="player_by_external_id",
                tag="players",
                summary="Look a player up by external id",
                secret=True,
                parameters=({**in_path("external_id", ID, "The id that the game gave."), "example": "player_123"},),
                data=player,
                answered=PLAYER,
                refusals=(404,),
            ).document()
        },
        one: {
            "get": Operation(id="player", summary="Look a player up", data=player, **known).document(),
            "patch": Operation(
                id="update_player",
                summary="Change a player",
                description="A JSON merge patch (RFC 7396): what is not named stays, null deletes.",
                body="PlayerPatch",
                example={"attributes": {"level": 46}},
                data=player,
                answered=PLAYER | {"attributes": PLAYER["attributes"] | {"level": 46}},
                repeatable=True,
                **known,
            ).document(),
        },
        f"{one}/session": {
            "post": Operation(
                id="record_session",
                summary="Record a session",
                description="Without a body: one that begins now. A repeated `session_id` counts once.",
                body="Session",
                body_required=False,
                example={"session_id": "session_abc123", "duration_seconds": 1800},
                data=player,
                repeatable=True,
                **known,
            ).document()
        },
        f"{one}/purchase": {
            "post": Operation(
                id="record_purchase",
                tag="players",
                summary="Record a purchase",
                description="With a `transaction_id`, in the query or in the body, it counts once.",
                body="Purchase",
                body_required=False,
                example={"transaction_id": "order_1"},
                parameters=(
                    PLAYER_ID,
                    {
                        **in_query(
                            "amount",
                            {"type": "string", "pattern": r"^(?=.*[1-9])[0-9]{1,12}(\.[0-9]{1,2})?$"},
                            f"Money, more than 0, at most {MAX_AMOUNT_MINOR // 100:,}.00, with at most 2 decimals.",
                        ),
                        "required": True,
                        "example": "4.99",
                    },
                    in_query("transaction_id", ID, "As in the body."),
                ),
                data=player,
                repeatable=True,
                refusals=(404,),
            ).document()
        },
        f"{one}/lifecycle": {
            "get": Operation(
                id="lifecycle",
                summary="A player's lifecycle stage, and why",
                secret=True,
                data=reference("Lifecycle"),
                answered=LIFECYCLE,
                **known,
            ).document()
        },
        f"{one}/churn-risk": {
            "get": Operation(
                id="churn_risk",
                summary="How likely a player is gone for good, and why",
                secret=True,
                data=reference("ChurnRisk"),
                answered=CHURN_RISK,
                **known,
            ).document()
        },
    }


def _events() -> Json:
    recorded = object_of(
        {"event_id": TEXT, "player_id": UUID, "event_name": TEXT, "timestamp": TIME, "received_at": TIME}
    )
    index: Json = {"type": "integer", "minimum": 0, "description": "Which event of the batch."}
    duplicate: Json = {"const": True, "description": "Its `event_id` was recorded before, and is not again."}
    accepted: Json = {
        "type": "object",
        "description": "Of an event that was accepted.",
        "required": ["index", "event_id"],
        "properties": {"index": index, "event_id": TEXT, "duplicate": duplicate},
    }
    rejected = {"description": "Of one that was not.", **object_of({"index": index, "error": reference("Problem")})}
    result: Json = {"anyOf": [accepted, rejected]}
    return {
        "/v1/events/events": {
            "post": Operation(
                id="track_event",
                tag="events",
                summary="Track an event",
                description="201 when it is recorded, 200 when one of its `event_id` already was.",
                body="TrackedEvent",
                example=TRACKED_EVENT,
                data=recorded,
                answered=RECORDED_EVENT,
                repeatable=True,
                statuses=(200, 201),
                refusals=(404,),
            ).document()
        },
        "/v1/events/events/batch": {
            "post": Operation(
                id="track_events",
                tag="events",
                summary="Track a batch of events",
                description=(
                    f"At most {MAX_BATCH}. The good ones are recorded, and `results` says what became of each. When "
                    "none is good, that is 400."
                ),
                body={
                    "type": "object",
                    "required": ["events"],
                    "properties": {
                        "events": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": MAX_BATCH,
                            "items": reference("TrackedEvent"),
                        }
                    },
                },
                example={"events": [TRACKED_EVENT]},
                data=object_of(
                    {
                        "accepted": {"type": "integer", "minimum": 1},
                        "rejected": {"type": "integer", "minimum": 0},
                        "results": {"type": "array", "items": result},
                    }
                ),
                answered=BATCH_ANSWER,
                repeatable=True,
            ).document()
        },
        "/v1/events/events/stream": {"get": _stream()},
    }


def _stream() -> Json:
    operation = Operation(
        id="stream_events",
        tag="events",
        summary="Follow events as they are recorded",
        description=(
            "Server-sent events: `event` with one event, `gap` when a slow reader missed some, `flags_changed` when a "
            "flag or segment did. A comment comes every 15 s. The `id` of an event in `Last-Event-ID` continues there."
        ),
        secret=True,
        parameters=(
            _repeatable("player_id", UUID, "Only of this player; given several times, of any of them."),
            _repeatable("event_name", {"type": "string", "minLength": 1}, "Only of this name, or any of these."),
            in_query("last_event_id", _SEQ, "As the header, for readers that cannot set one."),
            {
                "name": "Last-Event-ID",
                "in": "header",
                "schema": _SEQ,
                "description": "The `id` of the last event that was read: those behind it come first.",
            },
        ),
        data={},
    ).document()
    operation["responses"]["200"] = {
        "description": "Without an end.",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": STREAM}},
        "headers": operation["responses"]["200"]["headers"],
    }
    return operation


_SEQ: Final[Json] = {"type": "integer", "minimum": 0}


def _repeatable(name: str, schema: Json, description: str) -> Json:
    items = {"type": "array", "maxItems": MAX_FILTER_VALUES, "items": schema}
    return {**in_query(name, items, description), "style": "form", "explode": True}
