"""Rows of tables that cross the console API: events, requests, trajectories.

Array-like Structs: compact on the wire and decoded at C speed. Positions are in the game's own axes and units, as sent.
"""

from msgspec import Struct

from console.telemetry.events import EventKind


class EventRow(Struct, frozen=True, array_like=True, gc=False):
    """One stored event, as a table shows it.

    `name` is the event name, the funnel step, or "" for a trajectory. `x y z` is a gameplay event's position or the
    first sample of a trajectory. `fps_*` and `samples`, `duration_us` are a trajectory's.
    `level_id` of a trajectory is the session's level at its start, "" when none is known.
    What the player API records has the player's UUID as `player_id`, the game's own id as `player_name` where it has
    one, and no build.
    """

    seq: int
    request_id: int
    index: int
    received_at_us: int
    time_us: int
    kind: EventKind
    name: str
    app_id: str
    build_id: str
    player_id: str
    session_id: str
    level_id: str
    x: float | None
    y: float | None
    z: float | None
    fps_mean: float | None
    fps_low_5: float | None
    fps_low_1: float | None
    samples: int
    duration_us: int
    status: str
    player_name: str = ""


class RequestRow(Struct, frozen=True, array_like=True, gc=False):
    """One HTTP request, accepted or rejected, as a table shows it.

    `bytes` is the body after decompression. `took_us` runs from the parsed headers to the answer; None when the
    server died before it could be written down. `error` is the error code, `first_error` one line for people.
    `injected` is what fault injection did to it, "" for nothing; `status` is 0 when it left it without an answer.
    """

    request_id: int
    received_at_us: int
    method: str
    route: str
    status: int
    events: int
    bytes: int
    took_us: int | None
    app_id: str
    key_label: str
    peer: str
    client: str
    error: str
    first_error: str
    injected: str = ""


class TrajectoryRow(Struct, frozen=True, array_like=True, gc=False):
    """The samples of one trajectory: `positions` is little-endian float32 `x y z` triples, as sent."""

    seq: int
    app_id: str
    build_id: str
    player_id: str
    session_id: str
    level_id: str
    start_us: int
    end_us: int
    fps_mean: float | None
    fps_low_5: float | None
    fps_low_1: float | None
    positions: bytes
