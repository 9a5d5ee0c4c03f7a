"""What the events of one body tell about the SDK that sent them. Decoding takes time: not on the server's loop."""

from collections import Counter
from datetime import timedelta
from typing import Final

from msgspec import Struct

from console.telemetry.decoding import decode_events
from console.telemetry.events import EventKind, FunnelStep, GameplayEvent, PlayerIdentity, Trajectory, epoch_us
from console.telemetry.large_bodies import events_of

_IN_ONE_GO_BYTES: Final = 64 * 1024
_NO_OFFSET: Final = timedelta()

# The documented optional fields, by kind.
OPTIONAL_FIELDS: Final[dict[EventKind, tuple[str, ...]]] = {
    EventKind.IDENTITY: ("region", "hardware"),
    EventKind.FUNNEL: ("level_id",),
    EventKind.GAMEPLAY: ("level_id", "position", "custom_data", "input_method"),
    EventKind.TRAJECTORY: ("fps", "status", "input_method", "level_id"),
}
_KIND_OF: Final = {
    PlayerIdentity: EventKind.IDENTITY,
    FunnelStep: EventKind.FUNNEL,
    GameplayEvent: EventKind.GAMEPLAY,
    Trajectory: EventKind.TRAJECTORY,
}


class Sample(Struct, frozen=True, gc=False):
    """One body: events by kind, optional fields that were filled in, times.

    `newest_us` is the newest instant its events tell. `zoneless` events name no zone, `offset` ones another than UTC.
    """

    kinds: Counter[EventKind]
    fields: Counter[tuple[EventKind, str]]
    newest_us: int
    zoneless: int
    offset: int


def sample_of(body: bytes) -> Sample:
    """Look into an accepted body. Raises NeedsDiagnosis for any other."""
    events = decode_events(body).events if len(body) <= _IN_ONE_GO_BYTES else events_of(body)
    kinds: Counter[EventKind] = Counter()
    fields: Counter[tuple[EventKind, str]] = Counter()
    newest = zoneless = offset = 0
    for event in events:
        kind = _KIND_OF[type(event)]
        kinds[kind] += 1
        for name in OPTIONAL_FIELDS[kind]:
            if getattr(event, name) is not None:
                fields[kind, name] += 1
        instant = event.timestamp_end if isinstance(event, Trajectory) else event.timestamp
        newest = max(newest, epoch_us(instant))
        distance = instant.utcoffset()
        if distance is None:
            zoneless += 1
        elif distance != _NO_OFFSET:
            offset += 1
    return Sample(kinds, fields, newest, zoneless, offset)
