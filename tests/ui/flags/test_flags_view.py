"""The view of flags and segments: history, applications, ways to and from other views."""

from pytestqt.qtbot import QtBot

from console.messages import players as p
from console.players.definitions import Flag
from console.ui.context import ViewContext
from console.ui.flags.view import SEGMENTS
from console.ui.navigation import Destination, FlagSubject, PlayerSubject, SegmentSubject
from console.ui.selection import Scope
from tests.ui.fake_flags import (
    NOW_US,
    PLAYER_ID,
)
from tests.ui.fakes import APP_ID, FakeClient, make_application
from tests.ui.flags.steps import MakeView, refusal


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
