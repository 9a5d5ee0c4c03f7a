"""What a filter can ask for by a cell of the live table. Pure."""

from collections.abc import Callable, Sequence
from typing import Final

from console.messages import EventRow
from console.telemetry.events import EventKind
from console.ui.widgets.filter_terms import instant, number_term, term


def cell_terms(row: EventRow, column: str) -> Sequence[str]:
    """Terms of the filter language, the likeliest first; "" among them is for none."""
    terms = _TERMS.get(column)
    return () if terms is None else terms(row)


def _time(row: EventRow) -> Sequence[str]:
    at = instant(row.time_us)
    return f"time:>={at}", f"time:<={at}"


def _kind(row: EventRow) -> Sequence[str]:
    return (term("kind", row.kind.name.lower()),)


def _name(row: EventRow) -> Sequence[str]:
    return _kind(row) if row.kind is EventKind.TRAJECTORY else (term("event", row.name),)


def _place(row: EventRow) -> Sequence[str]:
    if row.kind is EventKind.TRAJECTORY:
        rates = (("fps.low_1", row.fps_low_1), ("fps.low_5", row.fps_low_5), ("fps.mean", row.fps_mean))
        return [f"{field}:<={fps:.6g}" for field, fps in rates if fps is not None and fps >= 0]
    position = (("x", row.x), ("y", row.y), ("z", row.z))
    return [number_term(axis, value) for axis, value in position if value is not None]


_TERMS: Final[dict[str, Callable[[EventRow], Sequence[str]]]] = {
    "time": _time,
    "kind": _kind,
    "name": _name,
    "player": lambda row: (term("player", row.player_id),),
    "session": lambda row: (term("session", row.session_id),),
    "level": lambda row: (term("level", row.level_id),),
    "build": lambda row: (term("build", row.build_id), term("app", row.app_id)),
    "place": _place,
    "status": lambda row: (term("status", row.status),),
}
