"""One request on its way through the documented APIs, and the answers to it."""

from email.utils import formatdate
from typing import Final

from aiohttp import HttpVersion11, hdrs, web

from console.server.admission import Grant
from console.server.errors import ApiError
from console.storage.journal import ACCEPTED_RESPONSE

SERVER_NAME: Final = "playtest-console"
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Exchange:
    """What is learnt of a request step by step: when it is refused, the journal keeps all of it.

    `route` is the path without doubled and trailing slashes. `allowed_origin` is the web page that may read the
    answer. `body` is decompressed. `pattern` names the route in metrics; `listed` requests go to the journal.
    """

    __slots__ = (
        "allowed_origin",
        "body",
        "grant",
        "listed",
        "pattern",
        "received_at_us",
        "request",
        "route",
        "wire_bytes",
    )

    def __init__(self, request: web.Request, route: str, received_at_us: int) -> None:
        self.request = request
        self.route = route
        self.pattern = route
        self.received_at_us = received_at_us
        self.listed = True
        self.allowed_origin: str | None = None
        self.grant: Grant | None = None
        self.body = b""
        self.wire_bytes = 0

    def invite_body(self) -> None:
        """Tell a client that asked beforehand (`Expect: 100-continue`) to send its body: the headers will do."""
        request = self.request
        if (
            request.version >= HttpVersion11
            and request.headers.get(hdrs.EXPECT, "").lower() == "100-continue"
            and not request.content.is_eof()
            and request.transport is not None
        ):
            request.transport.write(_CONTINUE)


def json_response(exchange: Exchange, status: int, body: bytes, headers: dict[str, str] | None = None) -> web.Response:
    """A small JSON answer that no cache keeps and no browser reads as anything else."""
    response = web.Response(
        status=status,
        body=body,
        headers={
            hdrs.CONTENT_TYPE: "application/json",
            hdrs.SERVER: SERVER_NAME,
            hdrs.CACHE_CONTROL: "no-store",
            "X-Content-Type-Options": "nosniff",
            **(headers or {}),
        },
    )
    if exchange.allowed_origin is not None:
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = exchange.allowed_origin
        response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = hdrs.RETRY_AFTER
        response.headers[hdrs.VARY] = hdrs.ORIGIN
    return response


def error_response(exchange: Exchange, error: ApiError, body: bytes) -> web.Response:
    """The answer to a refused request, in the shape the caller chose."""
    response = json_response(exchange, error.status, body, error.headers)
    # A client that still waits for "100 Continue" may send its body or the next request: nobody could tell which.
    if error.close or (hdrs.EXPECT in exchange.request.headers and not exchange.request.content.is_eof()):
        response.force_close()
    return response


class QueuedResponse(web.StreamResponse):
    """`200 {"status":"queued"}` on a kept-alive HTTP/1.1 connection, as bytes made once a second.

    The answer to nearly every request is the same but for its Date: building headers for each would cost a quarter
    of the time a request takes. One instance serves all requests, which it can because it keeps nothing of any.
    """

    def __init__(self) -> None:
        super().__init__(status=200)
        self._second = -1
        self._bytes = b""

    @property
    def keep_alive(self) -> bool:
        return True

    def at(self, now_us: int) -> "QueuedResponse":
        """Bring the Date up to the second."""
        second = now_us // 1_000_000
        if second != self._second:
            self._second = second
            head = (
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(ACCEPTED_RESPONSE)}\r\n"
                f"Date: {formatdate(second, usegmt=True)}\r\nServer: {SERVER_NAME}\r\n\r\n"
            )
            self._bytes = head.encode("ascii") + ACCEPTED_RESPONSE
        return self

    async def prepare(self, request: web.BaseRequest) -> None:
        """Write the whole answer. Raises ConnectionResetError when the client is gone."""
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client is gone")
        transport.write(self._bytes)
        if request.protocol.writing_paused:  # it sends without reading
            await request.writer.drain()

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to write."""
