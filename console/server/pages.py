"""What stands beside the documented routes: health, metrics, the contract and its page."""

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
from aiohttp import hdrs, web

from console.messages import ServerStatus
from console.server.admission import is_loopback
from console.server.docs_page import CONTENT_SECURITY_POLICY, docs_page, script, style_sheet
from console.server.errors import ApiError
from console.server.exchange import SERVER_NAME, Exchange, json_response
from console.server.metrics import CONTENT_TYPE, ApiMetrics, metric
from console.server.rate_limit import address_of


class Pages:
    """Handlers without a key. `feed_readers` and `waiting` give live counts for the metrics."""

    def __init__(
        self,
        *,
        status: Callable[[], ServerStatus],
        metrics: ApiMetrics,
        feed_readers: Callable[[], int],
        waiting: Callable[[], int],
    ) -> None:
        self._status = status
        self._metrics = metrics
        self._feed_readers = feed_readers
        self._waiting = waiting

    async def home(self, exchange: Exchange) -> web.StreamResponse:
        """Whoever opens the bare address in a browser wants to read something."""
        return web.Response(status=302, headers={hdrs.LOCATION: "/docs", hdrs.SERVER: SERVER_NAME})

    async def health(self, exchange: Exchange) -> web.StreamResponse:
        """The process answers."""
        return json_response(exchange, 200, b'{"status":"ok"}')

    async def ready(self, exchange: Exchange) -> web.StreamResponse:
        """Events can be stored; 503 with the reason when they cannot."""
        status = self._status()
        if status.recording:
            return json_response(exchange, 200, b'{"status":"ready"}')
        body = msgspec.json.encode({"status": "unavailable", "problem": status.problem})
        return json_response(exchange, 503, body, {hdrs.RETRY_AFTER: "5"})

    async def openapi(self, exchange: Exchange) -> web.StreamResponse:
        """The contract, for tools."""
        return json_response(exchange, 200, _openapi_json())

    async def docs(self, exchange: Exchange) -> web.StreamResponse:
        """The contract, for people."""
        return _page(_docs_html(), "text/html; charset=utf-8")

    async def docs_style(self, exchange: Exchange) -> web.StreamResponse:
        """The page's style sheet: a file of its own, so that the page may forbid every inline style."""
        return _page(style_sheet(), "text/css; charset=utf-8")

    async def docs_script(self, exchange: Exchange) -> web.StreamResponse:
        """What sends the page's trial requests: a file too, so that the page may forbid every inline script."""
        return _page(script(), "text/javascript; charset=utf-8")

    async def prometheus(self, exchange: Exchange) -> web.StreamResponse:
        """Counters for a collector on this machine. Raises ApiError 403 for any other peer."""
        if not is_loopback(address_of(exchange.request.remote or "")):
            raise ApiError(403, "forbidden", "Metrics are for this machine only: collect them on loopback.")
        status = self._status()
        lines = [
            *self._metrics.lines(),
            *metric("playtest_requests_total", "counter", "Requests of the workspace.", status.requests_total),
            *metric("playtest_events_total", "counter", "Events of the workspace.", status.events_total),
            *metric("playtest_rejected_total", "counter", "Rejected requests of the workspace.", status.rejected_total),
            *metric("playtest_rejections_unlisted_total", "counter", "Counted, not kept.", status.rejections_unlisted),
            *metric("playtest_faults_injected_total", "counter", "Requests that felt one.", status.faults_injected),
            *metric("playtest_journal_waiting", "gauge", "Requests that wait for the disk.", self._waiting()),
            *metric("playtest_projector_lag_events", "gauge", "Events not yet in the store.", status.events_behind),
            *metric("playtest_projector_lag_seconds", "gauge", "Age of the eldest.", status.seconds_behind),
            *metric("playtest_feed_readers", "gauge", "Windows connected.", self._feed_readers()),
            *metric("playtest_workspace_bytes", "gauge", "Size of the workspace.", status.workspace_bytes),
            *metric("playtest_disk_free_bytes", "gauge", "Free on its disk.", status.disk_free_bytes),
            *metric("playtest_started_at_seconds", "gauge", "Start, Unix time.", status.started_at_us / 1e6),
        ]
        return web.Response(
            body="".join(f"{line}\n" for line in lines).encode(),
            headers={hdrs.CONTENT_TYPE: CONTENT_TYPE, hdrs.SERVER: SERVER_NAME},
        )


def _contract() -> dict[str, Any]:
    """Imported when it is asked for: a server has to be ready sooner."""
    from console.server.contract.document import openapi_document

    return openapi_document()


@cache
def _openapi_json() -> bytes:
    return msgspec.json.encode(_contract())


@cache
def _docs_html() -> bytes:
    return docs_page(_contract())


def _page(content: bytes, content_type: str) -> web.Response:
    return web.Response(
        body=content,
        headers={
            hdrs.CONTENT_TYPE: content_type,
            hdrs.SERVER: SERVER_NAME,
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            hdrs.CACHE_CONTROL: "no-cache",
        },
    )
