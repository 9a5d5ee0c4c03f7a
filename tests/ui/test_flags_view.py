"""Flags & segments against a stand-in server: listing, switching, editing, conflicts, previews, reasons, overrides."""

import asyncio
import time
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from console import messages as m
from console.client import ConsoleRefused
from console.messages import players as p
from console.players.definitions import Check, Evaluation, Flag, Override, Rule, RuleTrace
from console.ui.context import ViewContext
from console.ui.dialogs import Dialog
from console.ui.flags.definition_list import switch_rect
from console.ui.flags.flips import LATELY_US
from console.ui.flags.trace_panel import depths
from console.ui.flags.view import FLAGS, OVERRIDES, SEGMENTS, FlagsView
from console.ui.navigation import Destination, FlagSubject, PlayerSubject, SegmentSubject, TraceSubject
from console.ui.selection import Scope
from console.ui.widgets.override_dialog import OverrideDialog
from tests.ui.fake_flags import (
    LEVELLED,
    NOW_US,
    PLAYER_ID,
    make_explanation,
    make_flag,
    make_player_row,
    make_segment,
    make_split_flag,
)
from tests.ui.fake_players import make_detail, make_profile
from tests.ui.fakes import APP_ID, FakeClient, FakeMessages, make_application, make_status
from tests.ui.screen import show

MakeView = Callable[[], FlagsView]


@pytest.fixture
def make_view(qtbot: QtBot, context: ViewContext) -> MakeView:
    kept: list[FlagsView] = []

    def make() -> FlagsView:
        view = FlagsView(context)
        kept.append(view)
        qtbot.addWidget(view)
        view.resize(1100, 800)
        context.feed.receive(m.FeedHello(last_seq=0, last_request_id=0, status=make_status()))
        show(view)
        return view

    return make


@pytest.fixture
def filled(client: FakeClient) -> FakeClient:
    client.flag_list = [
        make_split_flag(),
        make_flag(),
        make_flag("zz_old", enabled=False, type="number", default_value=1),
    ]
    client.segment_list = [make_segment()]
    client.player_rows = [make_player_row()]
    return client


def refusal(path: str, code: str = "invalid_definition") -> ConsoleRefused:
    return ConsoleRefused(400, m.ConsoleError(code=code, message="This is wrong.", path=path))


def keys(view: FlagsView) -> list[str]:
    return [line.key for line in view.flag_list.lines]


def opened(kind: type[Dialog]) -> Dialog:
    return next(widget for widget in QApplication.topLevelWidgets() if isinstance(widget, kind) and widget.isVisible())


def press(dialog: Dialog, label: str) -> None:
    next(button for button in dialog.findChildren(QPushButton) if button.text() == label).click()


# lists


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


# editing


def test_every_flag_comes_back_from_its_form(filled: FakeClient, make_view: MakeView) -> None:
    view = make_view()
    rules = [
        Rule(rule_id="r1", rollout=12.5, conditions={"operator": "OR", "conditions": [LEVELLED]}, value=3),
        Rule(rule_id="r2", segment_id="beta-testers", value=4.5, description="later"),
    ]
    for flag in (*filled.flag_list, make_flag("n", type="number", default_value=1, rules=rules)):
        view.flag_page.form.show_flag(flag, new=False)
        assert view.flag_page.form.flag() == flag
        assert not view.flag_page.edited


def test_changes_wait_as_a_draft_until_they_are_saved(
    filled: FakeClient, make_view: MakeView, messages: FakeMessages, qtbot: QtBot
) -> None:
    view = make_view()
    page = view.flag_page
    view.show_flag("new_tutorial")
    qtbot.keyClicks(page.form.description, "For newcomers")
    assert page.edited == {"new_tutorial"}
    assert view.flag_list.lines[1].edited
    view.show_flag("zz_old")
    assert page.form.description.text() == ""
    view.show_flag("new_tutorial")
    assert page.form.description.text() == "For newcomers"
    page.header.save.click()
    request = filled.called("save_flag")[0]["request"]
    assert (request.flag.description, request.replaces) == ("For newcomers", 1)
    assert not page.edited
    assert "Version 2" in page.header.about.text()
    assert messages.said[-1][0] == "good"


