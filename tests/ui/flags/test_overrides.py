"""Overrides: set, listed, cleared, and counts that follow the players."""

from pytestqt.qtbot import QtBot

from console.messages import players as p
from console.players.definitions import Override
from console.ui.context import ViewContext
from console.ui.dialogs import Dialog
from console.ui.flags.view import OVERRIDES, SEGMENTS
from console.ui.widgets.override_dialog import OverrideDialog
from tests.ui.fake_flags import (
    NOW_US,
    PLAYER_ID,
    make_player_row,
)
from tests.ui.fakes import APP_ID, FakeClient, FakeMessages
from tests.ui.flags.steps import MakeView, refusal
from tests.ui.screen import opened, press


def test_overrides_are_listed_and_cleared_in_one_click(
    filled: FakeClient, make_view: MakeView, messages: FakeMessages
) -> None:
    filled.override_list = [
        Override(flag_key="checkout_button", player_id=PLAYER_ID, value={"colour": "red"}, at_us=NOW_US),
        Override(flag_key="new_tutorial", player_id=PLAYER_ID, value=True, at_us=NOW_US),
    ]
    view = make_view()
    page = view.flag_page
    page.show_tab(3)
    assert page.tabs.tabText(3) == "Overrides  1"
    assert [line.cells[1] for line in page.overrides.table.lines] == ['{"colour": "red"}']
    page.overrides.clear_all_button.click()
    assert filled.called("clear_overrides") == [{"app_id": APP_ID, "flag_key": "checkout_button", "player_id": ""}]
    assert messages.said[-1] == ("good", "1 override cleared.")
    view.tabs.setCurrentIndex(OVERRIDES)
    assert [line.key for line in view.overrides.table.lines] == [("new_tutorial", PLAYER_ID)]
    view.overrides.table.selectRow(0)
    view.overrides.clear_button.click()
    assert filled.called("clear_override")[0]["key"] == "new_tutorial"


def test_every_override_at_once_is_asked_first(filled: FakeClient, make_view: MakeView) -> None:
    filled.override_list = [Override(flag_key="new_tutorial", player_id=PLAYER_ID, value=True, at_us=NOW_US)]
    view = make_view()
    view.tabs.setCurrentIndex(OVERRIDES)
    view.overrides.clear_all_button.click()
    assert not filled.called("clear_overrides")
    press(opened(Dialog), "Clear all")
    assert filled.called("clear_overrides")[0]["flag_key"] == ""


def test_a_player_gets_an_override(filled: FakeClient, make_view: MakeView) -> None:
    view = make_view()
    view.flag_page.override()
    dialog = opened(OverrideDialog)
    assert isinstance(dialog, OverrideDialog)
    assert not dialog.set_button.isEnabled()
    dialog.picker.offer_newest()
    dialog.value._choice.setCurrentText("blue")
    dialog.set_button.click()
    assert filled.called("set_override") == [
        {"app_id": APP_ID, "key": "checkout_button", "player_id": PLAYER_ID, "value": {"colour": "blue"}}
    ]
    assert view.flag_page.tabs.tabText(3) == "Overrides  1"


def test_a_refused_override_keeps_the_dialog(filled: FakeClient, make_view: MakeView) -> None:
    view = make_view()
    filled.failures["set_override"] = refusal("$.value")
    view.flag_page.override(PLAYER_ID)
    dialog = opened(OverrideDialog)
    assert isinstance(dialog, OverrideDialog)
    dialog.set_button.click()
    assert dialog.problem.text() == "This is wrong."
    assert dialog.isVisible()
    dialog.reject()


def test_counts_follow_the_players_but_not_each_change(
    filled: FakeClient, make_view: MakeView, context: ViewContext, qtbot: QtBot
) -> None:
    view = make_view()
    recount = view.flag_page.rollout.recount
    view.flag_page.show_tab(1)
    assert len(filled.called("preview_flag")) == 1
    for _ in range(5):
        context.feed.changed.emit("players")
    assert len(filled.called("preview_flag")) == 1, "not before the pause is over"
    recount._timer.stop()
    recount._tell()
    assert len(filled.called("preview_flag")) == 2
    recount._timer.stop()
    recount._tell()
    assert len(filled.called("preview_flag")) == 2, "nothing changed since"
    view.set_frozen(True)
    context.feed.changed.emit("players")
    assert len(filled.called("preview_flag")) == 2
    view.set_frozen(False)
    assert len(filled.called("preview_flag")) == 3
    view.flag_page.show_tab(0)
    recount._timer.stop()
    context.feed.changed.emit("players")
    assert len(filled.called("preview_flag")) == 3, "nobody looks"
    view.flag_page.show_tab(1)
    qtbot.waitUntil(lambda: len(filled.called("preview_flag")) == 4)
    recount.began()
    context.feed.changed.emit("players")
    recount._timer.stop()
    recount._tell()
    assert len(filled.called("preview_flag")) == 4, "a count that takes long is not begun anew"
    recount.ended()


def test_members_are_counted_again_without_a_word(
    filled: FakeClient, make_view: MakeView, context: ViewContext, qtbot: QtBot
) -> None:
    view = make_view()
    view.tabs.setCurrentIndex(SEGMENTS)
    members = view.segment_page.members
    qtbot.waitUntil(lambda: members.count.text() == "3 of 12 known players")
    filled.segment_preview = p.SegmentPreview(members=4, total=13, sample=[make_player_row()])
    members.recount._timer.stop()
    context.feed.changed.emit("players")
    assert members.count.text() == "4 of 13 known players"
