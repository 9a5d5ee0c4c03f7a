"""The documented Python client, to the letter but for address, key and application."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.processes import exported, make_application, serving

pytestmark = pytest.mark.e2e

EXAMPLE = """
import msgpack
import requests
from datetime import datetime, timezone

url = "http://localhost:4000/api/events"
headers = {
    "x-public-token": "YOUR_PUBLIC_TOKEN",
    "Content-Type": "application/msgpack"
}

event = {
    "event_name": "Player_Jump",
    "app_id": "72ab8f81-ef36-4712-a046-399a62b9afaa",
    "build_id": "Win64_Shipping_1.0.2",
    "player_id": "player_uuid",
    "session_id": "session_uuid",
    "level_id": "Level_1",
    "position": [10.5, 0.0, -5.2],
    "custom_data": {"weapon": "Sword", "ammo": 10},
    "input_method": "Gamepad",
    "timestamp": datetime.now(timezone.utc).isoformat()
}

body = msgpack.packb(event, use_bin_type=True)
response = requests.post(url, data=body, headers=headers, timeout=90)
print(response.status_code, response.text)
"""


def test_the_documented_example_is_accepted_and_kept(tmp_path: Path) -> None:
    with serving(tmp_path / "w", "--player-port", "0") as server:
        credentials = make_application(server.workspace)
        port = server.url.rsplit(":", 1)[1]
        code = (
            EXAMPLE.replace("localhost:4000", f"localhost:{port}")
            .replace("YOUR_PUBLIC_TOKEN", credentials.public_key)
            .replace("72ab8f81-ef36-4712-a046-399a62b9afaa", credentials.app_id)
        )
        answer = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=90, check=True
        ).stdout
        assert answer.strip() == '200 {"status":"queued"}'
        (event,) = exported(server.workspace, tmp_path / "out.ndjson")
    assert event["app_id"] == credentials.app_id
    assert event["position"] == [10.5, 0.0, -5.2]
    assert event["custom_data"] == {"weapon": "Sword", "ammo": 10}
    assert event["seq"] == 1
    assert event["received_at"].endswith("Z")
