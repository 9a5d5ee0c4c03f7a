"""`events`: recorded events that match a filter, for terminals and scripts."""

import argparse
from typing import TYPE_CHECKING, Any

from console.cli.errors import MISUSED, CommandFailed
from console.cli.options import Parsers, add_json, add_workspace, recorded_workspace_of

if TYPE_CHECKING:
    from console.client import ConsoleClient
    from console.messages import EventRow

_DEFAULT_LIMIT = 50
_MAX_LIMIT = 50_000
_ABOUT = """\
The filter is Lucene's syntax. Values of a field are compared in their case; a word alone is found in any text.

  event:Player_* level:"Level 1" fps.low_1:<30 -is:late
  custom_data.weapon:sword time:>now-5m
  (kind:funnel OR kind:identity) player:/^p-[0-9]+$/

One that begins with - is given as --filter=-is:late.
"""


def add_parser(commands: "Parsers[argparse.ArgumentParser]") -> None:
    events = commands.add_parser(
        "events",
        help="show the newest recorded events, or those that match a filter",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_ABOUT,
    )
    events.add_argument("--filter", default="", metavar="FILTER", help="only events that match")
    events.add_argument("--fields", action="store_true", help="list what a filter can ask for, and quit")
    events.add_argument("--app", metavar="APP", help="only this application, by name or app id")
    events.add_argument(
        "--limit", type=_limit, default=_DEFAULT_LIMIT, metavar="N", help=f"at most so many; default: {_DEFAULT_LIMIT}"
    )
    add_workspace(events)
    add_json(events)
    events.set_defaults(command=_run)


def _run(args: argparse.Namespace) -> int:
    from console.cli.export import app_id_of
    from console.cli.output import local_time, print_json, print_table
    from console.cli.session import with_server
    from console.telemetry.filters import FilterProblem, fields, parse

    if args.fields:
        print_table(["FIELD", "IS", "EXAMPLE"], [[field.name, field.about, field.example] for field in fields()])
        return 0
    found = parse(args.filter)
    if isinstance(found, FilterProblem):
        raise CommandFailed(explained(args.filter, found), MISUSED)

    async def work(client: "ConsoleClient") -> "list[EventRow]":
        app_id = await app_id_of(client, args.app)
        return await client.events(matching=args.filter, limit=args.limit, app_id=app_id)

    rows = with_server(recorded_workspace_of(args), work)
    if args.json:
        print_json([_object(row) for row in rows])
        return 0
    print_table(
        ["TIME", "KIND", "EVENT", "LEVEL", "PLAYER", "SESSION", "BUILD"],
        [
            [
                local_time(row.time_us),
                row.kind.label,
                row.name,
                row.level_id,
                row.player_name or row.player_id,
                row.session_id,
                row.build_id,
            ]
            for row in rows
        ],
    )
    return 0


def _limit(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= number <= _MAX_LIMIT:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {_MAX_LIMIT:,}, not {text!r}")
    return number


def explained(text: str, problem: Any) -> str:
    """The sentence, the text with the place marked, and what was probably meant."""
    lines = [f"the filter cannot be read: {problem.message}"]
    if text.isprintable():
        lines += [f"  {text}", "  " + " " * problem.position + "^" * max(1, problem.end - problem.position)]
    if problem.mend:
        lines.append(f"Did you mean: {problem.mend}")
    return "\n".join(lines)


def _object(row: "EventRow") -> dict[str, Any]:
    from msgspec.structs import asdict

    return asdict(row) | {"kind": row.kind.name.lower()}
