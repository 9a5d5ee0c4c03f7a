"""Whether a window can be shown here. Asked before Qt is loaded, because Qt aborts the process when it cannot."""

import ctypes
import os
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

_X_SOCKETS = "/tmp/.X11-unix"  # noqa: S108 - where X servers put their sockets
_CONNECT_SECS = 2.0
_X_PORT = 6000
_DISPLAY = re.compile(r"(?:unix)?(?P<host>[^:/]*):(?P<number>\d+)(?:\.\d+)?")
# Loaded by Qt's X11 plugin; named here because a bare system has X clients without it.
_XCB_CURSOR = "libxcb-cursor.so.0"


def why_no_window(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str | None:
    """One plain clause that says what is missing, or None when a window can be tried.

    Windows and macOS always have a screen to try. Elsewhere a Wayland or X server must answer.
    """
    if platform in ("win32", "darwin"):
        return None
    wanted = environment.get("QT_QPA_PLATFORM", "").split(":")[0]
    if wanted and wanted not in ("xcb", "wayland"):
        return None  # offscreen, minimal, vnc, eglfs …: whoever sets this knows what for
    if wanted != "xcb" and _wayland_answers(environment):
        return None
    display = environment.get("DISPLAY", "")
    if not display:
        return "no screen: neither DISPLAY nor WAYLAND_DISPLAY names one that answers"
    if not _x_answers(display):
        return f"no screen: nothing answers at DISPLAY={display}"
    try:
        ctypes.CDLL(_XCB_CURSOR)
    except OSError:
        return f"no window system library: {_XCB_CURSOR} is missing (on Debian and Ubuntu: libxcb-cursor0)"
    return None


def _wayland_answers(environment: Mapping[str, str]) -> bool:
    name = environment.get("WAYLAND_DISPLAY", "")
    if not name:
        return False
    path = Path(environment.get("XDG_RUNTIME_DIR", "/"), name)  # an absolute name stays as it is
    return _connects(socket.AF_UNIX, str(path))


def _x_answers(display: str) -> bool:
    match = _DISPLAY.fullmatch(display)
    if match is None:
        return False
    host, number = match["host"], int(match["number"])
    if host:
        return _connects(socket.AF_INET, (host, _X_PORT + number))
    path = f"{_X_SOCKETS}/X{number}"
    return _connects(socket.AF_UNIX, path) or (sys.platform == "linux" and _connects(socket.AF_UNIX, "\0" + path))


def _connects(family: socket.AddressFamily, address: str | tuple[str, int]) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.settimeout(_CONNECT_SECS)
            probe.connect(address)
    except OSError:
        return False
    return True
