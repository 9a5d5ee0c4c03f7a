import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from console.messages import ErrorDetail
from console.storage.journal import (
    ACCEPTED_RESPONSE,
    MAX_KEPT_BODY_BYTES,
    Committed,
    IngestRequest,
    Journal,
    JournalBroken,
    JournalError,
    JournalFull,
    OtherRequest,
)
from console.storage.journal_reader import JournalReader
from console.storage.journal_writer import JournalWriter
from console.storage.request_rings import RingBounds, RingsBounds


def accepted(
    body: bytes = b"\x80", *, events: int = 1, received_at_us: int = 1_000_000, peer: str = "::1"
) -> IngestRequest:
    return IngestRequest(
        received_at_us=received_at_us,
        app_id="app",
        key_id="key",
        key_label="Label",
        peer=peer,
        method="POST",
        route="/api/events",
        client="Unity",
        headers=b'[["Host","localhost"]]',
        body=body,
        wire_bytes=len(body),
        events=events,
    )


def rejected(body: bytes = b"{}", *, status: int = 400) -> OtherRequest:
    return OtherRequest(
        received_at_us=2_000_000,
        method="POST",
        route="/api/events",
        status=status,
        body=body,
        took_us=250,
        response=b'{"status":"error"}',
        error="invalid_event",
        first_error="no app_id",
        error_message="The batch has 1 bad item.",
        details=[ErrorDetail(index=0, path="$[0]", message="no app_id", start=0, end=2)],
    )


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite", clock=lambda: 3_000_000_000)
    journal.start()
    yield journal
    journal.close()


async def test_what_is_appended_can_be_read_back(journal: Journal) -> None:
    first, second = await asyncio.gather(
        journal.append(accepted(b"one", events=3)), journal.append(accepted(b"two", events=2))
    )

    assert (first.request_id, first.first_seq) == (1, 1)
    assert (second.request_id, second.first_seq) == (2, 4)
    assert [(i.request_id, i.first_seq, i.events, i.body, i.app_id) for i in journal.read_ingest(0, 100)] == [
        (1, 1, 3, b"one", "app"),
        (2, 4, 2, b"two", "app"),
    ]
    assert [i.request_id for i in journal.read_ingest(1, 100)] == [2]
    assert journal.counters.events == 5
    assert journal.pending == 0


async def test_a_piece_is_bounded_by_events_but_never_empty(journal: Journal) -> None:
    await asyncio.gather(*(journal.append(accepted(events=10)) for _ in range(5)))

    assert [i.request_id for i in journal.read_ingest(0, 25)] == [1, 2]
    assert [i.request_id for i in journal.read_ingest(2, 5)] == [3]
    assert journal.read_ingest(5, 5) == []


async def test_one_loop_step_is_one_commit_announced_in_order(journal: Journal) -> None:
    told: list[Sequence[Committed]] = []
    journal.on_commit = told.append
    futures = [journal.append(accepted()) for _ in range(100)]
    assert journal.note(rejected())

    receipts = await asyncio.gather(*futures)
    assert [r.request_id for r in receipts] == list(range(1, 101))
    assert len(told) == 1
    assert [receipt.request_id for _, receipt, _ in told[0]] == list(range(1, 102))
    assert {committed_at_us for _, _, committed_at_us in told[0]} == {3_000_000}
    assert told[0][100][0] == rejected()


async def test_requests_of_both_kinds_are_listed_newest_last(journal: Journal) -> None:
    await journal.append(accepted())
    journal.note(rejected())
    await journal.append(accepted(b"xyz"))

    rows = journal.requests(limit=10)
    assert [(r.request_id, r.status, r.bytes, r.error) for r in rows] == [
        (1, 200, 1, ""),
        (2, 400, 2, "invalid_event"),
        (3, 200, 3, ""),
    ]
    assert [r.took_us for r in rows] == [2_000_000, 250, 2_000_000]
    assert [r.request_id for r in journal.requests(limit=2)] == [2, 3]
    assert [r.request_id for r in journal.requests(before_id=3, limit=1)] == [2]
    assert [r.request_id for r in journal.requests(rejected_only=True)] == [2]
    assert journal.counters.requests == 3
    assert journal.counters.rejected == 1


