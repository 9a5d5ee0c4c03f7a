"""The window around stand-in views."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from console.ui import main_window as main_window_module
from console.ui.context import ViewContext
from console.ui.views import VIEWS
from tests.ui.screen import show
from tests.ui.window.frames import Frame


@pytest.fixture
def views(monkeypatch: pytest.MonkeyPatch) -> None:
    specs = tuple(
        replace(spec, module="tests.ui.window.frames", factory="FakeView", tools="", follow="") for spec in VIEWS
    )
    monkeypatch.setattr(main_window_module, "VIEWS", specs)


@pytest.fixture
def frame(qtbot: QtBot, views: None, context: ViewContext, tmp_path: Path) -> Frame:
    made = Frame(context, tmp_path)
    qtbot.addWidget(made.window, before_close_func=lambda window: setattr(window, "_may_close", True))
    made.window.resize(1200, 800)
    show(made.window)
    return made
