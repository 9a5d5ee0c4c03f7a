"""One server process: find the one that runs on a workspace, or start one and wait until it is ready."""

import asyncio
import contextlib
import logging
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import urlsplit

from console.discovery import (
    LOG_DIR,
    ServerInfo,
    forget_server_info,
    read_admin_key,
    read_server_info,
    server_is_alive,
)

log = logging.getLogger(__name__)

OUTPUT_FILE = "server-output.log"
PORT_TAKEN = 3  # exit status of `serve`
# Of a machine that does much else; one that ends instead is seen at once.
READY_SECS = 60.0
STOP_SECS = 15.0
POLL_SECS = 0.03
_REASON_BYTES = 4096


class StartFailed(Exception):
    """A server did not become ready. The text is one line for people."""

    def __init__(self, reason: str, *, port_taken: bool = False) -> None:
        super().__init__(reason)
        self.port_taken = port_taken


def serve_command() -> tuple[str, ...]:
    """This same program, run as a server."""
    return (sys.executable, "serve") if getattr(sys, "frozen", False) else (sys.executable, "-m", "console", "serve")


@dataclass(frozen=True, kw_only=True)
class ServerCommand:
    """How to start a server. Port 0 takes a free one; `player_port` None leaves the player API out.

    `ends_with_us`: it stops when this process is gone, even killed. Any other goes on recording.
    """

    workspace: Path
    port: int
    player_port: int | None
    ends_with_us: bool = False
    program: tuple[str, ...] = field(default_factory=serve_command)

    def arguments(self) -> list[str]:
        player = ("--no-player-port",) if self.player_port is None else ("--player-port", str(self.player_port))
        ending = ("--until-stdin-closes",) if self.ends_with_us else ()
        return [*self.program, "--workspace", str(self.workspace), "--port", str(self.port), *player, *ending]

    def on_free_ports(self) -> Self:
        """The same server, wherever there is room."""
        return replace(self, port=0, player_port=None if self.player_port is None else 0)

    def on_ports_of(self, info: ServerInfo) -> Self:
        """The same server where it listened before, so that running games find it again."""
        return replace(
            self,
            port=urlsplit(info.telemetry_url).port or self.port,
            player_port=None if info.player_url is None else urlsplit(info.player_url).port,
        )


@dataclass(frozen=True)
class RunningServer:
    """A ready server. `child` is None for one that this window did not start."""

    workspace: Path
    info: ServerInfo
    admin_key: str
    child: "subprocess.Popen[bytes] | None"

    def is_alive(self) -> bool:
        """Whether a server still holds the workspace: the operating system frees the lock of a dead one."""
        if self.child is not None and _has_ended(self.child):
            return False  # also collects the child, or a dead one would stay as a zombie
        return server_is_alive(self.workspace)

    def ended_on_purpose(self) -> bool:
        """Whether a server that is gone said good-bye: a stopped one takes its announcement back."""
        return read_server_info(self.workspace) is None

    def how_it_ended(self) -> str:
        """In words, for the message bar."""
        status = self.child.poll() if self.child is not None else None
        return "it was not started here" if status is None else describe_exit(status)

    async def wait_until_gone(self, secs: float = STOP_SECS) -> bool:
        """Whether it ended in time."""
        deadline = time.monotonic() + secs
        while self.is_alive():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(POLL_SECS)
        # The lock is freed a moment before the process is gone: wait for its exit status too.
        # A moment by the clock, not by the number of looks: on a busy machine a process takes its time to go.
        deadline = time.monotonic() + STOP_SECS
        while self.child is not None and not _has_ended(self.child):
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(POLL_SECS)
        return True

    async def end_by_force(self) -> None:
        """End a server of this window that does not obey: politely, then not. Does nothing to one of others."""
        if self.child is None or _has_ended(self.child):
            return
        self.child.terminate()
        if not await self.wait_until_gone(STOP_SECS):
            self.child.kill()
            await self.wait_until_gone(STOP_SECS)


def describe_exit(status: int) -> str:
    """An exit status as a phrase: `killed by SIGKILL`, `exit status 1`."""
    if status < 0:
        try:
            return f"killed by {signal.Signals(-status).name}"
        except ValueError:
            return f"killed by signal {-status}"
    return f"exit status {status}"


