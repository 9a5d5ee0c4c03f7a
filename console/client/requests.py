"""The console API's calls about recorded requests: equal failures, and many requests whole."""

from collections.abc import AsyncIterator, Sequence

from console.client.calls import Calls
from console.messages import RequestDetail, RequestRow
from console.messages import requests as r


class RequestCalls(Calls):
    """The part of the ConsoleClient that is about recorded requests."""

    async def failure_report(self, *, app_id: str | None = None, since_us: int | None = None) -> r.FailureReport:
        """Rejected requests by what was wrong. Of an application: with those whose application is not known."""
        query = {} if app_id is None else {"app_id": app_id}
        if since_us is not None:
            query["since_us"] = str(since_us)
        return await self._ask("GET", "/failures", r.FailureReport, query=query)

    async def requests_of_failure(self, kind: r.FailureKind, *, limit: int = 1000) -> list[RequestRow]:
        """The newest kept requests that failed in one way, oldest first."""
        return await self._ask("POST", "/failures/requests", list[RequestRow], body=kind, query={"limit": str(limit)})

    async def request_details(self, request_ids: Sequence[int]) -> AsyncIterator[tuple[int, list[RequestDetail]]]:
        """Requests, whole, in the order asked for, page by page; each page with how many ids are dealt with.

        What is no longer kept is left out. A page is a few megabytes, so that any number can be had.
        """
        done = 0
        while done < len(request_ids):
            asked = list(request_ids[done : done + r.MAX_DETAILS_ASKED])
            page = await self._ask("POST", "/request-details", r.DetailPage, body=asked)
            done += max(1, page.taken)
            yield done, page.details
