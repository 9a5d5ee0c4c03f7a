"""Asks the server for what the level view shows; heavy conversions run off the window's thread."""

import asyncio

import numpy as np

from console.client import ConsoleClient
from console.columns import categories, numbers
from console.messages import Columns
from console.ui.level import history
from console.ui.level.geometry import MeshGeometry, geometry
from console.ui.level.markers import MAX_MARKERS
from console.ui.level.model import History, LevelScene

# Two thirds of what the tracks can hold, so that live samples push nothing out for a while.
MAX_HISTORY_SAMPLES = 1_300_000


async def load_history(client: ConsoleClient, scene: LevelScene) -> History:
    """The past of the scene's level in its scope. Raises ConsoleUnavailable or ConsoleRefused."""
    params = scene.query_params()
    unit = scene.transforms.metres_per_unit
    samples = await client.query("samples", limit=MAX_HISTORY_SAMPLES, **params)
    base_us = int(numbers(samples, "time_us").min()) if samples.rows else 0
    players = np.empty(0, dtype=np.int64)
    if samples.rows:
        players = scene.players.all_of(categories(samples, "player_id")[1])
    tracks = await asyncio.to_thread(history.packed_tracks, samples, players, base_us, unit)
    placed = await client.query("markers", limit=MAX_MARKERS, **params)
    found = await asyncio.to_thread(history.markers, placed)
    return History(tracks, found, base_us, _last_seq(samples), _last_seq(placed), samples.truncated)


async def load_mesh(client: ConsoleClient, model_id: str) -> MeshGeometry:
    """A model's triangles. Raises ConsoleUnavailable, ConsoleRefused, or ValueError for a mesh that is not one."""
    mesh = await client.mesh(model_id)
    return await asyncio.to_thread(geometry, mesh)


def _last_seq(answer: Columns) -> int:
    return int(numbers(answer, "seq").max()) if answer.rows else -1
