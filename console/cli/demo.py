"""`demo`: everything at once, on a workspace that is thrown away."""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from console.cli.errors import CommandFailed
from console.cli.options import Parsers, add_ports, add_screenshot
from console.cli.program import program
from console.cli.screen import why_no_window

_STOP_SECS = 15.0


def add_parser(commands: "Parsers[argparse.ArgumentParser]") -> None:
    demo = commands.add_parser("demo", help="show a simulated playtest on the sample level; nothing is kept")
    add_ports(demo)
    add_screenshot(demo)
    demo.set_defaults(command=_run, workspace=None)


def _run(args: argparse.Namespace) -> int:
    from console.cli.window import open_window, options_of

    reason = why_no_window()
    if reason and args.screenshot is not None:
        raise CommandFailed(f"a picture of the window cannot be taken here: {reason}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # cleaned up after, like Ctrl+C
    with _temporary_workspace() as workspace_dir:
        if reason:
            print(f"The window cannot be opened here ({reason}). Simulating without one.", file=sys.stderr)
            return _without_window(workspace_dir, args)
        args.workspace = workspace_dir
        return open_window(replace(options_of(args), demo=True, temporary=True))


@contextmanager
def _temporary_workspace() -> Iterator[Path]:
    """A new folder; at the end its server is stopped, if one is left, and the folder removed."""
    from console.cli.demo_folder import demo_folder, remove_left_folders

    remove_left_folders()
    with demo_folder() as folder:
        try:
            yield folder
        finally:
            _stop_server(folder)


def _stop_server(workspace_dir: Path) -> None:
    from console.discovery import server_is_alive

    if not server_is_alive(workspace_dir):
        return

    import asyncio

    from console.client import ConsoleClient, ConsoleRefused, ConsoleUnavailable

    async def shut_down() -> None:
        client, _ = ConsoleClient.for_workspace(workspace_dir)
        async with client:
            await client.shut_down()

    with suppress(ConsoleUnavailable, ConsoleRefused):
        asyncio.run(shut_down())
    deadline = time.monotonic() + _STOP_SECS
    while server_is_alive(workspace_dir) and time.monotonic() < deadline:
        time.sleep(0.05)


def _without_window(workspace_dir: Path, args: argparse.Namespace) -> int:
    """The server and the players as two processes, until the server stops or Ctrl+C."""
    player = ["--no-player-port"] if args.player_port is None else ["--player-port", str(args.player_port)]
    place = ["--workspace", str(workspace_dir)]
    serve = ["serve", *place, "--port", str(args.port), *player, "--until-stdin-closes"]
    with _child(*serve, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        ready = server.stdout.readline()
        if not ready:
            return server.wait()
        print(ready.decode("utf-8").rstrip(), flush=True)
        player_url = _furnish(workspace_dir)
        players = ["simulate", *place, "--duration", "0", "--until-stdin-closes"]
        if player_url is not None:
            players += ["--player-url", player_url]
        with _child(*players, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL):
            return server.wait()


def _furnish(workspace_dir: Path) -> str | None:
    """The sample level, flags and segments, for whoever looks at them over the APIs; returns the player API's address.

    The players play without them all the same.
    """
    import asyncio

    from console.client import ConsoleClient, ConsoleRefused, ConsoleUnavailable
    from console.demo_definitions import make_demo_definitions
    from console.demo_level import upload_sample_level

    async def furnish() -> str | None:
        client, _ = ConsoleClient.for_workspace(workspace_dir)
        async with client:
            application = (await client.applications())[0]
            await upload_sample_level(client, application)
            await make_demo_definitions(client, application)
            return next(iter((await client.status()).player_urls), None)

    try:
        return asyncio.run(furnish())
    except (ConsoleUnavailable, ConsoleRefused) as error:
        print(f"The sample level, flags and segments were not made: {error}", file=sys.stderr)
        return None


@contextmanager
def _child(*arguments: str, stdin: int, stdout: int) -> Iterator["subprocess.Popen[bytes]"]:
    child = subprocess.Popen([*program(), *arguments], stdin=stdin, stdout=stdout)
    try:
        yield child
    finally:
        with suppress(subprocess.TimeoutExpired):  # a Ctrl+C has reached it as well
            child.wait(0.1)
        if child.poll() is None:
            child.terminate()
        try:
            child.wait(_STOP_SECS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
