"""Commands that need a server: the one that runs on the workspace, or one for the duration of the command."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from console.cli.errors import CommandFailed
from console.client import ConsoleClient, ConsoleRefused, ConsoleUnavailable
from console.storage.workspace import Workspace, WorkspaceError

T = TypeVar("T")


def with_server(workspace_dir: Path, work: Callable[[ConsoleClient], Awaitable[T]]) -> T:
    """Do `work` with a client of the workspace's server. Raises CommandFailed.

    The program of the server is loaded only where none runs: it takes longer than most commands.
    """

    async def do() -> T:
        workspace = Workspace.open(workspace_dir)
        if (client := await ConsoleClient.of_running(workspace.root)) is None:
            return await _with_own_server(workspace_dir, work)
        async with client:
            return await work(client)

    try:
        return asyncio.run(do())
    except (ConsoleRefused, ConsoleUnavailable, WorkspaceError, OSError) as error:
        raise CommandFailed(str(error)) from error


async def _with_own_server(workspace_dir: Path, work: Callable[[ConsoleClient], Awaitable[T]]) -> T:
    from console.server.process import running_server
    from console.storage.catalog import CatalogError
    from console.storage.journal import JournalError

    try:
        async with running_server(workspace_dir) as client:
            return await work(client)
    except (CatalogError, JournalError) as error:
        raise CommandFailed(str(error)) from error
