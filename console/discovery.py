"""Finding a workspace, and the server that runs on it.

A leaf: the window, the command line and the server share these file names without importing each other.
"""

import os
import tempfile
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout
from platformdirs import user_data_dir

LOCK_FILE = "server.lock"
SERVER_FILE = "server.json"
ADMIN_KEY_FILE = "admin.key"
LOG_DIR = "logs"
WORKSPACE_FILE = "workspace.json"


class ServerInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The line a server prints when it is ready, kept in the workspace while it runs.

    `console_url` is the base of the console API, without a trailing slash (`http://127.0.0.1:4000/console`).
    `player_url` is None when the player port is switched off. `faults`: requests are made to fail on purpose.
    """

    ready: bool = True
    telemetry_url: str
    player_url: str | None
    console_url: str
    workspace: str
    pid: int
    faults: bool = False


def default_workspace_dir() -> Path:
    """The per-user folder used when no `--workspace` is given."""
    return Path(user_data_dir("playtest-console", appauthor=False)) / "workspace"


def read_server_info(workspace_dir: Path) -> ServerInfo | None:
    """The last server that announced itself here. It may be gone: ask `server_is_alive`."""
    try:
        return msgspec.json.decode((workspace_dir / SERVER_FILE).read_bytes(), type=ServerInfo)
    except (OSError, msgspec.MsgspecError):
        return None


def write_server_info(workspace_dir: Path, info: ServerInfo) -> None:
    """Announce a ready server, atomically."""
    write_private_file(workspace_dir / SERVER_FILE, msgspec.json.encode(info))


def forget_server_info(workspace_dir: Path) -> None:
    """Take the announcement back."""
    (workspace_dir / SERVER_FILE).unlink(missing_ok=True)


def read_admin_key(workspace_dir: Path) -> str | None:
    """The key of the console API, or None before the first server start."""
    try:
        return (workspace_dir / ADMIN_KEY_FILE).read_text("ascii").strip() or None
    except OSError:
        return None


def server_is_alive(workspace_dir: Path) -> bool:
    """Whether a process holds the workspace. The operating system drops the lock of a dead one."""
    path = workspace_dir / LOCK_FILE
    if not path.exists():
        return False
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    lock.release()
    return False


def write_private_file(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:  # mkstemp creates with mode 0600
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
