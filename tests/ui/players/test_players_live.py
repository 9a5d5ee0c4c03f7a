"""The players view and a real server: both APIs, live changes, an edit, another time, links."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.client import ConsoleClient
from console.ui.context import ViewContext
from console.ui.navigation import Destination
from console.ui.players.edit_dialogs import AttributeDialog
from console.ui.players.view import PlayersView
from tests.server.conftest import make_server, server  # noqa: F401  # fixtures
from tests.server.harness import Server
from tests.server.player_calls import PlayerClient
from tests.server.test_console_api import client_of
from tests.ui.fakes import FakeMessages
from tests.ui.screen import show

WAIT_SECS = 60


async def until(reached: Callable[[], object], what: str) -> None:
    """Let Qt and the loop run until it is so."""
    deadline = time.monotonic() + WAIT_SECS
    while not reached():
        assert time.monotonic() < deadline, what
        QApplication.processEvents()
        await asyncio.sleep(0.01)


@pytest.fixture
async def client(server: Server) -> AsyncIterator[ConsoleClient]:  # noqa: F811
    async with client_of(server) as console:
        yield console


@pytest.fixture
async def view(
    qtbot: QtBot, client: ConsoleClient, make_context: Callable[..., ViewContext]
) -> AsyncIterator[PlayersView]:
    context = make_context(client=client)
    made = PlayersView(context)
    qtbot.addWidget(made)
    made.resize(1100, 800)
    show(made)
    following = asyncio.create_task(context.feed.follow(client))
    yield made
    made.hide()
    following.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await following
    await asyncio.gather(*context.tasks._running, return_exceptions=True)  # type: ignore[attr-defined]


def listed(view: PlayersView) -> dict[str, tuple[str, ...]]:
    model = view.table.rows
    return {model.texts(row)[0]: model.texts(row) for row in range(model.rowCount())}


async def test_players_of_both_apis_are_listed_opened_edited_and_seen_at_another_time(
    view: PlayersView,
    server: Server,  # noqa: F811
    messages: FakeMessages,
) -> None:
    api = PlayerClient(server)
    await until(lambda: view.source.answered, "somebody's players are listed, or that there are none")
    view.application.setCurrentIndex(view.application.findData(server.app_id))
    view.application.activated.emit(view.application.currentIndex())
    await until(view.empty.isVisible, "an application without players teaches")
    ada = await api.register("ada", attributes={"level": 3})
    await server.ingest(server.body(server.event(player_id="bob", session_id="s1")))
    await until(lambda: listed(view).keys() == {"ada", "bob"}, "players of both APIs are listed as they come")
    assert {name: texts[7] for name, texts in listed(view).items()} == {"ada": "Player API", "bob": "Telemetry"}

    row = view.table.rows.find(ada)
    assert row is not None
    view.table.selectRow(row)
    page = view.profile.page
    await until(page.isVisible, "the profile opens")
    assert [line.cells for line in page.overview.attributes.lines] == [("level", "3", "number")]

    page.overview.edit_wanted.emit("level")
    dialog = next(w for w in QApplication.topLevelWidgets() if isinstance(w, AttributeDialog) and w.isVisible())
    dialog.value.setPlainText("60")
    dialog.save()
    await until(lambda: page.overview.attributes.lines[0].cells[1] == "60", "the edit is shown")

    view.travel.slider.setValue(60)
    await until(lambda: {texts[1] for texts in listed(view).values()} == {"Churned"}, "everybody is gone in 60 days")
    await until(lambda: page.chip.stage == "churned", "the profile travels too")

    page.tabs.setCurrentIndex(4)
    await until(lambda: len(page.events.lines) == 2, "the events of the player are listed")
    assert [line.cells[1] for line in page.events.lines] == ["player_updated", "player_registered"]

    seen: list[Destination] = []
    view.destination_wanted.connect(seen.append)
    page.level.click()
    await until(lambda: messages.said, "a player without a path is told of")
    assert "left no path" in messages.said[-1][1]
    assert seen == []
