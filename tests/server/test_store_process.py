"""The event store's own process: the real child, asked, killed, frozen, and never left behind."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from console.columns import numbers, text
from console.messages.players import PlayerPage
from console.server import store_process
from console.server.player_activity import ActivityProgress
from console.server.player_questions import NotWanted, PageQuestion
from console.server.previews import SegmentQuestion
from console.server.store_process import StoreProcess
from console.storage.event_store import AssignedLevel, EventStoreError, InvalidQuery, Position
from console.storage.journal import Journal
from console.telemetry.events import UNASSIGNED_LEVEL
from tests.server.test_projector import append

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")

SEGMENT = SegmentQuestion(app_id="app", conditions={}, now_us=0, window="casual")
FILES = ("journal.sqlite", "events.duckdb", "players.sqlite", "activity.sqlite")

_LOWEST_PRIORITY = 19

# The real worker, with a question under way for ever, or with something else wrong.
_LONG_QUESTION = """
import sys
from console.server import store_host, store_worker
from console.storage.duckdb_store import DuckDbStore

def query(self, name, params, is_wanted=None):
    with self._cursor() as cursor:
        cursor.execute("SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(10000000) b(i)").fetchall()

DuckDbStore.query = query
sys.exit(store_worker.main(sys.argv[1:]))
"""
# Counts for ever; lists at once.
_LONG_COUNT = """
import sys, time
from console.messages.players import PlayerPage
from console.server import store_worker
from console.server.player_questions import NotWanted, PageQuestion, PlayerQuestions

def answer(self, question, is_wanted):
    global given_up
    if isinstance(question, PageQuestion):
        return PlayerPage(total=given_up, rows=[])
    while is_wanted() and not self._closed:
        time.sleep(0.005)
    given_up += 1
    raise NotWanted

given_up = 0
PlayerQuestions.answer = answer
sys.exit(store_worker.main(sys.argv[1:]))
"""
# Reads ahead for ever, unless something is asked; lists how often it read ahead, and for whom last.
_LONG_READING = """
import sys, time
from console.messages.players import PlayerPage
from console.server import store_worker
from console.server.player_questions import NotWanted, PlayerQuestions

def read_ahead(self, app_id, is_wanted):
    told.append(app_id)
    while is_wanted():
        time.sleep(0.005)
    raise NotWanted

def answer(self, question, is_wanted):
    return PlayerPage(total=int("".join(told) or 0), rows=[])

told = []
store_worker._LateProfiles.read_ahead = read_ahead
PlayerQuestions.answer = answer
sys.exit(store_worker.main(sys.argv[1:]))
"""
_TALKATIVE = """
import os, sys
from console.server import store_worker
from console.storage.duckdb_store import DuckDbStore
real = DuckDbStore.query

def query(self, name, params, is_wanted=None):
    print("a stray line")
    os.write(1, b"and another")
    sys.stdout.flush()
    return real(self, name, params)

DuckDbStore.query = query
sys.exit(store_worker.main(sys.argv[1:]))
"""


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


def until(condition: Callable[[], object], timeout_secs: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_secs
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text() if Path("/proc/self/status").exists() else True


def events_of(host: StoreProcess) -> int:
    return int(numbers(host.query("totals", {}), "events")[0])


def levels_of(host: StoreProcess) -> list[str | None]:
    return list(text(host.query("levels", {}), "level_id"))


def run_instead(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Start this script with the worker's arguments."""
    monkeypatch.setattr(
        store_process, "worker_command", lambda _worker, *arguments: [sys.executable, "-c", script, *arguments]
    )


def ask_beside(host: StoreProcess) -> tuple[threading.Thread, list[str]]:
    """Ask on another thread; what came of it is put into the list."""
    told: list[str] = []

    def ask() -> None:
        try:
            told.append(str(host.query("sessions", {}).rows))
        except EventStoreError as error:
            told.append(str(error))

    thread = threading.Thread(target=ask)
    thread.start()
    return thread, told


def test_it_answers_questions_tells_its_health_and_its_progress(make: Callable[[], StoreProcess]) -> None:
    host = make()
    assert host.query("sessions", {}).rows >= 0, "the first question waits until the store is open"
    until(lambda: host.progress.position == Position(3, 6))
    assert events_of(host) == 6
    assert [(check.ok, check.name) for check in host.health()] == [(True, "Event store")]
    with pytest.raises(InvalidQuery):
        host.query("nothing", {})
    with pytest.raises(InvalidQuery):
        host.query("samples", {})
    assert host.pid is not None
    if hasattr(os, "getpriority"):
        own, its = os.getpriority(os.PRIO_PROCESS, 0), os.getpriority(os.PRIO_PROCESS, host.pid)
        assert its > own or its == own == _LOWEST_PRIORITY


def asked_page(host: StoreProcess) -> int:
    question = PageQuestion(
        app_id="app", search="", sort="stage", descending=False, limit=1, offset=0, now_us=0, window="casual"
    )
    page = host.ask_players(question, lambda: True)
    assert isinstance(page, PlayerPage)
    return page.total


