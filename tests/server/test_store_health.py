"""What the checks of a workspace say of its event store."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from console.messages import Check
from console.server import health
from console.server.health import verify_workspace
from console.server.projector import Progress
from console.server.services import Services, open_services
from console.server.store_host import stored_position
from console.storage.event_store import Position
from console.storage.workspace import Workspace
from tests.server.test_projector import append, until


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    async with open_services(Workspace.open(tmp_path / "workspace")) as services:
        await until(lambda: services.store.progress.position is not None)
        yield services


async def checked(services: Services, name: str) -> Check:
    (check,) = [check for check in await verify_workspace(services) if check.name == name]
    return check


def pretend(monkeypatch: pytest.MonkeyPatch, services: Services, progress: Progress) -> None:
    monkeypatch.setattr(type(services.store), "progress", progress)


async def test_a_new_workspace_is_sound(services: Services) -> None:
    checks = await verify_workspace(services)
    assert [(check.name, check.ok, check.hint) for check in checks] == [
        ("Journal", True, ""),
        ("Catalog", True, ""),
        ("Event store", True, ""),
        ("Players", True, ""),
        ("Players up to date", True, ""),
        ("Event store position", True, ""),
        ("Event store up to date", True, ""),
        ("Level models", True, ""),
        ("Recording", True, ""),
    ]


async def test_a_store_is_behind_up_to_or_ahead_of_its_journal(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await append(services.journal, events=2, requests=2)
    for position in (Position(), Position(1, 2), Position(2, 4)):
        pretend(monkeypatch, services, Progress(position))
        assert (await checked(services, "Event store position")).ok
    for position in (Position(2, 5), Position(3, 4)):
        pretend(monkeypatch, services, Progress(position))
        check = await checked(services, "Event store position")
        assert (check.ok, check.text) == (
            False,
            f"event {position.seq} is stored, but the journal ends at 4",
        )
        assert check.hint


@pytest.mark.expects_log
async def test_a_store_that_is_not_open_is_told(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, services, Progress())
    monkeypatch.setattr(health, "stored_position", partial(stored_position, within_secs=0.0))
    check = await checked(services, "Event store position")
    assert not check.ok
    assert "not open" in check.text
    pretend(monkeypatch, services, Progress(problem="its file is a folder"))
    assert (await checked(services, "Event store position")).text == "its file is a folder"


async def test_a_store_far_behind_is_told(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    await append(services.journal, events=2, requests=2)
    now_us = services.clock() // 1000
    pretend(monkeypatch, services, Progress(Position(1, 2), oldest_us=now_us - 5_000_000))
    assert (await checked(services, "Event store up to date")).ok
    pretend(monkeypatch, services, Progress(Position(1, 2), oldest_us=now_us - 3_600_000_000))
    check = await checked(services, "Event store up to date")
    assert (check.ok, check.text) == (False, "2 events (3600 s) behind the journal")
