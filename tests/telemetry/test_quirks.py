"""Recognising other formats and misspelt keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
