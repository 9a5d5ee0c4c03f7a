import argparse
import subprocess
import sys
from datetime import datetime, tzinfo
from pathlib import Path

import pytest

from console.cli import faults
from console.cli.main import build_parser, run
from tests.zones import BERLIN, living_in, needs_zones


def _parse(*arguments: str) -> argparse.Namespace:
    return build_parser().parse_args(arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--port", "0"],
        ["apps", "list"],
        ["apps", "create", "X"],
        ["keys", "create", "X", "--kind", "public"],
        ["keys", "revoke", "k"],
        ["keys", "list"],
        ["simulate"],
        ["export", "out.ndjson"],
        ["doctor"],
    ],
)
def test_the_workspace_may_stand_before_or_after_the_command(arguments: list[str]) -> None:
    assert _parse("--workspace", "w", *arguments).workspace == Path("w")
    assert _parse(*arguments, "--workspace", "w").workspace == Path("w")
    assert _parse(*arguments).workspace is None


def test_ports_have_the_documented_defaults() -> None:
    for arguments in ([], ["serve"], ["demo"], ["doctor"]):
        args = _parse(*arguments)
        assert (args.port, args.player_port) == (4000, 18000)
    assert _parse("serve", "--no-player-port").player_port is None
    assert _parse("--port", "0", "serve").port == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--port", "70000"],
        ["serve", "--port", "x"],
        ["serve", "--rate-limit", "-1"],
        ["serve", "--player-port", "0", "--no-player-port"],
        ["apps"],
        ["apps", "create"],
        ["apps", "create", "X", "--app-id", "not-a-uuid"],
        ["apps", "create", "X", "--env", "prod"],
        ["keys", "create", "X"],
        ["simulate", "--players", "0"],
        ["simulate", "--speed", "0"],
        ["simulate", "--speed", "nan"],
        ["simulate", "--url", "localhost"],
        ["export"],
        ["--view", "moon"],
        ["dance"],
    ],
)
def test_a_wrong_command_line_exits_with_2_and_says_why(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        run(arguments)
    assert exit_.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_help_lists_the_commands_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        run(["--help"])
    assert exit_.value.code == 0
    text = capsys.readouterr().out
    assert all(name in text for name in ("serve", "apps", "keys", "simulate", "demo", "export", "doctor"))
    assert "mesh-worker" not in text
    assert "window-probe" not in text


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        run(["--version"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out.startswith("playtest-console ")


def test_parsing_loads_neither_qt_nor_the_server() -> None:
    code = (
        "import sys; from console.cli.main import build_parser; build_parser().parse_args(['serve']);"
        "heavy = {'PySide6', 'aiohttp', 'numpy', 'duckdb', 'msgspec', 'rich', 'asyncio'} & set(sys.modules);"
        "print(*sorted(heavy), end='')"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["simulate", "--token", "pk_live_x"], "--token needs --app-id"),
        (["simulate", "--duration", "0", "--speed", "2"], "without an end"),
    ],
)
def test_options_that_do_not_go_together_exit_with_2(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert reason in capsys.readouterr().err


@needs_zones
@pytest.mark.parametrize(
    ("now", "text", "meant"),
    [
        ("2026-03-05T11:00:00Z", "14:30", "2026-03-05T13:30:00Z"),
        ("2026-03-05T11:00:00Z", "12:00", "2026-03-06T11:00:00Z"),
        ("2026-12-31T22:59:00Z", "0:05:07", "2026-12-31T23:05:07Z"),
        ("2026-03-28T23:30:00Z", "14:30", "2026-03-29T12:30:00Z"),  # before the clock is put forward
        ("2026-03-28T14:30:00Z", "14:30", "2026-03-29T12:30:00Z"),
        ("2026-10-24T22:30:00Z", "14:30", "2026-10-25T13:30:00Z"),  # before it is put back
        ("2026-10-24T22:30:00Z", "+7200", "2026-10-25T00:30:00Z"),
        ("2026-10-25T01:30:00Z", "+30", "2026-10-25T01:30:30Z"),  # half past two for the second time
        ("2026-03-05T11:00:00Z", "2026-10-25T14:30", "2026-10-25T13:30:00Z"),
    ],
)
def test_a_time_of_day_is_the_next_one_of_the_local_clock(
    now: str, text: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Then(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Then":  # type: ignore[override]
            return cls.fromtimestamp(datetime.fromisoformat(now).timestamp(), tz)

    monkeypatch.setattr(faults, "datetime", Then)
    with living_in(BERLIN):
        args = _parse("faults", "add", "drop", "--from", text)
    assert args.from_us == datetime.fromisoformat(meant).timestamp() * 1e6
