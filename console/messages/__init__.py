"""Values that cross the console API, as MessagePack both ways.

Times are microseconds since 1970-01-01 UTC (`_us`). Rows are array-like Structs: compact on the wire and
decoded at C speed. Positions are in the game's own axes and units, as sent.
"""

from typing import Any, Literal

import msgspec
from msgspec import Struct

from console.players.definitions import ChurnWindow, Tier
from console.telemetry.events import EventKind
from console.telemetry.placement import AS_AXES_SAY, Calibration

ADMIN_HEADER = "Authorization"
# The error code of a request that fault injection answered, or left without an answer: no fault of its client's.
INJECTED = "injected"

Environment = Literal["live", "test"]
KeyKind = Literal["public", "secret"]
Axes = Literal["unity", "unreal", "gltf", "godot", "blender", "quake"]


# ---------------------------------------------------------------------------------------------------------------- rows


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


# ---------------------------------------------------------------------------------------------------------------- feed


class ServerStatus(Struct, frozen=True, kw_only=True):
    """Counters and facts of the running server.

    `events_total` counts stored events of the workspace, `rejected_total` rejected requests since it was created.
    `events_behind` is the projector's distance from the journal; `seconds_behind` its age.
    `rejections_unlisted` are rejected requests that were counted but, in a flood, not kept.
    `faults` are rules of fault injection that hold now or will again, `faults_injected` the requests that felt one.
    """

    version: str
    pid: int
    started_at_us: int
    telemetry_urls: list[str]
    player_urls: list[str]
    lan: bool
    recording: bool
    events_total: int
    requests_total: int
    rejected_total: int
    rejections_unlisted: int
    events_per_second: float
    requests_per_second: float
    events_behind: int
    seconds_behind: float
    workspace: str
    workspace_bytes: int
    disk_free_bytes: int
    problem: str = ""
    faults: int = 0
    faults_injected: int = 0


class FeedHello(Struct, frozen=True, tag="hello"):
    """First frame. Rows follow that are newer than both positions; older ones are had by query."""

    last_seq: int
    last_request_id: int
    status: ServerStatus


class FeedRows(Struct, frozen=True, tag="rows"):
    """What was committed since the last frame, in order. What a slow reader missed is counted, never silent."""

    events: list[EventRow]
    requests: list[RequestRow]
    trajectories: list[TrajectoryRow]
    skipped_events: int = 0
    skipped_requests: int = 0


class FeedStatus(Struct, frozen=True, tag="status"):
    """Twice a second."""

    status: ServerStatus


Topic = Literal[
    "applications",
    "level_models",
    "settings",
    "exports",
    "players",
    "flags",
    "faults",
    "bookmarks",
    "funnels",
    "levels",
]


class FeedChanged(Struct, frozen=True, tag="changed"):
    """Something that is listed elsewhere changed: ask for it again. "flags" are segments and overrides too.

    "levels" are where sessions were that did not say, and which models show a level.
    """

    topic: Topic


FeedFrame = FeedHello | FeedRows | FeedStatus | FeedChanged


# -------------------------------------------------------------------------------------------------- applications, keys


class Key(Struct, frozen=True, kw_only=True):
    """One key. `token` is the whole public key, "" for a secret one; `hint` is `sk_live_…q7Xa`."""

    key_id: str
    app_id: str
    kind: KeyKind
    label: str
    hint: str
    token: str
    created_at_us: int
    last_used_at_us: int | None = None
    revoked_at_us: int | None = None


class Application(Struct, frozen=True, kw_only=True):
    """One application and its keys, newest key last.

    `tier` is the player API's rate limit for each key; `churn_window` the kind of game, which says after how long a
    player counts as gone.
    """

    app_id: str
    name: str
    environment: Environment
    created_at_us: int
    keys: list[Key]
    tier: Tier = "enterprise"
    churn_window: ChurnWindow = "mid_core"


