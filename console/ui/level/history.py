"""Answers of the event store as tracks and markers. Pure, and safe to run in a thread."""

import math

import numpy as np
from numpy.typing import NDArray

from console.columns import categories, numbers, text
from console.messages import Columns
from console.ui.level.markers import Marker
from console.ui.level.tracks import FIELDS, MEAN, NO_RATE, PLAYER, TIME, Head, PackedTracks, joins, session_key


def packed_tracks(answer: Columns, players: NDArray[np.int64], base_us: int, metres_per_unit: float) -> PackedTracks:
    """The `samples` query's answer, in its order: by session, then time.

    `players` holds the number of each distinct value of the column `player_id`.
    """
    if answer.rows == 0:
        return PackedTracks(np.empty((0, FIELDS), dtype=np.float32), np.empty(0, dtype=np.int64), [])
    app, app_ids = categories(answer, "app_id")
    session, session_ids = categories(answer, "session_id")
    player, player_names = categories(answer, "player_id")
    seq = numbers(answer, "seq")
    time_us = numbers(answer, "time_us").astype(np.int64)
    vertices = np.empty((answer.rows, FIELDS), dtype=np.float32)
    for axis, name in enumerate("xyz"):
        vertices[:, axis] = numbers(answer, name)
    vertices[:, TIME] = (time_us - base_us) / 1e6
    vertices[:, PLAYER] = players[player]
    for offset, name in enumerate(("fps_mean", "fps_low_5", "fps_low_1")):
        rate = numbers(answer, name).astype(np.float32)
        vertices[:, MEAN + offset] = np.where(np.isfinite(rate), rate, NO_RATE)
    way = np.linalg.norm(np.diff(vertices[:, :3], axis=0), axis=1) * metres_per_unit
    another = (session[1:] != session[:-1]) | (app[1:] != app[:-1])
    broken = another | ((seq[1:] != seq[:-1]) & ~joins(np.diff(time_us), way))
    starts = np.concatenate([[0], np.flatnonzero(broken) + 1]).astype(np.int64)
    lasts = np.append(np.flatnonzero(another), answer.rows - 1)
    lasts = lasts[np.argsort(time_us[lasts], kind="stable")]
    heads = [
        Head(
            session_key(app_ids[app[row]], session_ids[session[row]]),
            player_names[player[row]],
            vertices[row].copy(),
            int(time_us[row]),
        )
        for row in lasts.tolist()
    ]
    return PackedTracks(vertices, starts, heads)


def markers(answer: Columns) -> list[Marker]:
    """The `markers` query's answer, oldest first; events without a finite place are left out."""
    if answer.rows == 0:
        return []
    names = ("seq", "request_id", "index", "time_us")
    whole = [numbers(answer, name).astype(np.int64).tolist() for name in names]
    places = [numbers(answer, name).astype(np.float64).tolist() for name in "xyz"]
    columns = [*whole, text(answer, "name"), text(answer, "player_id"), *places]
    found = [Marker(*row) for row in zip(*columns, strict=True)]
    placed = [marker for marker in found if math.isfinite(marker.x + marker.y + marker.z)]
    return sorted(placed, key=lambda marker: marker.seq)
