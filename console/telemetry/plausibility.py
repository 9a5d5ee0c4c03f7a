"""What is probably not meant in an event that was taken, seen beside its session and its level. Pure.

`inspect` looks at the event alone; this needs to be told what was recorded around it.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
from msgspec import Struct

from console.telemetry.coordinates import Axes, share_inside, to_viewer
from console.telemetry.events import epoch_us
from console.telemetry.inspect import Note, Span, duration_text, event_span, payload_of
from console.telemetry.layout import Broken, Form, head_at, key_text, path_text, skip
from console.telemetry.placement import AS_AXES_SAY, Calibration
from console.telemetry.times import BadTimestamp, parse_timestamp

# Clients send their events in batches and some of them at once, so that a little disorder means nothing.
_BEFORE_US = 1_000_000
# Players jump, and models have thin edges: what lies this near the model is inside it.
_MARGIN_SHARE = 0.05
_MARGIN_METRES = 2.0

Corner = tuple[float, float, float]


class LevelBox(Struct, frozen=True):
    """The bounds of a level's model in its own axes and units, the axes of what games send, and the calibration."""

    level_id: str
    bounds: tuple[Corner, Corner]
    mesh_axes: Axes
    telemetry_axes: Axes
    calibration: Calibration = AS_AXES_SAY


class Surroundings(Struct, frozen=True, kw_only=True):
    """What was recorded of the event's session before it, and its level's model. None: not known."""

    events_before: int = 0
    first_us: int | None = None
    player_id: str | None = None
    level: LevelBox | None = None


def doubts(body: bytes, index: int, around: Surroundings) -> list[Note]:
    """What does not fit one event's session or level. Nothing for what cannot be read."""
    span = event_span(body, index)
    event = payload_of(body, index)
    if span is None or not isinstance(event, dict):
        return []
    fields = dict(_fields(body, span))
    root = None if head_at(body, 0).form is Form.MAP else (None, index)
    found = itertools.chain(_of_session(event, around), _of_level(event, around.level))
    return [Note(path_text((root, name)), text, fields[name]) for name, text in found if name in fields]


def _fields(body: bytes, span: Span) -> Iterator[tuple[str, Span]]:
    try:
        head = head_at(body, span.start)
        at = head.content
        for _ in range(head.size):
            name, value = key_text(body, at), skip(body, at)
            at = skip(body, value)
            yield name, Span(value, at)
    except Broken:
        return


def _of_session(event: dict[str, Any], around: Surroundings) -> Iterator[tuple[str, str]]:
    if not around.events_before:
        return
    player = event.get("player_id")
    if around.player_id and isinstance(player, str) and player != around.player_id:
        yield "player_id", f"not the session's player: its other events name {around.player_id[:64]}"
    for name in ("timestamp", "timestamp_start"):
        text = event.get(name)
        if around.first_us is None or not isinstance(text, str):
            continue
        try:
            early_us = around.first_us - epoch_us(parse_timestamp(text).instant)
        except (BadTimestamp, OverflowError, ValueError):
            continue
        if early_us > _BEFORE_US:
            yield name, f"{duration_text(early_us)} before the first event of its session: another clock, or sent late"


def _of_level(event: dict[str, Any], level: LevelBox | None) -> Iterator[tuple[str, str]]:
    if level is None:
        return
    for name in ("position", "positions"):
        numbers = event.get(name)
        if not isinstance(numbers, list) or not numbers or len(numbers) % 3:
            continue
        try:
            points = np.array(numbers, dtype=np.float64).reshape(-1, 3)
        except (ValueError, TypeError, OverflowError):
            continue
        inside = share_inside(to_viewer(points, level.telemetry_axes, level.calibration.telemetry), *_box(level))
        outside = round((1 - inside) * len(points))
        if outside:
            what = "outside" if len(points) == 1 else f"{outside:,} of {len(points):,} samples outside"
            yield (
                name,
                f"{what} the model of {level.level_id[:64]}: a fall, another level, or other axes than set for it",
            )


def _box(level: LevelBox) -> tuple[Any, float]:
    """The model's bounds in the viewer's metres, and how far outside still counts as inside."""
    low, high = level.bounds
    corners = to_viewer(list(itertools.product(*zip(low, high, strict=True))), level.mesh_axes, level.calibration.mesh)
    bounds = np.stack([corners.min(axis=0), corners.max(axis=0)])
    return bounds, max(_MARGIN_METRES, _MARGIN_SHARE * float(np.linalg.norm(bounds[1] - bounds[0])))
