"""Recognising other formats and misspelt keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.telemetry.diagnosis import explain
from console.telemetry.quirks import foreign_body, misspelt


@pytest.mark.parametrize(
    ("wanted", "keys", "expected"),
    [
        ("event_name", ["eventName"], "eventName"),
        ("event_name", ["EVENT-NAME"], "EVENT-NAME"),
        ("event_name", ["x", "event"], "event"),
        ("player_id", ["user_id"], "user_id"),
        ("player_id", ["plaeyr_id"], "plaeyr_id"),
        ("timestamp", ["time"], "time"),
        ("session_id", ["weather"], None),
        ("session_id", [], None),
        ("session_id", ["x" * 10_000], None),
    ],
)
def test_misspelt(wanted: str, keys: list[str], expected: str | None) -> None:
    assert misspelt(wanted, keys) == expected


@pytest.mark.parametrize("first", [*range(0x80, 0xA0), *range(0xDC, 0xE0)])
def test_maps_and_arrays_are_never_foreign(first: int) -> None:
    assert foreign_body(bytes([first]) + b'{"a": 1}') is None


@given(st.binary(min_size=1, max_size=80) | st.sampled_from([b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"]).map(bytes))
def test_any_bytes(body: bytes) -> None:
    advice = foreign_body(body)
    assert advice is None or (advice.message and advice.hint)


@pytest.mark.parametrize(
    "body",
    [
        b"\xd4\x72\x40\x92\xaaevent_name\xa6app_id\xa1E\xa1a",
        b"\x92\xd4\x72\x40\x91\xa1a\x01\x40\x02",
        b"\xdc\x00\x01\xd4\x72\x40\x91\xa1a\x01",
    ],
)
def test_records_of_msgpackr_are_recognised(body: bytes) -> None:
    refusal = explain(body)
    assert refusal.error == "invalid_msgpack"
    assert "record" in refusal.message
    assert "useRecords" in refusal.details[0].hint


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (b"\xd4\x00\x00", "encodeUndefinedAsNil"),
        (b"\xc7\x09\x0d\xcb" + bytes(8), "toISOString"),
        (b"\xd6\x17" + bytes(4), "Array.from"),
        (b"\xc7\x05\x74" + bytes(5), "Array.from"),
        (b"\xd6\xff" + bytes(4), "toISOString"),
    ],
)
def test_extensions_of_javascript_libraries_are_explained(value: bytes, hint: str) -> None:
    refusal = explain(b"\x81\xaaevent_name" + value)
    assert any(hint in problem.hint for problem in refusal.details)
