"""`check`, as a game's build runs it."""

import json
import subprocess
import sys
from pathlib import Path

import msgpack
import pytest
import requests

from tests.e2e.processes import cli, cli_json, make_application, serving

pytestmark = pytest.mark.e2e


def test_a_build_waits_for_its_events_and_fails_on_a_rejection(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    place = ("--workspace", str(workspace))
    expect = ("check", "--expect", "event:Player_Jump", "--min", "2", "--no-rejects", *place)
    with serving(workspace) as server:
        credentials = make_application(workspace)
        headers = {"x-public-token": credentials.public_key, "Content-Type": "application/msgpack"}
        event = {
            "event_name": "Player_Jump",
            "app_id": credentials.app_id,
            "build_id": "b",
            "player_id": "p",
            "session_id": "s",
            "level_id": "l",
            "position": [0.0, 1.0, 2.0],
            "timestamp": "2026-01-01T00:00:00Z",
        }

        def send(body: object) -> int:
            answer = requests.post(server.events_url, msgpack.packb(body), headers=headers, timeout=90)
            return answer.status_code

        assert send({**event, "position": "x"}) == 400
        first = cli_json("check", "--reset", *place)["mark"]
        waiting = subprocess.Popen(
            [sys.executable, "-m", "console", *expect, "--within", "60", "--json"], stdout=subprocess.PIPE
        )
        assert send([event, event]) == 200
        out, _ = waiting.communicate(timeout=90)
        assert waiting.returncode == 0
        assert json.loads(out)["ok"]
        assert send({**event, "position": "x"}) == 400
        failed = cli(*expect, "--app", credentials.app_id, check=False)
        assert (failed.returncode, failed.stderr) == (1, "")
        assert "1 request was rejected" in failed.stdout
    # What was recorded can be judged later too, without a server.
    assert cli_json("check", "--expect", "", "--since", first, *place)["rejected"] == 1
