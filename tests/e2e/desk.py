"""The real window in the test's own process, on a workspace whose server runs in another: nothing is stood in for."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import qasync
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from console.ui.application import Look
from console.ui.live_feed import Connection
from console.ui.main_window import MainWindow
from console.ui.options import ViewName, WindowOptions
from console.ui.selection import Scope
from console.ui.session import Session
from console.ui.settings import open_settings

T = TypeVar("T")

_PATIENCE_SECS = 60.0
_POLL_SECS = 0.01
_ALL_AND_WAIT = QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents


class Desk:
    """A window that a test sits at. `said` is every message that it showed: the kind, and the words."""

    def __init__(self, application: QApplication, workspace: Path, settings_file: Path) -> None:
        self.said: list[tuple[str, str]] = []
        # Running from now on: pytest-qt lets Qt work between the phases of a test, and with it this loop's tasks.
        self._application = application
        self._loop = qasync.QEventLoop(application, already_running=True)
        asyncio.set_event_loop(self._loop)
        settings = open_settings(settings_file)
        look = Look(application, settings)
        self.window = MainWindow(look.theme, settings)
        self.window.restore((1600, 1000))
        self.window.show()
        say = self.window.messages.say

        def note(text: str, **options: Any) -> None:
            self.said.append((options.get("kind", "info"), text))
            say(text, **options)

        self.window.messages.say = note  # type: ignore[method-assign, assignment]
        self.session, self._run = self.wait(self._open(look, settings, workspace))
        self.context = self.session.context
        self.until(lambda: self.session.feed.connection is Connection.CONNECTED, "the window finds the server")

    async def _open(self, look: Look, settings: Any, workspace: Path) -> tuple[Session, "asyncio.Task[int]"]:
        options = WindowOptions(workspace=workspace, port=0, player_port=None)
        session = Session(self.window, look, settings, options)
        return session, asyncio.create_task(session.run())

    def wait(self, work: Awaitable[T]) -> T:
        """What a coroutine or task gives, while the window lives on."""
        task = asyncio.ensure_future(work)
        while not task.done():
            self._application.processEvents(_ALL_AND_WAIT)
        return task.result()

    def until(self, question: Callable[[], T], what: str) -> T:
        """The first true answer. Long patience, no promise about speed."""

        async def asked() -> T:
            async with asyncio.timeout(_PATIENCE_SECS):
                while not (answer := question()):  # noqa: ASYNC110  # anything may be asked
                    await asyncio.sleep(_POLL_SECS)
                return answer

        try:
            return self.wait(asked())
        except TimeoutError:
            raise AssertionError(f"never happened: {what}; the window said {self.said}") from None

    def pause(self) -> None:
        """Let the window do what it has to do at once: nobody opens ten views in one breath."""
        self.wait(asyncio.sleep(_POLL_SECS))

    def view(self, name: ViewName) -> Any:
        """A view, shown."""
        self.window.show_view(name)
        return self.window.current_view

    def start_over(self) -> None:
        """Everything in sight, nothing picked, in the present."""
        self.context.selection.set_scope(Scope())
        self.context.selection.pick(None)
        self.context.clock.follow()
        self.said.clear()

    def complaints(self) -> list[str]:
        """What the window said that is no good news."""
        return [text for kind, text in self.said if kind in ("warning", "bad")]

    def close(self) -> None:
        """As a person does, who leaves the server running that the window did not start."""
        self.session._close(stop_server=self.session.supervisor.started_here)
        self.wait(self._run)
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self._loop.stop()
        self._loop._after_run_forever()
        asyncio._set_running_loop(None)
        asyncio.set_event_loop(None)
        self._loop.close()
        # The loop's end told Qt to end too, which no Qt loop was there to hear: later ones would end at once.
        QTimer.singleShot(0, lambda: self._application.exit(0))
        self._application.exec()


def named(parent: QWidget, kind: type[T], name: str) -> T:
    """The widget of a kind with this accessible name, or with these words on it."""
    found = [
        widget
        for widget in parent.findChildren(cast("type[QWidget]", kind))
        if name in (widget.accessibleName(), cast("Any", widget).text() if hasattr(widget, "text") else "")
    ]
    assert len(found) == 1, f"{len(found)} are named {name}"
    return cast("T", found[0])
