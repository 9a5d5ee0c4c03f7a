"""Options that several commands share, and the types of their values."""

import argparse
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from console.cli.errors import CommandFailed
from console.ui.options import DEFAULT_PLAYER_PORT, DEFAULT_PORT, VIEW_NAMES

Parsers = argparse._SubParsersAction  # argparse has no public name for what add_subparsers returns


# Options of the window are those of every command too, before or after its name. So the top parser alone has their
# defaults: one in a sub-parser would undo what was given before the command.


def add_workspace(parser: argparse.ArgumentParser, *, top: bool = False) -> None:
    parser.add_argument(
        "--workspace",
        type=Path,
        metavar="DIR",
        default=None if top else argparse.SUPPRESS,
        help="folder that holds everything recorded (default: one per user)",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON, for machines")


def add_ports(parser: argparse.ArgumentParser, *, top: bool = False) -> None:
    parser.add_argument(
        "--port",
        type=port,
        default=DEFAULT_PORT if top else argparse.SUPPRESS,
        help=f"port of the telemetry API; 0 takes a free one (default: {DEFAULT_PORT})",
    )
    player = parser.add_mutually_exclusive_group()
    player.add_argument(
        "--player-port",
        type=port,
        default=DEFAULT_PLAYER_PORT if top else argparse.SUPPRESS,
        metavar="PORT",
        help=f"port of the player API; 0 takes a free one (default: {DEFAULT_PLAYER_PORT})",
    )
    player.add_argument(
        "--no-player-port",
        action="store_const",
        const=None,
        default=argparse.SUPPRESS,
        dest="player_port",
        help="listen on the telemetry port alone",
    )


def add_screenshot(parser: argparse.ArgumentParser, *, top: bool = False) -> None:
    parser.add_argument(
        "--screenshot",
        type=Path,
        metavar="FILE",
        default=None if top else argparse.SUPPRESS,
        help="save a picture of the window as PNG, and quit",
    )
    parser.add_argument(
        "--after",
        type=seconds,
        default=3.0 if top else argparse.SUPPRESS,
        metavar="SECONDS",
        help="when to take the picture (default: 3)",
    )
    parser.add_argument(
        "--view",
        choices=VIEW_NAMES,
        default=None if top else argparse.SUPPRESS,
        help="which view to show first",
    )


def workspace_of(args: argparse.Namespace) -> Path:
    """The absolute folder that was asked for, or the default one."""
    from console.discovery import default_workspace_dir

    chosen: Path | None = args.workspace
    return (chosen or default_workspace_dir()).expanduser().absolute()


def recorded_workspace_of(args: argparse.Namespace) -> Path:
    """As `workspace_of`, for a question about what is there: a mistyped folder is not made. Raises CommandFailed."""
    from console.discovery import WORKSPACE_FILE

    workspace = workspace_of(args)
    if not (workspace / WORKSPACE_FILE).is_file():
        raise CommandFailed(f"there is no workspace at {workspace}: name one that was recorded with --workspace")
    return workspace


def port(text: str) -> int:
    """A TCP port; 0 takes a free one."""
    number = _whole(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: 0 … 65535")
    return number


def count(text: str) -> int:
    number = _whole(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 on")
    return number


def seconds(text: str) -> float:
    return _number(text, "a time in seconds")


def rate(text: str) -> float:
    return _number(text, "a number of requests per second")


def positive(text: str) -> float:
    number = _number(text, "a number above 0")
    if number == 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return number


def uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a UUID") from None


def http_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise argparse.ArgumentTypeError(f"{text!r} is not an address like http://127.0.0.1:4000")
    return f"{parts.scheme}://{parts.netloc}"


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def _number(text: str, what: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):  # a NaN compares false as well
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return number
