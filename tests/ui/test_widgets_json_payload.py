"""JSON bodies as a tree with bytes, and what is said of requests of the player API."""

import json
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from console.messages import RequestDetail
from console.telemetry.layout import Form
from console.ui.widgets.copy_as_curl import as_curl
from console.ui.widgets.copy_as_python import as_python
from console.ui.widgets.hex_layout import Span
from console.ui.widgets.inspection import Inspection, inspect_request
from console.ui.widgets.json_layout import NotJson, first_value, items, locate, members
from console.ui.widgets.json_payload import JsonPayload
from console.ui.widgets.payload import Look, Node
from tests.ui.fakes import make_request

BATCH = (
    b'{"events": [{"player_id": "u1", "event_name": "item_collect", "properties": {"at": [1, 2.50, -3]}},\n'
    b' {"player_id": "u1"},\n {"player_id": "u2", "event_name": "enemy_defeat"}]}'
)
ANSWER = {
    "success": True,
    "data": {
        "accepted": 2,
        "rejected": 1,
        "results": [
            {"index": 0, "event_id": "E0"},
            {"index": 1, "error": {"code": "VALIDATION_ERROR", "message": "$.events[1].event_name: is missing"}},
            {"index": 2, "event_id": "E2"},
        ],
    },
}

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=8), inner, max_size=6),
    max_leaves=20,
)


def detail(body: bytes, answer: Any = None, *, message: str = "", **row: Any) -> RequestDetail:
    fields = {"route": "/v1/events/events/batch", "status": 200, "bytes": len(body)} | row
    return RequestDetail(
        row=make_request(**fields),
        headers=[("Host", "localhost:18000"), ("Content-Type", "application/json"), ("X-API-Key", "pk_live_…stuv")],
        body=body,
        body_truncated=False,
        wire_bytes=len(body),
        response=json.dumps(answer).encode(),
        first_seq=1,
        error_message=message,
        details=[],
    )


def lines(node: Node, depth: int = 0) -> list[str]:
    result = []
    for child in node.children:
        result.append(f"{'  ' * depth}{child.key}={child.text}")
        result += lines(child, depth + 1)
    return result


def every(node: Node) -> list[Node]:
    return [found for child in node.children for found in (child, *every(child))]


def test_a_tree_of_a_batch() -> None:
    assert lines(JsonPayload(BATCH).tree()) == [
        "events=3 items",
        "  [0]=item_collect",
        '    player_id="u1"',
        '    event_name="item_collect"',
        "    properties=1 field",
        "      at=1, 2.50, -3",
        "        [0]=1",
        "        [1]=2.50",
        "        [2]=-3",
        "  [1]=1 field",
        '    player_id="u1"',
        "  [2]=enemy_defeat",
        '    player_id="u2"',
        '    event_name="enemy_defeat"',
    ]


def test_a_tree_of_one_event_of_a_batch() -> None:
    payload = JsonPayload(BATCH)
    assert payload.is_batch
    root = payload.tree(2)
    assert lines(root) == ['player_id="u2"', 'event_name="enemy_defeat"']
    assert [child.path for child in root.children] == ["$.events[2].player_id", "$.events[2].event_name"]
    assert json.loads(BATCH[root.span.start : root.span.end]) == {"player_id": "u2", "event_name": "enemy_defeat"}


def test_words_and_empty_things() -> None:
    payload = JsonPayload(b' {"a": null, "b": true, "c": {}, "d": [], "a b": "\\u202e"} ')
    assert lines(payload.tree()) == ["a=null", "b=true", "c={}", "d=[]", 'a b="\\u202e"']
    assert not payload.is_batch
    assert payload.tree().children[4].path == '$["a b"]'


