"""Values of sending a request again that cross the console API, as MessagePack both ways."""

from typing import Final, Literal, get_args

from msgspec import Struct

IngestRoute = Literal["/api/events", "/api/player", "/api/funnel", "/api/realtime"]
INGEST_ROUTES: Final[tuple[IngestRoute, ...]] = get_args(IngestRoute)


class Resend(Struct, frozen=True, kw_only=True):
    """A body for a route of the telemetry API, to be sent with a public key of an application."""

    route: IngestRoute = "/api/events"
    body: bytes


class Resent(Struct, frozen=True, kw_only=True):
    """The exact answer. `request_id` is the recorded request, None when so much else arrives that it is not listed."""

    status: int
    response: bytes
    request_id: int | None
