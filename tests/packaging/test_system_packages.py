"""Set-up finds what is missing, and is silent when nothing is."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[2] / "packaging" / "system_packages.py"


@pytest.fixture
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("system_packages", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answer_of_dpkg(monkeypatch: pytest.MonkeyPatch, output: str) -> None:
    monkeypatch.setattr(
        subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 0, stdout=output, stderr="")
    )


def test_installed_and_provided_packages_are_not_missing(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    answer_of_dpkg(
        monkeypatch,
        "libgl1  installed\nlibglib2.0-0t64 libglib2.0-0 (= 2) installed\nxvfb  not-installed\nxauth  config-files\n",
    )
    assert script.missing_debian_packages(["libgl1", "libglib2.0-0", "xvfb", "xauth"]) == ["xvfb", "xauth"]


def test_without_root_the_exact_line_is_printed(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CI", raising=False)
    installed = "".join(f"{package}  installed\n" for package in script.DEBIAN_PACKAGES if package != "xvfb")
    answer_of_dpkg(monkeypatch, installed)
    monkeypatch.setattr("os.geteuid", lambda: 1000, raising=False)
    assert script.ensure_debian() == 1
    assert "sudo apt-get install xvfb" in capsys.readouterr().out


def test_clients_of_the_tests_are_installed_in_ci_where_they_are_missing(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer_of_dpkg(monkeypatch, "".join(f"{package}  installed\n" for package in script.DEBIAN_PACKAGES))
    monkeypatch.setattr("os.geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr("shutil.which", lambda program: None if program in ("chromium", "node") else program)
    monkeypatch.delenv("CI", raising=False)
    assert script.ensure_debian() == 0
    monkeypatch.setenv("CI", "true")
    assert script.ensure_debian() == 1
    assert "sudo apt-get install chromium nodejs" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="other systems need no packages")
def test_nothing_missing_says_nothing(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CI", raising=False)
    answer_of_dpkg(monkeypatch, "".join(f"{package}  installed\n" for package in script.DEBIAN_PACKAGES))
    assert script.ensure_debian() == 0
    assert capsys.readouterr().out == ""
