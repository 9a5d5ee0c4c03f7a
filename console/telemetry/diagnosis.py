"""Why a body was refused: every bad event, with path, bytes, message and hint.

The slow path. It decides in the order empty, too many events or values, unreadable, bad events, and agrees
with `decoding` and `large_bodies` about what is refused. Time is linear in the body: about a second for each million
values of a hostile one.
"""

import contextlib

from console.telemetry import quirks
from console.telemetry.breaks import cause_of, find_suspect, read_before
from console.telemetry.decoding import decode_events
from console.telemetry.event_diagnosis import MAX_DECODED_BYTES, RefusedEvent
from console.telemetry.events import MAX_BATCH_EVENTS
from console.telemetry.free_values import MAX_COUNTED, Enough, Findings
from console.telemetry.large_bodies import NEVER_EXCESSIVE_BYTES, Excess, excess_of
from console.telemetry.layout import Broken, Form, Head, Path, describe, find_break, head_at, path_text, skip
from console.telemetry.problems import MAX_DETAILS, ErrorCode, InvalidBody, NeedsDiagnosis, Problem

_SHAPE_HINT = "Send one event as a MessagePack map, or several as an array of maps."


def explain(body: bytes) -> InvalidBody:
    """What `decode_events` refused this body for. Runs anywhere; seconds at worst, so off the event loop if large.

    Raises ValueError when nothing is wrong with the body.
    """
    if not body:
        return InvalidBody("empty_payload", "The body is empty.", [Problem(message="no bytes", hint=_SHAPE_HINT)])
    refusal = _too_large(body) or _unreadable(body)
    if refusal is not None:
        return refusal
    head = head_at(body, 0)
    if head.form is Form.MAP:
        return _explain_events(body, 0, 1, single=True)
    if head.form is Form.ARRAY:
        return _explain_array(body, head)
    advice = quirks.wrong_root(body, head)
    return _whole(body, "invalid_event", advice.message, advice.hint)


def _whole(
    body: bytes, error: ErrorCode, message: str, hint: str, start: int = 0, end: int | None = None
) -> InvalidBody:
    """One problem of the body as a whole."""
    problem = Problem(message=message, hint=hint, start=start, end=len(body) if end is None else end)
    return InvalidBody(error, _sentence(message), [problem])


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:] + "."


def _unreadable(body: bytes) -> InvalidBody | None:
    foreign = quirks.foreign_body(body)
    if foreign is not None:
        return _whole(body, "invalid_msgpack", foreign.message, foreign.hint)
    broken = find_break(body)
    if broken is None:
        return None
    path = path_text(broken.path)
    suspect = find_suspect(body, broken)
    problem = Problem(
        message=broken.message,
        index=_index_of(body, broken.path),
        path=path,
        hint=" ".join(filter(None, (cause_of(body, broken, suspect), read_before(body, broken)))),
        start=broken.start,
        end=broken.end,
    )
    details = [problem]
    if suspect is not None:
        message = "the first value that looks wrong"
        details.append(
            Problem(message=message, path=suspect.path, hint=suspect.text, start=suspect.start, end=suspect.end)
        )
    place = f"byte {broken.start:,}" if path == "$" else f"byte {broken.start:,} ({path})"
    return InvalidBody("invalid_msgpack", f"The body cannot be read at {place}: {broken.message}.", details)


def _too_large(body: bytes) -> InvalidBody | None:
    """A body over a limit is not read to its end: that could take seconds."""
    if len(body) <= MAX_BATCH_EVENTS:  # there cannot be as many events, each takes a byte at least
        return None
    try:
        head = head_at(body, 0)
    except Broken:
        return None
    if head.form is Form.ARRAY and MAX_BATCH_EVENTS < head.size <= len(body) - head.content:
        return _whole(
            body,
            "batch_too_large",
            f"the batch announces {head.size:,} events: the limit is {MAX_BATCH_EVENTS:,}",
            f"Send several requests of at most {MAX_BATCH_EVENTS:,} events.",
            end=head.content,
        )
    excess = excess_of(body) if len(body) > NEVER_EXCESSIVE_BYTES else None
    return None if excess is None else _excessive(body, excess)


def _excessive(body: bytes, excess: Excess) -> InvalidBody:
    if excess.index is None:
        return _whole(body, "batch_too_large", excess.message, "Send several requests of fewer events.")
    problem = Problem(
        message=excess.message,
        index=excess.index,
        path="$" if head_at(body, 0).form is Form.MAP else f"$[{excess.index}]",
        hint="Send several events with less data in each: keys, numbers, texts, arrays and maps are counted.",
        start=excess.start,
        end=head_at(body, excess.start).content,
    )
    return InvalidBody(
        "invalid_event", f"An event is too large, nothing was stored: {problem.line}.", [problem], invalid_events=1
    )


