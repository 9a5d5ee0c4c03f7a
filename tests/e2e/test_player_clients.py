"""The example clients of the player API, as people would run them, against the real server."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest
import requests

from tests.e2e.clients import go_build
from tests.e2e.processes import Credentials, eventually, exported, make_application, serving

pytestmark = pytest.mark.e2e

_CLIENTS = Path(__file__).resolve().parents[2] / "resources" / "clients" / "player_api"
_TOOLS = {"python": sys.executable, "node": shutil.which("node"), "go": shutil.which("go")}
_LANGUAGES = [
    pytest.param(name, marks=pytest.mark.skipif(tool is None, reason=f"{name} is not installed"))
    for name, tool in _TOOLS.items()
]


@dataclass(frozen=True)
class _Place:
    url: str
    workspace: Path
    credentials: Credentials

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"X-API-Key": self.credentials.secret_key}
        response = requests.request(method, self.base_url + path, json=body, headers=headers, timeout=90)
        response.raise_for_status()
        return response.json()["data"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Place]:
    workspace = tmp_path_factory.mktemp("clients") / "workspace"
    with serving(workspace) as server:
        credentials = make_application(workspace)
        place = _Place(server.url, workspace, credentials)
        leaf = {"field": "attributes.level", "operator": ">=", "value": 6}
        segment = {"id": "high-level", "conditions": {"operator": "AND", "conditions": [leaf]}}
        place.call("POST", "/segments/segments", segment)
        rule = {"rule_id": "high", "segment_id": "high-level"}
        place.call("POST", "/flags/flags", {"key": "new_tutorial", "enabled": True, "rules": [rule]})
        yield place


def _command(language: str, program: str, folder: Path) -> list[str]:
    tool = _TOOLS[language]
    assert tool is not None
    if language == "python":
        return [tool, str(_CLIENTS / "python" / f"{program}.py")]
    if language == "node":
        return [tool, str(_CLIENTS / "node" / f"{program}.mjs")]
    return [str(go_build(_CLIENTS / "go", program, folder))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("programs")


@pytest.mark.parametrize("language", _LANGUAGES)
def test_the_example_plays_through_the_api(place: _Place, folder: Path, language: str) -> None:
    command = [*_command(language, "example", folder), place.base_url, place.credentials.public_key]
    first, second = (
        json.loads(subprocess.run(command, capture_output=True, check=True, timeout=90).stdout) for _ in "12"
    )
    assert first == second
    assert (first["new_tutorial"], first["segments"]) == (True, ["high-level"])

    player = place.call("GET", f"/players/players/external/player_{language}")
    assert player["id"] == first["player_id"]
    assert player["attributes"] == {"level": 6}
    # Twice the same session and order count once.
    assert (player["session_count"], player["total_revenue"]) == (1, 4.99)

    events = [e for e in exported(place.workspace, folder / "events.ndjson") if e.get("event_name")]
    names = [e["event_name"] for e in events if e["player_id"] == player["id"] and "properties" in e]
    assert names.count("level_complete") == names.count("item_collect") == 2


@pytest.mark.parametrize("language", _LANGUAGES)
def test_watching_prints_events_as_they_are_recorded(place: _Place, folder: Path, language: str) -> None:
    player = place.call("POST", "/players/players", {"external_id": f"watched by {language}"})["id"]
    command = [*_command(language, "watch", folder), place.base_url, place.credentials.secret_key]
    with _lines_of(command) as lines:

        def seen() -> dict[str, Any] | None:
            place.call("POST", "/events/events", {"player_id": player, "event_name": "ping", "properties": {"é": 1}})
            try:
                return json.loads(lines.get(timeout=0.5))  # type: ignore[no-any-return]
            except Empty:
                return None

        event = eventually(seen, "an event is printed")
    event = {name.lower(): value for name, value in event.items()}
    assert (event["player_id"], event["event_name"], event["properties"]) == (player, "ping", {"é": 1})
    assert int(event["stream_id"]) > 0


@contextmanager
def _lines_of(command: list[str]) -> Iterator["Queue[bytes]"]:
    """What a program prints while it runs."""
    lines: Queue[bytes] = Queue()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None

        def read(stream: Any) -> None:
            for line in stream:
                lines.put(line)

        reader = threading.Thread(target=read, args=(child.stdout,))
        reader.start()
        try:
            yield lines
        finally:
            child.kill()
            child.wait()
            reader.join()
