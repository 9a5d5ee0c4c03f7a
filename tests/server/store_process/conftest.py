"""Store processes of the tests, and a journal for them."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.server.store_process import StoreProcess
from console.storage.journal import Journal
from tests.server.store_process.steps import (
    FILES,
)
from tests.server.test_projector import append


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a journal of six events in three requests, of a session without a level."""

    async def fill() -> None:
        journal = Journal(tmp_path / "journal.sqlite")
        journal.start()
        await append(journal, requests=3, level=None)
        journal.close()

    asyncio.run(fill())
    return tmp_path


@pytest.fixture
def make(folder: Path) -> Iterator[Callable[[], StoreProcess]]:
    """Starts store processes, and checks that none is left."""
    made: list[StoreProcess] = []

    def start() -> StoreProcess:
        host = StoreProcess(*(folder / name for name in FILES))
        made.append(host)
        host.start()
        return host

    yield start
    for host in made:
        host.close()
        assert host.pid is None
