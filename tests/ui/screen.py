"""Widgets on the screen of the tests: shown, and known to be shown."""

from typing import TypeVar

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

_EXPOSED_WITHIN_MS = 30_000
_Window = TypeVar("_Window", bound=QWidget)


def show(window: QWidget) -> None:
    """Show a window, and wait until the window system has: before that it has no place and no pointer over it."""
    window.show()
    assert QTest.qWaitForWindowExposed(window, _EXPOSED_WITHIN_MS), f"{window!r} is not on the screen"


def resize(window: QWidget, width: int, height: int) -> None:
    """Give a shown window another size, and wait until the window system has said so.

    What it says of sizes before would come later otherwise, and be taken for news.
    """
    window.resize(width, height)
    QGuiApplication.sync()
    QApplication.processEvents()


def hover(widget: QWidget, place: QPoint) -> None:
    """Move the pointer over a place of a widget, as the widget sees it.

    The pointer of the screen stays where it is: moving that one says nothing to a widget it already rests on.
    """
    at, none = QPointF(place), Qt.MouseButton.NoButton
    everywhere = widget.mapToGlobal(at)
    QApplication.sendEvent(
        widget, QMouseEvent(QEvent.Type.MouseMove, at, everywhere, none, none, Qt.KeyboardModifier.NoModifier)
    )


def opened(kind: type[_Window]) -> _Window:
    """The window of this kind that is shown."""
    return next(one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible())


def press(window: QWidget, label: str) -> None:
    """Click the button with this text."""
    next(button for button in window.findChildren(QPushButton) if button.text() == label).click()


def hold_keys(modifiers: Qt.KeyboardModifier) -> None:
    """Hold Shift, Ctrl or both down, as far as Qt can tell."""
    QTest.keyEvent(QTest.KeyAction.Press, QWidget(), Qt.Key.Key_F35, modifiers)


def release_keys() -> None:
    """Let go of whatever is held down."""
    if QApplication.keyboardModifiers() != Qt.KeyboardModifier.NoModifier:
        QTest.keyEvent(QTest.KeyAction.Release, QWidget(), Qt.Key.Key_F35, Qt.KeyboardModifier.NoModifier)
