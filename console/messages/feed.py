"""Frames of the feed, from the server to a window."""

from typing import Literal

from msgspec import Struct

from console.messages.rows import EventRow, RequestRow, TrajectoryRow


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
