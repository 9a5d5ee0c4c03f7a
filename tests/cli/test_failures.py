import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from console.cli import apps, demo, main, session, window
from console.cli.errors import CommandFailed
from console.cli.keys import find_application
from console.client import ConsoleClient, ConsoleRefused, ConsoleUnavailable
from console.messages import Application, ConsoleError
from console.storage.workspace import WorkspaceError


def _raise(error: BaseException) -> Callable[[argparse.Namespace], int]:
    def command(_: argparse.Namespace) -> NoReturn:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (CommandFailed("no such key"), 1, "playtest-console: no such key\n"),
        (CommandFailed("not like this", 2), 2, "playtest-console: not like this\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_what_ends_a_command_is_one_line_and_a_status(
    error: BaseException, status: int, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(apps, "_list", _raise(error))
    assert main.run(["apps", "list"]) == status
    assert capsys.readouterr().err == told


@pytest.mark.parametrize(
    "error",
    [
        ConsoleUnavailable("no answer"),
        ConsoleRefused(409, ConsoleError(code="name_taken", message="no answer")),
        WorkspaceError("no answer"),
        PermissionError("no answer"),
    ],
)
def test_what_the_environment_does_is_told_without_a_traceback(tmp_path: Path, error: Exception) -> None:
    async def fail(_: ConsoleClient) -> None:
        raise error

    with pytest.raises(CommandFailed, match="no answer"):
        session.with_server(tmp_path / "w", fail)


def test_our_own_faults_stay_faults(tmp_path: Path) -> None:
    async def fail(_: ConsoleClient) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        session.with_server(tmp_path / "w", fail)


def test_an_application_is_found_by_name_or_id() -> None:
    application = Application(app_id="72ab8f81", name="Space", environment="live", created_at_us=0, keys=[])
    assert find_application([application], "Space") is application
    assert find_application([application], "72AB8F81") is application
    with pytest.raises(CommandFailed, match=r"'space'.*'Space'"):
        find_application([application], "space")
    with pytest.raises(CommandFailed, match="none"):
        find_application([], "Space")


def test_no_picture_can_be_taken_without_a_screen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in (window, demo):
        monkeypatch.setattr(module, "why_no_window", lambda: "no screen: none")
    for command in ([], ["demo"]):
        assert main.run([*command, "--screenshot", "x.png"]) == 1
        assert "no screen" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["check", "--no-rejects"], ["events"]])
def test_a_mistyped_workspace_is_not_made(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run([*command, "--workspace", str(tmp_path / "mistyped")]) == 1
    assert "there is no workspace at" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
