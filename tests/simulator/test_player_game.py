import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from console.simulator.community import draw_community
from console.simulator.player_game import PlayerGame, PlayerTarget
from console.simulator.sender import SendingRefused

_MEMBERS = draw_community(size=8, seed=1, now=datetime(2026, 2, 12, 10, tzinfo=UTC))


class _Server:
    """Answers like the player API; `refuse` comes first."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, Any]] = []
        self.flags: dict[str, Any] = {"double_coins": False}
        self.refuse: Callable[[], web.Response | None] = lambda: None

    async def handle(self, request: web.Request) -> web.Response:
        if (refusal := self.refuse()) is not None:
            return refusal
        self.calls.append((request.method, request.path_qs, await request.json()))
        data: dict[str, Any] = {"id": "a-player"}
        if request.path.endswith("/evaluate"):
            data = {"flags": {key: {"value": value} for key, value in self.flags.items()}}
        return web.json_response({"success": True, "data": data}, status=201)

    def bodies(self, path: str) -> list[Any]:
        return [body for _, called, body in self.calls if called.partition("?")[0].endswith(path)]


@pytest.fixture
def server() -> _Server:
    return _Server()


@pytest.fixture
async def game(server: _Server) -> AsyncIterator[PlayerGame]:
    application = web.Application()
    application.router.add_route("*", "/v1/{rest:.*}", server.handle)
    async with TestServer(application) as running, aiohttp.ClientSession() as session:
        yield PlayerGame(session, PlayerTarget(url=str(running.make_url("/")), key="pk_test_x"))


async def test_the_past_is_told_whole(game: PlayerGame, server: _Server) -> None:
    await game.tell_past(_MEMBERS)
    registered = [member for member in _MEMBERS if member.registered]
    assert 0 < len(registered) < len(_MEMBERS)
    assert len(server.bodies("/players/players")) == game.tally.players == len(registered)
    sessions = {body["session_id"] for body in server.bodies("/session")}
    assert sessions == {session.session_id for member in registered for session in member.sessions}
    assert game.tally.purchases == sum(len(member.purchases) for member in registered)


async def test_a_game_obeys_a_flag_as_soon_as_it_looks(
    game: PlayerGame, server: _Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.simulator.player_game._LOOK_EVERY_SECS", (0.0, 0.01))
    stop = asyncio.Event()
    playing = asyncio.create_task(game.play(_MEMBERS[0], stop))

    async def collected(amount: int) -> None:
        while not any(e["properties"].get("amount") == amount for e in server.bodies("/events/events")):  # noqa: ASYNC110
            await asyncio.sleep(0.005)

    await asyncio.wait_for(collected(1), 30)
    server.flags["double_coins"] = True
    await asyncio.wait_for(collected(2), 30)
    stop.set()
    await playing
    applied = [e["properties"] for e in server.bodies("/events/events") if e["event_name"] == "flags_applied"]
    assert applied == [{"double_coins": False}, {"double_coins": True}]
    (session,) = server.bodies("/session")
    assert session["duration_seconds"] > 0


async def test_a_rate_limit_is_waited_out(game: PlayerGame, server: _Server) -> None:
    refusals = [web.json_response({}, status=429, headers={"Retry-After": "0"})]
    server.refuse = lambda: refusals.pop() if refusals else None
    assert await game.call("POST", "/players/players", {}) == {"id": "a-player"}
    assert not refusals


async def test_a_wrong_key_ends_it(game: PlayerGame, server: _Server) -> None:
    server.refuse = lambda: web.json_response({"success": False}, status=401)
    with pytest.raises(SendingRefused, match="401"):
        await game.tell_past(_MEMBERS)


async def test_what_is_refused_is_counted_with_its_reason(game: PlayerGame, server: _Server) -> None:
    server.refuse = lambda: web.json_response({"success": False, "error": {"message": "no"}}, status=400)
    assert await game.call("POST", "/players/players", {}) is None
    assert game.tally.refused == 1
    assert "POST /players/players: 400" in game.tally.first_refusal
