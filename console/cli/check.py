"""`check`: whether a game sent what its test expects, for continuous integration."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from console.cli.errors import FAILED, MISUSED, CommandFailed
from console.cli.options import Parsers, add_json, add_workspace, recorded_workspace_of, seconds, workspace_of

if TYPE_CHECKING:
    from console.client import ConsoleClient
    from console.expectations import CheckReport, Wanted
    from console.messages.counts import Mark

_ABOUT = """\
Each --expect is followed by its own --min and --max; without them at least one event must match.

  playtest-console check --reset
  playtest-console check --expect event:Player_Jump --min 10 --expect "event:Crash" --max 0 --no-rejects --within 30

Ends with 0 when all is as expected, 1 when it is not, 2 when the command line is wrong.
"""


def add_parser(commands: "Parsers[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "check",
        help="check in a test that the expected events came in, and nothing was rejected",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_ABOUT,
    )
    parser.add_argument(
        "--expect", action=_Expect, default=[], metavar="FILTER", help='events that must come; "" is any; repeatable'
    )
    parser.add_argument("--min", action=_Bound, type=_whole, metavar="N", help="of the --expect before it")
    parser.add_argument("--max", action=_Bound, type=_whole, metavar="N", help="of the --expect before it")
    parser.add_argument("--no-rejects", action="store_true", help="no request may have been rejected")
    parser.add_argument(
        "--within", type=seconds, default=0.0, metavar="SECONDS", help="wait so long at most for what is expected"
    )
    parser.add_argument("--app", metavar="APP", help="only this application, by name or app id, and unknown senders")
    parser.add_argument(
        "--since",
        type=_since,
        metavar="MARK",
        help="count from this mark, as --reset printed it, or from the beginning: all (default: the last mark set)",
    )
    parser.add_argument("--reset", action="store_true", help="set a mark to count from, print it, and quit")
    add_workspace(parser)
    add_json(parser)
    parser.set_defaults(command=_run)


class _Expect(argparse.Action):
    """Collects expectations as dictionaries, so that bounds can follow."""

    def __call__(self, _: Any, namespace: argparse.Namespace, value: Any, option: str | None = None) -> None:
        namespace.expect = [*namespace.expect, {"filter": value}]


class _Bound(argparse.Action):
    """Gives the last expectation a bound."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, value: Any, option: str | None = None
    ) -> None:
        if not namespace.expect:
            parser.error(f"{option} stands behind the --expect that it belongs to")
        if self.dest in namespace.expect[-1]:
            parser.error(f"{option} stands twice behind one --expect")
        namespace.expect[-1][self.dest] = value


def wanted_of(expect: Sequence[dict[str, Any]], *, no_rejects: bool = False) -> "Wanted":
    """What the command line asks for. Raises CommandFailed with the place of a mistake."""
    from console.cli.events import explained
    from console.expectations import Expectation, Wanted
    from console.telemetry.filters import FilterProblem, parse

    expectations = []
    for given in expect:
        problem = parse(given["filter"])
        if isinstance(problem, FilterProblem):
            raise CommandFailed(explained(given["filter"], problem), MISUSED)
        most = given.get("max")
        one = Expectation(**({"min": 0 if most is not None else 1} | given))
        if most is not None and most < one.min:
            raise CommandFailed(f"no number is at least {one.min} and at most {most}: {one.filter}", MISUSED)
        expectations.append(one)
    if not expectations and not no_rejects:
        raise CommandFailed("nothing is expected: give --expect FILTER, --no-rejects, or both; or --reset", MISUSED)
    return Wanted(expectations=expectations, no_rejects=no_rejects)


def _run(args: argparse.Namespace) -> int:
    from msgspec.structs import replace

    from console.cli.output import print_json
    from console.cli.session import with_server
    from console.discovery import server_is_alive

    workspace = workspace_of(args)
    if args.reset:
        return _reset(args)
    wanted = wanted_of(args.expect, no_rejects=args.no_rejects)
    if args.within and not server_is_alive(workspace):
        raise CommandFailed(f"no server runs on {workspace}, so nothing can come in: start `serve`, or omit --within")
    recorded_workspace_of(args)

    async def work(client: "ConsoleClient") -> "CheckReport":
        from console.cli.export import app_id_of
        from console.expectations import check

        app_id = await app_id_of(client, args.app)
        return await check(client, replace(wanted, app_id=app_id, since=args.since), within_secs=args.within)

    report = with_server(workspace, work)
    if args.json:
        print_json(report)
    else:
        _print(report)
    return 0 if report.ok else FAILED


def _reset(args: argparse.Namespace) -> int:
    from console.cli.output import print_fields
    from console.cli.session import with_server

    if args.expect or args.no_rejects or args.since is not None:
        raise CommandFailed("--reset stands alone: it sets the mark that the next check counts from", MISUSED)

    async def work(client: "ConsoleClient") -> "Mark":
        return await client.set_mark()

    print_fields({"mark": with_server(recorded_workspace_of(args), work).text}, as_json=args.json)
    return 0


def _print(report: "CheckReport") -> None:
    from console.cli.output import plain
    from console.cli.requests import print_failures

    for found in report.expectations:
        bad = found.missing or found.surplus
        print(f"{'FAILED' if bad else 'ok':<6}  {found.events:>7,}  {plain(found.expected.filter) or 'any event'}")
    print(f"Requests accepted: {report.requests:,}, with events: {report.events:,}; rejected: {report.rejected:,}")
    if report.failures is not None:
        print_failures(report.failures)
    for example in report.examples:
        print(f"Request {example.request_id}: {plain(example.message)}")
        if example.hint:
            print(f"  -> {plain(example.hint)}")
    for problem in report.problems:
        print(plain(problem))
    if report.seen:
        print("Latest events: " + ", ".join(f"{plain(name)} {number:,}" for name, number in report.seen.items()))


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 on")
    return int(text)


def _since(text: str) -> "Mark":
    from console.messages.counts import Mark, read_mark

    found = Mark() if text == "all" else read_mark(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a mark, as `check --reset` prints it, nor all")
    return found
