"""Where every session was at one moment: between two samples, on the way from one to the other. No Qt."""

import numpy as np

from console.ui.level.session_table import HIDDEN
from console.ui.level.tracks import SESSION, TIME, Head, TrackStore

# Who sent nothing for a little while is still where the last sample was.
HOLD_S = 3.0


def heads_at(tracks: TrackStore, time_us: int, limit: int) -> list[Head]:
    """The places of up to `limit` sessions; sessions that did not play then, or are hidden, have none."""
    at = (time_us - tracks.base_us) / 1e6
    runs = tracks.strips
    rows = np.flatnonzero((runs.start_s <= at) & (runs.end_s >= at - HOLD_S))
    rows = rows[tracks.sessions.emphasis()[runs.session[rows]] != HIDDEN]
    if len(rows) == 0:
        return []
    # One strip a session: the one that is going on, else the one that ended last.
    order = np.lexsort((np.minimum(runs.end_s[rows], at), runs.session[rows]))
    rows = rows[order]
    last = np.append(np.diff(runs.session[rows]) != 0, True)
    rows = rows[last][:limit]
    first, count = runs.first[rows], runs.count[rows]
    begins = np.cumsum(count) - count
    times = tracks.gathered_times(np.repeat(first - begins, count) + np.arange(count.sum()))
    # Of each strip the last vertex at or before the moment, and the one after it.
    passed = np.add.reduceat((times <= at).astype(np.int64), begins)
    index = np.clip(passed - 1, 0, count - 1)
    before = tracks.gathered(first + index)
    after = tracks.gathered(first + np.minimum(index + 1, count - 1))
    gap = (after[:, TIME] - before[:, TIME]).astype(np.float64)
    share = np.where((passed > 0) & (gap > 0), (at - before[:, TIME]) / np.where(gap > 0, gap, 1.0), 0.0)
    step = (after[:, :3].astype(np.float64) - before[:, :3]) * np.clip(share, 0.0, 1.0)[:, None]
    before[:, :3] += step
    numbers = before[:, SESSION].astype(np.int64).tolist()
    return [
        Head(number, tracks.sessions[number].player_id, vertex, time_us)
        for number, vertex in zip(numbers, before, strict=True)
    ]
