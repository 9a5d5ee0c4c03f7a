"""What goes into the journal and what comes back."""

from typing import Final

from msgspec import Struct

from console.messages import INJECTED, ErrorDetail
from console.storage.request_rings import is_keyless

# The documented answer to accepted events; not stored with every request.
ACCEPTED_RESPONSE: Final = b'{"status":"queued"}'
MAX_KEPT_BODY_BYTES: Final = 1024 * 1024


class JournalError(Exception):
    """The journal cannot be used. The text is for people."""


class JournalFull(JournalError):
    """Too much waits to be written: ask the sender to come back."""


class JournalBroken(JournalError):
    """The disk refused a write; nothing of the request was acknowledged."""


class IngestRequest(Struct, kw_only=True, gc=False):
    """One accepted ingestion request. `headers` is a JSON list of pairs, keys redacted; `body` is decompressed.

    One of the player API has its `commands` (see `console.players.commands.Recorded`), one for each of its `events`,
    and the `status` and `response` that were answered; telemetry is always answered the same. `injected` is what fault
    injection did to it.
    """

    received_at_us: int
    app_id: str
    key_id: str
    key_label: str
    peer: str
    method: str
    route: str
    client: str
    headers: bytes
    body: bytes
    wire_bytes: int
    events: int
    status: int = 200
    response: bytes = ACCEPTED_RESPONSE
    commands: bytes = b""
    injected: str = ""


class OtherRequest(Struct, kw_only=True, gc=False):
    """One request that stored no events: rejected, or of another documented route.

    `error` is the code, `first_error` one line for tables, `error_message` the sentence that was answered.
    """

    received_at_us: int
    method: str
    route: str
    status: int
    peer: str = ""
    client: str = ""
    app_id: str = ""
    key_id: str = ""
    key_label: str = ""
    headers: bytes = b"[]"
    body: bytes = b""
    wire_bytes: int = 0
    events: int = 0
    took_us: int | None = None
    response: bytes = b""
    error: str = ""
    first_error: str = ""
    error_message: str = ""
    details: list[ErrorDetail] = []
    injected: str = ""
    retry_after_secs: int = 0  # what the answer told, for those who look at it now: not written down

    @property
    def rejected(self) -> bool:
        """Whether the answer was an error of the client's or ours: not one that fault injection made up."""
        return self.status >= 400 and self.error != INJECTED

    @property
    def keyless(self) -> bool:
        """Whether it was rejected for want of a known key: its sender may be anybody."""
        return self.rejected and is_keyless(self.status, self.app_id)


class Receipt(Struct, frozen=True, gc=False):
    """The request is on disk. Its events are numbered from `first_seq`; 0 for a request without events."""

    request_id: int
    first_seq: int


# What one commit made durable, in order: the request, its receipt, when (µs since 1970-01-01 UTC).
Committed = tuple[IngestRequest | OtherRequest, Receipt, int]


class Position(Struct, frozen=True):
    """A place in the journal: the last request and the last event before it. Zeros: its beginning."""

    request_id: int = 0
    seq: int = 0


class JournaledIngest(Struct, frozen=True, gc=False):
    """An accepted request, read back. `commands` is empty for telemetry, whose `body` says it all."""

    request_id: int
    received_at_us: int
    app_id: str
    first_seq: int
    events: int
    body: bytes
    commands: bytes = b""
    peer: str = ""
    route: str = ""


class PlayerRequest(Struct, frozen=True, gc=False):
    """What an accepted request of the player API did, read back: replaying these gives the players."""

    request_id: int
    received_at_us: int
    app_id: str
    first_seq: int
    commands: bytes


class JournalCounters(Struct, frozen=True):
    """Totals since the workspace was created. `unlisted` requests were rejected and counted, but not kept."""

    last_request_id: int = 0
    last_seq: int = 0
    requests: int = 0
    rejected: int = 0
    unlisted: int = 0

    @property
    def events(self) -> int:
        """Events stored: each took one sequence number."""
        return self.last_seq
