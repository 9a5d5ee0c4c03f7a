"""From a POST's answer to its row in the window's model, at 1,000 events/s.

The baseline, in the same run: the same events seen by a client of the feed without a window. Target: p95 ≤ 100 ms.
"""

import argparse
import asyncio
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.bodies import make_marked_bodies
from benchmarks.live_window import LiveWindow
from benchmarks.load import Load, run_load
from benchmarks.processes import serving
from console.client import ConsoleClient, ConsoleUnavailable
from console.messages import FeedHello, FeedRows

_SETTLE_SECS = 1.5


def measure(*, rate: int, seconds: float) -> dict[str, Any]:
    with serving() as server:
        bodies = make_marked_bodies(server.app_id, int(rate * seconds * 1.1))
        load = Load(
            url=server.url,
            token=server.token,
            events_per_body=1,
            seconds=seconds,
            events_per_second=rate,
            keep_answers=True,
        )
        with FeedReader(server.workspace) as reader, LiveWindow(server.workspace) as window:
            time.sleep(_SETTLE_SECS)
            outcome = run_load(load, bodies)
            time.sleep(_SETTLE_SECS)
    assert window.seen is not None
    in_window = _latencies_ms(outcome.answered_at, window.seen.arrived)
    in_feed = _latencies_ms(outcome.answered_at, reader.arrived)
    return {
        "benchmark": "latency",
        "events_per_second": round(outcome.events_per_second),
        "rows": len(in_window),
        "answer_to_row_ms": _percentiles(in_window),
        "answer_to_feed_ms": _percentiles(in_feed),
        "post_answer_ms": {"p50": outcome.p50_ms, "p95": outcome.p95_ms},
        "missing_rows": outcome.events - len(in_window),
    }


class FeedReader:
    """A client of the feed on a thread, noting when each player's event came."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self.arrived: dict[str, float] = {}
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "FeedReader":
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the feed does not open")
        return self

    def __exit__(self, *_: object) -> None:
        if self._task is not None:
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(10)
        self._loop.close()

    def _run(self) -> None:
        self._task = self._loop.create_task(self._follow())
        try:
            self._loop.run_until_complete(self._task)
        except (asyncio.CancelledError, ConsoleUnavailable):
            return

    async def _follow(self) -> None:
        client, _ = ConsoleClient.for_workspace(self._workspace)
        async with client:
            async for frame in client.feed():
                now = time.monotonic()
                if isinstance(frame, FeedHello):
                    self._ready.set()
                elif isinstance(frame, FeedRows):
                    self.arrived.update((row.player_id, now) for row in frame.events)


def _latencies_ms(answered_at: list[float], arrived: dict[str, float]) -> list[float]:
    """A row may arrive before its answer does: that counts as nothing."""
    return [
        max(0.0, arrived[f"marked_{number}"] - answered) * 1000
        for number, answered in enumerate(answered_at)
        if answered and f"marked_{number}" in arrived
    ]


def _percentiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values) or [0.0]
    return {f"p{share}": round(ordered[(len(ordered) - 1) * share // 100], 1) for share in (50, 95, 99)}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=1000, help="events per second")
    parser.add_argument("--seconds", type=float, default=10.0)
    args = parser.parse_args(arguments)
    print(json.dumps(measure(rate=args.rate, seconds=args.seconds)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
