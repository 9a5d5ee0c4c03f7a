"""Segments: members, the builder of conditions, JSON, and who uses one."""

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from console.ui.dialogs import Dialog
from console.ui.flags.view import FLAGS, SEGMENTS
from tests.ui.fake_flags import (
    make_segment,
)
from tests.ui.fakes import FakeClient
from tests.ui.flags.steps import MakeView, refusal
from tests.ui.screen import opened, press


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
