"""The temporary folders of demos: gone at the end, and those of killed demos with the next one."""

import tempfile
from pathlib import Path

import pytest
from filelock import FileLock

from console.cli.demo_folder import LOCK_FILE, PREFIX, demo_folder, remove_left_folders
from console.discovery import LOCK_FILE as SERVER_LOCK_FILE


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_demos_folder_is_gone_afterwards(temporary: Path) -> None:
    with demo_folder() as folder:
        (folder / "journal.sqlite").write_bytes(b"x")
        assert remove_left_folders() == [], "it is in use"
        assert folder.exists()
    assert list(temporary.iterdir()) == []


def test_what_a_killed_demo_left_is_removed_and_nothing_else(temporary: Path) -> None:
    def made(name: str, *files: str) -> Path:
        folder = temporary / name
        folder.mkdir()
        for file in files:
            (folder / file).touch()
        return folder

    left = made(PREFIX + "left", LOCK_FILE, "journal.sqlite", SERVER_LOCK_FILE)
    serving = made(PREFIX + "serving", LOCK_FILE, SERVER_LOCK_FILE)
    kept = [made(PREFIX + "just-made"), made("of-somebody-else", LOCK_FILE), serving]
    with FileLock(serving / SERVER_LOCK_FILE):
        assert remove_left_folders() == [left]
    assert not left.exists()
    assert all(folder.exists() for folder in kept)
    assert remove_left_folders() == [serving], "its server has ended meanwhile"


def test_a_link_is_not_followed(temporary: Path) -> None:
    target = temporary / "work"
    target.mkdir()
    (target / LOCK_FILE).touch()
    try:
        (temporary / f"{PREFIX}link").symlink_to(target, target_is_directory=True)
    except OSError:
        pytest.skip("links need a privilege here")
    assert remove_left_folders() == []
    assert (target / LOCK_FILE).exists()
