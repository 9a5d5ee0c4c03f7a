"""Applications & keys: what people can do with them, and that a secret is shown once, clearly."""

import time

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console import messages as m
from console.ui.applications.created_dialog import CreatedDialog
from console.ui.applications.model import COLUMNS, key_lines, summary
from console.ui.applications.new_application_dialog import NewApplicationDialog
from console.ui.applications.view import ApplicationsView
from console.ui.context import ViewContext
from console.ui.dialogs import Dialog
from console.ui.widgets.formatting import ago
from console.ui.widgets.text_dialog import TextDialog
from tests.ui.fakes import APP_ID, NOW_US, FakeClient, FakeMessages, make_application, make_key, make_status, refused
from tests.ui.screen import opened, press, show


@pytest.fixture
def view(qtbot: QtBot, context: ViewContext) -> ApplicationsView:
    widget = ApplicationsView(context)
    qtbot.addWidget(widget)
    widget.resize(900, 600)
    context.feed.receive(m.FeedHello(last_seq=0, last_request_id=0, status=make_status()))
    return widget


# the model


@pytest.mark.parametrize(
    ("secs", "text"),
    [(0, "just now"), (59, "just now"), (60, "1 min ago"), (7200, "2 h ago"), (86_400, "1 day ago"), (-5, "just now")],
)
def test_ages(secs: int, text: str) -> None:
    assert ago(NOW_US - secs * 1_000_000, NOW_US) == text


def test_working_keys_come_first() -> None:
    revoked = make_key(key_id="old", created_at_us=NOW_US - 10, revoked_at_us=NOW_US - 120_000_000)
    working = make_key(key_id="new", created_at_us=NOW_US, label="")
    lines = key_lines(make_application(keys=[revoked, working]), NOW_US)
    assert [(line.key.key_id, line.label, line.state) for line in lines] == [
        ("new", "–", "in use"),
        ("old", "PC build", "revoked 2 min ago"),
    ]
    assert lines[0].last_used == "never"
    assert summary(make_application(keys=[revoked, working])) == "1 key, 1 revoked"


def test_a_secret_key_shows_its_hint_only() -> None:
    lines = key_lines(make_application(), NOW_US)
    assert {line.kind: line.shown for line in lines} == {
        "public": "pk_live_0123456789abcdefghijklmnopqrstuv",
        "secret": "sk_live_…q7Xa",
    }


# the view


def test_lists_applications_and_their_keys(view: ApplicationsView) -> None:
    assert view.list.count() == 1
    assert view.name.text() == "My Game"
    assert [view.keys.table.item(row, 0).text() for row in range(view.keys.table.rowCount())] == ["public", "secret"]


def test_keys_are_in_sight_in_a_low_window(view: ApplicationsView, qtbot: QtBot) -> None:
    view.resize(900, 400)
    show(view)
    table = view.keys.table
    assert table.viewport().height() >= 2 * table.rowHeight(0), "the page scrolls, its table is no slit"


def test_without_applications_it_teaches(view: ApplicationsView, client: FakeClient, context: ViewContext) -> None:
    client.application_list = []
    view.refresh()
    assert view.current is None
    assert view.list.count() == 0


def test_enter_copies_a_public_key_and_explains_a_secret_one(
    view: ApplicationsView, qtbot: QtBot, messages: FakeMessages
) -> None:
    view.keys.table.selectRow(0)
    qtbot.keyClick(view.keys.table, Qt.Key.Key_Return)
    assert QGuiApplication.clipboard().text() == "pk_live_0123456789abcdefghijklmnopqrstuv"
    view.keys.table.selectRow(1)
    qtbot.keyClick(view.keys.table, Qt.Key.Key_Return)
    assert messages.said[-1][0] == "warning"
    assert "readable only when it is made" in messages.said[-1][1]


def test_revoking_asks_first(view: ApplicationsView, client: FakeClient) -> None:
    view.keys.table.selectRow(0)
    view.keys.revoke_key()
    assert not client.called("revoke_key")
    press(opened(Dialog), "Revoke")
    assert client.called("revoke_key") == [{"key_id": "key-1"}]


def test_rotating_shows_the_new_secret(view: ApplicationsView, client: FakeClient) -> None:
    view.keys.table.selectRow(1)
    view.keys.rotate_key()
    press(opened(Dialog), "Rotate")
    assert client.called("rotate_key") == [{"key_id": "key-2"}]
    dialog = opened(CreatedDialog)
    assert isinstance(dialog, CreatedDialog)
    assert dialog.fields["Secret key"].field.text() == "sk_live_rotated"
    dialog.fields["Secret key"].button.click()
    dialog.done_button.click()


def test_label_and_rename(view: ApplicationsView, client: FakeClient) -> None:
    view.keys.table.selectRow(0)
    view.keys.label_key()
    dialog = opened(TextDialog)
    assert isinstance(dialog, TextDialog)
    dialog.field.setText("  Console build ")
    dialog.accept_button.click()
    assert client.called("label_key") == [{"key_id": "key-1", "label": "Console build"}]
    view.rename()
    dialog = opened(TextDialog)
    assert isinstance(dialog, TextDialog)
    dialog.field.setText("")
    assert not dialog.accept_button.isEnabled()
    dialog.field.setText("Other")
    dialog.accept_button.click()
    assert client.called("change_application")[0]["changes"].name == "Other"