def test_long_arrays_come_in_runs() -> None:
    root = JsonPayload(json.dumps({"x": list(range(2_500))}).encode()).tree()
    runs = root.children[0].children
    assert [run.key for run in runs] == ["0 … 999", "1,000 … 1,999", "2,000 … 2,499"]
    assert (runs[2].children[-1].key, runs[2].children[-1].text) == ("[2499]", "2499")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"a": 1, "b":', ["a=1", "=a value is missing: the body ends here"]),
        (b'{"a": 1}}', ["a=1", "=there is something behind the value"]),
        (b'{"a" 1}', ["=a colon is missing behind the key"]),
        (b"{a: 1}", ["=a key in double quotes is missing"]),
        (b'{"a": 1 "b": 2}', ["a=1", "=a comma or } is missing"]),
        (b"[1, 2", ["[0]=1", "[1]=2", "=a comma or ] is missing"]),
        (b"[1}", ["[0]=1", "=a comma or ] is missing"]),
        (b'{"a": NaN}', ["=this is no JSON value"]),
        (b'{"a": "x', ["=a string does not end, or has a control character in it"]),
        (
            b'{"a": [1, {"b": 2, "c": ',
            ["a=2 items", "  [0]=1", "  [1]=1 field", "    b=2", "    =a value is missing: the body ends here"],
        ),
        (b"nonsense", ["=this is no JSON value"]),
        (b"  ", ["=a value is missing: the body ends here"]),
        (b"\xff\xfe", ["=this is no JSON value"]),
    ],
)
def test_broken_bodies_are_read_as_far_as_they_go(body: bytes, said: list[str]) -> None:
    root = JsonPayload(body).tree()
    assert lines(root) == said
    bad = every(root)[-1]
    assert bad.look is Look.BAD
    assert 0 <= bad.span.start <= bad.span.end <= len(body)


def test_an_empty_body_says_so() -> None:
    assert JsonPayload(b"").tree().text == "empty body"


@given(json_values, st.booleans())
@settings(max_examples=40)
def test_every_line_s_bytes_are_its_value(value: Any, indented: bool) -> None:
    body = json.dumps(value, indent=1 if indented else None, ensure_ascii=indented).encode("utf-8", "replace")
    value = json.loads(body)
    payload = JsonPayload(body)
    whole = first_value(body)
    assert json.loads(body[whole.start : whole.end]) == value
    for node in every(payload.tree()):
        assert node.look is not Look.BAD
        found = locate(body, node.path)
        if found is not None and found.end == node.span.end:
            start = found.start if node.key.startswith("[") else node.span.start
            assert node.span.start <= start < found.end


@given(json_values)
def test_walking_finds_what_a_decoder_finds(value: Any) -> None:
    body = json.dumps(value).encode()

    def walked(start: int) -> Any:
        if body[start] == 0x7B:
            return {member.key: walked(member.value.start) for member in members(body, start)}
        if body[start] == 0x5B:
            return [walked(item.start) for item in items(body, start)]
        end = first_value(body[start:].split(b"\n")[0]).end if start == 0 else None
        return json.JSONDecoder().raw_decode(body.decode(), start)[0] if end is None else json.loads(body)

    assert walked(first_value(body).start) == json.loads(body)


@given(st.binary(max_size=80) | st.text(alphabet='[]{}",:1a\\ ', max_size=40).map(str.encode))
@settings(max_examples=80)
def test_any_bytes_can_be_shown(body: bytes) -> None:
    payload = JsonPayload(body)
    for index in (None, 0):
        for node in every(payload.tree(index)):
            assert 0 <= node.span.start <= node.span.end <= len(body)
    locate(body, "$.a[0].events")


def test_very_deep_nesting_is_opened_level_by_level() -> None:
    node = JsonPayload(b"[" * 100_000).tree()
    for _ in range(5):
        node = node.children[0]
    assert node.form is Form.ARRAY


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", BATCH),
        ("$.events[2].event_name", b'"enemy_defeat"'),
        ("$.events[0].properties.at[1]", b"2.50"),
        ("$.events[1].event_name", b'{"player_id": "u1"}'),  # what is missing is shown by what lacks it
        ("$.events[9]", BATCH[11:-1]),
    ],
)
def test_paths_lead_to_bytes(path: str, found: bytes) -> None:
    span = locate(BATCH, path)
    assert span is not None
    assert BATCH[span.start : span.end] == found


def test_paths_that_lead_nowhere() -> None:
    assert locate(b"5", "$.a") == Span(0, 1)
    assert locate(b"", "$.a") is None
    assert locate(b'{"a b": [1]}', '$["a b"][0]') == Span(9, 10)
    assert locate(b"{}", "Idempotency-Key") is None
    with pytest.raises(NotJson):
        first_value(b"[")


# requests


def test_a_batch_that_was_taken_in_part_says_what_was_not() -> None:
    shown = inspect_request(detail(BATCH, ANSWER, events=2), None)
    assert shown.headline == "2 of 3 events recorded"
    (problem,) = shown.problems
    assert (problem.where, problem.path, problem.message) == ("Event 1", "event_name", "is missing")
    assert problem.span is not None
    assert BATCH[problem.span.start : problem.span.end] == b'{"player_id": "u1"}'
    assert shown.marks == [problem.span]


