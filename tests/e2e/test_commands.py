"""The command line on a workspace, with and without a server on it."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import msgpack
import pytest
import requests

from tests.e2e.processes import cli, cli_json, exported, make_application, serving

pytestmark = pytest.mark.e2e

_NUMBERS = [0, -1, 2**63 - 1, -(2**63), 2**64 - 1, 0.1, -0.0, 1e300, 5e-324, 3.0, 123456789.123456789]


@pytest.mark.parametrize("with_server", [True, False])
def test_applications_and_keys(tmp_path: Path, with_server: bool) -> None:
    workspace = tmp_path / "w"
    place = ("--workspace", str(workspace))
    with serving(workspace) if with_server else nullcontext():
        app_id = "72ab8f81-ef36-4712-a046-399a62b9afaa"
        made = cli_json("apps", "create", "Space Game", "--app-id", app_id, "--env", "test", *place)
        assert list(made) == ["app_id", "name", "environment", "public_key", "secret_key"]
        assert (made["app_id"], made["name"], made["environment"]) == (app_id, "Space Game", "test")
        assert made["public_key"].startswith("pk_test_")
        assert made["secret_key"].startswith("sk_test_")
        assert [app["name"] for app in cli_json("apps", "list", *place)] == ["My Game", "Space Game"]

        key = cli_json("keys", "create", "Space Game", "--kind", "secret", "--label", "CI", *place)
        assert key["token"].startswith("sk_test_")
        assert cli("keys", "revoke", key["key_id"], *place).stdout.startswith("Revoked")
        keys = {each["key_id"]: each for each in cli_json("keys", "list", app_id, *place)}
        assert keys[key["key_id"]]["label"] == "CI"
        assert keys[key["key_id"]]["revoked_at_us"]
        assert key["token"] not in json.dumps(keys)

        again = cli("apps", "create", "Space Game", *place, check=False)
        assert again.returncode == 1
        assert len(again.stderr.splitlines()) == 1
        unknown = cli("keys", "create", "Nobody", "--kind", "public", *place, check=False)
        assert unknown.returncode == 1
        assert "'Nobody'" in unknown.stderr


def test_the_export_is_what_was_sent(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    with serving(workspace) as server:
        credentials = make_application(workspace)
        sent: list[dict[str, Any]] = [
            {
                "event_name": "Numbers",
                "app_id": credentials.app_id,
                "build_id": "b",
                "player_id": f"p{number}",
                "session_id": "Überall \u2028 \U0001f3ae \x7f",
                "timestamp": "2026-02-12T10:00:00.123456789+02:00",
                "position": [0.1, -0.0, 1e300],
                "custom_data": {"numbers": _NUMBERS, "nested": {"list": [None, True, {"deep": "x\ny"}]}},
                "extra_key": number,
            }
            for number in range(3)
        ]
        headers = {"x-public-token": credentials.public_key}
        response = requests.post(server.events_url, data=msgpack.packb(sent), headers=headers, timeout=90)
        assert response.status_code == 200
        while_serving = exported(workspace, tmp_path / "a.ndjson")
        refused = cli("export", str(tmp_path / "no" / "folder.ndjson"), "--workspace", str(workspace), check=False)
    assert refused.returncode == 1
    assert "does not exist" in refused.stderr
    assert exported(workspace, tmp_path / "b.ndjson") == while_serving
    raw = (tmp_path / "a.ndjson").read_bytes()
    assert raw.endswith(b"\n")
    assert b"\r" not in raw
    for number, (event, original) in enumerate(zip(while_serving, sent, strict=True)):
        assert event.pop("seq") == number + 1
        assert event.pop("received_at").endswith("Z")
        assert event == original
        assert [repr(value) for value in event["custom_data"]["numbers"]] == [repr(value) for value in _NUMBERS]


def test_simulate_takes_the_running_servers_application(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    arguments = ("simulate", "--players", "3", "--duration", "20", "--speed", "20", "--workspace", str(workspace))
    alone = cli(*arguments, check=False)
    assert alone.returncode == 1
    assert "no server runs" in alone.stderr
    with serving(workspace, "--no-player-port"):  # with the usual rate limit
        tally = cli_json(*arguments)
        assert tally["accepted"] == tally["offered"] > 10
        events = exported(workspace, tmp_path / "out.ndjson")
    assert len(events) == tally["accepted"]
    assert {"positions", "funnel_step_name", "hardware"} <= {key for event in events for key in event}


def test_simulate_says_what_the_server_refused(tmp_path: Path) -> None:
    with serving(tmp_path / "w") as server:
        app_id = "72ab8f81-ef36-4712-a046-399a62b9afaa"
        arguments = ("--url", server.url, "--token", "pk_live_wrong", "--app-id", app_id, "--duration", "5")
        refused = cli("simulate", *arguments, "--speed", "10", check=False)
    assert refused.returncode == 1
    assert "401" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_doctor_finds_a_damaged_workspace(tmp_path: Path) -> None:
    workspace = tmp_path / "w"
    place = ("--workspace", str(workspace), "--port", "0", "--player-port", "0")
    make_application(workspace)
    assert cli("doctor", *place).returncode == 0
    (workspace / "catalog.sqlite").write_bytes(b"this is no database" * 1000)
    ill = cli("doctor", *place, "--json", check=False)
    assert ill.returncode == 1
    assert not json.loads(ill.stdout)["ok"]
    assert "Traceback" not in ill.stderr
