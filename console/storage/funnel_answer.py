"""Works the answer of the query `funnel` out of the events that are its steps.

Which steps were reached is decided one event after another, which SQL is slow at (an ASOF join a step); numpy needs
a pass of some milliseconds. It happens in the store's process, so that no million of events crosses to another.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from console.columns import Array, TextColumn
from console.telemetry.funnels import NEVER, Hits, Integers, Reached, reach, tally

Answer = Mapping[str, Array | Sequence[str | None]]

MAX_GROUPS = 12
MAX_UNITS = 1_000
_KINDS = {"funnel": 1, "gameplay": 2}
_COLUMN_OF = {"build": "build_id", "level": "level_id", "input": "input"}


def funnel_answer(events: Answer, params: Mapping[str, Any]) -> dict[str, Array | Sequence[str | None]]:
    """The steps' numbers; or, with `behind`, the units that reached that step, newest first.

    - `per`: "session" (None) or "player"; `within_us`, `strict`: see `console.telemetry.funnels`
    - `by`: "build", "level" or "input": numbers for each group, too. A unit is of the group of its first step
    - `behind`: a step, from 0; with `lost`, only those that reached none after it; with `group`, only of that group

    Columns of the numbers: `group` (null: all), `step`, `units`, `median_secs`, `p90_secs`; groups by size, 12 at
    most. Columns of the units: `session_id` (of a player, the one that got farthest), `player_id`, `build_id`,
    `level_id`, `step` and `time_us` of the last step reached, `total` of such units; 1,000 rows at most.
    """
    names, seq, time_us = _names(events), _integers(events, "seq"), _integers(events, "time_us")
    unit = _text(events, "player_id" if params.get("per") == "player" else "session_id").codes.astype(np.int64)
    units = int(unit.max()) + 1 if len(unit) else 0
    number = {name: index for index, name in enumerate(dict.fromkeys(names[1]))}
    wanted = list(zip((_KINDS.get(kind, 0) for kind in params["kinds"]), params["names"], strict=False))
    chain = [number.get(name, NEVER) for name in wanted]
    hits = Hits(unit, time_us, seq, names[0])
    within_us = params.get("within_us")
    reached = reach(hits, chain, units, within_us=within_us, strict=bool(params.get("strict")))
    groups = _groups(events, reached, params.get("by"))
    if params.get("behind") is None:
        return _numbers(reached, time_us, groups)
    return _units(events, reached, params, groups)


def _names(events: Answer) -> tuple[Integers, list[tuple[int, str]]]:
    """The step name of every event as a number, and what the numbers mean."""
    name, kind = _text(events, "name"), _integers(events, "kind")
    codes = name.codes.astype(np.int64) * 2 + (kind == _KINDS["gameplay"])
    return codes, [(kind, value) for value in name.values for kind in (1, 2)]


def _groups(events: Answer, reached: Reached, by: str | None) -> tuple[NDArray[np.int64], list[str | None]]:
    """Of every unit, the number of its group (−1: did not begin), and the groups' names, the largest first."""
    entered = reached.hit[:, 0] != NEVER
    codes = np.full(len(reached.hit), -1, np.int64)
    if by not in _COLUMN_OF:
        return codes, []
    column = _text(events, _COLUMN_OF[by])
    codes[entered] = column.codes[reached.hit[entered, 0]] + 1  # 0: not known
    sizes = np.bincount(codes[entered], minlength=len(column.values) + 1)
    largest = [int(code) for code in np.argsort(-sizes, kind="stable") if sizes[code]]
    rank = np.full(len(sizes), -1, np.int64)
    rank[largest] = np.arange(len(largest))
    codes[entered] = rank[codes[entered]]
    return codes, ["" if code == 0 else column.values[code - 1] for code in largest]


def _numbers(
    reached: Reached, time_us: Integers, groups: tuple[NDArray[np.int64], list[str | None]]
) -> dict[str, Array | Sequence[str | None]]:
    of_unit, names = groups
    rows = [(None, step, told) for step, told in enumerate(tally(reached, time_us))]
    for number, name in enumerate(names[:MAX_GROUPS]):
        rows += [(name, step, told) for step, told in enumerate(tally(reached, time_us, of_unit == number))]  # type: ignore[misc]
    return {
        "group": [name for name, _, _ in rows],
        "step": np.array([step for _, step, _ in rows], np.int64),
        "units": np.array([told.units for _, _, told in rows], np.int64),
        "median_secs": np.array([told.median_secs for _, _, told in rows], np.float64),
        "p90_secs": np.array([told.p90_secs for _, _, told in rows], np.float64),
    }


def _units(
    events: Answer,
    reached: Reached,
    params: Mapping[str, Any],
    groups: tuple[NDArray[np.int64], list[str | None]],
) -> dict[str, Array | Sequence[str | None]]:
    step, depth = max(0, params["behind"]), reached.depth
    chosen = depth == step + 1 if params.get("lost") else depth > step
    of_unit, names = groups
    if params.get("group") is not None:
        chosen = chosen & (of_unit == (names.index(params["group"]) if params["group"] in names else len(names)))
    found = np.flatnonzero(chosen)
    last = reached.hit[found, depth[found] - 1]
    time_us = _integers(events, "time_us")[last]
    newest = np.argsort(-time_us, kind="stable")[: min(params.get("limit") or MAX_UNITS, MAX_UNITS)]
    last = last[newest]
    kept: dict[str, Array | Sequence[str | None]] = {
        name: _taken(_text(events, name), last) for name in ("session_id", "player_id", "build_id", "level_id")
    }
    return kept | {
        "step": (depth[found] - 1)[newest],
        "time_us": time_us[newest],
        "total": np.full(len(newest), len(found), np.int64),
    }


def _taken(column: TextColumn, rows: Integers) -> list[str | None]:
    values: list[str | None] = [*column.values, None]
    return [values[code] for code in column.codes[rows].tolist()]


def _text(events: Answer, name: str) -> TextColumn:
    column = events[name]
    if isinstance(column, TextColumn):
        return column
    raise TypeError(f"the column {name} is not text")


def _integers(events: Answer, name: str) -> Integers:
    return np.asarray(events[name]).astype(np.int64, copy=False)
