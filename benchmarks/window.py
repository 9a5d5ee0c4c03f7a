"""Paint time of the Live table while 5,000 events/s arrive, against the same table at 50 events/s.

Target: p95 ≤ 16 ms, one frame of a 60 Hz screen. `paint_ms` is by the clock, `paint_cpu_ms` the processor time of the
same paints. The games, the server, the event store and the screen (Xvfb paints in software) run on the same machine:
where they leave no core free, the clock also counts the waiting, and only `paint_cpu_ms` tells what painting costs.
"""

import argparse
import json
import sys
import time
from typing import Any

from benchmarks.bodies import make_bodies
from benchmarks.live_window import LiveWindow, Seen
from benchmarks.load import Load, run_load
from benchmarks.processes import MeasuredServer, serving

_QUIET_RATE = 50
_BATCH = 10
_SETTLE_SECS = 1.0


def measure(*, rate: int, seconds: float) -> dict[str, Any]:
    with serving() as server:
        quiet, _ = _watch(server, _QUIET_RATE, seconds)
        busy, accepted = _watch(server, rate, seconds)
    return {
        "benchmark": "window",
        "events_per_second": round(accepted),
        "busy": _summary(busy, seconds),
        "quiet": _summary(quiet, seconds),
        "p95_ratio": round(_percentile(busy.paints_ms, 95) / max(_percentile(quiet.paints_ms, 95), 0.001), 2),
    }


def _watch(server: MeasuredServer, rate: int, seconds: float) -> tuple[Seen, float]:
    bodies = make_bodies(server.app_id, events_per_body=_BATCH, bodies=500)
    load = Load(url=server.url, token=server.token, events_per_body=_BATCH, seconds=seconds, events_per_second=rate)
    with LiveWindow(server.workspace) as window:
        time.sleep(_SETTLE_SECS)
        outcome = run_load(load, bodies)
    assert window.seen is not None
    return window.seen, outcome.events_per_second


def _summary(seen: Seen, seconds: float) -> dict[str, Any]:
    return {
        "paint_ms": _shares(seen.paints_ms),
        "paint_cpu_ms": _shares(seen.paints_cpu_ms),
        "paints_per_second": round(len(seen.paints_ms) / seconds, 1),
        "rows": seen.rows,
        "skipped": seen.skipped,
    }


def _shares(values_ms: list[float]) -> dict[str, float]:
    return {f"p{share}": round(_percentile(values_ms, share), 2) for share in (50, 95, 99)}


def _percentile(values: list[float], share: int) -> float:
    ordered = sorted(values) or [0.0]
    return ordered[(len(ordered) - 1) * share // 100]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=5000, help="events per second")
    parser.add_argument("--seconds", type=float, default=10.0)
    args = parser.parse_args(arguments)
    print(json.dumps(measure(rate=args.rate, seconds=args.seconds)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
