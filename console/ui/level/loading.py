"""Asks the server for what the level view shows; heavy conversions run off the window's thread."""

import asyncio

import numpy as np

from console.client import ConsoleClient
from console.columns import categories, numbers, text
from console.messages import Columns
from console.ui.level import history
from console.ui.level.geometry import MeshGeometry, geometry
from console.ui.level.markers import MAX_MARKERS
from console.ui.level.model import History, LevelScene

# Two thirds of what the tracks can hold, so that live samples push nothing out for a while.
MAX_HISTORY_SAMPLES = 1_300_000


async def load_history(
    client: ConsoleClient, scene: LevelScene, from_us: int | None = None, to_us: int | None = None
) -> History:
    """The newest past of the scene's level in its scope, of a time where one is given.

    Raises ConsoleUnavailable or ConsoleRefused.
    """
    params = scene.query_params()
    unit = scene.saved_transforms().metres_per_unit
    window = {name: value for name, value in (("from_us", from_us), ("to_us", to_us)) if value is not None}
    sessions = await client.query("level_sessions", **params)
    samples = await client.query("samples", limit=MAX_HISTORY_SAMPLES, **params, **window)
    base_us = int(numbers(samples, "time_us").min()) if samples.rows else 0
    entries = _entries(scene, sessions, samples)
    known = np.array([number for number, _ in entries], dtype=np.int64)
    tracks = await asyncio.to_thread(history.track_store, samples, known, base_us, unit, scene.sessions)
    placed = await client.query("markers", limit=MAX_MARKERS, **params)
    found = await asyncio.to_thread(history.markers, placed)
    return History(tracks, found, _last_seq(samples), _last_seq(placed), samples.truncated, entries, (from_us, to_us))


def _entries(scene: LevelScene, sessions: Columns, samples: Columns) -> list[tuple[int, int]]:
    """For each session of the samples, in their order, its number and when it entered the level."""
    begins = history.session_rows(samples)
    if len(begins) == 0:
        return []
    entered: dict[tuple[str, str], tuple[str, int]] = {}
    if sessions.rows:
        ids = zip(text(sessions, "app_id"), text(sessions, "session_id"), strict=True)
        about = zip(text(sessions, "build_id"), numbers(sessions, "entered_us").tolist(), strict=True)
        entered = dict(zip(ids, about, strict=True))
    result = []
    apps, session_ids, players = (categories(samples, name) for name in ("app_id", "session_id", "player_id"))
    times_us = numbers(samples, "time_us")
    for row in begins.tolist():
        app_id, session_id, player_id = (names[codes[row]] for codes, names in (apps, session_ids, players))
        build_id, entered_us = entered.get((app_id, session_id), ("", int(times_us[row])))
        number = scene.session_number(app_id, session_id, player_id, build_id)
        result.append((number, min(entered_us, int(times_us[row]))))
    return result


async def load_mesh(client: ConsoleClient, model_id: str) -> MeshGeometry:
    """A model's triangles. Raises ConsoleUnavailable, ConsoleRefused, or ValueError for a mesh that is not one."""
    mesh = await client.mesh(model_id)
    return await asyncio.to_thread(geometry, mesh)


def _last_seq(answer: Columns) -> int:
    return int(numbers(answer, "seq").max()) if answer.rows else -1
