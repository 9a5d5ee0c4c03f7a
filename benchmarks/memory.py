"""Resident memory of server, store process and window after 1 M events, against the same after 300,000.

Bounded means that the ratio stays near 1: no process holds on to every event. By 300,000 events the window's tables
(200,000 rows) are full; its tracks go on filling to 2 M samples. The store process caches up to its memory limit.
"""

import argparse
import json
import subprocess
import sys
import time
from typing import Any

import psutil

from benchmarks.bodies import make_bodies
from benchmarks.load import Load, run_load
from benchmarks.processes import MeasuredServer, screen_environment, serving

_BATCH = 100
_RATE = 25_000  # events/s: what the window is sent stays whole, so that it has everything to hold on to
_SETTLE_SECS = 4.0


def measure(*, few: int, many: int) -> dict[str, Any]:
    with serving() as server:
        window = _open_window(server)
        try:
            after_few = _after(server, window, few)
            after_many = _after(server, window, many - few)
        finally:
            window.terminate()
            window.wait(10)
    return {
        "benchmark": "memory",
        "few_events": few,
        "many_events": many,
        **{
            f"{process}_mb": {
                "few": before,
                "many": after_many[process],
                "ratio": round(after_many[process] / before, 2),
            }
            for process, before in after_few.items()
        },
    }


def _open_window(server: MeasuredServer) -> "subprocess.Popen[bytes]":
    window = subprocess.Popen(
        [sys.executable, "-m", "console", "--workspace", str(server.workspace)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=screen_environment(),
    )
    time.sleep(_SETTLE_SECS)
    return window


def _after(server: MeasuredServer, window: "subprocess.Popen[bytes]", events: int) -> dict[str, float]:
    """Send so many events, let both settle, and return their megabytes."""
    bodies = make_bodies(server.app_id, events_per_body=_BATCH, bodies=50)
    load = Load(
        url=server.url,
        token=server.token,
        events_per_body=_BATCH,
        seconds=events / _RATE,
        events_per_second=_RATE,
    )
    outcome = run_load(load, bodies)
    if outcome.events < 0.9 * events:
        raise RuntimeError(f"only {outcome.events} of {events} events were accepted")
    server.wait_until_caught_up()
    time.sleep(_SETTLE_SECS)
    if window.poll() is not None:
        raise RuntimeError(f"the window ended with status {window.returncode}")
    process = psutil.Process(server.process.pid)
    return {
        "server": _resident_mb(process),
        "store_process": sum(map(_resident_mb, process.children())),
        "window": _resident_mb(psutil.Process(window.pid)),
    }


def _resident_mb(process: psutil.Process) -> float:
    return round(process.memory_info().rss / 1e6, 1)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=300_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    args = parser.parse_args(arguments)
    print(json.dumps(measure(few=args.few, many=args.many)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
