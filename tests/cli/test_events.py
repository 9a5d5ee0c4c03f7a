"""`events`: what is recorded and matches, in a terminal and for machines."""

import asyncio
import json
from pathlib import Path

import pytest

from console.cli.main import run
from console.messages import CreateApplication
from console.server.process import running_server


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    async def fill() -> None:
        async with running_server(tmp_path) as client:
            created = await client.create_application(CreateApplication(name="Maze"))
            await client.send_test_event(created.application.app_id)

    asyncio.run(fill())
    return tmp_path


def test_events_that_match_are_listed(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["events", "--workspace", str(workspace), "--filter", "kind:gameplay", "--app", "Maze", "--json"]) == 0
    (event,) = json.loads(capsys.readouterr().out)
    assert (event["kind"], event["seq"]) == ("gameplay", 1)
    assert run(["events", "--workspace", str(workspace), "--filter=-kind:gameplay"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == []


def test_a_filter_that_cannot_be_read_is_marked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["events", "--workspace", str(tmp_path), "--filter", "evnt:Jump"]) == 2
    assert capsys.readouterr().err.splitlines()[1:] == ["  evnt:Jump", "  ^^^^", "Did you mean: event:Jump"]


def test_fields_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["events", "--fields"]) == 0
    assert "fps.low_1:<30" in capsys.readouterr().out
