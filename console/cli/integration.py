"""`integration`: what each SDK does well, and what to mend, as text, JSON or a page."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from console.cli.errors import FAILED, CommandFailed
from console.cli.keys import find_application
from console.cli.options import Parsers, add_json, add_workspace, workspace_of

if TYPE_CHECKING:
    from console.client import ConsoleClient
    from console.messages.integration import Integration, IntegrationReport


def add_parser(commands: "Parsers[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "integration",
        help="check how games and SDKs are integrated",
        description="Says of every SDK what it does well and what to mend. Exits with 1 when something is to be "
        "mended.",
    )
    parser.add_argument("--app", metavar="APP", help="only this application: its name or id")
    parser.add_argument("--html", type=Path, metavar="OUT", help="write the report as a page")
    add_workspace(parser)
    add_json(parser)
    parser.set_defaults(command=_run)


def _run(args: argparse.Namespace) -> int:
    from console.cli.output import print_json
    from console.cli.session import with_server
    from console.integration_report import report_html

    async def work(client: "ConsoleClient") -> "IntegrationReport":
        app_id = find_application(await client.applications(), args.app).app_id if args.app else None
        return await client.integrations(app_id=app_id)

    report = with_server(workspace_of(args), work)
    if args.html is not None:
        try:
            args.html.write_bytes(report_html(report))
        except OSError as error:
            raise CommandFailed(f"{args.html} cannot be written: {error.strerror or error}") from error
    if args.json:
        print_json(report)
    elif args.html is not None:
        print(f"Wrote {args.html}.")
    else:
        _print(report)
    return FAILED if any(found.verdict == "bad" for found in report.integrations) else 0


def _print(report: "IntegrationReport") -> None:
    if not report.integrations:
        print("No SDK has sent anything yet.")
    for number, found in enumerate(report.integrations):
        if number:
            print()
        _print_one(found)


def _print_one(found: "Integration") -> None:
    from console.cli.output import local_time, plain
    from console.integration_report import VERDICT_WORDS, by_part, counts_of, summary_of

    application = found.app_name or found.app_id or "no known key"
    print(f"{plain(found.client)} from {plain(found.peer)}, {plain(application)}: {summary_of(found.lines)}")
    print(f"{counts_of(found)}; last {local_time(found.last_us)}")
    for title, lines in by_part(found.lines):
        print(f"  {title}")
        for line in lines:
            print(f"    {VERDICT_WORDS[line.verdict]:<8}  {line.title:<19} {plain(line.found)}")
            if line.mend:
                shown = f" (request {line.request_id})" if line.request_id is not None else ""
                print(f"{'':14}{plain(line.reason)}{shown}")
                print(f"{'':14}-> {plain(line.mend)}")
