"""A corpus of broken bodies: what each is told. Every row of the documented quirks, limits and codes."""

import gzip
import json
import math
import time
import zlib
from datetime import UTC, datetime
from typing import Any

import msgpack
import pytest

from console.telemetry.decoding import NeedsDiagnosis, decode_events
from console.telemetry.diagnosis import explain
from console.telemetry.events import MAX_BATCH_EVENTS, MAX_POSITIONS_NUMBERS, MAX_TEXT_BYTES
from console.telemetry.problems import InvalidBody
from tests.telemetry.bodies import (
    APP_ID,
    KINDS,
    Pairs,
    Raw,
    funnel,
    gameplay,
    identity,
    levels,
    pack,
    trajectory,
    without,
)

NAN = math.nan


def refused(body: bytes) -> InvalidBody:
    with pytest.raises(NeedsDiagnosis):
        decode_events(body)
    return explain(body)


def one_problem(value: Any) -> tuple[str, str, str, bytes]:
    """The path, message, hint and marked bytes of the only problem of one event."""
    body = value if isinstance(value, bytes) else pack(value)
    refusal = refused(body)
    assert refusal.error == "invalid_event"
    assert len(refusal.details) == 1, refusal.details
    problem = refusal.details[0]
    assert problem.line in refusal.message or refusal.message.lower().startswith(problem.message[:20].lower())
    return problem.path, problem.message, problem.hint, body[problem.start : problem.end]


# -------------------------------------------------------------------------------- the codes


@pytest.mark.parametrize(("body", "said"), [(b"", "empty"), (b"\x90", "no events"), (b"\xdc\x00\x00", "no events")])
def test_empty(body: bytes, said: str) -> None:
    refusal = refused(body)
    assert refusal.error == "empty_payload"
    assert said in refusal.message


def test_batch_too_large_before_bad_events() -> None:
    refusal = refused(pack([{}] * (MAX_BATCH_EVENTS + 1)))
    assert refusal.error == "batch_too_large"
    assert refusal.message == "The batch announces 10,001 events: the limit is 10,000."
    assert "several requests" in refusal.details[0].hint


def test_unreadable_before_batch_too_large() -> None:
    assert refused(pack([{}] * (MAX_BATCH_EVENTS + 1))[:-1]).error == "invalid_msgpack"


def test_unreadable_before_bad_events() -> None:
    assert refused(pack([{}, gameplay()])[:-3]).error == "invalid_msgpack"


def test_ten_thousand_events_are_taken() -> None:
    body = b"\xdc\x27\x10" + pack(gameplay()) * MAX_BATCH_EVENTS
    assert len(decode_events(body).events) == MAX_BATCH_EVENTS


# -------------------------------------------------------------------------------- bodies of other kinds

_EVENT = gameplay()
_PACKED = pack(_EVENT)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (json.dumps(_EVENT).encode(), "this is JSON text: encode with MessagePack"),
        (json.dumps([_EVENT]).encode(), "this is JSON text: encode with MessagePack"),
        (b"{", "this is JSON text"),
        (b" \r\n\t{}", "this is JSON text"),
        (b"\xef\xbb\xbf{}", "this is JSON text"),
        ("\ufeff{}".encode("utf-16-le"), "this is JSON text"),
        (gzip.compress(_PACKED, mtime=0), "gzip"),
        (zlib.compress(_PACKED), "zlib"),
        (b"\x28\xb5\x2f\xfd\x04\x00", "zstd"),
        (b"PK\x03\x04\x14\x00", "zip"),
        (b"<html></html>", "XML or HTML"),
        (b"--boundary\r\nContent-Disposition: form-data", "multipart form"),
        (b"event_name=Player_Jump&app_id=x", "URL-encoded form"),
        (_PACKED.hex().encode(), "hexadecimal text of MessagePack"),
        (b"hoKmZXZlbnRfbmFtZQ==", "Base64 text of MessagePack"),
        (b"Player_Jump happened", "this is text"),
        (len(_PACKED).to_bytes(4, "big") + _PACKED, "its own length"),
        (len(_PACKED).to_bytes(4, "little") + _PACKED, "its own length"),
    ],
)
def test_another_format(body: bytes, said: str) -> None:
    refusal = refused(body)
    assert refusal.error == "invalid_msgpack"
    assert said in refusal.details[0].message
    assert refusal.details[0].hint


