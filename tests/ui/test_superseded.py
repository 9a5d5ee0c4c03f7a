"""A dear question that another one supersedes is broken off: the server notices by the connection."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from console.players.definitions import Flag
from console.ui.context import ViewContext
from console.ui.flags.members_panel import MembersPanel
from console.ui.flags.rollout_panel import RolloutPanel
from console.ui.level.model import LevelScene
from console.ui.level.source import LevelSource
from console.ui.players.source import PlayerSource
from console.ui.selection import Scope
from tests.ui.fakes import APP_ID, FakeClient


class Endless:
    """Answers nothing, and notes what was asked and what was given up."""

    def __init__(self) -> None:
        self.asked = 0
        self.given_up = 0

    async def __call__(self, *arguments: Any, **more: Any) -> Any:
        self.asked += 1
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise

    async def counts(self) -> tuple[int, int]:
        for _ in range(5):
            await asyncio.sleep(0)
        return self.asked, self.given_up


@pytest.fixture
async def endless(client: FakeClient, context: ViewContext, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Endless]:
    endless = Endless()
    for name in ("players", "preview_segment", "preview_flag", "query"):
        monkeypatch.setattr(client, name, endless)
    yield endless
    running = list(context.tasks._running)  # type: ignore[attr-defined]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


def conditions(value: int) -> dict[str, object]:
    return {"operator": "AND", "conditions": [{"field": "session_count", "operator": ">", "value": value}]}


async def test_members(qtbot: QtBot, context: ViewContext, endless: Endless) -> None:
    panel = MembersPanel(context)
    qtbot.addWidget(panel)
    panel.set_conditions(APP_ID, conditions(1))
    panel.ask()
    assert await endless.counts() == (1, 0)
    panel.set_conditions(APP_ID, conditions(2))
    assert await endless.counts() == (1, 1), "at once, not when the next one is asked"
    panel.ask()
    assert await endless.counts() == (2, 1)
    panel.ask()
    assert await endless.counts() == (3, 2), "one at a time"


async def test_roll_out(qtbot: QtBot, context: ViewContext, endless: Endless) -> None:
    panel = RolloutPanel(context)
    qtbot.addWidget(panel)
    panel.set_flag(APP_ID, Flag(key="one"))
    panel._ask()
    assert await endless.counts() == (1, 0)
    panel.set_flag(APP_ID, Flag(key="one", enabled=True))
    assert await endless.counts() == (1, 1)


@pytest.mark.parametrize(
    "ask",
    [
        lambda source: source.ask(sort="stage"),
        lambda source: source.ask(search="ada"),
        lambda source: source.set_now(1),
    ],
)
async def test_players(context: ViewContext, endless: Endless, ask: Callable[[PlayerSource], None]) -> None:
    source = PlayerSource(context)
    source.set_active(True)
    source.expire()  # players changed before anything was asked
    source.see(0, 10)
    source.ask(app_id=APP_ID)
    assert await endless.counts() == (1, 0)
    ask(source)
    assert await endless.counts() == (2, 1)
    source.set_active(False)


async def test_the_past_of_a_level(context: ViewContext, endless: Endless) -> None:
    scene = LevelScene()
    scene.show("Courtyard")
    parent = QObject()
    LevelSource(context, scene, parent).set_active(True)
    assert await endless.counts() == (1, 0), "which levels there are"
    for number in range(3):  # somebody looks through the builds faster than a level's past is found
        context.selection.set_scope(Scope(build_id=f"b{number}"))
        assert await endless.counts() == (number + 2, number)
    assert scene.loading
    parent.deleteLater()
