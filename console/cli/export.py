"""`export`: everything recorded, as NDJSON, by the same way as the window's menu and the HTTP API."""

import argparse
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from console.cli.errors import CommandFailed
from console.cli.options import Parsers, add_json, add_workspace, workspace_of

if TYPE_CHECKING:
    from console.cli.progress import Progress
    from console.client import ConsoleClient
    from console.messages import Export

_POLL_SECS = 0.1


def add_parser(commands: "Parsers[argparse.ArgumentParser]") -> None:
    export = commands.add_parser("export", help="write everything recorded to an NDJSON file")
    export.add_argument("out", type=Path, metavar="OUT.ndjson", help="replaced when it exists")
    export.add_argument("--app", metavar="APP", help="only this application, by name or app id")
    add_workspace(export)
    add_json(export)
    export.set_defaults(command=_run)


def _run(args: argparse.Namespace) -> int:
    from console.cli.output import print_json, size
    from console.cli.progress import progress
    from console.cli.session import with_server

    out = args.out.expanduser().absolute()
    if out.is_dir():
        raise CommandFailed(f"{out} is a folder, not a file")
    if not out.parent.is_dir():
        raise CommandFailed(f"the folder {out.parent} does not exist")

    async def work(client: "ConsoleClient") -> "Export":
        app_id = await app_id_of(client, args.app)
        with progress("Exporting", "events") as bar:
            return await _export(client, out, app_id, bar)

    done = with_server(workspace_of(args), work)
    if done.state != "done":
        raise CommandFailed(f"the export was {done.state}: {done.error}".rstrip(": "))
    if args.json:
        print_json({"file": done.file, "rows": done.rows, "bytes": done.bytes})
    else:
        print(f"{done.rows:,} events, {size(done.bytes)}: {done.file}")
    return 0


async def app_id_of(client: "ConsoleClient", wanted: str | None) -> str | None:
    """The application of that name or app id. Raises CommandFailed."""
    from console.cli.keys import find_application

    return None if wanted is None else find_application(await client.applications(), wanted).app_id


async def _export(client: "ConsoleClient", out: Path, app_id: str | None, bar: "Progress") -> "Export":
    """Start it, follow it to its end, and cancel it when the command is interrupted."""
    import asyncio

    from console.client import ConsoleRefused, ConsoleUnavailable
    from console.messages import StartExport

    export = await client.start_export(StartExport(path=str(out), app_id=app_id))
    try:
        while export.state in ("queued", "running"):
            bar.show(export.rows, max(export.rows_total, export.rows))
            await asyncio.sleep(_POLL_SECS)
            export = await client.export(export.export_id)
    except asyncio.CancelledError:
        with suppress(ConsoleRefused, ConsoleUnavailable):
            await client.cancel_export(export.export_id)
        raise
    bar.show(export.rows, export.rows)
    return export
