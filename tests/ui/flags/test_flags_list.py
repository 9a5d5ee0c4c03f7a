"""The list of flags: what each says, switching, what was switched lately."""

import time

from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from console.messages import players as p
from console.ui.flags.definition_list import switch_rect
from console.ui.flags.flips import LATELY_US
from tests.ui.fakes import FakeClient, FakeMessages
from tests.ui.flags.steps import MakeView, keys, refusal


def test_without_flags_it_teaches(make_view: MakeView) -> None:
    view = make_view()
    assert view._flag_pages.currentIndex() == 0
    view.new()
    assert view.flag_page.key == ""
    assert view.flag_page.form.key.hasFocus() or view.flag_page.form.key.isVisible()


def test_flags_are_listed_with_their_first_rule(filled: FakeClient, make_view: MakeView) -> None:
    view = make_view()
    assert keys(view) == ["checkout_button", "new_tutorial", "zz_old"]
    first, second, third = view.flag_list.lines
    assert first.summary == "Beta testers → green, 1 more rule"
    assert (second.summary, second.on) == ("everyone gets false", True)
    assert (third.summary, third.on) == ("off: everyone gets 1", False)
    assert view.flag_page.key == "checkout_button", "the first is shown"
    view.search.setText("zz")
    assert keys(view) == ["zz_old"]


def test_a_click_on_the_switch_flips_a_flag(filled: FakeClient, make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    row = view.flag_list.visualRect(view.flag_list.model().index(2, 0))
    place = switch_rect(row).center()
    qtbot.mouseClick(view.flag_list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place.x(), place.y()))
    request = filled.called("save_flag")[0]["request"]
    assert (request.flag.key, request.flag.enabled, request.replaces) == ("zz_old", True, 1)
    assert view.flag_page.key == "checkout_button", "it is flipped without being opened"
    assert view.flag_list.lines[2].on


def test_space_flips_the_current_flag(filled: FakeClient, make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    qtbot.keyClick(view.flag_list, Qt.Key.Key_Down)
    assert view.flag_page.key == "new_tutorial"
    qtbot.keyClick(view.flag_list, Qt.Key.Key_Space)
    assert not filled.called("save_flag")[0]["request"].flag.enabled
    assert not view.flag_page.switch.isChecked()


def test_a_refused_flip_is_told_and_shown_as_it_is(
    filled: FakeClient, make_view: MakeView, messages: FakeMessages
) -> None:
    view = make_view()
    filled.failures["save_flag"] = refusal("")
    view.flag_page.switch.click()
    assert messages.said[-1] == ("bad", "Not switched: This is wrong.")
    assert view.flag_page.switch.isChecked()


def test_a_flip_says_what_it_did_and_can_be_undone(
    filled: FakeClient, make_view: MakeView, messages: FakeMessages
) -> None:
    view = make_view()
    view.flag_page.flip("zz_old")
    assert messages.said[-1] == ("good", "zz_old is on: everyone gets 1.")
    (label, undo), *_ = messages.actions
    assert label == "Undo"
    undo()
    assert [one["request"].flag.enabled for one in filled.called("save_flag")] == [True, False]
    assert messages.said[-1] == ("good", "zz_old is off: everyone gets 1.")
    undo()
    assert len(filled.called("save_flag")) == 2, "it is undone already"


def test_what_was_flipped_lately_says_so(filled: FakeClient, make_view: MakeView) -> None:
    now_us = time.time_ns() // 1000
    flipped = {"kind": "flag", "action": "changed", "by": "window", "summary": "switched on"}
    filled.history_list = [
        p.DefinitionChange(
            at_us=now_us - 300_000_000,
            key="new_tutorial",
            before='{"enabled": false}',
            after='{"enabled": true}',
            **flipped,
        ),
        p.DefinitionChange(
            at_us=now_us - LATELY_US, key="zz_old", before='{"enabled": true}', after='{"enabled": false}', **flipped
        ),
    ]
    view = make_view()
    ages = {line.key: (line.age, line.recent) for line in view.flag_list.lines}
    assert ages["new_tutorial"] == ("on 5 min ago", True)
    assert not ages["zz_old"][1]
    assert "on 5 min ago" in view.flag_list.lines[1].spoken
    assert "Switched off by window" in view.flag_list.lines[2].hover
