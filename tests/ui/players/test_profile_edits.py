"""What a person changes about a player: attributes and overrides."""

from console.messages import players as p
from console.ui.navigation import (
    TraceSubject,
)
from console.ui.players.edit_dialogs import AttributeDialog, IdentityDialog
from console.ui.widgets.override_dialog import OverrideDialog
from tests.ui.fake_flags import make_flag
from tests.ui.fake_players import NOW_US, player_id
from tests.ui.fakes import APP_ID, FakeClient
from tests.ui.players.steps import MakeView, led_to, refusal
from tests.ui.screen import opened


def test_an_attribute_is_edited_as_a_merge_patch(make_view: MakeView, client: FakeClient) -> None:
    view = make_view()
    view.table.selectRow(0)
    page = view.profile.page.overview
    page.attributes.opened.emit("gear")
    dialog = opened(AttributeDialog)
    dialog.value.setPlainText('{"sword": "steel", "runes": [1, 2]}')
    dialog.save()
    assert client.called("change_player") == [
        {"player_id": player_id(1), "changes": p.PlayerChanges(attributes={"gear": {"sword": "steel"}})}
    ]


def test_an_attribute_is_added_and_removed(make_view: MakeView, client: FakeClient) -> None:
    view = make_view()
    view.table.selectRow(0)
    page = view.profile.page.overview
    page.edit_wanted.emit("")
    dialog = opened(AttributeDialog)
    assert not dialog.save_button.isEnabled()
    dialog.name.setText("clan")
    dialog.value.setPlainText("[1")
    assert not dialog.save_button.isEnabled()
    assert "not JSON" in dialog.hint.text()
    dialog.value.setPlainText("wolves")
    dialog.save()
    assert "clan" in [line.key for line in page.attributes.lines]
    page.attributes.select("clan")
    page._remove.click()
    assert client.called("change_player")[-1]["changes"] == p.PlayerChanges(attributes={"clan": None})
    assert "clan" not in [line.key for line in page.attributes.lines]


def test_a_refused_edit_stays_open_with_the_reason(make_view: MakeView, client: FakeClient) -> None:
    view = make_view()
    view.table.selectRow(0)
    view.profile.page.edit.click()
    dialog = opened(IdentityDialog)
    assert not dialog.external_id.isEnabled()
    client.failures["change_player"] = refusal("$.email", "This is no e-mail address.")
    dialog.email.setText("nobody")
    dialog.save()
    assert dialog.isVisible()
    assert dialog.problem.text() == "This is no e-mail address."
    assert dialog.email.property("state") == "bad"
    del client.failures["change_player"]
    dialog.email.setText("")
    dialog.save()
    assert client.called("change_player")[-1]["changes"] == p.PlayerChanges(email=None)
    assert not dialog.isVisible()


def test_a_refusal_within_an_attribute_says_where(make_view: MakeView, client: FakeClient) -> None:
    view = make_view()
    view.table.selectRow(0)
    client.failures["change_player"] = refusal("$.attributes.level.a", "Is nested deeper than 3 levels.")
    view.profile.page.overview.edit_wanted.emit("level")
    dialog = opened(AttributeDialog)
    dialog.save()
    assert dialog.problem.text() == "$.attributes.level.a: Is nested deeper than 3 levels."
    dialog.reject()


def test_a_flag_leads_to_its_trace_at_the_chosen_time(make_view: MakeView) -> None:
    view = make_view()
    view.table.selectRow(0)
    seen = led_to(view)
    flags = view.profile.page.flags
    flags.table.select("shop_layout")
    flags.why.click()
    view.profile._now_us = NOW_US
    flags.why.click()
    assert [one.view for one in seen] == ["flags", "flags"]
    assert [one.subject for one in seen] == [
        TraceSubject(APP_ID, "shop_layout", player_id(1)),
        TraceSubject(APP_ID, "shop_layout", player_id(1), NOW_US),
    ]


def test_overrides_are_set_and_cleared(make_view: MakeView, client: FakeClient) -> None:
    view = make_view()
    view.table.selectRow(0)
    flags = view.profile.page.flags
    flags.table.select("new_tutorial")
    assert not flags.clear.isEnabled()
    client.flag_list = [make_flag("new_tutorial")]
    flags.override.click()
    dialog = opened(OverrideDialog)
    assert dialog.value.value() is True, "what the player gets now"
    dialog.value._choice.setCurrentText("false")
    dialog.submit()
    assert client.called("set_override")[-1]["value"] is False
    flags.table.select("xp_factor")
    flags.clear.click()
    assert client.called("clear_override") == [{"app_id": APP_ID, "key": "xp_factor", "player_id": player_id(1)}]
    flags.clear_all.click()
    assert client.called("clear_overrides")[-1]["player_id"] == player_id(1)