async def test_detail_is_the_whole_request(journal: Journal) -> None:
    await journal.append(accepted(b"body"))
    journal.note(rejected(b"bad body"))
    await journal.append(accepted())

    good = journal.detail(1)
    assert good is not None
    assert (good.body, good.response, good.first_seq) == (b"body", ACCEPTED_RESPONSE, 1)
    assert good.headers == [("Host", "localhost")]
    bad = journal.detail(2)
    assert bad is not None
    assert (bad.body, bad.body_truncated, bad.first_seq) == (b"bad body", False, None)
    assert bad.details == rejected().details
    assert bad.error_message == "The batch has 1 bad item."
    assert bad.response == b'{"status":"error"}'
    assert journal.detail(4) is None


async def test_ids_and_counters_survive_a_restart(tmp_path: Path) -> None:
    for start in (0, 2):
        journal = Journal(tmp_path / "journal.sqlite")
        journal.start()
        assert journal.counters.last_request_id == start
        journal.note(rejected())
        receipt = await journal.append(accepted(events=7))
        assert receipt.request_id == start + 2
        assert receipt.first_seq == (1 if start == 0 else 8)
        journal.close()
    assert journal.counters.rejected == 2
    assert all(row.took_us is not None for row in journal.requests())


async def test_close_writes_what_waits_and_is_idempotent(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.start()
    futures = [journal.append(accepted()) for _ in range(10)]
    journal.close()
    journal.close()
    assert [r.request_id for r in await asyncio.gather(*futures)] == list(range(1, 11))
    with pytest.raises(JournalBroken):
        await journal.append(accepted())
    assert not journal.note(rejected())


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
    journal = Journal(tmp_path / "journal.sqlite", max_notes_per_sec=5)
    journal.start()
    kept = sum(journal.note(rejected()) for _ in range(100))
    assert 5 <= kept <= 10
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


def of_a_player(body: bytes = b"{}", *, events: int = 1, status: int = 201) -> IngestRequest:
    return replace(
        accepted(body, events=events), status=status, response=b'{"success":true}', commands=b"commands of " + body
    )


async def test_a_player_request_keeps_its_answer_and_its_commands(journal: Journal) -> None:
    await journal.append(accepted(b"telemetry"))
    await journal.append(of_a_player(b"first", events=2))
    await journal.append(of_a_player(b"second", status=200))

    assert [(r.request_id, r.status) for r in journal.requests()] == [(1, 200), (2, 201), (3, 200)]
    detail = journal.detail(2)
    assert detail is not None
    assert (detail.row.status, detail.response, detail.body) == (201, b'{"success":true}', b"first")
    telemetry = journal.detail(1)
    assert telemetry is not None
    assert telemetry.response == ACCEPTED_RESPONSE
    assert journal.player_answer(2) == (201, b'{"success":true}')
    assert journal.player_answer(1) is None
    assert [i.commands for i in journal.read_ingest(0, 100)] == [b"", b"commands of first", b"commands of second"]
    assert [i.commands for i in journal.read_ingest(2, 100)] == [b"commands of second"]


async def test_player_requests_can_be_done_again_in_order(journal: Journal) -> None:
    for body in (b"1", b"2", b"3"):
        await journal.append(of_a_player(body, events=2))
        await journal.append(accepted())

    requests = journal.player_requests(0, 100)
    assert [(r.request_id, r.app_id, r.first_seq, r.commands) for r in requests] == [
        (1, "app", 1, b"commands of 1"),
        (3, "app", 4, b"commands of 2"),
        (5, "app", 7, b"commands of 3"),
    ]
    assert [r.request_id for r in journal.player_requests(1, 1)] == [3]
    assert journal.player_requests(5, 100) == []


@given(counts=st.lists(st.integers(0, 3) | st.none(), max_size=12), seq=st.integers(0, 40))
@settings(deadline=None, max_examples=40)
def test_reading_goes_on_at_any_event(counts: list[int | None], seq: int, tmp_path_factory: Any) -> None:
    """None is a request without events: it takes an id and no number."""
    path = tmp_path_factory.mktemp("journal") / "journal.sqlite"
    writer = JournalWriter(path, lambda: 0)
    writer.open()
    for count in counts:
        writer.write([rejected() if count is None else accepted(events=count)], 0)
    writer.close()
    reader = JournalReader(path)
    found = reader.ingests_from_seq(seq, 100)
    behind = [i for i in reader.ingests(0, 100) if i.first_seq + i.events > seq]
    assert [i.request_id for i in found if i.events] == [i.request_id for i in behind if i.events]
    reader.close()


async def test_text_that_is_not_unicode_harms_nobody_else(journal: Journal) -> None:
    bad = accepted(peer="\udcff")
    receipts = await asyncio.gather(journal.append(accepted()), journal.append(bad), journal.append(accepted()))
    assert [r.request_id for r in receipts] == [1, 2, 3]
    assert [r.peer for r in journal.requests()] == ["::1", "?", "::1"]


@pytest.mark.expects_log
async def test_a_value_the_file_cannot_hold_fails_alone(journal: Journal) -> None:
    outcomes = await asyncio.gather(
        journal.append(accepted()),
        journal.append(accepted(received_at_us=2**70)),
        journal.append(accepted()),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], JournalBroken)
    assert [r.request_id for r in journal.requests()] == [1, 2]
    assert journal.pending == 0


