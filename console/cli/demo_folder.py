"""The workspace of a demo: a temporary folder that is removed at the end, and what killed demos left of theirs."""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from console.discovery import server_is_alive

PREFIX = "playtest-console-demo-"
# Held for the life of a demo, freed by the operating system however it ends.
LOCK_FILE = "demo.lock"
_REMOVE_SECS = 5.0


@contextmanager
def demo_folder() -> Iterator[Path]:
    """A new folder, removed at the end. Whoever enters it stops what runs in it before."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with FileLock(folder / LOCK_FILE):
            yield folder
    finally:
        # Windows refuses to remove files for a moment after their process has ended.
        deadline = time.monotonic() + _REMOVE_SECS
        shutil.rmtree(folder, ignore_errors=True)
        while folder.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
            shutil.rmtree(folder, ignore_errors=True)


def remove_left_folders(temporary: Path | None = None) -> list[Path]:
    """Remove the folders of demos that were killed, and tell which; `temporary` is the system's folder for such.

    Only what is known to be over: a folder of a demo, of this person, whose lock nobody holds and on which no server
    runs. What cannot be removed stays for the next time.
    """
    removed = []
    for folder in Path(tempfile.gettempdir() if temporary is None else temporary).glob(f"{PREFIX}*"):
        if _is_left(folder):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                removed.append(folder)
    return removed


def _is_left(folder: Path) -> bool:
    try:
        if folder.is_symlink() or not folder.is_dir() or not _is_ours(folder):
            return False
        if not (folder / LOCK_FILE).exists():  # made a moment ago, and not locked yet
            return False
        with FileLock(folder / LOCK_FILE, timeout=0):
            return not server_is_alive(folder)
    except (OSError, Timeout):
        return False


def _is_ours(folder: Path) -> bool:
    """Whether this person made it; on Windows everybody has a temporary folder of their own."""
    if sys.platform == "win32":
        return True
    import os

    return folder.stat().st_uid == os.getuid()
