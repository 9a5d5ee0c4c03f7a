"""NDJSON of accepted bodies."""

import json
import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.telemetry.ndjson import event_lines, utc_text
from tests.telemetry.bodies import Pairs, Raw, gameplay, pack, trajectory

RECEIVED_US = 1_770_890_400_000_001


def line_of(value: Any) -> str:
    (line,) = event_lines(pack(value), RECEIVED_US, 42)
    return line.decode()


def test_keys_as_sent_then_ours() -> None:
    body = pack([gameplay(), trajectory(zz=1)])
    lines = [json.loads(line) for line in event_lines(body, RECEIVED_US, 42)]
    ours = {"received_at": "2026-02-12T10:00:00.000001Z", "seq": 42}
    assert lines[0] == {**gameplay(), **ours}
    assert list(lines[0]) == [*gameplay(), "received_at", "seq"]
    assert list(lines[1]) == [*trajectory(), "zz", "received_at", "seq"]
    assert lines[1]["seq"] == 43


def test_form() -> None:
    line = line_of({"a": "line\nfeed, \u2028, é, 🎮, \x00, \x7f, /"})
    assert line.endswith(',"seq":42}\n')
    assert line.count("\n") == 1
    assert "é, 🎮" in line
    assert json.loads(line)["a"] == "line\nfeed, \u2028, é, 🎮, \x00, \x7f, /"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (60, "60"),
        (60.0, "60.0"),
        (-0.0, "-0.0"),
        (2**64 - 1, "18446744073709551615"),
        (-(2**63), "-9223372036854775808"),
        (0.1, "0.1"),
        (Raw(b"\xca\x3d\xcc\xcc\xcd"), "0.10000000149011612"),
        (b"\x00\xff", '"AP8="'),
        (None, "null"),
        (True, "true"),
        ([[], {}], "[[],{}]"),
    ],
)
def test_values_exactly_as_sent(value: Any, text: str) -> None:
    assert line_of({"a": value}).startswith(f'{{"a":{text},')


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**64 - 1))
def test_numbers_survive(number: float | int) -> None:
    sent = json.loads(line_of({"a": number}))["a"]
    assert type(sent) is type(number)
    assert sent == number
    assert math.copysign(1, sent) == math.copysign(1, number)


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_float32_survives(number: float) -> None:
    sent = json.loads(line_of({"a": Raw(b"\xca" + struct.pack(">f", number))}))["a"]
    assert struct.pack(">f", sent) == struct.pack(">f", number)


def test_repeated_keys() -> None:
    assert line_of(Pairs([("a", 1), ("b", 2), ("a", 3)])).startswith('{"a":3,"b":2,')


def test_keys_of_our_names_are_renamed() -> None:
    event = {"seq": "theirs", "a": {"seq": 1}, "client_seq": "too", "received_at": 5}
    assert json.loads(line_of(event)) == {
        "client_client_seq": "theirs",
        "a": {"seq": 1},
        "client_seq": "too",
        "client_received_at": 5,
        "received_at": "2026-02-12T10:00:00.000001Z",
        "seq": 42,
    }


def test_utc_text() -> None:
    assert utc_text(0) == "1970-01-01T00:00:00.000000Z"
    assert utc_text(-1) == "1969-12-31T23:59:59.999999Z"
