"""Why a body was refused: every bad event, with path, bytes, message and hint.

The slow path. It decides in the order empty, too many events or values, unreadable, bad events, and agrees
with `decoding` and `large_bodies` about what is refused. Time is linear in the body: about a second for each million
values of a hostile one.
"""

import contextlib
from datetime import datetime

from console.telemetry import quirks
from console.telemetry.breaks import cause_of, find_suspect, read_before
from console.telemetry.decoding import decode_events, ends_before_start, plain_map
from console.telemetry.events import CREATE_PLAYER, MAX_BATCH_EVENTS, EventKind, epoch_us
from console.telemetry.field_checks import check_field
from console.telemetry.free_values import MAX_COUNTED, Enough, Findings
from console.telemetry.large_bodies import NEVER_EXCESSIVE_BYTES, Excess, excess_of
from console.telemetry.layout import Broken, Form, Head, Path, describe, find_break, head_at, key_text, path_text, skip
from console.telemetry.problems import MAX_DETAILS, ErrorCode, InvalidBody, NeedsDiagnosis, Problem
from console.telemetry.schema import ALL_FIELDS, FIELDS, RECOGNISERS, required

_SHAPE_HINT = "Send one event as a MessagePack map, or several as an array of maps."
_KIND_HINT = (
    "event_name makes a gameplay event (Create_Player: a player identity), funnel_step_name a funnel step, "
    "positions a trajectory. Send exactly one of them; a nil one counts as absent."
)
# Larger events are explained without asking first whether the decoder takes them: decoded, one may take many times
# its size in memory.
_MAX_DECODED_BYTES = 256 * 1024
_MAX_OTHER_KEYS = 64
# Entries that are looked at together: a hostile event has millions of keys that mean nothing.
_BLOCK = 512
_MIN_BLOCK = 64


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
    if head_at(body, start).form is not Form.MAP or end - start > _MAX_DECODED_BYTES:
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
        _Event(found, at, head, path).check()
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


