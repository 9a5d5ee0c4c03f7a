"""The bytes of a body: moving, selecting, marks, and how many fit into a row."""

import time
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from console.ui.context import ViewContext
from console.ui.widgets.hex_layout import Span
from console.ui.widgets.hex_view import HexView
from tests.ui.screen import show


@pytest.fixture
def make_hex(context: ViewContext, qtbot: QtBot) -> Callable[..., HexView]:
    def make(body: bytes, width: int = 600, marks: tuple[Span, ...] = ()) -> HexView:
        view = HexView(context.theme)
        qtbot.addWidget(view)
        view.resize(width, 320)
        view.set_body(body, marks)
        show(view)
        return view

    return make


def test_keys_move_and_extend_the_selection(make_hex: Callable[..., HexView], qtbot: QtBot) -> None:
    view = make_hex(bytes(range(256)) * 4)
    spans: list[tuple[int, int]] = []
    view.selection_changed.connect(lambda start, end: spans.append((start, end)))
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Right, shift)
    assert spans == [(1, 2), (17, 18), (17, 19)]
    qtbot.keyClick(view, Qt.Key.Key_C, control)
    assert QGuiApplication.clipboard().text() == "11 12"
    qtbot.keyClick(view, Qt.Key.Key_End, control)
    assert spans[-1] == (1023, 1024)
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert spans[-1] == (1008, 1009)
    qtbot.keyClick(view, Qt.Key.Key_PageUp)
    qtbot.keyClick(view, Qt.Key.Key_Home, control)
    assert view.verticalScrollBar().value() == 0
    qtbot.keyClick(view, Qt.Key.Key_A, control)
    assert view.selection == Span(0, 1024)
    assert "1024 bytes from offset 0x0" in view.accessibleDescription()


def test_the_mouse_selects(make_hex: Callable[..., HexView], qtbot: QtBot) -> None:
    view = make_hex(bytes(64))
    advance, top = view._advance, 9
    place = [QPoint(round(8 + (8 + 3 * byte + 1) * advance), top) for byte in (2, 5)]
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=place[0])
    assert view.selection == Span(2, 3)
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=place[0])
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, place[1])
    assert view.selection == Span(2, 6)


def test_marks_are_painted(make_hex: Callable[..., HexView]) -> None:
    body = bytes(64)
    assert make_hex(body).grab().toImage() != make_hex(body, marks=(Span(3, 5),)).grab().toImage()


def test_a_narrow_view_has_eight_bytes_a_row(make_hex: Callable[..., HexView]) -> None:
    assert make_hex(bytes(64), width=600)._layout.per_row == 16
    assert make_hex(bytes(64), width=360)._layout.per_row == 8


def test_eight_megabytes_paint_as_fast_as_a_page(make_hex: Callable[..., HexView]) -> None:
    view = make_hex(bytes(8 * 1024 * 1024))
    view.select(Span(5_000_000, 5_000_010))
    start = time.thread_time()
    view.viewport().repaint()
    assert time.thread_time() - start < 1.0
    assert view.verticalScrollBar().value() <= 5_000_000 // 16 < view.verticalScrollBar().value() + 20


def test_an_empty_body_is_quiet(make_hex: Callable[..., HexView], qtbot: QtBot) -> None:
    view = make_hex(b"")
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert not view.selection


def test_the_failing_bytes_stay_in_sight_when_rows_become_narrower(make_hex: Callable[..., HexView]) -> None:
    view = make_hex(bytes(8192), 900)
    view.select(Span(8180, 8180))
    view.resize(330, view.height())
    bar = view.verticalScrollBar()
    assert bar.value() <= 8180 // 8 < bar.value() + bar.pageStep()
