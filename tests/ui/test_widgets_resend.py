"""Editing a payload in the inspector and sending it again."""

import json
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.client import ConsoleRefused
from console.messages import ConsoleError, RequestDetail
from console.messages.resend import Resent
from console.ui.context import ViewContext
from console.ui.selection import Picked
from console.ui.widgets.inspector import Inspector
from console.ui.widgets.resend_text import MAX_EDITED_CHARS, NotJson, draft_of, packed, route_of
from tests.telemetry.bodies import gameplay, pack, trajectory
from tests.ui.fakes import APP_ID, FakeClient, make_request
from tests.ui.screen import show


def detail(body: bytes, route: str = "/api/events") -> RequestDetail:
    return RequestDetail(
        row=make_request(1, route=route),
        headers=[],
        body=body,
        body_truncated=False,
        wire_bytes=len(body),
        response=b"",
        first_seq=None,
        error_message="",
        details=[],
    )


def test_a_body_comes_back_as_it_was() -> None:
    body = pack([gameplay(), trajectory()])
    whole = draft_of(detail(body), None)
    assert whole is not None
    assert msgpack.unpackb(packed(whole.text)) == [gameplay(), trajectory()]
    one = draft_of(detail(body, "/api/realtime/"), 1)
    assert one is not None
    assert one.route == "/api/realtime"
    assert msgpack.unpackb(packed(one.text)) == trajectory()


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x92\x80\xc1", b"\x05", b"{broken"])
def test_what_cannot_be_read_begins_with_an_example(body: bytes) -> None:
    draft = draft_of(detail(body), None)
    assert draft is not None
    assert json.loads(draft.text)["app_id"] == APP_ID
    assert "example" in draft.note


def test_json_text_is_edited_as_it_was_meant() -> None:
    draft = draft_of(detail(json.dumps(gameplay()).encode()), None)
    assert draft is not None
    assert json.loads(draft.text) == gameplay()
    assert "JSON was sent" in draft.note


def test_binary_values_are_told() -> None:
    draft = draft_of(detail(pack(gameplay(custom_data={"a": [b"x"]}))), None)
    assert draft is not None
    assert "Base64" in draft.note


def test_other_routes_are_not_sent_again() -> None:
    assert draft_of(detail(b"\x80", "/v1/events/events"), None) is None
    assert route_of("//api/events/?a=1") == "/api/events"
    assert route_of("/api/models") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"a": 1,\n "b" 2}', "line 2, column 6"),
        ("", "line 1, column 1"),
        ("[" * 100_000, "cannot be read"),
        (f"[{2**64}]", "MessagePack cannot hold this"),
        ("1" * 5_000, "cannot be read"),
        (" " * (MAX_EDITED_CHARS + 1), "too long"),
    ],
)
def test_what_is_no_json_is_told(text: str, told: str) -> None:
    with pytest.raises(NotJson, match=told):
        packed(text)


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(), st.lists, max_leaves=5))
def test_any_json_is_packed(value: Any) -> None:
    assert msgpack.unpackb(packed(json.dumps(value))) == value


@given(st.binary(max_size=60))
def test_any_body_can_be_edited(body: bytes) -> None:
    assert draft_of(detail(body), None) is not None


# the panel


@pytest.fixture
def inspector(context: ViewContext, client: FakeClient, qtbot: QtBot) -> Inspector:
    client.details = {1: detail(pack([gameplay(), gameplay(event_name="Player_Death")]))}
    widget = Inspector(context)
    qtbot.addWidget(widget)
    widget.resize(400, 700)
    show(widget)
    context.selection.pick(Picked(request_id=1, index=1))
    QApplication.processEvents()
    return widget


def test_edit_send_and_read_the_answer(
    inspector: Inspector, context: ViewContext, client: FakeClient, qtbot: QtBot
) -> None:
    inspector.edit_button.click()
    panel = inspector.resend
    assert panel.isVisible()
    assert panel.applications.currentData() == APP_ID
    event = json.loads(panel.editor.toPlainText())
    assert event["event_name"] == "Player_Death"
    panel.editor.setPlainText(json.dumps(event | {"event_name": "Player_Jump"}))
    refusal = {"status": "error", "error": "invalid_event"}
    client.resent = Resent(status=400, response=json.dumps(refusal).encode(), request_id=1)
    qtbot.keyClick(panel, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    ((call),) = client.called("resend")
    assert msgpack.unpackb(call["request"].body)["event_name"] == "Player_Jump"
    assert call["app_id"] == APP_ID
    assert "400" in panel.verdict.text()
    assert "invalid_event" in panel.answer.toPlainText()
    panel.show_button.click()
    assert not panel.isVisible()
    assert context.selection.picked == Picked(request_id=1)


def test_what_is_typed_stays_while_another_row_is_picked(inspector: Inspector, context: ViewContext) -> None:
    inspector.edit_and_resend()
    inspector.resend.editor.setPlainText("[]")
    context.selection.pick(Picked(request_id=1, index=0))
    QApplication.processEvents()
    assert inspector.resend.isVisible()
    assert inspector.resend.editor.toPlainText() == "[]"
    inspector.resend.close_button.click()
    assert inspector.tree.isVisible()


def test_a_wrong_text_is_marked_and_not_sent(inspector: Inspector, client: FakeClient, qtbot: QtBot) -> None:
    inspector.edit_and_resend()
    panel = inspector.resend
    panel.editor.setPlainText('{"a": 1,\n "b" 2}')
    panel.send_button.click()
    assert "line 2, column 6" in panel.note.text()
    assert panel.editor.textCursor().selectedText() == "2"
    assert not client.called("resend")
    panel.editor.setPlainText("{}")
    assert not panel.note.isVisible()
    qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert not panel.isVisible()


def test_a_refusal_of_the_server_is_said(inspector: Inspector, client: FakeClient) -> None:
    inspector.edit_and_resend()
    error = ConsoleError(code="no_public_key", message="My Game has no public key.", hint="Create one.")
    client.failures["resend"] = ConsoleRefused(409, error)
    inspector.resend.send_button.click()
    assert "Create one." in inspector.resend.note.text()
    assert inspector.resend.send_button.isEnabled()
