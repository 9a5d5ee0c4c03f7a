"""What the player API records: each accepted request as commands, decided once and journaled beside its body.

A command is whole: ids, times and amounts are resolved, so that replaying the journal needs no HTTP, no clock and none
of the checks that were made when it came in.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType


class Register(Struct, frozen=True, kw_only=True, tag="register", omit_defaults=True):
    """Create a player, or merge what is given into the one there is. `email` UNSET leaves it.

    With `seen_us` it makes a player of one whom telemetry alone knows, without a sign of life of its own: the first and
    the last one so far.
    """

    player_id: str
    external_id: str | None = None
    device_id: str | None = None
    email: str | UnsetType | None = UNSET
    attributes: dict[str, Any] = {}
    seen_us: tuple[int, int] | None = None


class Update(Struct, frozen=True, kw_only=True, tag="update", omit_defaults=True):
    """A JSON merge patch (RFC 7396) of a player: UNSET leaves a thing, None deletes it."""

    player_id: str
    external_id: str | UnsetType | None = UNSET
    device_id: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    attributes: dict[str, Any] | UnsetType | None = UNSET


class RecordSession(Struct, frozen=True, kw_only=True, tag="session", omit_defaults=True):
    """A session. One of the same `session_id` counts once; its later duration holds."""

    player_id: str
    session_id: str
    started_us: int
    duration_secs: float | None = None


class RecordPurchase(Struct, frozen=True, kw_only=True, tag="purchase", omit_defaults=True):
    """Money spent, in hundredths. One of the same `transaction_id` counts once."""

    player_id: str
    amount_minor: int
    transaction_id: str | None = None


class TrackEvent(Struct, frozen=True, kw_only=True, tag="event", omit_defaults=True):
    """An event. `deduplicated` is true when the client chose `event_id`: then a second one of it is not recorded."""

    event_id: str
    player_id: str
    event_name: str
    time_us: int
    session_id: str | None = None
    properties: dict[str, Any] = {}
    deduplicated: bool = False


Command = Register | Update | RecordSession | RecordPurchase | TrackEvent


class Recorded(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The commands of one request: each takes one sequence number, in order.

    With an `idempotency_key`, `fingerprint` tells whether a later request of that key has the same body.
    """

    commands: list[Command]
    idempotency_key: str | None = None
    fingerprint: bytes = b""


# What tables call a command; a tracked event goes by its own name.
COMMAND_NAMES: dict[type, str] = {
    Register: "player_registered",
    Update: "player_updated",
    RecordSession: "session_recorded",
    RecordPurchase: "purchase_recorded",
}


class Line(Struct, frozen=True, gc=False):
    """A command as a row of tables shows it. `session_id` is "" for those of none."""

    name: str
    player_id: str
    session_id: str
    time_us: int


def line_of(command: Command, received_at_us: int) -> Line:
    """What tables show of a command: when it happened, or else when it was received."""
    if isinstance(command, TrackEvent):
        return Line(command.event_name, command.player_id, command.session_id or "", command.time_us)
    name = COMMAND_NAMES[type(command)]
    if isinstance(command, RecordSession):
        return Line(name, command.player_id, command.session_id, command.started_us)
    return Line(name, command.player_id, "", received_at_us)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Recorded)


def encode_recorded(recorded: Recorded) -> bytes:
    """As it is journaled."""
    return _encoder.encode(recorded)


def decode_recorded(content: bytes) -> Recorded:
    """What was journaled. Raises msgspec.MsgspecError when it was not."""
    return _decoder.decode(content)
