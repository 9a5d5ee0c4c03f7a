"""One client connection: aiohttp's, with the deadlines and answers it lacks."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

log = logging.getLogger(__name__)

# A client that begins a request and does not finish its headers holds a connection for no longer than this.
HEADER_DEADLINE_SECS: Final = 10.0

# What `make_application` hands to every connection, its test double included.
CONNECTION_OPTIONS: Final[dict[str, Any]] = {
    "access_log": None,
    "keepalive_timeout": 75.0,
    # A filter of the console API is 2,000 characters at most, of which each may take 12 bytes in a URL.
    "max_line_size": 32 * 1024,
    "max_field_size": 8190,
    "max_headers": 100,
    # After an answer that did not wait for the body: read on, so that the client sees the answer and not a reset.
    "lingering_time": 5.0,
    # Decompression is ours, because it must be bounded before it happens.
    "auto_decompress": False,
}

# Given a parser's complaint and the peer, makes the body of a 400.
MalformedAnswer = Callable[[str, str, str], bytes]


class ConnectionCount:
    """How many connections are open, and how many may be."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.open = 0
        self.refused = 0


class Connection(web.RequestHandler):
    """Adds to aiohttp's protocol:

    - a deadline for headers, also on a connection that is kept alive: aiohttp waits for as long as it keeps idle
      connections;
    - broken chunk framing fails the body that is being read: aiohttp's C parser only queues an error behind it, and
      the reader would wait for ever;
    - malformed HTTP is answered in the API's own error shape and is never logged as a traceback;
    - a limit of open connections.

    The attributes `_waiter`, `_messages`, `_current_request` and `_task_handler` are aiohttp's own; tests hold their
    meaning.
    """

    __slots__ = ("_count", "_header_deadline_secs", "_header_timer", "_malformed", "_timeout_answer")

    def __init__(
        self,
        manager: web.Server,
        *,
        loop: asyncio.AbstractEventLoop,
        count: ConnectionCount,
        malformed: MalformedAnswer,
        timeout_answer: bytes,
        header_deadline_secs: float = HEADER_DEADLINE_SECS,
        **options: Any,
    ) -> None:
        super().__init__(manager, loop=loop, **options)
        self._count = count
        self._malformed = malformed
        self._timeout_answer = timeout_answer
        self._header_deadline_secs = header_deadline_secs
        self._header_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._count.open += 1
        if self._count.open > self._count.limit:
            self._count.refused += 1
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._manager is not None:
            self._count.open -= 1
        self._stop_header_timer()
        # Without a request in progress the task waits for the next one, or for the rest of a body that was refused:
        # it would do the latter for the whole lingering time, though nothing can come any more.
        task = self._task_handler if self._current_request is None else None
        super().connection_lost(exc)
        if task is not None:
            task.cancel()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        waiter = self._waiter
        if waiter is not None and not waiter.done():  # between two requests, and what came is not yet one
            if self._header_timer is None and data:
                self._header_timer = self._loop.call_later(self._header_deadline_secs, self._headers_are_late)
        elif self._header_timer is not None:
            self._stop_header_timer()
        elif self._current_request is not None and self._messages:
            self._fail_broken_body()

    def _fail_broken_body(self) -> None:
        """Give the reader of the current body the framing error that was queued behind it."""
        assert self._current_request is not None
        error = getattr(self._messages[-1][0], "exc", None)
        content = self._current_request.content
        if isinstance(error, HttpProcessingError) and not content.is_eof():
            self._messages.pop()
            content.set_exception(web.RequestPayloadError(error.message))
            content.feed_eof()

    def _headers_are_late(self) -> None:
        self._header_timer = None
        if self._waiter is not None and not self._waiter.done() and self.transport is not None:
            self.transport.write(self._timeout_answer)
            self.force_close()

    def _stop_header_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what aiohttp could not parse; leave the rest to aiohttp, which logs it."""
        if not isinstance(exc, HttpProcessingError):
            return super().handle_error(request, status, exc, message)
        peer = request.remote or ""
        reason = exc.message.split("\n", 1)[0].strip().rstrip(":.")
        if "HTTPS" in reason:  # what aiohttp says of a TLS greeting
            reason = "this port speaks plain HTTP, write http:// and not https://"
        log.debug("malformed HTTP from %s: %s", peer, reason)
        response = web.Response(
            status=400, body=self._malformed(reason, peer, exc.message), content_type="application/json"
        )
        response.force_close()
        return response


def protocol_factory(
    server: web.Server,
    *,
    count: ConnectionCount,
    malformed: MalformedAnswer,
    timeout_answer: bytes,
    header_deadline_secs: float = HEADER_DEADLINE_SECS,
) -> Callable[[], Connection]:
    """What `loop.create_server` calls for each connection."""
    loop = asyncio.get_running_loop()

    def connect() -> Connection:
        return Connection(
            server,
            loop=loop,
            count=count,
            malformed=malformed,
            timeout_answer=timeout_answer,
            header_deadline_secs=header_deadline_secs,
            **CONNECTION_OPTIONS,
        )

    return connect
