import stat
import sys
from pathlib import Path

import pytest

from console import discovery
from console.storage.workspace import Workspace, WorkspaceBusy, WorkspaceError, quarantine


def test_open_makes_the_folders_and_can_be_repeated(tmp_path: Path) -> None:
    root = tmp_path / "a" / "b"
    for _ in range(2):
        workspace = Workspace.open(root)
        for folder in (workspace.levels_dir, workspace.exports_dir, workspace.logs_dir):
            assert folder.is_dir()
    assert workspace.root == root


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    Workspace.open(tmp_path)
    (tmp_path / "workspace.json").write_text('{"format": 99, "more": 1}')
    with pytest.raises(WorkspaceError, match="newer version"):
        Workspace.open(tmp_path)


@pytest.mark.parametrize("content", ["", "nonsense", "[]", '{"format": "x"}'])
def test_a_damaged_format_file_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "workspace.json").write_text(content)
    with pytest.raises(WorkspaceError, match="damaged"):
        Workspace.open(tmp_path)


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="cannot be used"):
        Workspace.open(tmp_path / "file")


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path)
    assert not discovery.server_is_alive(tmp_path)
    with workspace.lock():
        assert discovery.server_is_alive(tmp_path)
        with pytest.raises(WorkspaceBusy), Workspace.open(tmp_path).lock():
            pass
    assert not discovery.server_is_alive(tmp_path)
    with workspace.lock():
        pass


def test_the_admin_key_is_made_once_and_private(tmp_path: Path) -> None:
    workspace = Workspace.open(tmp_path)
    key = workspace.admin_key()
    assert len(key) >= 32
    assert Workspace.open(tmp_path).admin_key() == key == discovery.read_admin_key(tmp_path)
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / discovery.ADMIN_KEY_FILE).stat().st_mode) == 0o600


def test_quarantine_moves_side_files_and_keeps_the_newest_two(tmp_path: Path) -> None:
    targets = []
    for number in range(3):
        (tmp_path / "events.duckdb").write_text(str(number))
        (tmp_path / "events.duckdb.wal").write_text("wal")
        targets.append(quarantine(tmp_path / "events.duckdb"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["quarantine"]
    assert [t.exists() for t in targets] == [False, True, True]
    assert sorted(p.suffix for p in targets[2].parent.iterdir()) == [".duckdb", ".duckdb", ".wal", ".wal"]