@pytest.mark.parametrize(("index", "name"), [(0, "item_collect"), (1, "enemy_defeat")])
def test_a_recorded_event_leads_to_its_item(index: int, name: str) -> None:
    shown = inspect_request(detail(BATCH, ANSWER, events=2), index)
    assert json.loads(shown.json)["event_name"] == name
    assert json.loads(BATCH[shown.focus.start : shown.focus.end])["event_name"] == name


def test_repeated_events_were_not_recorded_again() -> None:
    answer = {"data": {"results": [{"index": 0, "event_id": "E0", "duplicate": True}, {"index": 1, "event_id": "E1"}]}}
    assert inspect_request(detail(BATCH, answer, events=1), 0).index == 1


def test_a_refused_request_leads_to_the_value() -> None:
    body = b'{"player_id": "u1", "event_name": "x", "properties": {"a": {"b": {"c": {"d": 1}}}}}'
    message = "$.properties.a.b.c: is nested deeper than 3 levels"
    shown = inspect_request(detail(body, status=400, message=message), None)
    assert shown.headline == "Refused — nothing was changed"
    (problem,) = shown.problems
    assert problem.sentence == "properties.a.b.c: is nested deeper than 3 levels"
    assert problem.span is not None
    assert body[problem.span.start : problem.span.end] == b'{"d": 1}'


def test_broken_json_leads_to_the_byte() -> None:
    message = "$: the body is not JSON: invalid character at byte 5 (line 1, column 6)"
    shown = inspect_request(detail(b'{"a":x}', status=400, message=message), None)
    assert shown.problems[0].span == Span(5, 6)
    assert shown.json == ""
    assert "not JSON" in shown.json_note


@pytest.mark.parametrize(
    ("status", "events", "said"),
    [
        (201, 1, "1 event recorded"),
        (200, 0, "Answered — nothing was changed"),
        (401, 0, "Refused — nothing was changed; resend with the right key"),
        (429, 0, "Refused — nothing was changed; resend after a pause"),
    ],
)
def test_what_became_of_a_request(status: int, events: int, said: str) -> None:
    shown = inspect_request(detail(b"{}", {"success": True}, status=status, events=events), None)
    assert shown.headline == said


@pytest.mark.parametrize(
    "response", [b"", b"null", b"[]", b'{"data": []}', b'{"data": {"results": [1, {"error": 2}]}}', b"\xff"]
)
def test_odd_answers_are_taken_as_they_are(response: bytes) -> None:
    shown: Inspection = inspect_request(replace(detail(BATCH), response=response), 0)
    assert shown.problems == []
    assert shown.index == 0


def test_a_request_without_a_body() -> None:
    shown = inspect_request(detail(b"", {"success": True}, method="GET", route="/v1/players/players/x"), None)
    assert (shown.json, shown.json_note) == ("", "The request has no body.")


# copies


def test_curl_has_the_json_as_text(tmp_path: Any) -> None:
    body = b'{"event_name": "it\'s $HOME `x` \\u0041 \xc3\x9f",\n "n": 1.50}'
    command = as_curl(detail(body, method="POST", route="/v1/events/events?x=1"), "http://localhost:18000")
    fake = tmp_path / "curl"
    fake.write_text('#!/bin/sh\nfor word; do printf "%s\\0" "$word"; done\n')
    fake.chmod(0o755)
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, env={"PATH": str(tmp_path)}, check=True)
    words = done.stdout.split(b"\0")
    assert words[-2] == body
    assert b"http://localhost:18000/v1/events/events?x=1" in words
    assert b"X-API-Key: YOUR_KEY" in words


@pytest.mark.parametrize("body", [b'{"a": "\xe2\x80\xae"}', b"{broken", b"\xff", b"5"])
def test_what_is_no_plain_text_travels_as_base64(body: bytes) -> None:
    assert "base64 -d" in as_curl(detail(body), "http://localhost:18000")


def test_python_sends_the_same_value() -> None:
    script = as_python(detail(BATCH, method="POST"), "http://localhost:18000")
    assert "msgpack" not in script
    payload: dict[str, Any] = {}
    exec(script[: script.index("answer =")].replace("import requests\n", ""), payload)
    assert payload["payload"] == json.loads(BATCH)
