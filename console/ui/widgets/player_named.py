"""Whom a recorded event or request is about, so that the player's profile can be opened from it. Pure.

Telemetry names players by the game's own id, the player API by its UUID.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from console.messages import EventRow, RequestDetail
from console.telemetry.events import EventKind
from console.ui.navigation import NamedPlayerSubject, PlayerSubject
from console.ui.widgets.inspection import Inspection
from console.ui.widgets.payload import Payload

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_OF_PLAYER = re.compile(rf"/v1/players/players/({_UUID.pattern})\b", re.IGNORECASE)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError, ValueError)

Named = PlayerSubject | NamedPlayerSubject


def player_of_event(row: EventRow) -> Named | None:
    """The player of a row of the live table."""
    if not row.player_id:
        return None
    if row.kind is EventKind.PLAYER_API:
        return PlayerSubject(row.app_id, row.player_id)
    return NamedPlayerSubject(row.app_id, row.player_id)


def player_of_request(detail: RequestDetail) -> PlayerSubject | None:
    """The player of a request of the player API: named by its path, its answer or its body, in this order.

    None when it names nobody, or is a batch about several players.
    """
    row = detail.row
    match = _OF_PLAYER.match(row.route)
    keys = ("player_id", "id") if row.route.startswith("/v1/players") else ("player_id",)
    names = [match[1]] if match is not None else [*_names_in(detail.response, keys), *_names_in(detail.body, keys)]
    known = {name.lower() for name in names}
    return PlayerSubject(row.app_id, known.pop()) if len(known) == 1 and row.app_id else None


def player_of_inspection(shown: Inspection) -> Named | None:
    """The player of what the inspector shows: of the picked event, else of the request."""
    app_id, telemetry = shown.detail.row.app_id, isinstance(shown.payload, Payload)
    if shown.index is None:
        return None if telemetry else player_of_request(shown.detail)
    span = shown.payload.events[shown.index]
    decode: Callable[[bytes], Any] = msgspec.msgpack.decode if telemetry else msgspec.json.decode
    try:
        event = decode(shown.detail.body[span.start : span.end])
    except _UNREADABLE:
        return None
    name = event.get("player_id") if isinstance(event, dict) else None
    if not (isinstance(name, str) and name and app_id):
        return None
    return NamedPlayerSubject(app_id, name) if telemetry else PlayerSubject(app_id, name)


def _names_in(document: bytes, keys: Sequence[str]) -> list[str]:
    """The player ids of a body or an answer, of each event of a batch."""
    try:
        found: Any = msgspec.json.decode(document)
    except _UNREADABLE:
        return []
    data = found.get("data", found) if isinstance(found, dict) else None
    if not isinstance(data, dict):
        return []
    events = data.get("events")
    places = [data, *(events if isinstance(events, list) else [])]
    values = [place.get(key) for place in places if isinstance(place, dict) for key in keys]
    return [value for value in values if isinstance(value, str) and _UUID.fullmatch(value)]
