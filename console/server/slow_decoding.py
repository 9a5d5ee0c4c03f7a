"""Decoding and explaining that would hold the event loop: in worker threads, few at a time, within a budget."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from console.server.errors import ApiError, details_of, refused_for_now
from console.telemetry.diagnosis import explain
from console.telemetry.large_bodies import app_ids_of
from console.telemetry.problems import InvalidBody, NeedsDiagnosis

# What all bodies together may hold that are worked on, or wait for it.
MAX_HELD_BYTES: Final = 64 * 1024 * 1024
# A large body may take seconds, so small ones need not wait for it. One of each at a time: more threads would not be
# faster, since all share one interpreter, but each makes the loop wait longer for its turn.
_LARGE_BYTES: Final = 256 * 1024


class SlowDecoder:
    """What telemetry does with a body when that may take more than a few milliseconds. Call it on the loop."""

    def __init__(self, *, max_held_bytes: int = MAX_HELD_BYTES) -> None:
        self._max_held_bytes = max_held_bytes
        self._held_bytes = 0
        self._large = asyncio.Semaphore(1)
        self._small = asyncio.Semaphore(1)

    async def app_ids(self, body: bytes) -> list[str]:
        """The application of each event of a valid body. Raises ApiError 400 for any other, 503 when too much waits."""
        async with self._turn(body):
            result = await asyncio.to_thread(_app_ids_or_refusal, body)
        if isinstance(result, InvalidBody):
            raise _bad_request(result)
        return result

    async def refusal(self, body: bytes) -> ApiError:
        """The 400 that explains every bad event of a body. Raises ApiError 503 when too much waits."""
        async with self._turn(body):
            return _bad_request(await asyncio.to_thread(explain, body))

    @asynccontextmanager
    async def _turn(self, body: bytes) -> AsyncIterator[None]:
        size = len(body)
        if self._held_bytes + size > self._max_held_bytes:
            raise refused_for_now(
                503, "storage_unavailable", "Too many large bodies are being read at once. Send it again.", 1
            )
        self._held_bytes += size
        try:
            async with self._large if size > _LARGE_BYTES else self._small:
                yield
        finally:
            self._held_bytes -= size


def _app_ids_or_refusal(body: bytes) -> list[str] | InvalidBody:
    try:
        return app_ids_of(body)
    except NeedsDiagnosis:
        return explain(body)


def _bad_request(invalid: InvalidBody) -> ApiError:
    return ApiError(400, invalid.error, invalid.message, details=details_of(invalid.details))
