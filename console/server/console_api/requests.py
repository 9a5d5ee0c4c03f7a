"""Recorded requests: equal failures together, and many requests whole."""

import asyncio

from console.messages import RequestDetail, RequestRow
from console.messages.requests import MAX_DETAILS_ASKED, DetailPage, FailureKind, FailureReport, RequestId
from console.server.console_api.call import Call, Refused
from console.server.failures import failure_report, ids_of_failure
from console.storage.journal import Journal

MAX_REQUEST_ROWS = 10_000
_PAGE_BYTES = 8 * 1024 * 1024


async def failures(call: Call) -> FailureReport:
    """Rejected requests by what was wrong."""
    return await asyncio.to_thread(
        failure_report,
        call.services.journal,
        app_id=call.text("app_id"),
        since_us=call.number("since_us") or 0,
    )


async def of_failure(call: Call) -> list[RequestRow]:
    """The newest kept requests that failed in one way, oldest first."""
    kind = await call.body(FailureKind)
    limit = call.count("limit", 1000, most=MAX_REQUEST_ROWS)
    return await asyncio.to_thread(_rows_of, call.services.journal, kind, limit)


async def details(call: Call) -> DetailPage:
    """Requests, whole: as many of those asked for as a page holds, at least one."""
    asked = await call.body(list[RequestId])
    if len(asked) > MAX_DETAILS_ASKED:
        raise Refused(400, "invalid_body", f"At most {MAX_DETAILS_ASKED} requests are told at once, not {len(asked)}.")
    return await asyncio.to_thread(_details, call, asked)


def _rows_of(journal: Journal, kind: FailureKind, limit: int) -> list[RequestRow]:
    return journal.requests_by_id(ids_of_failure(journal, kind, limit))


def _details(call: Call, request_ids: list[int]) -> DetailPage:
    found: list[RequestDetail] = []
    size = taken = 0
    for request_id in request_ids:
        detail = call.services.journal.detail(request_id)
        if detail is not None:
            size += len(detail.body) + len(detail.response)
            if found and size > _PAGE_BYTES:
                break
            found.append(detail)
        taken += 1
        if not call.is_waited_for():
            break
    return DetailPage(details=found, taken=taken)
