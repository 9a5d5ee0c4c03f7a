"""One folder is one workspace: where everything of it is, its version, its lock, its admin key."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from console import discovery

FORMAT_VERSION = 1

_QUARANTINE_KEPT = 2

_LOCK_PATIENCE_SECS = 0.5


class WorkspaceError(Exception):
    """The folder cannot be used. The text is for people."""


class WorkspaceBusy(WorkspaceError):
    """Another server process holds the workspace."""


class _Format(msgspec.Struct, frozen=True):
    format: int


class Workspace:
    """Paths of a workspace. Make one by `open`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.journal_path = root / "journal.sqlite"
        self.catalog_path = root / "catalog.sqlite"
        self.event_store_path = root / "events.duckdb"
        self.players_path = root / "players.sqlite"
        self.activity_path = root / "activity.sqlite"
        self.levels_dir = root / "levels"
        self.exports_dir = root / "exports"
        self.logs_dir = root / discovery.LOG_DIR

    @classmethod
    def open(cls, root: Path) -> "Workspace":
        """Make what is missing and check the format version. Raises WorkspaceError.

        Opening takes no lock: it is also how a stopped workspace is looked at.
        """
        workspace = cls(root.absolute())
        try:
            for folder in (workspace.root, workspace.levels_dir, workspace.exports_dir, workspace.logs_dir):
                folder.mkdir(parents=True, exist_ok=True)
            workspace._check_format()
        except OSError as error:
            reason = error.strerror or str(error)
            raise WorkspaceError(f"The workspace {workspace.root} cannot be used: {reason}.") from error
        return workspace

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the workspace: one server process at a time. Raises WorkspaceBusy.

        The operating system drops the lock when the process dies, however it dies. Whoever looks whether a server is
        alive holds it for an instant too, so a held lock is tried again for a moment.
        """
        lock = FileLock(self.root / discovery.LOCK_FILE)
        try:
            lock.acquire(timeout=_LOCK_PATIENCE_SECS, poll_interval=0.01)
        except Timeout as error:
            raise WorkspaceBusy(f"Another server already runs on the workspace {self.root}.") from error
        except OSError as error:
            raise WorkspaceError(f"The workspace {self.root} cannot be locked: {error.strerror or error}.") from error
        try:
            yield
        finally:
            lock.release()

    def admin_key(self) -> str:
        """The key of the console API, made once; only the owner of the folder can read it. Raises WorkspaceError."""
        key = discovery.read_admin_key(self.root)
        if key is None:
            key = secrets.token_urlsafe(32)
            try:
                discovery.write_private_file(self.root / discovery.ADMIN_KEY_FILE, key.encode("ascii"))
            except OSError as error:
                raise WorkspaceError(f"{discovery.ADMIN_KEY_FILE} cannot be written: {error.strerror}.") from error
        return key

    def _check_format(self) -> None:
        path = self.root / discovery.WORKSPACE_FILE
        try:
            found = msgspec.json.decode(path.read_bytes(), type=_Format)
        except FileNotFoundError:
            discovery.write_private_file(path, msgspec.json.encode(_Format(format=FORMAT_VERSION)))
            return
        except msgspec.MsgspecError as error:
            raise WorkspaceError(f"{path} is damaged: {error}.") from error
        if found.format > FORMAT_VERSION:
            raise WorkspaceError(
                f"The workspace {self.root} was made by a newer version of Playtest Console "
                f"(format {found.format}, this version knows {FORMAT_VERSION})."
            )


def quarantine(path: Path) -> Path:
    """Move a file that cannot be used, and its side files, out of the way; returns the new path.

    Only for what can be rebuilt. The newest two are kept for whoever wants to know what happened. Raises OSError.
    """
    folder = path.parent / "quarantine"
    folder.mkdir(exist_ok=True)
    target = folder / f"{path.stem}-{time.time_ns() // 1000}{path.suffix}"
    path.replace(target)
    for side in path.parent.glob(f"{path.name}[.-]*"):  # "….wal" of DuckDB, "…-wal" and "…-shm" of SQLite
        side.replace(target.with_name(target.name + side.name.removeprefix(path.name)))
    for old in sorted(folder.glob(f"{path.stem}-*{path.suffix}"))[:-_QUARANTINE_KEPT]:
        for file in folder.glob(f"{old.name}*"):
            file.unlink(missing_ok=True)
    return target
