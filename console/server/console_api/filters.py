"""What matches a filter, what a filter could ask for, and bookmarks."""

import asyncio
from typing import Any

from console.columns import numbers, text
from console.messages.filters import (
    MAX_VALUES,
    BookmarkChanges,
    Bookmarks,
    EventCount,
    FieldValue,
    RequestsFound,
)
from console.server.console_api.call import Call, Refused
from console.server.find_requests import RequestSearch, find_requests
from console.server.history import EventFilter, count_events
from console.telemetry.filter_fields import find_field

MAX_REQUEST_ROWS = 10_000
SEARCH_SECS = 2.0
# Values are offered while somebody types: the newest events tell soon, and tell what is of use now.
_VALUES_OF_EVENTS = 200_000


async def event_filter(call: Call) -> EventFilter:
    """The filter of the query string, of events, for as long as the caller waits. Raises Refused."""
    now_us = call.services.clock() // 1000
    wanted = call.filter("events", now_us=now_us)
    bookmarks = await asyncio.to_thread(call.services.catalog.bookmarks.all)
    return EventFilter(wanted, now_us, frozenset(bookmarks.events), call.is_waited_for)


async def count(call: Call) -> EventCount:
    """How many events behind `after_seq` match, those not projected yet with them."""
    services = call.services
    return await asyncio.to_thread(
        count_events,
        services.store,
        services.journal,
        services.feed.levels,
        services.profiles.name_of,
        await event_filter(call),
        after_seq=call.number("after_seq") or 0,
        app_id=call.text("app_id"),
    )


async def found_requests(call: Call) -> RequestsFound:
    """The newest requests that match, oldest first, as far as a look of two seconds reaches."""
    wanted = call.filter("requests", now_us=call.services.clock() // 1000)
    bookmarks = await asyncio.to_thread(call.services.catalog.bookmarks.all)
    search = RequestSearch(
        wanted,
        frozenset(bookmarks.events),
        frozenset(bookmarks.requests),
        seconds=SEARCH_SECS,
        is_waited_for=call.is_waited_for,
    )
    return await asyncio.to_thread(
        find_requests,
        call.services.journal,
        search,
        before_id=call.number("before_id"),
        after_id=call.number("after_id") or 0,
        limit=call.count("limit", 1000, most=MAX_REQUEST_ROWS),
    )


async def values(call: Call) -> list[FieldValue]:
    """Values that a field has among the newest events, the most frequent first."""
    name = call.text("field") or ""
    found = find_field(name, "events")
    if found is None:
        raise Refused(400, "invalid_parameter", f"There is no field {name[:40]!r}.")
    field, path = found
    if field.words:
        prefix = (call.text("prefix") or "").lower()
        return [FieldValue(word, 0) for word in field.words if word.startswith(prefix)]
    if field.kind in ("number", "time"):
        return []
    params: dict[str, Any] = {
        "column": field.name,
        "path": _json_path(path) if field.kind == "payload" else None,
        "prefix": call.text("prefix") or None,
        "app_id": call.text("app_id"),
        "newest": _VALUES_OF_EVENTS,
        "limit": call.count("limit", MAX_VALUES, most=MAX_VALUES),
    }
    answer = await asyncio.to_thread(call.services.store.query, "field_values", params)
    counts = numbers(answer, "events").tolist()
    return [FieldValue(value, int(number)) for value, number in zip(text(answer, "value"), counts, strict=True)]


async def bookmarks(call: Call) -> Bookmarks:
    """Every bookmark."""
    return await asyncio.to_thread(call.services.catalog.bookmarks.all)


async def change_bookmarks(call: Call) -> Bookmarks:
    """Set or clear bookmarks; answers with all there are."""
    changes = await call.body(BookmarkChanges)
    found = await asyncio.to_thread(call.services.catalog.bookmarks.change, changes)
    call.services.feed.announce("bookmarks")
    return found


def _json_path(path: tuple[str, ...]) -> str:
    return "$" + "".join('."' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' for name in path)
