"""What `doctor` looks at."""

import json
import platform
import shutil
import socket
import sqlite3
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from console.cli.errors import CommandFailed
from console.cli.output import size
from console.cli.program import program
from console.cli.screen import why_no_window
from console.discovery import ServerInfo, read_server_info, server_is_alive
from console.messages import Check

_PACKAGES = ("PySide6-Essentials", "qasync", "aiohttp", "msgspec", "duckdb", "pyarrow", "numpy", "trimesh", "pyqtgraph")
_OLDEST_PYTHON = (3, 11)
_PROBE_SECS = 60.0
_LEAST_DISK_BYTES = 1_000_000_000


def version_checks() -> list[Check]:
    """Python, SQLite and the packages whose versions matter."""
    python = platform.python_version()
    checks = [
        Check(
            name="Python",
            ok=sys.version_info >= _OLDEST_PYTHON,
            text=f"{python}, SQLite {sqlite3.sqlite_version}, {platform.platform()}",
        )
    ]
    found, missing = [], []
    for package in _PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    checks.append(Check(name="Packages", ok=True, text=", ".join(found)))
    if missing:
        checks.append(Check(name="Packages missing", ok=False, text=", ".join(missing), hint="Install them again."))
    return checks


def window_checks() -> list[Check]:
    """Whether Qt can show a window and draw with OpenGL. Without a screen that is no fault: the server needs none."""
    if reason := why_no_window():
        return [Check(name="Window", ok=True, text=f"{reason}; recording works without one")]
    try:
        probe = subprocess.run(
            [*program(), "window-probe"], capture_output=True, timeout=_PROBE_SECS, check=False, text=True
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return [Check(name="Window", ok=False, text=f"Qt did not start: {error}")]
    if probe.returncode != 0:
        last = (probe.stderr.strip().splitlines() or [""])[-1]
        text = f"Qt ended with status {probe.returncode}: {last}"
        return [Check(name="Window", ok=False, text=text, hint="Look for missing system libraries or a broken driver.")]
    found = json.loads(probe.stdout.splitlines()[-1])
    opengl = found["opengl"]
    return [
        Check(name="Window", ok=True, text=f"Qt platform {found['platform']}, screen {found['screen'] or 'unknown'}"),
        Check(
            name="OpenGL",
            ok=bool(opengl),
            text=opengl or f"the Qt platform {found['platform']} gives no OpenGL context",
            hint="" if opengl else "The level view needs OpenGL; everything else works.",
        ),
    ]


def port_checks(workspace_dir: Path, ports: dict[str, int | None]) -> list[Check]:
    """Whether the ports are free, or held by this workspace's own server."""
    info = read_server_info(workspace_dir)
    if info is None or not server_is_alive(workspace_dir):
        return [_port_check(name, port) for name, port in ports.items() if port]
    return [
        Check(name=f"Port ({name})", ok=True, text=f"this workspace's server, process {info.pid}, listens at {url}")
        for name, url in _listening(info).items()
        if ports.get(name) is not None and url is not None
    ]


def _listening(info: ServerInfo) -> dict[str, str | None]:
    return {"telemetry": info.telemetry_url, "player": info.player_url}


def _port_check(name: str, port: int) -> Check:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            if sys.platform != "win32":  # there the option would let two programs share a port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except OSError as error:
        hint = "Stop that program, or choose another port with --port or --player-port."
        return Check(name=f"Port ({name})", ok=False, text=f"{port} cannot be used: {error.strerror}", hint=hint)
    return Check(name=f"Port ({name})", ok=True, text=f"{port} is free")


def workspace_checks(workspace_dir: Path) -> list[Check]:
    """The server's own checks of its files. A workspace that does not exist yet is fine."""
    if not workspace_dir.exists():
        return [Check(name="Workspace", ok=True, text=f"{workspace_dir} does not exist yet: the first start makes it")]
    from console.cli.session import with_server
    from console.client import ConsoleClient

    async def verify(client: ConsoleClient) -> list[Check]:
        return await client.verify()

    try:
        return [Check(name="Workspace", ok=True, text=str(workspace_dir)), *with_server(workspace_dir, verify)]
    except CommandFailed as error:
        return [Check(name="Workspace", ok=False, text=str(error))]


def disk_check(workspace_dir: Path) -> Check:
    """Room where the workspace is, or will be."""
    place = workspace_dir
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    hint = "" if free >= _LEAST_DISK_BYTES else "Recording stops when the disk is full."
    return Check(name="Disk", ok=free >= _LEAST_DISK_BYTES, text=f"{size(free)} free at {place}", hint=hint)
