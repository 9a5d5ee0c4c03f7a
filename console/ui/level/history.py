"""Answers of the event store as tracks and markers. Pure, and safe to run in a thread."""

import math

import numpy as np
from numpy.typing import NDArray

from console.columns import categories, numbers, text
from console.messages import Columns
from console.ui.level.markers import Marker
from console.ui.level.session_table import SessionTable
from console.ui.level.track_lines import joins, jumps
from console.ui.level.tracks import (
    FIELDS,
    MEAN,
    SESSION,
    SPEED,
    TIME,
    UNKNOWN,
    Head,
    PackedTracks,
    TrackStore,
    speeds,
)


def session_rows(answer: Columns) -> NDArray[np.int64]:
    """The row at which each session begins in the answer of `samples`, which is in order of sessions."""
    if answer.rows == 0:
        return np.empty(0, dtype=np.int64)
    app, session = categories(answer, "app_id")[0], categories(answer, "session_id")[0]
    another = (session[1:] != session[:-1]) | (app[1:] != app[:-1])
    return np.concatenate([[0], np.flatnonzero(another) + 1]).astype(np.int64)


def packed_tracks(
    answer: Columns, session_numbers: NDArray[np.int64], base_us: int, metres_per_unit: float
) -> PackedTracks:
    """The `samples` query's answer, in its order: by session, then time.

    `session_numbers` holds the number of the session that begins at each of `session_rows`.
    """
    if answer.rows == 0:
        return PackedTracks(np.empty((0, FIELDS), dtype=np.float32), np.empty(0, dtype=np.int64), [])
    begins = session_rows(answer)
    player, player_names = categories(answer, "player_id")
    seq = numbers(answer, "seq")
    time_us = numbers(answer, "time_us").astype(np.int64)
    vertices = np.empty((answer.rows, FIELDS), dtype=np.float32)
    for axis, name in enumerate("xyz"):
        vertices[:, axis] = numbers(answer, name)
    vertices[:, TIME] = (time_us - base_us) / 1e6
    vertices[:, SESSION] = np.repeat(session_numbers, np.diff(begins, append=answer.rows))
    for offset, name in enumerate(("fps_mean", "fps_low_5", "fps_low_1")):
        rate = numbers(answer, name).astype(np.float32)
        vertices[:, MEAN + offset] = np.where(np.isfinite(rate), rate, UNKNOWN)
    way = np.linalg.norm(np.diff(vertices[:, :3].astype(np.float64), axis=0), axis=1) * metres_per_unit
    another = np.zeros(answer.rows - 1, dtype=np.bool_)
    another[begins[1:] - 1] = True
    far = jumps(np.where(another, np.nan, way), np.diff(time_us) / 1e6)
    broken = another | far | ((seq[1:] != seq[:-1]) & ~joins(np.diff(time_us), way))
    starts = np.concatenate([[0], np.flatnonzero(broken) + 1]).astype(np.int64)
    vertices[:, SPEED] = speeds(vertices[:, :3], np.diff(time_us) / 1e6, starts)
    lasts = np.append(np.flatnonzero(another), answer.rows - 1)
    lasts = lasts[np.argsort(time_us[lasts], kind="stable")]
    heads = [
        Head(
            int(vertices[row, SESSION]),
            player_names[player[row]],
            vertices[row].copy(),
            int(time_us[row]),
        )
        for row in lasts.tolist()
    ]
    return PackedTracks(vertices, starts, heads)


def track_store(
    answer: Columns, session_numbers: NDArray[np.int64], base_us: int, metres_per_unit: float, sessions: SessionTable
) -> TrackStore:
    """The same, ready to be drawn: copying and measuring a million samples takes too long for the window's thread."""
    store = TrackStore(sessions, base_us=base_us)
    store.metres_per_unit = metres_per_unit
    store.add_packed(packed_tracks(answer, session_numbers, base_us, metres_per_unit))
    store.bounds()
    return store


def markers(answer: Columns) -> list[Marker]:
    """The `markers` query's answer, oldest first; events without a finite place are left out."""
    if answer.rows == 0:
        return []
    names = ("seq", "request_id", "index", "time_us")
    whole = [numbers(answer, name).astype(np.int64).tolist() for name in names]
    places = [numbers(answer, name).astype(np.float64).tolist() for name in "xyz"]
    columns = [*whole, text(answer, "name"), text(answer, "player_id"), *places]
    columns += [text(answer, "app_id"), text(answer, "session_id")]
    found = [Marker(*row) for row in zip(*columns, strict=True)]
    placed = [marker for marker in found if math.isfinite(marker.x + marker.y + marker.z)]
    return sorted(placed, key=lambda marker: marker.seq)
