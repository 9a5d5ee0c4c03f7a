"""The real process: readiness, refusals, and an end within three seconds whatever is going on."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgpack
import pytest

from console import messages as m
from console.client import ConsoleClient, ConsoleUnavailable
from console.discovery import read_server_info, server_is_alive
from console.server.process import running_server

pytestmark = pytest.mark.e2e

PROGRAM = """
import sys
from pathlib import Path
from console.server import body, connection
from console.server.process import ServeOptions, serve
connection.protocol_factory.__kwdefaults__ = {"header_deadline_secs": 600.0}
body.BodyReader.__init__.__kwdefaults__["deadline_secs"] = 600.0
workspace, port, player_port = sys.argv[1:]
sys.exit(serve(ServeOptions(
    workspace=Path(workspace), port=int(port), player_port=int(player_port) if player_port else None, rate_limit=0.0
)))
"""
STOP_SECS = 30.0  # of a busy machine; half a header is waited for much longer here, and so is a body


@dataclass(frozen=True)
class Process:
    popen: "subprocess.Popen[str]"
    info: dict[str, Any]
    ready_secs: float

    @property
    def port(self) -> int:
        return urlsplit(self.info["telemetry_url"]).port or 0

    def client(self) -> ConsoleClient:
        key = (Path(self.info["workspace"]) / "admin.key").read_text()
        return ConsoleClient(self.info["console_url"], key)

    def end(self, number: int) -> tuple[int, float]:
        """Send a signal; returns exit status and seconds."""
        started = time.monotonic()
        self.popen.send_signal(number)
        return self.popen.wait(timeout=60), time.monotonic() - started


def start(workspace: Path, port: int = 0, player_port: str = "0") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(workspace), str(port), player_port],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def process(workspace: Path) -> Iterator[Process]:
    started = time.monotonic()
    with start(workspace) as popen:
        try:
            assert popen.stdout is not None
            line = popen.stdout.readline()
            assert line, popen.stderr.read() if popen.stderr else ""
            yield Process(popen, json.loads(line), time.monotonic() - started)
        finally:
            if popen.poll() is None:
                popen.kill()


async def keys_of(client: ConsoleClient) -> tuple[str, str]:
    """app_id and public key of the first application."""
    [application] = await client.applications()
    return application.app_id, next(key.token for key in application.keys if key.kind == "public")


def event(app_id: str) -> bytes:
    packed: bytes = msgpack.packb(
        {
            "event_name": "Player_Jump",
            "app_id": app_id,
            "build_id": "b",
            "player_id": "p",
            "session_id": "s",
            "timestamp": "2026-02-12T10:00:00Z",
        }
    )
    return packed


def head(token: str, length: int) -> bytes:
    return (
        f"POST /api/events HTTP/1.1\r\nHost: localhost\r\nx-public-token: {token}\r\n"
        f"Content-Type: application/msgpack\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def test_the_readiness_line_says_where_everything_is(tmp_path: Path) -> None:
    with process(tmp_path / "w") as running:
        info = running.info
        assert info["ready"] is True
        assert info["pid"] == running.popen.pid
        assert info["console_url"] == info["telemetry_url"] + "/console"
        assert info["workspace"] == str(tmp_path / "w")
        assert urlsplit(info["player_url"]).port not in (None, running.port)
        known = read_server_info(tmp_path / "w")
        assert known is not None
        assert known.console_url == info["console_url"]
        status, secs = running.end(signal.SIGTERM)
    assert (status, secs < STOP_SECS) == (0, True)
    assert read_server_info(tmp_path / "w") is None
    assert not server_is_alive(tmp_path / "w")
    assert "ready" in (tmp_path / "w" / "logs" / "server.log").read_text()


def test_a_taken_port_is_one_line_and_status_3(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with start(tmp_path / "w", port) as popen:
            out, err = popen.communicate(timeout=60)
    assert (popen.returncode, out) == (3, "")
    assert err.count("\n") == 1
    assert str(port) in err


def test_a_busy_workspace_is_one_line_and_status_4(tmp_path: Path) -> None:
    with process(tmp_path / "w") as running:
        with start(tmp_path / "w") as popen:
            out, err = popen.communicate(timeout=60)
        assert (popen.returncode, out, err.count("\n")) == (4, "", 1)
        assert running.popen.poll() is None


def test_a_workspace_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with start(tmp_path / "file") as popen:
        _, err = popen.communicate(timeout=60)
    assert (popen.returncode, err.count("\n")) == (1, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process at once on SIGTERM")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_stops_in_time_with_everything_open_and_flushed(tmp_path: Path, number: int) -> None:
    """An open feed, a stalled body, half a header, an idle connection, and answers in flight."""
    with process(tmp_path / "w") as running:
        async with running.client() as client:
            app_id, token = await keys_of(client)
            body = event(app_id)
            feed = client.feed()
            await anext(feed)
            acknowledged = await asyncio.gather(*(post(running.port, head(token, len(body)) + body) for _ in range(50)))
            stalled = [await asyncio.open_connection("127.0.0.1", running.port) for _ in range(30)]
            for index, (_, writer) in enumerate(stalled):
                writer.write([head(token, 5000) + b"part", head(token, 10)[:40], b""][index % 3])
            await asyncio.sleep(0.2)
            status, secs = await asyncio.to_thread(running.end, number)
            with suppress(ConsoleUnavailable):
                async for _ in feed:  # it ends, or breaks off
                    pass
            for _, writer in stalled:
                writer.close()
        assert running.popen.stderr is not None
        log = running.popen.stderr.read()
    assert (status, secs < STOP_SECS) == (0, True), secs
    assert "Traceback" not in log
    assert acknowledged == [200] * 50
    async with running_server(tmp_path / "w") as client:
        assert (await client.status()).events_total == 50


async def test_the_console_stops_it(tmp_path: Path) -> None:
    with process(tmp_path / "w") as running:
        async with running.client() as client:
            started = time.monotonic()
            await client.shut_down()
        assert await asyncio.to_thread(running.popen.wait, 60) == 0
        assert time.monotonic() - started < STOP_SECS


async def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    with process(tmp_path / "w") as running:
        async with running.client() as client:
            app_id, token = await keys_of(client)
        body = event(app_id)
        assert await post(running.port, head(token, len(body)) + body) == 200
        running.popen.kill()
        running.popen.wait()
    assert not server_is_alive(tmp_path / "w")
    async with running_server(tmp_path / "w") as client:
        assert (await client.status()).events_total == 1


async def test_a_command_finds_the_running_server_or_starts_one(tmp_path: Path) -> None:
    async with running_server(tmp_path / "w") as client:
        await client.create_application(m.CreateApplication(name="Made without a server"))
        assert (await client.status()).pid == os.getpid()
    with process(tmp_path / "w") as running:
        async with running_server(tmp_path / "w") as client:
            assert (await client.status()).pid == running.popen.pid
            assert "Made without a server" in {each.name for each in await client.applications()}


async def post(port: int, request: bytes) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    line = await reader.readline()
    writer.close()
    return int(line.split()[1])
