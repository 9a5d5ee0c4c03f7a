"""`requests`: what was wrong with those that were rejected, and many of them as an HTTP archive."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from console.cli.errors import CommandFailed
from console.cli.options import Parsers, add_json, add_workspace, count, workspace_of

if TYPE_CHECKING:
    from console.client import ConsoleClient
    from console.har_export import HarSaved
    from console.messages.requests import FailureGroup, FailureReport


def add_parser(commands: "Parsers[argparse.ArgumentParser]") -> None:
    requests = commands.add_parser("requests", help="look at recorded requests: equal failures, HTTP archives")
    actions = requests.add_subparsers(metavar="ACTION", title="actions", required=True)

    export = actions.add_parser("export", help="write recorded requests to an HTTP archive (HAR 1.2), keys hidden")
    export.add_argument("out", type=Path, metavar="OUT.har", help="replaced when it exists")
    export.add_argument("--rejected", action="store_true", help="only those that were rejected")
    export.add_argument("--limit", type=count, metavar="N", help="only the newest N")
    _add_app(export)
    add_workspace(export)
    add_json(export)
    export.set_defaults(command=_export)

    failures = actions.add_parser("failures", help="list what was wrong with rejected requests, equal ones together")
    _add_app(failures)
    add_workspace(failures)
    add_json(failures)
    failures.set_defaults(command=_failures)


def _add_app(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--app", metavar="APP", help="only this application, by name or app id, and unknown senders")


def _export(args: argparse.Namespace) -> int:
    from console.cli.output import print_json, size
    from console.cli.progress import progress
    from console.cli.session import with_server

    out = args.out.expanduser().absolute()
    if out.is_dir():
        raise CommandFailed(f"{out} is a folder, not a file")
    if not out.parent.is_dir():
        raise CommandFailed(f"the folder {out.parent} does not exist")

    async def work(client: "ConsoleClient") -> "HarSaved":
        from console.har_export import newest_requests, save_har

        app_id = await _app_id(client, args.app)
        rows = await newest_requests(client, limit=args.limit, rejected_only=args.rejected, app_id=app_id)
        with progress("Exporting", "requests") as bar:
            return await save_har(client, [row.request_id for row in rows], out, bar.show)

    saved = with_server(workspace_of(args), work)
    if args.json:
        print_json({"file": str(saved.file), "requests": saved.requests, "bytes": saved.bytes})
    else:
        print(f"{saved.requests:,} requests, {size(saved.bytes)}: {saved.file}")
    return 0


def _failures(args: argparse.Namespace) -> int:
    from console.cli.output import print_json
    from console.cli.session import with_server

    async def work(client: "ConsoleClient") -> "FailureReport":
        return await client.failure_report(app_id=await _app_id(client, args.app))

    report = with_server(workspace_of(args), work)
    if args.json:
        print_json(report)
        return 0
    print_failures(report)
    return 0


def print_failures(report: "FailureReport") -> None:
    """Equal failures in one line each, and what is not listed."""
    from console.cli.output import print_table

    if report.groups:
        print_table(["REQUESTS", "STATUS", "WHAT IS WRONG", "FROM", "FIRST", "LAST"], [*map(_line, report.groups)])
    for remark in _remarks(report):
        print(remark)


def _line(group: "FailureGroup") -> list[str]:
    from console.cli.output import local_time

    kind = group.kind
    first = group.peers[0] if group.peers else "unknown"
    return [
        f"{group.requests:,}",
        str(kind.status),
        f"{kind.error} {kind.pattern}",
        first if group.peers_total < 2 else f"{first} and {group.peers_total - 1} more",
        local_time(group.first_us),
        local_time(group.last_us),
    ]


def _remarks(report: "FailureReport") -> list[str]:
    remarks = []
    if not report.groups:
        remarks.append("No rejected request is kept.")
    if report.groups_total > len(report.groups):
        remarks.append(f"{report.groups_total - len(report.groups):,} more kinds of failure are older.")
    if report.forgotten:
        remarks.append(f"{report.forgotten:,} rejected requests are no longer kept.")
    return remarks


async def _app_id(client: "ConsoleClient", wanted: str | None) -> str | None:
    from console.cli.keys import find_application

    return None if wanted is None else find_application(await client.applications(), wanted).app_id