@pytest.mark.parametrize(
    ("body", "message", "hint"),
    [
        (msgpack.packb(json.dumps(_EVENT)), "got str", "not its JSON text"),
        (msgpack.packb(_PACKED), "got bin", "encoded twice"),
        (b"\xc0", "got nil", "as a map"),
        (b"\x05", "got int 5", "as a map"),
        (
            msgpack.packb(msgpack.ExtType(99, b"x" * 9)),
            "LZ4 compression (extension type 99)",
            "MessagePackCompression.None",
        ),
        (
            pack([msgpack.ExtType(98, b"x"), b"xx"]),
            "LZ4 compression (extension type 98)",
            "MessagePackCompression.None",
        ),
        (msgpack.packb(msgpack.ExtType(100, b"x" * 9)), "typeless format (extension type 100)", "Typeless"),
        (pack(["Player_Jump", APP_ID, "b"]), 'use string keys ([Key("app_id")])', "[Key(0)]"),
        (pack(["Player_Jump", APP_ID, "b", {"ammo": 1}]), 'use string keys ([Key("app_id")])', "[Key(0)]"),
    ],
)
def test_a_root_that_is_no_event(body: bytes, message: str, hint: str) -> None:
    refusal = refused(body)
    assert refusal.error == "invalid_event"
    assert len(refusal.details) == 1
    assert message in refusal.details[0].message
    assert hint in refusal.details[0].hint


# -------------------------------------------------------------------------------- broken MessagePack


@pytest.mark.parametrize(
    ("body", "start", "path", "said"),
    [
        (b"\x81\xa1a", 0, "$", "announces 1 entry, 0 are there"),
        (b"\x92\x80", 0, "$", "announces 2 items, 1 is there"),
        (b"\x81\xa1a\xc1", 3, "$.a", "0xc1"),
        (b"\x81\xa1a\xa5xy", 3, "$.a", "str of 5 bytes at byte 3 runs past the end of the body (6 bytes)"),
        (b"\x91\x81\xa1a\xcb\x00", 4, "$[0].a", "float64"),
        (b"\x81\xa1a\xdb\x00", 3, "$.a", "str at byte 3"),
        (b"\x81\xa1a\x01\x05\x06", 4, "$", "2 more bytes follow"),
        (b"\x80\x80", 1, "$", "1 more byte follows"),
        (b"\xdd\xff\xff\xff\xff", 0, "$", "announces 4,294,967,295 items"),
        (b"\xc6\xff\xff\xff\xff", 0, "$", "bin of 4,294,967,295 bytes"),
    ],
)
def test_where_it_breaks(body: bytes, start: int, path: str, said: str) -> None:
    refusal = refused(body)
    assert refusal.error == "invalid_msgpack"
    assert len(refusal.details) == 1
    problem = refusal.details[0]
    assert (problem.start, problem.path) == (start, path)
    assert said in problem.message
    assert problem.hint
    assert f"byte {start}" in refusal.message


def test_the_index_of_a_broken_event() -> None:
    assert refused(pack([gameplay(), gameplay()])[:-1]).details[0].index == 1


def test_maps_one_after_the_other() -> None:
    assert "one array of maps" in refused(_PACKED + _PACKED).details[0].hint


def test_a_wrong_length_byte() -> None:
    body = _PACKED.replace(b"\xaaevent_name", b"\xabevent_name")
    assert refused(body).error == "invalid_msgpack"


def test_opening_brackets_only() -> None:
    assert refused(b"\x91" * 100_000).error == "invalid_msgpack"


