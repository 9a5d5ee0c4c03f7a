"""Editing a flag: drafts, rules, variants, what is refused and where it is shown."""

import pytest
from pytestqt.qtbot import QtBot

from console.players.definitions import Rule
from tests.ui.fake_flags import (
    LEVELLED,
    make_flag,
)
from tests.ui.fakes import FakeClient, FakeMessages
from tests.ui.flags.steps import MakeView, refusal


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
