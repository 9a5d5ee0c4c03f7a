"""One request as the integration check looks at it, whether it just came or is read back from the journal."""

from typing import Final

from msgspec import Struct

from console.storage.journal import IngestRequest, OtherRequest

TELEMETRY_ROUTES: Final = frozenset({"/api/events", "/api/player", "/api/funnel", "/api/realtime"})


class Observation(Struct, frozen=True, kw_only=True, gc=False):
    """`fingerprint` tells bodies apart; 0 when there is none, or it was too large to be looked at in passing.

    `telemetry`: it was sent to an ingestion route. `body_bytes` is after decompression, `wire_bytes` before.
    `injected`: the answer was made up by fault injection, or did not reach the client because of it.
    """

    request_id: int
    received_at_us: int
    route: str
    method: str
    status: int
    events: int
    body_bytes: int
    wire_bytes: int
    fingerprint: int
    telemetry: bool
    error: str = ""
    first_error: str = ""
    retry_after_us: int = 0
    injected: bool = False


def observe(request: IngestRequest | OtherRequest, request_id: int, *, fingerprint: int) -> Observation:
    """What matters of a journaled request."""
    error = first_error = ""
    retry_after_us = 0
    if isinstance(request, OtherRequest):
        error, first_error = request.error, request.first_error
        retry_after_us = request.retry_after_secs * 1_000_000
    return Observation(
        request_id=request_id,
        received_at_us=request.received_at_us,
        route=request.route,
        method=request.method,
        status=request.status,
        events=request.events,
        body_bytes=len(request.body),
        wire_bytes=request.wire_bytes,
        fingerprint=fingerprint,
        telemetry=request.route in TELEMETRY_ROUTES,
        error=error,
        first_error=first_error,
        retry_after_us=retry_after_us,
        injected=bool(request.injected),
    )
