"""The fast path and the slow path agree about every body there is, and neither fails in an undeclared way."""

import json
from typing import Any

import msgpack
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from console.telemetry.decoding import NeedsDiagnosis, decode_events
from console.telemetry.diagnosis import explain
from console.telemetry.events import EventBatch
from console.telemetry.inspect import annotate, event_span, payload_of
from console.telemetry.ndjson import event_lines
from console.telemetry.problems import MAX_DETAILS
from tests.telemetry.bodies import bodies, damaged, gameplay, pack, trajectory


def _refuse(text: str) -> Any:
    raise AssertionError(f"{text} is no JSON")


def _check(body: bytes) -> None:
    try:
        batch = decode_events(body)
    except NeedsDiagnosis:
        _check_refusal(body)
    else:
        _check_accepted(body, batch)
    for index in (0, 1):
        for note in annotate(body, index, 0):
            assert 0 <= note.span.start < note.span.end <= len(body)
            assert note.path.startswith("$")
        payload_of(body, index)


def _check_refusal(body: bytes) -> None:
    refusal = explain(body)
    assert refusal.message.endswith(".")
    assert "the decoder refuses it" not in refusal.message
    assert 1 <= len(refusal.details) <= MAX_DETAILS
    assert refusal.problems_total >= len(refusal.details)
    for problem in refusal.details:
        assert problem.path.startswith("$")
        assert problem.message
        assert len(problem.message) >= len("no bytes")
        assert problem.hint
        if refusal.error != "empty_payload":
            assert problem.start is not None
            assert problem.end is not None
            assert 0 <= problem.start <= problem.end <= len(body)
    if refusal.error == "invalid_event" and refusal.invalid_events:
        listed = [problem.index for problem in refusal.details]
        assert listed == sorted(listed, key=lambda index: index or 0)
        assert len(set(listed)) == min(refusal.invalid_events, MAX_DETAILS)


def _check_accepted(body: bytes, batch: EventBatch) -> None:
    assert {event.app_id for event in batch.events} == batch.app_ids
    lines = event_lines(body, 1, 7)
    assert len(lines) == len(batch.events)
    for place, line in enumerate(lines):
        assert line.endswith(b"}\n")
        assert line.count(b"\n") == 1
        assert json.loads(line, parse_constant=_refuse)["seq"] == 7 + place
        assert event_span(body, place) is not None
    with pytest.raises(ValueError, match="the body is valid"):
        explain(body)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=60))
@example(b"")
@example(b"{")
@example(b"\x91" * 3000)
@example(b"\x81" * 3000)
@example(b"\xdf\xff\xff\xff\xff")
def test_any_bytes(body: bytes) -> None:
    _check(body)


@settings(max_examples=120, deadline=None)
@given(bodies())
def test_bodies_of_any_meaning(body: bytes) -> None:
    _check(body)


@settings(max_examples=100, deadline=None)
@given(damaged())
def test_damaged_bodies(body: bytes) -> None:
    _check(body)


@settings(max_examples=60, deadline=None)
@given(st.recursive(st.none() | st.integers(0, 3), lambda inner: st.lists(inner, max_size=3), max_leaves=30))
def test_arrays_only(value: Any) -> None:
    _check(msgpack.packb(value))


def test_every_prefix_of_a_good_body() -> None:
    body = pack([gameplay(), trajectory()])
    for length in range(len(body)):
        _check(body[:length])
    _check(body)
