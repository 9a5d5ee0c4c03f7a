"""The fields that a filter can name, and what kind of value each has."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final, Literal

from msgspec import Struct

from console.telemetry.events import EventKind

Scope = Literal["events", "requests"]
FieldKind = Literal["text", "number", "time", "word", "payload"]


class Field(Struct, frozen=True, kw_only=True):
    """One field. `words` are all the values a "word" has; a "payload" field is the root of dotted paths.

    `scopes` are the tables whose rows have it: a filter of requests may name an event's fields too, and then finds the
    requests that carried such an event.
    """

    name: str
    kind: FieldKind
    about: str
    example: str
    words: tuple[str, ...] = ()
    scopes: tuple[Scope, ...] = ("events", "requests")


FLAGS: Final = ("rejected", "late", "bookmarked")
LATE_US: Final = 60_000_000
"""An event is late when it was received more than this after its time."""

KIND_WORDS: Final = {kind.name.lower(): kind for kind in EventKind}

_REQUESTS: tuple[Scope, ...] = ("requests",)
_FIELDS: Final = (
    Field(name="event", kind="text", about="event name or funnel step", example="event:Player_*"),
    Field(name="kind", kind="word", about="what an event is", example="kind:gameplay", words=tuple(KIND_WORDS)),
    Field(name="app", kind="text", about="application id", example="app:my_game"),
    Field(name="build", kind="text", about="build id", example="build:1.4.*"),
    Field(name="player", kind="text", about="player id", example="player:p-17"),
    Field(name="session", kind="text", about="session id", example="session:s-1"),
    Field(name="level", kind="text", about="level id", example='level:"Level 1"'),
    Field(name="input", kind="text", about="input method", example="input:gamepad"),
    Field(name="status", kind="text", about="status of a trajectory", example="status:alive", scopes=("events",)),
    Field(name="status", kind="number", about="HTTP status", example="status:>=400", scopes=_REQUESTS),
    Field(name="ip", kind="text", about="address of the client", example="ip:192.168.1.*"),
    Field(name="route", kind="text", about="path of the request", example="route:*/events"),
    Field(name="time", kind="time", about="when it happened, UTC", example="time:>now-5m"),
    Field(name="x", kind="number", about="position, game units", example="x:[-10 TO 10]"),
    Field(name="y", kind="number", about="position, game units", example="y:>100"),
    Field(name="z", kind="number", about="position, game units", example="z:<0"),
    Field(name="fps.mean", kind="number", about="mean frames/s", example="fps.mean:<60"),
    Field(name="fps.low_5", kind="number", about="frames/s of the slowest 5 %", example="fps.low_5:<45"),
    Field(name="fps.low_1", kind="number", about="frames/s of the slowest 1 %", example="fps.low_1:<30"),
    Field(name="custom_data", kind="payload", about="the event's own data", example="custom_data.weapon:sword"),
    Field(name="hardware", kind="payload", about="the player's hardware", example="hardware.gpu:*RTX*"),
    Field(name="is", kind="word", about="what it is marked as", example="-is:late", words=FLAGS),
    Field(name="method", kind="text", about="HTTP method", example="method:POST", scopes=_REQUESTS),
    Field(name="error", kind="text", about="error code", example="error:invalid_event", scopes=_REQUESTS),
    Field(name="client", kind="text", about="User-Agent", example="client:Unity*", scopes=_REQUESTS),
    Field(name="key", kind="text", about="label of the key", example="key:build-farm", scopes=_REQUESTS),
    Field(name="bytes", kind="number", about="size of the body", example="bytes:>100000", scopes=_REQUESTS),
    Field(name="events", kind="number", about="events in the body", example="events:>100", scopes=_REQUESTS),
    Field(name="took", kind="number", about="milliseconds to the answer", example="took:>50", scopes=_REQUESTS),
)

REQUEST_FIELDS: Final = frozenset(
    {"app", "status", "ip", "route", "time", "method", "error", "client", "key", "bytes", "events", "took"}
)
"""What a request itself knows; the other fields are its events'."""


def fields(scope: Scope = "events") -> tuple[Field, ...]:
    """The fields that a filter of these rows can name, in the order to offer them."""
    return tuple(field for field in _FIELDS if scope in field.scopes)


def find_field(name: str, scope: Scope) -> tuple[Field, tuple[str, ...]] | None:
    """The field of that name and the path below it, None when there is none; `custom_data.a.b` has the path a, b."""
    known = {field.name: field for field in fields(scope)}
    if name in known:
        return known[name], ()
    root, *path = _split(name)
    field = known.get(root)
    if field is not None and field.kind == "payload" and path and all(path):
        return field, tuple(path)
    return None


def nearest(name: str, choices: Sequence[str]) -> str:
    """The choice that was probably meant, "" when none is near."""
    lower = {choice.lower(): choice for choice in choices}
    found = get_close_matches(name.lower(), list(lower), n=1, cutoff=0.6)
    return lower[found[0]] if found else ""


def payload_path(root: str, *path: str) -> str:
    """A path as a filter writes it: what is a sign of the language is escaped."""
    return ".".join([root, *("".join(f"\\{c}" if c in _SIGNS else c for c in name) for name in path)])


_SIGNS = frozenset('\\ .:()[]{}"^~<>/*?')


def _split(name: str) -> list[str]:
    """At its points, but for escaped ones."""
    parts, escaped = [""], False
    for character in name:
        if escaped:
            parts[-1] += character
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == ".":
            parts.append("")
        else:
            parts[-1] += character
    return parts
