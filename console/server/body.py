"""Reading a request body within bounds: bytes, time, and what decompression may grow to."""

import asyncio
import zlib
from typing import Final

from aiohttp import hdrs, web

from console.server.errors import ApiError, refused_for_now
from console.telemetry.events import MAX_BODY_BYTES

# One client on a slow phone line; a longer upload of at most 8 MiB is a stalled one.
BODY_DEADLINE_SECS: Final = 30.0
# What all half-read bodies together may hold.
MAX_UNREAD_TOTAL_BYTES: Final = 256 * 1024 * 1024
# Up to these sizes, compressed and not, a body is decompressed on the event loop: within a millisecond.
_INLINE_BYTES: Final = 64 * 1024
_INLINE_RESULT_BYTES: Final = 256 * 1024
# Every member copies what follows it: a body of a million empty members would cost hours.
_MAX_GZIP_MEMBERS: Final = 64
_GZIP_BITS: Final = 16 + zlib.MAX_WBITS
_DEFLATE_ENCODINGS: Final = {"gzip": _GZIP_BITS, "x-gzip": _GZIP_BITS, "deflate": zlib.MAX_WBITS}


class BodyReader:
    """Reads bodies that have not arrived whole with their headers, within one budget for all of them."""

    def __init__(
        self, *, deadline_secs: float = BODY_DEADLINE_SECS, max_total_bytes: int = MAX_UNREAD_TOTAL_BYTES
    ) -> None:
        self._deadline_secs = deadline_secs
        self._max_total_bytes = max_total_bytes
        self._held_bytes = 0

    async def read(self, request: web.Request, max_bytes: int = MAX_BODY_BYTES) -> bytes:
        """The bytes as sent.

        Raises ApiError: 413 over `max_bytes`, 408 when they take too long, 503 when too many others are being read,
        400 when the transfer is broken. Raises ConnectionError when the client is gone.
        """
        if announced_bytes(request) > max_bytes:
            raise too_large(max_bytes)
        chunks: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._deadline_secs):
                while chunk := await request.content.readany():
                    size += len(chunk)
                    self._held_bytes += len(chunk)
                    if size > max_bytes:
                        raise too_large(max_bytes)
                    if self._held_bytes > self._max_total_bytes:
                        raise refused_for_now(
                            503, "storage_unavailable", "Too many large bodies are arriving at once.", 1
                        )
                    chunks.append(chunk)
        except TimeoutError:
            raise ApiError(
                408,
                "request_timeout",
                f"The body did not arrive within {self._deadline_secs:g} seconds ({size} bytes came).",
                close=True,
            ) from None
        except web.RequestPayloadError as error:
            raise broken_transfer(error) from error
        except RuntimeError as error:
            if request.protocol.connected:
                raise
            raise ConnectionResetError("the client is gone") from error  # what aiohttp should have raised
        finally:
            self._held_bytes -= size
        return b"".join(chunks)


def read_arrived(request: web.Request, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """A body that came whole with its headers. Raises ApiError 413 and 400."""
    try:
        body = request.content.read_nowait()
    except web.RequestPayloadError as error:
        raise broken_transfer(error) from error
    if len(body) > max_bytes:
        raise too_large(max_bytes)
    return body


def announced_bytes(request: web.Request) -> int:
    """The Content-Length; 0 for a chunked body."""
    return request.content_length or 0


def too_large(max_bytes: int) -> ApiError:
    """413, naming the limit. The rest of the body is not waited for."""
    return ApiError(
        413,
        "payload_too_large",
        f"The body is larger than {max_bytes // (1024 * 1024)} MiB: send smaller batches.",
        close=True,
    )


def broken_transfer(error: Exception) -> ApiError:
    """400 for a body whose framing cannot be followed."""
    reason = str(error).split("\n", 1)[0][:200]
    return ApiError(400, "bad_request", f"The body's transfer is broken: {reason or 'it ended too early'}.", close=True)


def content_coding(request: web.Request) -> str:
    """`gzip`, `deflate`, or "" for none. Raises ApiError 400 for any other."""
    text = request.headers.get(hdrs.CONTENT_ENCODING, "").strip().lower()
    if text in {"", "identity"}:
        return ""
    if text in _DEFLATE_ENCODINGS:
        return text
    raise ApiError(
        400, "invalid_msgpack", f"The content encoding {text[:60]!r} is not known: use gzip, deflate, or none."
    )


async def decompressed(wire: bytes, coding: str, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """The body behind a content coding. Raises ApiError: 413 when it grows too large, 400 when it is not so coded."""
    if len(wire) <= _INLINE_BYTES:
        try:
            return inflate(wire, coding, min(max_bytes, _INLINE_RESULT_BYTES))
        except ApiError as error:
            if error.status != 413:
                raise
    return await asyncio.to_thread(inflate, wire, coding, max_bytes)


def inflate(wire: bytes, coding: str, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """Undo gzip (RFC 1952, all members) or deflate (RFC 1950, or the raw RFC 1951 that some clients send).

    Never holds more than `max_bytes` and one byte of output. Raises ApiError 413 and 400.
    """
    if not wire:
        return b""
    bits = _DEFLATE_ENCODINGS[coding]
    if coding == "deflate" and not _has_zlib_header(wire):
        bits = -zlib.MAX_WBITS
    parts: list[bytes] = []
    room = max_bytes + 1
    rest = wire
    try:
        while rest:
            stream = zlib.decompressobj(bits)
            part = stream.decompress(rest, room)
            parts.append(part)
            room -= len(part)
            if room <= 0:
                raise too_large(max_bytes)
            if not stream.eof:
                raise zlib.error("it ends in the middle")
            rest = stream.unused_data
            if rest and (coding == "deflate" or len(parts) == _MAX_GZIP_MEMBERS):
                raise zlib.error("too much follows its end")
    except zlib.error as error:
        reason = str(error).rsplit(": ", 1)[-1]
        raise ApiError(
            400, "invalid_msgpack", f"Content-Encoding says {coding}, but the body is not {coding}: {reason}."
        ) from error
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _has_zlib_header(wire: bytes) -> bool:
    """RFC 1950, 2.2: method 8, and the first two bytes a multiple of 31."""
    return len(wire) >= 2 and wire[0] & 0x0F == 8 and (wire[0] << 8 | wire[1]) % 31 == 0
