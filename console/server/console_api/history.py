"""What was recorded: requests, events, and the named queries."""

import asyncio
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from console.messages import Columns, EventRow, RequestDetail, RequestRow
from console.server.console_api.call import Call, Refused
from console.server.console_api.filters import event_filter
from console.server.history import newest_events
from console.server.store_host import StoreHost
from console.storage.named_queries import named_query

MAX_REQUEST_ROWS = 10_000
MAX_EVENT_ROWS = 50_000
MAX_QUERY_ROWS = 1_000_000


async def requests(call: Call) -> list[RequestRow]:
    """The newest requests older than `before_id`, oldest first."""
    return await asyncio.to_thread(
        call.services.journal.requests,
        before_id=call.number("before_id"),
        limit=call.count("limit", 1000, most=MAX_REQUEST_ROWS),
        rejected_only=call.flag("rejected_only"),
    )


async def request_detail(call: Call) -> RequestDetail:
    """One request, whole."""
    request_id = call.path_id()
    detail = await asyncio.to_thread(call.services.journal.detail, request_id)
    if detail is None:
        raise Refused(
            404,
            "not_found",
            f"There is no request with the id {request_id}.",
            "Of rejected requests the newest are kept.",
        )
    return detail


async def events(call: Call) -> list[EventRow]:
    """The newest events older than `before_seq`, oldest first: nothing that was acknowledged is missing.

    With a filter, those that match.
    """
    services = call.services
    wanted = await event_filter(call) if call.text("filter") else None
    return await asyncio.to_thread(
        newest_events,
        services.store,
        services.journal,
        services.feed.levels,
        services.profiles.name_of,
        before_seq=call.number("before_seq"),
        limit=call.count("limit", 10_000, most=MAX_EVENT_ROWS),
        app_id=call.text("app_id"),
        wanted=wanted,
    )


async def query(call: Call) -> Columns:
    """A named query of the event store; a long answer is cut, and says so. One that nobody waits for is broken off."""
    name = call.path[0]
    params = await call.params()
    limit = None
    if "limit" in named_query(name).parameters:
        limit = params.get("limit") or MAX_QUERY_ROWS
        if isinstance(limit, int):
            limit = params["limit"] = min(limit, MAX_QUERY_ROWS)
    return await asyncio.to_thread(_answer, call.services.store, name, params, limit, call.is_waited_for)


def _answer(
    store: StoreHost, name: str, params: dict[str, Any], limit: int | None, is_wanted: Callable[[], bool]
) -> Columns:
    answer = store.query(name, params, is_wanted)
    return replace(answer, truncated=True) if limit is not None and answer.rows >= limit else answer
