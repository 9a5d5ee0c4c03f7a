"""No silent death: whatever goes wrong in the window reaches the log, and the message bar."""

import asyncio
import faulthandler
import logging
import logging.handlers
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from console.discovery import LOG_DIR

log = logging.getLogger(__name__)

LOG_FILE = "window.log"
CRASH_FILE = "window-crash.log"
_LOG_BYTES = 2_000_000
_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class CrashReport:
    """Installs the hooks of one window; `close` takes them back.

    `tell` is called on the thread that failed with one line for people. A crash in a driver or in Qt leaves its
    stacks in `window-crash.log`.
    """

    def __init__(self, workspace: Path, tell: Callable[[str], None]) -> None:
        self._tell = tell
        folder = workspace / LOG_DIR
        folder.mkdir(parents=True, exist_ok=True)
        self._handler = logging.handlers.RotatingFileHandler(
            folder / LOG_FILE, maxBytes=_LOG_BYTES, backupCount=3, encoding="utf-8", delay=True
        )
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        root = logging.getLogger()
        self._old_level = root.level
        root.addHandler(self._handler)
        root.setLevel(logging.INFO)
        logging.getLogger("qasync").setLevel(logging.WARNING)
        self._stacks: IO[str] = (folder / CRASH_FILE).open("a", encoding="utf-8")
        faulthandler.enable(self._stacks)
        self._old_hook = sys.excepthook
        self._old_thread_hook = threading.excepthook
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        qInstallMessageHandler(_on_qt_message)

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the errors of callbacks and forgotten tasks too."""
        loop.set_exception_handler(self._on_loop_error)

    def close(self) -> None:
        """Idempotent."""
        if self._stacks.closed:
            return
        qInstallMessageHandler(None)
        sys.excepthook = self._old_hook
        threading.excepthook = self._old_thread_hook
        faulthandler.disable()
        self._stacks.close()
        root = logging.getLogger()
        root.removeHandler(self._handler)
        root.setLevel(self._old_level)
        self._handler.close()

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._old_hook(kind, error, trace)
            return
        log.error("unhandled", exc_info=(kind, error, trace))
        _let_go()
        self._tell(_line(error))

    def _on_thread_exception(self, failure: threading.ExceptHookArgs) -> None:
        if failure.exc_value is not None and not isinstance(failure.exc_value, SystemExit):
            log.error("unhandled in a thread", exc_info=(failure.exc_type, failure.exc_value, failure.exc_traceback))

    def _on_loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        log.error("%s", context.get("message"), exc_info=error)
        if isinstance(error, BaseException):
            self._tell(_line(error))


def _let_go() -> None:
    """Have Python keep no frames of what failed: a painter among them would go on painting a widget that is gone.

    Qt ends the process then. `sys.last_exc` is of Python 3.12.
    """
    for name in ("last_type", "last_value", "last_traceback", "last_exc"):
        if hasattr(sys, name):
            delattr(sys, name)


def _line(error: BaseException) -> str:
    return f"An internal error was logged: {type(error).__name__}: {error}. Recording goes on."


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
    logging.getLogger("qt").log(_QT_LEVELS.get(kind, logging.WARNING), "%s", message)
