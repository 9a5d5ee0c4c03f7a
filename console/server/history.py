"""Recorded events as rows: from the event store, and from the journal what the projector has not reached."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from console.columns import numbers, text
from console.messages import Columns, EventRow
from console.server.rows import PlayerNames, RowBuilder, SessionLevels
from console.server.store_host import StoreHost, stored_position
from console.storage.journal import Journal
from console.telemetry.events import EventKind

_READ_EVENTS = 5_000
_KINDS = {int(kind): kind for kind in EventKind}


def newest_events(
    store: StoreHost,
    journal: Journal,
    levels: SessionLevels,
    names: PlayerNames,
    *,
    before_seq: int | None,
    limit: int,
    app_id: str | None,
) -> list[EventRow]:
    """The newest events older than `before_seq`, oldest first.

    The store's position is read before its rows, so that an event which is projected meanwhile is found twice rather
    than never. `levels` knows where running sessions are, `names` what games call players. Raises JournalError,
    EventStoreError.
    """
    counters = journal.counters
    position = stored_position(store).request_id
    stored = rows_of(store.query("events", {"app_id": app_id, "before_seq": before_seq, "limit": limit}), names)
    end_seq = counters.last_seq + 1 if before_seq is None else min(before_seq, counters.last_seq + 1)
    tail = _journal_tail(journal, levels, names, position, first_seq=end_seq - limit, end_seq=end_seq, app_id=app_id)
    if not tail:
        return stored
    rows = {row.seq: row for row in tail}
    rows.update((row.seq, row) for row in stored)  # the store knows a trajectory's level by time, not by arrival
    return [rows[seq] for seq in sorted(rows)[-limit:]]


def levels_of_sessions(store: StoreHost, limit: int = 10_000) -> dict[tuple[str, str], str]:
    """The level that each of the latest sessions was last seen in, the latest session last. Raises EventStoreError."""
    answer = store.query("sessions", {"limit": limit})
    sessions = zip(text(answer, "app_id"), text(answer, "session_id"), text(answer, "level_id"), strict=True)
    return {(app_id, session_id): level_id for app_id, session_id, level_id in sessions if level_id}


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


def _journal_tail(
    journal: Journal,
    levels: SessionLevels,
    names: PlayerNames,
    after_request_id: int,
    *,
    first_seq: int,
    end_seq: int,
    app_id: str | None,
) -> list[EventRow]:
    """Rows of `first_seq … end_seq` that lie behind a position; all of an application's, when one is named."""
    builder = RowBuilder(SessionLevels(older=levels), names)
    if app_id is None:
        after_request_id = max(after_request_id, journal.position_before(first_seq))
    while requests := journal.read_ingest(after_request_id, _READ_EVENTS):
        for request in requests:
            after_request_id = request.request_id
            if request.first_seq >= end_seq:
                return _before(builder.events, end_seq)
            if app_id is None or request.app_id == app_id:
                builder.add_request(request)
    return _before(builder.events, end_seq)


def _before(rows: list[EventRow], end_seq: int) -> list[EventRow]:
    return [row for row in rows if row.seq < end_seq]
