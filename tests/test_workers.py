"""How the suite is divided among processes."""

import pytest

from tests import workers
from tests.workers import have_screens, on_a_screen, place_in_line, work_unit


def test_a_file_stays_together_and_so_do_windows_on_one_screen() -> None:
    ids = ["tests/ui/test_a.py::test_b[x::y]", "tests/e2e/test_window.py::test_c", "tests/server/test_d.py::test_e"]
    assert [work_unit(each, one_screen=False) for each in ids] == [each.partition("::")[0] for each in ids]
    assert [work_unit(each, one_screen=True) for each in ids] == ["screen", "screen", "tests/server/test_d.py"]


def test_the_long_ones_begin() -> None:
    files = ["tests/telemetry/test_a.py", "tests/server/test_b.py", "tests/ui/test_c.py", "tests/e2e/test_d.py"]
    assert sorted(files, key=place_in_line) == files[::-1]


@pytest.mark.parametrize(
    ("environment", "system", "screen", "own"),
    [
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "xcb"}, "linux", True, True),
        ({"DISPLAY": ":0"}, "linux", True, False),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True, False),
        ({}, "linux", False, True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True, False),
        ({}, "darwin", True, False),
        ({}, "win32", True, False),
    ],
)
def test_where_there_is_no_screen_one_is_made(
    environment: dict[str, str], system: str, screen: bool, own: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(workers.sys, "platform", system)
    monkeypatch.setattr(workers.shutil, "which", lambda program: f"/usr/bin/{program}")
    assert (on_a_screen(), have_screens()) == (screen, own)
    monkeypatch.setattr(workers.shutil, "which", lambda program: None)
    assert not have_screens()
