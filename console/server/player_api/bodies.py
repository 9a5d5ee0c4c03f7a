"""The JSON bodies of players and events, checked and turned into what the player service takes."""

from typing import Any

from msgspec import UNSET, Raw, Struct, UnsetType

from console.players.commands import TrackEvent
from console.players.instants import instant_us
from console.players.values import InvalidValue, duration_secs, email_address, identifier, player_uuid, properties
from console.server.player_decisions import NewSession, PlayerPatch, Registration

MAX_BATCH = 500


class RegisterBody(Struct, frozen=True, kw_only=True, gc=False):
    """`POST /players/players`. null is as good as absent: many clients write out what they do not have."""

    external_id: str | None = None
    device_id: str | None = None
    email: str | None = None
    attributes: dict[str, Any] | None = None


class UpdateBody(Struct, frozen=True, kw_only=True, gc=False):
    """`PATCH /players/players/{id}`: a JSON merge patch, in which null deletes."""

    external_id: str | UnsetType | None = UNSET
    device_id: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    attributes: dict[str, Any] | UnsetType | None = UNSET


class SessionBody(Struct, frozen=True, kw_only=True, gc=False):
    """`POST /players/players/{id}/session`."""

    session_id: str | None = None
    started_at: Any = None
    duration_seconds: Any = None


class PurchaseBody(Struct, frozen=True, kw_only=True, gc=False):
    """`POST /players/players/{id}/purchase`. The amount stands in the query string; here it is only noticed."""

    transaction_id: str | None = None
    amount: Any = None


class TrackBody(Struct, frozen=True, kw_only=True):
    """`POST /events/events`, and one item of a batch."""

    player_id: Any = None
    event_name: str | None = None
    session_id: str | None = None
    properties: dict[str, Any] | None = None
    timestamp: Any = None
    event_id: str | None = None


class BatchBody(Struct, frozen=True, kw_only=True):
    """`POST /events/events/batch`. Items are decoded one by one: a bad one does not spoil the others."""

    events: list[Raw]


def registration_of(body: RegisterBody) -> Registration:
    """Raises InvalidValue."""
    return Registration(
        external_id=_optional_id(body.external_id, "$.external_id"),
        device_id=_optional_id(body.device_id, "$.device_id"),
        email=None if body.email is None else email_address(body.email, "$.email"),
        attributes=properties(body.attributes or {}, "$.attributes"),
    )


def patch_of(body: UpdateBody) -> PlayerPatch:
    """Raises InvalidValue, also for a patch of nothing: a misspelt key would go unnoticed."""
    patch = PlayerPatch(
        external_id=_patched_id(body.external_id, "$.external_id"),
        device_id=_patched_id(body.device_id, "$.device_id"),
        email=email_address(body.email, "$.email") if isinstance(body.email, str) else body.email,
        attributes=properties(body.attributes, "$.attributes")
        if isinstance(body.attributes, dict)
        else body.attributes,
    )
    if patch == PlayerPatch():
        raise InvalidValue("$", "changes nothing: give external_id, device_id, email or attributes")
    return patch


def session_of(body: SessionBody | None) -> NewSession:
    """Raises InvalidValue."""
    if body is None:
        return NewSession()
    return NewSession(
        session_id=_optional_id(body.session_id, "$.session_id"),
        started_us=None if body.started_at is None else instant_us(body.started_at, "$.started_at"),
        duration_secs=(
            None if body.duration_seconds is None else duration_secs(body.duration_seconds, "$.duration_seconds")
        ),
    )


def event_of(body: TrackBody, *, new_id: str, received_at_us: int, path: str = "$") -> TrackEvent:
    """The event to record; `new_id` is its id when the client chose none. Raises InvalidValue."""
    if body.player_id is None:
        raise InvalidValue(f"{path}.player_id", "is missing: an event is of a player")
    player_id = player_uuid(body.player_id)
    if body.event_name is None:
        raise InvalidValue(f"{path}.event_name", "is missing: an event has a name")
    sent_id = body.event_id
    return TrackEvent(
        event_id=new_id if sent_id is None else identifier(sent_id, f"{path}.event_id"),
        player_id=player_id,
        event_name=identifier(body.event_name, f"{path}.event_name"),
        time_us=received_at_us if body.timestamp is None else instant_us(body.timestamp, f"{path}.timestamp"),
        session_id=None if body.session_id is None else identifier(body.session_id, f"{path}.session_id"),
        properties=properties(body.properties, f"{path}.properties") if body.properties else {},
        deduplicated=sent_id is not None,
    )


def _optional_id(value: str | None, path: str) -> str | None:
    return None if value is None else identifier(value, path)


def _patched_id(value: str | UnsetType | None, path: str) -> str | UnsetType | None:
    return identifier(value, path) if isinstance(value, str) else value
