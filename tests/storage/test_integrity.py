from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.storage.duckdb_store import DuckDbStore
from console.storage.integrity import check_position
from console.storage.journal import Journal
from tests.storage.events import gameplay, opened, store


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.start()
    yield journal
    journal.close()


async def test_a_store_is_behind_up_to_or_ahead_of_its_journal(journal: Journal, tmp_path: Path) -> None:
    event_store = opened(tmp_path / "events.duckdb")
    assert check_position(journal, event_store).text == "up to the journal"
    store(event_store, gameplay("s", 1))
    check = check_position(journal, event_store)
    assert (check.ok, check.text) == (False, "event 1 is stored, but the journal ends at 0")
    event_store.close()


async def test_a_store_that_is_not_open_is_told(journal: Journal, tmp_path: Path) -> None:
    check = check_position(journal, DuckDbStore(tmp_path / "events.duckdb"))
    assert not check.ok
    assert "not open" in check.text
