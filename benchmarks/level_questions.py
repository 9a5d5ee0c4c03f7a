"""What questions about groups of sessions cost the event store, against finding the distinct sessions of its events.

    python -m benchmarks.level_questions [--trajectories N]

A store is filled with trajectories of two samples, half as many gameplay events, and 50 trajectories a session; 400
sessions at a time. Nine of ten sessions were in one level, one of twenty names it in an event only, one of twenty in
another one, and half of the session ids are those of a second application, too. Every question is asked of all
sessions, and of every fourth. Figures are processor seconds, of three the median; `ratio` is to `distinct_secs`, which
a plain SQL over the text of all events takes. Prints one JSON object.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import duckdb
import numpy as np
import pyarrow as pa

from console.storage.duckdb_store import DuckDbStore
from console.storage.event_store import ColumnBatch, Position

_OF_A_SESSION = 50
_AT_ONCE = 400
_ROUND = _OF_A_SESSION * _AT_ONCE  # trajectories
_APPS = ("72ab8f81-ef36-4712-a046-399a62b9afaa", "f31d9f8d-93d4-4c42-8a35-6f4dc1b4f9c1")
_START_US = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1e6)
_LEVEL = "Level_1"
_TIMES = 3
_STAMP = pa.timestamp("us")

_QUESTIONS: dict[str, dict[str, Any]] = {
    "level_summary": {"level_id": _LEVEL},
    "level_builds": {"level_id": _LEVEL},
    "level_waits": {"level_id": _LEVEL},
    "level_sessions": {"level_id": _LEVEL},
    "frame_rate_worst": {"below": 30, "level_id": _LEVEL},
    "frame_rate_groups": {"by": "build", "rate": "mean"},
    "frame_rate_histograms": {"by": "level", "rate": "mean"},
    "overview_rates": {},
    "overview_totals": {},
}
_DISTINCT = "SELECT count(DISTINCT (app_id, session_id)) FROM events WHERE kind = 3"


def _session(number: int) -> tuple[str, str]:
    """Its application and its id. Of four sessions, two have one id."""
    of_second = number % 4 == 3
    return _APPS[of_second], str(UUID(int=(number - of_second) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128))


def _batch(round_: int, after: Position, random: np.random.Generator) -> ColumnBatch:
    """A round of sessions: what they moved, and what they did."""
    count = _ROUND + _ROUND // 2
    session = round_ * _AT_ONCE + random.permutation(np.resize(np.arange(_AT_ONCE), count))
    moves = random.permutation(np.arange(count) < _ROUND)
    seq = after.seq + 1 + np.arange(count, dtype=np.int64)
    start_us = _START_US + (round_ * 600_000_000) + np.sort(random.integers(0, 600_000_000, count))
    names = {number: _session(number) for number in range(round_ * _AT_ONCE, (round_ + 1) * _AT_ONCE)}
    kind = session % 20
    named = np.where(kind == 7, "Level_2", np.where(kind == 11, "Level_3", _LEVEL))
    unnamed = (kind == 5) & moves  # its events say where it was
    text = {
        "app_id": pa.array([names[number][0] for number in session]),
        "build_id": pa.array([f"1.{number % 3}.0" for number in session]),
        "player_id": pa.array([f"player-{number % 5_003:032d}" for number in session]),
        "session_id": pa.array([names[number][1] for number in session]),
        "level_id": pa.array(named, pa.string(), mask=unnamed),
    }
    places = random.uniform(-50, 50, (count, 3))
    events = pa.table(
        text
        | {
            "seq": seq,
            "request_id": seq // 100,
            "idx": (seq % 100).astype(np.int32),
            "received_at": pa.array(start_us, _STAMP),
            "time": pa.array(start_us, _STAMP),
            "kind": np.where(moves, 3, 2).astype(np.uint8),
            "name": np.where(moves, "", np.char.add("Event_", (seq % 7).astype(str))).tolist(),
            "peer": ["127.0.0.1"] * count,
            "route": ["/api/events"] * count,
        }
        | {axis: places[:, number] for number, axis in enumerate("xyz")}
    )
    tracks = seq[moves]
    begun_us = start_us[moves]
    spots = places[moves].astype(np.float32)
    trajectories = pa.table(
        {name: column.filter(pa.array(moves)) for name, column in text.items()}
        | {
            "seq": tracks,
            "start_at": pa.array(begun_us, _STAMP),
            "end_at": pa.array(begun_us + 10_000_000, _STAMP),
            "samples": np.full(_ROUND, 2, np.int32),
            "fps_mean": random.normal(60, 10, _ROUND),
            "fps_low_5": random.normal(45, 10, _ROUND),
            "fps_low_1": random.normal(30, 5, _ROUND),
            "status": [""] * _ROUND,
        }
        | {f"min_{axis}": spots[:, number] for number, axis in enumerate("xyz")}
        | {f"max_{axis}": spots[:, number] + 5 for number, axis in enumerate("xyz")}
    )
    spots = np.repeat(spots, 2, axis=0)
    spots[1::2] += 5
    samples = pa.table(
        {
            "seq": np.repeat(tracks, 2),
            "idx": np.tile(np.arange(2, dtype=np.int32), _ROUND),
            "time": pa.array(np.repeat(begun_us, 2) + np.tile([0, 10_000_000], _ROUND), _STAMP),
        }
        | {axis: spots[:, number] for number, axis in enumerate("xyz")}
    )
    upto = Position(after.request_id + 1, after.seq + count)
    return ColumnBatch(after, upto, events, trajectories, samples)


def _fill(store: DuckDbStore, rounds: int) -> None:
    store.migrate("benchmark", Position(2**62, 2**62))
    random = np.random.default_rng(7)
    for round_ in range(rounds):
        store.append(_batch(round_, store.position(), random))


def _processor_secs(call: Callable[[], object]) -> float:
    taken = []
    for _ in range(_TIMES):
        began = time.process_time()
        call()
        taken.append(time.process_time() - began)
    return round(median(taken), 3)


def _distinct_secs(path: Path) -> float:
    with duckdb.connect(str(path), config={"threads": 2}) as db:
        return _processor_secs(lambda: db.execute(_DISTINCT).fetchall())


def _asked(store: DuckDbStore, sessions: int) -> dict[str, dict[str, float]]:
    chosen: dict[str, list[str]] = {}
    for number in range(0, sessions, 4):
        app_id, session_id = _session(number)
        chosen.setdefault(app_id, []).append(session_id)

    def ask(name: str, **more: Any) -> float:
        params = _QUESTIONS[name] | more
        return _processor_secs(lambda: store.query(name, params))

    return {name: {"all_secs": ask(name), "chosen_secs": ask(name, sessions=chosen)} for name in _QUESTIONS}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.level_questions", description=__doc__)
    parser.add_argument("--trajectories", type=int, default=1_000_000)
    args = parser.parse_args(arguments)
    rounds = max(1, args.trajectories // _ROUND)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.duckdb"
        store = DuckDbStore(path)
        try:
            _fill(store, rounds)
            answers = _asked(store, rounds * _AT_ONCE)
        finally:
            store.close()
        distinct = _distinct_secs(path)
    for answer in answers.values():
        answer["ratio"] = round(answer["all_secs"] / distinct, 3)
        answer["chosen_ratio"] = round(answer["chosen_secs"] / distinct, 3)
    figures = {"trajectories": rounds * _ROUND, "sessions": rounds * _AT_ONCE, "distinct_secs": distinct}
    print(json.dumps({"benchmark": "level_questions"} | figures | {"questions": answers}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
