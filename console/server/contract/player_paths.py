"""The routes of players and events in the contract."""

from console.server.contract.operations import (
    EXAMPLE_ID,
    PLAYER_ID,
    TEXT,
    TEXT_OR_NULL,
    Operation,
    in_path,
    in_query,
    object_of,
)
from console.server.contract.parts import Json, reference
from console.server.player_api.bodies import MAX_BATCH
from console.server.player_api.players import MAX_LISTED


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
                description="201 when the player is new. Contradictory ids are refused.",
                body="Registration",
                example={
                    "external_id": "player_123",
                    "device_id": "device_abc",
                    "attributes": {"level": 45, "country": "US", "is_vip": True},
                },
                data=player,
                statuses=(200, 201),
            ).document(),
            "get": Operation(
                id="list_players",
                tag="players",
                summary="List the players",
                description="`next_cursor` leads to the next page; it is null after the last.",
                secret=True,
                parameters=(
                    in_query("limit", {"type": "integer", "minimum": 1, "maximum": MAX_LISTED}, "How many."),
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
                parameters=(in_path("external_id", {"type": "string", "minLength": 1}, "The id that the game gave."),),
                data=player,
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
                **known,
            ).document(),
        },
        f"{one}/session": {
            "post": Operation(
                id="record_session",
                summary="Record a session",
                body="Session",
                body_required=False,
                example={"session_id": "session_abc123", "duration_seconds": 1800},
                data=player,
                statuses=(200, 201),
                **known,
            ).document()
        },
        f"{one}/purchase": {
            "post": Operation(
                id="record_purchase",
                tag="players",
                summary="Record a purchase",
                body="Purchase",
                body_required=False,
                example={"transaction_id": "order_1"},
                parameters=(
                    PLAYER_ID,
                    {
                        **in_query(
                            "amount",
                            {"type": "string", "pattern": r"^(?=.*[1-9])\d{1,10}(\.\d{1,2})?$"},
                            "Money, more than 0, with at most 2 decimals: 4.99.",
                        ),
                        "required": True,
                        "example": "4.99",
                    },
                ),
                data=player,
                statuses=(200, 201),
                refusals=(404,),
            ).document()
        },
        f"{one}/lifecycle": {
            "get": Operation(
                id="lifecycle",
                summary="A player's lifecycle stage, and why",
                secret=True,
                data=reference("Lifecycle"),
                **known,
            ).document()
        },
        f"{one}/churn-risk": {
            "get": Operation(
                id="churn_risk",
                summary="How likely a player is gone for good, and why",
                secret=True,
                data=reference("ChurnRisk"),
                **known,
            ).document()
        },
    }


def _events() -> Json:
    recorded = object_of(
        {
            "event_id": TEXT,
            "player_id": TEXT,
            "event_name": TEXT,
            "timestamp": TEXT,
            "received_at": TEXT,
        }
    )
    example = {
        "player_id": EXAMPLE_ID,
        "event_name": "level_complete",
        "session_id": "session_abc123",
        "properties": {"level": 5, "score": 12500, "time_seconds": 180, "stars_earned": 3},
    }
    idempotency: Json = {
        "name": "Idempotency-Key",
        "in": "header",
        "schema": {"type": "string", "minLength": 1, "maxLength": 256},
        "description": "Sent again with the same key and body, the request is answered as the first time.",
    }
    item: Json = {
        "type": "object",
        "required": ["index"],
        "properties": {
            "index": {"type": "integer"},
            "event_id": TEXT,
            "duplicate": {"const": True},
            "error": {"type": "object", "properties": {"code": TEXT, "message": TEXT}},
        },
    }
    return {
        "/v1/events/events": {
            "post": Operation(
                id="track_event",
                tag="events",
                summary="Track an event",
                parameters=(idempotency,),
                body="TrackedEvent",
                example=example,
                data=recorded,
                statuses=(200, 201),
                refusals=(404,),
            ).document()
        },
        "/v1/events/events/batch": {
            "post": Operation(
                id="track_events",
                tag="events",
                summary="Track a batch of events",
                description=f"At most {MAX_BATCH}. The good ones are recorded; `results` says what became of each.",
                parameters=(idempotency,),
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
                example={"events": [example]},
                data=object_of(
                    {
                        "accepted": {"type": "integer"},
                        "rejected": {"type": "integer"},
                        "results": {"type": "array", "items": item},
                    }
                ),
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
            {**in_query("player_id", {"type": "string", "format": "uuid"}, "Only of this player.")},
            {**in_query("event_name", {"type": "string", "minLength": 1}, "Only of this name.")},
            {
                "name": "Last-Event-ID",
                "in": "header",
                "schema": {"type": "integer", "minimum": 0},
                "description": "The `id` of the last event that was read.",
            },
        ),
        data={},
    ).document()
    operation["responses"]["200"] = {
        "description": "Without an end.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
    return operation
