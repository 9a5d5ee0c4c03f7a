"""What goes wrong around a journal: a bad value, a full or damaged file, a sender that leaves, a killed process."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from console.storage.journal import Committed, Journal, JournalBroken, JournalError
from console.storage.journal_reader import JournalReader
from tests.storage.journaled import accepted


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


_APPEND_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from tests.storage.journaled import accepted
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