# -------------------------------------------------------------------------------- bad events


def test_the_documented_example() -> None:
    body = pack([gameplay(), gameplay(), gameplay(), gameplay(position=[1.0, "x", 2.0])])
    refusal = refused(body)
    assert refusal.message == (
        '1 of 4 events is invalid, nothing was stored: $[3].position[1]: expected a number, got str "x".'
    )
    problem = refusal.details[0]
    assert problem.index == 3
    assert problem.path == "$[3].position[1]"
    assert problem.message == 'expected a number, got str "x"'
    assert "pos.x" in problem.hint
    assert body[problem.start : problem.end] == b"\xa1x"


def test_a_single_map_has_no_index_in_its_paths() -> None:
    refusal = refused(pack(gameplay(position=[1.0, "x", 2.0])))
    assert refusal.details[0].path == "$.position[1]"
    assert refusal.details[0].index == 0
    assert refusal.message.startswith("The event is invalid, nothing was stored: ")


def test_every_bad_event_is_listed() -> None:
    events = [gameplay(player_id=5, timestamp="x") if i % 3 == 0 else gameplay() for i in range(30)]
    refusal = refused(pack(events))
    assert refusal.invalid_events == 10
    assert refusal.problems_total == 20
    assert [p.index for p in refusal.details] == [i for i in range(0, 30, 3) for _ in range(2)]


def test_more_bad_events_than_are_listed() -> None:
    refusal = refused(pack([gameplay(player_id=5, timestamp="x")] * 50))
    assert [p.index for p in refusal.details] == list(range(20))
    assert refusal.message.startswith("50 of 50 events are invalid, nothing was stored (100 problems, 20 listed): ")
    assert (refusal.invalid_events, refusal.problems_total) == (50, 100)


def test_one_bad_event_does_not_crowd_out_another() -> None:
    refusal = refused(pack([trajectory(positions=[NAN] * 30), gameplay(player_id="")]))
    assert len(refusal.details) == 20
    assert refusal.details[-1].path == "$[1].player_id"
    assert refusal.problems_total == 31


def test_problems_of_one_event_are_counted_up_to_a_hundred() -> None:
    refusal = refused(pack(trajectory(positions=[NAN] * 3000)))
    assert "at least 100 problems" in refusal.message


