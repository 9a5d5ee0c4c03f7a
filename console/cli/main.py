"""The parser of the whole command line, and what happens to errors."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from console.cli import (
    apps,
    check,
    demo,
    doctor,
    events,
    export,
    faults,
    integration,
    keys,
    levels,
    requests,
    serve,
    simulate,
    window,
    window_probe,
    workers,
)
from console.cli.errors import FAILED, INTERRUPTED, CommandFailed
from console.version import program_version

PROGRAM = "playtest-console"
Command = Callable[[argparse.Namespace], int]


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns the exit status.

    A wrong command line ends in argparse's own message and SystemExit with status 2.
    """
    args = build_parser().parse_args(arguments)
    command: Command = args.command
    try:
        return command(args)
    except CommandFailed as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away, as `| head` does. Nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def build_parser() -> argparse.ArgumentParser:
    """Sub-commands set `command`, a callable from the parsed arguments to the exit status."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Records what a game sends during a playtest, and shows it live. Without a command, "
        "the window opens.",
    )
    parser.add_argument("--version", action=_PrintVersion)
    window.add_to(parser)
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    for group in (
        serve,
        apps,
        keys,
        simulate,
        demo,
        check,
        events,
        export,
        faults,
        integration,
        levels,
        requests,
        doctor,
        window_probe,
        workers,
    ):
        group.add_parser(commands)
    return parser


class _PrintVersion(argparse.Action):
    """Looked up only when asked for: reading the metadata takes longer than parsing."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, default=argparse.SUPPRESS, help="print the version, and quit")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"{PROGRAM} {program_version()}")
        parser.exit()
