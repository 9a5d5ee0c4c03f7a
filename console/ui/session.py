"""One run of the window, from the first paint to the last: made when everything heavy is imported."""

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings

from console.client import ConsoleClient, ConsoleRefused, ConsoleUnavailable
from console.discovery import read_admin_key
from console.messages import FeedRows
from console.ui import screenshot
from console.ui.clock import Clock
from console.ui.colours import Colours
from console.ui.commands import Commands
from console.ui.context import ViewContext
from console.ui.demo import DEMO_NAME, DemoPlaytest
from console.ui.dialogs import ask
from console.ui.live_feed import Connection, LiveFeed
from console.ui.main_window import MainWindow
from console.ui.menus import Menus
from console.ui.options import WindowOptions
from console.ui.selection import Selection
from console.ui.server_process import ServerCommand, StartFailed
from console.ui.sessions_dock import SessionsDock
from console.ui.supervisor import Supervisor
from console.ui.tasks import WindowTasks
from console.ui.version_watch import VersionWatch
from console.ui.widgets.inspector import Inspector
from console.version import program_version

if TYPE_CHECKING:
    from console.ui.application import Look

log = logging.getLogger(__name__)

ACTIVE_SECS = 10.0
_EXPECTED = (ConsoleUnavailable, ConsoleRefused, StartFailed, TimeoutError, OSError)
_FIRST_APPLICATION = "My Game"


class Session:
    """Owns client, feed, supervisor and tasks; `run` returns the exit status when the window is closed."""

    def __init__(self, window: MainWindow, look: "Look", settings: QSettings, options: WindowOptions) -> None:
        self._window = window
        self._options = options
        self._last_event = float("-inf")
        self._closing = False
        self._ending = False
        self._closed = asyncio.Event()
        self._exit_status = 0
        loop = asyncio.get_running_loop()
        self.client = ConsoleClient("http://127.0.0.1:1/console", read_admin_key(options.workspace) or "")
        self.feed = LiveFeed()
        self.tasks = WindowTasks(loop, window.messages, _EXPECTED, self._reason)
        self.context = ViewContext(
            client=self.client,
            feed=self.feed,
            selection=Selection(),
            theme=look.theme,
            tasks=self.tasks,
            messages=window.messages,
            settings=settings,
            clock=Clock(window),
            colours=Colours(),
        )
        self.supervisor = Supervisor(
            ServerCommand(
                workspace=options.workspace,
                port=options.port,
                player_port=options.player_port,
                ends_with_us=options.temporary,
            ),
            self.client,
            self.feed,
            window.messages,
            free_port_if_taken=options.unattended or options.temporary,
        )
        self.demo = DemoPlaytest(
            self.client, self.feed, window.messages, name=_FIRST_APPLICATION if options.temporary else DEMO_NAME
        )
        self.feed.rows_arrived.connect(self._note_events)
        window.populate(self.context, SessionsDock(self.context), Inspector(self.context))
        self.commands = Commands(window, self.context, self.supervisor, self.demo, options.workspace)
        self._versions = VersionWatch(self.feed, window.messages, self.commands.restart_server, program_version)
        self.client.misunderstood = self._versions.misunderstood
        self.menus = Menus(window, self.context, self.commands, self.demo, look.choice, look.choose)
        window.upload_wanted.connect(self.commands.upload_files)
        window.test_event_wanted.connect(self.commands.send_test_event)
        window.demo_wanted.connect(self.commands.start_demo)
        window.top_bar.export_asked.connect(self.commands.export_ndjson)
        window.close_asked.connect(self._close_asked)
        window.end_asked.connect(self._end_asked)

    async def run(self) -> int:
        """Until the window is closed."""
        self.tasks.start(self.supervisor.run(), "Watching the server")
        if self._options.demo:
            self.tasks.start(self._start_demo(), "Starting the demo playtest")
        if self._options.screenshot is not None:
            self.tasks.start(self._take_screenshot(), "Taking the picture", on_error=self._screenshot_failed)
        try:
            await self._closed.wait()
        finally:
            await self._clean_up()
        return self._exit_status

    def _reason(self, error: Exception) -> str | None:
        """An unanswered question needs no telling while there is no server, as the window says, or is to be none."""
        if isinstance(error, ConsoleUnavailable):
            expected = self.supervisor.stopping or self.feed.connection is not Connection.CONNECTED
            return None if expected else "the server does not answer."
        return str(error) or type(error).__name__

    # closing

    def _close_asked(self) -> None:
        if self._closing:
            return
        if not self.supervisor.started_here or self._options.temporary or self._options.unattended:
            self._close(stop_server=self._stops_server())
            return
        if time.monotonic() - self._last_event > ACTIVE_SECS:
            self._close(stop_server=True)
            return
        self._closing = True
        ask(
            self._window,
            "Games are sending events",
            "Keep recording without the window? The next window takes the running server over.",
            [
                ("Stop recording", lambda: self._close(stop_server=True), "danger"),
                ("Keep recording", lambda: self._close(stop_server=False), "primary"),
            ],
            on_cancel=self._stay,
        )

    def _end_asked(self) -> None:
        """Whoever sends a signal is not there to answer a question, and a second one changes nothing."""
        if not self._ending:
            self._ending = True
            self._close(stop_server=self._stops_server())

    def _stops_server(self) -> bool:
        """A server that this window did not start keeps running; one of a thrown-away workspace never does."""
        return self.supervisor.started_here or self._options.temporary

    def _stay(self) -> None:
        self._closing = False

    def _close(self, *, stop_server: bool) -> None:
        self._closing = True
        if stop_server:
            self.tasks.start(self._stop_then_close(), "Stopping the server", on_error=self._not_stopped)
        else:
            self._closed.set()

    async def _stop_then_close(self) -> None:
        self.demo.stop()
        self._window.setEnabled(False)
        await self.supervisor.stop()
        self._closed.set()

    def _not_stopped(self, error: Exception) -> None:
        log.error("closed without stopping the server: %s", error)
        self._closed.set()

    async def _clean_up(self) -> None:
        self.demo.stop()
        self._window.remember()
        self._window.close_now()
        await self.tasks.close()
        self.feed.close()
        with contextlib.suppress(Exception):
            await self.client.close()

    # unattended

    async def _start_demo(self) -> None:
        while self.feed.connection is not Connection.CONNECTED:
            if self.feed.connection is Connection.FAILED:
                return  # the reason is in the message bar already
            await asyncio.sleep(0.05)
        await self.demo.start()

    async def _take_screenshot(self) -> None:
        assert self._options.screenshot is not None
        await screenshot.take(
            self._window, self.feed, self._options.view, self._options.after, self._options.screenshot
        )
        if self.feed.connection is Connection.FAILED:
            self._exit_status = 1
        self._close_asked()

    def _screenshot_failed(self, error: Exception) -> None:
        log.error("no picture: %s", error)
        self._exit_status = 1
        self._close_asked()

    def _note_events(self, rows: FeedRows) -> None:
        if rows.events:
            self._last_event = time.monotonic()