def adopt(workspace: Path) -> RunningServer | None:
    """The ready server of this workspace, if one runs."""
    if not server_is_alive(workspace):
        return None
    info, admin_key = read_server_info(workspace), read_admin_key(workspace)
    if info is None or admin_key is None:
        return None
    return RunningServer(workspace, info, admin_key, None)


async def bring_up(command: ServerCommand, ready_secs: float = READY_SECS) -> RunningServer:
    """Adopt the workspace's server, or start one. Raises StartFailed."""
    workspace = command.workspace
    if server_is_alive(workspace):
        return await _wait_until_ready(workspace, None, ready_secs)
    workspace.mkdir(parents=True, exist_ok=True)
    forget_server_info(workspace)  # a crashed server leaves its announcement; it must not pass for the new one's
    try:
        child = _start(command)
    except OSError as error:
        raise StartFailed(f"The server could not be started: {error}") from error
    try:
        return await _wait_until_ready(workspace, child, ready_secs)
    except BaseException:
        if not _has_ended(child):
            child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(1.0)
        raise


async def _wait_until_ready(
    workspace: Path, child: "subprocess.Popen[bytes] | None", ready_secs: float
) -> RunningServer:
    deadline = time.monotonic() + ready_secs
    while time.monotonic() < deadline:
        server = adopt(workspace)
        if server is not None:
            if child is not None and not _is_of(server.info, child):
                await _let_go(child)
                child = None
            return replace(server, child=child)
        if child is not None and _has_ended(child):
            if server_is_alive(workspace):
                child = None  # another window was faster: its server will be adopted
                continue
            raise _failure(workspace, child.returncode)
        if child is None and not server_is_alive(workspace):
            raise StartFailed("The server that ran on this workspace stopped while this window waited for it.")
        await asyncio.sleep(POLL_SECS)
    raise StartFailed(f"The server was not ready after {ready_secs:.0f} s.")


def _is_of(info: ServerInfo, child: "subprocess.Popen[bytes]") -> bool:
    """Whether the ready server is this child, and not one that another window started at the same moment."""
    if info.pid == child.pid:
        return True
    # The python.exe of a virtual environment on Windows is a launcher: the server is a child of the child.
    return sys.platform == "win32" and not _has_ended(child)


async def _let_go(child: "subprocess.Popen[bytes]") -> None:
    """Collect a child that came too late: it ends by itself, for the workspace is taken."""
    deadline = time.monotonic() + STOP_SECS
    while not _has_ended(child):
        if time.monotonic() > deadline:
            child.terminate()
            child.wait(STOP_SECS)
        await asyncio.sleep(POLL_SECS)


def _has_ended(child: "subprocess.Popen[bytes]") -> bool:
    """Whether a child is gone. If so it is collected, and our end of its standard input closed."""
    if child.poll() is None:
        return False
    if child.stdin is not None:
        child.stdin.close()
    return True


def _start(command: ServerCommand) -> "subprocess.Popen[bytes]":
    """Start a process that outlives this one: in its own session, and writing to a file, never to a pipe of ours.

    One that is to end with this process reads from a pipe, whose other end is ours for as long as we live.
    """
    with _output_file(command.workspace).open("wb") as output:
        process = subprocess.Popen(
            command.arguments(),
            stdin=subprocess.PIPE if command.ends_with_us else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            close_fds=True,
            **_detached(),
        )
    log.info("started the server, process %d: %s", process.pid, command.arguments())
    return process


def _detached() -> dict[str, Any]:
    if sys.platform == "win32":
        return {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _output_file(workspace: Path) -> Path:
    folder = workspace / LOG_DIR
    folder.mkdir(parents=True, exist_ok=True)
    return folder / OUTPUT_FILE


def _failure(workspace: Path, status: int) -> StartFailed:
    line = _last_line(_output_file(workspace))
    return StartFailed(line or f"The server ended at once ({describe_exit(status)}).", port_taken=status == PORT_TAKEN)


def _last_line(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return _tail(file)
    except OSError:
        return ""


def _tail(file: IO[bytes]) -> str:
    size = file.seek(0, 2)
    file.seek(max(0, size - _REASON_BYTES))
    lines = file.read().decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
