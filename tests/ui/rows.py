"""Rows for tests of the tables."""

import msgspec

from console.messages import EventRow, RequestRow
from console.telemetry.events import EventKind

NOON_US = 1_770_891_720_000_000

_EVENT = EventRow(
    seq=1,
    request_id=1,
    index=0,
    received_at_us=NOON_US,
    time_us=NOON_US,
    kind=EventKind.GAMEPLAY,
    name="Door_Open",
    app_id="72ab8f81-ef36-4a5b-9d0a-1b2c3d4e5f60",
    build_id="Win64_Shipping_1.0.2",
    player_id="player_03",
    session_id="s-03-7f3a",
    level_id="oa_minia",
    x=7.9,
    y=-49.2,
    z=0.2,
    fps_mean=None,
    fps_low_5=None,
    fps_low_1=None,
    samples=0,
    duration_us=0,
    status="",
)

_REQUEST = RequestRow(
    request_id=1,
    received_at_us=NOON_US,
    method="POST",
    route="/api/events",
    status=200,
    events=46,
    bytes=3_800,
    took_us=3_400,
    app_id="72ab8f81-ef36-4a5b-9d0a-1b2c3d4e5f60",
    key_label="PC build",
    peer="192.168.1.40",
    client="UnityPlayer/2022.3",
    error="",
    first_error="",
)


def event_row(seq: int = 1, **changes: object) -> EventRow:
    """A gameplay event, with some fields different."""
    changes.setdefault("time_us", NOON_US + seq * 173_000)
    return msgspec.structs.replace(_EVENT, seq=seq, **changes)


def trajectory_row(seq: int = 1, **changes: object) -> EventRow:
    """A trajectory of 50 samples over 5 seconds."""
    fields: dict[str, object] = {
        "kind": EventKind.TRAJECTORY,
        "name": "",
        "fps_mean": 53.0,
        "fps_low_5": 45.0,
        "fps_low_1": 24.0,
        "samples": 50,
        "duration_us": 5_000_000,
        "status": "playing",
    }
    return event_row(seq, **(fields | changes))


def request_row(request_id: int = 1, **changes: object) -> RequestRow:
    """An accepted request, with some fields different."""
    changes.setdefault("received_at_us", NOON_US + request_id * 211_000)
    return msgspec.structs.replace(_REQUEST, request_id=request_id, **changes)


def rejected_row(request_id: int = 1, **changes: object) -> RequestRow:
    """A request that was refused for a bad position."""
    fields: dict[str, object] = {
        "status": 400,
        "events": 0,
        "error": "invalid_event",
        "first_error": '$[3].position[1]: expected a number, got str "x"',
    }
    return request_row(request_id, **(fields | changes))
