"""Composition root of the window: everything is made here once, and handed on by constructor."""

import asyncio
import contextlib
import logging
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from console.resources import resource
from console.ui.crash_report import CrashReport
from console.ui.main_window import MainWindow
from console.ui.options import WindowOptions
from console.ui.settings import ThemeChoice, keep_theme_choice, open_settings, scheme_of, theme_choice
from console.ui.style import Style
from console.ui.theme import Theme

if TYPE_CHECKING:
    from console.ui.session import Session

log = logging.getLogger(__name__)

_SIGNAL_POLL_MS = 200


def run(options: WindowOptions) -> int:
    """Show the window until it is closed; the process's exit status."""
    started = time.perf_counter()
    # Floating a dock would blank an OpenGL view without it, and two of them in one process would crash.
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    application = QApplication(["playtest-console"])
    application.setApplicationName("playtest-console")
    application.setApplicationDisplayName("Playtest Console")
    application.setDesktopFileName("playtest-console")
    application.setWindowIcon(QIcon(str(resource("icons/console.svg"))))
    application.setQuitOnLastWindowClosed(False)
    with contextlib.ExitStack() as resources:
        settings = resources.enter_context(_settings(options))
        look = Look(application, settings)
        window = MainWindow(look.theme, settings)
        report = CrashReport(options.workspace, lambda line: window.messages.say(line, kind="bad"))
        resources.callback(report.close)
        window.restore(options.size)
        if options.view is not None:
            window.show_view(options.view)
        window.first_painted.connect(
            lambda: log.info("first paint %.0f ms after the start of run()", (time.perf_counter() - started) * 1000)
        )
        window.show()
        return _run_loop(application, window, look, settings, options, report)


class Look:
    """Theme and style, and the person's choice between dark, light and like the desktop."""

    def __init__(self, application: QApplication, settings: QSettings) -> None:
        self._settings = settings
        self._application = application
        self.choice: ThemeChoice = theme_choice(settings)
        self.theme = Theme(scheme_of(self.choice))
        self._style = Style(application)
        self._style.apply(self.theme.tokens)
        self.theme.changed.connect(lambda: self._style.apply(self.theme.tokens))

    def choose(self, choice: ThemeChoice) -> None:
        """Repaint, and remember."""
        self.choice = choice
        keep_theme_choice(self._settings, choice)
        if choice == "system":
            self._application.styleHints().unsetColorScheme()
        self.theme.set_scheme(scheme_of(choice))


def _run_loop(
    application: QApplication,
    window: MainWindow,
    look: Look,
    settings: QSettings,
    options: WindowOptions,
    report: CrashReport,
) -> int:
    import qasync

    loop = qasync.QEventLoop(application)
    asyncio.set_event_loop(loop)
    report.watch(loop)
    try:
        with _closed_by_signals(window):
            return int(loop.run_until_complete(_main(window, look, settings, options)))
    finally:
        asyncio.set_event_loop(None)
        loop.close()


async def _main(window: MainWindow, look: Look, settings: QSettings, options: WindowOptions) -> int:
    painted = asyncio.Event()
    window.first_painted.connect(painted.set)
    await painted.wait()
    session = await _make_session(window, look, settings, options)
    return await session.run()


async def _make_session(window: MainWindow, look: Look, settings: QSettings, options: WindowOptions) -> "Session":
    """Import what speaks HTTP on a thread: the window reacts meanwhile."""
    await asyncio.get_running_loop().run_in_executor(None, _import_client)
    from console.ui.session import Session

    return Session(window, look, settings, options)


def _import_client() -> None:
    import console.client
    import console.columns  # noqa: F401  # numpy


@contextlib.contextmanager
def _closed_by_signals(window: MainWindow) -> Iterator[None]:
    """Ctrl+C and SIGTERM end the window without a question. Python sees signals only when its code runs."""
    before = {
        number: signal.signal(number, lambda *_: window.end_asked.emit()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    timer = QTimer()
    timer.timeout.connect(lambda: None)
    timer.start(_SIGNAL_POLL_MS)
    try:
        yield
    finally:
        timer.stop()
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _settings(options: WindowOptions) -> Iterator[QSettings]:
    """The person's settings; a picture is taken with fresh ones, so that it looks the same everywhere."""
    if options.settings_file is None and options.unattended:
        with tempfile.TemporaryDirectory() as folder:
            yield open_settings(Path(folder) / "window.ini")
    else:
        yield open_settings(options.settings_file)
