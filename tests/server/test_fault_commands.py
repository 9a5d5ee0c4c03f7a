"""`faults` on the command line, against a running server."""

import asyncio
import json
from pathlib import Path

import pytest

from console.cli.main import build_parser, run
from console.discovery import ServerInfo, read_server_info, write_server_info
from console.faults.presets import PRESETS
from console.messages import CreateKey
from console.messages.faults import Fault
from console.server.faults import FaultRules
from console.server.process import announcing_faults
from console.storage.workspace import Workspace
from tests.server.harness import Server

pytestmark = pytest.mark.expects_log


async def faults(server: Server, *arguments: str) -> int:
    url = f"http://127.0.0.1:{server.port}"
    root = server.services.workspace.root
    info = ServerInfo(telemetry_url=url, player_url=None, console_url=f"{url}/console", workspace=str(root), pid=1)
    write_server_info(root, info)
    return await asyncio.to_thread(run, ["faults", *arguments, "--workspace", str(root)])


async def test_add_list_remove_clear(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert await faults(server, "list") == 0
    assert capsys.readouterr().out == "Fault injection is off.\n"

    arguments = ("answer", "--status", "429", "--retry-after", "3", "--probability", "50%", "--count", "7")
    assert await faults(server, "add", *arguments, "--app", "Game 1", "--route", "/api/*", "--json") == 0
    added = json.loads(capsys.readouterr().out)[0]["fault"]
    assert added == {
        "action": "answer",
        "status": 429,
        "retry_after_secs": 3,
        "app_ids": [server.app_id],
        "routes": ["/api/*"],
        "probability": 0.5,
        "count": 7,
    }
    assert await faults(server, "add", "delay", "--delay", "2", "--from", "+60", "--on", "1", "--off", "2") == 0
    table = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in table] == [["RULE", "STATE"], ["1", "on"], ["2", "waiting"]]
    assert "Delay 2 s" in table[2]
    assert "1 s of every 3 s" in table[2]

    assert await faults(server, "remove", "1") == 0
    assert await faults(server, "remove", "1") == 1
    assert "no fault rule 1" in capsys.readouterr().err
    assert await faults(server, "clear") == 0
    assert not server.services.faults.active


@pytest.mark.parametrize("name", [each.name for each in PRESETS])
async def test_every_set_can_be_added(server: Server, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert await faults(server, "add", "drop") == 0
    assert await faults(server, "add", name, "--route", "/api/events", "--replace") == 0
    wanted = next(each for each in PRESETS if each.name == name)
    rules = server.services.faults.shown()
    assert [rule.fault.action for rule in rules] == [fault.action for fault in wanted.faults]
    assert all(rule.fault.routes == ["/api/events"] for rule in rules)


async def test_what_is_wrong_is_said(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    assert await faults(server, "add", "delay") == 1
    assert "delay needs --delay" in capsys.readouterr().err
    assert await faults(server, "add", "flaky-network", "--count", "3") == 1
    assert "has its own count" in capsys.readouterr().err
    assert await faults(server, "add", "drop", "--peer", "nowhere") == 1
    assert "192.168.1.0/24" in capsys.readouterr().err
    assert await faults(server, "add", "drop", "--key", "nope") == 1
    assert "no key has the id, the token or the label 'nope'; there are: " in capsys.readouterr().err
    assert await faults(server, "add", "drop", "--key", "") == 1
    assert not server.services.faults.active


async def test_a_key_goes_by_id_token_and_label(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    public = next(key for key in server.created.application.keys if key.kind == "public")
    for wanted in (public.key_id, public.token, public.hint, public.label):
        assert await faults(server, "add", "drop", "--app", "Game 1", "--key", wanted, "--replace") == 0
        assert [rule.fault.key_ids for rule in server.services.faults.shown()] == [[public.key_id]]
    server.services.catalog.create_key(server.app_id, CreateKey(kind="public", label=public.label))
    capsys.readouterr()
    assert await faults(server, "add", "drop", "--key", public.label) == 1
    assert f"several keys go by '{public.label}'" in capsys.readouterr().err


def test_without_a_server_there_is_nothing_to_add_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["faults", "add", "drop", "--workspace", str(tmp_path)]) == 1
    assert "no server runs" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["add"],
        ["add", "explode"],
        ["add", "answer", "--status", "418"],
        ["add", "drop", "--probability", "0"],
        ["add", "drop", "--probability", "101%"],
        ["add", "drop", "--from", "25:00"],
        ["add", "drop", "--until", "soon"],
        ["remove", "x"],
    ],
)
def test_a_wrong_command_line_ends_with_status_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args(["faults", *arguments])
    assert caught.value.code == 2


def test_the_announcement_tells_of_them(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path / "w")
    info = ServerInfo(telemetry_url="", player_url=None, console_url="", workspace="", pid=1)
    rules = FaultRules(lambda: 0, lambda: None)

    with announcing_faults(rules, workspace, info):
        rules.add([Fault(action="drop"), Fault(action="drop")])
    told = read_server_info(workspace.root)
    assert told is not None
    assert told.faults

    with announcing_faults(rules, workspace, info):
        rules.clear()
    assert read_server_info(workspace.root) == info
    rules.add([Fault(action="drop")])
    assert read_server_info(workspace.root) == info
