"""Resident memory of the server and of the window after 1 M events, against the same after 100,000.

Bounded means that the ratio stays near 1: neither process holds on to every event.
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
        "server_mb": {"few": after_few[0], "many": after_many[0], "ratio": round(after_many[0] / after_few[0], 2)},
        "window_mb": {"few": after_few[1], "many": after_many[1], "ratio": round(after_many[1] / after_few[1], 2)},
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


def _after(server: MeasuredServer, window: "subprocess.Popen[bytes]", events: int) -> tuple[float, float]:
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
    return _resident_mb(server.process.pid), _resident_mb(window.pid)


def _resident_mb(pid: int) -> float:
    return round(psutil.Process(pid).memory_info().rss / 1e6, 1)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=100_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    args = parser.parse_args(arguments)
    print(json.dumps(measure(few=args.few, many=args.many)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
