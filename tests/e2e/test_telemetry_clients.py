"""The example clients of the telemetry API, as people would run them, against the real server and a flaky one."""

import itertools
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgpack
import pytest

from console.ui.widgets.snippets import snippet
from tests.e2e.clients import go_build, go_environment, needs
from tests.e2e.processes import Credentials, Server, exported, make_application, serving

pytestmark = pytest.mark.e2e

_CLIENTS = Path(__file__).resolve().parents[2] / "resources" / "clients" / "telemetry"
_DRIVERS = Path(__file__).resolve().parents[1] / "data" / "clients"
_OTHER_EVENTS = 3  # of the example, besides those that are counted
_RETRY_AFTER_SECS = 1

Play = Callable[[str, Credentials, int, int], dict[str, int]]


def _python(_: Path) -> list[str]:
    return [sys.executable, str(_CLIENTS / "python" / "example.py")]


def _javascript(_: Path) -> list[str]:
    return [needs("node"), str(_CLIENTS / "javascript" / "example.mjs")]


def _go(folder: Path) -> list[str]:
    return [str(go_build(_CLIENTS / "go", "example", folder))]


def _unity(folder: Path) -> list[str]:
    compiler, mono = needs("mcs"), needs("mono")
    program = folder / "unity.exe"
    sources = [*sorted((_CLIENTS / "unity").glob("*.cs")), _DRIVERS / "unity.cs"]
    options = ["-langversion:7", "-warnaserror", f"-out:{program}"]
    subprocess.run([compiler, *options, *map(str, sources)], check=True, timeout=90)
    return [mono, str(program)]


def _godot3(folder: Path) -> list[str]:
    engine = needs("godot3-server")
    project = folder / "godot3"
    shutil.copytree(_CLIENTS / "godot3", project)
    shutil.copy(_DRIVERS / "godot3.gd", project / "main.gd")
    return [engine, "--path", str(_godot3_project(project))]


def _godot3_project(project: Path) -> Path:
    """Let the folder's `main.gd` be what the engine runs there."""
    (project / "project.godot").write_text('config_version=4\n[application]\nrun/main_scene="res://main.tscn"\n')
    (project / "main.tscn").write_text(
        '[gd_scene load_steps=2 format=2]\n[ext_resource path="res://main.gd" type="Script" id=1]\n'
        '[node name="Main" type="Node"]\nscript = ExtResource( 1 )\n'
    )
    return project


_COMMANDS = {"python": _python, "javascript": _javascript, "go": _go, "unity": _unity, "godot3": _godot3}


