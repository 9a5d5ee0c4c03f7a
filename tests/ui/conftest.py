"""Fixtures of the window's tests. On Linux they run on an X server; where there is none, Xvfb is started."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.ui.clock import Clock
from console.ui.colours import Colours
from console.ui.context import ViewContext
from console.ui.live_feed import LiveFeed
from console.ui.selection import Selection
from console.ui.style import Style
from console.ui.theme import Scheme, Theme
from tests.ui.fakes import FakeClient, FakeMessages, FakeTasks
from tests.ui.screen import release_keys
from tests.workers import on_a_screen


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    if not on_a_screen():
        pytest.skip("there is no screen, nor Xvfb to make one")
    # Before the application exists: without it, two OpenGL views in one process crash.
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    return ["playtest-console"]


_PATIENCE_MS = 30_000


class PatientBot(QtBot):
    """Waits longer than pytest-qt's 5 s: what comes ends the waiting, so that patience costs only what fails."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = _PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = _PATIENCE_MS, **how: Any) -> Any:
        return super().waitSignal(signal, timeout=timeout, **how)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """The bot of pytest-qt, with patience for a busy machine."""
    return PatientBot(request)


@pytest.fixture(autouse=True)
def widgets_end_with_their_test() -> Iterator[None]:
    """Whatever is left goes, and at once: else each test would restyle the widgets of all before it.

    Without an event loop `deleteLater` waits for ever, and a window that its test forgot may hold the mouse. A shortcut
    that a test pressed leaves its Shift held for whoever asks Qt.
    """
    yield
    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        for widget in QApplication.topLevelWidgets():
            if widget.parent() is None:
                widget.hide()
                widget.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        release_keys()


@pytest.fixture(scope="session")
def style(qapp: QApplication) -> Style:
    """The real look, so that sizes and pictures are those of the product."""
    return Style(qapp)


@pytest.fixture
def client() -> FakeClient:
    return FakeClient()


@pytest.fixture
def messages() -> FakeMessages:
    return FakeMessages()


@pytest.fixture
def make_context(
    style: Style, client: FakeClient, messages: FakeMessages, tmp_path: Path
) -> Callable[..., ViewContext]:
    """`make_context(scheme="light", client=…)`: a context without server or loop."""

    def make(scheme: Scheme = "dark", **changes: Any) -> ViewContext:
        theme = Theme(scheme)
        style.apply(theme.tokens)
        values: dict[str, Any] = {
            "client": client,
            "feed": LiveFeed(),
            "selection": Selection(),
            "theme": theme,
            "tasks": FakeTasks(messages),
            "messages": messages,
            "clock": Clock(),
            "colours": Colours(),
            "settings": QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat),
        }
        return ViewContext(**(values | changes))

    return make


@pytest.fixture
def context(make_context: Callable[..., ViewContext]) -> ViewContext:
    return make_context()
