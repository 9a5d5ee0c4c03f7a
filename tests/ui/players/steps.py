"""What tests of the players do again and again."""

from collections.abc import Callable

from console.client import ConsoleRefused
from console.messages import ConsoleError
from console.ui.navigation import (
    Destination,
)
from console.ui.players.view import PlayersView
from tests.ui.fakes import FakeClient

OTHER_APP = "00000000-0000-4000-8000-00000000000b"


MakeView = Callable[..., PlayersView]


def offsets(client: FakeClient) -> list[int]:
    return [call["offset"] for call in client.called("players")]


def refusal(path: str, message: str) -> ConsoleRefused:
    return ConsoleRefused(400, ConsoleError(code="invalid", message=message, path=path))


def led_to(view: PlayersView) -> list[Destination]:
    seen: list[Destination] = []
    view.destination_wanted.connect(seen.append)
    return seen
