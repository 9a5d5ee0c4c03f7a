"""The way every request takes: Host and Origin, its route, the rate limit, the handler, and one shape of errors."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import hdrs, web

from console.messages import ConsoleError, encode
from console.server.admission import SEC_FETCH_SITE, Admission
from console.server.body import broken_transfer
from console.server.errors import ApiError, player_error_body, telemetry_error_body
from console.server.exchange import Exchange, error_response, preflight_response
from console.server.fault_injection import FaultInjection
from console.server.metrics import ApiMetrics
from console.server.pipeline import Pipeline
from console.server.player_api.api import PlayerApi, is_player_path
from console.server.player_api.routes import PREFIX
from console.server.telemetry_api import INGESTION_ROUTES

log = logging.getLogger(__name__)

Handler = Callable[[Exchange], Awaitable[web.StreamResponse]]
Console = Callable[[web.Request], Awaitable[web.StreamResponse]]

_CONSOLE_PREFIX: Final = "/console/"
_UNLISTED_PATHS: Final = frozenset({"/", "/favicon.ico", "/robots.txt", "/apple-touch-icon.png"})
_SLASHES: Final = re.compile("//+")
_PREFLIGHT_HEADERS: Final = "content-type, content-encoding, x-public-token, x-api-key"


@dataclass(frozen=True, kw_only=True)
class Route:
    """One path, or with `prefix` every path one segment below it.

    `limited` routes count against the rate limit, `listed` ones appear among the requests, and `ingestion` ones are
    open to allowed web pages.
    """

    pattern: str
    methods: Mapping[str, Handler]
    prefix: bool = False
    listed: bool = True
    limited: bool = True
    ingestion: bool = False

    @property
    def allow(self) -> str:
        """The value of an Allow header."""
        head = ["HEAD"] if "GET" in self.methods else []
        options = ["OPTIONS"] if self.ingestion else []
        return ", ".join([*self.methods, *head, *options])


class Gate:
    """Answers every request; those of the console API it checks and hands on.

    Connections call `handle` ahead of aiohttp's router, because finding a route there costs as much as admission and
    decoding together.
    """

    def __init__(
        self,
        routes: list[Route],
        *,
        ingest: Handler,
        players: PlayerApi,
        faults: FaultInjection,
        console: Console,
        admission: Admission,
        pipeline: Pipeline,
        metrics: ApiMetrics,
        clock: Callable[[], int],
    ) -> None:
        self._exact = {route.pattern: route for route in routes if not route.prefix}
        self._prefixes = {route.pattern.partition("{")[0]: route for route in routes if route.prefix}
        self._ingest = ingest
        self._players = players
        self._faults = faults
        self._fault_rules = faults.rules
        self._console = console
        self._ingestion = frozenset(INGESTION_ROUTES)
        self._admission = admission
        self._pipeline = pipeline
        self._metrics = metrics
        self._clock = clock

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request of the documented APIs, or of the pages beside them."""
        received_ns = self._clock()
        exchange = Exchange(request, request.raw_path, received_ns // 1000)
        try:
            if self._fault_rules.active:
                injected = await self._faults.inject(exchange, normal_path(request.path))
                if injected is not None:
                    return injected
            if exchange.route not in self._ingestion or request.method != "POST":
                if exchange.route.startswith("/v1/"):
                    return await self._handle_player(exchange)
                return await self._handle_other(exchange)
            admission = self._admission
            admission.check_host(request.headers)
            exchange.allowed_origin = admission.check_origin("POST", request.headers, ingestion=True)
            admission.check_rate(request.remote)
            response = await self._ingest(exchange)
            self._metrics.took((self._clock() - received_ns) / 1e9)
            return response
        except ApiError as error:
            return self._refused(exchange, error)
        except ConnectionError as error:  # it went away in the middle of its body: nobody reads this answer
            return self._refused(exchange, broken_transfer(error))
        except (asyncio.CancelledError, web.HTTPException):
            raise
        except Exception:
            log.exception("a request to %s failed", exchange.pattern)
            return self._refused(
                exchange, ApiError(500, "internal_error", "The server failed; its log says why.", close=True)
            )
        finally:
            if exchange.faulty:
                self._pipeline.unmark(request)

    async def _handle_other(self, exchange: Exchange) -> web.StreamResponse:
        request = exchange.request
        headers = request.headers
        exchange.route = normal_path(request.path)
        if exchange.route.startswith(_CONSOLE_PREFIX):
            exchange.listed = False
            return await self._handle_console(request)
        if is_player_path(exchange.route):
            return await self._handle_player(exchange)
        route = self._find(exchange.route)
        exchange.pattern = route.pattern if route else "(unknown)"
        exchange.listed = route.listed if route else exchange.route not in _UNLISTED_PATHS
        self._admission.check_host(headers, request.raw_path)
        ingestion = route is not None and route.ingestion
        exchange.allowed_origin = self._admission.check_origin(request.method, headers, ingestion=ingestion)
        if ingestion and request.method == "OPTIONS":
            return self._preflight(exchange)
        if route is None or route.limited:
            self._admission.check_rate(request.remote)
        if route is None:
            raise unknown_path(exchange.route)
        handler = route.methods.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            raise ApiError(
                405,
                "method_not_allowed",
                f"{exchange.route} does not answer {request.method}: use {' or '.join(route.methods)}.",
                headers={hdrs.ALLOW: route.allow},
            )
        response = await handler(exchange)
        if not ingestion:
            self._answered(exchange, response)
        return response

    async def _handle_player(self, exchange: Exchange) -> web.StreamResponse:
        request = exchange.request
        raw_path = normal_path(request.rel_url.raw_path)
        exchange.route = normal_path(request.path) if "%" in raw_path else raw_path
        response = await self._players.handle(exchange, raw_path)
        if exchange.journaled:
            self._metrics.took((self._clock() // 1000 - exchange.received_at_us) / 1e6)
        else:
            self._answered(exchange, response)
        return response

    async def _handle_console(self, request: web.Request) -> web.StreamResponse:
        """The console API has an error shape of its own, and is for programs only: no page of any origin may call."""
        try:
            self._admission.check_host(request.headers, request.raw_path)
            if hdrs.ORIGIN in request.headers or SEC_FETCH_SITE in request.headers:
                raise ApiError(403, "forbidden", "The console API is not for web pages.")
        except ApiError as error:
            body = encode(ConsoleError(code=error.code, message=error.message))
            return web.Response(status=error.status, body=body, content_type="application/msgpack")
        return await self._console(request)

    def malformed(self, reason: str, peer: str, quoted: str) -> bytes:
        """Note what could not be read as HTTP; returns the body of its 400.

        `quoted` is what the parser said: where it stumbled over the request line, that names the API.
        """
        error = ApiError(400, "bad_request", f"This is not HTTP that can be read: {reason}.")
        body = player_error_body(error) if f"{PREFIX}/" in quoted else telemetry_error_body(error)
        self._pipeline.note_malformed(reason=error.message, peer=peer, response=body)
        self._metrics.answered("(malformed)", 400)
        return body

    def _find(self, path: str) -> Route | None:
        route = self._exact.get(path)
        if route is not None:
            return route
        parent, _, last = path.rpartition("/")
        return self._prefixes.get(parent + "/") if last else None

    def _preflight(self, exchange: Exchange) -> web.StreamResponse:
        response = preflight_response(exchange, ("POST",), _PREFLIGHT_HEADERS, "POST, OPTIONS")
        self._answered(exchange, response)
        return response

    def _answered(self, exchange: Exchange, response: web.StreamResponse) -> None:
        self._metrics.answered(exchange.pattern, response.status)
        if exchange.listed:
            body = response.body if isinstance(response, web.Response) else None
            self._note(exchange, response.status, body if isinstance(body, bytes) else b"", None)

    def _refused(self, exchange: Exchange, error: ApiError) -> web.StreamResponse:
        self._metrics.answered(exchange.pattern, error.status)
        is_player_api = exchange.route == "/v1" or exchange.route.startswith("/v1/")
        body = player_error_body(error) if is_player_api else telemetry_error_body(error)
        if exchange.listed:
            self._note(exchange, error.status, body, error)
        return error_response(exchange, error, body)

    def _note(self, exchange: Exchange, status: int, response: bytes, error: ApiError | None) -> None:
        self._pipeline.note(
            exchange.request,
            received_at_us=exchange.received_at_us,
            route=exchange.target if is_player_path(exchange.route) else exchange.route,
            status=status,
            response=response,
            grant=exchange.grant,
            body=exchange.body,
            wire_bytes=exchange.wire_bytes,
            error=error,
        )


def normal_path(path: str) -> str:
    """A path without doubled and trailing slashes, which base addresses written by hand are full of."""
    return _SLASHES.sub("/", path).rstrip("/") or "/"


def unknown_path(path: str) -> ApiError:
    """404, with the likely intention where there is one."""
    shown = path[:100]
    if path == "/dashboard/analytics":
        return ApiError(404, "not_found", "There is no analytics page yet: use the Playtest Console window.")
    last = path.rpartition("/")[2]
    likely = next((route for route in INGESTION_ROUTES if route.endswith(f"/{last.removesuffix('s')}")), None)
    likely = likely or ("/api/events" if last in {"event", "events", "track", "ingest", "batch"} else None)
    hint = f": did you mean {likely}?" if likely else "; GET /docs lists the routes."
    return ApiError(404, "not_found", f"There is no route {shown}{hint}")
