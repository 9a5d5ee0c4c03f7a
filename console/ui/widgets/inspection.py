"""What the inspector says about one request: computed beside the window, shown by it. Pure."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from console.messages import INJECTED, RequestDetail
from console.telemetry.inspect import UNITS, Note, annotate, payload_of
from console.telemetry.schema import RECOGNISERS
from console.ui.widgets.formatting import byte_size, duration, plural, visible
from console.ui.widgets.hex_layout import Span
from console.ui.widgets.json_payload import JsonPayload
from console.ui.widgets.json_text import MAX_CHARS, pretty
from console.ui.widgets.payload import Node, Payload
from console.ui.widgets.player_inspection import (
    is_player_request,
    item_of,
    player_headline,
    player_json,
    player_problems,
)
from console.ui.widgets.problem_lines import ProblemLine, problem_lines

_ANNOTATED_EVENTS = 200
INGEST_ROUTES = frozenset({"/api/events", "/api/player", "/api/funnel", "/api/realtime"})


class Inspection(Struct, frozen=True, gc=False):
    """One request, ready to be shown. `focus` are the bytes of the picked event."""

    detail: RequestDetail
    payload: Payload | JsonPayload
    index: int | None
    root: Node
    focus: Span
    json: str
    json_note: str
    headline: str
    problems: list[ProblemLine]

    @property
    def marks(self) -> list[Span]:
        return [problem.span for problem in self.problems if problem.span is not None]


def inspect_request(detail: RequestDetail, index: int | None, doubts: Sequence[Note] = ()) -> Inspection:
    """Take a request apart. Costs up to a second for the largest bodies: not on the window's thread.

    `doubts` is what does not fit the event's session or level, to be shown beside what the event itself tells.
    """
    if is_player_request(detail.row.route):
        return _inspect_player_request(detail, index)
    notes = notes_of(detail, index)
    for doubt in doubts:
        notes.setdefault(doubt.span.start, []).append(visible(doubt.text, 400))
    payload = Payload(detail.body, notes=notes, units=UNITS)
    picked = index if index is not None and index < len(payload.events) else None
    root = payload.tree(picked)
    text, note = payload_json(payload, picked)
    return Inspection(
        detail=detail,
        payload=payload,
        index=picked,
        root=root,
        focus=payload.events[picked] if picked is not None and payload.is_batch else Span(0, 0),
        json=text,
        json_note=_with_cut(detail, note),
        headline=headline(detail, payload.announced),
        problems=problem_lines(detail),
    )


def _inspect_player_request(detail: RequestDetail, index: int | None) -> Inspection:
    problems = player_problems(detail)
    remarks: dict[int, list[str]] = {}
    for problem in problems:
        if problem.span is not None:
            remarks.setdefault(problem.span.start, []).append(problem.message)
    payload = JsonPayload(detail.body, notes=remarks)
    item = item_of(detail, index) if payload.is_batch else None
    picked = item if item is not None and item < len(payload.events) else None
    text, note = player_json(payload, picked)
    return Inspection(
        detail=detail,
        payload=payload,
        index=picked,
        root=payload.tree(picked),
        focus=payload.events[picked] if picked is not None else Span(0, 0),
        json=text,
        json_note=_with_cut(detail, note),
        headline=player_headline(detail),
        problems=problems,
    )


def _with_cut(detail: RequestDetail, note: str) -> str:
    """A note, and that the body itself was cut."""
    if not detail.body_truncated:
        return note
    return f"{note} The body was too large to keep whole: its first {byte_size(len(detail.body))}.".strip()


def notes_of(detail: RequestDetail, index: int | None) -> dict[int, list[str]]:
    """What was taken but is probably not meant, by the offset of the value.

    Of a whole batch the first events are looked at: the picked one always is.
    """
    indices = range(_ANNOTATED_EVENTS) if index is None else (index,)
    notes: dict[int, list[str]] = {}
    for place in indices:
        for note in annotate(detail.body, place, detail.row.received_at_us):
            notes.setdefault(note.span.start, []).append(note.text)
    return notes


def payload_json(payload: Payload, index: int | None) -> tuple[str, str]:
    """The body or one event of it as JSON, and a note on what is left out."""
    if not payload.body:
        return "", "The request has no body."
    spans = payload.events if index is None else [payload.events[index]]
    if not spans:
        return "", "The body is not MessagePack that can be read: see the bytes."
    parts: list[str] = []
    left = MAX_CHARS
    for span in spans:
        try:
            value = msgspec.msgpack.decode(payload.body[span.start : span.end])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError, ValueError) as error:
            parts.append(f"// cannot be read: {visible(str(error))}")
            continue
        text, cut = pretty(value, left)
        parts.append(text)
        left -= len(text)
        if cut or left <= 0:
            break
    batch = payload.is_batch and index is None
    text = "[\n" + ",\n".join(parts) + "\n]" if batch else parts[0]
    if left > 0 and len(parts) == len(spans):
        return text, ""
    shown = f"the first {byte_size(MAX_CHARS - max(left, 0))} of JSON"
    return text, f"Only {shown}; the tree and the bytes have everything."


def headline(detail: RequestDetail, announced: int) -> str:
    """What became of a request, in one line: the first thing its sender wants to know."""
    row = detail.row
    if row.error == INJECTED:
        return f"Nothing stored — injected on purpose: {visible(row.injected)}"
    if row.status < 400:
        return f"{plural(row.events, 'event')} stored"
    if row.route.rstrip("/") not in INGEST_ROUTES:
        return "Refused — nothing was changed"
    what = f"0 of {plural(announced, 'event')} stored" if announced else "Nothing stored"
    if row.status in (429, 503):
        return f"{what} — resend after a pause"
    if row.status in (401, 403):
        return f"{what} — resend with the right key"
    return f"{what} — safe to resend"


def summary_lines(detail: RequestDetail) -> list[str]:
    """The request in three short lines, as under the tree."""
    row = detail.row
    took = [] if row.took_us is None else [duration(row.took_us)]
    return [
        " · ".join((f"{row.method} {row.route}", str(row.status), plural(row.events, "event"), byte_size(row.bytes))),
        " · ".join(part for part in (row.peer, row.client, *took) if part),
        *([f"key “{row.key_label}”"] if row.key_label else []),
    ]


def event_title(inspection: Inspection) -> str:
    """Which event this is, in a few words: its name, its place, its request."""
    detail, index = inspection.detail, inspection.index or 0
    event = payload_of(detail.body, index)
    named = [event.get(key) for key in RECOGNISERS] if isinstance(event, dict) else []
    name = next((value for value in named if isinstance(value, str) and value), "event")
    return visible(f"{name[:40]} · request {detail.row.request_id}, item {index}")


def response_text(response: bytes) -> str:
    """The exact answer: JSON indented, anything else as it is."""
    try:
        value: Any = msgspec.json.decode(response)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return response[:MAX_CHARS].decode("utf-8", "replace")
    return pretty(value)[0]


def header_lines(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Names and values, inert."""
    return [(visible(name), visible(value, 2_000)) for name, value in headers]
