"""From the bytes of a request to typed events, in one pass.

Three ways in, each tried when the one before declines; what one of them accepts is accepted:

1. A body of documented fields only is decoded straight into one wide Struct, and every rule that a type can express
   (finite numbers, string keys, no extension types, lengths) is checked in C on the way.
2. A body with further fields is decoded into maps of plain values, as strictly, then into each kind's Struct.
3. Binary values and deep nesting are beyond msgspec's type unions: msgpack with hooks looks at every map and array.

A value that a repeated key replaces must be plain too, but it is not held to the field's type.
"""

import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any

import msgpack
import msgspec
from msgspec import Meta, Struct

from console.telemetry.events import (
    CREATE_PLAYER,
    MAX_BATCH_EVENTS,
    MAX_NESTING,
    MAX_TEXT_BYTES,
    Event,
    EventBatch,
    EventKind,
    FrameRate,
    FrameRates,
    FunnelStep,
    GameplayEvent,
    Name,
    Number,
    PlayerIdentity,
    Position,
    Positions,
    Text,
    Trajectory,
    epoch_us,
)
from console.telemetry.problems import InvalidBody, NeedsDiagnosis, NeedsTime, Problem

__all__ = ["InvalidBody", "NeedsDiagnosis", "NeedsTime", "Problem", "decode_events", "is_plain", "plain_map"]

_FreeText = Annotated[str, Meta(max_length=MAX_TEXT_BYTES)]
_Scalar = None | bool | int | Number | _FreeText
# Each level doubles the type, which msgspec keeps as a tree: deeper values take the third way.
_Free1 = _Scalar | list[_Scalar] | dict[_FreeText, _Scalar]
_Free2 = _Scalar | list[_Free1] | dict[_FreeText, _Free1]
_Free3 = _Scalar | list[_Free2] | dict[_FreeText, _Free2]
_FreeMap = dict[_FreeText, _Free2]


class _WireFrameRates(Struct, forbid_unknown_fields=True, gc=False):
    mean: FrameRate | None = None
    low_5: FrameRate | None = None
    low_1: FrameRate | None = None


class _Wire(Struct, forbid_unknown_fields=True):
    """Every documented field of every kind. A time is text here: as a datetime it could come from an extension."""

    app_id: Name
    build_id: Name
    player_id: Name
    event_name: Name | None = None
    funnel_step_name: Name | None = None
    session_id: Name | None = None
    timestamp: str | None = None
    level_id: Name | None = None
    position: Position | None = None
    custom_data: _FreeMap | None = None
    input_method: Text | None = None
    positions: Positions | None = None
    timestamp_start: str | None = None
    timestamp_end: str | None = None
    fps: _WireFrameRates | None = None
    status: Text | None = None
    region: Text | None = None
    hardware: _FreeMap | None = None


_decode_wire = msgspec.msgpack.Decoder(_Wire).decode
_decode_wires = msgspec.msgpack.Decoder(list[_Wire]).decode
_decode_map = msgspec.msgpack.Decoder(dict[_FreeText, _Free3]).decode
_decode_maps = msgspec.msgpack.Decoder(list[dict[_FreeText, _Free3]]).decode
_decode_value = msgspec.msgpack.Decoder(_Free3).decode

# What the decoders raise on bytes they cannot read: msgspec's and msgpack's errors and a bad UTF-8 string are
# ValueErrors, an integer no double can hold is an OverflowError, nesting without end is a RecursionError.
_UNREADABLE = (ValueError, OverflowError, RecursionError)


def decode_events(body: bytes, *, in_haste: bool = False) -> EventBatch:
    """The events of a decompressed body: one map, or an array of maps. All or nothing.

    Raises NeedsDiagnosis, at once and without a reason, for a body that breaks any rule: `diagnosis.explain` tells
    which. Time is linear in the body: 20 ms for a real one of 8 MiB, but seconds for a hostile one, of millions of
    containers: `large_bodies` sees to those. With `in_haste` the third way, which takes a microsecond for each map and
    array, is not tried: NeedsTime is raised instead.
    """
    count = _count_of(body)
    if count == 0 or (count is not None and count > MAX_BATCH_EVENTS):
        raise NeedsDiagnosis
    if not _may_hold_long_text(body):
        try:
            return _batch_of_wires([_decode_wire(body)] if count is None else _decode_wires(body))
        except msgspec.ValidationError:
            pass
        except _UNREADABLE as error:
            raise NeedsDiagnosis from error
    try:
        return _batch_of_maps(_plain_maps(body, count, in_haste))
    except _UNREADABLE as error:
        raise NeedsDiagnosis from error


