"""Plays a playtest against a real server, in real time or faster."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import aiohttp

from console.simulator.community import Member, draw_community, past_telemetry
from console.simulator.level_plan import LevelPlan
from console.simulator.player_game import PlayerGame, PlayerTarget
from console.simulator.playtest import Playtest, PlaytestSettings, SentEvent
from console.simulator.sender import Sender, Tally, Target

_STEP_SECS = 0.2
_MAX_STEP_SECS = 1.0  # after a server was away for minutes, they are not made up for in one go
_FINISH_WITHIN_SECS = 60.0  # a server may be starting again meanwhile
_LEAVE_WITHIN_SECS = 10.0  # of those who were told to stop
# Each player's game sends on its own, as in a real playtest, until that alone would exceed the usual rate limit.
_MAX_CLIENTS = 8
_FORMER_PLAYERS = 32  # who are known beside those who play


@dataclass(frozen=True)
class Progress:
    """`played_secs` is the players' time."""

    played_secs: float
    tally: Tally


def start_time(now: datetime, duration_secs: float | None, speed: float) -> datetime:
    """When the first player is said to have joined, for time stamps that stay plausible.

    Faster than real time, the playtest would run into the future; so it begins in the past and ends now.
    Raises ValueError when it has no end and is faster than real time: then there is no such moment.
    """
    if speed <= 1.0:
        return now
    if duration_secs is None:
        raise ValueError("a playtest without an end cannot run faster than real time")
    return now - timedelta(seconds=duration_secs * (1.0 - 1.0 / speed))


async def run_playtest(
    plan: LevelPlan,
    settings: PlaytestSettings,
    target: Target,
    *,
    speed: float = 1.0,
    stop: asyncio.Event | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Tally:
    """Play until the end or until `stop` is set, then send what is pending.

    When the server is slower than the players, they wait for it: nothing they did is dropped. `speed` 2 plays twice
    as fast. Raises SendingRefused.
    """
    tally = Tally()
    stop = stop or asyncio.Event()
    playtest = Playtest(plan, settings)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        senders = [
            await stack.enter_async_context(Sender(session, target, tally, stop))
            for _ in range(min(settings.players, _MAX_CLIENTS))
        ]

        async def offer(events: list[SentEvent]) -> None:
            for player, event in events:
                await senders[player % len(senders)].offer(event)

        played_secs = 0.0
        resumed = time.monotonic()
        while not playtest.over and not stop.is_set():
            now = time.monotonic()
            played_secs += min(now - resumed, _MAX_STEP_SECS) * speed
            resumed = now
            await offer(list(playtest.advance(played_secs)))
            if on_progress is not None:
                on_progress(Progress(played_secs, tally))
            if not playtest.over:
                await _pause(stop, _STEP_SECS)
        await offer(list(playtest.stop()))
        within_secs = _LEAVE_WITHIN_SECS if stop.is_set() else _FINISH_WITHIN_SECS
        await asyncio.gather(*(sender.finish(within_secs) for sender in senders))
    return tally


async def play(
    plan: LevelPlan,
    target: Target,
    *,
    app_id: str,
    players: int,
    seed: int,
    duration_secs: float | None,
    speed: float,
    trajectory_secs: float,
    stop: asyncio.Event,
    on_progress: Callable[[Progress], None] | None = None,
    player_target: PlayerTarget | None = None,
) -> Tally:
    """A playtest that starts now. Raises SendingRefused, and ValueError as `start_time` does.

    With a `player_target` the games use the player API too, and the players have a past.
    """
    settings = PlaytestSettings(
        app_id=app_id,
        players=players,
        seed=seed,
        started_at=datetime.now(UTC),
        duration_secs=duration_secs,
        trajectory_secs=trajectory_secs,
    )
    settings = replace(settings, started_at=start_time(settings.started_at, duration_secs, speed))
    async with AsyncExitStack() as stack:
        if player_target is not None:
            members = draw_community(size=players + _FORMER_PLAYERS, seed=seed, now=datetime.now(UTC))
            await _tell_past_telemetry(target, members, app_id, stop)
            await stack.enter_async_context(_player_games(player_target, members, players))
        return await run_playtest(plan, settings, target, speed=speed, stop=stop, on_progress=on_progress)


async def _tell_past_telemetry(target: Target, members: list[Member], app_id: str, stop: asyncio.Event) -> None:
    """What was played before the player API was in the game. Raises SendingRefused."""
    async with aiohttp.ClientSession() as session, Sender(session, target, Tally(), stop) as sender:
        for member in members:
            if not member.registered:
                for event in past_telemetry(member, app_id):
                    await sender.offer(event)
        await sender.finish(_FINISH_WITHIN_SECS)


@asynccontextmanager
async def _player_games(target: PlayerTarget, members: list[Member], players: int) -> AsyncIterator[None]:
    """The players' past is told first; then the games of the first of them obey flags until the end.

    Raises SendingRefused.
    """
    over = asyncio.Event()
    async with aiohttp.ClientSession() as session:
        games = PlayerGame(session, target)
        await games.tell_past(members)
        tasks = [asyncio.create_task(games.play(member, over), name="simulated game") for member in members[:players]]
        try:
            yield
        finally:
            over.set()
            await asyncio.wait(tasks)
        for task in tasks:
            task.result()


async def _pause(stop: asyncio.Event, secs: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), secs)
    except TimeoutError:
        return
