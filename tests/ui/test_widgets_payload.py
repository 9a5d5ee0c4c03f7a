"""A body as a lazily built tree, as JSON and as code."""

import json
import math
import shlex
import struct
from typing import Any

import msgpack
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.messages import ErrorDetail, RequestDetail
from console.ui.widgets import inspection as i
from console.ui.widgets.copy_as_curl import as_curl
from console.ui.widgets.copy_as_parts import sent_headers
from console.ui.widgets.copy_as_python import as_python
from console.ui.widgets.hex_layout import HexLayout, Span, ascii_text, copied_hex, hex_text
from console.ui.widgets.json_text import json_string, pretty
from console.ui.widgets.payload import Look, Node, Payload
from tests.ui.fakes import make_request

EVENT = {
    "event_name": "Player_Death",
    "position": [12.4, -31.75, 4.02],
    "custom_data": {"weapon": "Sword", "ammo": 10, "alive": False, "none": None},
    "timestamp": "2026-02-13T16:26:39.941Z",
}


def detail(body: bytes = b"", *, details: list[ErrorDetail] | None = None, **row: Any) -> RequestDetail:
    return RequestDetail(
        row=make_request(bytes=len(body), **row),
        headers=[("Host", "127.0.0.1:4000"), ("x-public-token", "pk_live_…stuv"), ("X-Evil", "a'b\u202ec")],
        body=body,
        body_truncated=False,
        wire_bytes=len(body),
        response=b'{"status":"queued"}',
        first_seq=1,
        error_message="",
        details=details or [],
    )


def lines(node: Node, depth: int = 0) -> list[str]:
    result = []
    for child in node.children:
        result.append(f"{'  ' * depth}{child.key}={child.text}")
        result += lines(child, depth + 1)
    return result


# the tree


def test_a_tree_of_one_event() -> None:
    root = Payload(msgpack.packb(EVENT), units={"position": "game units"}).tree()
    assert lines(root) == [
        'event_name="Player_Death"',
        "position=12.4, -31.75, 4.02",
        "  x=12.4",
        "  y=-31.75",
        "  z=4.02",
        "custom_data=4 fields",
        '  weapon="Sword"',
        "  ammo=10",
        "  alive=false",
        "  none=nil",
        'timestamp="2026-02-13T16:26:39.941Z"',
    ]
    position = root.children[1]
    assert (position.path, position.note, position.label) == ("$.position", "game units", "array of 3")
    assert [child.look for child in root.children[2].children] == [Look.STRING, Look.NUMBER, Look.WORD, Look.WORD]


def test_every_line_knows_its_bytes() -> None:
    body = msgpack.packb(EVENT)
    root = Payload(body).tree()
    for child in root.children:
        assert msgpack.packb(child.key) in body[child.span.start : child.span.end]
    ammo = root.children[2].children[1]
    assert body[ammo.span.start : ammo.span.end] == msgpack.packb("ammo") + msgpack.packb(10)
    assert root.at(ammo.span.start + 1) is ammo
    assert root.at(0) is root


def test_a_batch_names_its_events_and_shows_one() -> None:
    batch = [EVENT, {"funnel_step_name": "Start"}, {"app_id": "a", "positions": [1.0] * 6}, {"other": 1}]
    payload = Payload(msgpack.packb(batch))
    assert payload.is_batch
    assert payload.announced == 4
    assert [child.text for child in payload.tree().children] == [
        "Player_Death",
        "Start",
        "2 samples, 6 numbers",
        "1 field",
    ]
    one = payload.tree(1)
    assert one.children[0].path == "$[1].funnel_step_name"
    assert payload.tree(99).path == "$"


def test_positions_are_listed_as_samples_and_long_ones_in_runs() -> None:
    numbers = [float(n) for n in range(7_500)]
    body = msgpack.packb({"positions": numbers})
    positions = Payload(body).tree().children[0]
    assert positions.text == "2,500 samples, 7,500 numbers"
    runs = positions.children
    assert [run.key for run in runs] == ["0 … 999", "1,000 … 1,999", "2,000 … 2,499"]
    sample = runs[1].children[5]
    assert (sample.key, sample.text, sample.path) == ("[1005]", "3015.0, 3016.0, 3017.0", "$.positions[3015]")
    assert Payload(body).tree().at(sample.span.start + 3).key == "[1005]"


