"""`GET /v1/events/events/stream`: what both APIs record of an application, as it happens (server-sent events)."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from aiohttp import hdrs, web

from console.players.values import player_uuid
from console.server.errors import refused_for_now
from console.server.event_stream import EventStream, StreamClosed
from console.server.exchange import SERVER_NAME, Exchange, page_headers
from console.server.pipeline import Pipeline
from console.server.player_api.call import Call, invalid
from console.server.player_api.routes import Operation, secret
from console.server.stream_reader import Wanted

_LAST_EVENT_ID: Final = "Last-Event-ID"
_MAX_SEQ_DIGITS: Final = 18
MAX_FILTER_VALUES: Final = 100
_RETRY_AFTER_SECS: Final = 3


class StreamApi:
    """Answers with a response that ends when its reader goes, its key is revoked, or the server stops."""

    def __init__(self, stream: EventStream, pipeline: Pipeline) -> None:
        self._stream = stream
        self._pipeline = pipeline

    def routes(self) -> Mapping[str, Mapping[str, Operation]]:
        """By pattern, then by method. A page of an allowed origin may read it, with fetch: EventSource sends no key."""
        return {"/events/events/stream": {"GET": secret(self.stream, pages=True)}}

    async def stream(self, call: Call) -> web.StreamResponse:
        """The events of the key's application.

        `player_id` and `event_name` of the query, each repeatable, narrow them; a player that is not known yet may
        be waited for. `Last-Event-ID`, or `last_event_id` for readers that cannot set headers, continues behind an id.
        Raises ApiError 400, or 429 when there are too many readers.
        """
        exchange = call.exchange
        request = exchange.request
        wanted = _wanted(call)
        after_seq = self._after_seq(call)
        try:
            self._stream.check_room()
        except StreamClosed as error:
            raise refused_for_now(429, "rate_limited", str(error), _RETRY_AFTER_SECS) from error
        response = web.StreamResponse(headers=_headers(exchange))
        if request.method == "HEAD":
            return response
        await response.prepare(request)
        self._note(exchange)
        with suppress(StreamClosed):  # between the look and here
            await self._stream.serve(
                request,
                response,
                app_id=call.app_id,
                key_id=call.grant.key_id,
                wanted=wanted,
                after_seq=after_seq,
            )
        return response

    def _after_seq(self, call: Call) -> int | None:
        name, text = _LAST_EVENT_ID, call.exchange.request.headers.get(_LAST_EVENT_ID)
        if not text:
            name, text = "last_event_id", call.query("last_event_id")
        if not text:
            return None
        if not (text.isascii() and text.isdecimal() and len(text) <= _MAX_SEQ_DIGITS):
            raise invalid(f"must be the id of an event of this stream, a whole number, not {text[:40]!r}", name)
        after_seq = int(text)
        if after_seq > self._stream.last_seq:
            raise invalid(
                f"there is no event {after_seq} yet, the last one is {self._stream.last_seq}: "
                "leave it out to begin with the present",
                name,
            )
        return after_seq

    def _note(self, exchange: Exchange) -> None:
        """Listed when it begins: when it ends may be tomorrow."""
        exchange.listed = False
        self._pipeline.note(
            exchange.request,
            received_at_us=exchange.received_at_us,
            route=exchange.target,
            status=200,
            response=b"",
            grant=exchange.grant,
        )


def _wanted(call: Call) -> Wanted:
    query = call.exchange.request.query
    players = [player_uuid(text) for text in query.getall("player_id", [])]
    names = query.getall("event_name", [])
    if "" in names:
        raise invalid("is empty: name an event, or leave it out", "event_name")
    for name, values in (("player_id", players), ("event_name", names)):
        if len(values) > MAX_FILTER_VALUES:
            raise invalid(f"at most {MAX_FILTER_VALUES} may be named, not {len(values)}", name)
    return Wanted(frozenset(players) or None, frozenset(names) or None)


def _headers(exchange: Exchange) -> dict[str, str]:
    headers = {
        hdrs.CONTENT_TYPE: "text/event-stream",
        hdrs.CACHE_CONTROL: "no-store",
        hdrs.SERVER: SERVER_NAME,
        "X-Content-Type-Options": "nosniff",
        "X-Accel-Buffering": "no",  # nginx would hold events back
        **exchange.headers,
    }
    if exchange.allowed_origin is not None:
        headers.update(page_headers(exchange.allowed_origin))
    return headers