def is_plain(value: bytes) -> bool:
    """Whether one encoded value is quickly seen to hold only finite numbers, short texts, string keys, few levels.

    False means that nobody knows yet.
    """
    try:
        _decode_value(value)
    except _UNREADABLE:
        return False
    return not _may_hold_long_text(value)


def plain_map(value: bytes) -> dict[str, Any] | None:
    """One encoded map, if it is quickly seen to be plain: see `is_plain`."""
    try:
        decoded = _decode_map(value)
    except _UNREADABLE:
        return None
    return None if _may_hold_long_text(value) else decoded


def _count_of(body: bytes) -> int | None:
    """The number of events that the first byte announces, None for a single map."""
    first = body[0] if body else 0xC1
    if 0x80 <= first <= 0x8F or first in (0xDE, 0xDF):
        return None
    if 0x90 <= first <= 0x9F:
        return first & 0x0F
    if first in (0xDC, 0xDD):
        return int.from_bytes(body[1 : 3 if first == 0xDC else 5], "big")
    raise NeedsDiagnosis


def _may_hold_long_text(body: bytes) -> bool:
    """Whether a string over the limit may begin somewhere: only the four-byte length form can announce one."""
    if len(body) <= MAX_TEXT_BYTES:
        return False
    at = body.find(b"\xdb\x00")
    while at >= 0:
        if MAX_TEXT_BYTES < int.from_bytes(body[at + 1 : at + 5], "big") <= len(body) - at - 5:
            return True
        at = body.find(b"\xdb\x00", at + 1)
    return False


# ------------------------------------------------------------------------------------------------- the first way: wires


def _batch_of_wires(wires: list[_Wire]) -> EventBatch:
    times: list[str | None] = []
    for wire in wires:
        if wire.positions is None:
            times.append(wire.timestamp)
        else:
            times += (wire.timestamp_start, wire.timestamp_end)
    instants = iter(msgspec.convert(times, list[datetime]))
    events = [_event_of_wire(wire, instants) for wire in wires]
    return EventBatch(events, frozenset([wire.app_id for wire in wires]))


def _event_of_wire(w: _Wire, instants: Iterator[datetime]) -> Event:
    """Raises NeedsDiagnosis when no key, or more than one, tells the kind, or a required field is absent."""
    name, step = w.event_name, w.funnel_step_name
    if w.positions is not None:
        if name is not None or step is not None or w.session_id is None:
            raise NeedsDiagnosis
        fps = w.fps
        return _checked(
            Trajectory(
                app_id=w.app_id,
                build_id=w.build_id,
                player_id=w.player_id,
                session_id=w.session_id,
                positions=w.positions,
                timestamp_start=next(instants),
                timestamp_end=next(instants),
                fps=None if fps is None else FrameRates(fps.mean, fps.low_5, fps.low_1),
                status=w.status,
                input_method=w.input_method,
                level_id=w.level_id,
            )
        )
    if name == CREATE_PLAYER and step is None:
        return PlayerIdentity(
            event_name=name,
            app_id=w.app_id,
            build_id=w.build_id,
            player_id=w.player_id,
            timestamp=next(instants),
            region=w.region,
            hardware=w.hardware,
        )
    if (name is None) is (step is None) or w.session_id is None:
        raise NeedsDiagnosis
    if name is not None:
        return GameplayEvent(
            event_name=name,
            app_id=w.app_id,
            build_id=w.build_id,
            player_id=w.player_id,
            session_id=w.session_id,
            timestamp=next(instants),
            level_id=w.level_id,
            position=w.position,
            custom_data=w.custom_data,
            input_method=w.input_method,
        )
    assert step is not None
    return FunnelStep(
        funnel_step_name=step,
        app_id=w.app_id,
        build_id=w.build_id,
        player_id=w.player_id,
        session_id=w.session_id,
        timestamp=next(instants),
        level_id=w.level_id,
    )


def _checked(trajectory: Trajectory) -> Trajectory:
    """The rules that span fields. Raises NeedsDiagnosis."""
    if len(trajectory.positions) % 3 or ends_before_start(trajectory.timestamp_start, trajectory.timestamp_end):
        raise NeedsDiagnosis
    return trajectory


def ends_before_start(start: datetime, end: datetime) -> bool:
    """Whether a stretch of time is negative. Times without a zone are UTC."""
    if start.tzinfo is end.tzinfo:
        return end < start
    return epoch_us(end) < epoch_us(start)


# ------------------------------------------------------------------------------------- the second way: maps, then kinds


