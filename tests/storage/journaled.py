"""Requests for a journal: one that was accepted, and one that was not."""

from console.messages import ErrorDetail
from console.storage.journal import IngestRequest, OtherRequest


def accepted(
    body: bytes = b"\x80", *, events: int = 1, received_at_us: int = 1_000_000, peer: str = "::1"
) -> IngestRequest:
    return IngestRequest(
        received_at_us=received_at_us,
        app_id="app",
        key_id="key",
        key_label="Label",
        peer=peer,
        method="POST",
        route="/api/events",
        client="Unity",
        headers=b'[["Host","localhost"]]',
        body=body,
        wire_bytes=len(body),
        events=events,
    )


def rejected(body: bytes = b"{}", *, status: int = 400) -> OtherRequest:
    return OtherRequest(
        received_at_us=2_000_000,
        method="POST",
        route="/api/events",
        status=status,
        body=body,
        took_us=250,
        response=b'{"status":"error"}',
        error="invalid_event",
        first_error="no app_id",
        error_message="The batch has 1 bad item.",
        details=[ErrorDetail(index=0, path="$[0]", message="no app_id", start=0, end=2)],
    )
