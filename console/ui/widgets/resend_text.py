"""A recorded body as JSON that a person edits, and the edited JSON as MessagePack. Pure."""

import json
from typing import Any, Final

import msgpack
from msgspec import Struct

from console.messages import RequestDetail
from console.messages.resend import INGEST_ROUTES, IngestRoute
from console.telemetry.inspect import payload_of
from console.ui.widgets.formatting import visible
from console.ui.widgets.json_text import pretty
from console.ui.widgets.payload import Payload

# What a call of the console API takes, with room for the text being longer than the bytes.
MAX_EDITED_CHARS: Final = 900_000


class Draft(Struct, frozen=True):
    """The text to begin with, and what is to be known about it."""

    route: IngestRoute
    text: str
    note: str


class NotJson(Exception):
    """An edited text that is no JSON. `offset` is the character where reading stopped."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


def route_of(route: str) -> IngestRoute | None:
    """The ingestion route that a request went to, None for every other one."""
    bare = "/" + route.partition("?")[0].strip("/")
    return next((known for known in INGEST_ROUTES if known == bare), None)


def draft_of(detail: RequestDetail, index: int | None) -> Draft | None:
    """The body, or one event of it, to be edited; an example where it cannot be read. None: nothing to send again."""
    route = route_of(detail.row.route)
    if route is None:
        return None
    payload = Payload(detail.body)
    value: Any = None
    if payload.is_batch and index is None:
        events = [payload_of(detail.body, place) for place in range(len(payload.events))]
        value = events if events and len(events) == payload.announced and None not in events else None
    elif payload.events:
        value = payload_of(detail.body, index or 0)
    if not isinstance(value, dict | list):
        sent_as_json = _json_of(detail.body)
        if sent_as_json is not None:
            return Draft(route, pretty(sent_as_json, MAX_EDITED_CHARS)[0], "JSON was sent; this sends MessagePack.")
        text, _ = pretty(_example(detail.row.app_id))
        return Draft(route, text, "The body cannot be read as a whole: this is an example to begin with.")
    text, cut = pretty(value, MAX_EDITED_CHARS)
    if cut:
        return Draft(route, pretty(_example(detail.row.app_id))[0], "The body is too large to be edited: an example.")
    binary = "Base64" if _holds_binary(value) else ""
    return Draft(route, text, "Binary values became Base64 text." if binary else "")


def packed(text: str) -> bytes:
    """MessagePack of the edited text. Raises NotJson, with the line and column of what is wrong."""
    if len(text) > MAX_EDITED_CHARS:
        raise NotJson(f"The text is too long: the limit is {MAX_EDITED_CHARS:,} characters.", MAX_EDITED_CHARS)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise NotJson(f"This is no JSON at {place}: {error.msg[:1].lower()}{error.msg[1:]}.", error.pos) from error
    except (RecursionError, ValueError) as error:
        raise NotJson(f"This JSON cannot be read: {visible(str(error))}.", 0) from error
    try:
        body = msgpack.packb(value)
    except (OverflowError, ValueError, TypeError, RecursionError) as error:
        raise NotJson(f"MessagePack cannot hold this: {visible(str(error))}.", 0) from error
    assert isinstance(body, bytes)
    return body


def _json_of(body: bytes) -> Any:
    """The value of a body that is JSON text, None for every other one."""
    if len(body) > MAX_EDITED_CHARS // 4 or body.lstrip()[:1] not in (b"{", b"["):
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _example(app_id: str) -> dict[str, Any]:
    return {
        "event_name": "Player_Jump",
        "app_id": app_id,
        "build_id": "dev",
        "player_id": "player_01",
        "session_id": "session_01",
        "timestamp": "2026-02-12T10:00:00Z",
    }


def _holds_binary(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_binary, value.values()))
    return any(map(_holds_binary, value)) if isinstance(value, list) else isinstance(value, bytes)
