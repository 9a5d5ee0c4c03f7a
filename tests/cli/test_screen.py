import socket
from pathlib import Path

import pytest

from console.cli import screen
from console.cli.screen import why_no_window


@pytest.fixture
def x_sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)  # a socket's path has little room: it is named from here
    monkeypatch.setattr(screen, "_X_SOCKETS", ".")
    return Path()


@pytest.fixture
def has_xcb_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen.ctypes, "CDLL", lambda name: None)


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_windows_and_macos_are_always_tried(platform: str) -> None:
    assert why_no_window({}, platform) is None


def test_without_a_display_there_is_no_screen() -> None:
    assert "no screen" in (why_no_window({}, "linux") or "")


def test_a_chosen_platform_without_a_screen_is_taken_as_meant() -> None:
    assert why_no_window({"QT_QPA_PLATFORM": "offscreen"}, "linux") is None
    assert why_no_window({"QT_QPA_PLATFORM": "vnc:size=800x600"}, "linux") is None


@pytest.mark.parametrize("display", [":1234", "somewhere", "localhost:1234", ":"])
def test_a_display_that_does_not_answer_is_named(x_sockets: Path, display: str) -> None:
    assert f"DISPLAY={display}" in (why_no_window({"DISPLAY": display}, "linux") or "")


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="X servers listen on Unix sockets")
@pytest.mark.usefixtures("has_xcb_cursor")
def test_a_display_that_answers_is_good(x_sockets: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(x_sockets / "X1234"))
        server.listen()
        assert why_no_window({"DISPLAY": ":1234.0"}, "linux") is None
        assert why_no_window({"DISPLAY": ":1234", "QT_QPA_PLATFORM": "xcb"}, "linux") is None


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="X servers listen on Unix sockets")
def test_a_missing_library_is_named_with_its_package(x_sockets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "_XCB_CURSOR", "libno-such-library.so.0")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(x_sockets / "X1234"))
        server.listen()
        assert "libxcb-cursor0" in (why_no_window({"DISPLAY": ":1234"}, "linux") or "")


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="Wayland servers listen on Unix sockets")
def test_a_wayland_server_that_answers_is_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # as above
    environment = {"WAYLAND_DISPLAY": "wayland-9", "XDG_RUNTIME_DIR": "."}
    assert why_no_window(environment, "linux") is not None
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("wayland-9")
        server.listen()
        assert why_no_window(environment, "linux") is None
