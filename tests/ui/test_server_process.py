"""Finding and starting the server process, against a tiny stand-in."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.discovery import ServerInfo, server_is_alive, write_server_info
from console.ui import server_process
from console.ui.server_process import (
    RunningServer,
    ServerCommand,
    StartFailed,
    adopt,
    bring_up,
    describe_exit,
    serve_command,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is ended by POSIX signals")

FAKE = (sys.executable, str(Path(__file__).with_name("fake_server.py")))


@pytest.fixture
def command(tmp_path: Path) -> ServerCommand:
    return ServerCommand(workspace=tmp_path / "workspace", port=4000, player_port=None, program=FAKE)


@pytest.fixture
def started() -> Iterator[list[RunningServer]]:
    """Put servers in here: they are ended after the test."""
    servers: list[RunningServer] = []
    yield servers
    for server in servers:
        if server.child is not None and server.child.poll() is None:
            server.child.kill()
            server.child.wait()


async def test_starts_a_server_that_outlives_this_process(command: ServerCommand, started: list[RunningServer]) -> None:
    server = await bring_up(command)
    started.append(server)
    assert server.child is not None
    assert server.info.pid == server.child.pid
    assert server.admin_key == "admin-key"
    assert server.is_alive()
    assert os.getsid(server.child.pid) == server.child.pid  # a session of its own: no Ctrl+C, no hang-up


async def test_adopts_a_running_server(command: ServerCommand, started: list[RunningServer]) -> None:
    first = await bring_up(command)
    started.append(first)
    second = await bring_up(command)
    assert second.child is None
    assert second.info == first.info


async def test_waits_for_a_server_that_another_window_is_starting(
    command: ServerCommand, started: list[RunningServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_SERVER", "slow")
    first, second = await asyncio.gather(bring_up(command), bring_up(command))
    started.extend((first, second))
    assert first.info.pid == second.info.pid
    assert (first.child is None) != (second.child is None)


async def test_a_stale_announcement_does_not_pass_for_the_new_server(
    command: ServerCommand, started: list[RunningServer]
) -> None:
    command.workspace.mkdir()
    stale = ServerInfo(telemetry_url="http://127.0.0.1:1", player_url=None, console_url="x", workspace="x", pid=1)
    write_server_info(command.workspace, stale)
    assert adopt(command.workspace) is None
    server = await bring_up(command)
    started.append(server)
    assert server.info.pid != 1


async def test_a_taken_port_is_told_in_the_server_s_own_line(
    command: ServerCommand, monkeypatch: pytest.MonkeyPatch, started: list[RunningServer]
) -> None:
    monkeypatch.setenv("FAKE_SERVER", "port_taken")
    with pytest.raises(StartFailed, match=r"^Port 4000 is taken by another program\.$") as failure:
        await bring_up(command)
    assert failure.value.port_taken
    server = await bring_up(command.on_free_ports())
    started.append(server)


async def test_a_server_that_ends_at_once_is_a_failure(command: ServerCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_SERVER", "crash")
    with pytest.raises(StartFailed, match="boom") as failure:
        await bring_up(command)
    assert not failure.value.port_taken


async def test_a_server_that_never_gets_ready_is_ended(command: ServerCommand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_SERVER", "silent")
    with pytest.raises(StartFailed, match="not ready after"):
        await bring_up(command, ready_secs=0.6)
    assert not server_is_alive(command.workspace)


async def test_a_program_that_does_not_exist_is_a_failure(tmp_path: Path) -> None:
    command = ServerCommand(workspace=tmp_path, port=0, player_port=0, program=(str(tmp_path / "missing"),))
    with pytest.raises(StartFailed, match="could not be started"):
        await bring_up(command)


async def test_a_killed_server_is_seen_at_once_and_tells_a_crash_from_a_stop(command: ServerCommand) -> None:
    server = await bring_up(command)
    assert server.child is not None
    server.child.kill()
    began = time.monotonic()
    assert await server.wait_until_gone(30.0)
    assert time.monotonic() - began < 10.0
    assert not server.ended_on_purpose()
    assert server.how_it_ended() == "killed by SIGKILL"

    server = await bring_up(command)
    assert server.child is not None
    server.child.send_signal(signal.SIGTERM)
    assert await server.wait_until_gone(30.0)
    assert server.ended_on_purpose()


async def test_one_that_frees_the_workspace_before_it_is_gone_is_waited_for(
    command: ServerCommand, started: list[RunningServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_SERVER", "lingering")
    monkeypatch.setattr(server_process, "POLL_SECS", 0.001)
    server = await bring_up(command)
    started.append(server)
    assert server.child is not None
    server.child.terminate()
    assert await server.wait_until_gone(30.0)
    assert server.how_it_ended() == "exit status 0"


async def test_end_by_force_ends_only_a_child(command: ServerCommand, started: list[RunningServer]) -> None:
    server = await bring_up(command)
    started.append(server)
    adopted = adopt(command.workspace)
    assert adopted is not None
    await adopted.end_by_force()
    assert server.is_alive()
    await server.end_by_force()
    assert not server.is_alive()


def test_command_line(tmp_path: Path) -> None:
    command = ServerCommand(workspace=tmp_path, port=4000, player_port=18000)
    assert command.arguments()[: len(serve_command())] == list(serve_command())
    assert command.arguments()[-4:] == ["--port", "4000", "--player-port", "18000"]
    without = ServerCommand(workspace=tmp_path, port=4000, player_port=None)
    assert without.arguments()[-1] == "--no-player-port"
    assert replace(without, ends_with_us=True).arguments()[-1] == "--until-stdin-closes"
    free = command.on_free_ports()
    assert (free.port, free.player_port) == (0, 0)
    assert without.on_free_ports().player_port is None
    info = ServerInfo(
        telemetry_url="http://127.0.0.1:5000",
        player_url="http://127.0.0.1:5001",
        console_url="http://127.0.0.1:5000/console",
        workspace="x",
        pid=1,
    )
    moved = free.on_ports_of(info)
    assert (moved.port, moved.player_port) == (5000, 5001)


def test_frozen_program_has_no_module_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert serve_command() == (sys.executable, "serve")


def test_exit_status_in_words() -> None:
    assert describe_exit(-9) == "killed by SIGKILL"
    assert describe_exit(-250) == "killed by signal 250"
    assert describe_exit(1) == "exit status 1"


def test_nothing_runs_here(tmp_path: Path) -> None:
    assert adopt(tmp_path) is None
