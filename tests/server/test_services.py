"""Opening and closing everything behind the sockets."""

import asyncio
import threading
from pathlib import Path

import pytest

from console.messages import SettingsChanges
from console.server import services as services_module
from console.server import status as status_module
from console.server.runtime import FixedListeners
from console.server.services import open_services
from console.storage.workspace import Workspace


async def test_everything_that_starts_stops(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path)
    threads = threading.active_count()
    tasks = len(asyncio.all_tasks())
    async with open_services(workspace) as services:
        assert [application.name for application in services.catalog.applications()] == ["My Game"]
        assert threading.active_count() > threads
    assert len(asyncio.all_tasks()) == tasks
    assert services.feed.subscribers == 0


async def test_a_workspace_opens_again_with_what_it_had(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path)
    async with open_services(workspace) as services:
        await services.settings.change(SettingsChanges(rate_limit=3.0))
        (before,) = services.catalog.applications()
    async with open_services(workspace, overrides=SettingsChanges(rate_limit=7.0)) as services:
        assert services.catalog.applications() == [before]
        assert services.settings.current.rate_limit == 7.0
        assert services.catalog.settings().rate_limit == 3.0


async def test_a_file_that_cannot_be_opened_leaves_nothing_running(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path)
    workspace.journal_path.mkdir()
    with pytest.raises(Exception, match="journal"):
        async with open_services(workspace):
            pass


async def test_status_follows_the_disk_and_the_sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_module, "_DISK_PERIOD_SECS", 0.01)
    async with open_services(Workspace.open(tmp_path)) as services:
        services.runtime.listeners = FixedListeners(["http://127.0.0.1:1"], ["http://127.0.0.1:2"], lan=True)
        await _until(services, lambda status: status.workspace_bytes > 0)
        status = services.status.current()
        assert (status.telemetry_urls, status.player_urls, status.lan) == (
            ["http://127.0.0.1:1"],
            ["http://127.0.0.1:2"],
            True,
        )
        assert status.problem == ""
        monkeypatch.setattr(status_module, "_disk_use", lambda root: (5, 100 * 2**20))
        await _until(services, lambda status: status.disk_free_bytes == 100 * 2**20)
        assert services.status.current().problem == "Only 100 MiB are free on the workspace's disk."


async def test_the_use_of_keys_is_written_down_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services_module, "_KEY_USAGE_SECS", 0.01)
    async with open_services(Workspace.open(tmp_path)) as services:
        key = services.catalog.applications()[0].keys[0]
        flushed = asyncio.Event()
        loop = asyncio.get_running_loop()
        flush = services.catalog.flush_usage

        def flush_and_tell() -> None:
            flush()
            loop.call_soon_threadsafe(flushed.set)

        monkeypatch.setattr(services.catalog, "flush_usage", flush_and_tell)
        services.catalog.note_used(key.key_id, 123)
        await asyncio.wait_for(flushed.wait(), 30)
        assert services.catalog.applications()[0].keys[0].last_used_at_us == 123


async def _until(services: services_module.Services, true: object) -> None:
    assert callable(true)
    deadline = asyncio.get_running_loop().time() + 30
    while not true(services.status.current()):
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.005)
