"""`simulate`: a playtest without players, over real HTTP."""

import argparse
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from console.cli.errors import CommandFailed
from console.cli.options import Parsers, add_json, add_workspace, count, http_url, positive, seconds, uuid, workspace_of

if TYPE_CHECKING:
    from console.cli.progress import Progress
    from console.simulator.run import Progress as Played
    from console.simulator.sender import Tally

_USUAL_URL = "http://127.0.0.1:4000"


def add_parser(commands: "Parsers[argparse.ArgumentParser]") -> None:
    simulate = commands.add_parser("simulate", help="send a simulated playtest to a server")
    simulate.add_argument("--url", type=http_url, help="base address (default: the workspace's server)")
    simulate.add_argument(
        "--player-url", type=http_url, metavar="URL", help="base address of the player API, to use that too"
    )
    simulate.add_argument("--token", help="public key (default: one of the workspace's first application)")
    simulate.add_argument("--app-id", type=uuid, metavar="UUID", help="the key's application")
    simulate.add_argument("--players", type=count, default=8, metavar="N", help="default: 8")
    simulate.add_argument(
        "--duration",
        type=seconds,
        default=120.0,
        metavar="SECONDS",
        help="how long the players play; 0 is until stopped (default: 120)",
    )
    simulate.add_argument("--speed", type=positive, default=1.0, metavar="X", help="times real time (default: 1)")
    simulate.add_argument("--seed", type=int, default=1, help="the same players, doing the same (default: 1)")
    simulate.add_argument(
        "--batch", type=positive, default=5.0, metavar="SECONDS", help="length of one trajectory (default: 5)"
    )
    simulate.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="end when standard input does, as it does with the program that holds its other end",
    )
    add_workspace(simulate)
    add_json(simulate)
    simulate.set_defaults(command=_run)


class _Address(NamedTuple):
    url: str
    token: str
    app_id: str


def _run(args: argparse.Namespace) -> int:
    import asyncio

    from console.cli.output import plain, print_json
    from console.cli.progress import progress
    from console.simulator.sender import SendingRefused

    if args.duration == 0 and args.speed > 1:
        raise CommandFailed("a playtest without an end (--duration 0) cannot run faster than real time (--speed)", 2)
    if args.token is not None and args.app_id is None:
        raise CommandFailed("--token needs --app-id: the application that the key belongs to", 2)
    try:
        with progress("Playing", "s") as bar:
            tally = asyncio.run(_simulate(args, bar))
    except SendingRefused as error:
        raise CommandFailed(plain(str(error))) from error
    if args.json:
        print_json(tally.as_dict())
    else:
        print(plain(_summary(tally)))
    return 1 if tally.refused or tally.given_up else 0


async def _simulate(args: argparse.Namespace, bar: "Progress") -> "Tally":
    import asyncio

    from console.resources import resource
    from console.simulator.level_plan import InvalidLevelPlan, read_level_plan
    from console.simulator.player_game import PlayerTarget
    from console.simulator.run import play
    from console.simulator.sender import Target
    from console.stdin_end import stop_with_stdin

    address = await _address(args)
    try:
        plan = read_level_plan(resource("levels/sample.json"))
    except InvalidLevelPlan as error:
        raise CommandFailed(str(error)) from error
    duration_secs: float | None = args.duration or None
    stop = asyncio.Event()

    def show(played: "Played") -> None:
        bar.show(round(played.played_secs), duration_secs)

    if args.until_stdin_closes:
        stop_with_stdin(stop)
    with _stopped_by_signals(stop.set):
        return await play(
            plan,
            Target(url=address.url, token=address.token),
            app_id=address.app_id,
            players=args.players,
            seed=args.seed,
            duration_secs=duration_secs,
            speed=args.speed,
            trajectory_secs=args.batch,
            stop=stop,
            on_progress=show,
            player_target=PlayerTarget(url=args.player_url, key=address.token) if args.player_url else None,
        )


async def _address(args: argparse.Namespace) -> _Address:
    """Where to send, as whom: what is not given comes from the workspace's running server."""
    if args.token is not None:
        return _Address(args.url or _running_url(workspace_of(args)) or _USUAL_URL, args.token, args.app_id)

    from console.client import ConsoleClient, ConsoleRefused, ConsoleUnavailable

    try:
        client, info = ConsoleClient.for_workspace(workspace_of(args))
        async with client:
            applications = await client.applications()
    except (ConsoleUnavailable, ConsoleRefused) as error:
        hint = "start one, or give --url, --token and --app-id"
        raise CommandFailed(f"{error}; {hint}") from error
    for application in applications:
        if args.app_id in (None, application.app_id) and application.public_token:
            return _Address(args.url or info.telemetry_url, application.public_token, application.app_id)
    raise CommandFailed("the workspace has no application with a usable public key to send as")


def _running_url(workspace_dir: Path) -> str | None:
    from console.discovery import read_server_info, server_is_alive

    info = read_server_info(workspace_dir)
    return info.telemetry_url if info is not None and server_is_alive(workspace_dir) else None


def _summary(tally: "Tally") -> str:
    text = (
        f"{tally.accepted:,} of {tally.offered:,} events accepted in {tally.requests:,} requests, "
        f"{tally.retries:,} of them repeated ({tally.rate_limited:,} after a rate limit)."
    )
    if tally.refused:
        text += f"\n{tally.refused:,} events were refused; the first answer was {tally.first_refusal}"
    if tally.given_up:
        text += f"\n{tally.given_up:,} events were given up: the server did not answer in time."
    return text


@contextmanager
def _stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Ctrl+C and SIGTERM end the playtest early, with everything sent; a second one ends the process."""
    import asyncio

    loop = asyncio.get_running_loop()
    before: dict[int, Any] = {}

    def handle(number: int, _frame: object) -> None:
        loop.call_soon_threadsafe(stop)
        signal.signal(number, before[number])

    for wanted in (signal.SIGINT, signal.SIGTERM):
        before[wanted] = signal.signal(wanted, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