def _batch_of_maps(maps: list[dict[str, Any]]) -> EventBatch:
    grouped: dict[EventKind, list[dict[str, Any]]] = {kind: [] for kind in EventKind}
    kinds = [kind_of(item) for item in maps]
    for kind, item in zip(kinds, maps, strict=True):
        grouped[kind].append(item)
    events: dict[EventKind, Iterator[Event]] = {
        EventKind.IDENTITY: iter(msgspec.convert(grouped[EventKind.IDENTITY], list[PlayerIdentity])),
        EventKind.FUNNEL: iter(msgspec.convert(grouped[EventKind.FUNNEL], list[FunnelStep])),
        EventKind.GAMEPLAY: iter(msgspec.convert(grouped[EventKind.GAMEPLAY], list[GameplayEvent])),
        EventKind.TRAJECTORY: map(_checked, msgspec.convert(grouped[EventKind.TRAJECTORY], list[Trajectory])),
    }
    ordered = [next(events[kind]) for kind in kinds]
    return EventBatch(ordered, frozenset([event.app_id for event in ordered]))


def kind_of(item: dict[str, Any]) -> EventKind:
    """What an event is, by the one key that tells. A null one counts as absent, which is how C# sends it.

    Raises NeedsDiagnosis when there is none, or more than one.
    """
    name, step, positions = item.get("event_name"), item.get("funnel_step_name"), item.get("positions")
    if (name is not None) + (step is not None) + (positions is not None) != 1:
        raise NeedsDiagnosis
    if positions is not None:
        return EventKind.TRAJECTORY
    if step is not None:
        return EventKind.FUNNEL
    return EventKind.IDENTITY if name == CREATE_PLAYER else EventKind.GAMEPLAY


def _plain_maps(body: bytes, count: int | None, in_haste: bool) -> list[dict[str, Any]]:
    if not _may_hold_long_text(body):
        try:
            return [_decode_map(body)] if count is None else _decode_maps(body)
        except msgspec.ValidationError:
            pass
    if in_haste:
        raise NeedsTime
    return _hooked_maps(body, count)


# --------------------------------------------------------------------------------- the third way: a look at every value


class _DeepMap(dict[str, Any]):
    """A map with containers in it, that knows how many levels it has. One without is a plain dict, and has one."""

    __slots__ = ("levels",)
    levels: int


class _DeepList(list[Any]):
    __slots__ = ("levels",)
    levels: int


def _hooked_maps(body: bytes, count: int | None) -> list[dict[str, Any]]:
    """Any values that JSON can tell, and bytes, up to the nesting limit."""
    root = msgpack.unpackb(
        body, object_pairs_hook=_map_of, list_hook=_list_of, ext_hook=_refuse_extension, strict_map_key=False
    )
    maps = [root] if count is None else root
    for item in maps:
        if not isinstance(item, dict) or _levels(item) > MAX_NESTING:
            raise NeedsDiagnosis
    return maps


def _map_of(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    for key, _ in pairs:
        if type(key) is not str:
            raise NeedsDiagnosis
    _check_texts([key for key, _ in pairs])
    levels = _check_values([value for _, value in pairs])
    if not levels:
        return dict(pairs)
    result = _DeepMap(pairs)
    result.levels = levels + 1
    return result


def _list_of(items: list[Any]) -> list[Any]:
    levels = _check_values(items)
    if not levels:
        return items
    result = _DeepList(items)
    result.levels = levels + 1
    return result


def _check_values(values: list[Any]) -> int:
    """The levels of the deepest container among values, 0 without any."""
    types = set(map(type, values))
    if not types <= _ACCEPTED_TYPES:
        raise NeedsDiagnosis
    if float in types and not all(math.isfinite(v) for v in values if type(v) is float):
        raise NeedsDiagnosis
    if str in types:
        _check_texts([v for v in values if type(v) is str])
    if types & _CONTAINER_TYPES:
        return max([_levels(v) for v in values if type(v) in _CONTAINER_TYPES])
    return 0


def _levels(container: Any) -> int:
    return container.levels if type(container) in _DEEP_TYPES else 1


_DEEP_TYPES: frozenset[type] = frozenset({_DeepMap, _DeepList})
_CONTAINER_TYPES: frozenset[type] = _DEEP_TYPES | {dict, list}
_ACCEPTED_TYPES: frozenset[type] = _CONTAINER_TYPES | {type(None), bool, int, float, str, bytes}


def _check_texts(texts: Iterable[str]) -> None:
    for text in texts:
        if len(text) > _SURELY_SHORT_CHARS and len(text.encode()) > MAX_TEXT_BYTES:
            raise NeedsDiagnosis


_SURELY_SHORT_CHARS = MAX_TEXT_BYTES // 4  # a character takes four bytes at most


def _refuse_extension(code: int, data: bytes) -> Any:
    raise NeedsDiagnosis