def test_reverting_forgets_the_changes(filled: FakeClient, make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    qtbot.keyClicks(view.flag_page.form.name, "x")
    view.flag_page.header.revert.click()
    assert view.flag_page.form.name.text() == "Checkout button"
    assert not view.flag_page.edited


def test_a_new_flag_with_a_rule_is_created(filled: FakeClient, make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    view.new()
    form = view.flag_page.form
    qtbot.keyClicks(form.key, "double_xp")
    form.add_rule()
    card = form.rules[0]
    card.segment.setCurrentIndex(1)
    card.partly.setChecked(True)
    card.percent.setValue(25)
    assert card.slider.value() == 25
    view.flag_page.header.save.click()
    request = filled.called("save_flag")[0]["request"]
    assert request.replaces is None
    assert request.flag.rules == [Rule(rule_id="rule-1", segment_id="beta-testers", rollout=25.0, value=True)]
    assert view.flag_page.key == "double_xp"
    assert [line.key for line in view.flag_list.lines if line.edited] == []


async def test_what_was_saved_stays_shown_when_the_list_is_asked_for_meanwhile(
    filled: FakeClient, make_view: MakeView, context: ViewContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server tells of a change as it answers it: two questions are under way, and either may be first."""
    view = make_view()
    await asyncio.sleep(0.05)
    gate = asyncio.Event()

    async def slow(app_id: str) -> list[Flag]:
        await gate.wait()
        return filled.flag_list

    monkeypatch.setattr(filled, "flags", slow)
    view.new()
    view.flag_page.form.key.setText("made")
    view.flag_page._form_changed()
    view.flag_page.save()
    view.store.refresh()
    await asyncio.sleep(0.05)
    assert view.flag_page.key == "made"
    gate.set()
    await asyncio.sleep(0.05)
    assert view.flag_page.key == "made"
    assert "made" in keys(view)


def test_rules_are_moved_and_removed(filled: FakeClient, make_view: MakeView) -> None:
    view = make_view()
    form = view.flag_page.form
    form.rules[1].up.click()
    assert [rule.rule_id for rule in form.flag().rules] == ["r2", "r1"]
    assert [card.number.text() for card in form.rules] == ["1", "2"]
    form.rules[0].removed.emit()
    assert [rule.rule_id for rule in form.flag().rules] == ["r1"]


def test_weights_are_shared_out(filled: FakeClient, make_view: MakeView) -> None:
    view = make_view()
    split = view.flag_page.form.rules[1].split
    assert [share.text() for share in split._shares] == ["75.0%", "0.0%", "25.0%"]
    split._spins[1].setValue(4)
    assert [share.weight for share in split.split()] == [3, 4, 1]


def test_a_renamed_variant_is_renamed_where_it_is_used(filled: FakeClient, make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    form = view.flag_page.form
    form.variants.rows[0].key.selectAll()
    qtbot.keyClicks(form.variants.rows[0].key, "crimson")
    flag = form.flag()
    assert [share.variant_key for share in flag.rules[1].split or []] == ["crimson", "blue"]
    assert flag.default_value == {"colour": "red"}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("$.name", "Name"),
        ("$.default_value", "Default value"),
        ("$.rules[1].rollout", "Roll-out, per cent"),
        ("$.rules[1].split[1].weight", "Weight of blue"),
        ("$.rules[0].segment_id", "For"),
        ("$.variants[2].key", "Key of the variant"),
    ],
)
def test_a_refusal_is_shown_at_its_field(
    filled: FakeClient, make_view: MakeView, qtbot: QtBot, path: str, name: str
) -> None:
    view = make_view()
    filled.failures["save_flag"] = refusal(path)
    qtbot.keyClicks(view.flag_page.form.description, "x")
    view.flag_page.header.save.click()
    problems = view.flag_page.form.problems
    assert problems._widget is not None
    assert problems._section is not None
    assert problems._widget.accessibleName() == name
    assert problems._widget.property("state") == "bad"
    assert problems._section.problem.text() == "This is wrong."
    assert view.flag_page.edited, "what was typed is kept"
    qtbot.keyClicks(view.flag_page.form.description, "y")
    assert problems._widget is None, "the mark goes with the next edit"


def test_a_refusal_without_a_field_stands_above_the_form(filled: FakeClient, make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    filled.failures["save_flag"] = refusal("$.nowhere")
    qtbot.keyClicks(view.flag_page.form.description, "x")
    view.flag_page.header.save.click()
    assert view.flag_page.header.notice.text.text() == "This is wrong."


def test_what_is_no_value_is_not_sent(filled: FakeClient, make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    view.show_flag("zz_old")
    form = view.flag_page.form
    form.default._line.setText("")
    qtbot.keyClicks(form.default._line, "twelve")
    view.flag_page.header.save.click()
    assert not filled.called("save_flag")
    assert form.problems._widget is form.default._line


def test_somebody_elses_change_is_a_conflict(
    filled: FakeClient, make_view: MakeView, context: ViewContext, qtbot: QtBot
) -> None:
    view = make_view()
    page = view.flag_page
    qtbot.keyClicks(page.form.description, "mine")
    theirs = replace(filled.flag_list[0], version=5, name="Theirs")
    filled.flag_list = [theirs, *filled.flag_list[1:]]
    page.save()
    assert "version 5" in page.header.notice.text.text()
    assert page.header.notice.labels == ["Show theirs", "Keep mine"]
    page.header.notice.press("Keep mine")
    request = filled.called("save_flag")[-1]["request"]
    assert (request.flag.description, request.replaces) == ("mine", 5)
    assert not page.edited


def test_theirs_can_be_shown_instead(
    filled: FakeClient, make_view: MakeView, context: ViewContext, qtbot: QtBot
) -> None:
    view = make_view()
    page = view.flag_page
    qtbot.keyClicks(page.form.description, "mine")
    filled.flag_list = [replace(filled.flag_list[0], version=2, name="Theirs"), *filled.flag_list[1:]]
    context.feed.receive(m.FeedChanged(topic="flags"))
    qtbot.waitUntil(lambda: page.header.notice.isVisible())
    page.header.notice.press("Show theirs")
    assert page.form.name.text() == "Theirs"
    assert not page.edited


def test_a_change_of_others_is_shown_when_nothing_is_edited(
    filled: FakeClient, make_view: MakeView, context: ViewContext, qtbot: QtBot
) -> None:
    view = make_view()
    filled.flag_list = [replace(filled.flag_list[0], version=2, name="Theirs"), *filled.flag_list[1:]]
    context.feed.receive(m.FeedChanged(topic="flags"))
    qtbot.waitUntil(lambda: view.flag_page.form.name.text() == "Theirs")


def test_a_deleted_flag_gives_way_to_another(filled: FakeClient, make_view: MakeView) -> None:
    view = make_view()
    view.flag_page.delete()
    press(opened(Dialog), "Delete")
    assert filled.called("delete_flag") == [{"app_id": APP_ID, "key": "checkout_button"}]
    assert keys(view) == ["new_tutorial", "zz_old"]
    assert view.flag_page.key == "new_tutorial"


def test_flipping_keeps_a_draft_without_a_conflict(filled: FakeClient, make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    page = view.flag_page
    qtbot.keyClicks(page.form.description, "mine")
    page.switch.click()
    assert not page.header.notice.isVisible()
    page.save()
    request = filled.called("save_flag")[-1]["request"]
    assert (request.flag.enabled, request.flag.description, request.replaces) == (False, "mine", 2)


def test_tab_goes_through_the_form_from_top_to_bottom(filled: FakeClient, make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    form = view.flag_page.form
    form.add_rule()
    form.rules[2].moved.emit(-1)
    qtbot.wait(1)
    stops, at = [], form.name
    for _ in range(200):
        at = at.nextInFocusChain()
        stops.append(at)
    wanted = [
        form.type,
        *(card.description for card in form.rules),
        form.variants.add_button,
        *(row.key for row in form.variants.rows),
        form.prerequisites.add_button,
    ]
    places = [stops.index(widget) for widget in wanted]
    assert places == sorted(places)


# who gets what, and why


def test_the_preview_is_of_what_is_in_the_editor(filled: FakeClient, make_view: MakeView, qtbot: QtBot) -> None:
    counts = [
        p.FlagCount(value={"colour": "red"}, variant_key="red", reason="split", players=3),
        p.FlagCount(value={"colour": "blue"}, variant_key="blue", reason="split", players=9),
    ]
    filled.flag_preview = p.FlagPreview(total=12, counts=counts)
    view = make_view()
    view.flag_page.form.rules[1].percent.setValue(75)
    view.flag_page.show_tab(1)
    asked = filled.called("preview_flag")[-1]["request"]
    assert asked.flag.rules[1].rollout == 75
    assert view.flag_page.rollout.headline.text() == "12 known players"
    assert view.flag_page.rollout.bars.words == [
        'blue  {"colour": "blue"} · split · 9 players · 75.0%',
        'red  {"colour": "red"} · split · 3 players · 25.0%',
    ]
    view.grab()  # paints


def test_why_shows_every_comparison(filled: FakeClient, make_view: MakeView) -> None:
    view = make_view()
    view.flag_page.show_tab(2)
    trace = view.flag_page.trace
    assert trace.picker.text() == "player_123", "the newest player is there to be looked at"
    assert trace.answer.text() == "false"
    assert trace.because.text() == "because no rule passes"
    rule = trace.tree.topLevelItem(1)
    assert rule is not None
    assert rule.text(0) == "Rule 1: does not pass"
    assert [rule.child(0).text(column) for column in range(3)] == ["attributes.level", "45", ">= 10"]
    assert "fails" in rule.child(1).data(0, Qt.ItemDataRole.AccessibleTextRole)
    other = trace.tree.topLevelItem(2)
    assert other is not None
    assert "not reached" in other.text(0)


def test_a_trace_can_be_asked_for_at_another_time(filled: FakeClient, make_view: MakeView) -> None:
    view = make_view()
    view.show_subject(TraceSubject(APP_ID, "new_tutorial", PLAYER_ID, now_us=NOW_US))
    assert view.flag_page.key == "new_tutorial"
    assert filled.called("explain_flag")[-1] == {
        "app_id": APP_ID,
        "key": "new_tutorial",
        "player_id": PLAYER_ID,
        "now_us": NOW_US,
    }
    assert "2026-02-13" in view.flag_page.trace.because.text()
    view.flag_page.trace.now_button.click()
    assert filled.called("explain_flag")[-1]["now_us"] is None


def test_who_is_asked_for_by_id_goes_by_name(filled: FakeClient, make_view: MakeView) -> None:
    profile = make_profile(player_id=PLAYER_ID, external_id="kim")
    filled.player_details = {PLAYER_ID: make_detail(profile=profile)}
    view = make_view()
    view.show_subject(TraceSubject(APP_ID, "new_tutorial", PLAYER_ID))
    assert view.flag_page.trace.picker.text() == "kim"


def test_attributes_of_players_are_offered_in_conditions(filled: FakeClient, make_view: MakeView) -> None:
    profile = make_profile(player_id=PLAYER_ID, attributes={"vip": True, "hardware": {"gpu": "x"}})
    filled.player_details = {PLAYER_ID: make_detail(profile=profile)}
    view = make_view()
    assert view.store.attributes == ["attributes.hardware.gpu", "attributes.level", "attributes.vip"]
    view.tabs.setCurrentIndex(SEGMENTS)
    view.segment_page.conditions.group.add_condition()
    field = view.segment_page.conditions.group.parts[-1].field
    assert field.findText("attributes.vip") >= 0


def test_a_segment_is_explained_by_its_conditions_below_it() -> None:
    checks = [
        Check(what="segment", path="$.rules[0].segment_id", passed=True, text="in the segment"),
        Check(what="group", path="segment s $.conditions", passed=True, text="1 of 2"),
        Check(what="condition", path="segment s $.conditions.conditions[0]", passed=True, text="a"),
        Check(what="rollout", path="$.rules[0].rollout", passed=True, text="b"),
    ]
    assert depths(checks) == [0, 1, 2, 0]


def test_the_wheel_scrolls_the_form_and_changes_nothing(filled: FakeClient, make_view: MakeView) -> None:
    view = make_view()
    form = view.flag_page.form
    for widget in (form.type, form.rules[1].percent, form.rules[1].slider):
        wheel = QWheelEvent(
            QPointF(5, 5),
            QPointF(5, 5),
            QPoint(0, -120),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(widget, wheel)
    assert not view.flag_page.edited
    assert form.flag() == filled.flag_list[0]


def test_the_deciding_rule_is_named(filled: FakeClient, make_view: MakeView) -> None:
    filled.explanation = make_explanation(
        evaluation=Evaluation(flag_key="x", value=True, variant_key="enabled", reason="rule_match"),
        rules=[RuleTrace(rule_id="r1", index=0, passed=True, reached=True, checks=[])],
    )
    view = make_view()
    view.flag_page.show_tab(2)
    item = view.flag_page.trace.tree.topLevelItem(1)
    assert item is not None
    assert item.text(0) == "Rule 1: decides"


# overrides


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


# segments


def test_members_are_counted_while_the_conditions_are_edited(
    filled: FakeClient, make_view: MakeView, qtbot: QtBot
) -> None:
    view = make_view()
    view.tabs.setCurrentIndex(SEGMENTS)
    page = view.segment_page
    qtbot.waitUntil(lambda: page.members.count.text() == "3 of 12 known players")
    asked = len(filled.called("preview_segment"))
    row = page.conditions.group.parts[0]
    row.value.selectAll()
    qtbot.keyClicks(row.value, "25")
    qtbot.waitUntil(lambda: len(filled.called("preview_segment")) > asked)
    assert len(filled.called("preview_segment")) == asked + 1, "two strokes, one question"
    conditions = filled.called("preview_segment")[-1]["request"].conditions
    assert conditions["conditions"][0]["value"] == 25
    assert [line.cells[0] for line in page.members.table.lines] == ["player_123"]


def test_a_refused_condition_is_marked_where_it_is(filled: FakeClient, make_view: MakeView, qtbot: QtBot) -> None:
    filled.failures["preview_segment"] = refusal("$.conditions.conditions[0].value")
    view = make_view()
    view.tabs.setCurrentIndex(SEGMENTS)
    page = view.segment_page
    row = page.conditions.group.parts[0]
    qtbot.waitUntil(lambda: row.value.property("state") == "bad")
    assert page.conditions.problem.text() == "This is wrong."


def test_a_new_segment_by_the_builder(filled: FakeClient, make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    view.tabs.setCurrentIndex(SEGMENTS)
    view.new()
    page = view.segment_page
    qtbot.keyClicks(page.segment_id, "rich")
    qtbot.keyClicks(page.name, "Rich")
    page.conditions.group.add_condition()
    row = page.conditions.group.parts[0]
    row.field.setEditText("level")
    row._complete_attribute()
    row.operator.setCurrentIndex(row.operator.findData("in"))
    row._operator_chosen()
    qtbot.keyClicks(row.value, '3, "4", US')
    page.header.save.click()
    request = filled.called("save_segment")[0]["request"]
    assert request.segment.conditions == {
        "operator": "AND",
        "conditions": [{"field": "attributes.level", "operator": "in", "value": [3, "4", "US"]}],
    }
    assert page.key == "rich"


def test_conditions_can_be_edited_as_json(filled: FakeClient, make_view: MakeView) -> None:
    view = make_view()
    view.tabs.setCurrentIndex(SEGMENTS)
    editor = view.segment_page.conditions
    editor.as_json.setChecked(True)
    editor.json.setPlainText("{")
    editor.as_json.setChecked(False)
    assert editor.as_json.isChecked(), "broken text cannot be shown in the builder"
    assert "mend the text" in editor.problem.text()
    editor.json.setPlainText('{"operator":"OR","conditions":[{"field":"is_payer","operator":"==","value":true}]}')
    editor.as_json.setChecked(False)
    assert editor.conditions() == {
        "operator": "OR",
        "conditions": [{"field": "is_payer", "operator": "==", "value": True}],
    }
    assert view.segment_page.edited == {"beta-testers"}


def test_a_tree_that_the_builder_cannot_show_stays_json(filled: FakeClient, make_view: MakeView) -> None:
    odd = {"operator": "AND", "conditions": [{"field": "email", "operator": "~", "value": 1}]}
    filled.segment_list = [make_segment(conditions=odd), make_segment("plain")]
    view = make_view()
    view.show_segment("beta-testers")
    assert view.segment_page.conditions.as_json.isChecked()
    assert view.segment_page.conditions.conditions() == odd
    view.show_segment("plain")
    assert not view.segment_page.conditions.as_json.isChecked()


def test_a_segment_names_the_flags_that_use_it(filled: FakeClient, make_view: MakeView) -> None:
    view = make_view()
    view.show_segment("beta-testers")
    assert view.segment_list.lines[0].note == "in 1 flag"
    link = next(b for b in view.segment_page.findChildren(QPushButton) if b.text() == "checkout_button")
    link.click()
    assert view.tabs.currentIndex() == FLAGS
    assert view.flag_page.key == "checkout_button"


def test_a_refused_deletion_is_told_above_the_form(filled: FakeClient, make_view: MakeView) -> None:
    view = make_view()
    view.show_segment("beta-testers")
    filled.failures["delete_segment"] = refusal("")
    view.segment_page.delete()
    dialog = opened(Dialog)
    assert "checkout_button" in dialog.text.text()
    press(dialog, "Delete")
    assert view.segment_page.header.notice.text.text() == "This is wrong."


# history, applications, navigation


def test_history_shows_what_a_change_did(filled: FakeClient, make_view: MakeView) -> None:
    filled.history_list = [
        p.DefinitionChange(
            at_us=NOW_US,
            kind="flag",
            key="checkout_button",
            action="changed",
            by="window",
            summary="rule 2: 25 → 50 %",
            before='{"rollout": 25, "version": 1}',
            after='{"rollout": 50, "version": 2}',
        )
    ]
    view = make_view()
    view.flag_page.show_tab(4)
    history = view.flag_page.history
    assert [line.cells[2] for line in history.table.lines] == ["rule 2: 25 → 50 %"]
    assert history.difference.toPlainText().splitlines() == [
        "  {",
        '−   "rollout": 25',
        '+   "rollout": 50',
        "  }",
    ]


def test_it_follows_the_application_of_the_scope(
    filled: FakeClient, make_view: MakeView, context: ViewContext, qtbot: QtBot
) -> None:
    filled.application_list = [make_application(), make_application(app_id="other", name="Other")]
    view = make_view()
    assert view.application.isVisible()
    qtbot.keyClicks(view.flag_page.form.name, "x")
    context.selection.set_scope(Scope(app_id="other"))
    assert view.store.app_id == "other"
    assert filled.called("flags")[-1] == {"app_id": "other"}
    assert not view.flag_page.edited, "drafts belong to their application"
    context.selection.set_scope(Scope())
    assert view.store.app_id == "other", "no scope keeps what is shown"


def test_subjects_of_another_application_are_gone_to(filled: FakeClient, make_view: MakeView) -> None:
    filled.application_list = [make_application(), make_application(app_id="other", name="Other")]
    view = make_view()
    view.show_subject(SegmentSubject("other", "beta-testers"))
    assert (view.store.app_id, view.tabs.currentIndex()) == ("other", SEGMENTS)
    view.show_subject(FlagSubject(APP_ID, "zz_old"))
    assert (view.store.app_id, view.flag_page.key) == (APP_ID, "zz_old")


def test_it_leads_to_a_player(filled: FakeClient, make_view: MakeView, qtbot: QtBot) -> None:
    view = make_view()
    view.flag_page.show_tab(2)
    with qtbot.waitSignal(view.destination_wanted) as sent:
        view.flag_page.trace.player_button.click()
    assert sent.args == [Destination(view="players", subject=PlayerSubject(APP_ID, PLAYER_ID))]


def test_an_empty_key_is_marked_by_what_the_server_says(filled: FakeClient, make_view: MakeView) -> None:
    view = make_view()
    view.new()
    filled.failures["save_flag"] = refusal("$.key")
    view.flag_page.save()
    assert view.flag_page.form.problems._widget is view.flag_page.form.key
    assert view.flag_page.edited == {""}
    view.flag_page.header.revert.click()
    assert view.flag_page.key == "checkout_button"
    assert isinstance(view.flag_page.saved("checkout_button"), Flag)
