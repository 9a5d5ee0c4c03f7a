"""What is wrong with one event that the decoder refused: its kind, its keys and the values of its fields.

Part of the slow path of `diagnosis`, as linear in the event's bytes.
"""

from datetime import datetime

from console.telemetry import quirks
from console.telemetry.decoding import ends_before_start, plain_map
from console.telemetry.events import CREATE_PLAYER, EventKind, epoch_us
from console.telemetry.field_checks import check_field
from console.telemetry.free_values import Findings
from console.telemetry.layout import Form, Head, Path, head_at, key_text, skip
from console.telemetry.schema import ALL_FIELDS, FIELDS, RECOGNISERS, required

_KIND_HINT = (
    "event_name makes a gameplay event (Create_Player: a player identity), funnel_step_name a funnel step, "
    "positions a trajectory. Send exactly one of them; a nil one counts as absent."
)
# Larger events are explained without asking first whether the decoder takes them, and their entries one by one:
# decoded, bytes may take many times their size in memory.
MAX_DECODED_BYTES = 256 * 1024
_MAX_OTHER_KEYS = 64
# Entries that are looked at together: a hostile event has millions of keys that mean nothing.
_BLOCK = 512
_MIN_BLOCK = 64


class RefusedEvent:
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
        """Add every problem to the findings. Raises Enough when there are as many as are counted."""
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
            if end - at <= MAX_DECODED_BYTES:
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
