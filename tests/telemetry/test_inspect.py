"""What a person is told of an event that is no error."""

from typing import Any

import msgpack
import pytest

from console.telemetry.inspect import MAX_NOTES, annotate, duration_text, event_span, payload_of
from tests.telemetry.bodies import Pairs, Raw, funnel, gameplay, identity, pack, trajectory

SENT_US = 1_770_890_400_000_000  # the time of the events


def notes_of(event: Any, received_at_us: int | None = None) -> list[tuple[str, str]]:
    return [(note.path, note.text) for note in annotate(pack(event), 0, received_at_us)]


@pytest.mark.parametrize("event", [identity(), funnel(), gameplay(), trajectory()])
def test_documented_events_need_no_note(event: Any) -> None:
    assert notes_of(event, SENT_US + 5_000_000) == []


def test_unknown_fields() -> None:
    assert notes_of(gameplay(sdk=1)) == [("$.sdk", "unknown field: kept and exported as sent")]
    assert notes_of(gameplay(levelId=1)) == [("$.levelId", "unknown field: kept and exported as sent")]
    absent = {key: value for key, value in gameplay(levelId="x").items() if key != "level_id"}
    assert notes_of(absent) == [("$.levelId", "unknown field: kept and exported as sent; is it meant to be level_id?")]
    assert "identity events have none" in notes_of(identity(session_id="s"))[0][1]
    assert notes_of(gameplay(positions=None)) == []


def test_times() -> None:
    assert notes_of(gameplay(timestamp="2026-02-12T10:00:00")) == [("$.timestamp", "no time zone: read as UTC")]
    assert "offset +01:00" in notes_of(gameplay(timestamp="2026-02-12T10:00:00+01:00"))[0][1]


def test_clocks() -> None:
    assert notes_of(gameplay(), SENT_US - 1_800_000) == [("$.timestamp", "clock 1.8 s ahead of the server")]
    late = notes_of(gameplay(), SENT_US + 300_000_000)
    assert late == [("$.timestamp", "5 min before it was received: sent late, or the clock is behind")]
    assert [path for path, _ in notes_of(trajectory(), SENT_US)] == ["$.timestamp_end"]
    assert [text[:13] for _, text in notes_of(gameplay(timestamp="0001-01-01T00:00:00Z"), SENT_US)] == ["the year 0001"]


def test_repeated_keys() -> None:
    event = Pairs([*gameplay().items(), ("player_id", "p"), ("extra", Pairs([("a", 1), ("a", 2)]))])
    assert [(path, text) for path, text in notes_of(event) if "repeated" in text] == [
        ("$.player_id", "the key is repeated: the last value counts"),
        ("$.extra.a", "the key is repeated: the last value counts"),
    ]


def test_binary_values() -> None:
    assert notes_of(gameplay(custom_data={"a": [b"x"]})) == [("$.custom_data.a[0]", "binary: exported as Base64 text")]


def test_frame_rates() -> None:
    notes = notes_of(trajectory(fps={"mean": 30, "low_1": 60, "max": 90}))
    assert notes == [
        ("$.fps", "unknown key max: kept and exported as sent"),
        ("$.fps", "low_1 is above mean: the slowest frames cannot be faster than the mean"),
    ]


def test_paths_and_bytes_in_a_batch() -> None:
    body = pack([gameplay(), gameplay(sdk="1.2")])
    (note,) = annotate(body, 1)
    assert note.path == "$[1].sdk"
    assert body[note.span.start : note.span.end] == b"\xa31.2"


def test_rejected_bodies_are_annotated_as_far_as_they_go() -> None:
    assert notes_of({"a": b"x", "b": Raw(b"\xa1\xff"), 5: {"c": 1}}) == [("$.a", "binary: exported as Base64 text")]
    assert annotate(pack(gameplay())[:-1], 0) == []
    assert annotate(b"", 0) == []
    assert annotate(b"\x05", 0) == []
    assert annotate(pack([gameplay()]), 1) == []
    assert annotate(pack([gameplay()]), -1) == []


def test_notes_are_bounded() -> None:
    assert len(notes_of(gameplay(blobs=[b"x"] * 1000))) == MAX_NOTES
    assert notes_of(gameplay(deep=Raw(b"\x91" * 500 + b"\xc0"))) == [
        ("$.deep", "unknown field: kept and exported as sent")
    ]


def test_event_span_and_payload() -> None:
    events = [gameplay(), trajectory()]
    body = pack(events)
    for index, event in enumerate(events):
        span = event_span(body, index)
        assert span is not None
        assert msgpack.unpackb(body[span.start : span.end]) == event
        assert payload_of(body, index) == event
    assert payload_of(pack(gameplay()), 0) == gameplay()
    assert payload_of(pack(gameplay()), 1) is None
    assert payload_of(body, 2) is None
    assert payload_of(b"\x91" * 5000 + b"\xc0", 0) is None
    assert payload_of(pack([Raw(b"\xa1\xff")]), 0) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1.84, "1.8 s"), (119, "119 s"), (180, "3 min"), (7_200, "2 h"), (90_000, "25 h"), (432_000, "5 days")],
)
def test_duration_text(seconds: float, text: str) -> None:
    assert duration_text(int(seconds * 1e6)) == text
