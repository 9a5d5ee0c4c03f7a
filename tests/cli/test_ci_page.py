"""The page on continuous integration: what it tells to run can be run."""

import re
import shlex
from pathlib import Path

import pytest

from console.cli.check import wanted_of
from console.cli.main import build_parser

_PAGE = (Path(__file__).parents[2] / "docs" / "ci.md").read_text("utf-8")
_BLOCKS = re.findall(r"^```(?:sh|yaml)\n(.*?)^```", _PAGE, re.MULTILINE | re.DOTALL)
_COMMANDS = [
    command.partition(" > ")[0].partition(" | ")[0]
    for block in _BLOCKS
    for command in re.findall(r"playtest-console ([a-z].*)", block.replace("\\\n", " "))
]


def test_the_page_has_commands() -> None:
    assert {command.split()[0] for command in _COMMANDS} >= {"serve", "apps", "check", "integration", "faults"}


@pytest.mark.parametrize("command", _COMMANDS)
def test_it_can_be_run(command: str) -> None:
    arguments = shlex.split(command.replace('"$mark"', "1-2-3-4"))
    parsed = build_parser().parse_args(arguments)
    if arguments[0] == "check" and not parsed.reset:
        assert wanted_of(parsed.expect, no_rejects=parsed.no_rejects).expectations
