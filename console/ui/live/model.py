"""The live table without Qt: which columns an event has, and how they read."""

from functools import lru_cache

from console.messages import EventRow
from console.telemetry.events import UNASSIGNED_LEVEL, EventKind
from console.ui.selection import Scope
from console.ui.widgets.formatting import dated_time, decimal, exact_time, plural, visible
from console.ui.widgets.row_store import RowStore
from console.ui.widgets.table_columns import RowCells, TableColumn, Tone, dim

HISTORY_ROWS = 10_000


def event_key(row: EventRow) -> int:
    """Events are in order of their `seq`."""
    return row.seq


def admits(scope: Scope, row: EventRow) -> bool:
    """Whether the left dock's choice includes this event."""
    return scope.admits(row.app_id, row.build_id, row.session_id)


def event_store(capacity: int | None = None) -> RowStore[EventRow]:
    """An empty store of events."""
    return RowStore(event_key) if capacity is None else RowStore(event_key, capacity=capacity)


def event_cells() -> RowCells[EventRow]:
    """The table's columns, in the order of their first appearance."""
    return RowCells(COLUMNS, event_key)


def _time(row: EventRow) -> str:
    return dated_time(row.time_us)


def _time_hover(row: EventRow) -> str:
    return f"{exact_time(row.time_us)}\n\nReceived {exact_time(row.received_at_us)}"


_KIND_LABELS = {kind: kind.label for kind in EventKind}


def _kind(row: EventRow) -> str:
    return _KIND_LABELS[row.kind]


@lru_cache(maxsize=1024)
def _trajectory_name(samples: int, duration_us: int) -> str:
    return f"{plural(samples, 'sample')} · {duration_us / 1e6:.1f} s"


def _name(row: EventRow) -> str:
    if row.kind is EventKind.TRAJECTORY:
        return _trajectory_name(row.samples, row.duration_us)
    return visible(row.name)


def _name_hover(row: EventRow) -> str:
    if row.kind is EventKind.TRAJECTORY:
        return f"{plural(row.samples, 'sample')} over {row.duration_us / 1e6:.6f} s"
    return visible(row.name, 2_000)


def _player(row: EventRow) -> str:
    return visible(row.player_name or row.player_id)


def _player_hover(row: EventRow) -> str:
    return f"{visible(row.player_name)}\n\n{row.player_id}" if row.player_name else visible(row.player_id, 2_000)


def _session(row: EventRow) -> str:
    return visible(row.session_id)


def _level(row: EventRow) -> str:
    if row.level_id:
        return visible(row.level_id)
    # An identity is about a player, who is on no level; the player API knows no levels.
    return "" if row.kind in _WITHOUT_LEVEL else UNASSIGNED_LEVEL


_WITHOUT_LEVEL = (EventKind.IDENTITY, EventKind.PLAYER_API)


def _level_tone(row: EventRow) -> Tone:
    return Tone.TEXT if row.level_id else Tone.DIM


def _build(row: EventRow) -> str:
    return visible(row.build_id)


@lru_cache(maxsize=4096)
def _frame_rate(mean: float | None, low_5: float | None, low_1: float | None) -> str:
    return " / ".join("–" if fps is None else f"{fps:.0f}" for fps in (mean, low_5, low_1)) + " fps"


def _place(row: EventRow) -> str:
    if row.kind is EventKind.TRAJECTORY:
        if row.fps_mean is None and row.fps_low_5 is None and row.fps_low_1 is None:
            return ""
        return _frame_rate(row.fps_mean, row.fps_low_5, row.fps_low_1)
    if row.x is None or row.y is None or row.z is None:
        return ""
    return f"{decimal(row.x)}, {decimal(row.y)}, {decimal(row.z)}"


def _place_hover(row: EventRow) -> str:
    lines = []
    if row.x is not None and row.y is not None and row.z is not None:
        what = "First position" if row.kind is EventKind.TRAJECTORY else "Position"
        lines.append(f"{what} {row.x:.9g}, {row.y:.9g}, {row.z:.9g} in the game's axes and units")
    if row.kind is EventKind.TRAJECTORY:
        rates = zip(("mean", "low 5 %", "low 1 %"), (row.fps_mean, row.fps_low_5, row.fps_low_1), strict=True)
        lines += [f"{what} {fps:.7g} frames/s" for what, fps in rates if fps is not None]
    return "\n".join(lines)


def _status(row: EventRow) -> str:
    return visible(row.status)


COLUMNS: tuple[TableColumn[EventRow], ...] = (
    TableColumn("time", "Time", 104, _time, dim, _time_hover, mono=True),
    TableColumn("kind", "Kind", 94, _kind, chip=True),
    TableColumn("name", "Name", 140, _name, hover=_name_hover, least=130),
    TableColumn("player", "Player", 100, _player, hover=_player_hover, least=96),
    TableColumn("session", "Session", 88, _session, dim, mono=True, least=84, leaves=2),
    TableColumn("level", "Level", 90, _level, _level_tone, least=80),
    TableColumn("build", "Build", 124, _build, dim, middle=True, least=96, leaves=4),
    TableColumn("place", "Position / frame rate", 156, _place, hover=_place_hover, mono=True, least=152),
    TableColumn("status", "Status", 84, _status, dim, least=80, leaves=3),
)
