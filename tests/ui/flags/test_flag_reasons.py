"""Who gets what, and why: previews, and every comparison of a decision."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.messages import players as p
from console.players.definitions import Check, Evaluation, RuleTrace
from console.ui.flags.trace_panel import depths
from console.ui.flags.view import SEGMENTS
from console.ui.navigation import TraceSubject
from console.ui.widgets.form_fields import CountField
from console.ui.widgets.moment_field import MomentEdit
from tests.ui.fake_flags import (
    NOW_US,
    PLAYER_ID,
    make_explanation,
)
from tests.ui.fake_players import make_detail, make_profile
from tests.ui.fakes import APP_ID, FakeClient
from tests.ui.flags.steps import MakeView


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
    fields = (form.type, form.rules[1].percent, form.rules[1].slider, CountField(), MomentEdit(view._context.theme))
    for widget in fields:
        assert widget.focusPolicy() is Qt.FocusPolicy.StrongFocus, "the keyboard stays where it is"
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
