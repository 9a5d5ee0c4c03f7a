"""The event store's own process killed, talking nonsense, or failing to start."""

import os
import signal
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from console.server import store_process
from console.server.player_activity import ActivityProgress
from console.server.store_process import StoreProcess
from console.storage.event_store import AssignedLevel, EventStoreError, Position
from console.telemetry.events import UNASSIGNED_LEVEL
from tests.server.store_process.steps import (
    PROMPT_SECS,
    events_of,
    levels_of,
    posix_only,
    run_instead,
    until,
    with_question_under_way,
)

pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")


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


@pytest.mark.expects_log
@posix_only
def test_a_killed_process_is_started_again(
    make: Callable[[], StoreProcess], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(store_process, "_FIRST_RETRY_SECS", 0.0)
    again, command = threading.Event(), store_process.worker_command
    again.set()

    def when_let(worker: str, *arguments: str) -> list[str]:
        again.wait(30)
        return command(worker, *arguments)

    monkeypatch.setattr(store_process, "worker_command", when_let)
    host = make()
    activity: list[ActivityProgress] = []
    host.watch_activity(activity.append)
    until(lambda: host.progress.position == Position(3, 6) and host.activity.seq == 6)
    first = host.pid
    assert first is not None
    assert levels_of(host) == [UNASSIGNED_LEVEL]
    host.assign_levels([AssignedLevel("app", "s", "Attic")])
    assert levels_of(host) == ["Attic"], "the next question sees it"
    again.clear()
    os.kill(first, signal.SIGKILL)
    until(lambda: host.progress.problem)
    assert "ended (status -9)" in host.progress.problem
    assert host.progress.position == Position(3, 6), "what is stored stays stored"
    assert host.activity.seq == 6
    until(lambda: "ended (status -9)" in activity[-1].problem)
    until(lambda: any("ended (status -9)" in record.getMessage() for record in caplog.records))
    again.set()
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
    host, thread, told = with_question_under_way(make, monkeypatch)
    assert host.pid is not None
    os.kill(host.pid, signal.SIGKILL)
    thread.join(30)
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
    until(lambda: host.progress.problem)
    with pytest.raises(EventStoreError, match="no/such/program"):
        host.query("sessions", {})
    assert [check.ok for check in host.health()] == [False]
    until(lambda: len(tries) > 3)
    pauses = [after - before for before, after in pairwise(tries)]
    assert len(pauses) >= 3
    assert all(pause >= 0.02 * 2**number for number, pause in enumerate(pauses))
    began = time.monotonic()
    host.close()
    assert time.monotonic() - began < PROMPT_SECS


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
    until(lambda: "status" in host.progress.problem)
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
