"""`requests`, on a server that runs."""

import json
from pathlib import Path

import msgpack
import pytest
import requests

from tests.e2e.processes import cli, cli_json, make_application, serving

pytestmark = pytest.mark.e2e


def test_failures_are_listed_and_requests_exported(tmp_path: Path) -> None:
    workspace, out = tmp_path / "w", tmp_path / "out.har"
    place = ("--workspace", str(workspace))
    with serving(workspace) as server:
        credentials = make_application(workspace)
        url = f"{server.url}/api/events"
        headers = {"x-public-token": credentials.public_key, "Content-Type": "application/msgpack"}
        for _ in range(3):
            assert requests.post(url, msgpack.packb({"position": "x"}), headers=headers, timeout=90).status_code == 400
        assert requests.post(url, b"x", headers={"x-public-token": "pk_live_guess1234"}, timeout=90).status_code == 401
        report = cli_json("requests", "failures", *place)
        assert [group["requests"] for group in report["groups"]] == [1, 3]
        lines = cli("requests", "failures", *place).stdout.splitlines()
        assert lines[0].split()[:2] == ["REQUESTS", "STATUS"]
        assert lines[2].split()[:3] == ["3", "400", "invalid_event"]
        saved = cli_json("requests", "export", str(out), "--rejected", *place)
        assert (saved["requests"], saved["bytes"]) == (4, out.stat().st_size)
        entries = json.loads(out.read_bytes())["log"]["entries"]
        assert [entry["response"]["status"] for entry in entries] == [400, 400, 400, 401]
        assert credentials.public_key not in out.read_text("utf-8")
        assert "4 requests" in cli("requests", "export", str(out), *place).stdout
        assert "is a folder" in cli("requests", "export", str(tmp_path), *place, check=False).stderr
