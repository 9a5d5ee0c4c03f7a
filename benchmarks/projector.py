"""How fast the journal is projected into the event store, against decoding the same bodies and dropping them.

    python -m benchmarks.projector [--events N]

A journal is filled with batches of 100 mixed events, a quarter of them trajectories of 10 samples, then a projector
empties it without pauses; the baseline is msgspec's untyped decode of the same bodies. Prints one JSON object.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.bodies import make_bodies
from console.server.projector import Projector
from console.storage.event_store import EventStore, open_event_store
from console.storage.journal import IngestRequest, Journal

_APP_ID = "72ab8f81-ef36-4712-a046-399a62b9afaa"
_BATCH_EVENTS = 100
_DISTINCT_BODIES = 50
_QUERIES: dict[str, dict[str, Any]] = {
    "totals": {},
    "events": {"limit": 10_000},
    "sessions": {},
    "levels": {},
    "samples": {"level_id": "Level_1", "limit": 100_000},
    "markers": {"level_id": "Level_1"},
    "frame_rate": {},
}


async def _fill(journal: Journal, bodies: list[bytes], events: int) -> None:
    requests = [
        IngestRequest(
            received_at_us=time.time_ns() // 1000,
            app_id=_APP_ID,
            key_id="",
            key_label="",
            peer="127.0.0.1",
            method="POST",
            route="/api/events",
            client="",
            headers=b"[]",
            body=bodies[number % len(bodies)],
            wire_bytes=0,
            events=_BATCH_EVENTS,
        )
        for number in range(events // _BATCH_EVENTS)
    ]
    for start in range(0, len(requests), 100):
        await asyncio.gather(*(journal.append(request) for request in requests[start : start + 100]))


def _project(journal: Journal, store: EventStore) -> tuple[float, float]:
    """Events a second from the first step to the last commit, and processor time of each in µs.

    Opening the store is not counted.
    """
    projector = Projector(journal, store, pressure=lambda: 0.0)
    projector.start()
    try:
        while projector.position.seq == 0:
            time.sleep(0.001)
        first_seq, began, began_cpu = projector.position.seq, time.perf_counter(), time.process_time()
        while projector.lag()[0] > 0:
            time.sleep(0.001)
        events = journal.counters.last_seq - first_seq
        return events / (time.perf_counter() - began), (time.process_time() - began_cpu) / events * 1e6
    finally:
        projector.close()


def _answer_ms(store: EventStore) -> dict[str, float]:
    took: dict[str, float] = {}
    for name, params in _QUERIES.items():
        began = time.perf_counter()
        store.query(name, params)
        took[name] = round((time.perf_counter() - began) * 1e3, 1)
    return took


async def measure(events: int) -> dict[str, Any]:
    """All measurements."""
    bodies = make_bodies(_APP_ID, events_per_body=_BATCH_EVENTS, bodies=_DISTINCT_BODIES)
    began = time.perf_counter()
    for number in range(events // _BATCH_EVENTS):
        msgspec.msgpack.decode(bodies[number % len(bodies)])
    baseline = events / (time.perf_counter() - began)
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal.sqlite")
        journal.start()
        store = open_event_store(Path(folder) / "events.duckdb")
        try:
            await _fill(journal, bodies, events)
            projected, cpu_us = await asyncio.to_thread(_project, journal, store)
            answers = _answer_ms(store)
        finally:
            store.close()
            journal.close()
        journal_bytes = (Path(folder) / "journal.sqlite").stat().st_size
        store_bytes = (Path(folder) / "events.duckdb").stat().st_size
    return {
        "events": events,
        "decode_only_events_per_second": round(baseline),
        "projected_events_per_second": round(projected),
        "cpu_us_per_event": round(cpu_us, 2),
        "ratio": round(projected / baseline, 3),
        "journal_bytes_per_event": round(journal_bytes / events),
        "store_bytes_per_event": round(store_bytes / events),
        "query_ms": answers,
    }


def main() -> int:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description="Projector speed")
    parser.add_argument("--events", type=int, default=300_000)
    arguments = parser.parse_args()
    print(json.dumps(asyncio.run(measure(arguments.events)), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
