"""Small telemetry bodies, and stores filled with them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgpack

from console.storage.duckdb_store import DuckDbStore
from console.storage.event_columns import columns_of
from console.storage.event_store import EventStore, Position
from console.storage.journal import JournaledIngest

JOURNAL_ID = "journal"
FAR = Position(2**62, 2**62)

Event = dict[str, Any]


def at(secs: float) -> str:
    """An instant of one minute."""
    return f"2026-01-01T00:00:{secs:09.6f}Z"


def at_us(secs: float) -> int:
    """The same, as the store tells it."""
    return 1_767_225_600_000_000 + round(secs * 1_000_000)


def _event(session: str, fields: Event) -> Event:
    event = {"app_id": "app", "build_id": "1.0", "player_id": f"player of {session}", "session_id": session} | fields
    return {name: value for name, value in event.items() if value is not None}


def gameplay(session: str, secs: float, level: str | None = None, **more: Any) -> Event:
    return _event(session, {"event_name": "Jump", "timestamp": at(secs), "level_id": level, **more})


def funnel(session: str, secs: float, level: str | None = None, **more: Any) -> Event:
    return _event(session, {"funnel_step_name": "Start", "timestamp": at(secs), "level_id": level, **more})


def identity(player: str, secs: float, **more: Any) -> Event:
    fields = {"event_name": "Create_Player", "timestamp": at(secs), "player_id": player, "session_id": None}
    return _event("", fields | more)


def trajectory(session: str, start: float, end: float, positions: Sequence[float], **more: Any) -> Event:
    return _event(
        session, {"positions": list(positions), "timestamp_start": at(start), "timestamp_end": at(end), **more}
    )


def journaled(
    *batches: Sequence[Event] | Event, app_id: str = "app", after: Position | None = None
) -> list[JournaledIngest]:
    """Each batch as the next accepted request, received one second after the one before."""
    after = after or Position()
    ingests = []
    seq = after.seq
    for number, batch in enumerate(batches, start=after.request_id + 1):
        events = 1 if isinstance(batch, dict) else len(batch)
        ingests.append(JournaledIngest(number, number * 1_000_000, app_id, seq + 1, events, msgpack.packb(batch)))
        seq += events
    return ingests


def store(event_store: EventStore, *batches: Sequence[Event] | Event, app_id: str = "app") -> None:
    """Append batches behind what is stored."""
    after = event_store.position()
    event_store.append(columns_of(journaled(*batches, app_id=app_id, after=after), after))


def opened(path: Path, last: Position = FAR, journal_id: str = JOURNAL_ID) -> DuckDbStore:
    """A store ready for use."""
    event_store = DuckDbStore(path)
    event_store.migrate(journal_id, last)
    return event_store


def rows(event_store: EventStore, query: str, *names: str, **params: Any) -> list[tuple[Any, ...]]:
    """Some columns of an answer as tuples; all of them when none is named."""
    answer = event_store.query(query, params)
    columns = [answer[name] for name in names] if names else list(answer.values())
    return list(zip(*(c if isinstance(c, list) else list(c) for c in columns), strict=True))
