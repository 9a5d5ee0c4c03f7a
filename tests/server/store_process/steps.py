"""What tests of the event store's own process do again and again."""

import sys
import threading
import time
from collections.abc import Callable

import psutil
import pytest

from console.columns import numbers, text
from console.server import store_process
from console.server.previews import SegmentQuestion
from console.server.store_process import StoreProcess
from console.storage.event_store import EventStoreError

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


SEGMENT = SegmentQuestion(app_id="app", conditions={}, now_us=0, window="casual")


FILES = ("journal.sqlite", "events.duckdb", "players.sqlite", "activity.sqlite")


# The real worker, with a question under way for ever, or with something else wrong.
LONG_QUESTION = """
import sys
from console.server import store_host, store_worker
from console.storage.duckdb_store import DuckDbStore

def query(self, name, params, is_wanted=None):
    with self._cursor() as cursor:
        cursor.execute("SELECT sum(a.i * b.i) FROM range(10000000) a(i), range(10000000) b(i)").fetchall()

DuckDbStore.query = query
sys.exit(store_worker.main(sys.argv[1:]))
"""


# What waits for a question or for a process takes for ever; a busy machine takes no longer than this.
PROMPT_SECS = 9.0


def until(condition: Callable[[], object], timeout_secs: float = 30.0) -> None:
    deadline = time.monotonic() + timeout_secs
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


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


def with_question_under_way(
    make: Callable[[], StoreProcess], monkeypatch: pytest.MonkeyPatch
) -> tuple[StoreProcess, threading.Thread, list[str]]:
    """A process that answers a question for ever, the thread that asked, and what will have been told to it."""
    run_instead(monkeypatch, LONG_QUESTION)
    host = make()
    until(lambda: host.progress.position)
    thread, told = ask_beside(host)
    until(lambda: host._waiting)
    return host, thread, told
