"""The newest events, wherever the projector stands: against the whole list."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import msgpack
import numpy as np
import pytest

from console.columns import encode_columns
from console.messages import Columns, EventRow
from console.server.history import newest_events, rows_of
from console.server.projector import Progress
from console.server.rows import RowBuilder, SessionLevels
from console.server.store_host import stored_position
from console.storage.event_store import Position
from console.storage.journal import IngestRequest, Journal
from console.telemetry.events import EventKind
from tests.server.harness import Server
from tests.server.player_calls import PlayerClient

SIZES = [1, 4, 1, 1, 7, 2, 1, 3, 5, 1]  # events a request
APPS = ["a", "b", "a", "a", "b", "b", "a", "b", "a", "a"]


class Store:
    """An event store that holds the first requests of a list."""

    def __init__(self, rows: list[EventRow], request_id: int, opening: bool = False) -> None:
        self.rows = [row for row in rows if row.request_id <= request_id]
        self.request_id = request_id
        self.opening = opening

    @property
    def progress(self) -> Progress:
        opening, self.opening = self.opening, False
        return Progress(None if opening else Position(self.request_id, self.rows[-1].seq if self.rows else 0))

    def query(self, name: str, params: Mapping[str, Any]) -> Columns:
        assert name == "events"
        app_id, before = params.get("app_id"), params.get("before_seq")
        rows = [r for r in self.rows if app_id in (None, r.app_id) and (before is None or r.seq < before)]
        rows = rows[-params["limit"] :]
        return encode_columns(
            {
                name: _column([getattr(row, name) for row in rows])
                for name in EventRow.__struct_fields__
                if name != "player_name"
            }
        )


def _column(values: list[Any]) -> Any:
    if any(isinstance(value, str) for value in values):
        return values
    return np.array([np.nan if value is None else value for value in values])


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.start()
    for number, (size, app_id) in enumerate(zip(SIZES, APPS, strict=True)):
        event = {
            "event_name": f"e{number}",
            "app_id": app_id,
            "build_id": "b",
            "player_id": "p",
            "session_id": "s",
            "timestamp": "2026-02-12T10:00:00Z",
        }
        body = msgpack.packb([event] * size)
        await journal.append(
            IngestRequest(
                received_at_us=number, app_id=app_id, key_id="k", key_label="", peer="", method="POST", route="/",
                client="", headers=b"[]", body=body, wire_bytes=0, events=size,
            )
        )  # fmt: skip
    yield journal
    await asyncio.to_thread(journal.close)


def nameless(player_id: str) -> str:
    return ""


def newest(journal: Journal, store: Store, **options: Any) -> list[EventRow]:
    given = {"before_seq": None, "app_id": None, "limit": 100, **options}
    return newest_events(store, journal, SessionLevels(), nameless, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("projected", [0, 1, 4, 9, 10])
async def test_every_page_is_the_end_of_the_whole_list(journal: Journal, projected: int) -> None:
    everything = newest(journal, Store([], 0))
    assert [row.seq for row in everything] == list(range(1, sum(SIZES) + 1))
    assert [row.index for row in everything[:6]] == [0, 0, 1, 2, 3, 0]
    store = Store(everything, projected)
    for limit in (1, 3, 8, 100):
        for before in (None, 1, 2, 9, 20, 27, 1000):
            for app_id in (None, "a", "b", "c"):
                expected = [
                    row for row in everything if app_id in (None, row.app_id) and (before is None or row.seq < before)
                ][-limit:]
                assert newest(journal, store, limit=limit, before_seq=before, app_id=app_id) == expected


async def test_a_store_that_opens_is_waited_for(journal: Journal) -> None:
    everything = newest(journal, Store([], 0))
    assert newest(journal, Store(everything, 5, opening=True)) == everything


async def test_little_is_read_of_a_long_journal(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    read = journal.read_ingest
    found: list[int] = []

    def counting(after: int, limit: int) -> Any:
        requests = read(after, limit)
        if limit > 1:
            found.extend(request.request_id for request in requests)
        return requests

    monkeypatch.setattr(journal, "read_ingest", counting)
    newest(journal, Store([], 0), limit=2)
    assert found == [9, 10]


def test_columns_become_rows() -> None:
    columns: dict[str, Any] = {name: np.array([1, 2]) for name in EventRow.__struct_fields__ if name != "player_name"}
    columns["kind"] = np.array([2, 4], "u1")
    columns["player_id"] = ["player_1", "a-uuid"]
    columns["level_id"] = ["L", None]
    columns["fps_mean"] = np.array([np.nan, 60.0])
    first, second = rows_of(encode_columns(columns), {"a-uuid": "player_2"}.__getitem__)
    assert (first.kind, second.kind) == (EventKind.GAMEPLAY, EventKind.PLAYER_API)
    assert (first.player_name, second.player_name) == ("", "player_2")
    assert (first.level_id, second.level_id) == ("L", "")
    assert (first.fps_mean, second.fps_mean) == (None, 60.0)
    assert type(first.seq) is int


async def test_what_the_player_api_records_reads_the_same_from_journal_and_store(server: Server) -> None:
    client = PlayerClient(server)
    player_id = await client.register("anna", device_id="phone")
    path = f"/players/players/{player_id}"
    await client.data("PATCH", path, {"attributes": {"level": 2}})
    await client.data("POST", f"{path}/session", {"session_id": "s", "duration_seconds": 60})
    await client.data("POST", f"{path}/purchase?amount=4.99")
    one = {"player_id": player_id, "event_name": "one", "session_id": "t", "timestamp": "2026-02-12T10:00:00.25Z"}
    await client.data("POST", "/events/events", one, status=201)
    await client.data("POST", "/events/events/batch", {"events": [one, {**one, "session_id": None}]})
    journal, store = server.services.journal, server.services.store
    names = server.services.profiles.name_of
    builder = RowBuilder(SessionLevels(), names)
    for request in journal.read_ingest(0, 1_000):
        builder.add_request(request)

    deadline = asyncio.get_running_loop().time() + 30
    while stored_position(store).seq < 7:
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.02)
    stored = await asyncio.to_thread(store.query, "events", {"app_id": None, "before_seq": None, "limit": 100})

    assert len(builder.events) == 7
    assert rows_of(stored, names) == builder.events
    assert {row.player_name for row in builder.events} == {"anna"}
