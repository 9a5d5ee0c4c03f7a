"""The window with its menus around stand-in views, and what its tests do with it."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from console import messages as m
from console.ui.commands import Commands
from console.ui.context import ViewContext
from console.ui.demo import DemoPlaytest
from console.ui.main_window import MainWindow
from console.ui.menus import Menus
from console.ui.navigation import Subject
from tests.ui.fakes import make_status


class FakeView(QWidget):
    badge_changed = Signal(str)
    upload_wanted = Signal(list)
    demo_wanted = Signal()
    test_event_wanted = Signal()
    destination_wanted = Signal(object)

    def __init__(self, context: ViewContext) -> None:
        super().__init__()
        self.subjects: list[Subject] = []
        self.frozen: list[bool] = []
        self.cleared = 0
        self.filters_wanted = 0
        self.followed = 0
        self.line = QLineEdit(self)

    def set_frozen(self, frozen: bool) -> None:
        self.frozen.append(frozen)

    def clear(self) -> None:
        self.cleared += 1

    def focus_filter(self) -> None:
        self.filters_wanted += 1

    def follow(self) -> None:
        self.followed += 1

    def show_subject(self, subject: Subject) -> None:
        self.subjects.append(subject)


class FakeSupervisor:
    def __init__(self) -> None:
        self.calls: list[str] = []

    def start(self) -> None:
        self.calls.append("start")

    async def stop(self) -> None:
        self.calls.append("stop")

    async def restart(self) -> None:
        self.calls.append("restart")


class Frame:
    """A window with its menus, around fake views."""

    def __init__(self, context: ViewContext, workspace: Path) -> None:
        self.context = context
        self.window = MainWindow(context.theme, context.settings)
        self.window.populate(context, QWidget(), QWidget())
        self.supervisor = FakeSupervisor()
        self.demo = DemoPlaytest(context.client, context.feed, context.messages)
        self.commands = Commands(self.window, context, self.supervisor, self.demo, workspace)  # type: ignore[arg-type]
        self.chosen: list[str] = []
        self.menus = Menus(self.window, context, self.commands, self.demo, "dark", self.chosen.append)

    def actions(self) -> list[QAction]:
        """Every action of the menus, also of their sub-menus."""
        found: list[QAction] = []
        menus = list(self.window.menus.values())
        while menus:
            for action in menus.pop().actions():
                submenu = action.menu()
                if isinstance(submenu, QMenu):
                    menus.append(submenu)
                elif not action.isSeparator():
                    found.append(action)
        return found

    def action(self, text: str) -> QAction:
        return {one.text().replace("&&", "\0").replace("&", "").replace("\0", "&"): one for one in self.actions()}[text]


def connect(frame: Frame, **changes: Any) -> None:
    frame.context.feed.receive(m.FeedHello(last_seq=0, last_request_id=0, status=make_status(**changes)))


def drop(window: MainWindow, *paths: Path) -> QDropEvent:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction | Qt.DropAction.MoveAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.ShiftModifier,  # asks for a move
    )
    window.dropEvent(event)
    return event
