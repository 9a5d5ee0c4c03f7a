"""What fault injection did to requests, on disk: marked, never counted as rejections, in a ring of the answered."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.messages import INJECTED
from console.storage.journal import IngestRequest, Journal, OtherRequest
from console.storage.journal_reader import JournalReader
from console.storage.request_rings import RingBounds, RingsBounds


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite", bounds=RingsBounds(answered=RingBounds(2, 9999)))
    journal.start()
    yield journal
    await asyncio.to_thread(journal.close)


def ingest(injected: str = "") -> IngestRequest:
    return IngestRequest(
        received_at_us=1, app_id="app", key_id="key", key_label="", peer="::1", method="POST", route="/api/events",
        client="game", headers=b"[]", body=b"\x80", wire_bytes=1, events=1, injected=injected,
    )  # fmt: skip


def refusal(status: int, error: str = INJECTED, injected: str = "answered 503") -> OtherRequest:
    return OtherRequest(
        received_at_us=1, method="POST", route="/api/events", status=status, error=error, injected=injected
    )


async def test_rows_say_what_was_injected(journal: Journal) -> None:
    journal.note(refusal(503))
    journal.note(refusal(400, "invalid_event", "delayed 2 s"))
    await journal.append(ingest("answer lost"))
    await journal.append(ingest())

    rows = journal.requests()

    assert [row.injected for row in rows] == ["answered 503", "delayed 2 s", "answer lost", ""]
    detail = journal.detail(rows[0].request_id)
    assert detail is not None
    assert detail.row == rows[0]


async def test_injected_answers_are_no_rejections(journal: Journal) -> None:
    journal.note(refusal(503))
    journal.note(refusal(0, injected="connection dropped"))
    journal.note(refusal(400, "invalid_event", "delayed 2 s"))
    await journal.append(ingest())

    assert journal.counters.rejected == 1
    assert [row.status for row in journal.requests(rejected_only=True)] == [400]


async def test_they_push_out_their_own_kind_alone(journal: Journal, tmp_path: Path) -> None:
    journal.note(refusal(400, "invalid_event", ""))
    for status in (500, 503, 429):
        journal.note(refusal(status))
    await journal.append(ingest())
    assert [row.status for row in journal.requests()] == [400, 503, 429, 200]

    await asyncio.to_thread(journal.close)
    again = Journal(tmp_path / "journal.sqlite", bounds=RingsBounds(answered=RingBounds(1, 9999)))
    again.start()
    await asyncio.to_thread(again.close)
    reader = JournalReader(tmp_path / "journal.sqlite")
    assert [row.status for row in reader.rows(None, 10, rejected_only=False)] == [400, 429, 200]
    reader.close()
