"""How long bodies take to become typed events, against `msgpack.unpackb` of the same bytes in the same run.

    python -m benchmarks.decode [--repeat N]

Prints one JSON object: for each body the microseconds of the baseline and of `decode_events` (best of N), their ratio
and the events a second; and what `explain` takes to tell what is wrong with a bad body.
"""

import argparse
import json
import random
import sys
import timeit
from collections.abc import Callable
from typing import Any

import msgpack

from console.telemetry.decoding import decode_events
from console.telemetry.diagnosis import explain

_APP_ID = "72ab8f81-ef36-4712-a046-399a62b9afaa"
_TIME = "2026-02-12T10:00:00.123456Z"


def mixed_events(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """A playtest's mix: a quarter trajectories of 20 samples, gameplay events, some funnel steps and identities."""
    rng = random.Random(seed)
    events: list[dict[str, Any]] = []
    for i in range(count):
        ids = {"app_id": _APP_ID, "build_id": "Win64_Shipping_1.0.2", "player_id": f"player_{i % 12:02d}_3f2504e0-4f89"}
        session = {"session_id": f"s-{i % 12:02d}-7f3a-3f2504e0-4f89"}
        if i % 4 == 3:
            positions = [rng.uniform(-50, 50) for _ in range(60)]
            rates = {"mean": 60.5, "low_5": 55.25, "low_1": 30.1}
            times = {"timestamp_start": _TIME, "timestamp_end": _TIME}
            events.append({**ids, **session, "status": "Gameplay", "fps": rates, "positions": positions, **times})
        elif i % 50 == 0:
            hardware = {"gpu": "RTX 4090", "ram": "32GB"}
            events.append({"event_name": "Create_Player", **ids, "hardware": hardware, "timestamp": _TIME})
        elif i % 10 == 2:
            events.append({"funnel_step_name": "Tutorial_Start", **ids, **session, "timestamp": _TIME})
        else:
            position = [rng.uniform(-50, 50) for _ in range(3)]
            data = {"weapon": "Sword", "ammo": 10}
            more = {"level_id": "Level_1", "position": position, "custom_data": data, "input_method": "Gamepad"}
            events.append({"event_name": "Player_Jump", **ids, **session, **more, "timestamp": _TIME})
    return events


def _best_us(work: Callable[[], object], repeat: int) -> float:
    number = max(1, int(0.02 / max(timeit.timeit(work, number=1), 1e-7)))
    return min(timeit.repeat(work, number=number, repeat=repeat)) / number * 1e6


def measure(repeat: int) -> dict[str, Any]:
    """All measurements."""
    events = mixed_events(100)
    bodies = {
        "single_event": [events[1]],
        "batch_of_100": events,
        "batch_of_100_with_unknown_fields": [{**event, "sdk_version": "1.2"} for event in events],
        "batch_of_100_with_binary": [{**event, "blob": b"\0"} for event in events],
        "batch_of_5000": mixed_events(5000),
    }
    results: dict[str, Any] = {}
    for name, items in bodies.items():
        body: bytes = msgpack.packb(items[0] if name == "single_event" else items)
        baseline = _best_us(lambda body=body: msgpack.unpackb(body), repeat)  # type: ignore[misc]
        decoded = _best_us(lambda body=body: decode_events(body), repeat)  # type: ignore[misc]
        results[name] = {
            "bytes": len(body),
            "msgpack_unpackb_us": round(baseline, 2),
            "decode_events_us": round(decoded, 2),
            "ratio": round(decoded / baseline, 2),
            "events_per_second": round(len(items) / decoded * 1e6),
        }
    one_bad = msgpack.packb([*events[:-1], {**events[1], "position": [1.0, "x", 2.0]}])
    all_bad = msgpack.packb([{**event, "player_id": 7} for event in events])
    results["explain_us"] = {
        "one_bad_of_100": round(_best_us(lambda: explain(one_bad), repeat)),
        "all_bad_of_100": round(_best_us(lambda: explain(all_bad), repeat)),
    }
    return results


def main() -> int:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description="Decoding speed")
    parser.add_argument("--repeat", type=int, default=7, help="best of N runs of 20 ms")
    arguments = parser.parse_args()
    print(json.dumps(measure(arguments.repeat), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