def test_a_count_that_nobody_wants_ends(make: Callable[[], StoreProcess], monkeypatch: pytest.MonkeyPatch) -> None:
    run_instead(monkeypatch, _LONG_COUNT)
    host = make()
    patience = threading.Event()

    def ask() -> None:
        with pytest.raises(NotWanted):
            host.ask_players(SEGMENT, lambda: not patience.is_set())

    asked = threading.Thread(target=ask)
    asked.start()
    assert asked_page(host) == 0, "lists do not wait for counts"
    patience.set()
    asked.join(5)
    assert not asked.is_alive()
    until(lambda: asked_page(host) == 1)
    monkeypatch.setattr(store_process, "_ANSWER_TIMEOUT_SECS", 0.05)
    with pytest.raises(EventStoreError, match="in time"):
        host.ask_players(SEGMENT, lambda: True)
    until(lambda: asked_page(host) == 2)


def test_reading_ahead_gives_way_to_questions(
    make: Callable[[], StoreProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_instead(monkeypatch, _LONG_READING)
    host = make()
    assert asked_page(host) == 0
    host.read_ahead("7")
    host.read_ahead("7")
    until(lambda: asked_page(host) == 7)
    assert host.ask_players(SEGMENT, lambda: True), "a count waits for no reading"
    host.read_ahead("8")
    until(lambda: asked_page(host) == 78)


def test_questions_of_many_threads_get_their_own_answers(make: Callable[[], StoreProcess]) -> None:
    host = make()
    until(lambda: host.progress.position == Position(3, 6))
    wrong: list[int] = []

    def ask(limit: int) -> None:
        answers = [host.query("events", {"limit": limit}).rows for _ in range(5)]
        wrong.extend(rows for rows in answers if rows != limit)

    threads = [threading.Thread(target=ask, args=(limit,)) for limit in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.expects_log
@posix_only
def test_a_killed_process_is_started_again(
    make: Callable[[], StoreProcess], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(store_process, "_FIRST_RETRY_SECS", 0.1)
    host = make()
    activity: list[ActivityProgress] = []
    host.watch_activity(activity.append)
    until(lambda: host.progress.position == Position(3, 6) and host.activity.seq == 6)
    first = host.pid
    assert first is not None
    assert levels_of(host) == [UNASSIGNED_LEVEL]
    host.assign_levels([AssignedLevel("app", "s", "Attic")])
    assert levels_of(host) == ["Attic"], "the next question sees it"
    os.kill(first, signal.SIGKILL)
    until(lambda: host.progress.problem)
    assert "ended (status -9)" in host.progress.problem
    assert host.progress.position == Position(3, 6), "what is stored stays stored"
    assert host.activity.seq == 6
    until(lambda: "ended (status -9)" in activity[-1].problem)
    assert any("ended (status -9)" in record.getMessage() for record in caplog.records)
    assert levels_of(host) == ["Attic"], "a question waits for the next process, which is told first"
    assert events_of(host) == 6
    assert host.pid not in (None, first)
    host.assign_levels([])
    assert levels_of(host) == [UNASSIGNED_LEVEL]
    until(lambda: not host.progress.problem)
    until(lambda: not host.activity.problem)
    assert (activity[-1].seq, host.activity) == (6, activity[-1])
    assert len({news.opened_us for news in activity if news.opened_us}) == 2, "readers connect again"


@pytest.mark.expects_log
@posix_only
def test_a_question_under_way_fails_when_its_process_dies(
    make: Callable[[], StoreProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_instead(monkeypatch, _LONG_QUESTION)
    host = make()
    until(lambda: host.progress.position)
    thread, told = ask_beside(host)
    until(lambda: host._waiting)
    assert host.pid is not None
    os.kill(host.pid, signal.SIGKILL)
    thread.join(5)
    assert told == ["The event store's process ended."]


@pytest.mark.expects_log
def test_one_that_cannot_start_is_tried_again_and_questions_fail(
    make: Callable[[], StoreProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_process, "_FIRST_RETRY_SECS", 0.02)
    monkeypatch.setattr(store_process, "_START_TIMEOUT_SECS", 0.3)
    tries: list[float] = []

    def bad_command(*_arguments: str) -> list[str]:
        tries.append(time.monotonic())
        return ["/there/is/no/such/program"]

    monkeypatch.setattr(store_process, "worker_command", bad_command)
    host = make()
    with pytest.raises(EventStoreError, match="no/such/program"):
        host.query("sessions", {})
    assert [check.ok for check in host.health()] == [False]
    pauses = [after - before for before, after in pairwise(tries)]
    assert len(pauses) >= 3
    assert all(pause >= 0.02 * 2**number for number, pause in enumerate(pauses))
    began = time.monotonic()
    host.close()
    assert time.monotonic() - began < 1.0


@pytest.mark.expects_log
def test_one_that_ends_at_once_is_tried_again_and_questions_never_hang(
    make: Callable[[], StoreProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_process, "_START_TIMEOUT_SECS", 0.3)
    run_instead(monkeypatch, "raise SystemExit(7)")
    host = make()
    with pytest.raises(EventStoreError):
        host.query("sessions", {})
    until(lambda: "status 7" in host.progress.problem)


@pytest.mark.expects_log
def test_one_that_talks_nonsense_is_ended(
    make: Callable[[], StoreProcess], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run_instead(monkeypatch, "import sys, time; print('hello, I am no frame', flush=True); time.sleep(60)")
    host = make()
    until(lambda: "status" in host.progress.problem, 3)
    assert any("unreadable" in record.getMessage() for record in caplog.records)


def test_stray_output_of_the_process_does_no_harm(
    make: Callable[[], StoreProcess], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    run_instead(monkeypatch, _TALKATIVE)
    host = make()
    until(lambda: host.progress.position == Position(3, 6))
    assert [events_of(host) for _ in range(3)] == [6, 6, 6]
    host.close()
    captured = capfd.readouterr()
    assert captured.out == ""
    assert "a stray line" in captured.err


@pytest.mark.expects_log
def test_its_log_lines_are_the_servers(
    folder: Path, make: Callable[[], StoreProcess], caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "events.duckdb").write_bytes(b"junk" * 5000)
    host = make()
    until(lambda: host.progress.position == Position(3, 6))
    assert any("rebuilt from the journal" in record.getMessage() for record in caplog.records)


def test_an_answer_that_fits_no_frame_is_a_failure(
    make: Callable[[], StoreProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_instead(
        monkeypatch,
        "import sys; from console.server import store_frames, store_worker; store_frames.MAX_FRAME_BYTES = 500;"
        "sys.exit(store_worker.main(sys.argv[1:]))",
    )
    host = make()
    until(lambda: host.progress.position == Position(3, 6))
    assert host.health()[0].ok
    with pytest.raises(EventStoreError, match="too large"):
        host.query("events", {"limit": 100})


def test_closing_ends_it_at_once_with_a_question_under_way(
    make: Callable[[], StoreProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_instead(monkeypatch, _LONG_QUESTION)
    host = make()
    until(lambda: host.progress.position)
    thread, told = ask_beside(host)
    until(lambda: host._waiting)
    pid, process = host.pid, host._process
    assert pid is not None
    assert process is not None
    began = time.monotonic()
    host.close()
    assert time.monotonic() - began < 1.2
    host.close()
    thread.join(5)
    assert len(told) == 1
    assert not alive(pid)
    assert process.stdin is not None
    assert process.stdout is not None
    assert (process.stdin.closed, process.stdout.closed) == (True, True)
    with pytest.raises(EventStoreError, match="closed"):
        host.query("sessions", {})


@posix_only
def test_one_that_is_frozen_is_not_waited_for(make: Callable[[], StoreProcess]) -> None:
    host = make()
    until(lambda: host.progress.position)
    pid = host.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    thread, told = ask_beside(host)
    began = time.monotonic()
    host.close()
    assert time.monotonic() - began < 1.5
    thread.join(5)
    assert len(told) == 1
    assert not alive(pid)


def test_closing_while_it_starts_and_before(folder: Path, make: Callable[[], StoreProcess]) -> None:
    make().close()
    host = StoreProcess(*(folder / name for name in FILES))
    host.close()
    host.close()


@pytest.mark.expects_log
@posix_only
def test_a_store_that_another_process_still_holds_is_waited_for(folder: Path, make: Callable[[], StoreProcess]) -> None:
    first = make()
    until(lambda: first.progress.position == Position(3, 6))
    second = make()
    until(lambda: "cannot be opened" in second.progress.problem)
    assert second.activity.opened_us == 0, "nor does it write what events show of players"
    first.close()
    until(lambda: second.progress.position == Position(3, 6))
    assert not (folder / "quarantine").exists()
    assert second.progress.problem == ""


_SERVER = """
import signal, sys, time
from pathlib import Path
from console.server.store_process import StoreProcess

signal.signal(signal.SIGINT, signal.default_int_handler)  # who was started in the background ignores it
folder = Path(sys.argv[1])
names = ("journal.sqlite", "events.duckdb", "players.sqlite", "activity.sqlite")
host = StoreProcess(*(folder / name for name in names))
host.start()
while host.progress.position is None or host.progress.position.seq < 6:
    time.sleep(0.01)
try:
    print(host.pid, flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(0.3)
    print(host.pid, host.query("sessions", {}).rows, flush=True)
    host.close()
    print("closed", flush=True)
"""


def serving(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(folder)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )


@posix_only
def test_it_ends_when_its_server_is_killed(folder: Path) -> None:
    with serving(folder) as server:
        assert server.stdout is not None
        pid = int(server.stdout.readline())
        assert alive(pid)
        os.kill(server.pid, signal.SIGKILL)
        until(lambda: not alive(pid), 5)


@posix_only
def test_an_interrupt_of_the_whole_group_leaves_its_end_to_the_server(folder: Path) -> None:
    with serving(folder) as server:
        assert server.stdout is not None
        pid = int(server.stdout.readline())
        os.killpg(server.pid, signal.SIGINT)
        assert server.stdout.readline() == f"{pid} 1\n"
        assert server.stdout.readline() == "closed\n"
        assert server.wait(5) == 0
        assert not alive(pid)
