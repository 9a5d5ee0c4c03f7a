"""How long a heatmap of many samples takes, counted in the event store, against fetching them and counting in numpy.

    python -m benchmarks.heatmap [--samples N]

A store is filled with trajectories of 50 samples of 2,000 sessions, on a grid of 100 × 100 cells. Each question is
asked three times; the best counts. `fetched_secs` is the alternative: every sample as arrays, then np.bincount.
The ground is that of a level of a million triangles; `coverage_secs` is what the tool does with it: the ground in a
thread while the store answers, then both compared, in cells of 1 m. Prints one JSON object.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from console.storage.duckdb_store import DuckDbStore
from console.storage.event_store import ColumnBatch, Position
from console.telemetry.coordinates import matrix_to_viewer
from console.telemetry.coverage import HEIGHT_STEP_M, Visits, counting_grid, coverage
from console.telemetry.ground import Ground
from console.telemetry.heat import BIN_RATIO, Grid

_OF_A_TRAJECTORY = 50
_SESSIONS = 2_000
_PLAYERS = 500
_HALF_M = 50.0
_BATCH = 20_000  # trajectories
_BOX = ((-_HALF_M, -_HALF_M, -10.0), (_HALF_M, _HALF_M, 10.0))
_START_US = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1e6)


def _batch(first: int, count: int, random: np.random.Generator) -> ColumnBatch:
    import pyarrow as pa

    seq = np.arange(first + 1, first + count + 1, dtype=np.int64)
    start_us = _START_US + seq * 1_000
    places = np.repeat(random.uniform(-_HALF_M, _HALF_M, (count, 3)), _OF_A_TRAJECTORY, axis=0)
    xyz = (places + random.normal(0, 2, places.shape)).astype(np.float32)
    lowest, highest = (end(xyz.reshape(count, -1, 3), axis=1) for end in (np.min, np.max))
    times = np.repeat(start_us, _OF_A_TRAJECTORY) + np.tile(np.arange(_OF_A_TRAJECTORY) * 100_000, count)
    stamp = pa.timestamp("us")
    text = {
        "app_id": ["app"] * count,
        "build_id": [f"build {number % 2}" for number in seq],
        "player_id": [f"player {number % _PLAYERS}" for number in seq],
        "session_id": [f"session {number % _SESSIONS}" for number in seq],
        "level_id": ["Level"] * count,
    }
    trajectories = pa.table(
        text
        | {
            "seq": seq,
            "start_at": pa.array(start_us, stamp),
            "end_at": pa.array(start_us + 5_000_000, stamp),
            "samples": np.full(count, _OF_A_TRAJECTORY, np.int32),
            "fps_mean": random.normal(60, 10, count),
            "fps_low_5": random.normal(45, 10, count),
            "fps_low_1": random.normal(30, 5, count),
            "status": [""] * count,
        }
        | {f"min_{axis}": lowest[:, number] for number, axis in enumerate("xyz")}
        | {f"max_{axis}": highest[:, number] for number, axis in enumerate("xyz")}
    )
    samples = pa.table(
        {
            "seq": np.repeat(seq, _OF_A_TRAJECTORY),
            "idx": np.tile(np.arange(_OF_A_TRAJECTORY, dtype=np.int32), count),
            "time": pa.array(times, stamp),
            "x": xyz[:, 0],
            "y": xyz[:, 1],
            "z": xyz[:, 2],
        }
    )
    events = pa.table(
        text
        | {
            "seq": seq,
            "request_id": seq,
            "idx": np.zeros(count, np.int32),
            "received_at": pa.array(start_us, stamp),
            "time": pa.array(start_us, stamp),
            "kind": np.full(count, 3, np.uint8),
            "name": [""] * count,
            "peer": [""] * count,
            "route": [""] * count,
        }
    )
    last = first + count
    return ColumnBatch(Position(first, first), Position(last, last), events, trajectories, samples)


def _fill(store: DuckDbStore, samples: int) -> None:
    store.migrate("benchmark", Position(2**62, 2**62))
    random = np.random.default_rng(7)
    total = samples // _OF_A_TRAJECTORY
    for first in range(0, total, _BATCH):
        store.append(_batch(first, min(_BATCH, total - first), random))


def _best(call: Callable[[], object]) -> float:
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return round(min(taken), 3)


def _laid(grid: Grid, matrix: Any = None) -> dict[str, Any]:
    to_viewer = matrix_to_viewer("unity") if matrix is None else matrix
    return {"to_grid": grid.from_game(to_viewer), "columns": grid.columns, "rows": grid.rows}


def _asked(store: DuckDbStore) -> dict[str, float]:
    grid = Grid.over(_BOX, 1.0)
    band = Grid.over(_BOX, 1.0, low=-5.0, high=5.0)
    unity = matrix_to_viewer("unity")
    turned = unity.copy()
    turned[:2, :3] = [[0.8, 0.0, 0.6], [-0.6, 0.0, 0.8]]

    def ask(on: Grid = grid, matrix: Any = unity, **more: Any) -> Callable[[], object]:
        heights = {} if on.low is None else {"low": on.low, "high": on.high}
        return lambda: store.query("heat", {"level_id": "Level"} | _laid(on, matrix) | heights | more)

    def fetched() -> None:
        wanted = {"level_id": "Level", "limit": 1_000_000_000}
        answer = store.query("samples", wanted)
        points = np.column_stack([np.asarray(answer[axis], dtype=np.float64) for axis in "xyz"])
        numbers = grid.numbers(points @ unity[:3, :3].T)
        np.bincount(numbers[numbers >= 0], minlength=grid.cells)

    return {
        "time_secs": _best(ask()),
        "time_in_a_band_secs": _best(ask(band)),
        "time_turned_secs": _best(ask(matrix=turned)),
        "time_of_a_build_secs": _best(ask(build_id="build 1")),
        "players_secs": _best(ask(by="player")),
        "frame_rate_secs": _best(ask(by="low_1", bin_ratio=BIN_RATIO)),
        "builds_secs": _best(lambda: store.query("level_builds", {"level_id": "Level"})),
        "outside_secs": _best(
            lambda: store.query(
                "outside",
                {"level_id": "Level", "to_viewer": unity[:3].ravel().tolist(), "box": [*_BOX[0], *_BOX[1]]},
            )
        ),
        "visited_secs": _best(
            lambda: store.query("visited", {"level_id": "Level"} | _laid(grid) | {"step_m": HEIGHT_STEP_M})
        ),
        "fetched_secs": _best(fetched),
    }


def _covered(store: DuckDbStore) -> dict[str, float]:
    """Two wavy floors above one another, of a million triangles in all."""
    side = 500
    x, y = np.meshgrid(np.linspace(-_HALF_M, _HALF_M, side), np.linspace(-_HALF_M, _HALF_M, side))
    floor = np.column_stack([x.ravel(), y.ravel(), np.sin(x).ravel()])
    vertices = np.concatenate([floor, floor + np.array([0, 0, 8])])
    corner = (np.arange(side - 1)[:, None] * side + np.arange(side - 1)).ravel()
    faces = np.concatenate(
        [
            np.column_stack([corner, corner + 1, corner + side + 1]),
            np.column_stack([corner, corner + side + 1, corner + side]),
        ]
    )
    faces = np.concatenate([faces, faces + len(floor)])
    grid, by = counting_grid(_BOX, 1.0)
    ground = Ground.of(vertices, faces, grid, by=by)
    seen = np.random.default_rng(3).random(len(ground)) < 0.4
    reach = round(1.0 / grid.cell_m)
    coverage(ground, seen)  # what hangs together is found once

    def whole() -> None:
        with ThreadPoolExecutor(1) as thread:
            standing = thread.submit(Ground.of, vertices, faces, grid, by=by)
            ends = {"low": _BOX[0][2], "high": _BOX[1][2]}
            answer = store.query("visited", {"level_id": "Level"} | _laid(grid) | {"step_m": HEIGHT_STEP_M} | ends)
            visits = Visits(standing.result())
        visits.add(*(np.asarray(answer[name], np.int64) for name in ("cell", "step", "samples")))
        coverage(visits.ground, visits.samples > 0, reach=reach)

    return {
        "coverage_secs": _best(whole),
        "ground_secs": _best(lambda: coverage(Ground.of(vertices, faces, grid, by=by), seen, reach=reach)),
        "coverage_again_secs": _best(lambda: coverage(ground, seen, reach=reach)),
    }


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.heatmap", description=__doc__)
    parser.add_argument("--samples", type=int, default=10_000_000)
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        store = DuckDbStore(Path(folder) / "events.duckdb")
        try:
            _fill(store, args.samples)
            figures = _asked(store) | _covered(store)
        finally:
            store.close()
    print(json.dumps({"benchmark": "heatmap", "samples": args.samples} | figures))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
