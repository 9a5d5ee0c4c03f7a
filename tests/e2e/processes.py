"""The real program as child processes, on temporary workspaces and free ports."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import psutil
import requests

from console import messages as m
from console.discovery import read_admin_key

T = TypeVar("T")

READY_SECS = 60.0
PATIENCE_SECS = 60.0
_POLL_SECS = 0.02


def cli(*arguments: str, timeout: float = 120.0, check: bool = True) -> "subprocess.CompletedProcess[str]":
    """One command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "console", *arguments], capture_output=True, text=True, timeout=timeout, check=check
    )


def cli_json(*arguments: str) -> Any:
    """What a command prints with --json."""
    return json.loads(cli(*arguments, "--json").stdout)


@dataclass(frozen=True)
class Server:
    """A running `serve`, and the first application of its workspace."""

    process: "subprocess.Popen[bytes]"
    ready: dict[str, Any]
    workspace: Path

    @property
    def url(self) -> str:
        return str(self.ready["telemetry_url"])

    @property
    def events_url(self) -> str:
        return f"{self.url}/api/events"

    def kill(self) -> None:
        """As the system does when memory runs out: no chance to write anything."""
        self.process.kill()
        self.process.wait(PATIENCE_SECS)


@dataclass(frozen=True)
class Credentials:
    app_id: str
    public_key: str
    secret_key: str


@contextmanager
def program(*arguments: str, **options: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """A child that is gone at the end, whatever happens."""
    child = subprocess.Popen([sys.executable, "-m", "console", *arguments], **options)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        for stream in (child.stdin, child.stdout, child.stderr):
            if stream is not None:
                stream.close()


@contextmanager
def serving(workspace: Path, *options: str, port: int = 0) -> Iterator[Server]:
    """`serve` with its readiness line read. Without options there is no player port and no rate limit."""
    options = options or ("--no-player-port", "--rate-limit", "0")
    with (
        (workspace.parent / f"{workspace.name}.log").open("ab") as log,
        program(
            *("serve", "--workspace", str(workspace), "--port", str(port), *options),
            stdout=subprocess.PIPE,
            stderr=log,
        ) as process,
    ):
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the server ended: {Path(log.name).read_text()}"
        yield Server(process, json.loads(line), workspace)


def steady_port() -> int:
    """A free port that stays free while nobody listens on it: for a server that is to come back where it was.

    It is none of those that systems give out by themselves, to whoever connects or asks for any port: Linux from
    32768 on, others from 49152 on.
    """
    while True:
        port = random.randrange(10_000, 32_000)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def make_application(workspace: Path, name: str = "E2E") -> Credentials:
    """Asks the workspace's server where one runs: starting the command line takes a second each time."""
    server = server_of(workspace)
    if server is None:
        made = cli_json("apps", "create", name, "--workspace", str(workspace))
        return Credentials(made["app_id"], made["public_key"], made["secret_key"])
    key = read_admin_key(workspace)
    answer = requests.post(
        f"{server['console_url']}/applications",
        data=m.encode(m.CreateApplication(name=name)),
        headers={m.ADMIN_HEADER: f"Bearer {key}", "Content-Type": "application/msgpack"},
        timeout=60,
    )
    answer.raise_for_status()
    created = msgspec.msgpack.decode(answer.content, type=m.CreatedApplication)
    return Credentials(created.application.app_id, created.public_key, created.secret_key)


def exported(workspace: Path, out: Path) -> list[dict[str, Any]]:
    """Every event of the workspace, through the command line."""
    cli("export", str(out), "--workspace", str(workspace))
    return [json.loads(line) for line in out.read_bytes().splitlines()]


def eventually(question: Callable[[], T | None], what: str, within_secs: float = PATIENCE_SECS) -> T:
    """The first true answer. Long patience, no promise about speed."""
    deadline = time.monotonic() + within_secs
    while not (answer := question()):
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(_POLL_SECS)
    return answer


def server_of(workspace: Path) -> dict[str, Any] | None:
    """What the workspace's living server announced, if one does."""
    try:
        info: dict[str, Any] = json.loads((workspace / "server.json").read_text())
    except (OSError, ValueError):
        return None
    return info if psutil.pid_exists(info["pid"]) and not _is_zombie(info["pid"]) else None


@contextmanager
def no_server_left(workspace: Path) -> Iterator[None]:
    """End a server that a window of this workspace left running, as it is meant to."""
    try:
        yield
    finally:
        info = server_of(workspace)
        if info is not None:
            os.kill(info["pid"], signal.SIGTERM)
            eventually(lambda: server_of(workspace) is None, "the server that was left stops")


def _is_zombie(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
