"""One request on its way through the documented APIs, and the answers to it."""

from collections.abc import Sequence
from email.utils import formatdate
from http import HTTPStatus
from typing import Final

from aiohttp import HttpVersion11, hdrs, web

from console.server.admission import Grant
from console.server.errors import ApiError
from console.server.redaction import without_keys
from console.storage.journal import ACCEPTED_RESPONSE

SERVER_NAME: Final = "playtest-console"
MAX_TARGET_CHARS: Final = 2048
_EXPOSED_HEADERS: Final = "Retry-After, RateLimit, RateLimit-Policy, Idempotency-Replayed"
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Exchange:
    """What is learnt of a request step by step: when it is refused, the journal keeps all of it.

    `route` is the path without doubled and trailing slashes. `allowed_origin` is the web page that may read the
    answer. `body` is decompressed. `pattern` names the route in metrics; `listed` requests go to the journal.
    `headers` go with the answer, whatever it is. `journaled` requests are in the journal with their answer already.
    `faulty` ones feel an injected fault.
    """

    __slots__ = (
        "allowed_origin",
        "body",
        "faulty",
        "grant",
        "headers",
        "journaled",
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
        self.headers: dict[str, str] = {}
        self.journaled = False
        self.faulty = False
        self.body = b""
        self.wire_bytes = 0

    @property
    def target(self) -> str:
        """The route with its query, as it is listed: a purchase has its amount there. Without keys."""
        _, mark, query = self.request.raw_path.partition("?")
        return without_keys(f"{self.route}?{query}" if mark else self.route)[:MAX_TARGET_CHARS]

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
            **exchange.headers,
            **(headers or {}),
        },
    )
    if exchange.allowed_origin is not None:
        response.headers.update(page_headers(exchange.allowed_origin))
    return response


def page_headers(origin: str) -> dict[str, str]:
    """What lets a web page of an allowed origin read an answer (Fetch standard, CORS)."""
    return {
        hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: origin,
        hdrs.ACCESS_CONTROL_EXPOSE_HEADERS: _EXPOSED_HEADERS,
        hdrs.VARY: hdrs.ORIGIN,
    }


def preflight_response(exchange: Exchange, methods: Sequence[str], request_headers: str, allow: str) -> web.Response:
    """The answer to a browser that asks before it sends (Fetch standard, CORS preflight).

    Raises ApiError 403 for a page whose origin was not allowed.
    """
    headers = exchange.request.headers
    if hdrs.ORIGIN in headers and exchange.allowed_origin is None:
        raise ApiError(
            403,
            "forbidden",
            f"The web page {headers[hdrs.ORIGIN][:100]!r} may not send events: add it under Settings, allowed origins.",
        )
    response = web.Response(status=204, headers={hdrs.SERVER: SERVER_NAME, hdrs.ALLOW: allow})
    if exchange.allowed_origin is not None:
        response.headers.update(
            {
                hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: exchange.allowed_origin,
                hdrs.ACCESS_CONTROL_ALLOW_METHODS: ", ".join(methods),
                hdrs.ACCESS_CONTROL_ALLOW_HEADERS: request_headers,
                hdrs.ACCESS_CONTROL_MAX_AGE: "7200",
                hdrs.VARY: hdrs.ORIGIN,
            }
        )
        # Chrome asks this of pages on the public internet that reach into a private network.
        if headers.get("Access-Control-Request-Private-Network") == "true":
            response.headers["Access-Control-Allow-Private-Network"] = "true"
    return response


def error_response(exchange: Exchange, error: ApiError, body: bytes) -> web.Response:
    """The answer to a refused request, in the shape the caller chose."""
    response = json_response(exchange, error.status, body, error.headers)
    # A client that still waits for "100 Continue" may send its body or the next request: nobody could tell which.
    if error.close or (hdrs.EXPECT in exchange.request.headers and not exchange.request.content.is_eof()):
        response.force_close()
    return response


class ReadyResponse(web.StreamResponse):
    """A whole answer as bytes, on a kept-alive HTTP/1.1 connection.

    Building and serialising headers for each answer would cost a quarter of the time that recording an event takes.
    """

    def __init__(self, status: int, content: bytes = b"") -> None:
        super().__init__(status=status)
        self._bytes = content

    @property
    def keep_alive(self) -> bool:
        return True

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


class QueuedResponse(ReadyResponse):
    """`200 {"status":"queued"}`, made once a second.

    The answer to nearly every request is the same but for its Date. One instance serves all requests, which it can
    because it keeps nothing of any.
    """

    def __init__(self) -> None:
        super().__init__(200)
        self._second = -1

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


class AnswerHeads:
    """Makes ReadyResponses of JSON bodies; the headers that all of them share are made once a second."""

    def __init__(self) -> None:
        self._second = -1
        self._heads: dict[int, bytes] = {}

    def response(self, status: int, body: bytes, now_us: int) -> ReadyResponse:
        """The answer `json_response` would give to a client that is no web page."""
        second = now_us // 1_000_000
        if second != self._second:
            self._second = second
            self._heads.clear()
        head = self._heads.get(status)
        if head is None:
            head = self._heads[status] = (
                f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: application/json\r\n"
                f"Date: {formatdate(second, usegmt=True)}\r\nServer: {SERVER_NAME}\r\n"
                "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Length: "
            ).encode("ascii")
        return ReadyResponse(status, b"%b%d\r\n\r\n%b" % (head, len(body), body))
