import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgpack
import pytest

from console.server.projector import MAX_STEP_EVENTS, STEP_SECS, Progress, Projector
from console.storage.duckdb_store import DuckDbStore
from console.storage.event_store import ColumnBatch, EventStoreError, Position
from console.storage.journal import IngestRequest, Journal
from console.storage.journal_reader import JournalReader
from tests.storage.events import gameplay, opened, rows, store, trajectory


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.start()
    yield journal
    journal.close()


async def append(journal: Journal, *, events: int = 2, requests: int = 1, level: str | None = "L") -> None:
    batch = [gameplay("s", 1, level), *(trajectory("s", 1, 2, [1, 2, 3]) for _ in range(events - 1))]
    request = IngestRequest(
        received_at_us=time.time_ns() // 1000,
        app_id="app",
        key_id="",
        key_label="",
        peer="",
        method="POST",
        route="/api/events",
        client="",
        headers=b"[]",
        body=msgpack.packb(batch),
        wire_bytes=0,
        events=events,
    )
    await asyncio.gather(*(journal.append(request) for _ in range(requests)))


async def until(condition: Callable[[], object], timeout_secs: float = 30.0) -> None:
    deadline = time.monotonic() + timeout_secs
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def counted(store: DuckDbStore) -> int:
    ((events,),) = rows(store, "totals", "events")
    return int(events)


class Running:
    """A projector, what it reads and what it writes, stopped together. `told` is all its progress, in order."""

    def __init__(self, folder: Path, store: DuckDbStore | None = None) -> None:
        self.store = store or DuckDbStore(folder / "events.duckdb")
        self.reader = JournalReader(folder / "journal.sqlite")
        self.told: list[Progress] = []
        self.projector = Projector(self.reader, self.store, on_progress=self.told.append)

    @property
    def stored_seq(self) -> int:
        position = self.projector.progress.position
        return position.seq if position is not None else 0

    async def __aenter__(self) -> "Running":
        self.projector.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.projector.close)
        self.close()

    def close(self) -> None:
        self.projector.close()
        self.store.close()
        self.reader.close()


async def test_what_is_journaled_is_stored(journal: Journal, tmp_path: Path) -> None:
    await append(journal, requests=3)
    async with Running(tmp_path) as running:
        await until(lambda: running.projector.progress == Progress(Position(3, 6)))
        assert counted(running.store) == 6
        await append(journal, events=5)
        await until(lambda: running.stored_seq == 11)
        assert counted(running.store) == 11
        assert running.projector.progress.problem == ""


async def test_progress_is_told_as_it_changes(journal: Journal, tmp_path: Path) -> None:
    running = Running(tmp_path)
    assert running.projector.progress == Progress()
    assert running.projector._step() == STEP_SECS
    running.projector._step()
    assert running.told == [Progress(Position())], "what did not change is not told again"
    await append(journal, events=6000, requests=2)
    arrived_us = journal.read_ingest(0, 1)[0].received_at_us
    for _ in range(3):
        running.projector._step()
    assert running.told[1:] == [
        Progress(Position(), arrived_us),
        Progress(Position(1, 6000), arrived_us),
        Progress(Position(2, 12_000), arrived_us),
        Progress(Position(2, 12_000)),
    ]
    running.close()


async def test_a_restart_resumes_where_it_stopped(journal: Journal, tmp_path: Path) -> None:
    for expected in (6, 12):
        await append(journal, requests=3)
        async with Running(tmp_path) as running:
            await until(lambda: running.stored_seq == expected)  # noqa: B023  # awaited within its round
            assert counted(running.store) == expected
            assert [seq for (seq,) in rows(running.store, "events", "seq", limit=100)] == list(range(1, expected + 1))


@pytest.mark.expects_log
async def test_a_damaged_store_is_rebuilt(journal: Journal, tmp_path: Path) -> None:
    (tmp_path / "events.duckdb").write_bytes(b"junk" * 5000)
    await append(journal, requests=3)
    async with Running(tmp_path) as running:
        await until(lambda: running.stored_seq == 6)
        assert counted(running.store) == 6


@pytest.mark.expects_log
async def test_a_store_of_another_journal_is_rebuilt(journal: Journal, tmp_path: Path) -> None:
    foreign = opened(tmp_path / "events.duckdb", journal_id="another")
    store(foreign, gameplay("s", 1))
    foreign.close()
    await append(journal, requests=3)
    async with Running(tmp_path) as running:
        await until(lambda: running.stored_seq == 6)
        assert counted(running.store) == 6


async def test_a_backlog_is_stored_in_bounded_steps(journal: Journal, tmp_path: Path) -> None:
    sizes: list[int] = []

    class Watched(DuckDbStore):
        def append(self, batch: ColumnBatch) -> None:
            sizes.append(batch.events.num_rows)
            super().append(batch)

    await append(journal, events=4000, requests=6)
    async with Running(tmp_path, Watched(tmp_path / "events.duckdb")) as running:
        await until(lambda: running.stored_seq == 24_000)
        assert sum(sizes) == 24_000
        assert max(sizes) <= MAX_STEP_EVENTS