def test_a_new_key_of_either_kind(view: ApplicationsView, client: FakeClient) -> None:
    view.keys.new_key("secret")
    press(opened(TextDialog), "Create")
    assert client.called("create_key")[0]["request"] == m.CreateKey(kind="secret", label="")
    dialog = opened(CreatedDialog)
    assert isinstance(dialog, CreatedDialog)
    dialog.reject()
    dialog.reject()


def test_revoked_keys_offer_nothing_but_copy_and_label(view: ApplicationsView, client: FakeClient) -> None:
    client.application_list = [make_application(keys=[make_key(revoked_at_us=NOW_US)])]
    view.refresh()
    view.keys.table.selectRow(0)
    enabled = {button.text(): button.isEnabled() for _, button, _ in view.keys._actions}
    assert enabled == {"Copy": True, "Label": True, "Rotate": False, "Revoke": False}


def test_the_list_is_asked_again_when_it_changed(
    view: ApplicationsView, client: FakeClient, context: ViewContext, qtbot: QtBot
) -> None:
    client.application_list = [make_application(), make_application(app_id="other", name="Other")]
    context.feed.receive(m.FeedChanged(topic="applications"))
    qtbot.waitUntil(lambda: view.list.count() == 2)
    assert view.name.text() == "My Game"


# dialogs


def test_creating_shows_the_keys_once(view: ApplicationsView, client: FakeClient) -> None:
    view.new_application()
    dialog = opened(NewApplicationDialog)
    assert isinstance(dialog, NewApplicationDialog)
    assert not dialog.create_button.isEnabled()
    dialog.name.setText("Shooter")
    dialog.environment.setCurrentIndex(1)
    dialog.create_button.click()
    request = client.called("create_application")[0]["request"]
    assert request == m.CreateApplication(name="Shooter", environment="test", app_id=None)
    created = opened(CreatedDialog)
    assert isinstance(created, CreatedDialog)
    assert created.fields["Secret key"].field.text() == "sk_test_secret"
    assert view.name.text() == "Shooter"
    created.done_button.click()
    assert created.isVisible()  # the secret was not copied yet: it warns once
    assert "not copied yet" in created.text.text()
    created.done_button.click()


def test_a_refused_name_keeps_what_was_typed(view: ApplicationsView, client: FakeClient) -> None:
    client.failures["create_application"] = refused("name_taken", "There is an application of this name.")
    view.new_application()
    dialog = opened(NewApplicationDialog)
    assert isinstance(dialog, NewApplicationDialog)
    dialog.name.setText("My Game")
    dialog.create_button.click()
    assert dialog.problem.text() == "There is an application of this name."
    assert dialog.name.text() == "My Game"
    assert dialog.create_button.isEnabled()
    dialog.reject()


def test_copying_the_secret_lets_the_dialog_go(qtbot: QtBot, context: ViewContext, view: ApplicationsView) -> None:
    created = m.CreatedKey(key=make_key("secret"), token="sk_live_once")
    dialog = CreatedDialog.for_key(view, created, context)
    dialog.open()
    dialog.fields["Secret key"].button.click()
    assert QGuiApplication.clipboard().text() == "sk_live_once"
    dialog.done_button.click()
    qtbot.waitUntil(lambda: not any(isinstance(w, CreatedDialog) for w in QApplication.topLevelWidgets()))


def test_when_a_key_was_used_is_asked_for_while_it_is_seen(
    view: ApplicationsView, client: FakeClient, qtbot: QtBot
) -> None:
    assert not view._again.isActive(), "nobody looks"
    show(view)
    application = client.application_list[0]
    used = make_key(last_used_at_us=time.time_ns() // 1_000)
    client.application_list = [msgspec.structs.replace(application, keys=[used])]
    view._again.timeout.emit()
    column = COLUMNS.index("Last used")
    assert [view.keys.table.item(row, column).text() for row in range(view.keys.table.rowCount())] == ["just now"]
    view.hide()
    assert not view._again.isActive()


# the player API


def test_a_rate_tier_is_chosen_with_what_it_means(view: ApplicationsView, client: FakeClient, qtbot: QtBot) -> None:
    assert view.choices.tier.currentData() == "enterprise"
    assert "No limit" in view.choices.tier_means.text()
    view.choices.tier.setCurrentIndex(view.choices.tier.findData("free"))
    view.choices.tier.activated.emit(0)
    assert client.called("change_application")[-1] == {"app_id": APP_ID, "changes": m.ApplicationChanges(tier="free")}
    assert view.choices.tier.currentData() == "enterprise", "what the server says is shown, not what was asked"


def test_a_churn_window_is_chosen(view: ApplicationsView, client: FakeClient) -> None:
    client.application_list = [make_application(churn_window="strategy")]
    view.refresh()
    assert view.choices.churn_window.currentText() == "Strategy, 30 days"
    assert "30 days" in view.choices.churn_means.text()
    view.choices.churn_window.setCurrentIndex(0)
    view.choices.churn_window.activated.emit(0)
    assert client.called("change_application")[-1]["changes"] == m.ApplicationChanges(churn_window="casual")
