"""Recorded events as rows: from the event store, and from the journal what the projector has not reached."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from msgspec import to_builtins

from console.columns import numbers, text
from console.messages import Columns, EventRow
from console.messages.filters import EventCount
from console.server.event_facts import matching_rows
from console.server.rows import PlayerNames, RowBuilder, SessionLevels
from console.server.store_host import StoreHost, stored_position
from console.storage.journal import Journal, JournaledIngest
from console.storage.named_queries import FilterParameter
from console.storage.player_roster import NotWanted
from console.telemetry.events import EventKind
from console.telemetry.filters import Filter

_READ_EVENTS = 5_000
_KINDS = {int(kind): kind for kind in EventKind}


@dataclass(frozen=True)
class EventFilter:
    """A filter that a caller waits for. `now_us` is the moment that its `now` means."""

    filter: Filter
    now_us: int
    bookmarked: frozenset[int]
    is_waited_for: Callable[[], bool]

    def parameter(self) -> dict[str, Any]:
        """As the event store's queries take it."""
        return to_builtins(FilterParameter(self.filter.text, self.now_us, sorted(self.bookmarked)))  # type: ignore[no-any-return]


def newest_events(
    store: StoreHost,
    journal: Journal,
    levels: SessionLevels,
    names: PlayerNames,
    *,
    before_seq: int | None,
    limit: int,
    app_id: str | None,
    wanted: EventFilter | None = None,
) -> list[EventRow]:
    """The newest events older than `before_seq`, oldest first; all, or those that a filter wants.

    The store's position is read before its rows, so that an event which is projected meanwhile is found twice rather
    than never. `levels` knows where running sessions are, `names` what games call players. Raises JournalError,
    EventStoreError, or NotWanted when nobody waits any longer.
    """
    counters = journal.counters
    position = stored_position(store).request_id
    asked: dict[str, Any] = {"app_id": app_id, "before_seq": before_seq, "limit": limit}
    if wanted is None:
        stored = rows_of(store.query("events", asked), names)
    else:
        answer = store.query("events", asked | {"filter": wanted.parameter()}, wanted.is_waited_for)
        stored = rows_of(answer, names)
    end_seq = counters.last_seq + 1 if before_seq is None else min(before_seq, counters.last_seq + 1)
    first_seq = end_seq - limit if app_id is None and wanted is None else 0
    builder = RowBuilder(SessionLevels(older=levels), names)
    tail: list[EventRow] = []
    for request in journal_tail(journal, position, first_seq=first_seq, end_seq=end_seq):
        if wanted is not None and not wanted.is_waited_for():
            raise NotWanted
        if app_id is None or request.app_id == app_id:
            tail += rows_of_request(builder, request, wanted)
    tail = [row for row in tail if row.seq < end_seq]
    if not tail:
        return stored
    rows = {row.seq: row for row in tail}
    rows.update((row.seq, row) for row in stored)  # the store knows a trajectory's level by time, not by arrival
    return [rows[seq] for seq in sorted(rows)[-limit:]]


def count_events(
    store: StoreHost,
    journal: Journal,
    levels: SessionLevels,
    names: PlayerNames,
    wanted: EventFilter,
    *,
    after_seq: int,
    app_id: str | None,
) -> EventCount:
    """How many events behind a sequence number match, those that are not projected yet with them.

    Raises JournalError, EventStoreError, or NotWanted when nobody waits any longer.
    """
    asked = {"app_id": app_id, "after_seq": after_seq, "filter": wanted.parameter()}
    answer = store.query("count_events", asked, wanted.is_waited_for)
    events, upto = (int(numbers(answer, name)[0]) for name in ("events", "upto_seq"))
    builder = RowBuilder(SessionLevels(older=levels), names)
    end_seq = journal.counters.last_seq + 1
    for request in journal_tail(journal, 0, first_seq=upto + 1, end_seq=end_seq):
        if not wanted.is_waited_for():
            raise NotWanted
        if app_id is None or request.app_id == app_id:
            events += sum(row.seq > upto for row in rows_of_request(builder, request, wanted))
    return EventCount(events=events, upto_seq=max(upto, end_seq - 1))


def levels_of_sessions(store: StoreHost, limit: int = 10_000) -> dict[tuple[str, str], str]:
    """The level that each of the latest sessions named last, the latest session last. Raises EventStoreError."""
    answer = store.query("sessions", {"limit": limit})
    names = (text(answer, name) for name in ("app_id", "session_id", "level_id"))
    sessions = zip(*names, numbers(answer, "level_assigned").tolist(), strict=True)
    return {(app_id, session): level for app_id, session, level, is_assigned in sessions if level and not is_assigned}


def rows_of(answer: Columns, names: PlayerNames) -> list[EventRow]:
    """The answer of the `events` query as rows; NaN becomes None. The store knows no names of the player API's."""
    columns = {name: _values(answer, name) for name in EventRow.__struct_fields__ if name != "player_name"}
    kinds = columns["kind"] = [_KINDS[kind] for kind in columns["kind"]]
    named = [
        names(player_id) if kind is EventKind.PLAYER_API else ""
        for kind, player_id in zip(kinds, columns["player_id"], strict=True)
    ]
    values = [*columns.values(), named]
    return [EventRow(*row) for row in zip(*values, strict=True)]


def _values(answer: Columns, name: str) -> Sequence[Any]:
    if answer.columns[name].values is not None:
        return text(answer, name)
    column = numbers(answer, name)
    values: list[Any] = column.tolist()
    if column.dtype.kind == "f":
        for index in np.flatnonzero(np.isnan(column)).tolist():
            values[index] = None
    return values


def journal_tail(journal: Journal, after_request_id: int, *, first_seq: int, end_seq: int) -> Iterator[JournaledIngest]:
    """Requests behind a position that hold any of `first_seq … end_seq`, in order. Raises JournalError."""
    after_request_id = max(after_request_id, journal.position_before(first_seq) if first_seq > 0 else 0)
    while requests := journal.read_ingest(after_request_id, _READ_EVENTS):
        for request in requests:
            after_request_id = request.request_id
            if request.first_seq >= end_seq:
                return
            yield request


def rows_of_request(builder: RowBuilder, request: JournaledIngest, wanted: EventFilter | None) -> list[EventRow]:
    """A request's events, all or those that are wanted. `builder` keeps none of them."""
    if wanted is None:
        builder.add_request(request)
        rows = builder.events
    else:
        rows = matching_rows(builder, request, wanted.filter, wanted.bookmarked)
    builder.events, builder.trajectories = [], []
    return rows
