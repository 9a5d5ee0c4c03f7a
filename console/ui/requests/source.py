"""Filtered requests: the past by a look through the journal, what arrives as far as a row tells it."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

from console.messages import FeedFrame, FeedRows, RequestRow
from console.telemetry.filters import Facts, Filter
from console.telemetry.filters import Scope as Kind
from console.ui.context import ViewContext
from console.ui.requests.model import is_rejected
from console.ui.requests.terms import cell_terms
from console.ui.selection import Scope
from console.ui.widgets.filter_terms import term

_VALUES: Final[dict[str, Callable[[RequestRow], str]]] = {
    "app": lambda row: row.app_id,
    "client": lambda row: row.client,
    "error": lambda row: row.error,
    "ip": lambda row: row.peer,
    "key": lambda row: row.key_label,
    "method": lambda row: row.method,
    "route": lambda row: row.route,
}


class RequestSource:
    """Most filters ask what a request's row holds, and are answered by it; only its events need the server."""

    scope: Kind = "requests"

    def __init__(self, context: ViewContext) -> None:
        self._context = context

    def terms_of(self, chosen: Scope) -> str:
        """A request of no application is shown whichever is chosen."""
        return "" if chosen.app_id is None else f"({term('app', chosen.app_id)} OR -app:*)"

    def cell_terms(self, row: RequestRow, column: str) -> Sequence[str]:
        return cell_terms(row, column)

    def value_of(self, field: str) -> Callable[[RequestRow], str] | None:
        """A request's own fields: the server offers those of events only, which no rejected request has."""
        return _VALUES.get(field)

    def live(self, wanted: Filter) -> AsyncIterator[FeedFrame] | None:
        return None

    def rows_of(self, rows: FeedRows) -> tuple[Sequence[RequestRow], int]:
        return rows.requests, rows.skipped_requests

    def matching(self, wanted: Filter, rows: Sequence[RequestRow]) -> tuple[Sequence[RequestRow], int | None]:
        """What a request carried may match where its row does not: that takes the server."""
        matches = wanted.matches
        if not wanted.needs_events:
            return [row for row in rows if matches(facts_of(row))], None
        found = [row for row in rows if not row.events and matches(facts_of(row))]
        return found, min((row.request_id for row in rows if row.events), default=None)

    async def past(
        self, wanted: Filter, before: int | None, limit: int, after: int = 0
    ) -> tuple[Sequence[RequestRow], int | None]:
        client = self._context.client
        found = await client.find_requests(wanted.text, before_id=before, after_id=after, limit=limit)
        return found.rows, None if found.complete else found.searched_to


def facts_of(row: RequestRow) -> Facts:
    """What a request's row tells a filter. Nobody has bookmarked what just arrived."""
    return Facts(
        app=row.app_id,
        status=row.status,
        ip=row.peer,
        route=row.route,
        time=row.received_at_us,
        method=row.method,
        error=row.error,
        first_error=row.first_error,
        client=row.client,
        key=row.key_label,
        bytes=row.bytes,
        events=row.events,
        took=None if row.took_us is None else row.took_us / 1_000,
        rejected=is_rejected(row),
    )
