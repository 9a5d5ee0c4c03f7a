"""The event store's own process is never left behind, and its end takes no time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from console.server.store_process import StoreProcess
from console.storage.event_store import EventStoreError, Position
from tests.server.store_process.steps import (
    FILES,
    PROMPT_SECS,
    alive,
    ask_beside,
    posix_only,
    until,
    with_question_under_way,
)

pytestmark = pytest.mark.filterwarnings("error::ResourceWarning")


def test_closing_ends_it_at_once_with_a_question_under_way(
    make: Callable[[], StoreProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    host, thread, told = with_question_under_way(make, monkeypatch)
    pid, process = host.pid, host._process
    assert pid is not None
    assert process is not None
    began = time.monotonic()
    host.close()
    assert time.monotonic() - began < PROMPT_SECS
    host.close()
    thread.join(30)
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
    assert time.monotonic() - began < PROMPT_SECS
    thread.join(30)
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
        until(lambda: not alive(pid))


@posix_only
def test_an_interrupt_of_the_whole_group_leaves_its_end_to_the_server(folder: Path) -> None:
    with serving(folder) as server:
        assert server.stdout is not None
        pid = int(server.stdout.readline())
        os.killpg(server.pid, signal.SIGINT)
        assert server.stdout.readline() == f"{pid} 1\n"
        assert server.stdout.readline() == "closed\n"
        assert server.wait(30) == 0
        assert not alive(pid)
