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

from console.server.projector import MAX_STEP_EVENTS, STEP_SECS, LoopPressure, Projector
from console.storage.duckdb_store import DuckDbStore
from console.storage.event_store import ColumnBatch, EventStoreError, Position
from console.storage.journal import IngestRequest, Journal
from tests.storage.events import gameplay, rows, trajectory


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    journal = Journal(tmp_path / "journal.sqlite")
    journal.start()
    yield journal
    journal.close()


async def append(journal: Journal, *, events: int = 2, requests: int = 1) -> None:
    batch = [gameplay("s", 1, "L"), *(trajectory("s", 1, 2, [1, 2, 3]) for _ in range(events - 1))]
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


async def until(condition: Callable[[], object], timeout_secs: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_secs
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def counted(store: DuckDbStore) -> int:
    ((events,),) = rows(store, "totals", "events")
    return int(events)


class Running:
    """A projector and its store, stopped together."""

    def __init__(self, journal: Journal, path: Path, store: DuckDbStore | None = None) -> None:
        self.store = store or DuckDbStore(path)
        self.projector = Projector(journal, self.store)

    async def __aenter__(self) -> "Running":
        self.projector.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.projector.close)
        self.projector.close()
        self.store.close()


async def test_what_is_journaled_is_stored(journal: Journal, tmp_path: Path) -> None:
    await append(journal, requests=3)
    async with Running(journal, tmp_path / "events.duckdb") as running:
        await until(lambda: running.projector.position == Position(3, 6))
        await until(lambda: running.projector.lag() == (0, 0.0))
        assert counted(running.store) == 6
        await append(journal, events=5)
        assert running.projector.lag()[0] == 5
        await until(lambda: running.projector.lag()[0] == 0)
        assert counted(running.store) == 11
        assert running.projector.problem == ""


async def test_a_restart_resumes_where_it_stopped(journal: Journal, tmp_path: Path) -> None:
    for expected in (6, 12):
        await append(journal, requests=3)
        async with Running(journal, tmp_path / "events.duckdb") as running:
            await until(lambda: running.projector.position.seq and running.projector.lag()[0] == 0)
            assert counted(running.store) == expected
            assert [seq for (seq,) in rows(running.store, "events", "seq", limit=100)] == list(range(1, expected + 1))


