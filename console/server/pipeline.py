"""The only write path: what was admitted and decoded goes to the journal, and is acknowledged when it is on disk."""

import time
from collections.abc import Callable
from typing import Final

from aiohttp import hdrs, web

from console.server.admission import Grant
from console.server.errors import ApiError, refused_for_now
from console.server.rate_limit import address_of
from console.server.redaction import HeaderLog, without_keys
from console.storage.journal import (
    ACCEPTED_RESPONSE,
    IngestRequest,
    Journal,
    JournalBroken,
    JournalFull,
    OtherRequest,
)

MAX_ROUTE_CHARS: Final = 256
MAX_CLIENT_CHARS: Final = 256
_RETRY_AFTER_FULL_SECS: Final = 1
_RETRY_AFTER_BROKEN_SECS: Final = 5


class Pipeline:
    """Writes requests down. Call it on the loop; `clock` gives nanoseconds since 1970-01-01 UTC."""

    def __init__(self, *, journal: Journal, clock: Callable[[], int] = time.time_ns) -> None:
        self._journal = journal
        self._clock = clock
        self._headers = HeaderLog()
        self._injected: dict[int, str] = {}

    def mark(self, request: web.Request, injected: str) -> None:
        """Say what fault injection does to a request, before it is written down. Call `unmark` when it is done with."""
        self._injected[id(request)] = injected

    def unmark(self, request: web.Request) -> None:
        """Forget the mark, if there is one."""
        self._injected.pop(id(request), None)

    async def accept(
        self,
        request: web.Request,
        *,
        received_at_us: int,
        route: str,
        grant: Grant,
        body: bytes,
        wire_bytes: int,
        events: int,
        status: int = 200,
        response: bytes = ACCEPTED_RESPONSE,
        commands: bytes = b"",
    ) -> None:
        """Journal an accepted body; returns when it is on disk.

        A request of the player API comes with its answer, and with what was decided: see IngestRequest.
        Raises ApiError 503 when too much waits, or the disk refuses: then nothing is acknowledged.
        """
        try:
            await self._journal.append(
                IngestRequest(
                    received_at_us=received_at_us,
                    app_id=grant.app_id,
                    key_id=grant.key_id,
                    key_label=grant.label,
                    peer=address_of(request.remote or ""),
                    method=request.method,
                    route=route,
                    client=request.headers.get(hdrs.USER_AGENT, "")[:MAX_CLIENT_CHARS],
                    headers=self._headers.encode(request.raw_headers),
                    body=body,
                    wire_bytes=wire_bytes,
                    events=events,
                    status=status,
                    response=response,
                    commands=commands,
                    injected=self._injected.get(id(request), "") if self._injected else "",
                )
            )
        except JournalFull as error:
            raise refused_for_now(
                503, "storage_unavailable", f"{error} Send it again.", _RETRY_AFTER_FULL_SECS
            ) from error
        except JournalBroken as error:
            raise refused_for_now(
                503, "storage_unavailable", f"The events could not be stored: {error}", _RETRY_AFTER_BROKEN_SECS
            ) from error

    def note(
        self,
        request: web.Request,
        *,
        received_at_us: int,
        route: str,
        status: int,
        response: bytes,
        grant: Grant | None = None,
        body: bytes = b"",
        wire_bytes: int = 0,
        error: ApiError | None = None,
    ) -> None:
        """Keep a request that stored no events, without waiting; in a flood the journal only counts it."""
        self._journal.note(
            OtherRequest(
                received_at_us=received_at_us,
                took_us=max(0, self._clock() // 1000 - received_at_us),
                method=request.method,
                route=printable(route)[:MAX_ROUTE_CHARS],
                status=status,
                peer=address_of(request.remote or ""),
                client=printable(request.headers.get(hdrs.USER_AGENT, ""))[:MAX_CLIENT_CHARS],
                app_id=grant.app_id if grant else "",
                key_id=grant.key_id if grant else "",
                key_label=grant.label if grant else "",
                headers=self._headers.encode(request.raw_headers),
                body=body,
                wire_bytes=wire_bytes,
                response=response,
                error=error.code if error else "",
                first_error=without_keys(printable(error.first_line)) if error else "",
                error_message=without_keys(printable(error.message)) if error else "",
                details=list(error.details) if error else [],
                injected=self._injected.get(id(request), ""),
                retry_after_secs=retry_after_secs(error) if error else 0,
            )
        )

    def note_malformed(self, *, reason: str, peer: str, response: bytes) -> None:
        """Keep what could not be read as HTTP at all: there is no method, route or header to tell."""
        self._journal.note(
            OtherRequest(
                received_at_us=self._clock() // 1000,
                method="",
                route="",
                status=400,
                peer=address_of(peer),
                response=response,
                error="bad_request",
                first_error=printable(reason),
                error_message=printable(reason),
            )
        )


def retry_after_secs(error: ApiError) -> int:
    """What a refusal tells of when to come back, 0 for nothing."""
    text = error.headers.get(hdrs.RETRY_AFTER, "")
    return int(text) if text.isdecimal() else 0


def printable(text: str) -> str:
    """Text that can be stored as UTF-8: bytes that were none arrive as surrogates."""
    return text.encode("utf-8", "replace").decode("utf-8")
