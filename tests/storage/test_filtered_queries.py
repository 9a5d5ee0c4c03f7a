"""Questions with a filter: broken off when nobody waits, refused when they cannot be read, right after a migration."""

import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from console.columns import encode_columns, numbers
from console.storage.duckdb_store import DuckDbStore
from console.storage.event_store import EventStoreError, InvalidQuery, Position
from console.storage.sqlite import migration_steps
from tests.storage.events import JOURNAL_ID, gameplay, opened, store


@pytest.fixture
def events(tmp_path: Path) -> Iterator[DuckDbStore]:
    found = opened(tmp_path / "events.duckdb")
    yield found
    found.close()


def test_a_filter_that_nobody_waits_for_is_broken_off(events: DuckDbStore) -> None:
    text = "x" * 1_500
    for _ in range(10):
        store(events, [gameplay("s", 1, custom_data={"text": text}) for _ in range(1_000)])
    long = {"limit": 1, "filter": {"text": " OR ".join(f"/x+y{number}/" for number in range(60))}}
    began = time.monotonic()
    with pytest.raises(EventStoreError, match="broken off"):
        events.query("events", long, lambda: False)
    assert time.monotonic() - began < 30, "the whole takes minutes"
    assert len(events.query("events", {"limit": 1, "filter": {"text": "event:Jump"}}, lambda: True)["seq"]) == 1


@pytest.mark.parametrize("given", [{"text": "evnt:a"}, {"text": 5}, "event:a", {}])
def test_what_is_no_filter_is_refused(events: DuckDbStore, given: object) -> None:
    with pytest.raises(InvalidQuery):
        events.query("events", {"limit": 1, "filter": given})


def test_a_store_without_the_columns_is_projected_again(tmp_path: Path) -> None:
    path = tmp_path / "events.duckdb"
    with duckdb.connect(str(path)) as db:
        db.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
        db.execute(migration_steps("events")[0])
        db.execute("INSERT INTO schema_version VALUES (1)")
        db.execute("INSERT INTO position VALUES (?, 7, 700)", [JOURNAL_ID])
        db.execute("INSERT INTO samples VALUES (1, 0, now()::TIMESTAMP, 0, 0, 0)")
    found = opened(path)
    try:
        assert found.position() == Position()
        store(found, gameplay("s", 1, input_method="gamepad"))
        answer = encode_columns(found.query("events", {"limit": 5, "filter": {"text": "input:gamepad"}}))
        assert numbers(answer, "seq").tolist() == [1]
    finally:
        found.close()