@pytest.mark.expects_log
async def test_a_damaged_store_is_rebuilt(journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "events.duckdb"
    path.write_bytes(b"junk" * 5000)
    await append(journal, requests=3)
    async with Running(journal, path) as running:
        await until(lambda: running.projector.position.seq and running.projector.lag()[0] == 0)
        assert counted(running.store) == 6


async def test_a_backlog_is_stored_in_bounded_steps(journal: Journal, tmp_path: Path) -> None:
    sizes: list[int] = []

    class Watched(DuckDbStore):
        def append(self, batch: ColumnBatch) -> None:
            sizes.append(batch.events.num_rows)
            super().append(batch)

    await append(journal, events=4000, requests=6)
    async with Running(journal, tmp_path / "x", Watched(tmp_path / "events.duckdb")) as running:
        await until(lambda: sum(sizes) == 24_000)
        assert max(sizes) <= MAX_STEP_EVENTS
        await until(lambda: running.projector.lag()[0] == 0)


@pytest.mark.expects_log
async def test_a_store_that_fails_is_tried_again(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.server.projector._FIRST_RETRY_SECS", 0.02)

    class Failing(DuckDbStore):
        failures = 2

        def append(self, batch: ColumnBatch) -> None:
            if self.failures:
                self.failures -= 1
                raise EventStoreError("no space left")
            super().append(batch)

    await append(journal, requests=3)
    store = Failing(tmp_path / "events.duckdb")
    async with Running(journal, tmp_path / "x", store) as running:
        await until(lambda: running.projector.problem == "no space left")
        assert running.projector.lag()[0] == 6
        await until(lambda: store.failures == 0 and running.projector.problem == "")
        assert counted(store) == 6


@pytest.mark.expects_log
async def test_a_mistake_of_ours_does_not_end_the_thread(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.server.projector._FIRST_RETRY_SECS", 0.02)
    calls = iter([KeyError("mistake")])

    class Mistaken(DuckDbStore):
        def append(self, batch: ColumnBatch) -> None:
            for error in calls:
                raise error
            super().append(batch)

    await append(journal)
    store = Mistaken(tmp_path / "events.duckdb")
    async with Running(journal, tmp_path / "x", store) as running:
        await until(lambda: running.projector.position.seq == 2)


async def test_lag_counts_the_seconds_of_the_oldest(journal: Journal, tmp_path: Path) -> None:
    store = DuckDbStore(tmp_path / "events.duckdb")
    now_ns = [time.time_ns()]
    projector = Projector(journal, store, clock=lambda: now_ns[0])
    assert projector.lag() == (0, 0.0)
    await append(journal, events=6000, requests=2)
    projector._step()
    assert projector.lag()[0] == 6000
    now_ns[0] = time.time_ns() + 5_000_000_000
    assert 4.9 < projector.lag()[1] < 10
    projector._step()
    projector._step()
    assert projector.lag() == (0, 0.0)
    projector.close()
    store.close()


async def test_pressure_makes_it_pause_between_steps(journal: Journal, tmp_path: Path) -> None:
    store = DuckDbStore(tmp_path / "events.duckdb")
    pressure = [0.0]
    projector = Projector(journal, store, pressure=lambda: pressure[0])
    await append(journal, events=10_000, requests=5)
    assert projector._step() == 0.0
    pressure[0] = 1.0
    assert projector._step() > 0.05
    store.close()


async def test_when_little_is_left_it_waits_for_more(journal: Journal, tmp_path: Path) -> None:
    store = DuckDbStore(tmp_path / "events.duckdb")
    projector = Projector(journal, store, pressure=lambda: 0.0)
    await append(journal)
    projector._step()  # opens the store
    await append(journal)
    assert 0 < projector._step() < STEP_SECS
    assert projector._step() == STEP_SECS
    store.close()


class Clocks:
    """Stands for the `time` module and for the loop: both threads' clocks, set by hand."""

    now = 0.0
    loop_secs = 0.0
    own_secs = 0.0
    on_loop = False

    def monotonic(self) -> float:
        return self.now

    def thread_time(self) -> float:
        return self.loop_secs if self.on_loop else self.own_secs

    def call_soon_threadsafe(self, callback: Callable[..., object], *args: object) -> None:
        self.on_loop = True
        callback(*args)
        self.on_loop = False

    def advance(self, secs: float, loop_share: float, own_share: float) -> None:
        self.now += secs
        self.loop_secs += secs * loop_share
        self.own_secs += secs * own_share


@pytest.mark.parametrize(
    ("loop_share", "own_share", "expected"), [(0, 0, 0), (0.2, 0.6, 0), (0.7, 0.275, 0.5), (0.6, 0.6, 1), (1, 0.1, 1)]
)
def test_pressure_is_what_both_threads_use(
    monkeypatch: pytest.MonkeyPatch, loop_share: float, own_share: float, expected: float
) -> None:
    clocks = Clocks()
    monkeypatch.setattr("console.server.projector.time", clocks)
    pressure = LoopPressure(clocks)  # type: ignore[arg-type]
    for _ in range(3):
        pressure()
        clocks.advance(0.25, loop_share, own_share)
    assert pressure() == pytest.approx(expected)
    clocks.advance(0.001, 0, 0)
    assert pressure() == pytest.approx(expected), "too short a time tells nothing"


def test_a_closed_loop_is_no_pressure() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    assert LoopPressure(loop)() == 0.0


_PROJECT_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from console.server.projector import Projector
from console.storage.duckdb_store import DuckDbStore
from console.storage.journal import Journal
from tests.server.test_projector import append

async def main():
    journal = Journal(Path(sys.argv[1]) / "journal.sqlite")
    journal.start()
    store = DuckDbStore(Path(sys.argv[1]) / "events.duckdb")
    projector = Projector(journal, store)
    projector.start()
    while True:
        await append(journal, events=5, requests=20)
        if projector.position.seq:
            print(projector.position.seq, flush=True)

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
        async with Running(journal, tmp_path / "events.duckdb") as running:
            await until(lambda: running.projector.position.seq == journal.counters.last_seq)
            seqs = [seq for (seq,) in rows(running.store, "events", "seq", limit=10_000_000)]
            assert seqs == list(range(1, journal.counters.last_seq + 1))
            ((_, _, _, trajectories, samples),) = rows(running.store, "totals")
            assert trajectories == samples == len(seqs) // 5 * 4
        journal.close()

    asyncio.run(project())