@pytest.mark.parametrize(
    ("event", "path", "message", "hint"),
    [
        # the kind
        ({}, "$", "no key tells the kind of event", "Send exactly one"),
        ({"events": [_EVENT]}, "$", "no key tells the kind", "Send the array of events itself"),
        ({"EventName": "x"}, "$", "no key tells the kind", 'Is "EventName" meant to be event_name?'),
        (gameplay(event_name=None), "$", "no key tells the kind", "nil one counts as absent"),
        (gameplay(funnel_step_name="x"), "$", "event_name and funnel_step_name contradict", "exactly one"),
        (trajectory(event_name="x"), "$", "event_name and positions contradict", "exactly one"),
        (identity(positions=[1, 2, 3]), "$", "event_name and positions contradict", "exactly one"),
        (funnel(positions=[]), "$", "funnel_step_name and positions contradict", "exactly one"),
        # required fields
        (without(gameplay(), "session_id"), "$.session_id", "session_id is missing", "gameplay event needs"),
        (without(identity(), "player_id"), "$.player_id", "player_id is missing", "player identity"),
        (without(trajectory(), "timestamp_end"), "$.timestamp_end", "timestamp_end is missing", "realtime trajectory"),
        (gameplay(app_id=None), "$.app_id", "app_id is missing", "It is nil"),
        ({**without(gameplay(), "player_id"), "PlayerId": "p"}, "$.player_id", "missing", 'Is "PlayerId" meant to be'),
        (
            {**without(gameplay(), "player_id"), "plaeyr_id": "p"},
            "$.player_id",
            "missing",
            'Is "plaeyr_id" meant to be',
        ),
        # names and texts
        (gameplay(player_id=""), "$.player_id", "must not be empty", "leave an optional field out"),
        (gameplay(level_id=""), "$.level_id", "must not be empty", "leave an optional field out"),
        (gameplay(input_method=""), "$.input_method", "must not be empty", "send nil"),
        (gameplay(event_name=""), "$.event_name", "must not be empty", "id or name"),
        (gameplay(player_id="é" * 257), "$.player_id", "is 257 characters long: the limit is 256", "short"),
        (gameplay(player_id=7), "$.player_id", "expected a string, got int 7", "as a string"),
        (gameplay(event_name=7), "$.event_name", "expected a string, got int 7", "as a string"),
        (gameplay(player_id=b"p"), "$.player_id", "expected a string, got bin of 1 bytes", "pack str, not bytes"),
        (gameplay(app_id=["a"]), "$.app_id", "expected a string, got array of 1", "as a string"),
        (gameplay(input_method="x" * (MAX_TEXT_BYTES + 1)), "$.input_method", "limit is 65,536", "split"),
        (gameplay(player_id=Raw(b"\xa2\xc3\x28")), "$.player_id", "not UTF-8", "as bin"),
        # times
        (gameplay(timestamp="2026.02.12-10.00.00"), "$.timestamp", "FDateTime", "ToIso8601()"),
        (gameplay(timestamp="2026-02-12"), "$.timestamp", "without a time of day", "2026-02-12T10:00:00Z"),
        (gameplay(timestamp=1770890400), "$.timestamp", "got int 1770890400", "2026-02-12T10:00:00Z"),
        (gameplay(timestamp=1770890400123), "$.timestamp", "got int", "Epoch ms is not taken"),
        (gameplay(timestamp=1770890400.5), "$.timestamp", "got float64 1770890400.5", "Epoch s is not taken"),
        (gameplay(timestamp=NAN), "$.timestamp", "got NaN", "ISO 8601|text like"),
        (gameplay(timestamp=""), "$.timestamp", "must not be empty", "ISO 8601"),
        (gameplay(timestamp=[]), "$.timestamp", "got array of 0", "text like"),
        (gameplay(timestamp=b"2026-02-12T10:00:00Z"), "$.timestamp", "got bin", "Send str"),
        (
            gameplay(timestamp=Raw(msgpack.packb(datetime.now(UTC), datetime=True))),
            "$.timestamp",
            "MessagePack timestamp (extension type -1)",
            'Send an ISO 8601 string: DateTime.UtcNow.ToString("o")',
        ),
        (
            trajectory(timestamp_end="2026-02-12T09:59:00Z"),
            "$.timestamp_end",
            "is 60 s before timestamp_start",
            "swapped",
        ),
        (
            trajectory(timestamp_end="2026-02-12T10:00:05+02:00"),
            "$.timestamp_end",
            "before timestamp_start",
            "zones",
        ),
        # maps
        (gameplay(custom_data="{}"), "$.custom_data", 'expected a map, got str "{}"', "not its JSON text"),
        (gameplay(custom_data=[1]), "$.custom_data", "expected a map, got array of 1", "string keys"),
        (identity(hardware="RTX"), "$.hardware", "expected a map", "string keys"),
        # position
        (gameplay(position=[1, 2]), "$.position", "expected three numbers [x, y, z], got 2 numbers", "three floats"),
        (gameplay(position=[]), "$.position", "got 0 numbers", "three floats"),
        (gameplay(position={"x": 1}), "$.position", "expected an array of three numbers, got map of 1", "three floats"),
        (gameplay(position="(1, 2, 3)"), "$.position", "expected an array of three numbers", "three floats"),
        (gameplay(position=[1, True, 3]), "$.position[1]", "expected a number, got bool true", "three floats"),
        (gameplay(position=[1, None, 3]), "$.position[1]", "expected a number, got nil", "three floats"),
        (gameplay(position=[1, 2, NAN]), "$.position[2]", "expected a finite number, got NaN", "leave the field out"),
        (gameplay(position=[1, 2, -math.inf]), "$.position[2]", "got -Infinity", "leave the field out"),
        (gameplay(position=Raw(b"\xca\x7f\xc0\x00\x00")), "$.position", "got NaN", "three floats"),
        (gameplay(position=msgpack.ExtType(38, b"x" * 12)), "$.position", "float[] (extension type 38)", "UnityBlit"),
        # positions
        (trajectory(positions=[[1, 2, 3], [4, 5, 6]]), "$.positions[0]", "must be flat", "[x, y, z, x, y, z, …]"),
        (trajectory(positions=[1, 2, 3, [4, 5, 6]]), "$.positions[3]", "must be flat: item 3 is an array", "flat"),
        (trajectory(positions=[{"x": 1}]), "$.positions[0]", "must be flat: item 0 is a map", "flat"),
        (trajectory(positions=[]), "$.positions", "must not be empty", "at least one sample"),
        (trajectory(positions=[1, 2, 3, 4]), "$.positions", "holds 4 numbers, which is not a multiple of 3", "flat"),
        (trajectory(positions=[1, 2, "3"]), "$.positions[2]", 'expected a number, got str "3"', "flat"),
        (trajectory(positions=[1, 2, math.inf]), "$.positions[2]", "got Infinity", "leave the field out"),
        (trajectory(positions="1,2,3"), "$.positions", "expected a flat array of numbers", "flat"),
        (trajectory(positions=b"\0" * 12), "$.positions", "got bin of 12 bytes", "memory of a float array"),
        (trajectory(positions={"x": 1}), "$.positions", "got map of 1", "flat"),
        (
            trajectory(positions=msgpack.ExtType(31, b"x" * 12)),
            "$.positions",
            "Vector3[] (extension type 31)",
            "UnityBlit",
        ),
        (
            trajectory(positions=[0.0] * (MAX_POSITIONS_NUMBERS + 3)),
            "$.positions",
            "holds 30,003 numbers: the limit is 30,000",
            "10,000 samples",
        ),
        # frame rates
        (trajectory(fps=60), "$.fps", "expected a map of frame rates, got int 60", '"mean": 60.0'),
        (trajectory(fps={"mean": -1}), "$.fps.mean", "expected a frame rate ≥ 0, got int -1", "Leave it out"),
        (trajectory(fps={"mean": "60"}), "$.fps.mean", 'expected a number, got str "60"', "Send numbers"),
        (trajectory(fps={"low_1": NAN}), "$.fps.low_1", "got NaN", "leave the field out"),
        (trajectory(fps={"max": NAN}), "$.fps.max", "got NaN", "leave the field out"),
        (trajectory(fps={1: 2}), "$.fps", "map keys must be strings, got int 1", "Key"),
        # anywhere
        (gameplay(custom_data={"a": [{"b": NAN}]}), "$.custom_data.a[0].b", "got NaN", "leave the field out"),
        (gameplay(extra={"deep": [1, [NAN]]}), "$.extra.deep[1][0]", "got NaN", "leave the field out"),
        (gameplay(extra=math.inf), "$.extra", "got Infinity", "leave the field out"),
        (gameplay(custom_data={1: 2}), "$.custom_data", "map keys must be strings, got int 1", "Dictionary<string"),
        (gameplay(custom_data={b"a": 2}), "$.custom_data", "map keys must be strings, got bin", "use_bin_type"),
        (gameplay(custom_data={None: 2}), "$.custom_data", "map keys must be strings, got nil", "string"),
        (Pairs([*gameplay().items(), (5, 1)]), "$", "map keys must be strings, got int 5", "Key"),
        (gameplay(custom_data={"v": msgpack.ExtType(30, b"x")}), "$.custom_data.v", "Vector2[]", "UnityBlit"),
        (gameplay(extra=msgpack.ExtType(100, b"x")), "$.extra", "typeless", "Typeless"),
        (
            gameplay(extra=msgpack.ExtType(7, b"x")),
            "$.extra",
            "got an extension value (type 7, 1 bytes)",
            "plain values",
        ),
        (gameplay(extra=Raw(b"\xd6\xff\0\0\0\0")), "$.extra", "MessagePack timestamp", "ISO 8601 string"),
        (gameplay(extra=levels(16)), "$.extra" + "[0]" * 15, "nested 17 levels deep: the limit is 16", "Flatten"),
        (gameplay(extra="x" * (MAX_TEXT_BYTES + 1)), "$.extra", "65,537 bytes long: the limit is 65,536", "split"),
        (gameplay(extra="é" * (MAX_TEXT_BYTES // 2 + 1)), "$.extra", "65,538 bytes long", "split"),
        (
            gameplay(custom_data={"x" * (MAX_TEXT_BYTES + 1): 1}),
            "$.custom_data",
            "the map key is 65,537 bytes",
            "split",
        ),
        (gameplay(extra=Raw(b"\xa2\xff\xff")), "$.extra", "not UTF-8", "as bin"),
        (gameplay(**{"a b": {"ü": NAN}}), '$["a b"]["ü"]', "got NaN", "leave the field out"),
    ],
)
def test_what_a_bad_event_is_told(event: Any, path: str, message: str, hint: str) -> None:
    told = one_problem(event)
    assert told[0] == path
    assert message in told[1]
    assert any(part in told[2] for part in hint.split("|"))
    assert told[3]
    in_batch = refused(pack([gameplay(), event]))
    assert [problem.path for problem in in_batch.details] == ["$[1]" + path[1:]]
    assert [problem.index for problem in in_batch.details] == [1]


@pytest.mark.parametrize(
    ("item", "message", "hint"),
    [
        (["Player_Jump", APP_ID], 'item 1 is an array, not a map: use string keys ([Key("app_id")])', "[Key(0)]"),
        ([_EVENT], "item 1 is an array, not a map", "flat array of maps"),
        (None, "item 1 is nil, not a map", "as a MessagePack map"),
        ("x", 'item 1 is str "x", not a map', "as a MessagePack map"),
        (msgpack.ExtType(100, b"x"), "expected item 1 to be a map, got MessagePack-CSharp's typeless", "Typeless"),
    ],
)
def test_an_item_that_is_no_map(item: Any, message: str, hint: str) -> None:
    problem = refused(pack([_EVENT, item])).details[0]
    assert problem.index == 1
    assert problem.path == "$[1]"
    assert message in problem.message
    assert hint in problem.hint


def test_int_keyed_events_of_a_batch() -> None:
    refusal = refused(pack([["a", APP_ID], ["b", APP_ID]]))
    assert refusal.details[0].message == 'item 0 is an array, not a map: use string keys ([Key("app_id")])'
    assert refusal.invalid_events == 2


def test_a_replaced_value_must_be_plain_too() -> None:
    body = pack(Pairs([("extra", NAN), *gameplay().items(), ("extra", 1)]))
    assert refused(body).details[0].path == "$.extra"


def test_all_missing_fields_are_told_at_once() -> None:
    refusal = refused(pack({"event_name": "x"}))
    assert [problem.path for problem in refusal.details] == [
        f"$.{name}" for name in ("app_id", "build_id", "player_id", "session_id", "timestamp")
    ]


def test_a_good_body_has_nothing_to_explain() -> None:
    for make in KINDS:
        with pytest.raises(ValueError, match="the body is valid"):
            explain(pack(make()))


def test_a_hostile_event_is_explained_in_bounded_time() -> None:
    size = 1 << 18
    body = pack(gameplay(player_id=5, extra=Raw(b"\xdd" + size.to_bytes(4, "big") + b"\x90" * size)))
    started = time.thread_time()
    refusal = refused(body)
    assert refusal.problems_total == 1
    assert time.thread_time() - started < 10