class ApplicationChanges(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to change; None leaves a thing as it is."""

    name: str | None = None
    tier: Tier | None = None
    churn_window: ChurnWindow | None = None


class CreateApplication(Struct, frozen=True, kw_only=True):
    """`app_id` None: a new UUID."""

    name: str
    environment: Environment = "live"
    app_id: str | None = None


class CreatedApplication(Struct, frozen=True, kw_only=True):
    """The only time the secret key is readable."""

    application: Application
    public_key: str
    secret_key: str


class CreateKey(Struct, frozen=True, kw_only=True):
    """A further key for an application."""

    kind: KeyKind
    label: str = ""


class CreatedKey(Struct, frozen=True, kw_only=True):
    """`token` is whole here even for a secret key, and nowhere else."""

    key: Key
    token: str


class Rename(Struct, frozen=True, kw_only=True):
    """A new label of a key."""

    name: str


# ------------------------------------------------------------------------------------------------------------ requests


class ErrorDetail(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong in a body. `start` and `end` are the byte range in the decompressed body."""

    index: int | None = None
    path: str = "$"
    message: str
    hint: str = ""
    start: int | None = None
    end: int | None = None


class RequestDetail(Struct, frozen=True, kw_only=True):
    """One request, whole. `headers` have their keys redacted. `response` is the exact body sent.

    `body_truncated` is true when a rejected body was too large to keep whole.
    """

    row: RequestRow
    headers: list[tuple[str, str]]
    body: bytes
    body_truncated: bool
    wire_bytes: int
    response: bytes
    first_seq: int | None
    error_message: str
    details: list[ErrorDetail]


# ------------------------------------------------------------------------------------------------------------- queries


class Column(Struct, frozen=True):
    """One column: numbers as the bytes of a numpy array, text as a dictionary of distinct values.

    With `values` None, `data` holds `dtype` numbers (NaN where there is none). Otherwise `data` holds `<i4` indices
    into `values`, −1 for null.
    """

    dtype: str
    data: bytes
    values: list[str] | None = None


class Columns(Struct, frozen=True):
    """A query's answer. `truncated` is true when a row limit cut it."""

    rows: int
    columns: dict[str, Column]
    truncated: bool = False


# ------------------------------------------------------------------------------------------------------------- exports


class StartExport(Struct, frozen=True, kw_only=True):
    """`path` None: a new file in the workspace. `app_id` None: every application."""

    path: str | None = None
    app_id: str | None = None


class Export(Struct, frozen=True, kw_only=True):
    """A background NDJSON export. `rows_total` is an estimate until it is done."""

    export_id: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    rows: int
    rows_total: int
    bytes: int
    file: str
    error: str = ""


# -------------------------------------------------------------------------------------------------------------- levels


class LevelModel(Struct, frozen=True, kw_only=True):
    """An uploaded mesh of a level. `bounds` are the mesh's own axes and units, min then max.

    `mesh_axes` and `telemetry_axes` say how each is turned into the viewer's Z-up metres, `calibration` what comes
    after that.
    """

    model_id: str
    app_id: str
    level_name: str
    version: int
    active: bool
    file_name: str
    file_bytes: int
    triangles: int
    vertices: int
    bounds: tuple[tuple[float, float, float], tuple[float, float, float]]
    mesh_axes: Axes
    telemetry_axes: Axes
    uploaded_at_us: int
    calibration: Calibration = AS_AXES_SAY
    archived_at_us: int | None = None


class LevelModelChanges(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to change; None leaves a thing as it is.

    An archived version is never active: to archive the active one makes the newest that is left active, to make an
    archived one active restores it.
    """

    mesh_axes: Axes | None = None
    telemetry_axes: Axes | None = None
    active: bool | None = None
    calibration: Calibration | None = None
    archived: bool | None = None


class Mesh(Struct, frozen=True, kw_only=True):
    """A level model's triangles for the viewer, in the mesh's own axes and units.

    `vertices`: little-endian float32 `(n, 3)`; `faces`: little-endian uint32 `(m, 3)`, welded per flat face or not:
    the viewer shades flat either way.
    """

    model_id: str
    vertices: bytes
    faces: bytes


# ------------------------------------------------------------------------------------------------------------ settings


class Settings(Struct, frozen=True, kw_only=True):
    """What a person may change while the server runs. `rate_limit` is requests/s per source address, 0 is off."""

    lan: bool = False
    rate_limit: float = 10.0
    allowed_origins: list[str] = []
    allowed_hosts: list[str] = []


class SettingsChanges(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to change; None leaves a thing as it is."""

    lan: bool | None = None
    rate_limit: float | None = None
    allowed_origins: list[str] | None = None
    allowed_hosts: list[str] | None = None


class Check(Struct, frozen=True, kw_only=True):
    """One line of a health report."""

    name: str
    ok: bool
    text: str
    hint: str = ""


class ConsoleError(Struct, frozen=True, kw_only=True):
    """Every failure of the console API. `path` leads to the value that is wrong, where it is one of the call's body."""

    code: str
    message: str
    hint: str = ""
    path: str = ""


_encoder = msgspec.msgpack.Encoder()


def encode(value: Any) -> bytes:
    """MessagePack bytes of any message."""
    return _encoder.encode(value)
