"""How a window or a command finds the server of a workspace."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from console.discovery import (
    ADMIN_KEY_FILE,
    LOCK_FILE,
    SERVER_FILE,
    ServerInfo,
    forget_server_info,
    read_admin_key,
    read_server_info,
    server_is_alive,
    write_private_file,
    write_server_info,
)

INFO = ServerInfo(
    telemetry_url="http://127.0.0.1:4000",
    player_url=None,
    console_url="http://127.0.0.1:4000/console",
    workspace="w",
    pid=1,
)


def test_an_announcement_is_read_back_and_forgotten(tmp_path: Path) -> None:
    assert read_server_info(tmp_path) is None
    write_server_info(tmp_path, INFO)
    assert read_server_info(tmp_path) == INFO
    forget_server_info(tmp_path)
    forget_server_info(tmp_path)
    assert read_server_info(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"ready":true}', b"\xff"])
def test_a_broken_announcement_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / SERVER_FILE).write_bytes(content)
    assert read_server_info(tmp_path) is None


def test_the_admin_key_is_stripped_and_may_be_missing(tmp_path: Path) -> None:
    assert read_admin_key(tmp_path) is None
    (tmp_path / ADMIN_KEY_FILE).write_text("\n")
    assert read_admin_key(tmp_path) is None
    (tmp_path / ADMIN_KEY_FILE).write_text("abc\n")
    assert read_admin_key(tmp_path) == "abc"


def test_a_server_is_alive_while_it_holds_the_lock(tmp_path: Path) -> None:
    assert not server_is_alive(tmp_path)
    with FileLock(tmp_path / LOCK_FILE):
        assert server_is_alive(tmp_path)
    assert not server_is_alive(tmp_path)


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    hold = (
        "import sys, time, filelock; lock = filelock.FileLock(sys.argv[1]); lock.acquire();"
        "print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path / LOCK_FILE)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert server_is_alive(tmp_path)
        holder.kill()
        holder.wait()
    assert not server_is_alive(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_private_files_are_for_their_owner_only(tmp_path: Path) -> None:
    write_private_file(tmp_path / "key", b"one")
    write_private_file(tmp_path / "key", b"two")
    assert (tmp_path / "key").read_bytes() == b"two"
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
