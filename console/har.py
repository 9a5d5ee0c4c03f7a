"""A recorded request as an entry of an HTTP archive, HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/). Pure.

Browsers' developer tools and HTTP debuggers read these files. What the format has no word for stands in fields that
begin with an underscore, as it asks for.
"""

import base64
import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from console.messages import RequestDetail
from console.version import program_version

MAX_SHOWN_BODY_BYTES: Final = 1024 * 1024
# Not only at a word's beginning: in MessagePack the byte before a text is its length, which may look like a letter.
_KEY: Final = re.compile(rb"([ps]k_(?:live|test)_)([A-Za-z0-9_-]{4,})")
_HOST: Final = re.compile(r"[A-Za-z0-9._-]+(?::\d+)?|\[[0-9A-Fa-f:.]+\](?::\d+)?")


def har_head() -> bytes:
    """The file up to its first entry."""
    log = {"version": "1.2", "creator": {"name": "Playtest Console", "version": program_version()}, "pages": []}
    return b'{"log":' + msgspec.json.encode(log)[:-1] + b',"entries":['


def har_tail() -> bytes:
    """The file after its last entry. Entries stand between the two, with commas."""
    return b"]}}\n"


def har_entry(detail: RequestDetail) -> bytes:
    """One entry, as UTF-8 JSON.

    Keys are hidden wherever they stand. A MessagePack body is shown as JSON, which every viewer can read; its bytes
    are in `_base64`.
    """
    row = detail.row
    took_ms = (row.took_us or 0) / 1000
    entry: dict[str, Any] = {
        "startedDateTime": datetime.fromtimestamp(row.received_at_us / 1e6, UTC).isoformat(timespec="milliseconds"),
        "time": took_ms,
        "request": _request(detail),
        "response": _response(detail),
        "cache": {},
        "timings": {"send": 0, "wait": took_ms, "receive": 0},
        "_requestId": row.request_id,
        "_events": row.events,
        "_clientAddress": row.peer,
    }
    if row.error:
        entry["comment"] = f"{row.error}: {detail.error_message or row.first_error}"
        entry["_details"] = detail.details
    if row.took_us is None:
        entry["timings"]["comment"] = "The server stopped before the time could be written down."
    return _without_keys(msgspec.json.encode(entry))


def _request(detail: RequestDetail) -> dict[str, Any]:
    row = detail.row
    headers = {name.lower(): value for name, value in reversed(detail.headers)}
    host = headers.get("host", "")
    path, _, query = row.route.partition("?")
    request = {
        "method": row.method or "(malformed)",
        "url": f"http://{host if _HOST.fullmatch(host) else 'localhost'}{path or '/'}{'?' if query else ''}{query}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in detail.headers],
        "queryString": [
            {"name": name, "value": value} for name, value in parse_qsl(query, keep_blank_values=True, errors="replace")
        ],
        "headersSize": -1,
        "bodySize": detail.wire_bytes,
    }
    if detail.body:
        request["postData"] = _post_data(detail, headers.get("content-type", ""))
    return request


def _post_data(detail: RequestDetail, mime_type: str) -> dict[str, Any]:
    body = _without_keys(detail.body)
    shown = _as_text(body)
    data: dict[str, Any] = {"mimeType": mime_type or "application/octet-stream", "params": [], "text": shown or ""}
    remarks = []
    if shown is None:
        shown = _as_json(body)
        data["text"] = shown or ""
        data["_base64"] = base64.b64encode(body).decode()
        remarks.append("The bytes are in _base64" + ("; the text shows the MessagePack as JSON." if shown else "."))
    if detail.body_truncated:
        remarks.append(f"Only the first {len(body):,} of {detail.row.bytes:,} bytes were kept.")
    if remarks:
        data["comment"] = " ".join(remarks)
    return data


def _response(detail: RequestDetail) -> dict[str, Any]:
    text = _as_text(detail.response)
    content: dict[str, Any] = {"size": len(detail.response), "mimeType": "application/json", "text": text or ""}
    if text is None:
        content |= {
            "mimeType": "application/octet-stream",
            "text": base64.b64encode(_without_keys(detail.response)).decode(),
            "encoding": "base64",
        }
    return {
        "status": detail.row.status,
        "statusText": _phrase(detail.row.status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [],
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": len(detail.response),
    }


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _as_text(content: bytes) -> str | None:
    """Text that is meant as text: UTF-8 without control characters but those of lines."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if any(char < " " and char not in "\t\r\n" for char in text) else text


def _as_json(body: bytes) -> str | None:
    """MessagePack as JSON text; None when it is none, too large to be read in a viewer, or has no JSON form."""
    if len(body) > MAX_SHOWN_BODY_BYTES:
        return None
    try:
        return msgspec.json.encode(msgspec.msgpack.decode(body), enc_hook=str).decode()
    except (msgspec.MsgspecError, UnicodeError, RecursionError, TypeError, ValueError, OverflowError):
        return None


def _without_keys(content: bytes) -> bytes:
    """The same with each key's secret part as asterisks: as many, so that MessagePack stays MessagePack."""
    return _KEY.sub(lambda match: match[1] + b"*" * len(match[2]), content)
