"""Requests/s through the full path, against a bare aiohttp handler that unpacks and drops; and what is sustained.

Targets: single events ≥ 0.7 of the baseline, batches of 100 ≥ 0.6 (in events/s), and ≥ 60,000 events/s at which the
event store stays within a second of the journal.
"""

import argparse
import json
import sys
import time
from itertools import chain, repeat
from statistics import median
from typing import Any

from benchmarks.bodies import make_bodies
from benchmarks.load import Load, Outcome, RunningLoad, run_load
from benchmarks.processes import BareHandler, MeasuredServer, bare_handler, cpu_secs, serving

_STEPS = (20_000, 40_000, 60_000, 80_000, 100_000, 120_000)
_BATCH = 100
_MOST_BEHIND_SECS = 1.0
_TRIES = 2  # one stall of a shared disk is not the program's
_POLL_SECS = 0.2


def measure(*, rounds: int, seconds: float) -> dict[str, Any]:
    with serving() as server, bare_handler() as bare:
        single = _compare(server, bare, 1, rounds, seconds)
        batches = _compare(server, bare, _BATCH, rounds, seconds)
        burst = _burst(server, seconds)
    with serving() as server:
        sustained = _sustained(server, seconds)
    return {
        "benchmark": "ingest",
        "single_events": single,
        "batches_of_100": batches,
        "burst": burst,
        "sustained": sustained,
    }


def _compare(
    server: MeasuredServer, bare: BareHandler, events_per_body: int, rounds: int, seconds: float
) -> dict[str, Any]:
    """Alternating rounds. The baseline runs while the server is idle, so that its projector takes nothing from it.

    Processor time per event is told besides: on a busy machine it says more than the clock. The server's includes
    what its projector does meanwhile.
    """
    bodies = make_bodies(server.app_id, events_per_body=events_per_body, bodies=2000 // events_per_body)

    def load(url: str) -> Outcome:
        return run_load(Load(url=url, token=server.token, events_per_body=events_per_body, seconds=seconds), bodies)

    for url in (bare.url, server.url):
        load(url)  # warm up
    full, dropped = [], []
    server_secs = bare_secs = 0.0
    for _ in range(rounds):
        server.wait_until_caught_up()
        before = cpu_secs(bare.process.pid)
        dropped.append(load(bare.url))
        bare_secs += cpu_secs(bare.process.pid) - before
        before = cpu_secs(server.process.pid)
        full.append(load(server.url))
        server_secs += cpu_secs(server.process.pid) - before
    server.wait_until_caught_up()
    ratios = [a.events_per_second / b.events_per_second for a, b in zip(full, dropped, strict=True)]
    return {
        "ratio": round(median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "events_per_second": round(median(outcome.events_per_second for outcome in full)),
        "requests_per_second": round(median(outcome.requests_per_second for outcome in full)),
        "baseline_events_per_second": round(median(outcome.events_per_second for outcome in dropped)),
        "cpu_us_per_event": round(server_secs / sum(outcome.events for outcome in full) * 1e6, 2),
        "baseline_cpu_us_per_event": round(bare_secs / sum(outcome.events for outcome in dropped) * 1e6, 2),
        "answer_p50_ms": median(outcome.p50_ms for outcome in full),
        "answer_p95_ms": median(outcome.p95_ms for outcome in full),
        "refused": sum(outcome.refused for outcome in full),
    }


def _sustained(server: MeasuredServer, seconds: float) -> dict[str, Any]:
    """Step the offered rate up until the event store falls more than a second behind, or answers do, twice."""
    bodies = make_bodies(server.app_id, events_per_body=_BATCH, bodies=50)
    steps: list[dict[str, Any]] = []
    for rate in chain.from_iterable(repeat(rate, _TRIES) for rate in _STEPS):
        if steps and steps[-1]["held"] and steps[-1]["offered"] == rate:
            continue
        server.wait_until_caught_up()
        load = Load(
            url=server.url,
            token=server.token,
            events_per_body=_BATCH,
            seconds=seconds * 2,
            events_per_second=rate,
        )
        behind, outcome = _watch(server, RunningLoad(load, bodies), seconds * 2)
        held = behind <= _MOST_BEHIND_SECS and outcome.events_per_second >= 0.97 * rate and not outcome.refused
        steps.append(
            {
                "offered": rate,
                "accepted": round(outcome.events_per_second),
                "most_seconds_behind": round(behind, 2),
                "answer_p95_ms": outcome.p95_ms,
                "held": held,
            }
        )
        if not held and sum(step["offered"] == rate for step in steps) == _TRIES:
            break
    return {"events_per_second": max((step["offered"] for step in steps if step["held"]), default=0), "steps": steps}


def _watch(server: MeasuredServer, load: RunningLoad, seconds: float) -> tuple[float, Outcome]:
    """The most seconds that the event store was behind in the second half of a load, and its outcome."""
    started = time.perf_counter()
    most = 0.0
    while (passed := time.perf_counter() - started) < seconds:
        if passed > seconds / 2:
            most = max(most, server.status().seconds_behind)
        time.sleep(_POLL_SECS)
    return most, load.wait()


def _burst(server: MeasuredServer, seconds: float) -> dict[str, Any]:
    """As fast as it goes, then silence: how far behind, and how long until caught up."""
    bodies = make_bodies(server.app_id, events_per_body=_BATCH, bodies=50)
    server.wait_until_caught_up()
    outcome = run_load(Load(url=server.url, token=server.token, events_per_body=_BATCH, seconds=seconds), bodies)
    behind = server.status().events_behind
    secs = server.wait_until_caught_up()
    return {
        "events_per_second": round(outcome.events_per_second),
        "events_behind": behind,
        "caught_up_secs": round(secs, 2),
        "catch_up_events_per_second": round(behind / secs) if behind else None,
    }


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of one round")
    args = parser.parse_args(arguments)
    print(json.dumps(measure(rounds=args.rounds, seconds=args.seconds)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
