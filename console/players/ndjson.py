"""What the player API recorded as NDJSON: one JSON object a command, UTF-8, LF.

`type` says which command it is: `register`, `update`, `session`, `purchase` or `event`. Then come the keys of the
player API, resolved (ids that the server gave, times in UTC, amounts as decimals). A key that was not sent is left out;
in an update, null means that a thing was deleted. `app_id`, `api` (always `player`), `received_at` and `seq` stand at
the end.
"""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from console.players.commands import (
    Command,
    RecordPurchase,
    RecordSession,
    Register,
    TrackEvent,
    Update,
    decode_recorded,
)
from console.players.instants import iso_text

API = "player"

_encode = msgspec.json.Encoder().encode


def command_lines(commands: bytes, app_id: str, received_at_us: int, first_seq: int) -> list[bytes]:
    """The lines of a journaled request's commands, each ending with LF. Raises msgspec.MsgspecError.

    `received_at_us` is when the server read the request's headers; `first_seq` the number of the first command.
    """
    received_at = iso_text(received_at_us)
    return [
        _encode(
            {"type": _TYPES[type(command)], "player_id": command.player_id}
            | _keys_of(command)
            | {"app_id": app_id, "api": API, "received_at": received_at, "seq": seq}
        )
        + b"\n"
        for seq, command in enumerate(decode_recorded(commands).commands, first_seq)
    ]


_TYPES: dict[type, str] = {
    Register: "register",
    Update: "update",
    RecordSession: "session",
    RecordPurchase: "purchase",
    TrackEvent: "event",
}


def _keys_of(command: Command) -> dict[str, Any]:
    match command:
        case Register():
            return _given(
                external_id=command.external_id or UNSET,
                device_id=command.device_id or UNSET,
                email=command.email,
                attributes=command.attributes or UNSET,
            )
        case Update():
            return _given(
                external_id=command.external_id,
                device_id=command.device_id,
                email=command.email,
                attributes=command.attributes,
            )
        case RecordSession():
            return _given(
                session_id=command.session_id,
                started_at=iso_text(command.started_us),
                duration_seconds=UNSET if command.duration_secs is None else command.duration_secs,
            )
        case RecordPurchase():
            return _given(
                amount=command.amount_minor / 100,
                transaction_id=command.transaction_id or UNSET,
            )
        case TrackEvent():
            return _given(
                event_id=command.event_id,
                event_name=command.event_name,
                session_id=command.session_id or UNSET,
                properties=command.properties,
                timestamp=iso_text(command.time_us),
            )


def _given(**keys: object | UnsetType) -> dict[str, Any]:
    return {name: value for name, value in keys.items() if value is not UNSET}