class Failing(DuckDbStore):
    """Raises once for each of `errors` before it stores anything."""

    def __init__(self, path: Path, *errors: Exception) -> None:
        super().__init__(path)
        self.errors = list(errors)
        self.tries: list[float] = []

    def append(self, batch: ColumnBatch) -> None:
        self.tries.append(time.monotonic())
        if self.errors:
            raise self.errors.pop(0)
        super().append(batch)


@pytest.mark.expects_log
async def test_a_store_that_fails_is_tried_again_after_longer_and_longer_pauses(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("console.server.projector._FIRST_RETRY_SECS", 0.02)
    caplog.set_level("INFO", "console.server.projector")
    await append(journal, requests=3)
    failing = Failing(tmp_path / "events.duckdb", *(EventStoreError("no space left") for _ in range(4)))
    async with Running(tmp_path, failing) as running:
        await until(lambda: running.stored_seq == 6)
        assert counted(failing) == 6
    assert [progress.problem for progress in running.told if progress.oldest_us is not None] == [
        "",
        "no space left",
        "",
    ], "it does not come and go with every try"
    pauses = [after - before for before, after in zip(failing.tries, failing.tries[1:], strict=False)]
    assert all(pause >= 0.02 * 2**number for number, pause in enumerate(pauses))
    messages = [record.getMessage() for record in caplog.records if record.name == "console.server.projector"]
    assert messages == ["no space left", "events are stored again"]


@pytest.mark.expects_log
async def test_a_failure_keeps_what_was_known_of_the_progress(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.server.projector._FIRST_RETRY_SECS", 60.0)
    failing = Failing(tmp_path / "events.duckdb")
    async with Running(tmp_path, failing) as running:
        await append(journal, requests=3)
        await until(lambda: running.stored_seq == 6)
        failing.errors = [EventStoreError("no space left")]
        await append(journal)
        await until(lambda: running.projector.progress.problem == "no space left")
        assert running.projector.progress.position == Position(3, 6)
        assert running.projector.progress.oldest_us is not None
        assert counted(failing) == 6, "what is stored can be asked for"


@pytest.mark.expects_log
async def test_a_mistake_of_ours_does_not_end_the_thread(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.server.projector._FIRST_RETRY_SECS", 0.02)
    await append(journal)
    failing = Failing(tmp_path / "events.duckdb", KeyError("mistake"))
    async with Running(tmp_path, failing) as running:
        await until(lambda: running.stored_seq == 2)


@pytest.mark.expects_log
async def test_a_journal_that_is_not_there_yet_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.server.projector._FIRST_RETRY_SECS", 0.02)
    async with Running(tmp_path) as running:
        await until(lambda: "cannot be read" in running.projector.progress.problem)
        journal = Journal(tmp_path / "journal.sqlite")
        journal.start()
        await append(journal)
        await until(lambda: running.stored_seq == 2)
        journal.close()


async def test_when_little_is_left_it_waits_for_more(journal: Journal, tmp_path: Path) -> None:
    running = Running(tmp_path)
    await append(journal)
    running.projector._step()  # opens the store
    await append(journal)
    assert 0 < running.projector._step() < STEP_SECS
    assert running.projector._step() == STEP_SECS
    await append(journal, events=6000, requests=2)
    assert running.projector._step() == 0.0
    running.close()


async def test_a_store_that_is_closed_under_it_ends_it(journal: Journal, tmp_path: Path) -> None:
    await append(journal, events=5000, requests=20)
    running = Running(tmp_path)
    running.projector.start()
    await until(lambda: running.stored_seq > 0)
    running.projector.stop()
    running.store.close()
    running.close()
    assert running.projector.progress.problem == ""


_PROJECT_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from console.storage.journal import Journal
from tests.server.test_projector import Running, append

async def main():
    journal = Journal(Path(sys.argv[1]) / "journal.sqlite")
    journal.start()
    running = Running(Path(sys.argv[1]))
    running.projector.start()
    while True:
        await append(journal, events=5, requests=20)
        if running.stored_seq:
            print(running.stored_seq, flush=True)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL on Windows")
def test_a_kill_neither_loses_nor_doubles_an_event(tmp_path: Path) -> None:
    last = 0
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", _PROJECT_FOR_EVER, str(tmp_path)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            text=True,
        )
        assert process.stdout is not None
        while (stored := int(process.stdout.readline())) <= last:
            pass
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        last = stored

    async def project() -> None:
        journal = Journal(tmp_path / "journal.sqlite")
        journal.start()
        async with Running(tmp_path) as running:
            await until(lambda: running.stored_seq == journal.counters.last_seq)
            seqs = [seq for (seq,) in rows(running.store, "events", "seq", limit=10_000_000)]
            assert seqs == list(range(1, journal.counters.last_seq + 1))
            ((_, _, _, trajectories, samples),) = rows(running.store, "totals")
            assert trajectories == samples == len(seqs) // 5 * 4
        journal.close()

    asyncio.run(project())
