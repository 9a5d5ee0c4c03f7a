"""From journaled requests of both APIs to the event store's columns.

What is in the journal was checked when it came in: here it is only decoded, into the fields that the tables have, and
turned into columns one field at a time. Per-event Python is what would cost.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from msgspec import Struct
from numpy.typing import NDArray

from console.players.commands import TrackEvent, decode_recorded, line_of
from console.storage.event_store import ColumnBatch, Position
from console.storage.journal_records import JournaledIngest
from console.telemetry.decoding import InvalidBody, NeedsDiagnosis, decode_events
from console.telemetry.events import CREATE_PLAYER, EPOCH, Event, EventKind
from console.telemetry.filter_predicate import payload_text

_log = logging.getLogger(__name__)

_FLOAT32_MAX = float(np.finfo(np.float32).max)
_TIME = pa.timestamp("us")
_TIME_UTC = pa.timestamp("us", tz="UTC")


class _FrameRates(Struct, gc=False):
    mean: float | None = None
    low_5: float | None = None
    low_1: float | None = None


class _StoredEvent(Struct, gc=False):
    """The fields of every kind that the tables have; others are passed over."""

    build_id: str
    player_id: str
    event_name: str | None = None
    funnel_step_name: str | None = None
    session_id: str | None = None
    timestamp: datetime | None = None
    level_id: str | None = None
    position: list[float] | None = None
    positions: list[float] | None = None
    timestamp_start: datetime | None = None
    timestamp_end: datetime | None = None
    fps: _FrameRates | None = None
    status: str | None = None
    input_method: str | None = None
    custom_data: Any = None
    hardware: Any = None


_NO_FRAME_RATES = _FrameRates()
_decode_one = msgspec.msgpack.Decoder(_StoredEvent).decode
_decode_many = msgspec.msgpack.Decoder(list[_StoredEvent]).decode


def columns_of(ingests: Sequence[JournaledIngest], after: Position) -> ColumnBatch:
    """The events of successive requests, the first of which follows on the position `after`."""
    decoded = [_commands_of(ingest) if ingest.commands else _events_of(ingest) for ingest in ingests]
    events = list(chain.from_iterable(decoded))
    kinds: list[int] = []
    for ingest, part in zip(ingests, decoded, strict=True):
        kinds += [EventKind.PLAYER_API] * len(part) if ingest.commands else map(_kind_of, part)
    counts = np.array([len(part) for part in decoded], dtype=np.int64)
    index = np.arange(len(events)) - np.repeat(np.cumsum(counts) - counts, counts)
    seq = np.repeat(np.array([ingest.first_seq for ingest in ingests], dtype=np.int64), counts) + index
    app_id = _repeated_text([ingest.app_id for ingest in ingests], counts)
    tracks = [number for number, event in enumerate(events) if event.positions is not None]
    moving = [events[number] for number in tracks]
    starts = _times([event.timestamp_start for event in moving])
    ends = _times([event.timestamp_end for event in moving])
    rows = np.array(tracks, dtype=np.int64)
    lengths = np.array([len(event.positions or ()) // 3 for event in moving], dtype=np.int64)
    text = _text_columns(events)
    fps = [event.fps or _NO_FRAME_RATES for event in moving]
    xyz = _xyz(moving, lengths)
    last = ingests[-1]
    return ColumnBatch(
        after=after,
        upto=Position(last.request_id, last.first_seq + last.events - 1),
        events=pa.table(
            {
                "seq": seq,
                "request_id": np.repeat(np.array([i.request_id for i in ingests], dtype=np.int64), counts),
                "idx": index.astype(np.int32),
                "received_at": pa.array(
                    np.repeat(np.array([i.received_at_us for i in ingests], dtype=np.int64), counts)
                ).cast(_TIME),
                "time": _times([event.timestamp_start if event.positions else event.timestamp for event in events]),
                "kind": np.array(kinds, dtype=np.uint8),
                "name": pa.array([e.event_name or e.funnel_step_name or "" for e in events], pa.string()),
                "app_id": app_id,
                **text,
                **_first_positions(events),
                "input": pa.array([event.input_method for event in events], pa.string()),
                "custom_data": pa.array(list(map(_payload, [e.custom_data for e in events])), pa.string()),
                "hardware": pa.array(list(map(_payload, [e.hardware for e in events])), pa.string()),
                "peer": _repeated_text([ingest.peer for ingest in ingests], counts),
                "route": _repeated_text([ingest.route for ingest in ingests], counts),
            }
        ),
        trajectories=pa.table(
            {
                "seq": seq[rows],
                "app_id": app_id.take(rows),
                **{name: column.take(rows) for name, column in text.items()},
                "start_at": starts,
                "end_at": ends,
                "samples": lengths.astype(np.int32),
                "fps_mean": pa.array([rates.mean for rates in fps], pa.float64()),
                "fps_low_5": pa.array([rates.low_5 for rates in fps], pa.float64()),
                "fps_low_1": pa.array([rates.low_1 for rates in fps], pa.float64()),
                "status": pa.array([event.status or "" for event in moving], pa.string()),
                **_bounds(xyz, lengths),
            }
        ),
        samples=_samples(xyz, seq[rows], lengths, starts, ends),
    )


def _events_of(ingest: JournaledIngest) -> list[_StoredEvent]:
    body = ingest.body
    # The first byte of a map: fixmap, map16, map32.
    single = 0x80 <= body[0] <= 0x8F or body[0] in (0xDE, 0xDF)
    try:
        return [_decode_one(body)] if single else _decode_many(body)
    except (msgspec.MsgspecError, ValueError):
        # One kind's field is a free field of another, where it may hold anything.
        pass
    try:
        return [_stored(event) for event in decode_events(body).events]
    except (InvalidBody, NeedsDiagnosis):
        _log.exception("the body of request %d cannot be read back: its events are left out", ingest.request_id)
        return []


def _commands_of(ingest: JournaledIngest) -> list[_StoredEvent]:
    """What the player API recorded, each command a row. Its `player_id` is not the game's: it is the player's own."""
    try:
        commands = decode_recorded(ingest.commands).commands
    except msgspec.MsgspecError:
        _log.exception("the commands of request %d cannot be read back: they are left out", ingest.request_id)
        return []
    lines = [(line_of(command, ingest.received_at_us), command) for command in commands]
    return [
        _StoredEvent(
            build_id="",
            player_id=line.player_id,
            event_name=line.name,
            session_id=line.session_id or None,
            timestamp=EPOCH + timedelta(microseconds=line.time_us),
            custom_data=command.properties if isinstance(command, TrackEvent) else None,
        )
        for line, command in lines
    ]


def _stored(event: Event) -> _StoredEvent:
    given = {name: getattr(event, name) for name in event.__struct_fields__}
    return msgspec.convert(given, _StoredEvent, from_attributes=True)


def _kind_of(event: _StoredEvent) -> int:
    """What an event is. Fields that another kind has are none of its own."""
    if event.positions is not None:
        event.custom_data = event.hardware = None
        return EventKind.TRAJECTORY
    if event.funnel_step_name is not None:
        event.position = event.input_method = event.custom_data = event.hardware = None
        return EventKind.FUNNEL
    if event.event_name == CREATE_PLAYER:
        event.session_id = event.level_id = event.position = event.input_method = event.custom_data = None
        return EventKind.IDENTITY
    event.hardware = None
    return EventKind.GAMEPLAY


def _payload(free: Any) -> str | None:
    return None if free is None else payload_text(free)


def _text_columns(events: list[_StoredEvent]) -> dict[str, Any]:
    return {
        "build_id": pa.array([event.build_id for event in events], pa.string()),
        "player_id": pa.array([event.player_id for event in events], pa.string()),
        "session_id": pa.array([event.session_id for event in events], pa.string()),
        "level_id": pa.array([event.level_id for event in events], pa.string()),
    }


def _repeated_text(values: list[str], counts: NDArray[np.int64]) -> Any:
    encoded = pa.array(values, pa.string()).dictionary_encode()
    return pa.DictionaryArray.from_arrays(np.repeat(encoded.indices.to_numpy(), counts), encoded.dictionary)


def _times(instants: list[datetime | None]) -> Any:
    """Microseconds in UTC; a time without a zone is read as UTC."""
    return pa.array(instants, _TIME_UTC).cast(_TIME)


def _first_positions(events: list[_StoredEvent]) -> dict[str, Any]:
    """A gameplay event's position, or a trajectory's first sample."""
    nowhere = (None, None, None)
    firsts = [event.positions or event.position or nowhere for event in events]
    return {axis: pa.array([first[n] for first in firsts], pa.float64()) for n, axis in enumerate("xyz")}


def _xyz(moving: list[_StoredEvent], lengths: NDArray[np.int64]) -> NDArray[np.float32]:
    """All samples of all trajectories, one row each."""
    total = int(lengths.sum())
    flat = np.fromiter(chain.from_iterable(e.positions or () for e in moving), dtype=np.float64, count=total * 3)
    return np.clip(flat.reshape(total, 3), -_FLOAT32_MAX, _FLOAT32_MAX).astype(np.float32)


def _bounds(xyz: NDArray[np.float32], lengths: NDArray[np.int64]) -> dict[str, NDArray[np.float32]]:
    """Each trajectory's box. None is empty: what is accepted has a sample at least."""
    if not len(lengths):
        return {f"{bound}_{axis}": xyz[:, 0] for bound in ("min", "max") for axis in "xyz"}
    firsts = np.cumsum(lengths) - lengths
    return {
        f"{name}_{axis}": reduce(xyz[:, number], firsts)
        for name, reduce in (("min", np.minimum.reduceat), ("max", np.maximum.reduceat))
        for number, axis in enumerate("xyz")
    }


def _samples(
    xyz: NDArray[np.float32], seq: NDArray[np.int64], lengths: NDArray[np.int64], starts: Any, ends: Any
) -> Any:
    """One row a sample, spread evenly over the trajectory's time, the first at its start and the last at its end."""
    total = len(xyz)
    index = np.arange(total) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    start_us = starts.cast(pa.int64()).to_numpy()
    duration_us = ends.cast(pa.int64()).to_numpy() - start_us
    share = index / np.repeat(np.maximum(lengths - 1, 1), lengths)
    time_us = np.repeat(start_us, lengths) + np.rint(share * np.repeat(duration_us, lengths)).astype(np.int64)
    return pa.table(
        {
            "seq": np.repeat(seq, lengths),
            "idx": index.astype(np.int32),
            "time": pa.array(time_us).cast(_TIME),
            "x": xyz[:, 0],
            "y": xyz[:, 1],
            "z": xyz[:, 2],
        }
    )
