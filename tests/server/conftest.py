"""A real server for tests: real services on a temporary workspace, real sockets on free ports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from console.server.listeners import SocketListeners
from console.server.process import running
from console.storage.workspace import Workspace
from tests.server.harness import Server, ServerFactory, create_application


@pytest.fixture
def make_server(tmp_path: Path) -> ServerFactory:
    """Starts servers on the test's workspace, one after the other. Without a rate limit unless one is given."""

    @asynccontextmanager
    async def make(*, rate_limit: float = 0.0) -> AsyncIterator[Server]:
        workspace = Workspace.open(tmp_path / "workspace")
        listeners = SocketListeners("127.0.0.1", 0, 0)
        listeners.open()
        try:
            with workspace.lock():
                async with running(workspace, listeners, rate_limit=rate_limit) as (services, _):
                    ports = [
                        int(urls[0].rpartition(":")[2]) for urls in (listeners.telemetry_urls, listeners.player_urls)
                    ]
                    name = f"Game {len(services.catalog.applications())}"
                    yield Server(services, listeners, create_application(services, name), *ports)
        finally:
            listeners.close()

    return make


@pytest.fixture
async def server(make_server: ServerFactory) -> AsyncIterator[Server]:
    """A server without a rate limit."""
    async with make_server() as running_server:
        yield running_server