@pytest.mark.expects_log
async def test_a_failing_listener_does_not_stop_the_journal(journal: Journal) -> None:
    def fail(committed: Sequence[Committed]) -> None:
        raise RuntimeError("listener")

    journal.on_commit = fail
    await journal.append(accepted())
    assert (await journal.append(accepted())).request_id == 2


@pytest.mark.expects_log
async def test_a_full_disk_fails_the_group_and_heals_by_itself(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journal.append(accepted(b"before"))
    writer = journal._writer
    connect = writer._connect

    def small_disk() -> sqlite3.Connection:
        db = connect()
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages + 1}")
        return db

    monkeypatch.setattr(writer, "_connect", small_disk)
    writer._disconnect()
    futures = [journal.append(accepted(bytes(100_000))) for _ in range(3)]
    outcomes = await asyncio.gather(*futures, return_exceptions=True)
    assert all(isinstance(outcome, JournalBroken) and "full" in str(outcome) for outcome in outcomes)
    assert "full" in journal.problem
    assert journal.pending == 0

    monkeypatch.setattr(writer, "_connect", connect)
    assert (await journal.append(accepted(b"after"))).request_id == 2
    assert journal.problem == ""
    assert [i.body for i in journal.read_ingest(0, 100)] == [b"before", b"after"]


@pytest.mark.expects_log
async def test_a_damaged_file_is_told_and_not_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"this is not a database, it only looks like a file" * 100)
    journal = Journal(path)
    with pytest.raises(JournalError, match="cannot be opened"):
        journal.start()


async def test_a_journal_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(JournalError, match="newer version"):
        Journal(path).start()


async def test_a_cancelled_sender_does_not_disturb_the_others(journal: Journal) -> None:
    gone = journal.append(accepted())
    stays = journal.append(accepted())
    gone.cancel()
    assert (await stays).request_id == 2


async def test_two_journals_have_two_identities(tmp_path: Path) -> None:
    journals = [Journal(tmp_path / f"{name}.sqlite") for name in "ab"]
    for journal in journals:
        journal.start()
    assert journals[0].journal_id() != journals[1].journal_id()
    assert journals[0].journal_id() == journals[0].journal_id()
    assert journals[0].quick_check() == ""
    for journal in journals:
        journal.close()


_APPEND_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from tests.storage.test_journal import accepted
from console.storage.journal import Journal

async def main():
    journal = Journal(Path(sys.argv[1]))
    journal.start()
    async def sender():
        while True:
            receipt = await journal.append(accepted(events=2))
            sys.stdout.write(f"{receipt.request_id} {receipt.first_seq}\\n")
            sys.stdout.flush()
    await asyncio.gather(*(sender() for _ in range(8)))

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL on Windows")
def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    root = Path(__file__).parents[2]
    last = 0
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-c", _APPEND_FOR_EVER, str(path)], stdout=subprocess.PIPE, cwd=root, text=True
        )
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(300)]
        os.kill(process.pid, signal.SIGKILL)
        lines += process.stdout.read().splitlines(keepends=True)
        process.wait()
        process.stdout.close()
        receipts = [tuple(map(int, line.split())) for line in lines if line.endswith("\n")]

        reader = JournalReader(path)
        kept = {(i.request_id, i.first_seq) for i in reader.ingests(0, 1_000_000)}
        reader.close()
        assert set(receipts) <= kept
        assert min(receipts)[0] > last
        assert len({request_id for request_id, _ in kept}) == len(kept)
        assert {seq for _, seq in kept} == set(range(1, 2 * len(kept), 2))
        last = max(receipts)[0]
