"""Recorded requests as HTTP archives."""

import base64
import json
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from console.har import har_entry, har_head, har_tail
from console.har_export import newest_requests, save_har
from console.messages import ErrorDetail, RequestDetail, RequestRow

KEY = "pk_live_4f9a8b7c6d5e4f3a2b1c"
ROW = RequestRow(
    7, 1_770_000_000_123_456, "POST", "/api/events", 200, 1, 10, 3_400, "app", "PC build", "10.0.0.4", "Unity", "", ""
)
DETAIL = RequestDetail(
    row=ROW,
    headers=[
        ("Host", "playtest.local:4000"),
        ("Content-Type", "application/msgpack"),
        ("X-Public-Token", "pk_live_…1c"),
    ],
    body=msgpack.packb({"event_name": "Jump", "position": [1.0, 2.0, 3.0]}),
    body_truncated=False,
    wire_bytes=44,
    response=b'{"status":"queued"}',
    first_seq=1,
    error_message="",
    details=[],
)


def entry(detail: RequestDetail) -> Any:
    return json.loads(har_entry(detail))


def test_an_accepted_request() -> None:
    made = entry(DETAIL)
    assert made["startedDateTime"] == "2026-02-02T02:40:00.123+00:00"
    assert made["time"] == made["timings"]["wait"] == 3.4
    request = made["request"]
    assert (request["method"], request["url"]) == ("POST", "http://playtest.local:4000/api/events")
    assert {"name": "X-Public-Token", "value": "pk_live_…1c"} in request["headers"]
    assert request["bodySize"] == 44
    assert request["postData"]["mimeType"] == "application/msgpack"
    assert json.loads(request["postData"]["text"]) == {"event_name": "Jump", "position": [1.0, 2.0, 3.0]}
    assert base64.b64decode(request["postData"]["_base64"]) == DETAIL.body
    assert made["response"]["status"] == 200
    assert made["response"]["content"]["text"] == '{"status":"queued"}'
    assert "comment" not in made


