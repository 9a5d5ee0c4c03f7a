"""The real window on a real screen, and what happens when a process dies."""

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import msgpack
import pytest
import requests
from PySide6.QtGui import QImage

from console.cli.demo_folder import PREFIX, remove_left_folders
from console.discovery import server_is_alive
from tests.e2e.processes import (
    cli,
    cli_json,
    eventually,
    exported,
    no_server_left,
    program,
    server_of,
    steady_port,
)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.gl,
    pytest.mark.skipif(
        sys.platform == "linux" and not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"),
        reason="there is no screen",
    ),
]

_PORTS = ("--port", "0", "--player-port", "0")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "w"
    with no_server_left(folder):
        yield folder


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Any]:
    with (tmp_path / "window.log").open("wb") as file:
        yield file


@dataclass
class Game:
    """A game that plays as the workspace's first application, wherever its server is now."""

    workspace: Path
    app_id: str
    token: str

    @classmethod
    def of(cls, workspace: Path) -> Self:
        application = cli_json("apps", "list", "--workspace", str(workspace))[0]
        public = next(key["token"] for key in application["keys"] if key["kind"] == "public")
        return cls(workspace, application["app_id"], public)

    def send(self, player_id: str) -> None:
        info = server_of(self.workspace)
        assert info is not None
        event = {
            "event_name": "Player_Jump",
            "app_id": self.app_id,
            "build_id": "b",
            "player_id": player_id,
            "session_id": "s",
            "timestamp": "2026-02-12T10:00:00Z",
        }
        url, headers = f"{info['telemetry_url']}/api/events", {"x-public-token": self.token}
        response = requests.post(url, data=msgpack.packb(event), headers=headers, timeout=90)
        assert response.status_code == 200


def _players(workspace: Path, out: Path) -> set[str]:
    return {event["player_id"] for event in exported(workspace, out)}


def _colours(picture: QImage) -> int:
    """How many different colours a grid of its pixels has: a blank picture has one."""
    return len({picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)})


def test_the_demo_shows_a_playtest_on_the_level_and_leaves_nothing_behind(tmp_path: Path) -> None:
    picture = tmp_path / "level.png"
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    arguments = ("demo", *_PORTS, "--screenshot", str(picture), "--after", "6", "--view", "level")
    with program(*arguments, env={**os.environ, "TMPDIR": str(temporary)}) as demo:
        assert demo.wait(180) == 0
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1600, 1000)
    assert _colours(image) > 100
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_the_server_of_a_killed_demo_ends_and_the_next_demo_removes_its_folder(tmp_path: Path) -> None:
    with program("demo", *_PORTS, env={**os.environ, "TMPDIR": str(tmp_path)}) as demo:
        eventually(lambda: any(server_of(folder) for folder in tmp_path.glob(f"{PREFIX}*")), "a server")
        demo.kill()
        demo.wait()
    (folder,) = tmp_path.glob(f"{PREFIX}*")
    eventually(lambda: not server_is_alive(folder), "its server's end")
    assert remove_left_folders(tmp_path) == [folder]


def test_the_window_starts_a_server_and_both_end_together(workspace: Path, tmp_path: Path) -> None:
    picture = tmp_path / "live.png"
    shown = cli("--workspace", str(workspace), *_PORTS, "--screenshot", str(picture), "--after", "0.5")
    assert shown.returncode == 0
    assert "Traceback" not in shown.stderr
    assert _colours(QImage(str(picture))) > 20
    assert server_of(workspace) is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_window_leaves_the_server_recording_and_the_next_one_adopts_it(
    workspace: Path, tmp_path: Path, log: Any
) -> None:
    with program("--workspace", str(workspace), *_PORTS, stderr=log) as window:
        info = eventually(lambda: server_of(workspace), "the window's server is ready")
        window.kill()
        window.wait(60)
    game = Game.of(workspace)
    game.send("after_the_crash")
    picture = tmp_path / "next.png"
    shown = cli("--workspace", str(workspace), *_PORTS, "--screenshot", str(picture), "--after", "0.5")
    assert shown.returncode == 0
    assert "Traceback" not in shown.stderr
    game.send("after_the_next_window")
    # A window does not stop what it did not start.
    assert server_of(workspace) == info
    assert _players(workspace, tmp_path / "out.ndjson") == {"after_the_crash", "after_the_next_window"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_server_is_mended_by_the_window(workspace: Path, tmp_path: Path, log: Any) -> None:
    ports = ("--port", str(steady_port()), "--player-port", str(steady_port()))
    with program("--workspace", str(workspace), *ports, stderr=log) as window:
        info = eventually(lambda: server_of(workspace), "the window's server is ready")
        game = Game.of(workspace)
        game.send("before")
        os.kill(info["pid"], signal.SIGKILL)
        mended = eventually(lambda: _other_server(workspace, info["pid"]), "the window starts a server again")
        assert mended["telemetry_url"] == info["telemetry_url"]
        game.send("after")
        window.terminate()  # while events arrive: there is nobody to ask whether to go on recording
        assert window.wait(60) == 0
        assert server_of(workspace) is None
        assert _players(workspace, tmp_path / "out.ndjson") == {"before", "after"}


def _other_server(workspace: Path, pid: int) -> dict[str, Any] | None:
    info = server_of(workspace)
    return info if info is not None and info["pid"] != pid else None
