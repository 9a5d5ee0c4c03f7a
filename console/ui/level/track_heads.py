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
    heads = []
    for first, count in zip(runs.first[rows].tolist(), runs.count[rows].tolist(), strict=True):
        line = tracks.vertices(first, first + count)
        index = int(np.searchsorted(line[:, TIME], at, side="right")) - 1
        vertex = line[max(index, 0)].copy()
        if 0 <= index < count - 1:
            gap = float(line[index + 1, TIME] - vertex[TIME])
            share = (at - float(vertex[TIME])) / gap if gap > 0 else 0.0
            vertex[:3] += (line[index + 1, :3].astype(np.float64) - vertex[:3]) * share
        number = int(vertex[SESSION])
        heads.append(Head(number, tracks.sessions[number].player_id, vertex, time_us))
    return heads
