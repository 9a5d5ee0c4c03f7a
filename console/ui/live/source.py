"""Filtered events: the past from the event store, what arrives by a subscription of its own."""

from collections.abc import AsyncIterator, Callable, Sequence

from console.messages import EventRow, FeedFrame, FeedRows
from console.telemetry.filters import Filter
from console.telemetry.filters import Scope as Kind
from console.ui.context import ViewContext
from console.ui.live.terms import cell_terms
from console.ui.selection import Scope, by_application
from console.ui.widgets.filter_terms import term

_MAX_SESSIONS = 40


class EventSource:
    """A row does not hold all that a filter may ask of its event: the server says what matches."""

    scope: Kind = "events"

    def __init__(self, context: ViewContext) -> None:
        self._context = context

    def terms_of(self, chosen: Scope) -> str:
        return scope_terms(chosen)

    def cell_terms(self, row: EventRow, column: str) -> Sequence[str]:
        return cell_terms(row, column)

    def value_of(self, field: str) -> Callable[[EventRow], str] | None:
        return None  # the server knows more events than the table

    def live(self, wanted: Filter) -> AsyncIterator[FeedFrame] | None:
        return self._context.client.feed(matching=wanted.text)

    def rows_of(self, rows: FeedRows) -> tuple[Sequence[EventRow], int]:
        return rows.events, rows.skipped_events

    def matching(self, wanted: Filter, rows: Sequence[EventRow]) -> tuple[Sequence[EventRow], int | None]:
        return (), None  # the subscription tells

    async def past(
        self, wanted: Filter, before: int | None, limit: int, after: int = 0
    ) -> tuple[Sequence[EventRow], int | None]:
        rows = await self._context.client.events(before_seq=before, limit=limit, matching=wanted.text)
        return rows, rows[0].seq if len(rows) >= limit else None


def scope_terms(chosen: Scope) -> str:
    """A scope as terms. Many sessions are left to the table, which narrows what was found: a filter has few terms."""
    terms = []
    if chosen.app_id is not None:
        terms.append(term("app", chosen.app_id))
    if chosen.build_id is not None:
        terms.append(term("build", chosen.build_id))
    if chosen.sessions and len(chosen.sessions) <= _MAX_SESSIONS:
        found = by_application(chosen.sessions)
        terms.append(_any([_of_application(app_id, ids, chosen.app_id) for app_id, ids in found.items()]))
    return " ".join(one for one in terms if one)


def _of_application(app_id: str, session_ids: Sequence[str], told: str | None) -> str:
    """Sessions of one application; `told` is the application that another term names already."""
    sessions, application = _any([term("session", session_id) for session_id in session_ids]), term("app", app_id)
    if app_id == told or not sessions or not application:
        return sessions if app_id == told else ""
    return f"({application} {sessions})"


def _any(terms: Sequence[str]) -> str:
    """One of the terms; nothing where a line cannot hold one of them, for then the rest would narrow too much."""
    if not all(terms):
        return ""
    return terms[0] if len(terms) == 1 else f"({' OR '.join(terms)})"
