"""The inspector, its tree, bytes, problems and request page."""

import json
import time

import msgpack
import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from console.client import ConsoleUnavailable
from console.columns import encode_columns
from console.messages import ErrorDetail, FeedHello, RequestDetail
from console.telemetry.diagnosis import explain
from console.ui.context import ViewContext
from console.ui.navigation import Destination, NamedPlayerSubject
from console.ui.selection import Picked
from console.ui.widgets.copy_as import CODE
from console.ui.widgets.inspector import Inspector
from console.ui.widgets.payload_tree import PayloadModel
from tests.ui.fakes import APP_ID, FakeClient, FakeMessages, make_request, make_status
from tests.ui.screen import show

EVENT = {
    "event_name": "Player_Death",
    "app_id": "a",
    "build_id": "b",
    "player_id": "p",
    "session_id": "s",
    "position": [12.4, -31.75, 4.02],
    "custom_data": {"weapon": "Sword", "html": "<img src='file:///etc/passwd'>"},
    "timestamp": "2026-02-13T18:26:39.941+02:00",
    "damge": 5,
}


def accepted(request_id: int = 1, events: int = 3) -> RequestDetail:
    body = msgpack.packb([EVENT] * events)
    return RequestDetail(
        row=make_request(request_id, bytes=len(body), events=events),
        headers=[("Content-Type", "application/msgpack"), ("x-public-token", "pk_live_…stuv")],
        body=body,
        body_truncated=False,
        wire_bytes=len(body) // 2,
        response=b'{"status":"queued"}',
        first_seq=100,
        error_message="",
        details=[],
    )


def rejected(request_id: int = 2) -> RequestDetail:
    events = [EVENT] * 3 + [EVENT | {"position": [1.0, "x", 2.0]}] + [EVENT | {"timestamp": "yesterday"}]
    body = msgpack.packb(events)
    found = explain(body)
    problems = [
        ErrorDetail(index=p.index, path=p.path, message=p.message, hint=p.hint, start=p.start, end=p.end)
        for p in found.details
    ]
    return RequestDetail(
        row=make_request(request_id, status=400, events=0, error=found.error, bytes=len(body)),
        headers=[],
        body=body,
        body_truncated=False,
        wire_bytes=len(body),
        response=json.dumps({"status": "error", "error": found.error}).encode(),
        first_seq=None,
        error_message=found.message,
        details=problems,
    )


@pytest.fixture
def inspector(context: ViewContext, client: FakeClient, qtbot: QtBot) -> Inspector:
    client.details = {1: accepted(1), 2: rejected(2)}
    widget = Inspector(context)
    qtbot.addWidget(widget)
    widget.resize(400, 700)
    show(widget)
    return widget


def pick(context: ViewContext, request_id: int, index: int | None = None) -> None:
    context.selection.pick(Picked(request_id=request_id, index=index))
    QApplication.processEvents()


def test_nothing_picked_says_what_to_do(inspector: Inspector, context: ViewContext) -> None:
    assert inspector.inspection is None
    assert inspector._hint.isVisible()
    pick(context, 1)
    assert not inspector._hint.isVisible()
    context.selection.pick(None)
    assert inspector._hint.isVisible()


def test_one_event_of_a_batch(inspector: Inspector, context: ViewContext) -> None:
    pick(context, 1, 1)
    assert inspector.tab_names() == ["Tree", "JSON", "Hex", "Request"]
    keys = [child.key for child in inspector.tree.root.children if child.key]
    assert keys[0] == "event_name"
    remarks = [child.text for child in inspector.tree.root.children if not child.key]
    assert any("unknown field" in remark for remark in remarks)
    assert any("UTC" in remark for remark in remarks)
    assert json.loads(inspector.json.text)["custom_data"]["weapon"] == "Sword"
    assert inspector.hex.body == accepted().body


def test_the_tree_points_at_bytes_and_bytes_at_the_tree(
    inspector: Inspector, context: ViewContext, qtbot: QtBot
) -> None:
    pick(context, 1, 1)
    qtbot.keyClick(inspector.tree, Qt.Key.Key_Down)
    node = inspector.tree.root.children[0]
    qtbot.waitUntil(lambda: bool(inspector.hex.selection))
    assert inspector.tree._model.node(inspector.tree.currentIndex()).span == inspector.hex.selection
    weapon = next(c for c in inspector.tree.root.children if c.key == "custom_data").children[0]
    inspector.hex.selection_changed.emit(weapon.span.start, weapon.span.end)
    assert inspector.tree._model.node(inspector.tree.currentIndex()) is weapon
    before = inspector.tree.currentIndex()
    inspector.hex.selection_changed.emit(0, 1)  # before the picked event
    assert inspector.tree.currentIndex() == before
    assert node is not weapon


