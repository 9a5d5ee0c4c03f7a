"""The performance view against a stand-in server."""

import pytest
from pytestqt.qtbot import QtBot

from console.ui.context import ViewContext
from console.ui.performance.view import PerformanceView
from tests.ui.performance.answers import MakeView
from tests.ui.screen import show


@pytest.fixture
def make_view(qtbot: QtBot, context: ViewContext) -> MakeView:
    kept: list[PerformanceView] = []  # qtbot holds no reference of its own

    def make() -> PerformanceView:
        view = PerformanceView(context)
        kept.append(view)
        qtbot.addWidget(view)
        view.resize(1000, 700)
        show(view)
        return view

    return make
