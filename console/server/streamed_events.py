"""Recorded events as the event stream sends them: server-sent events, made of journaled requests.

Both APIs' events in one shape. Trajectories are left out: they are thousands of numbers, and nobody waits for one.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct

from console.players.commands import TrackEvent, decode_recorded
from console.players.instants import iso_text
from console.storage.journal import JournaledIngest
from console.telemetry.decoding import kind_of
from console.telemetry.events import EventKind, epoch_us
from console.telemetry.large_bodies import maps_of
from console.telemetry.times import read_timestamp

# Keys of a telemetry event that have a place of their own in the stream's shape; the others are its properties.
_PLACED: Final = frozenset({"app_id", "event_name", "player_id", "session_id", "timestamp"})

_encode = msgspec.json.Encoder().encode
# Line ends of Unicode that JSON leaves as they are, and some clients split at: U+0085, U+2028, U+2029.
_LINE_ENDS: Final = re.compile(rb"\xc2\x85|\xe2\x80[\xa8\xa9]")


class EventData(Struct, frozen=True, kw_only=True):
    """The JSON of one event, keys in the documented order. Times are ISO 8601 in UTC."""

    event_id: str
    player_id: str
    event_name: str
    session_id: str | None
    properties: dict[str, Any]
    timestamp: str
    received_at: str
    api: str


class Names:
    """The ids that telemetry events have in the player API.

    `player_id_of` maps an application and telemetry's player_id to the player's UUID; it may be called from any thread.
    """

    def __init__(self, journal_id: str, player_id_of: Callable[[str, str], str]) -> None:
        self.player_id_of = player_id_of
        self._namespace = uuid.UUID(hex=journal_id)

    def event_id_of(self, seq: int) -> str:
        """A telemetry event's id: the same each time it is streamed (RFC 9562, version 5).

        Players have names with a line break below the same namespace, so no id stands for both.
        """
        return str(uuid.uuid5(self._namespace, f"event {seq}"))


class StreamedEvent:
    """One event on its way to readers. Its bytes are made when the first of them wants it, for all."""

    __slots__ = ("_data", "_frame", "event_name", "player_id", "seq")

    def __init__(self, seq: int, event_name: str, player_id: str, data: Callable[[], EventData]) -> None:
        self.seq = seq
        self.event_name = event_name
        self.player_id = player_id
        self._data = data
        self._frame = b""

    @property
    def frame(self) -> bytes:
        """As it stands in the stream. `data` is one line, whatever its reader takes for the end of one."""
        if not self._frame:
            data = _LINE_ENDS.sub(_escaped, _encode(self._data()))
            self._frame = b"id: %d\nevent: event\ndata: %s\n\n" % (self.seq, data)
        return self._frame


def streamed_events(ingest: JournaledIngest, names: Names) -> Iterator[StreamedEvent]:
    """The events of an accepted request of either API, in order, without what is not streamed."""
    return _tracked(ingest) if ingest.commands else _telemetry(ingest, names)


def _tracked(ingest: JournaledIngest) -> Iterator[StreamedEvent]:
    for seq, command in enumerate(decode_recorded(ingest.commands).commands, ingest.first_seq):
        if isinstance(command, TrackEvent):

            def data(event: TrackEvent = command) -> EventData:
                return EventData(
                    event_id=event.event_id,
                    player_id=event.player_id,
                    event_name=event.event_name,
                    session_id=event.session_id,
                    properties=event.properties,
                    timestamp=iso_text(event.time_us),
                    received_at=iso_text(ingest.received_at_us),
                    api="player",
                )

            yield StreamedEvent(seq, command.event_name, command.player_id, data)


def _telemetry(ingest: JournaledIngest, names: Names) -> Iterator[StreamedEvent]:
    for seq, event in enumerate(maps_of(ingest.body), ingest.first_seq):
        kind = kind_of(event)
        if kind is EventKind.TRAJECTORY:
            continue
        name = event["funnel_step_name" if kind is EventKind.FUNNEL else "event_name"]
        player_id = names.player_id_of(ingest.app_id, event["player_id"])

        def data(
            seq: int = seq, event: dict[str, Any] = event, name: str = name, player_id: str = player_id
        ) -> EventData:
            return EventData(
                event_id=names.event_id_of(seq),
                player_id=player_id,
                event_name=name,
                session_id=event.get("session_id"),
                properties={key: value for key, value in event.items() if key not in _PLACED},
                timestamp=_in_utc(event["timestamp"]),
                received_at=iso_text(ingest.received_at_us),
                api="telemetry",
            )

        yield StreamedEvent(seq, name, player_id, data)


def _escaped(line_end: re.Match[bytes]) -> bytes:
    return b"\\u%04x" % ord(line_end.group().decode())


def _in_utc(sent: str) -> str:
    """A time as the player API writes it; one before 1970, of a clock that was never set, as it was sent."""
    instant = epoch_us(read_timestamp(sent))
    return iso_text(instant) if instant >= 0 else sent