def test_a_rejected_request_shows_its_problems_first(inspector: Inspector, context: ViewContext) -> None:
    pick(context, 2)
    assert inspector.tab_names()[0] == "Problems"
    labels = [label.text() for label in inspector.problems.findChildren(QLabel)]
    assert "0 of 5 events stored — safe to resend" in labels
    assert any("position[1]" in text for text in labels)
    assert inspector.problems.lines[1].startswith("item 4  timestamp")
    first = inspector.inspection.problems[0].span if inspector.inspection else None
    assert first in inspector.hex.marks
    pick(context, 1)
    assert "Problems" not in inspector.tab_names()


def test_going_to_a_problem_jumps_to_its_bytes(inspector: Inspector, context: ViewContext) -> None:
    pick(context, 2)
    inspector.problems.go_to(1)
    assert inspector.inspection is not None
    span = inspector.inspection.problems[1].span
    assert span is not None
    assert inspector.hex.selection == span
    assert "yesterday" in inspector.tree._model.node(inspector.tree.currentIndex()).text
    sentence = inspector.inspection.problems[1].sentence
    assert sentence in [label.text() for label in inspector.problems.findChildren(QLabel)]


def test_the_request_page_shows_the_exact_answer(inspector: Inspector, context: ViewContext) -> None:
    pick(context, 1)
    texts = inspector.request.texts
    assert "200 OK" in texts
    assert '{\n  "status": "queued"\n}' in texts
    assert "pk_live_…stuv" in texts
    assert any("on the wire" in text for text in texts)


def test_no_label_reads_html(inspector: Inspector, context: ViewContext) -> None:
    pick(context, 2)
    for label in inspector.findChildren(QLabel):
        fixed = label.text() in ("Request", "Headers", "Answer") or label.property("tone") == "warning"
        fixed = fixed or label.text().endswith("problems in this request")
        assert fixed or label.textFormat() is Qt.TextFormat.PlainText, label.text()


def test_copies(inspector: Inspector, context: ViewContext, messages: FakeMessages) -> None:
    context.feed.connected.emit(
        FeedHello(last_seq=0, last_request_id=0, status=make_status(telemetry_urls=["http://10.0.0.5:4000"]))
    )
    inspector.copy_json()
    assert messages.said == []
    pick(context, 1, 0)
    clipboard = QGuiApplication.clipboard()
    inspector.copy_json()
    assert json.loads(clipboard.text())["event_name"] == "Player_Death"
    inspector.copy_hex()
    assert bytes.fromhex(clipboard.text()) == accepted().body
    inspector.copy_code(CODE[0])
    assert "http://10.0.0.5:4000/api/events" in clipboard.text()
    inspector.copy_code(CODE[1])
    compile(clipboard.text(), "script", "exec")
    assert len(messages.said) == 4


def test_a_request_that_cannot_be_loaded_is_said(inspector: Inspector, context: ViewContext) -> None:
    pick(context, 99)
    assert inspector._hint.text() == "The request cannot be shown: There is no request 99."


def test_a_request_is_loaded_once(inspector: Inspector, context: ViewContext, client: FakeClient) -> None:
    for index in (0, 1, 2):
        pick(context, 1, index)
    assert len(client.called("request_detail")) == 1


def test_a_large_body_is_taken_apart_beside_the_window(
    inspector: Inspector, context: ViewContext, client: FakeClient
) -> None:
    client.details[3] = accepted(3, events=10_000)
    pick(context, 3)
    assert inspector.inspection is not None
    assert len(inspector.inspection.payload.events) == 10_000
    assert "Only the first" in inspector.json.note


def test_colours_follow_the_theme(inspector: Inspector, context: ViewContext) -> None:
    pick(context, 2)
    dark = inspector.grab().toImage()
    context.theme.set_scheme("light")
    QApplication.processEvents()
    assert inspector.grab().toImage() != dark


