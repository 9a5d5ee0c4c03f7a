"""`faults`: what goes wrong on purpose, so that a client can be tried. Rules live as long as the running server."""

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from console.cli.errors import CommandFailed
from console.cli.options import Parsers, add_json, add_workspace, count, positive, seconds, workspace_of
from console.faults.names import PRESET_TEXTS, FaultAction

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from console.client import ConsoleClient
    from console.messages.faults import Fault, FaultRule

_ACTIONS: tuple[FaultAction, ...] = get_args(FaultAction)
_SECOND_US = 1_000_000
_NEEDED = {"delay": ("delay_secs", "--delay"), "slow": ("bytes_per_second", "--bytes-per-second")}


def add_parser(commands: "Parsers[argparse.ArgumentParser]") -> None:
    faults = commands.add_parser("faults", help="make requests fail on purpose, to try a client")
    actions = faults.add_subparsers(metavar="ACTION", title="actions", required=True)

    listing = actions.add_parser("list", help="list the rules in force")
    _finish(listing, _list)

    add = actions.add_parser(
        "add",
        help="add a rule, or a set of rules",
        epilog="Sets: " + " ".join(f"{name}: {text}" for name, text in PRESET_TEXTS.items()),
    )
    names = [action.replace("_", "-") for action in _ACTIONS]
    add.add_argument(
        "what",
        metavar="WHAT",
        choices=[*names, *PRESET_TEXTS],
        help=f"what happens: {', '.join(names)}; or a set: {', '.join(PRESET_TEXTS)}",
    )
    add.add_argument("--status", type=int, choices=(429, 500, 503), help="of an answer (default: 503)")
    add.add_argument("--retry-after", type=int, metavar="SECONDS", help="of an answer")
    add.add_argument("--delay", type=positive, metavar="SECONDS", help="of a delay")
    add.add_argument("--bytes-per-second", type=positive, metavar="N", help="of a slow answer")
    add.add_argument("--app", metavar="APP", action="append", default=[], help="only this application; repeatable")
    add.add_argument(
        "--key", metavar="KEY", action="append", default=[], help="only this key: id, public token or label; repeatable"
    )
    add.add_argument("--peer", metavar="ADDRESS", action="append", default=[], help="only this address or network")
    add.add_argument("--route", metavar="PATH", action="append", default=[], help="only this path; * for anything")
    add.add_argument("--probability", type=_share, metavar="SHARE", help="how many requests: 5%% or 0.05")
    add.add_argument("--count", type=count, metavar="N", help="end after so many requests")
    add.add_argument(
        "--from", type=_instant, dest="from_us", metavar="TIME", help="+30 (s from now), 14:30 or ISO 8601"
    )
    add.add_argument("--until", type=_instant, dest="until_us", metavar="TIME", help="as --from")
    add.add_argument("--on", type=seconds, metavar="SECONDS", help="so long in each cycle; with --off")
    add.add_argument("--off", type=seconds, metavar="SECONDS", help="and then not for so long")
    add.add_argument("--replace", action="store_true", help="take the other rules away")
    _finish(add, _add)

    remove = actions.add_parser("remove", help="take one rule away")
    remove.add_argument("rule_id", metavar="RULE", type=count)
    _finish(remove, _remove)

    clear = actions.add_parser("clear", help="switch fault injection off")
    _finish(clear, _clear)


def _finish(parser: argparse.ArgumentParser, command: "Callable[[argparse.Namespace], int]") -> None:
    add_workspace(parser)
    add_json(parser)
    parser.set_defaults(command=command)


def faults_of(args: argparse.Namespace, app_ids: list[str], key_ids: list[str], now_us: int) -> "list[Fault]":
    """The rules that the command line asks for. Raises CommandFailed."""
    from console.faults.presets import preset
    from console.messages.faults import Fault

    ready = preset(args.what)
    action = args.what.replace("-", "_")
    name, option = _NEEDED.get(action, ("", ""))
    given = {
        "status": args.status,
        "retry_after_secs": args.retry_after,
        "delay_secs": args.delay,
        "bytes_per_second": args.bytes_per_second,
        "probability": args.probability,
        "count": args.count,
        "from_us": args.from_us,
        "until_us": args.until_us,
        "on_secs": args.on,
        "off_secs": args.off,
    }
    given = {key: value for key, value in given.items() if value is not None}
    whom: dict[str, Any] = {"app_ids": app_ids, "key_ids": key_ids, "peers": args.peer, "routes": args.route}
    if ready is not None:
        from msgspec.structs import replace

        if extra := sorted(given.keys() - {"until_us"}):
            raise CommandFailed(
                f"the set {ready.name} has its own {', '.join(extra)}: give only whom it is for, and --until"
            )
        return [replace(fault, **whom, **given) for fault in ready.starting(now_us)]
    if name and name not in given:
        raise CommandFailed(f"{args.what} needs {option}")
    return [Fault(action=action, **whom, **given)]


