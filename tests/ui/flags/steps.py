"""What tests of flags and segments do again and again."""

from collections.abc import Callable

from console import messages as m
from console.client import ConsoleRefused
from console.ui.flags.view import FlagsView

MakeView = Callable[[], FlagsView]


def refusal(path: str, code: str = "invalid_definition") -> ConsoleRefused:
    return ConsoleRefused(400, m.ConsoleError(code=code, message="This is wrong.", path=path))


def keys(view: FlagsView) -> list[str]:
    return [line.key for line in view.flag_list.lines]
