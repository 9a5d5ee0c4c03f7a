"""`levels` on the command line, against a running server."""

import asyncio
import json
from pathlib import Path

import pytest

from console.cli.main import run
from console.discovery import ServerInfo, write_server_info
from tests.server.harness import Server
from tests.server.test_console_api import client_of, projected, trajectory
from tests.server.test_mesh_worker import TRIANGLE_OBJ


async def levels(server: Server, *arguments: str) -> int:
    url = f"http://127.0.0.1:{server.port}"
    root = server.services.workspace.root
    info = ServerInfo(telemetry_url=url, player_url=None, console_url=f"{url}/console", workspace=str(root), pid=1)
    write_server_info(root, info)
    return await asyncio.to_thread(run, ["levels", *arguments, "--workspace", str(root)])


async def test_list_upload_map_and_assign(server: Server, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def said() -> str:
        return capsys.readouterr().out

    await server.ingest(server.body(trajectory(server), trajectory(server, session_id="other")))
    async with client_of(server) as client:
        await projected(client, 2)
    file = tmp_path / "Attic.obj"
    file.write_bytes(TRIANGLE_OBJ)
    assert await levels(server, "upload", str(file), "--axes", "quake", "--app", "game 1", "--json") == 0
    told = json.loads(said())
    assert (told["level_name"], told["version"], told["triangles"], told["mesh_axes"]) == ("Attic", 1, 1, "quake")
    assert await levels(server, "assign", "attic_v2", "session", "--app", server.app_id) == 0
    assert said() == "1 session assigned to attic_v2\n"
    assert await levels(server, "map", "attic_v2", "Attic", "--app", "Game 1") == 0
    assert said() == "attic_v2 is shown with the models named Attic\n"

    assert await levels(server, "list", "--json") == 0
    rows = [(row["level_id"], row["model"], row["sessions"], row["samples"]) for row in json.loads(said())]
    assert rows == [("(unassigned)", None, 1, 2), ("attic_v2", "Attic", 1, 2)]
    assert await levels(server, "assign", "", "session", "--app", "Game 1") == 0
    assert said() == "1 session in no level any more\n"
    assert await levels(server, "list", "--app", "Game 1") == 0
    assert [line.split()[2:4] for line in said().splitlines()[1:]] == [["(unassigned)", "none"], ["attic_v2", "Attic"]]

    for arguments, problem in (
        (("upload", str(tmp_path / "none.glb")), "there is no file"),
        (("map", "attic_v2", "Cellar", "--app", "Game 1"), "no level model named 'Cellar'"),
        (("assign", ""), "name the sessions"),
        (("list", "--app", "Nobody's"), "there is no application Nobody's"),
    ):
        assert await levels(server, *arguments) == 1
        assert problem in capsys.readouterr().err
