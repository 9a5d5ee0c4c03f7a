"""How fast the journal is projected into the event store, against decoding the same bodies and dropping them.

    python -m benchmarks.projector [--events N]

A journal is filled with batches of 100 mixed events, a quarter of them trajectories of 10 samples, of 64 sessions for
every 20,000 events. Then a projector empties it without pauses: once in this process, which tells its processor time,
and once in the store's own process at its low priority. The baseline is msgspec's untyped decode of the same bodies.
Prints one JSON object.
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
from console.server.store_host import EmbeddedStore, StoreHost
from console.server.store_process import StoreProcess
from console.storage.journal import IngestRequest, Journal

_APP_ID = "72ab8f81-ef36-4712-a046-399a62b9afaa"
_BATCH_EVENTS = 100
_DISTINCT_BODIES = 50
_BATCHES_OF_A_SESSION = 200
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
            body=_with_sessions(bodies[number % len(bodies)], number // _BATCHES_OF_A_SESSION),
            wire_bytes=0,
            events=_BATCH_EVENTS,
        )
        for number in range(events // _BATCH_EVENTS)
    ]
    for start in range(0, len(requests), 100):
        await asyncio.gather(*(journal.append(request) for request in requests[start : start + 100]))


def _with_sessions(body: bytes, group: int) -> bytes:
    """The same events in other sessions."""
    return body.replace(b"5e9d2c1a-0000-", b"5e9d2c1a-%04d-" % group)


def _project(journal: Journal, host: StoreHost) -> tuple[float, float]:
    """Events a second from the first commit to the last, and this process's processor time of each in µs."""

    def stored() -> int:
        position = host.progress.position
        return position.seq if position is not None else 0

    host.start()
    while (first_seq := stored()) == 0:
        time.sleep(0.001)
    began, began_cpu = time.perf_counter(), time.process_time()
    while stored() < journal.counters.last_seq:
        time.sleep(0.005)
    events = journal.counters.last_seq - first_seq
    return events / (time.perf_counter() - began), (time.process_time() - began_cpu) / events * 1e6


def _answer_ms(host: StoreHost) -> dict[str, float]:
    """The better of two, as the server waits for it."""
    took: dict[str, float] = {}
    for name, params in _QUERIES.items():
        tries = []
        for _ in range(2):
            began = time.perf_counter()
            host.query(name, params)
            tries.append(time.perf_counter() - began)
        took[name] = round(min(tries) * 1e3, 1)
    return took


async def measure(events: int) -> dict[str, Any]:
    """All measurements."""
    bodies = make_bodies(_APP_ID, events_per_body=_BATCH_EVENTS, bodies=_DISTINCT_BODIES)
    began = time.perf_counter()
    for number in range(events // _BATCH_EVENTS):
        msgspec.msgpack.decode(bodies[number % len(bodies)])
    baseline = events / (time.perf_counter() - began)
    with tempfile.TemporaryDirectory() as folder:
        journal_path = Path(folder) / "journal.sqlite"
        journal = Journal(journal_path)
        journal.start()
        embedded = EmbeddedStore(journal_path, Path(folder) / "embedded.duckdb")
        own = StoreProcess(
            journal_path, *(Path(folder) / name for name in ("events.duckdb", "players.sqlite", "activity.sqlite"))
        )
        try:
            await _fill(journal, bodies, events)
            here, cpu_us = await asyncio.to_thread(_project, journal, embedded)
            embedded.close()
            beside, _ = await asyncio.to_thread(_project, journal, own)
            answers = await asyncio.to_thread(_answer_ms, own)
        finally:
            own.close()
            embedded.close()
            journal.close()
        journal_bytes = journal_path.stat().st_size
        store_bytes = (Path(folder) / "events.duckdb").stat().st_size
    return {
        "events": events,
        "decode_only_events_per_second": round(baseline),
        "projected_events_per_second": round(here),
        "cpu_us_per_event": round(cpu_us, 2),
        "own_process_events_per_second": round(beside),
        "ratio": round(beside / baseline, 3),
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
