"""Tests in several processes: a file stays in one of them, the long ones begin, and each has a screen of its own.

Two windows of two processes on one screen take the focus and the pointer from each other, and what a module starts once
(servers, windows) would be started once in each.
"""

import os
import select
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass

SCREEN_SIZE = "1600x1000x24"
_START_SECS = 60.0
# X11 protocol, connection setup: little-endian, version 11.0, no authorization.
_GREETING = b"l\0" + bytes([11, 0, 0, 0, 0, 0, 0, 0, 0, 0])
_SHOWS_WINDOWS = ("tests/ui/", "tests/e2e/test_designers.py", "tests/e2e/test_window.py")
# The whole product first, then windows, then servers: whoever is ready early has short ones left to take.
_LONG_FIRST = ("tests/e2e/", "tests/ui/", "tests/server/")


def place_in_line(file: str) -> int:
    """How early the tests of a file run; `file` as in a node id, from the project's root."""
    return next((number for number, start in enumerate(_LONG_FIRST) if file.startswith(start)), len(_LONG_FIRST))


def work_unit(node_id: str, one_screen: bool) -> str:
    """What a test must share a process with: its file; where there is one screen for all, whatever opens windows."""
    file = node_id.partition("::")[0]
    return "screen" if one_screen and file.startswith(_SHOWS_WINDOWS) else file


def have_screens() -> bool:
    """Whether each process can have a screen: the tests are to run on X11, or on nothing else, and Xvfb is there."""
    platform = os.environ.get("QT_QPA_PLATFORM") or ("" if on_a_screen() else "xcb")
    return platform == "xcb" and shutil.which("Xvfb") is not None


def on_a_screen() -> bool:
    """Whether windows can be shown without further ado. Qt ends the process where they cannot."""
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    return named or sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM", "xcb") not in ("", "xcb", "wayland")


@dataclass(frozen=True)
class Screen:
    """A running X server without a monitor. `name` is what DISPLAY says.

    It ends with its last client. `client` is connected for as long as this process lives, and does nothing.
    """

    name: str
    process: subprocess.Popen[bytes]
    client: socket.socket

    def close(self) -> None:
        """End it."""
        self.client.close()
        self.process.terminate()
        self.process.wait()


def start_screen() -> Screen:
    """Start an X server on a number that it finds free by itself. Raises RuntimeError when it does not start."""
    told, tells = os.pipe()
    with os.fdopen(told, "rb") as answer:
        try:
            process = subprocess.Popen(
                ["Xvfb", "-displayfd", str(tells), "-screen", "0", SCREEN_SIZE, "-nolisten", "tcp", "-terminate"],
                pass_fds=[tells], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        finally:
            os.close(tells)
        ready, _, _ = select.select([answer], [], [], _START_SECS)
        number = answer.readline().strip() if ready else b""
    if not number:
        process.kill()
        process.wait()
        raise RuntimeError(f"Xvfb did not start within {_START_SECS:.0f} s")
    client = socket.socket(socket.AF_UNIX)
    client.connect(f"/tmp/.X11-unix/X{number.decode()}")
    client.sendall(_GREETING)
    client.recv(8)  # from now on this is a client
    return Screen(f":{number.decode()}", process, client)
