"""Values that cross the console API about recorded requests: whole, many of them, and equal failures together."""

from typing import Annotated

from msgspec import Meta, Struct

from console.messages.rows import RequestRow

MAX_DETAILS_ASKED = 200
# The error code of a request that fault injection answered, or left without an answer: no fault of its client's.
INJECTED = "injected"

RequestId = Annotated[int, Meta(ge=0, le=2**63 - 1)]


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


class FailureKind(Struct, frozen=True, kw_only=True):
    """What equal failures share. `error` is the code, `pattern` see `console.telemetry.failure_lines`."""

    status: Annotated[int, Meta(ge=0, le=999)]
    error: str
    pattern: str


class FailureGroup(Struct, frozen=True, kw_only=True):
    """Equal failures. `kept` of the `requests` can still be looked at; the others were counted, in a flood, only.

    `peers`, `routes`, `keys` and `clients` are the most frequent ones, the first the most frequent; `peers_total` how
    many addresses there are. `example` is the newest line as it was answered, `newest_id` the newest request that is
    kept. Times are µs since 1970-01-01 UTC.
    """

    kind: FailureKind
    requests: int
    kept: int
    peers: list[str]
    peers_total: int
    routes: list[str]
    keys: list[str]
    clients: list[str]
    example: str
    first_us: int
    last_us: int
    newest_id: int | None = None


class FailureReport(Struct, frozen=True, kw_only=True):
    """Groups, the one with the newest request first. `requests` are all those in groups, also in groups cut off.

    `forgotten` were rejected too, but are neither kept nor told apart any more; 0 where the report is narrowed.
    """

    groups: list[FailureGroup]
    groups_total: int
    requests: int
    forgotten: int = 0


class DetailPage(Struct, frozen=True, kw_only=True):
    """Requests, whole, of the first `taken` ids asked for; ask again for those after. What is gone is left out."""

    details: list[RequestDetail]
    taken: int
