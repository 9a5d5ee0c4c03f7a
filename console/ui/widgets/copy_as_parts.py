"""What every way to copy a request as code needs: its headers without keys, and its payload as plain values. Pure."""

import json
import math
from typing import Any

import msgpack

from console.messages import RequestDetail
from console.ui.widgets.formatting import visible
from console.ui.widgets.player_inspection import is_player_request

# Keys are redacted before a request is kept; whoever sends it again puts theirs in.
KEY_HEADERS = {"x-public-token": "YOUR_PUBLIC_KEY", "x-api-key": "YOUR_KEY", "authorization": "Bearer YOUR_SECRET_KEY"}
_LEFT_OUT = {"host", "content-length", "connection", "accept-encoding", "transfer-encoding", "expect", "accept"}
# The kept body is decompressed.
_OF_COMPRESSION = {"content-encoding"}
MAX_LITERAL_BYTES = 64 * 1024
_MAX_DEPTH = 24


class _NotFaithful(Exception):
    """A value that literals of a program would change."""


def sent_headers(detail: RequestDetail) -> list[tuple[str, str]]:
    """The headers worth sending again, keys as placeholders."""
    headers = []
    for name, value in detail.headers:
        lower = name.lower()
        if lower not in _LEFT_OUT | _OF_COMPRESSION:
            headers.append((_one_line(name), KEY_HEADERS.get(lower, _one_line(value))))
    return headers


def faithful_payload(body: bytes) -> Any:
    """The value of a MessagePack body, if packing it again says the same; None for every other body.

    A repeated key, an extension, a key that is no text, NaN: each may be what the request is looked at for, and would
    be lost on the way through a program's literals. So is the body of a broken or a very large request sent as bytes.
    """
    if not body or len(body) > MAX_LITERAL_BYTES:
        return None
    try:
        value = msgpack.unpackb(body, strict_map_key=False, object_pairs_hook=_pairs, ext_hook=_extension)
        _check(value, 0)
    except (ValueError, TypeError, OverflowError, RecursionError, msgpack.UnpackException, _NotFaithful):
        return None
    return value if isinstance(value, dict | list) else None


def json_text(detail: RequestDetail) -> str | None:
    """A JSON body as text, if it can be written into a command as it is."""
    if not is_player_request(detail.row.route) or not detail.body:
        return None
    try:
        text = detail.body.decode()
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    plain = text.replace("\n", "").replace("\t", "")
    return text if visible(plain, len(plain) + 1) == plain and isinstance(value, dict | list) else None


def quoted(text: str) -> str:
    """A text in double quotes and plain ASCII, as JSON, JavaScript and C# all read it."""
    return json.dumps(text).replace("\x7f", "\\u007f")


def _pairs(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs) or not all(isinstance(key, str) for key in made):
        raise _NotFaithful
    return made


def _extension(_code: int, _data: bytes) -> Any:
    raise _NotFaithful


def _check(value: Any, depth: int) -> None:
    if depth > _MAX_DEPTH or (isinstance(value, float) and not math.isfinite(value)):
        raise _NotFaithful
    if isinstance(value, msgpack.Timestamp):
        raise _NotFaithful
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            _check(item, depth + 1)


def _one_line(value: str) -> str:
    return "".join(char for char in value if char.isprintable())
