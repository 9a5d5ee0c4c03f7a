"""Processes that are measured: started on temporary folders and free ports, and stopped again."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import psutil

from console.client import ConsoleClient
from console.messages import ServerStatus

T = TypeVar("T")
_POLL_SECS = 0.05


@dataclass(frozen=True)
class MeasuredServer:
    """A `serve` process without a rate limit, and the application that its first start made."""

    process: "subprocess.Popen[bytes]"
    workspace: Path
    url: str
    app_id: str
    token: str
    ready_secs: float

    def ask(self, question: Callable[[ConsoleClient], Awaitable[T]]) -> T:
        """One question over the console API."""

        async def ask() -> T:
            client, _ = ConsoleClient.for_workspace(self.workspace)
            async with client:
                return await question(client)

        return asyncio.run(ask())

    def status(self) -> ServerStatus:
        return self.ask(lambda client: client.status())

    def wait_until_caught_up(self, within_secs: float = 300.0) -> float:
        """Seconds until the event store holds everything that the journal does."""
        started = time.perf_counter()
        while self.status().events_behind > 0:
            if time.perf_counter() - started > within_secs:
                raise TimeoutError("the projector does not catch up")
            time.sleep(_POLL_SECS)
        return time.perf_counter() - started


@contextmanager
def serving() -> Iterator[MeasuredServer]:
    """The real server, as `python -m console serve` starts it."""
    with TemporaryDirectory(prefix="playtest-console-bench-", ignore_cleanup_errors=True) as folder:
        workspace = Path(folder, "workspace")
        command = ["-m", "console", "serve", "--workspace", str(workspace), "--port", "0", "--no-player-port"]
        started = time.perf_counter()
        with _ready_process([*command, "--rate-limit", "0"]) as (process, ready):
            ready_secs = time.perf_counter() - started
            app_id, token = _application(workspace)
            yield MeasuredServer(process, workspace, ready["telemetry_url"], app_id, token, ready_secs)


@dataclass(frozen=True)
class BareHandler:
    """A process that unpacks bodies and drops them."""

    process: "subprocess.Popen[bytes]"
    url: str


@contextmanager
def bare_handler() -> Iterator[BareHandler]:
    """The baseline of what receiving costs."""
    with _ready_process(["-m", "benchmarks.bare_handler"]) as (process, ready):
        yield BareHandler(process, ready["telemetry_url"])


def cpu_secs(pid: int) -> float:
    """Processor time that a process has used."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


@contextmanager
def _ready_process(arguments: list[str]) -> Iterator[tuple["subprocess.Popen[bytes]", dict[str, Any]]]:
    with TemporaryDirectory(prefix="playtest-console-bench-") as folder, Path(folder, "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, stderr=log)
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                process.wait()
                raise RuntimeError(f"{arguments} did not start: {Path(folder, 'log').read_text()}")
            yield process, json.loads(line)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _application(workspace: Path) -> tuple[str, str]:
    async def ask() -> tuple[str, str]:
        client, _ = ConsoleClient.for_workspace(workspace)
        async with client:
            application = (await client.applications())[0]
        return application.app_id, next(key.token for key in application.keys if key.kind == "public")

    return asyncio.run(ask())


def screen_environment() -> dict[str, str]:
    """For a window: the screen that there is, else Qt's own without one."""
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    return dict(os.environ)