class _Event:
    """One event that the decoder refused, and whose bytes are whole."""

    def __init__(self, found: Findings, start: int, head: Head, path: Path | None) -> None:
        self._found = found
        self._body = found.body
        self._start = start
        self._head = head
        self._path = path
        self._fields: dict[str, int] = {}  # documented keys, to the offsets of their values
        self._others: list[str] = []  # some of the other keys, to find misspelt ones

    def check(self) -> None:
        self._read_entries()
        sent = {name for name, at in self._fields.items() if head_at(self._body, at).form is not Form.NIL}
        kind = self._kind(sent)
        if kind is None:
            self._check_values(set())
            return
        for name in required(kind):
            if name not in sent:
                self._missing(name, kind)
        self._check_values(set(FIELDS[kind]))
        times: dict[str, datetime] = {}
        for name, field in FIELDS[kind].items():
            if name in sent:
                instant = check_field(self._found, name, field, self._fields[name], self._path)
                if instant is not None:
                    times[name] = instant
        if "timestamp_start" in times and "timestamp_end" in times:
            self._check_order(times["timestamp_start"], times["timestamp_end"])

    def _read_entries(self) -> None:
        at = self._head.content
        for first in range(0, self._head.size, _BLOCK):
            count = min(_BLOCK, self._head.size - first)
            at = self._read_block(at, count)

    def _read_block(self, at: int, count: int) -> int:
        found, body = self._found, self._body
        if count >= _MIN_BLOCK:
            end = skip(body, at, count * 2)
            if end - at <= _MAX_DECODED_BYTES:
                plain = plain_map(b"\xde" + count.to_bytes(2, "big") + body[at:end])
                if plain is not None and ALL_FIELDS.isdisjoint(plain):
                    self._others += list(plain)[: _MAX_OTHER_KEYS - len(self._others)]
                    return end
        for _ in range(count):
            key_head = head_at(body, at)
            key = found.key(key_head, at, self._path)
            if key is None:
                key = key_text(body, at)
                at = found.value(at, self._path, 1)
            elif key in ALL_FIELDS:
                replaced = self._fields.get(key)
                if replaced is not None:
                    found.value(replaced, (self._path, key), 1)
                self._fields[key] = key_head.end
                at = skip(body, key_head.end)
                continue
            else:
                at = key_head.end
            if len(self._others) < _MAX_OTHER_KEYS:
                self._others.append(key)
            at = found.value(at, (self._path, key), 1)
        return at

    def _check_values(self, known: set[str]) -> None:
        """Values of keys that mean nothing for this kind need only be plain."""
        for name, at in self._fields.items():
            if name not in known:
                self._found.value(at, (self._path, name), 1)

    def _kind(self, sent: set[str]) -> EventKind | None:
        telling = [name for name in RECOGNISERS if name in sent]
        if len(telling) > 1:
            message = f"{' and '.join(telling)} contradict each other: each makes another kind of event"
            self._add(self._path, message, _KIND_HINT)
            return None
        if not telling:
            self._no_kind()
            return None
        if telling[0] == "positions":
            return EventKind.TRAJECTORY
        if telling[0] == "funnel_step_name":
            return EventKind.FUNNEL
        at = self._fields["event_name"]
        head = head_at(self._body, at)
        is_identity = head.form is Form.STR and self._body[head.content : head.end] == CREATE_PLAYER.encode()
        return EventKind.IDENTITY if is_identity else EventKind.GAMEPLAY

    def _no_kind(self) -> None:
        message = "no key tells the kind of event: event_name, funnel_step_name or positions"
        hint = _KIND_HINT
        if {"events", "batch", "data"} & set(self._others) and len(self._others) + len(self._fields) < 4:
            hint = "Send the array of events itself, without a map around it."
        else:
            for name in RECOGNISERS:
                meant = quirks.misspelt(name, self._others)
                if meant is not None:
                    hint = f'Is "{meant}" meant to be {name}? {_KIND_HINT}'
                    self._found.add(self._path, message, hint, *self._key_bytes(meant))
                    return
        self._add(self._path, message, hint)

    def _missing(self, name: str, kind: EventKind) -> None:
        meant = quirks.misspelt(name, self._others)
        if name in self._fields:
            hint = "It is nil. Send a value."
        elif meant is not None:
            hint = f'Is "{meant}" meant to be {name}?'
        else:
            hint = f"A {_KIND_WORDS[kind]} needs {', '.join(required(kind))}."
        if meant is not None and name not in self._fields:
            self._found.add((self._path, name), f"{name} is missing", hint, *self._key_bytes(meant))
            return
        self._add((self._path, name), f"{name} is missing", hint)

    def _key_bytes(self, key: str) -> tuple[int, int]:
        """Where a key stands that is probably misspelt; the event's head when it is not among its first keys."""
        body, at = self._body, self._head.content
        for _ in range(min(self._head.size, _MAX_OTHER_KEYS)):
            if key_text(body, at) == key:
                return at, skip(body, at)
            at = skip(body, at, 2)
        return self._start, self._head.content

    def _check_order(self, start: datetime, end: datetime) -> None:
        if ends_before_start(start, end):
            at = self._fields["timestamp_end"]
            seconds = (epoch_us(start) - epoch_us(end)) / 1e6
            self._found.add(
                (self._path, "timestamp_end"),
                f"is {seconds:,.6g} s before timestamp_start",
                "Take both from one clock, start first; are the two swapped, or in different zones?",
                at,
                skip(self._body, at),
            )

    def _add(self, path: Path | None, message: str, hint: str) -> None:
        """A problem of the event itself: its head is what there is to mark."""
        self._found.add(path, message, hint, self._start, self._head.content)


_KIND_WORDS = {
    EventKind.IDENTITY: "player identity (event_name Create_Player)",
    EventKind.FUNNEL: "funnel step",
    EventKind.GAMEPLAY: "gameplay event",
    EventKind.TRAJECTORY: "realtime trajectory",
}
