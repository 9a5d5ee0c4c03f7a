"""The newest requests of the journal, as if they were committed now."""

from typing import Final

from console.messages import RequestDetail, RequestRow
from console.storage.journal import Committed, IngestRequest, Journal, OtherRequest, Receipt

MAX_REQUESTS: Final = 2_000
MAX_BODIES: Final = 400
MAX_BODY_BYTES: Final = 8 * 1024 * 1024
# The header is not kept. The server never says fewer; what fault injection said may have been anything, or nothing.
_LEAST_RETRY_AFTER_SECS: Final = 1


def read_past(journal: Journal, last_request_id: int) -> list[Committed]:
    """Requests up to an id, oldest first; the newest ones with their bodies. Reads the disk. Raises JournalError."""
    rows = journal.requests(before_id=last_request_id + 1, limit=MAX_REQUESTS)
    bodies: dict[int, RequestDetail] = {}
    size = 0
    for row in reversed(rows[-MAX_BODIES:]):
        size += row.bytes
        if size > MAX_BODY_BYTES:
            break
        detail = journal.detail(row.request_id)
        if detail is not None:
            bodies[row.request_id] = detail
    return [_committed(row, bodies.get(row.request_id)) for row in rows]


def _committed(row: RequestRow, detail: RequestDetail | None) -> Committed:
    kind = IngestRequest if row.events and row.status < 400 else OtherRequest
    body = detail.body if detail is not None and not detail.body_truncated else b""
    wire_bytes = detail.wire_bytes if detail is not None else row.bytes
    common = {
        "received_at_us": row.received_at_us,
        "method": row.method,
        "route": row.route,
        "status": row.status,
        "peer": row.peer,
        "client": row.client,
        "app_id": row.app_id,
        "key_id": "",
        "key_label": row.key_label,
        "headers": b"[]",
        "body": body,
        "wire_bytes": wire_bytes,
        "events": row.events,
        "injected": row.injected,
    }
    if kind is OtherRequest:
        waits = row.status in (429, 503) and not row.injected
        common |= {
            "error": row.error,
            "first_error": row.first_error,
            "retry_after_secs": _LEAST_RETRY_AFTER_SECS if waits else 0,
        }
    return kind(**common), Receipt(row.request_id, 0), row.received_at_us  # type: ignore[arg-type]
