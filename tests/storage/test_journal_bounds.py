"""What a journal refuses or lets go of, so that neither memory nor the disk fills up."""

import asyncio
from pathlib import Path

import pytest

from console.storage.journal import MAX_KEPT_BODY_BYTES, Journal, JournalFull
from console.storage.note_allowances import NoteAllowances
from console.storage.request_rings import RingBounds, RingsBounds
from tests.storage.journaled import accepted, rejected


async def test_a_full_queue_refuses_at_once_and_opens_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite", max_pending_bytes=10_000)
    journal.start()
    futures = [journal.append(accepted(bytes(3000))) for _ in range(2)]
    with pytest.raises(JournalFull):
        journal.append(accepted(bytes(3000)))
    assert not journal.note(rejected()), "the room is left to accepted requests"
    await asyncio.gather(*futures)
    await journal.append(accepted(bytes(3000)))
    journal.close()
    assert journal.counters.unlisted == 1


async def test_too_many_waiting_requests_are_refused(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite", max_pending=3)
    journal.start()
    futures = [journal.append(accepted()) for _ in range(3)]
    with pytest.raises(JournalFull):
        journal.append(accepted())
    await asyncio.gather(*futures)
    journal.close()


async def test_a_body_larger_than_the_queue_is_taken_when_nothing_waits(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite", max_pending_bytes=100)
    journal.start()
    assert (await journal.append(accepted(bytes(5000)))).request_id == 1
    journal.close()


async def test_a_flood_of_rejections_is_counted_and_mostly_not_kept(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    journal._allowances = NoteAllowances(5, monotonic=lambda: 0.0)  # the rest comes within no time at all
    journal.start()
    kept = sum(journal.note(rejected()) for _ in range(100))
    assert kept == 5
    assert journal.counters.rejected == 100 - kept, "counted before any is written"
    journal.close()
    await asyncio.sleep(0)
    assert journal.counters.rejected == 100
    assert journal.counters.requests == 100
    assert journal.counters.unlisted == 100 - kept
    reopened = Journal(tmp_path / "journal.sqlite")
    reopened.start()
    assert reopened.counters == journal.counters
    reopened.close()


async def test_rejections_on_disk_are_bounded_by_number(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite", bounds=RingsBounds(rejected=RingBounds(3, 9999)))
    journal.start()
    for _ in range(3):
        journal.note(rejected())
        journal.note(rejected())
        await journal.append(accepted())
    assert [r.request_id for r in journal.requests(rejected_only=True)] == [5, 7, 8]
    assert journal.counters.rejected == 6
    journal.close()


async def test_rejections_on_disk_are_bounded_by_size(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite", bounds=RingsBounds(rejected=RingBounds(9, 3 * 1024 * 1024)))
    journal.start()
    for size in (1000, 2 * 1024 * 1024, 3 * 1024 * 1024, 1000, 1024 * 1024):
        journal.note(rejected(bytes(size)))
        await journal.append(accepted())
    kept = journal.requests(rejected_only=True)
    assert [r.request_id for r in kept] == [5, 7, 9]
    detail = journal.detail(5)
    assert detail is not None
    assert (len(detail.body), detail.body_truncated, detail.row.bytes) == (MAX_KEPT_BODY_BYTES, True, 3 * 1024 * 1024)
    journal.close()


async def test_look_ups_never_push_a_rejection_out(tmp_path: Path) -> None:
    bounds = RingsBounds(rejected=RingBounds(2, 9999), answered=RingBounds(3, 9999))
    journal = Journal(tmp_path / "journal.sqlite", max_notes_per_sec=5, bounds=bounds)
    journal.start()
    assert sum(journal.note(rejected(status=200)) for _ in range(50)) < 11
    assert journal.note(rejected()), "look-ups do not use up what rejections may take"
    await journal.append(accepted())
    kept = [row.status for row in journal.requests()]
    assert kept == [200, 200, 200, 400, 200]
    assert (journal.counters.rejected, journal.counters.unlisted) == (1, 0)
    journal.close()

    reopened = Journal(tmp_path / "journal.sqlite", bounds=bounds)
    reopened.start()
    for _ in range(3):
        reopened.note(rejected(status=200))
        reopened.note(rejected())
        await reopened.append(accepted())
    assert [row.status for row in reopened.requests()][-8:] == [200, 200, 200, 400, 200, 200, 400, 200]
    assert len(reopened.requests(rejected_only=True)) == 2
    reopened.close()
