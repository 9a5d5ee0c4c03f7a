"""Flags that others change while they are edited."""

import asyncio

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from console import messages as m
from console.players.definitions import Flag
from console.ui.context import ViewContext
from console.ui.dialogs import Dialog
from tests.ui.fakes import APP_ID, FakeClient, FakeTasks
from tests.ui.flags.steps import MakeView, keys
from tests.ui.screen import opened, press


async def test_what_was_saved_stays_shown_when_the_list_is_asked_for_meanwhile(
    filled: FakeClient, make_view: MakeView, context: ViewContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server tells of a change as it answers it: two questions are under way, and either may be first."""
    view, tasks = make_view(), context.tasks
    assert isinstance(tasks, FakeTasks)
    await tasks.all_done()
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
    async with asyncio.timeout(30):
        while view.flag_page.key != "made":  # noqa: ASYNC110  # what a view shows
            await asyncio.sleep(0.01)
    gate.set()
    await tasks.all_done()
    assert view.flag_page.key == "made"
    assert "made" in keys(view)


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