def test_the_tree_copies_a_line(inspector: Inspector, context: ViewContext, qtbot: QtBot) -> None:
    pick(context, 1, 0)
    inspector.tree.setCurrentIndex(inspector.tree.model().index(0, 0))
    qtbot.keyClick(inspector.tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == 'event_name: "Player_Death"'


def test_escape_closes_the_detail(inspector: Inspector, context: ViewContext, qtbot: QtBot) -> None:
    pick(context, 1, 0)
    qtbot.keyClick(inspector.tree, Qt.Key.Key_Escape)
    assert context.selection.picked is None
    assert inspector._hint.isVisible()


def test_tree_hovers_are_plain(inspector: Inspector, context: ViewContext) -> None:
    pick(context, 1, 0)
    model = inspector.tree.model()
    assert isinstance(model, PayloadModel)
    custom = next(row for row, child in enumerate(model.root.children) if child.key == "custom_data")
    html = model.index(1, 1, model.index(custom, 0))
    assert "&lt;img" in model.data(html, Qt.ItemDataRole.ToolTipRole)
    assert model.data(html, Qt.ItemDataRole.DecorationRole) is None
    assert model.parent(html) == model.index(custom, 0)
    assert not model.index(99, 0).isValid()


def test_a_card_without_bytes_keeps_its_size(
    inspector: Inspector, context: ViewContext, client: FakeClient, qtbot: QtBot
) -> None:
    client.details[9] = replace(rejected(9), body=b"")
    inspector.resize(340, 900)
    pick(context, 9)
    card = inspector.problems._card
    qtbot.waitUntil(lambda: card.isVisible() and card.height() < 200)


# requests of the player API


def player_batch(request_id: int, answer: dict[str, object], **row: object) -> RequestDetail:
    body = b'{"events": [{"event_name": "a", "html": "<b>x</b>"}, {"event_name": 5}, {"event_name": "c"}]}'
    fields: dict[str, object] = {"route": "/v1/events/events/batch", "events": 2, "bytes": len(body)}
    return replace(
        accepted(request_id),
        row=make_request(request_id, **(fields | row)),
        headers=[("Content-Type", "application/json"), ("X-API-Key", "pk_live_…stuv")],
        body=body,
        response=json.dumps(answer).encode(),
    )


PARTLY = {
    "success": True,
    "data": {
        "accepted": 2,
        "rejected": 1,
        "results": [
            {"index": 0, "event_id": "E0"},
            {"index": 1, "error": {"code": "VALIDATION_ERROR", "message": "$.events[1].event_name: expected text"}},
            {"index": 2, "event_id": "E2"},
        ],
    },
}


def test_a_batch_taken_in_part_shows_what_was_left_out(
    inspector: Inspector, context: ViewContext, client: FakeClient
) -> None:
    client.details[3] = player_batch(3, PARTLY)
    pick(context, 3)
    assert inspector.tab_names()[0] == "Problems"
    assert inspector._tabs.currentWidget() is inspector.problems
    texts = [label.text() for label in inspector.problems.findChildren(QLabel)]
    assert "2 of 3 events recorded" in texts
    assert "Event 1, event_name: expected text" in texts
    assert inspector.problems._card.property("role") == "warning"
    pick(context, 2)
    assert inspector.problems._card.property("role") == "error"


def test_an_event_of_the_player_api_is_shown_as_it_was_sent(
    inspector: Inspector, context: ViewContext, client: FakeClient
) -> None:
    client.details[3] = player_batch(3, PARTLY)
    pick(context, 1)
    pick(context, 3, 1)
    assert inspector._tabs.currentWidget() is not inspector.problems
    assert [(child.key, child.text) for child in inspector.tree.root.children] == [("event_name", '"c"')]
    assert json.loads(inspector.json.text) == {"event_name": "c"}
    inspector.hex.selection_changed.emit(inspector.tree.root.children[0].span.start, 0)
    assert inspector.tree._model.node(inspector.tree.currentIndex()).key == "event_name"
    assert any('"accepted": 2' in text for text in inspector.request.texts)


def test_copies_of_a_player_api_request_go_to_its_port(
    inspector: Inspector, context: ViewContext, client: FakeClient
) -> None:
    client.details[3] = player_batch(3, PARTLY)
    status = replace(make_status(), telemetry_urls=["http://127.0.0.1:4000"], player_urls=["http://127.0.0.1:18000"])
    inspector._connected(FeedHello(last_seq=0, last_request_id=0, status=status))
    pick(context, 3)
    inspector.copy_code(CODE[0])
    copied = QGuiApplication.clipboard().text()
    assert "http://127.0.0.1:18000/v1/events/events/batch" in copied
    assert "--data-raw" in copied
    assert "X-API-Key: YOUR_KEY" in copied
    inspector.copy_code(CODE[1])
    assert "json.dumps(payload)" in QGuiApplication.clipboard().text()


def test_a_picked_event_links_to_its_player(inspector: Inspector, context: ViewContext, client: FakeClient) -> None:
    seen: list[Destination] = []
    inspector.destination_wanted.connect(seen.append)
    client.details = {1: accepted()}
    context.selection.pick(Picked(request_id=1, seq=100, index=0))
    assert not inspector.player.isHidden()
    inspector.player.click()
    assert seen == [Destination(view="players", subject=NamedPlayerSubject(APP_ID, "p"))]
    context.selection.pick(Picked(request_id=1))
    assert inspector.player.isHidden(), "a batch is about many"


def test_what_does_not_fit_the_session_is_shown(inspector: Inspector, context: ViewContext, client: FakeClient) -> None:
    client.details = {5: replace(accepted(5), first_seq=100)}
    client.queries["session_before"] = encode_columns(
        {"events": np.array([3]), "first_us": np.array([0.0]), "player_id": ["somebody"], "level_id": [None]}
    )
    context.selection.pick(Picked(request_id=5, seq=101, index=1))
    QApplication.processEvents()
    deadline = time.monotonic() + 30
    while not any("somebody" in child.text for child in inspector.tree.root.children):
        QApplication.processEvents()
        assert time.monotonic() < deadline
    (asked,) = client.called("query")
    assert asked["seq"] == 101
    client.failures["query"] = ConsoleUnavailable("the store is away")
    context.selection.pick(Picked(request_id=5, seq=100, index=0))
    QApplication.processEvents()
    assert not any("somebody" in child.text for child in inspector.tree.root.children)