def test_every_field_that_the_format_asks_for_is_there() -> None:
    made = entry(DETAIL)
    assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= set(made)
    request = {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"}
    assert request <= set(made["request"])
    response = {"status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL"}
    assert response | {"headersSize", "bodySize"} <= set(made["response"])
    assert {"size", "mimeType"} <= set(made["response"]["content"])
    assert {"send", "wait", "receive"} <= set(made["timings"])


def test_a_rejected_request_says_why() -> None:
    row = replace(ROW, status=400, error="invalid_event", first_error="$.position: is missing")
    made = entry(
        replace(DETAIL, row=row, error_message="One event is wrong.", details=[ErrorDetail(message="is missing")])
    )
    assert made["comment"] == "invalid_event: One event is wrong."
    assert made["response"]["statusText"] == "Bad Request"
    assert made["_details"] == [{"message": "is missing"}]


def test_a_player_api_request_keeps_its_query_and_its_text() -> None:
    row = replace(ROW, route="/v1/players/players/x/purchase?amount=4.99&note=a%20b")
    made = entry(replace(DETAIL, row=row, body=b'{"name": "\xc3\x9cber"}'))["request"]
    assert made["queryString"] == [{"name": "amount", "value": "4.99"}, {"name": "note", "value": "a b"}]
    assert made["postData"]["text"] == '{"name": "Über"}'
    assert "_base64" not in made["postData"]


def test_keys_are_hidden_wherever_they_stand() -> None:
    row = replace(ROW, status=401, error="invalid_token", first_error=KEY, route=f"/v1/x?key={KEY}", client=KEY)
    detail = replace(
        DETAIL, row=row, headers=[("X-Odd", KEY)], body=msgpack.packb({"key": KEY}), response=KEY.encode(),
        error_message=KEY, details=[ErrorDetail(message=KEY)],
    )  # fmt: skip
    made = har_entry(detail)
    assert KEY.encode() not in made
    bytes_shown = base64.b64decode(json.loads(made)["request"]["postData"]["_base64"])
    assert msgpack.unpackb(bytes_shown) == {"key": "pk_live_" + "*" * 20}
    assert KEY.encode() not in base64.b64decode(
        entry(replace(detail, response=b"\xff" + KEY.encode()))["response"]["content"]["text"]
    )


@pytest.mark.parametrize("before", ["x", "_", "\n", "é"])
@pytest.mark.parametrize("behind", ["", "!", "!" * 20, "!" * 40])
def test_keys_are_hidden_in_the_middle_of_a_text_too(before: str, behind: str) -> None:
    # The length of a text stands before it in MessagePack, and may be the code of a letter or a digit.
    body = msgpack.packb({"token": KEY + behind, "more": before + KEY})
    made = har_entry(replace(DETAIL, body=body, headers=[("X-Odd", before + KEY)]))
    assert KEY.encode() not in made
    assert KEY.encode() not in base64.b64decode(json.loads(made)["request"]["postData"]["_base64"])


def test_what_was_no_http_and_what_was_cut() -> None:
    row = replace(ROW, method="", route="", took_us=None, bytes=2_000_000)
    made = entry(replace(DETAIL, row=row, headers=[("Host", "evil\r\nx")], body=b"\xc1\x00", body_truncated=True))
    assert (made["request"]["method"], made["request"]["url"]) == ("(malformed)", "http://localhost/")
    assert "Only the first 2 of 2,000,000 bytes were kept" in made["request"]["postData"]["comment"]
    assert made["time"] == 0


@given(st.binary(max_size=200), st.binary(max_size=50), st.text(max_size=20))
def test_any_bytes_make_an_entry(body: bytes, response: bytes, text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    made = entry(replace(DETAIL, body=body, response=response, headers=[("Host", text), (text, text)]))
    assert (made["request"]["bodySize"], made["response"]["content"]["size"]) == (44, len(response))


class Recorded:
    """A client of a server with these requests; `page` at a time."""

    def __init__(self, details: list[RequestDetail], page: int = 2) -> None:
        self._details = {detail.row.request_id: detail for detail in details}
        self._page = page

    async def request_details(self, ids: list[int]) -> Any:
        for start in range(0, len(ids), self._page):
            part = ids[start : start + self._page]
            yield start + len(part), [self._details[each] for each in part if each in self._details]

    async def requests(self, *, before_id: int | None, limit: int, rejected_only: bool) -> list[RequestRow]:
        rows = [
            detail.row for detail in self._details.values() if before_id is None or detail.row.request_id < before_id
        ]
        return [row for row in rows if row.status >= 400 or not rejected_only][-self._page :]


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def recorded(count: int) -> Recorded:
    return Recorded([replace(DETAIL, row=replace(ROW, request_id=i + 1)) for i in range(count)])


async def test_a_file_of_many_requests(tmp_path: Path) -> None:
    file, seen = tmp_path / "out.har", []
    file.write_text("older")
    saved = await save_har(recorded(5), [1, 2, 3, 9, 5], file, lambda done, total: seen.append((done, total)))  # type: ignore[arg-type]
    archive = json.loads(file.read_bytes())["log"]
    assert [each["_requestId"] for each in archive["entries"]] == [1, 2, 3, 5]
    assert (archive["version"], archive["creator"]["name"]) == ("1.2", "Playtest Console")
    assert (saved.requests, saved.gone, saved.bytes) == (4, 1, file.stat().st_size)
    assert seen == [(0, 5), (2, 5), (4, 5), (5, 5)]
    assert _files(tmp_path) == [file]


async def test_an_archive_of_nothing_is_one(tmp_path: Path) -> None:
    await save_har(recorded(0), [], tmp_path / "out.har")  # type: ignore[arg-type]
    assert json.loads((tmp_path / "out.har").read_bytes())["log"]["entries"] == []
    assert json.loads(har_head() + har_tail())


async def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail(done: int, _total: int) -> None:
        if done:
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        await save_har(recorded(5), [1, 2, 3], tmp_path / "out.har", fail)  # type: ignore[arg-type]
    assert _files(tmp_path) == []


async def test_the_newest_requests_are_gathered_page_by_page() -> None:
    async def ids(**narrowed: Any) -> list[int]:
        return [row.request_id for row in await newest_requests(recorded(7), **narrowed)]  # type: ignore[arg-type]

    assert await ids() == [1, 2, 3, 4, 5, 6, 7]
    assert await ids(limit=3) == [5, 6, 7]
    assert await ids(app_id="another") == []
    assert await ids(rejected_only=True) == []
