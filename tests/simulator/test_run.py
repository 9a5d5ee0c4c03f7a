import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgpack
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from console.simulator.level_plan import LevelPlan
from console.simulator.playtest import Playtest, PlaytestSettings
from console.simulator.run import Progress, run_playtest, start_time
from console.simulator.sender import Target

_NOW = datetime(2026, 2, 12, 10, tzinfo=UTC)


class _Server:
    def __init__(self) -> None:
        self.events: list[dict[str, object]] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.events += msgpack.unpackb(await request.read())
        return web.json_response({"status": "queued"})


@pytest.fixture
def game_server() -> _Server:
    return _Server()


@pytest.fixture
async def target(game_server: _Server) -> AsyncIterator[Target]:
    application = web.Application(client_max_size=1 << 26)
    application.router.add_post("/api/events", game_server.handle)
    async with TestServer(application) as server:
        yield Target(url=str(server.make_url("/")), token="pk_test_x")


def _sorted(events: list[dict[str, object]]) -> list[str]:
    return sorted(map(str, events))


async def test_everything_that_was_played_arrives(
    plan: LevelPlan, settings: PlaytestSettings, target: Target, game_server: _Server
) -> None:
    settings = replace(settings, duration_secs=60.0)
    seen: list[Progress] = []
    tally = await run_playtest(plan, settings, target, speed=200.0, on_progress=seen.append)
    assert _sorted(game_server.events) == _sorted([event for _, event in Playtest(plan, settings).advance(61.0)])
    assert tally.accepted == tally.offered == len(game_server.events)
    assert seen[-1].played_secs > 0


async def test_stopping_early_still_sends_what_was_played(
    plan: LevelPlan, settings: PlaytestSettings, target: Target, game_server: _Server
) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.5, stop.set)
    tally = await run_playtest(plan, replace(settings, duration_secs=None), target, speed=20.0, stop=stop)
    assert tally.accepted == tally.offered == len(game_server.events) > 0
    assert any("positions" in event for event in game_server.events)


def test_a_fast_playtest_ends_now() -> None:
    started_at = start_time(_NOW, 600.0, 10.0)
    assert started_at + timedelta(seconds=600) == _NOW + timedelta(seconds=60)


def test_a_playtest_in_real_time_or_slower_starts_now() -> None:
    assert start_time(_NOW, None, 1.0) == _NOW
    assert start_time(_NOW, 600.0, 0.5) == _NOW


def test_a_fast_playtest_needs_an_end() -> None:
    with pytest.raises(ValueError, match="without an end"):
        start_time(_NOW, None, 2.0)
