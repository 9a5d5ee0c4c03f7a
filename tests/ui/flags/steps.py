"""What tests of flags and segments do again and again."""

from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QPushButton

from console import messages as m
from console.client import ConsoleRefused
from console.ui.dialogs import Dialog
from console.ui.flags.view import FlagsView

MakeView = Callable[[], FlagsView]


def refusal(path: str, code: str = "invalid_definition") -> ConsoleRefused:
    return ConsoleRefused(400, m.ConsoleError(code=code, message="This is wrong.", path=path))


def keys(view: FlagsView) -> list[str]:
    return [line.key for line in view.flag_list.lines]


def opened(kind: type[Dialog]) -> Dialog:
    return next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, kind) and widget.isVisible())


def press(dialog: Dialog, label: str) -> None:
    next(button for button in dialog.findChildren(QPushButton) if button.text() == label).click()
