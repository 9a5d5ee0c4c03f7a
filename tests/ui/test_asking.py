"""Questions that are asked again while their answers change."""

import asyncio
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from console.client import ConsoleUnavailable
from console.ui.asking import Asking
from console.ui.context import ViewContext
from tests.ui.fakes import FakeMessages


class Server:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[asyncio.Future[str]] = []
        self.taken: list[str] = []
        self.seconds = 0.0

    async def load(self) -> None:
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.waiting.append(answer)
        self.taken.append(await answer)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def asking(qtbot: QtBot, context: ViewContext, server: Server) -> Iterator[Asking]:
    parent = QObject()
    yield Asking(context, server.load, "Count", parent, least_pause_ms=1_000, monotonic=lambda: server.seconds)
    parent.deleteLater()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_whoever_turns_away_and_back_costs_no_question(asking: Asking, server: Server) -> None:
    async def scenario() -> None:
        asking.set_active(True)
        await settle()
        server.seconds = 0.5
        server.waiting[-1].set_result("first")
        await settle()
        asking.set_active(False)
        asking.set_active(True)
        await settle()
        assert len(server.waiting) == 1  # nothing is another one
        asking.set_active(False)
        asking.ask_soon()
        asking.ask_soon()
        asking.set_active(True)
        await settle()
        assert len(server.waiting) == 1  # whoever stayed would not see more yet
        asking.set_active(False)
        server.seconds = 3.0
        asking.set_active(True)
        await settle()
        assert len(server.waiting) == 2  # once, however much came
        asking.set_active(False)
        server.waiting[-1].set_result("second")
        await settle()
        asking.ask()
        await settle()
        assert len(server.waiting) == 2
        asking.set_active(True)
        await settle()
        assert len(server.waiting) == 3  # another question does not wait
        asking.give_up()
        asking.set_active(False)

    asyncio.run(scenario())


def test_another_question_breaks_off_and_news_does_not(asking: Asking, server: Server, messages: FakeMessages) -> None:
    async def scenario() -> None:
        asking.ask()
        await settle()
        assert not server.waiting  # nobody looks
        asking.set_active(True)
        await settle()
        first = server.waiting[-1]
        asking.ask()
        await settle()
        assert first.cancelled()
        asking.ask_soon()
        asking.ask_soon()
        await settle()
        assert len(server.waiting) == 2  # one that takes long is answered, however much comes meanwhile
        server.seconds = 2.0
        server.waiting[-1].set_result("second")
        await settle()
        assert server.taken == ["second"]
        assert not asking.running
        assert asking.pause_ms == 8_000  # four times what it took
        asking.set_frozen(True)
        asking._run()
        assert not asking.running
        asking.set_frozen(False)  # what came while the second was asked is asked for
        await settle()
        server.waiting[-1].set_exception(ConsoleUnavailable("gone"))
        await settle()
        assert not asking.running
        assert not messages.said
        asking.ask()
        await settle()
        server.waiting[-1].set_exception(ValueError("too much"))
        await settle()
        assert messages.said == [("bad", "Count: too much")]
        asking.ask()
        await settle()
        asking.give_up()
        asking.set_active(False)
        await settle()
        assert server.waiting[-1].cancelled()

    asyncio.run(scenario())


async def test_what_fails_late_ends_no_other_question(context: ViewContext, messages: FakeMessages) -> None:
    """Some libraries turn being cancelled into an error of theirs."""
    asked = 0

    async def load() -> None:
        nonlocal asked
        asked += 1
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError as error:
            if asked == 2:
                raise ValueError("connection lost") from error
            raise

    parent = QObject()
    asking = Asking(context, load, "Count", parent, least_pause_ms=1_000)
    asking.set_active(True)
    await settle()
    asking.ask()
    await settle()
    assert (asked, asking.running, messages.said) == (2, True, [])
    asking.give_up()
    await settle()
    parent.deleteLater()