@pytest.fixture(scope="module", params=list(_COMMANDS))
def play(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Play:
    """Runs one client's example to its end, and gives what it counted."""
    folder = tmp_path_factory.mktemp(request.param)
    command = _COMMANDS[request.param](folder)

    def run(url: str, credentials: Credentials, events: int, wrong: int) -> dict[str, int]:
        given = {
            "URL": url,
            "KEY": credentials.public_key,
            "APP_ID": credentials.app_id,
            "EVENTS": str(events),
            "WRONG": str(wrong),
        }
        # Godot 3 takes no arguments of its game's: it reads the environment. Its files go below the home directory.
        environment = {f"PLAYTEST_{name}": value for name, value in given.items()}
        environment |= {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        arguments = [] if request.param == "godot3" else list(given.values())
        done = subprocess.run(
            [*command, *arguments],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        assert len(lines) == 1, done.stdout + done.stderr
        return {name: int(count) for name, count in json.loads(lines[0]).items()}

    run.__name__ = f"player_{request.param.rstrip('3')}"
    return run


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Credentials]]:
    workspace = tmp_path_factory.mktemp("telemetry") / "workspace"
    with serving(workspace) as server:
        yield server, make_application(workspace)


def test_every_kind_arrives_as_it_was_said(play: Play, place: tuple[Server, Credentials], tmp_path: Path) -> None:
    server, credentials = place
    assert play(server.url, credentials, 2, 0) == {"sent": 2 + _OTHER_EVENTS, "refused": 0, "lost": 0}

    player = play.__name__
    events = [e for e in exported(server.workspace, tmp_path / "events.ndjson") if e["player_id"] == player]
    *_, created = (e for e in events if e.get("event_name") == "Create_Player")
    events = events[events.index(created) :]  # other tests of the client may have played before
    assert (created["region"], created["hardware"]) == ("EU", {"gpu": "Example 3000", "memory_gb": 16})
    jumps = [e for e in events if e.get("event_name") == "Player_Jump"]
    first = {name: jumps[0][name] for name in ("level_id", "position", "input_method", "build_id")}
    assert first == {
        "level_id": "Level 1",
        "position": [0, 0.5, -1.25],
        "input_method": "gamepad",
        "build_id": "1.0.0",
    }
    data = [jump["custom_data"] for jump in jumps]
    assert data == [{"height_m": 1.5, "streak": i, "perfect": True, "comment": "é"} for i in range(2)]
    step = next(e for e in events if "funnel_step_name" in e)
    assert (step["funnel_step_name"], step["level_id"]) == ("tutorial_started", "Level 1")
    trajectory = next(e for e in events if "positions" in e)
    assert trajectory["positions"] == [0, 0, 0, 1, 0, 0.5, 2, 0.25, 1]
    assert trajectory["fps"] == {"mean": 60, "low_5": 55, "low_1": 48.5}
    assert len({e["session_id"] for e in events if "session_id" in e}) == 1


def test_a_wrong_event_costs_only_itself(play: Play, place: tuple[Server, Credentials]) -> None:
    server, credentials = place
    # More than one batch holds.
    assert play(server.url, credentials, 600, 2) == {"sent": 598 + _OTHER_EVENTS, "refused": 2, "lost": 0}


def test_a_wrong_key_is_not_tried_again(play: Play, place: tuple[Server, Credentials]) -> None:
    server, credentials = place
    stranger = Credentials(credentials.app_id, "pk_live_nobody", "")
    assert play(server.url, stranger, 2, 0) == {"sent": 0, "refused": 2 + _OTHER_EVENTS, "lost": 0}


def test_patience_with_a_server_that_fails(play: Play) -> None:
    with _flaky() as flaky:
        counts = play(flaky.url, Credentials("app", "pk_live_x", ""), 20, 0)
    assert counts == {"sent": 20 + _OTHER_EVENTS, "refused": 0, "lost": 0}
    streaks = [event["custom_data"]["streak"] for event in flaky.stored if "custom_data" in event]
    assert streaks == list(range(20))
    assert flaky.times[1] - flaky.times[0] >= _RETRY_AFTER_SECS


@dataclass
class _Flaky:
    """Asks for patience once, breaks off once, then stores."""

    url: str = ""
    times: list[float] = field(default_factory=list)
    stored: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def _flaky() -> Iterator[_Flaky]:
    flaky, calls = _Flaky(), itertools.count()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            flaky.times.append(time.monotonic())
            body = self.rfile.read(int(self.headers["Content-Length"]))
            call = next(calls)
            if call == 1:
                self.close_connection = True
                return
            self.send_response(503 if call == 0 else 200)
            if call == 0:
                self.send_header("Retry-After", str(_RETRY_AFTER_SECS))
            else:
                flaky.stored.extend(msgpack.unpackb(body))
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            """Keep what the tests print readable."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        flaky.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield flaky
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("language", ["Python", "JavaScript", "Godot 3", "Go"])
def test_the_first_event_of_the_help_arrives(language: str, place: tuple[Server, Credentials], tmp_path: Path) -> None:
    server, credentials = place
    text = snippet(language, url=server.url, token=credentials.public_key, app_id=credentials.app_id)
    names = {"Python": "hello.py", "JavaScript": "hello.mjs", "Godot 3": "main.gd", "Go": "hello/hello.go"}
    file = tmp_path / names[language]
    file.parent.mkdir(exist_ok=True)
    if language == "Go":
        file.write_text(text, "utf-8")
        (tmp_path / "go.mod").write_text("module hello\n")
        command = [str(go_build(tmp_path, "hello", file.parent))]
    elif language == "Godot 3":
        file.write_text(text + "    get_tree().quit()\n", "utf-8")
        command = [needs("godot3-server"), "--path", str(_godot3_project(tmp_path))]
    else:
        file.write_text(text, "utf-8")
        command = [sys.executable if language == "Python" else needs("node"), str(file)]
    environment = os.environ | {"HOME": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True, timeout=90)
    assert done.stdout.splitlines()[-1] == '200 {"status":"queued"}'


def test_what_of_the_unreal_client_runs_without_the_engine(tmp_path: Path) -> None:
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("g++ is not installed")
    program = tmp_path / "outbox"
    options = ["-std=c++17", "-Wall", "-Wextra", "-Werror", f"-I{_CLIENTS / 'unreal'}", "-o", str(program)]
    subprocess.run([compiler, *options, str(_DRIVERS / "unreal_outbox.cpp")], check=True, timeout=120)
    lines = subprocess.run([program], capture_output=True, check=True, text=True, timeout=90).stdout.splitlines()
    values = [msgpack.unpackb(bytes.fromhex(line), strict_map_key=False) for line in lines[:-1]]
    assert values == [
        *(None, True, False),
        *(0, 127, 128, -1, -32, -33, 2**53, -(2**53)),
        *(0.0, -1.25, 1e300),
        *("a" * length for length in (0, 31, 32, 255, 256, 65535, 65536)),
        *([True] * count for count in (0, 15, 16, 65535, 65536)),
        *(dict.fromkeys(range(count)) for count in (0, 15, 16, 65535, 65536)),
    ]
    # The queue holds the newest 10,000, of which four are wrong.
    assert lines[-1] == "9996 4 2000 1"


@pytest.mark.parametrize(("make", "least"), [(_unity, -(2**63)), (_godot3, -(2**53))])
def test_the_small_encoders_write_every_size(make: Callable[[Path], list[str]], least: int, tmp_path: Path) -> None:
    environment = os.environ | {"HOME": str(tmp_path)}
    done = subprocess.run(make(tmp_path), env=environment, capture_output=True, check=True, text=True, timeout=90)
    (line,) = [line for line in done.stdout.splitlines() if line.lower().startswith("dc")]
    assert msgpack.unpackb(bytes.fromhex(line)) == [
        *(None, True, False, 0, 127, 128, -1, -32, -33, -(2**31), 2**32 - 1, least, 1.5, 0.1, 1e300),
        *("a" * length for length in (0, 31, 32, 255, 256, 65535, 65536)),
        *([0.0] * count for count in (0, 15, 16, 65535, 65536)),
        *({str(i): i for i in range(count)} for count in (0, 15, 16, 65536)),
    ]


def test_the_go_client_passes_its_own_tests(tmp_path: Path) -> None:
    environment = go_environment(tmp_path)
    subprocess.run(
        [needs("go"), "test", "-vet=off", "."], cwd=_CLIENTS / "go", env=environment, check=True, timeout=150
    )


def test_the_javascript_encoder_writes_every_size(tmp_path: Path) -> None:
    values = [
        *(
            None,
            True,
            False,
            0,
            127,
            128,
            -1,
            -32,
            -33,
            2**32 - 1,
            2**32,
            -(2**31),
            -(2**31) - 1,
            2**53 - 1,
            0.1,
            1e300,
        ),
        *("é" * (length // 2) + "a" * (length % 2) for length in (0, 31, 32, 255, 256, 65535, 65536)),
        *([1] * count for count in (0, 15, 16, 65535, 65536)),
        *({str(i): {"x": [i]} for i in range(count)} for count in (0, 15, 16, 65536)),
    ]
    (tmp_path / "values.json").write_text(json.dumps(values))
    program = (
        "import { readFileSync } from 'node:fs';\n"
        f"import {{ encode }} from {json.dumps((_CLIENTS / 'javascript' / 'telemetry.mjs').as_uri())};\n"
        "process.stdout.write(encode(JSON.parse(readFileSync(process.argv[2]))));\n"
    )
    (tmp_path / "encode.mjs").write_text(program)
    command = [needs("node"), str(tmp_path / "encode.mjs"), str(tmp_path / "values.json")]
    written = subprocess.run(command, capture_output=True, check=True, timeout=90).stdout
    assert msgpack.unpackb(written) == values
