"""The life and death of the server process."""

import json
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import msgpack
import msgspec
import pytest
import requests

from console import messages as m
from console.discovery import read_admin_key
from tests.e2e.processes import (
    Credentials,
    Server,
    cli,
    eventually,
    exported,
    make_application,
    program,
    server_of,
    serving,
    steady_port,
)

pytestmark = pytest.mark.e2e


def _event(credentials: Credentials, number: int) -> bytes:
    event = {
        "event_name": "Counted",
        "app_id": credentials.app_id,
        "build_id": "b",
        "player_id": "p",
        "session_id": "s",
        "custom_data": {"number": number},
        "timestamp": "2026-02-12T10:00:00Z",
    }
    return bytes(msgpack.packb(event))


class Counter:
    """Sends numbered events one after another until the server is gone; keeps the acknowledged numbers."""

    def __init__(self, server: Server, credentials: Credentials, *, first: int) -> None:
        self.acknowledged: list[int] = []
        self._server, self._credentials, self._first = server, credentials, first
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        number = self._first
        with requests.Session() as session:
            session.headers["x-public-token"] = self._credentials.public_key
            while True:
                try:
                    answer = session.post(self._server.events_url, data=_event(self._credentials, number), timeout=90)
                except requests.RequestException:
                    return
                if answer.status_code == 200:
                    self.acknowledged.append(number)
                number += 1


def test_the_readiness_line_says_where_it_listens(tmp_path: Path) -> None:
    with serving(tmp_path / "w", "--player-port", "0") as server:
        assert list(server.ready) == [
            "ready",
            "telemetry_url",
            "player_url",
            "console_url",
            "workspace",
            "pid",
            "faults",
        ]
        assert server.ready["ready"] is True
        assert server.ready["pid"] == server.process.pid
        assert server.ready["workspace"] == str(server.workspace)
        assert requests.get(f"{server.url}/readyz", timeout=90).status_code == 200
        assert requests.get(server.ready["console_url"] + "/status", timeout=90).status_code == 401


def test_a_taken_port_is_one_clear_line_and_status_3(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = cli("serve", "--workspace", str(tmp_path / "w"), "--port", str(port), check=False)
    assert refused.returncode == 3
    assert refused.stdout == ""
    (line,) = refused.stderr.splitlines()
    assert str(port) in line


def test_a_second_server_on_a_workspace_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path / "w") as server:
        second = cli("serve", "--workspace", str(server.workspace), "--port", "0", "--no-player-port", check=False)
    assert second.returncode not in (0, 3)
    assert "Traceback" not in second.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_signal_flushes_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with serving(tmp_path / "w") as server:
        credentials = make_application(server.workspace)
        counter = Counter(server, credentials, first=0)
        eventually(lambda: len(counter.acknowledged) > 20, "events are accepted")
        server.process.send_signal(number)
        assert server.process.wait(60) == 0
        counter.join()
    assert server_of(server.workspace) is None
    found = [event["custom_data"]["number"] for event in exported(server.workspace, tmp_path / "out.ndjson")]
    assert set(counter.acknowledged) <= set(found)
    assert len(found) == len(set(found))


def _is_well(workspace: Path) -> bool:
    """Whether the doctor finds nothing wrong; what it finds is seen where that never comes."""
    found = cli("doctor", "--workspace", str(workspace), "--port", "0", "--player-port", "0", "--json", check=False)
    print(found.stdout, found.stderr)
    return found.returncode == 0


def _stored(server: Server) -> int:
    """How many events the server holds, whoever sent them."""
    answer = requests.get(
        f"{server.ready['console_url']}/status",
        headers={m.ADMIN_HEADER: f"Bearer {read_admin_key(server.workspace)}"},
        timeout=90,
    )
    return msgspec.msgpack.decode(answer.content, type=m.ServerStatus).events_total


def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """With a simulated playtest besides, which waits for the restarted server and then goes on."""
    workspace = tmp_path / "w"
    acknowledged: list[int] = []
    port = steady_port()
    with serving(workspace, port=port) as server:
        credentials = make_application(workspace)
        simulated = program(
            *("simulate", "--url", server.url, "--token", credentials.public_key, "--app-id", credentials.app_id),
            *("--players", "12", "--duration", "50", "--speed", "10", "--json"),
            stdout=subprocess.PIPE,
        )
        with simulated as simulation:
            counter = Counter(server, credentials, first=0)
            eventually(lambda: len(counter.acknowledged) > 100, "events are accepted")
            eventually(lambda: _stored(server) > len(counter.acknowledged) + 20, "simulated events are, too")
            server.kill()
            counter.join()
            acknowledged += counter.acknowledged
            with serving(workspace, port=port) as restarted:
                again = Counter(restarted, credentials, first=1_000_000)
                eventually(lambda: len(again.acknowledged) > 100, "events are accepted again")
                output, _ = simulation.communicate(timeout=180)
                restarted.kill()
                again.join()
                acknowledged += again.acknowledged
    tally = json.loads(output)
    assert simulation.returncode == 0
    assert tally["accepted"] == tally["offered"] > 100
    assert tally["retries"] > 0

    events = exported(workspace, tmp_path / "out.ndjson")
    numbers = [event["custom_data"]["number"] for event in events if event.get("event_name") == "Counted"]
    assert set(acknowledged) <= set(numbers)
    assert len(numbers) == len(set(numbers))
    assert len(events) - len(numbers) >= tally["accepted"]
    assert [event["seq"] for event in events] == sorted({event["seq"] for event in events})
    with serving(workspace) as server:  # the event store has caught up with the journal
        eventually(lambda: _is_well(workspace), "the doctor finds nothing wrong")