def _index_of(body: bytes, path: Path | None) -> int | None:
    if path is None:
        return None
    while path[0] is not None:
        path = path[0]
    return path[1] if isinstance(path[1], int) else 0


def _explain_array(body: bytes, head: Head) -> InvalidBody:
    if head.size == 0:
        return _whole(body, "empty_payload", "the array holds no events", "Send nothing when there is nothing to send.")
    first = head_at(body, head.content)
    if first.form is Form.EXT and first.code in quirks.LZ4_EXTENSIONS:
        advice = quirks.extension(first)
        return _whole(body, "invalid_event", advice.message, advice.hint, head.content, first.end)
    if head.size == 2 and first.form is Form.INT and head_at(body, first.end).form is Form.MAP:
        return _whole(
            body,
            "invalid_event",
            "the body is a number and a map: MessagePack-CSharp's [Union]",
            "Serialize the event by its own class, not by the interface or base class that carries [Union].",
        )
    if first.form not in (Form.MAP, Form.ARRAY, Form.EXT) and _is_one_event(body, head):
        return _whole(
            body,
            "invalid_event",
            f"the body is an array of values, not of maps: {quirks.STRING_KEYS}",
            f"The first item is {describe(body, head.content)}: an event with [Key(0)] keys becomes an array. "
            f"{_SHAPE_HINT}",
        )
    return _explain_events(body, head.content, head.size, single=False)


def _is_one_event(body: bytes, head: Head) -> bool:
    """Whether an array holds the values of one event, a map of data among them perhaps, and not events."""
    at, maps = head.content, 0
    for _ in range(head.size):
        maps += head_at(body, at).form is Form.MAP
        at = skip(body, at)
    return maps * 2 < head.size


# --------------------------------------------------------------------------------------------------------------- events


def _explain_events(body: bytes, at: int, count: int, *, single: bool) -> InvalidBody:
    bad: list[Findings] = []
    total = invalid = 0
    many = False
    for index in range(count):
        end = skip(body, at)
        if not _is_accepted(body, at, end):
            found = Findings(body, index)
            with contextlib.suppress(Enough):
                _check_item(found, at, end, None if single else (None, index))
            if found.total:
                total += found.total
                many = many or found.total == MAX_COUNTED
                invalid += 1
                if len(bad) < MAX_DETAILS:
                    bad.append(found)
        at = end
    if not invalid:
        return _unexplained(body)
    details = _chosen(bad)
    first = details[0].line
    events = "The event is" if single else f"{invalid:,} of {count:,} events {'is' if invalid == 1 else 'are'}"
    least = "at least " if many else ""
    more = f" ({least}{total:,} problems, {len(details)} listed)" if total > len(details) else ""
    return InvalidBody(
        "invalid_event",
        f"{events} invalid, nothing was stored{more}: {first}.",
        details,
        invalid_events=invalid,
        problems_total=total,
    )


def _unexplained(body: bytes) -> InvalidBody:
    """Nothing was found: either the body is good, or this module has lost touch with the decoder."""
    try:
        decode_events(body)
    except NeedsDiagnosis as refused:
        reason = str(refused.__cause__ or "a rule that spans several fields")
        return _whole(
            body, "invalid_event", f"the decoder refuses it: {reason}", "Compare the event with the documented kinds."
        )
    raise ValueError("the body is valid")


def _is_accepted(body: bytes, start: int, end: int) -> bool:
    if head_at(body, start).form is not Form.MAP or end - start > MAX_DECODED_BYTES:
        return False
    try:
        decode_events(body[start:end])
    except NeedsDiagnosis:
        return False
    return True


def _chosen(bad: list[Findings]) -> list[Problem]:
    """At most 20: the first problem of every bad event, then further ones, in the order of the body."""
    chosen = [found.problems[0] for found in bad]
    for found in bad:
        chosen += found.problems[1 : 1 + MAX_DETAILS - len(chosen)]
    order = {id(problem): place for place, problem in enumerate(p for found in bad for p in found.problems)}
    return sorted(chosen, key=lambda problem: order[id(problem)])


def _check_item(found: Findings, at: int, end: int, path: Path | None) -> None:
    body = found.body
    head = head_at(body, at)
    if head.form is Form.MAP:
        RefusedEvent(found, at, head, path).check()
        return
    what = f"item {found.index}"
    if head.form is Form.EXT:
        found.extension(head, at, path, f"{what} to be a map")
    elif head.form is Form.ARRAY:
        hint = "MessagePack-CSharp writes arrays for [Key(0)], maps for string keys or [MessagePackObject(true)]."
        if head.size and head_at(body, head.content).form is Form.MAP:
            hint = "A batch is one flat array of maps: send the inner array."
        found.add(path, f"{what} is an array, not a map: {quirks.STRING_KEYS}", hint, at, end)
    else:
        found.add(path, f"{what} is {describe(body, at)}, not a map", _SHAPE_HINT, at, end)