def _add(args: argparse.Namespace) -> int:
    async def work(client: "ConsoleClient") -> "list[FaultRule]":
        from console.cli.keys import find_application, find_key
        from console.messages.faults import AddFaults

        applications = await client.applications() if args.app or args.key else []
        named = [find_application(applications, wanted) for wanted in args.app]
        app_ids = [application.app_id for application in named]
        key_ids = [find_key(named or applications, wanted).key_id for wanted in args.key]
        faults = faults_of(args, app_ids, key_ids, int(datetime.now(UTC).timestamp() * _SECOND_US))
        return await client.add_faults(AddFaults(faults=faults, replace=args.replace))

    _show(_with_running_server(workspace_of(args), work), as_json=args.json)
    return 0


def _list(args: argparse.Namespace) -> int:
    async def work(client: "ConsoleClient") -> "list[FaultRule]":
        return await client.faults()

    _show(_with_running_server(workspace_of(args), work), as_json=args.json)
    return 0


def _remove(args: argparse.Namespace) -> int:
    async def work(client: "ConsoleClient") -> "list[FaultRule]":
        await client.remove_fault(args.rule_id)
        return await client.faults()

    _show(_with_running_server(workspace_of(args), work), as_json=args.json)
    return 0


def _clear(args: argparse.Namespace) -> int:
    async def work(client: "ConsoleClient") -> "list[FaultRule]":
        await client.clear_faults()
        return []

    _show(_with_running_server(workspace_of(args), work), as_json=args.json)
    return 0


def _show(rules: "list[FaultRule]", *, as_json: bool) -> None:
    from console.cli.output import print_json, print_table
    from console.faults.words import how_often, to_whom, what_happens

    if as_json:
        print_json(rules)
    elif not rules:
        print("Fault injection is off.")
    else:
        print_table(
            ["RULE", "STATE", "WHAT", "FOR", "WHEN", "INJECTED"],
            [
                [
                    str(rule.rule_id),
                    rule.state,
                    what_happens(rule.fault),
                    to_whom(rule.fault),
                    how_often(rule.fault),
                    f"{rule.injected:,} of {rule.matched:,}",
                ]
                for rule in rules
            ],
        )


def _with_running_server(
    workspace_dir: Path, work: "Callable[[ConsoleClient], Awaitable[list[FaultRule]]]"
) -> "list[FaultRule]":
    """Rules are of the server that runs: one started for the command would forget them at its end."""
    import asyncio

    from console.client import ConsoleClient, ConsoleRefused, ConsoleUnavailable

    async def do() -> "list[FaultRule]":
        client, _ = ConsoleClient.for_workspace(workspace_dir)
        async with client:
            return await work(client)

    try:
        return asyncio.run(do())
    except ConsoleUnavailable as error:
        raise CommandFailed(f"{error}; start it with the window or `serve`, rules live as long as it runs") from error
    except ConsoleRefused as error:
        raise CommandFailed(str(error)) from error


def _share(text: str) -> float:
    number, percent, rest = text.strip().partition("%")
    try:
        share = float(number) / (100 if percent else 1)
    except ValueError:
        share = -1.0
    if rest or not 0 < share <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share such as 5% or 0.05")
    return share


def _instant(text: str) -> int:
    """µs since 1970-01-01 UTC. Without an offset it is local time; a time of day that has passed is tomorrow's."""
    now = datetime.now()  # noqa: DTZ005  # without a zone: its offset may be another one at the time that is meant
    try:
        if text.startswith("+"):
            return int((datetime.now(UTC) + timedelta(seconds=float(text))).timestamp() * _SECOND_US)
        if "T" in text or "-" in text:
            return int(datetime.fromisoformat(text).timestamp() * _SECOND_US)
        parts = [int(part) for part in text.split(":")]
        if len(parts) not in (2, 3):
            raise ValueError
        at = now.replace(hour=parts[0], minute=parts[1], second=parts[2] if len(parts) == 3 else 0, microsecond=0)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as +30, 14:30 or 2026-03-01T14:30") from None
    return int((at if at > now else at + timedelta(days=1)).timestamp() * _SECOND_US)
