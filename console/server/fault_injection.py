"""Does to a request what the fault rules say, ahead of its handler."""

import asyncio
from contextlib import suppress
from typing import Final

from aiohttp import hdrs, web

from console.messages import INJECTED
from console.messages.faults import Fault
from console.server.admission import X_API_KEY, X_PUBLIC_TOKEN, Admission, Grant, Headers, Keys
from console.server.errors import ApiError, player_error_body, telemetry_error_body
from console.server.exchange import Exchange, ReadyResponse, error_response
from console.server.fault_rules import ActiveRule
from console.server.faults import FaultRules, Injection
from console.server.faulty_transport import CutTransport, LosingTransport, SlowTransport
from console.server.pipeline import Pipeline
from console.server.rate_limit import address_of

# Requests that are held up at once. More go on as if nothing were the matter, so that faults never use up the server.
MAX_HELD: Final = 1_000
_BODY_SECS: Final = 30.0
# Of the answer that looks like the server's own: the telemetry API's code for the same status.
_CODES: Final = {429: "rate_limited", 500: "internal_error", 503: "storage_unavailable"}
_HEADER: Final = "X-Injected-Fault"


class FaultInjection:
    """One for the gate. Only the documented APIs are touched: never the console API, a page, or a CORS preflight."""

    def __init__(self, rules: FaultRules, *, keys: Keys, admission: Admission, pipeline: Pipeline) -> None:
        self.rules = rules
        self._keys = keys
        self._admission = admission
        self._pipeline = pipeline
        self._held = 0

    async def inject(self, exchange: Exchange, route: str) -> web.StreamResponse | None:
        """The answer to a request that a rule decides; None when its handler is to answer, maybe late or brokenly.

        `route` is the normal form of the path. Raises ApiError for a foreign web page, as the handler would.
        """
        request = exchange.request
        transport = request.transport
        if isinstance(transport, SlowTransport):  # of the request before, on the same connection
            transport.release()
        if not route.startswith(("/api/", "/v1/")) or request.method == "OPTIONS":
            return None
        grant = self._grant(request.headers)
        injection = self.rules.injection(
            app_id=grant.app_id if grant else "",
            key_id=grant.key_id if grant else "",
            peer=address_of(request.remote or ""),
            route=route,
        )
        if injection is None:
            return None
        self._admission.check_host(request.headers, request.raw_path)
        exchange.allowed_origin = self._admission.check_origin(request.method, request.headers, ingestion=True)
        exchange.grant = grant
        exchange.faulty = True
        self._pipeline.mark(request, injection.words)
        if injection.delays and not await self._wait(exchange, injection):
            return self._broken(exchange, injection, "the client gave up waiting")
        if injection.rule is None:
            return None
        return await self._decide(exchange, injection, injection.rule)

    async def _decide(self, exchange: Exchange, injection: Injection, rule: ActiveRule) -> web.StreamResponse | None:
        request = exchange.request
        fault = rule.fault
        match fault.action:
            case "answer":
                return self._answer(exchange, injection, fault)
            case "drop":
                return self._broken(exchange, injection)
            case "cut_body":
                await self._read_some(exchange)
                return self._broken(exchange, injection)
            case _:
                self._break_answer(request, rule)
                return None

    async def _wait(self, exchange: Exchange, injection: Injection) -> bool:
        """Hold the request up; False when its client went away meanwhile. Taking the rules away ends it."""
        if self._held >= MAX_HELD:
            return True
        ended = asyncio.Event()
        forget = [rule.when_ended(ended.set) for rule in injection.delays]
        self._held += 1
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), injection.delay_secs)
        finally:
            self._held -= 1
            for each in forget:
                each()
        transport = exchange.request.transport
        return transport is not None and not transport.is_closing()

    async def _read_some(self, exchange: Exchange) -> None:
        """Take in half of the body, or the first of it when its length is not told."""
        content = exchange.request.content
        wanted = max(1, (exchange.request.content_length or 0) // 2)
        exchange.invite_body()
        with suppress(TimeoutError, ConnectionError, web.RequestPayloadError):
            async with asyncio.timeout(_BODY_SECS):
                while exchange.wire_bytes < wanted and not content.at_eof():
                    exchange.wire_bytes += len(await content.readany())

    def _break_answer(self, request: web.Request, rule: ActiveRule) -> None:
        protocol = request.protocol
        real = protocol.transport
        if real is None or isinstance(real, SlowTransport):  # what is sent slowly already is not made worse
            return
        loop = asyncio.get_running_loop()
        if rule.fault.action == "slow":
            slow = SlowTransport(real, protocol, loop, rule.fault.bytes_per_second)
            rule.when_ended(slow.hurry)
            protocol.transport = slow
        elif rule.fault.action == "cut_answer":
            protocol.transport = CutTransport(real, loop)
        else:
            protocol.transport = LosingTransport(real)

    def _answer(self, exchange: Exchange, injection: Injection, fault: Fault) -> web.StreamResponse:
        message = f"Injected by the Playtest Console, not a fault of the client: {injection.words}."
        error = ApiError(fault.status, _CODES[fault.status], message, headers={_HEADER: str(fault.status)})
        if fault.retry_after_secs is not None:
            error.headers[hdrs.RETRY_AFTER] = str(fault.retry_after_secs)
        is_player_api = exchange.route.startswith("/v1/")
        body = player_error_body(error) if is_player_api else telemetry_error_body(error)
        self._note(exchange, fault.status, injection.words, body)
        return error_response(exchange, error, body)

    def _broken(self, exchange: Exchange, injection: Injection, why: str = "") -> web.StreamResponse:
        """Close the connection without an answer."""
        self._note(exchange, 0, f"{injection.words}; {why}" if why else injection.words, b"")
        transport = exchange.request.transport
        if transport is not None:
            transport.abort()
        return ReadyResponse(500)  # which is never sent: nobody is connected

    def _note(self, exchange: Exchange, status: int, words: str, response: bytes) -> None:
        self._pipeline.note(
            exchange.request,
            received_at_us=exchange.received_at_us,
            route=exchange.target,
            status=status,
            response=response,
            grant=exchange.grant,
            wire_bytes=exchange.wire_bytes,
            error=ApiError(status, INJECTED, f"Injected: {words}"),
        )

    def _grant(self, headers: Headers) -> Grant | None:
        token = headers.get(X_PUBLIC_TOKEN) or headers.get(X_API_KEY) or _bearer(headers)
        return self._keys.authenticate(token) if token and token.isascii() else None


def _bearer(headers: Headers) -> str:
    scheme, _, token = headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
