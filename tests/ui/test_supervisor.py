"""The server's life as the window sees it: started, adopted, crashed, mended, stopped on purpose."""

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from console import messages as m
from console.client import ConsoleUnavailable
from console.discovery import server_is_alive
from console.ui import supervisor as supervisor_module
from console.ui.live_feed import Connection, LiveFeed
from console.ui.server_process import ServerCommand, bring_up
from console.ui.supervisor import RECONNECT_SECS, Supervisor, back_off_secs
from tests.ui.fakes import FakeClient, FakeMessages, make_status

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is ended by POSIX signals")

FAKE = (sys.executable, str(Path(__file__).with_name("fake_server.py")))


class WatchingClient(FakeClient):
    """Its feed breaks when the process it was pointed at is gone, as a socket does."""

    def __init__(self, workspace: Path) -> None:
        super().__init__()
        self._workspace = workspace
        self.pointed: list[str] = []
        self.stopper: Callable[[], None] = lambda: None

    def point_at(self, console_url: str, admin_key: str) -> None:
        super().point_at(console_url, admin_key)
        self.pointed.append(console_url)

    async def feed(self) -> AsyncIterator[m.FeedFrame]:
        if not server_is_alive(self._workspace):
            raise ConsoleUnavailable("connection refused")
        yield m.FeedHello(last_seq=0, last_request_id=0, status=make_status(events_total=1234))
        while server_is_alive(self._workspace):  # noqa: ASYNC110  # a process, not a task of this loop
            await asyncio.sleep(0.01)

    async def shut_down(self) -> None:
        await super().shut_down()
        self.stopper()


class Case:
    def __init__(self, workspace: Path, **options: Any) -> None:
        self.workspace = workspace
        self.client = WatchingClient(workspace)
        self.feed = LiveFeed()
        self.messages = FakeMessages()
        self.command = ServerCommand(workspace=workspace, port=4000, player_port=None, program=FAKE)
        self.supervisor = Supervisor(self.command, self.client, self.feed, self.messages, **options)
        self.client.stopper = self.terminate
        self._task = asyncio.create_task(self.supervisor.run())

    @property
    def pid(self) -> int:
        assert self.supervisor.server is not None
        return self.supervisor.server.info.pid

    def terminate(self) -> None:
        assert self.supervisor.server is not None
        assert self.supervisor.server.child is not None
        self.supervisor.server.child.terminate()

    def kill(self) -> None:
        assert self.supervisor.server is not None
        assert self.supervisor.server.child is not None
        self.supervisor.server.child.kill()

    async def until(self, connection: Connection, secs: float = 30.0) -> None:
        deadline = time.monotonic() + secs
        while self.feed.connection is not connection:
            assert time.monotonic() < deadline, (self.feed.connection, self.feed.reason, self.messages.said)
            await asyncio.sleep(0.01)

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        if self.supervisor.server is not None:
            await self.supervisor.server.end_by_force()


@pytest.fixture
async def case(tmp_path: Path, style: object) -> AsyncIterator[Case]:
    one = Case(tmp_path / "workspace")
    yield one
    await one.close()


async def test_starts_and_connects(case: Case) -> None:
    await case.until(Connection.CONNECTED)
    assert case.client.pointed == ["http://127.0.0.1:4000/console"]
    assert case.supervisor.started_here


@pytest.mark.expects_log
async def test_a_crash_is_mended_at_once_and_told(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside what processes take to end and to start: how often those are looked at, and nothing else is waited for."""
    waits: list[float] = []
    sleep = asyncio.sleep

    async def noted(secs: float, result: object = None) -> object:
        waits.append(secs)
        return await sleep(secs, result)

    await case.until(Connection.CONNECTED)
    first = case.pid
    monkeypatch.setattr(asyncio, "sleep", noted)
    case.kill()
    await case.until(Connection.RESTARTING)
    await case.until(Connection.CONNECTED)
    assert max(waits) <= RECONNECT_SECS
    assert case.pid != first
    kind, text = case.messages.said[-1]
    assert kind == "warning"
    assert "killed by SIGKILL" in text
    assert "Nothing acknowledged was lost: 1,234 events are stored." in text


async def test_stopped_on_purpose_is_not_restarted(case: Case) -> None:
    await case.until(Connection.CONNECTED)
    await case.supervisor.stop()
    assert case.feed.connection is Connection.STOPPED
    await asyncio.sleep(0.2)
    assert not server_is_alive(case.workspace)
    assert case.client.called("shut_down")
    assert case.messages.said == []
    case.supervisor.start()
    await case.until(Connection.CONNECTED)


async def test_restart_keeps_the_ports(case: Case) -> None:
    await case.until(Connection.CONNECTED)
    first = case.pid
    await case.supervisor.restart()
    await case.until(Connection.CONNECTED)
    assert case.pid != first
    assert len(set(case.client.pointed)) == 1


@pytest.mark.expects_log
async def test_a_server_stopped_from_elsewhere_stays_stopped_and_can_be_started(case: Case) -> None:
    await case.until(Connection.CONNECTED)
    case.terminate()
    await case.until(Connection.STOPPED)
    assert case.messages.said == [("warning", "The server was stopped from elsewhere. Nothing is being recorded.")]
    case.messages.actions[0][1]()
    await case.until(Connection.CONNECTED)


@pytest.mark.expects_log
async def test_a_taken_port_offers_a_free_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, style: object) -> None:
    monkeypatch.setenv("FAKE_SERVER", "port_taken")
    case = Case(tmp_path / "workspace")
    await case.until(Connection.FAILED)
    assert case.feed.reason == "Port 4000 is taken by another program."
    assert [label for label, _ in case.messages.actions] == ["Use a free port", "Try again"]
    case.messages.actions[0][1]()
    await case.until(Connection.CONNECTED)
    await case.close()


@pytest.mark.expects_log
async def test_unattended_takes_a_free_port_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, style: object
) -> None:
    monkeypatch.setenv("FAKE_SERVER", "port_taken")
    case = Case(tmp_path / "workspace", free_port_if_taken=True)
    await case.until(Connection.CONNECTED)
    await case.close()


@pytest.mark.expects_log
async def test_repeated_crashes_are_told_and_slowed_down(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor_module, "back_off_secs", lambda crashes: 0.0 if crashes < 2 else 0.05)
    await case.until(Connection.CONNECTED)
    for _ in range(2):
        case.kill()
        await case.until(Connection.RESTARTING)
        await case.until(Connection.CONNECTED)
    assert any("crashed 2 times within a minute" in text for _, text in case.messages.said)


@pytest.mark.expects_log
async def test_an_adopted_server_is_not_ended(tmp_path: Path, style: object) -> None:
    workspace = tmp_path / "workspace"
    owner = await bring_up(ServerCommand(workspace=workspace, port=4000, player_port=None, program=FAKE))
    case = Case(workspace)
    await case.until(Connection.CONNECTED)
    assert not case.supervisor.started_here
    await case.close()
    assert owner.is_alive()
    await owner.end_by_force()


def test_back_off_doubles_up_to_a_bound() -> None:
    assert [back_off_secs(crashes) for crashes in (0, 1, 2, 3, 4)] == [0.0, 0.0, 0.5, 1.0, 2.0]
    assert back_off_secs(16) == 30.0
