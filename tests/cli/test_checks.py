import random
import socket
import subprocess
from pathlib import Path

import pytest

from console.cli import checks
from console.cli.checks import disk_check, port_checks, version_checks, window_checks, workspace_checks


def test_versions_are_named() -> None:
    found = version_checks()
    assert all(check.ok for check in found)
    assert "PySide6-Essentials" in found[1].text


def test_a_missing_package_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_PACKAGES", ("no-such-package-anywhere",))
    assert [check.ok for check in version_checks()] == [True, True, False]


def test_a_taken_port_is_a_failure(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (check,) = port_checks(tmp_path, {"telemetry": port, "player": None})
    assert not check.ok
    assert str(port) in check.text


def test_a_free_port_is_fine(tmp_path: Path) -> None:
    # Below the ports that systems give out by themselves, lest another process is given one meanwhile.
    ports = random.sample(range(10_000, 32_000), 5)
    assert any(check.ok for port in ports for check in port_checks(tmp_path, {"telemetry": port}))


def test_no_screen_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "why_no_window", lambda: "no screen: none")
    assert [check.ok for check in window_checks()] == [True]


def test_a_probe_that_crashes_is_survived_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    crashed = subprocess.CompletedProcess([], -6, "", "first\nqt.qpa.plugin: Could not load\n")
    monkeypatch.setattr(checks, "why_no_window", lambda: None)
    monkeypatch.setattr(checks.subprocess, "run", lambda *_, **__: crashed)
    (check,) = window_checks()
    assert not check.ok
    assert "status -6: qt.qpa.plugin: Could not load" in check.text


def test_a_window_without_opengl_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = subprocess.CompletedProcess([], 0, '{"platform": "offscreen", "screen": "", "opengl": ""}\n', "")
    monkeypatch.setattr(checks, "why_no_window", lambda: None)
    monkeypatch.setattr(checks.subprocess, "run", lambda *_, **__: found)
    assert [(check.name, check.ok) for check in window_checks()] == [("Window", True), ("OpenGL", False)]


def test_a_workspace_that_does_not_exist_yet_is_fine(tmp_path: Path) -> None:
    assert [check.ok for check in workspace_checks(tmp_path / "none")] == [True]


def test_disk_space_is_looked_for_where_the_workspace_will_be(tmp_path: Path) -> None:
    assert str(tmp_path) in disk_check(tmp_path / "a" / "b").text
