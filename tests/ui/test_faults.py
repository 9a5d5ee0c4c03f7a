"""Fault injection in the window: the red bar, the rules, and the form for one."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from console.client import ConsoleRefused
from console.faults.presets import PRESETS
from console.messages import INJECTED, ConsoleError, FeedHello
from console.messages.faults import AddFaults, Fault, FaultRule
from console.ui.context import ViewContext
from console.ui.faults.bar import FaultBar
from console.ui.faults.dialog import FaultsDialog
from console.ui.faults.rule_dialog import RuleDialog
from console.ui.live_feed import Connection
from console.ui.requests.model import bar_tone, is_rejected, request_cells
from console.ui.widgets.table_columns import Tone
from tests.ui.fakes import APP_ID, NOW_US, FakeClient, make_application, make_request, make_status
from tests.ui.screen import show


class FaultyClient(FakeClient):
    """Keeps rules as the server does."""

    def __init__(self) -> None:
        super().__init__()
        self.rules: list[FaultRule] = []

    async def faults(self) -> list[FaultRule]:
        self._note("faults")
        return list(self.rules)

    async def add_faults(self, request: AddFaults) -> list[FaultRule]:
        self._note("add_faults", request=request)
        kept = [] if request.replace else self.rules
        first = len(kept) + 1
        added = [
            FaultRule(rule_id=first + n, fault=fault, added_at_us=NOW_US, state="on", matched=1_240, injected=62 * n)
            for n, fault in enumerate(request.faults)
        ]
        self.rules = [*kept, *added]
        return list(self.rules)

    async def remove_fault(self, rule_id: int) -> None:
        self._note("remove_fault", rule_id=rule_id)
        self.rules = [rule for rule in self.rules if rule.rule_id != rule_id]

    async def clear_faults(self) -> None:
        self._note("clear_faults")
        self.rules = []


@pytest.fixture
def faulty() -> FaultyClient:
    return FaultyClient()


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def open_dialog(
    parent: QWidget, make_context: Callable[..., ViewContext], faulty: FaultyClient
) -> Callable[..., FaultsDialog]:
    def make(**changes: Any) -> FaultsDialog:
        context = make_context(client=faulty, **changes)
        context.feed.receive(FeedHello(1, 1, make_status()))
        dialog = FaultsDialog(parent, context, [make_application()])
        show(parent)
        show(dialog)
        return dialog

    return make


def test_the_bar_shows_for_as_long_as_there_are_rules(qtbot: QtBot, context: ViewContext) -> None:
    bar = FaultBar(context.theme)
    qtbot.addWidget(bar)
    bar.show_status(make_status())
    assert bar.isHidden()
    bar.show_status(make_status(faults=3, faults_injected=1_128))
    assert not bar.isHidden()
    assert "3 rules, 1,128 requests felt it" in bar.text.text()
    assert bar.accessibleName() == bar.text.text()
    with qtbot.waitSignal(bar.off_wanted):
        bar.off_button.click()
    with qtbot.waitSignal(bar.rules_wanted):
        bar.show_button.click()
    bar.show_connection(Connection.RESTARTING, "")
    assert bar.isHidden()


def test_a_set_takes_the_place_of_the_rules_there_are(
    open_dialog: Callable[..., FaultsDialog], faulty: FaultyClient
) -> None:
    dialog = open_dialog()
    assert not dialog.table.isVisible()
    dialog.target.setCurrentIndex(dialog.target.findData(APP_ID))
    dialog.presets["flaky-network"].click()
    request = faulty.called("add_faults")[0]["request"]
    assert request.replace
    assert [fault.action for fault in request.faults] == [fault.action for fault in PRESETS[0].faults]
    assert all(fault.app_ids == [APP_ID] for fault in request.faults)
    assert len(dialog.table.lines) == len(PRESETS[0].faults)
    assert dialog.table.lines[0].cells[:4] == ("on", "Delay 1.5 s", "My Game", "20 %")
    assert dialog.isVisible()
    assert dialog.windowModality() is Qt.WindowModality.NonModal


def test_rules_are_removed_one_by_one_or_all(open_dialog: Callable[..., FaultsDialog], faulty: FaultyClient) -> None:
    dialog = open_dialog()
    dialog.presets["server-restarting"].click()
    assert not dialog.remove_button.isEnabled()
    dialog.table.select(1)
    dialog.remove_button.click()
    assert faulty.called("remove_fault") == [{"rule_id": 1}]
    assert [line.key for line in dialog.table.lines] == [2]
    dialog.off_button.click()
    assert faulty.called("clear_faults")
    assert not dialog.table.isVisible()
    assert not dialog.off_button.isVisible()


def test_a_failure_is_said_in_the_dialog(open_dialog: Callable[..., FaultsDialog], faulty: FaultyClient) -> None:
    dialog = open_dialog()
    faulty.failures["add_faults"] = ConsoleRefused(400, ConsoleError(code="invalid_fault", message="No.", hint="Yes."))
    dialog.presets["server-errors"].click()
    assert dialog.problem.text() == "No. Yes."


@pytest.fixture
def form(parent: QWidget, make_context: Callable[..., ViewContext], faulty: FaultyClient) -> RuleDialog:
    context = make_context(client=faulty)
    show(parent)
    dialog = RuleDialog(parent, context, [make_application()], APP_ID, lambda _rules: None)
    show(dialog)
    return dialog


def test_the_form_asks_only_for_what_the_action_needs(form: RuleDialog) -> None:
    shown: dict[str, list[bool]] = {}
    for index in range(form.action.count()):
        form.action.setCurrentIndex(index)
        fields = (form.status, form.retry_after, form.delay, form.speed)
        shown[form.action.currentData()] = [field.isVisible() for field in fields]
    assert shown.pop("answer") == [True, True, False, False]
    assert shown.pop("delay") == [False, False, True, False]
    assert shown.pop("slow") == [False, False, False, True]
    assert all(each == [False] * 4 for each in shown.values())


def test_the_form_makes_the_rule_that_was_meant(form: RuleDialog, faulty: FaultyClient) -> None:
    form.status.setCurrentIndex(form.status.findData(429))
    form.retry_after.setValue(5)
    form.key.setCurrentIndex(1)
    form.peers.setText("192.168.1.7, 10.0.0.0/8")
    form.routes.setText("/api/events")
    form.share.setValue(12.5)
    form.count.setValue(20)
    form.on_secs.setValue(4)
    form.off_secs.setValue(6)
    form.ok_button.click()
    assert faulty.called("add_faults")[0]["request"].faults == [
        Fault(
            action="answer", status=429, retry_after_secs=5, app_ids=[APP_ID], key_ids=["key-1"],
            peers=["192.168.1.7", "10.0.0.0/8"], routes=["/api/events"], probability=0.125, count=20,
            on_secs=4.0, off_secs=6.0,
        )
    ]  # fmt: skip


def test_an_untouched_form_means_everybody_always(form: RuleDialog) -> None:
    form.application.setCurrentIndex(0)
    assert not form.key.isEnabled()
    assert form.fault() == Fault(action="answer", status=503, retry_after_secs=2)
    form.ends.setValue(10)
    assert form.fault().until_us is not None
    assert form.fault().from_us is None


def test_a_refused_rule_keeps_the_form(form: RuleDialog, faulty: FaultyClient) -> None:
    error = ConsoleError(code="invalid_fault", message="Not a network.", path="$.faults[0].peers[1]")
    faulty.failures["add_faults"] = ConsoleRefused(400, error)
    form.ok_button.click()
    assert (form.isVisible(), form.problem.text()) == (True, "Not a network.")
    assert form.ok_button.isEnabled()


def test_requests_say_what_was_injected() -> None:
    cells = {column.key: column for column in request_cells().columns}
    made_up = make_request(status=503, error=INJECTED, injected="answered 503", first_error="Injected: answered 503")
    dropped = make_request(status=0, error=INJECTED, injected="connection dropped", first_error="Injected: …")
    lost = make_request(injected="answer lost")
    refused = make_request(status=400, error="invalid_event", first_error="$: bad", injected="delayed 2 s")
    assert [cells["status"].text(row) for row in (made_up, dropped, lost)] == ["503 injected", "no answer", "200 ok"]
    assert [is_rejected(row) for row in (made_up, dropped, lost, refused)] == [False, False, False, True]
    assert [bar_tone(row) for row in (made_up, dropped, lost)] == [Tone.DIM, Tone.DIM, None]
    assert cells["client"].text(lost) == "Injected: answer lost"
    assert cells["client"].text(refused) == "Injected: delayed 2 s; $: bad"