def test_a_sample_with_something_else_in_it_is_opened() -> None:
    positions = Payload(msgpack.packb({"positions": [1.0, "x", 2.0]})).tree().children[0]
    (sample,) = positions.children
    assert sample.look is Look.BAD
    assert [child.text for child in sample.children] == ["1.0", '"x"', "2.0"]


def test_numbers_are_shown_as_sent() -> None:
    body = b"\x93" + b"\xca" + struct.pack(">f", 0.1) + msgpack.packb(0.1) + b"\xcb" + struct.pack(">d", math.nan)
    children = Payload(body).tree().children
    assert [child.text for child in children] == ["0.1", "0.1", "nan"]
    assert [child.label for child in children] == ["float32", "float64", "float64"]
    assert children[2].look is Look.BAD


def test_hostile_text_is_inert_and_bounded() -> None:
    root = Payload(msgpack.packb({"a\u202e\n": "x\u202ey\x00", "long": "z" * 100_000, "bin": b"\x00\xff"})).tree()
    evil, long, binary = root.children
    assert evil.key == "a⟨U+202E⟩␊"
    assert evil.text == '"x\\u202ey\\u0000"'
    assert long.text.endswith(" … 100,000 characters")
    assert len(long.text) < 1_000
    assert binary.text == "bin, 2 bytes: AP8="


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty body"),
        (b"\xc1", "0xc1"),
        (b"\x82\xa1a\x01", "ends here"),
        (b"\x93\x01\x02", "ends here"),
        (b"\x81\xa1a\xd9\xffabc", "runs past"),
        (b"\x81\xa1a\xa2\xff\xfe", "not UTF-8"),
        (b"\x81\xa1a\xd6\x63\x00\x00\x00\x00", "ext type 99"),
    ],
)
def test_what_cannot_be_read_says_so(body: bytes, said: str) -> None:
    root = Payload(body).tree()
    assert said in "\n".join([root.text, *lines(root)])


def test_very_long_arrays_are_listed_in_part() -> None:
    body = b"\xdd" + (200_000).to_bytes(4, "big") + b"\xc0" * 200_000
    children = Payload(body).tree().children
    assert children[-1].text == "150,000 more"
    assert len(children) == 51
    entries = b"\xdf" + (6_000).to_bytes(4, "big") + b"\xa1a\xc0" * 6_000
    assert Payload(entries).tree().children[-1].text == "1,000 more"


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_make_a_tree(body: bytes) -> None:
    payload = Payload(body)
    root = payload.tree()
    lines(root)
    for offset in range(len(body)):
        root.at(offset)
    i.payload_json(payload, None)


def test_notes_stand_under_their_value() -> None:
    body = msgpack.packb({"a": 1, "b": 2})
    root = Payload(body, notes={0: ["about all"], 3: ["about a"]}).tree()
    assert [(child.text, child.look) for child in root.children] == [
        ("about all", Look.WARNING),
        ("1", Look.NUMBER),
        ("about a", Look.WARNING),
        ("2", Look.NUMBER),
    ]


# JSON


def test_json_is_indented_and_exact() -> None:
    value = EVENT | {"positions": [float(n) for n in range(9)], "empty": {}, "none": []}
    text, cut = pretty(value)
    assert json.loads(text) == value
    assert not cut
    assert '"position": [12.4, -31.75, 4.02]' in text
    assert "    0.0, 1.0, 2.0,\n" in text


def test_json_is_bounded() -> None:
    text, cut = pretty(["x" * 100] * 10_000, 1_000)
    assert cut
    assert len(text) == 1_000


def test_json_hides_nothing() -> None:
    assert json_string("a\u202eb\u2028c\U000e0041\n") == '"a\\u202eb\\u2028c\\udb40\\udc41\\n"'
    text, _ = pretty({"n": math.nan, "i": -math.inf, "b": b"\x00", "e": msgspec.msgpack.Ext(5, b"x"), "m": [1, {}]})
    assert '"n": NaN' in text
    assert '"i": -Infinity' in text
    assert '"b": "AA=="' in text


def test_the_json_of_a_long_batch_says_what_is_left_out() -> None:
    payload = Payload(msgpack.packb([EVENT] * 5_000))
    text, note = i.payload_json(payload, None)
    assert len(text) < 130_000
    assert "Only the first" in note
    assert i.payload_json(payload, 3)[1] == ""
    assert i.payload_json(Payload(b""), None)[1] == "The request has no body."
    assert "not MessagePack" in i.payload_json(Payload(b"\xc1"), None)[1]


# what is said about a request


