"""From a recorded event or request to the player's profile."""

import json
from typing import Any

import msgpack
import pytest

from console.messages import RequestDetail
from console.telemetry.events import EventKind
from console.ui.navigation import NamedPlayerSubject, PlayerSubject
from console.ui.widgets.inspection import inspect_request
from console.ui.widgets.player_named import player_of_event, player_of_inspection, player_of_request
from tests.ui.fakes import APP_ID, make_event, make_request

ID = "550e8400-e29b-41d4-a716-446655440000"
OTHER = "650e8400-e29b-41d4-a716-446655440001"


def detail(route: str, body: Any = None, answer: Any = None, *, raw: bytes = b"") -> RequestDetail:
    sent = raw or (b"" if body is None else json.dumps(body).encode())
    return RequestDetail(
        row=make_request(1, route=route, bytes=len(sent)),
        headers=[],
        body=sent,
        body_truncated=False,
        wire_bytes=len(sent),
        response=b"" if answer is None else json.dumps({"success": True, "data": answer}).encode(),
        first_seq=1,
        error_message="",
        details=[],
    )


def test_events_name_players_by_the_api_they_came_by() -> None:
    assert player_of_event(make_event(1)) == NamedPlayerSubject(APP_ID, "player_01")
    assert player_of_event(make_event(1, kind=EventKind.PLAYER_API, player_id=ID)) == PlayerSubject(APP_ID, ID)
    assert player_of_event(make_event(1, player_id="")) is None


@pytest.mark.parametrize(
    ("route", "body", "answer"),
    [
        (f"/v1/players/players/{ID}", None, None),
        (f"/v1/players/players/{ID}/purchase?amount=4.99", {"id": OTHER}, None),
        ("/v1/players/players", {"external_id": "kim"}, {"id": ID}),
        ("/v1/events/events", {"player_id": ID.upper()}, {"player_id": ID, "event_id": OTHER}),
        ("/v1/flags/flags/evaluate", {"player_id": ID}, None),
        ("/v1/events/events/batch", {"events": [{"player_id": ID}, {"player_id": ID}]}, {"results": []}),
    ],
)
def test_a_request_about_one_player(route: str, body: Any, answer: Any) -> None:
    assert player_of_request(detail(route, body, answer)) == PlayerSubject(APP_ID, ID)


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("/v1/events/events/batch", {"events": [{"player_id": ID}, {"player_id": OTHER}]}),
        ("/v1/segments", {"id": ID}),
        ("/v1/events/events", {"player_id": "kim"}),
        ("/v1/events/events", [1, 2]),
        ("/v1/players/players", None),
    ],
)
def test_a_request_about_nobody_in_particular(route: str, body: Any) -> None:
    assert player_of_request(detail(route, body)) is None


def test_bodies_that_cannot_be_read_name_nobody() -> None:
    for raw in (b"{", b"\xff", b"[" * 10_000):
        assert player_of_request(detail("/v1/events/events", raw=raw)) is None


def test_the_inspector_knows_the_player_of_a_picked_event() -> None:
    events = [{"event_name": "Jump", "player_id": name} for name in ("kim", "lee", 3)]
    batch = detail("/api/events", raw=msgpack.packb(events))
    assert player_of_inspection(inspect_request(batch, 1)) == NamedPlayerSubject(APP_ID, "lee")
    assert player_of_inspection(inspect_request(batch, 2)) is None
    assert player_of_inspection(inspect_request(batch, None)) is None
    several = detail("/v1/events/events/batch", {"events": [{"player_id": ID}, {"player_id": OTHER}]})
    assert player_of_inspection(inspect_request(several, 1)) == PlayerSubject(APP_ID, OTHER)
    single = detail("/v1/events/events", {"player_id": ID})
    assert player_of_inspection(inspect_request(single, None)) == PlayerSubject(APP_ID, ID)
