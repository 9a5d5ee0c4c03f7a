"""Values that cross the console API about recorded requests: equal failures together, and many requests whole."""

from typing import Annotated

from msgspec import Meta, Struct

from console.messages import RequestDetail

MAX_DETAILS_ASKED = 200

RequestId = Annotated[int, Meta(ge=0, le=2**63 - 1)]


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
