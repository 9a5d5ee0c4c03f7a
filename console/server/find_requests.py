"""Requests that match a filter, looked for in the journal from the newest back."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from console.messages import INJECTED, RequestRow
from console.messages.filters import RequestsFound
from console.server.event_facts import REJECTED_FROM, facts_of, request_facts, with_request
from console.server.rows import RowBuilder, SessionLevels
from console.storage.journal import Journal, JournaledIngest
from console.storage.player_roster import NotWanted
from console.telemetry.decoding import InvalidBody, NeedsDiagnosis
from console.telemetry.filters import Filter

_PAGE = 500


@dataclass(frozen=True)
class RequestSearch:
    """What is looked for, for how long, and whether anybody still waits."""

    wanted: Filter
    bookmarked_events: frozenset[int]
    bookmarked: frozenset[int]
    seconds: float
    is_waited_for: Callable[[], bool]


def find_requests(
    journal: Journal, search: RequestSearch, *, before_id: int | None, limit: int, after_id: int = 0
) -> RequestsFound:
    """The newest matching requests between two ids, without those, oldest first.

    A filter that names what only events have is put to each event that the request carried, with the request's own
    facts; one of them suffices. A trajectory without a level is in none here: its session's others are not looked at.
    Raises JournalError, or NotWanted when nobody waits any longer.
    """
    deadline = time.monotonic() + search.seconds
    found: list[RequestRow] = []
    reached = before_id if before_id is not None else journal.counters.last_request_id + 1
    while page := journal.requests(before_id=reached, limit=_PAGE, rejected_only=False):
        for row in reversed(page):
            if not search.is_waited_for():
                raise NotWanted
            if time.monotonic() > deadline:
                return RequestsFound(rows=found[::-1], searched_to=reached, complete=False)
            if row.request_id <= after_id:
                return RequestsFound(rows=found[::-1], searched_to=reached, complete=True)
            if _matches(journal, row, search):
                found.append(row)
            reached = row.request_id
            if len(found) >= limit:
                return RequestsFound(rows=found[::-1], searched_to=reached, complete=False)
    return RequestsFound(rows=found[::-1], searched_to=reached, complete=True)


def _matches(journal: Journal, row: RequestRow, search: RequestSearch) -> bool:
    rejected = row.status >= REJECTED_FROM and row.error != INJECTED
    bookmarked = row.request_id in search.bookmarked
    matches = search.wanted.matches
    ingest = _carried(journal, row) if search.wanted.needs_events and not rejected else None
    if ingest is None:
        return matches(request_facts(row, rejected=rejected, bookmarked=bookmarked))
    try:
        return any(
            matches(with_request(facts, row, rejected=False, bookmarked=bookmarked or facts.bookmarked))
            for _, facts in facts_of(RowBuilder(SessionLevels()), ingest, search.bookmarked_events)
        )
    except (InvalidBody, NeedsDiagnosis, msgspec.MsgspecError):
        return False


def _carried(journal: Journal, row: RequestRow) -> JournaledIngest | None:
    """The events that a request carried; None when it stored none."""
    if not row.events:
        return None
    ingest = next(iter(journal.read_ingest(row.request_id - 1, 1)), None)
    return ingest if ingest is not None and ingest.request_id == row.request_id else None