def test_a_rejected_batch() -> None:
    body = msgpack.packb([EVENT] * 37)
    problems = [
        ErrorDetail(index=3, path="$[3].position[1]", message='got str "x"', hint="Send floats.", start=40, end=42),
        ErrorDetail(index=9, path="$[9].timestamp", message="no time"),
        ErrorDetail(path="$", message="trailing\u202e bytes"),
    ]
    shown = i.inspect_request(detail(body, details=problems, status=400, events=0), None)
    assert shown.problems
    assert shown.headline == "0 of 37 events stored — safe to resend"
    assert [problem.sentence for problem in shown.problems] == [
        'Item 3, position[1]: got str "x"',
        "Item 9, timestamp: no time",
        "trailing⟨U+202E⟩ bytes",
    ]
    assert shown.marks == [Span(40, 42)]


@pytest.mark.parametrize(
    ("status", "route", "says"),
    [
        (429, "/api/events", "Nothing stored — resend after a pause"),
        (403, "/api/events/", "Nothing stored — resend with the right key"),
        (415, "/api/realtime", "Nothing stored — safe to resend"),
        (501, "/api/sql/select", "Refused — nothing was changed"),
    ],
)
def test_what_became_of_a_request(status: int, route: str, says: str) -> None:
    shown = i.inspect_request(detail(status=status, route=route, first_error="why"), None)
    assert shown.headline == says
    assert shown.problems[0].message == "why"


def test_an_accepted_event_of_a_batch() -> None:
    body = msgpack.packb([EVENT, EVENT | {"app_id": "a"}])
    shown = i.inspect_request(detail(body), 1)
    assert (shown.headline, shown.problems, shown.index) == ("37 events stored", [], 1)
    assert shown.focus == shown.payload.events[1]
    assert i.summary_lines(shown.detail)[0].startswith("POST /api/events · 200 · 37 events · ")
    cut = i.inspect_request(msgspec.structs.replace(detail(body), body_truncated=True), None)
    assert "too large to keep whole" in cut.json_note


def test_an_answer_is_indented_when_it_is_json() -> None:
    assert i.response_text(b'{"a":1}') == '{\n  "a": 1\n}'
    assert i.response_text(b"<html>\xff") == "<html>\ufffd"


# code


def test_curl_sends_the_same_bytes_without_the_key() -> None:
    command = as_curl(detail(msgpack.packb(EVENT)), "http://127.0.0.1:4000")
    words = shlex.split(command.replace("\\\n", " "))
    assert "x-public-token: YOUR_PUBLIC_KEY" in words
    assert "http://127.0.0.1:4000/api/events" in words
    assert "X-Evil: a'bc" in words
    assert "Host" not in command
    assert as_curl(detail(), "http://x").startswith("curl -sS -X POST")


def test_python_compiles_with_the_payload_or_with_the_bytes() -> None:
    body = msgpack.packb(EVENT)
    script = as_python(detail(body), "http://127.0.0.1:4000")
    compile(script, "script", "exec")
    assert "'event_name': 'Player_Death'" in script
    raw = as_python(detail(b"\xc1" * 300), "http://x")
    compile(raw, "script", "exec")
    assert "base64.b64decode" in raw
    compile(as_python(detail(), "http://x"), "script", "exec")
    assert ("X-Evil", "a'bc") in sent_headers(detail())


# the hex dump's layout


def test_bytes_have_their_places() -> None:
    layout = HexLayout(size=100, per_row=16)
    assert (layout.rows, layout.offset_chars, layout.hex_column, layout.text_column) == (7, 6, 8, 57)
    assert layout.byte_at(0, layout.hex_column) == 0
    assert layout.byte_at(1, layout.hex_column + 3 * 5 + 1) == 21
    assert layout.byte_at(2, layout.text_column + 4) == 36
    assert layout.byte_at(99, 200) == 99
    assert layout.byte_at(-1, -5) == 0
    assert HexLayout(0, 16).byte_at(0, 0) is None
    assert layout.spans_of_row(1, Span(20, 40)) == (4, 15)
    assert layout.spans_of_row(0, Span(20, 40)) is None


def test_bytes_as_text() -> None:
    assert hex_text(b"\x27;X") == "27 3b 58"
    assert ascii_text(b"a\x00\xff~") == "a··~"
    assert copied_hex(bytes(range(20)), Span(2, 20)).splitlines()[1] == "12 13"
    assert len(copied_hex(bytes(2_000_000), Span(0, 2_000_000))) < 3.2 * 1024 * 1024
