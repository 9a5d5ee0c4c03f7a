"""The integration view against a stand-in server."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from console.client import ConsoleUnavailable
from console.messages import FeedHello
from console.messages.integration import Integration, IntegrationLine, IntegrationReport
from console.ui.context import ViewContext
from console.ui.dialogs import Dialog
from console.ui.integration.save_report import save
from console.ui.integration.view import IntegrationView
from console.ui.navigation import Destination
from console.ui.selection import Picked, Scope
from tests.ui.fakes import APP_ID, NOW_US, FakeClient, FakeMessages, make_status
from tests.ui.screen import show

TOPICS = (("key", "connection", "Key"), ("clock", "events", "Clock"), ("retries", "sending", "After 429 and 503"))


def make_line(topic: str = "retries", **changes: Any) -> IntegrationLine:
    part, title = next((part, title) for name, part, title in TOPICS if name == topic)
    values: dict[str, Any] = {
        "topic": topic,
        "part": part,
        "title": title,
        "verdict": "good",
        "found": "waits for Retry-After",
        "reason": "After 3 refusals it kept every pause.",
    }
    return IntegrationLine(**(values | changes))


def make_sdk(**changes: Any) -> Integration:
    values: dict[str, Any] = {
        "app_id": APP_ID,
        "app_name": "My Game",
        "client": "Unity",
        "user_agent": "UnityPlayer/2022.3.10f1 (UnityWebRequest/1.0)",
        "peer": "192.168.1.42",
        "verdict": "good",
        "first_us": NOW_US,
        "last_us": NOW_US,
        "requests": 1_204,
        "rejected": 3,
        "events": 60_200,
        "sampled": 30,
        "lines": [make_line(topic) for topic, _, _ in TOPICS],
    }
    return Integration(**(values | changes))


class IntegrationClient(FakeClient):
    """Answers `integrations` from its list of SDKs."""

    def __init__(self) -> None:
        super().__init__()
        self.sdks: list[Integration] = []

    async def integrations(self, *, app_id: str | None = None) -> IntegrationReport:
        self._note("integrations", app_id=app_id)
        return IntegrationReport(version="0.1.0", made_us=NOW_US, since_us=NOW_US, integrations=self.sdks)

    async def forget_integrations(self) -> None:
        self._note("forget_integrations")
        self.sdks = []


@pytest.fixture
def server() -> IntegrationClient:
    return IntegrationClient()


@pytest.fixture
def connected(make_context: Callable[..., ViewContext], server: IntegrationClient) -> ViewContext:
    context = make_context(client=server)
    context.feed.receive(FeedHello(0, 0, make_status()))
    return context


@pytest.fixture
def make_view(qtbot: QtBot, connected: ViewContext) -> Callable[[], IntegrationView]:
    kept: list[QWidget] = []

    def make() -> IntegrationView:
        view = IntegrationView(connected)
        qtbot.addWidget(view)
        kept.append(view)
        view.resize(1100, 800)
        show(view)
        return view

    return make


def test_without_an_sdk_it_teaches_how_to_send(make_view: Callable[[], IntegrationView]) -> None:
    view = make_view()
    assert view.empty.isVisible()
    assert not view.list.isVisible()


def test_the_newest_sdk_is_shown_first_and_the_chosen_one_stays(
    make_view: Callable[[], IntegrationView], server: IntegrationClient
) -> None:
    server.sdks = [make_sdk(), make_sdk(client="Godot", last_us=NOW_US + 1), make_sdk(client="curl", app_id="")]
    view = make_view()
    assert view.page.title.text() == "Godot from 192.168.1.42"
    view.list.setCurrentIndex(view.list.model().index(2, 0))
    assert view.page.title.text() == "curl from 192.168.1.42"
    assert view.page.summary.text().startswith("My Game")
    server.sdks = [make_sdk(client="Unreal Engine", last_us=NOW_US + 9), *server.sdks]
    view.refresh()
    assert view.page.title.text() == "curl from 192.168.1.42"
    assert view.list.currentIndex().row() == 3


def test_what_changes_is_written_in_place(make_view: Callable[[], IntegrationView], server: IntegrationClient) -> None:
    server.sdks = [make_sdk()]
    view = make_view()
    row = view.page.row("retries")
    assert not row.brief.isHidden()
    assert row.reason.parentWidget().isHidden()
    worse = make_line(verdict="bad", found="3 requests too early", mend="Wait for Retry-After.", request_id=17)
    server.sdks = [make_sdk(verdict="bad", lines=[make_line("key"), make_line("clock"), worse])]
    view.refresh()
    assert view.page.row("retries") is row
    assert (row.found.text(), row.mend.text()) == ("3 requests too early", "→ Wait for Retry-After.")
    assert not row.mend.parentWidget().isHidden()
    assert row.brief.isHidden()
    assert "mend" in row.accessibleName()
    assert "1 to mend" in view.page.summary.text()


def test_a_line_leads_to_the_request_that_shows_it(
    make_view: Callable[[], IntegrationView], server: IntegrationClient, connected: ViewContext
) -> None:
    server.sdks = [make_sdk(lines=[make_line(request_id=17)])]
    view = make_view()
    gone: list[Destination] = []
    view.destination_wanted.connect(gone.append)
    view.page.row("retries").request.click()
    assert gone == [Destination(view="requests")]
    assert connected.selection.picked == Picked(request_id=17)


def test_the_scope_narrows_what_is_asked(
    make_view: Callable[[], IntegrationView], server: IntegrationClient, connected: ViewContext
) -> None:
    make_view()
    connected.selection.set_scope(Scope(app_id=APP_ID))
    assert [call["app_id"] for call in server.called("integrations")] == [None, APP_ID]


def test_a_hidden_or_frozen_view_asks_nothing(
    make_view: Callable[[], IntegrationView], server: IntegrationClient
) -> None:
    view = make_view()
    view.set_frozen(True)
    view.refresh()
    view.hide()
    view.set_frozen(False)
    assert len(server.called("integrations")) == 1


def test_a_failure_is_told_once_and_a_missing_server_not_at_all(
    make_view: Callable[[], IntegrationView], server: IntegrationClient, messages: FakeMessages
) -> None:
    server.failures["integrations"] = ConsoleUnavailable("gone")
    view = make_view()
    assert not messages.said
    server.failures["integrations"] = ValueError("odd")
    view.refresh()
    assert [kind for kind, _ in messages.said] == ["bad"]


def test_beginning_anew_is_asked_for_first(make_view: Callable[[], IntegrationView], server: IntegrationClient) -> None:
    server.sdks = [make_sdk()]
    view = make_view()
    view.anew.click()
    dialog = view.findChild(Dialog)
    assert isinstance(dialog, Dialog)
    assert not server.called("forget_integrations")
    next(button for button in dialog.findChildren(QPushButton) if button.text() == "Begin anew").click()
    assert server.called("forget_integrations")
    assert view.empty.isVisible()


@pytest.mark.parametrize(("name", "start"), [("report.html", b"<!doctype html>"), ("report.json", b"{")])
async def test_the_ending_says_how_the_report_is_saved(
    connected: ViewContext, server: IntegrationClient, messages: FakeMessages, tmp_path: Path, name: str, start: bytes
) -> None:
    server.sdks = [make_sdk()]
    await save(connected, tmp_path / name)
    content = (tmp_path / name).read_bytes()
    assert content.startswith(start)
    if name.endswith("json"):
        assert json.loads(content)["integrations"][0]["client"] == "Unity"
    assert messages.said == [("good", f"The integration report was saved to {name}.")]
    await save(connected, tmp_path / "missing" / name)
    assert messages.said[-1][0] == "bad"


def test_what_a_client_calls_itself_is_never_read_as_html(
    make_view: Callable[[], IntegrationView], server: IntegrationClient
) -> None:
    name = "<img src='file:///x'>"
    server.sdks = [make_sdk(client=name, user_agent=name, peer=name, app_name=name)]
    view = make_view()
    assert view.page.title.text().startswith(name)
    assert name not in view.page.user_agent.toolTip()
