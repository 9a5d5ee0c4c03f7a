"""A journal that runs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.storage.journal import Journal


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite", clock=lambda: 3_000_000_000)
    journal.start()
    yield journal
    journal.close()
