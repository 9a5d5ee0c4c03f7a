"""What the inspector says about a request of the player API: its body is JSON, its answer an envelope. Pure."""

import re
from typing import Any, Final

import msgspec

from console.messages import RequestDetail
from console.ui.widgets.formatting import byte_size, plural, visible
from console.ui.widgets.hex_layout import Span
from console.ui.widgets.json_layout import locate
from console.ui.widgets.json_payload import JsonPayload
from console.ui.widgets.json_text import MAX_CHARS, pretty
from console.ui.widgets.problem_lines import MESSAGE_CHARS, ProblemLine

_PREFIX: Final = "/v1/"
# `$.events[3].properties["a b"]: what is wrong with it`
_WITH_PATH: Final = re.compile(r'(\$(?:\.[^\W\d]\w*|\[\d+\]|\["(?:[^"\\]|\\.)*"\])*)…?: (.*)', re.DOTALL)
_EVENT: Final = re.compile(r"\$\.events\[(\d+)\]\.?")
_BYTE: Final = re.compile(r"\bat byte (\d+)\b")


def is_player_request(route: str) -> bool:
    """Whether a request went to the player API."""
    return route.startswith(_PREFIX) or route == _PREFIX[:-1]


def item_of(detail: RequestDetail, index: int | None) -> int | None:
    """Which item of a batch's body became the recorded event of an index: refused and repeated ones became none."""
    if index is None:
        return None
    recorded = [
        result.get("index")
        for result in _results(detail)
        if isinstance(result, dict) and "event_id" in result and not result.get("duplicate")
    ]
    found = recorded[index] if index < len(recorded) else index
    return found if isinstance(found, int) else index


def player_headline(detail: RequestDetail) -> str:
    """What became of a request, in one line."""
    row = detail.row
    if row.status < 400:
        results = _results(detail)
        if results:
            return f"{row.events:,} of {plural(len(results), 'event')} recorded"
        return f"{plural(row.events, 'event')} recorded" if row.events else "Answered — nothing was changed"
    what = "Refused — nothing was changed"
    if row.status in (429, 503):
        return f"{what}; resend after a pause"
    return f"{what}; resend with the right key" if row.status in (401, 403) else what


def player_problems(detail: RequestDetail) -> list[ProblemLine]:
    """Why a request was refused; of a batch that was taken in part, what is wrong with each other event."""
    if detail.row.status < 400:
        return [
            _problem(detail, error.get("message", ""), result.get("index"))
            for result in _results(detail)
            if isinstance(result, dict) and isinstance(error := result.get("error"), dict)
        ]
    message = detail.error_message or detail.row.first_error or detail.row.error or "no reason was recorded"
    return [_problem(detail, message)]


def player_json(payload: JsonPayload, index: int | None) -> tuple[str, str]:
    """The body or one event of it as JSON, and a note on what is left out."""
    body = payload.body
    if not body:
        return "", "The request has no body."
    span = payload.events[index] if index is not None else Span(0, len(body))
    try:
        text, cut = pretty(msgspec.json.decode(body[span.start : span.end]))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return "", "The body is not JSON that can be read: see the tree and the bytes."
    return (
        text,
        f"Only the first {byte_size(MAX_CHARS)} of JSON; the tree and the bytes have everything." if cut else "",
    )


def _problem(detail: RequestDetail, message: Any, item: Any = None) -> ProblemLine:
    path, text = "", str(message)
    if (match := _WITH_PATH.fullmatch(text)) is not None:
        path, text = match[1], match[2]
    span = locate(detail.body, path) if path not in ("", "$") else None
    if (byte := _BYTE.search(text)) is not None and int(byte[1]) < len(detail.body):
        span = Span(int(byte[1]), int(byte[1]) + 1)
    if span is None and isinstance(item, int):
        span = locate(detail.body, f"$.events[{item}]")
    in_batch = _EVENT.match(path)
    number = int(in_batch[1]) if in_batch is not None else item if isinstance(item, int) else None
    shown = path[in_batch.end() :] if in_batch is not None else path.removeprefix("$").removeprefix(".")
    return ProblemLine(
        where="" if number is None else f"Event {number}",
        path=visible(shown, MESSAGE_CHARS),
        message=visible(text, MESSAGE_CHARS),
        hint="",
        span=span,
    )


def _results(detail: RequestDetail) -> list[Any]:
    """The lines of a batch's answer; none of any other answer."""
    try:
        answer = msgspec.json.decode(detail.response)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    data = answer.get("data") if isinstance(answer, dict) else None
    results = data.get("results") if isinstance(data, dict) else None
    return results if isinstance(results, list) else []
