"""One run of the window: what happens to the server when it is closed."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QPushButton

from console import messages as m
from console.client import ConsoleUnavailable
from console.ui import screenshot
from console.ui import session as session_module
from console.ui.dialogs import Dialog
from console.ui.live_feed import Connection
from console.ui.main_window import MainWindow
from console.ui.options import WindowOptions
from console.ui.session import Session
from console.ui.settings import ThemeChoice
from console.ui.theme import Theme
from tests.ui.fakes import FakeClient, make_event, make_status
from tests.ui.screen import show


class FakeSupervisor:
    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.options = options
        self.started_here = True
        self.stopping = False
        self.stopped = 0

    async def run(self) -> None:
        await asyncio.sleep(60)

    async def stop(self) -> None:
        self.stopped += 1


class FakeLook:
    choice: ThemeChoice = "dark"

    def __init__(self) -> None:
        self.theme = Theme()

    def choose(self, choice: ThemeChoice) -> None:
        self.choice = choice


class Run:
    def __init__(self, tmp_path: Path, **options: Any) -> None:
        look = FakeLook()
        self.settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
        self.window = MainWindow(look.theme, self.settings)
        show(self.window)
        self.session = Session(
            self.window,
            look,  # type: ignore[arg-type]
            self.settings,
            WindowOptions(workspace=tmp_path / "workspace", **options),
        )
        self.supervisor: FakeSupervisor = self.session.supervisor  # type: ignore[assignment]
        self.task = asyncio.create_task(self.session.run())

    def connect(self) -> None:
        self.session.feed.receive(m.FeedHello(last_seq=0, last_request_id=0, status=make_status()))

    async def ended(self) -> int:
        return await asyncio.wait_for(self.task, 30)

    def question(self) -> Dialog | None:
        dialogs = [w for w in QApplication.topLevelWidgets() if isinstance(w, Dialog) and w.isVisible()]
        return dialogs[0] if dialogs else None

    def answer(self, label: str) -> None:
        dialog = self.question()
        assert dialog is not None
        next(button for button in dialog.findChildren(QPushButton) if button.text() == label).click()


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch, style: object) -> None:
    monkeypatch.setattr(session_module, "Supervisor", FakeSupervisor)
    monkeypatch.setattr(session_module, "ConsoleClient", lambda *_: FakeClient())


@pytest.fixture
async def run(tmp_path: Path) -> AsyncIterator[Run]:
    made = Run(tmp_path)
    yield made
    if not made.task.done():
        made.session._close(stop_server=False)
        await made.ended()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110  # what a window did, not a task
            await asyncio.sleep(0.01)


def send_events(run: Run) -> None:
    run.session.feed.rows_arrived.emit(m.FeedRows(events=[make_event(1)], requests=[], trajectories=[]))


async def test_a_quiet_server_of_this_window_stops_with_it(run: Run) -> None:
    run.connect()
    run.window.close()
    assert await run.ended() == 0
    assert run.supervisor.stopped == 1
    assert not run.window.isVisible()
    assert run.settings.value("window/geometry") is not None


async def test_an_adopted_server_keeps_running(run: Run) -> None:
    run.supervisor.started_here = False
    run.connect()
    send_events(run)
    run.window.close()
    assert await run.ended() == 0
    assert run.supervisor.stopped == 0


@pytest.mark.parametrize(("label", "stopped"), [("Keep recording", 0), ("Stop recording", 1)])
async def test_while_games_send_it_asks(run: Run, label: str, stopped: int) -> None:
    run.connect()
    send_events(run)
    run.window.close()
    run.answer("Cancel")
    await asyncio.sleep(0.01)
    assert run.window.isVisible()
    assert not run.task.done()
    run.window.close()
    run.answer(label)
    assert await run.ended() == 0
    assert run.supervisor.stopped == stopped


async def test_events_of_long_ago_are_no_reason_to_ask(run: Run) -> None:
    send_events(run)
    run.session._last_event = time.monotonic() - 11
    run.window.close()
    assert await run.ended() == 0
    assert run.supervisor.stopped == 1


@pytest.mark.expects_log
async def test_a_server_that_does_not_stop_does_not_hold_the_window(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail() -> None:
        raise TimeoutError("it does not stop")

    monkeypatch.setattr(run.supervisor, "stop", fail)
    run.window.close()
    assert await run.ended() == 0


async def test_picture_then_quit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screenshot, "_SETTLE_SECS", 0.01)
    run = Run(tmp_path, screenshot=tmp_path / "window.png", after=0.0, view="applications")
    assert run.supervisor.options == {"free_port_if_taken": True}
    run.connect()
    send_events(run)
    assert await run.ended() == 0
    assert (tmp_path / "window.png").exists()
    assert run.supervisor.stopped == 1
    assert run.question() is None


@pytest.mark.expects_log
async def test_no_picture_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screenshot, "_SETTLE_SECS", 0.01)
    run = Run(tmp_path, screenshot=tmp_path / "window.nonsense", after=0.0)
    run.connect()
    assert await run.ended() == 1


async def test_a_thrown_away_workspace_stops_its_server_unasked(tmp_path: Path) -> None:
    run = Run(tmp_path, temporary=True)
    run.connect()
    send_events(run)
    run.window.close()
    assert run.question() is None
    assert await run.ended() == 0
    assert run.supervisor.stopped == 1


async def test_demo_waits_for_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []

    async def start(self: object) -> None:
        started.append("demo")

    monkeypatch.setattr(session_module.DemoPlaytest, "start", start)
    run = Run(tmp_path, demo=True, temporary=True)
    await asyncio.sleep(0.06)
    assert started == []
    run.connect()
    await until(lambda: started)
    assert started == ["demo"]
    run.window.close()
    assert await run.ended() == 0


async def test_an_unanswered_question_is_told_only_while_connected(run: Run) -> None:
    error = ConsoleUnavailable("Cannot connect to host")
    assert run.session._reason(error) is None
    run.connect()
    assert run.session._reason(error) == "the server does not answer."
    run.supervisor.stopping = True
    assert run.session._reason(error) is None, "who stops it on purpose expects no answer"
    run.supervisor.stopping = False
    run.session.feed.set_connection(Connection.RESTARTING)
    assert run.session._reason(error) is None
    assert run.session._reason(ValueError("x")) == "x"
