from typing import Any

import msgspec

from console.players.commands import (
    Command,
    Recorded,
    RecordPurchase,
    RecordSession,
    Register,
    TrackEvent,
    Update,
    encode_recorded,
)
from console.players.ndjson import command_lines

NOON_US = 1_770_890_400_000_000


def lines(*commands: Command) -> list[dict[str, Any]]:
    found = command_lines(encode_recorded(Recorded(commands=list(commands))), "app", NOON_US + 1, 7)
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in found)
    return [msgspec.json.decode(line) for line in found]


def test_an_event_has_the_keys_it_was_sent_with() -> None:
    (line,) = lines(
        TrackEvent(
            event_id="e",
            player_id="p1",
            event_name="jump",
            time_us=NOON_US,
            session_id="s",
            properties={"height": 1.5, "text": "a\nb", "big": 2**63 - 1},
        )
    )
    assert line == {
        "type": "event",
        "player_id": "p1",
        "event_id": "e",
        "event_name": "jump",
        "session_id": "s",
        "properties": {"height": 1.5, "text": "a\nb", "big": 2**63 - 1},
        "timestamp": "2026-02-12T10:00:00Z",
        "app_id": "app",
        "api": "player",
        "received_at": "2026-02-12T10:00:00.000001Z",
        "seq": 7,
    }
    assert list(line)[-4:] == ["app_id", "api", "received_at", "seq"]


def test_every_command_is_a_line_and_says_what_was_given() -> None:
    found = lines(
        Register(player_id="p1", external_id="ada", attributes={"level": 1}),
        Register(player_id="p2", device_id="phone", email=None),
        Update(player_id="p1", device_id=None, attributes={"level": None}),
        RecordSession(player_id="p1", session_id="s", started_us=NOON_US, duration_secs=0.0),
        RecordSession(player_id="p1", session_id="t", started_us=NOON_US),
        RecordPurchase(player_id="p1", amount_minor=499, transaction_id="t"),
        RecordPurchase(player_id="p1", amount_minor=10),
        TrackEvent(event_id="e", player_id="p1", event_name="jump", time_us=NOON_US),
    )
    ends = {"app_id", "api", "received_at", "seq"}
    assert [line["seq"] for line in found] == list(range(7, 15))
    assert [{key: value for key, value in line.items() if key not in ends} for line in found] == [
        {"type": "register", "player_id": "p1", "external_id": "ada", "attributes": {"level": 1}},
        {"type": "register", "player_id": "p2", "device_id": "phone", "email": None},
        {"type": "update", "player_id": "p1", "device_id": None, "attributes": {"level": None}},
        {
            "type": "session",
            "player_id": "p1",
            "session_id": "s",
            "started_at": "2026-02-12T10:00:00Z",
            "duration_seconds": 0.0,
        },
        {"type": "session", "player_id": "p1", "session_id": "t", "started_at": "2026-02-12T10:00:00Z"},
        {"type": "purchase", "player_id": "p1", "amount": 4.99, "transaction_id": "t"},
        {"type": "purchase", "player_id": "p1", "amount": 0.1},
        {
            "type": "event",
            "player_id": "p1",
            "event_id": "e",
            "event_name": "jump",
            "properties": {},
            "timestamp": "2026-02-12T10:00:00Z",
        },
    ]
