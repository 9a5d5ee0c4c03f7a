"""The player API: flag evaluation among many players, event tracking against a bare JSON handler, stream readers.

Targets: one flag p99 ≤ 5 ms at 200 requests/s with 50 flags, 20 segments and 100,000 players; all 50 flags ≤ 2 ms of
the server's processor; events ≥ 0.6 of the bare handler; 200 readers of the stream, one of them stalled, with flat
memory.
"""

import argparse
import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import msgpack
import psutil
import requests

from benchmarks.load import Load, Outcome, RunningLoad, run_load
from benchmarks.processes import BareHandler, MeasuredServer, bare_handler, cpu_secs, serving
from console.client import ConsoleClient
from console.messages import CreateKey
from console.messages.players import SaveFlag, SaveSegment
from console.players.definitions import Flag, Prerequisite, Rule, Segment, Share, Variant

_FLAGS = 50
_SEGMENTS = 20
_RATE = 200  # requests/s
_BATCH = 500
_READERS = 200
_STREAMED_PER_SEC = 400
_PAGE = 500


def measure(*, players: int, rounds: int, seconds: float) -> dict[str, Any]:
    with serving() as server, bare_handler() as bare:
        ids = _furnish(server, players)
        one = _evaluate(server, ids, [f"/v1/flags/flags/flag_{n}/evaluate" for n in range(_FLAGS)], seconds * 3)
        all_of_them = _evaluate(server, ids, ["/v1/flags/flags/evaluate"], seconds * 3)
        tracking = _compare(server, bare, ids, rounds, seconds)
        streams = asyncio.run(_streams(server, ids, seconds * 6))
    return {
        "benchmark": "player_api",
        "players": players,
        "one_flag": one,
        "all_flags": all_of_them,
        "tracking": tracking,
        "streams": streams,
    }


def _furnish(server: MeasuredServer, players: int) -> list[str]:
    """Players, segments and flags; returns the ids of some players."""
    now = datetime.now(UTC).isoformat()
    headers = {"x-public-token": server.token, "Content-Type": "application/msgpack"}
    with requests.Session() as session:
        for first in range(0, players, _BATCH):
            batch = [_identity(server.app_id, number, now) for number in range(first, min(first + _BATCH, players))]
            url = f"{server.url}/api/events"
            session.post(url, data=msgpack.packb(batch), headers=headers, timeout=30).raise_for_status()
    server.wait_until_caught_up()
    server.ask(lambda client: _define(client, server.app_id))
    return server.ask(lambda client: _known(client, server.app_id, players))


def _identity(app_id: str, number: int, now: str) -> dict[str, Any]:
    return {
        "event_name": "Create_Player",
        "app_id": app_id,
        "build_id": "bench",
        "player_id": f"player_{number}",
        "timestamp": now,
        "region": ("EU-West", "US-East", "AP-Northeast")[number % 3],
        "hardware": {"gpu": f"GPU {number % 7}", "ram_gb": 8 << number % 4},
    }


async def _define(client: ConsoleClient, app_id: str) -> None:
    for number in range(_SEGMENTS):
        leaves = [
            {"field": "attributes.region", "operator": "in", "value": ["EU-West", "US-East"][: 1 + number % 2]},
            {"field": "attributes.hardware.ram_gb", "operator": ">=", "value": 8 << number % 4},
            {"field": "last_seen_at", "operator": "within_last", "value": f"{1 + number}d"},
            {"field": "lifecycle_stage", "operator": "in", "value": ["new", "active"]},
        ]
        segment = Segment(
            segment_id=f"segment-{number}",
            name=f"Segment {number}",
            conditions={"operator": "AND", "conditions": leaves},
        )
        await client.save_segment(app_id, SaveSegment(segment=segment))
    for number in range(_FLAGS):
        await client.save_flag(app_id, SaveFlag(flag=_flag(number)))


def _flag(number: int) -> Flag:
    segments = [f"segment-{(number + step) % _SEGMENTS}" for step in range(3)]
    return Flag(
        key=f"flag_{number}",
        type="multivariate",
        enabled=True,
        default_value="none",
        variants=[Variant(key="none", value="none"), Variant(key="a", value="A"), Variant(key="b", value="B")],
        prerequisites=[Prerequisite(flag_key=f"flag_{number - 1}", value="A")] if number % 10 == 9 else [],
        rules=[
            Rule(rule_id="first", segment_id=segments[0], rollout=10.0, variant_key="a"),
            Rule(
                rule_id="second",
                segment_id=segments[1],
                split=[Share(variant_key="a", weight=1), Share(variant_key="b", weight=2)],
            ),
            Rule(rule_id="third", segment_id=segments[2], variant_key="b"),
            Rule(
                rule_id="fourth",
                conditions={"operator": "AND", "conditions": [{"field": "is_payer", "operator": "==", "value": True}]},
                variant_key="a",
            ),
        ],
    )


async def _known(client: ConsoleClient, app_id: str, players: int) -> list[str]:
    while (page := await client.players(app_id, sort="first_seen", limit=_PAGE)).total < players:  # noqa: ASYNC110
        await asyncio.sleep(0.2)
    ids: list[str] = []
    for offset in range(0, players, max(_PAGE, players // 20)):
        page = await client.players(app_id, sort="first_seen", limit=_PAGE, offset=offset)
        ids += [row.player_id for row in page.rows]
    return ids


def _evaluate(server: MeasuredServer, ids: list[str], paths: list[str], seconds: float) -> dict[str, Any]:
    """At 200 requests/s, each for another player."""
    bodies = [json.dumps({"player_id": player_id}).encode() for player_id in ids]
    load = _json_load(server.url, server.token, paths, seconds=seconds, events_per_second=_RATE)
    run_load(_json_load(server.url, server.token, paths, seconds=1.0, events_per_second=_RATE), bodies)  # warm up
    before = cpu_secs(server.process.pid)
    outcome = run_load(load, bodies)
    cpu = cpu_secs(server.process.pid) - before
    return {
        "requests_per_second": round(outcome.requests_per_second),
        "p50_ms": outcome.p50_ms,
        "p95_ms": outcome.p95_ms,
        "p99_ms": outcome.p99_ms,
        "server_cpu_ms": round(cpu / outcome.requests * 1000, 3),
        "refused": outcome.refused,
        "late": outcome.late,
    }


def _compare(server: MeasuredServer, bare: BareHandler, ids: list[str], rounds: int, seconds: float) -> dict[str, Any]:
    """Single events, in alternating rounds."""
    bodies = _events(ids, 2000)

    def load(url: str) -> Outcome:
        return run_load(_json_load(url, server.token, ["/v1/events/events"], seconds=seconds), bodies)

    for url in (bare.url, server.url):
        load(url)  # warm up
    full, dropped = [], []
    for _ in range(rounds):
        server.wait_until_caught_up()
        dropped.append(load(bare.url))
        full.append(load(server.url))
    ratios = [a.requests_per_second / b.requests_per_second for a, b in zip(full, dropped, strict=True)]
    return {
        "ratio": round(median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "events_per_second": round(median(outcome.requests_per_second for outcome in full)),
        "baseline_events_per_second": round(median(outcome.requests_per_second for outcome in dropped)),
        "answer_p95_ms": median(outcome.p95_ms for outcome in full),
        "refused": sum(outcome.refused for outcome in full),
    }


async def _streams(server: MeasuredServer, ids: list[str], seconds: float) -> dict[str, Any]:
    """Memory of the server while many read the stream and one never does."""
    secret = await asyncio.to_thread(
        server.ask, lambda client: client.create_key(server.app_id, CreateKey(kind="secret", label="bench"))
    )
    place = urlsplit(server.url)
    request = (
        f"GET /v1/events/events/stream HTTP/1.1\r\nHost: {place.netloc}\r\nX-API-Key: {secret.token}\r\n\r\n"
    ).encode()
    counts = [0] * _READERS
    tasks, writers = [], []
    for number in range(_READERS):
        reader, writer = await asyncio.open_connection(place.hostname, place.port, limit=1 << 16)
        writer.write(request)
        writers.append(writer)
        if number:  # the first one is stalled
            tasks.append(asyncio.create_task(_read(reader, number, counts)))
    await asyncio.sleep(1.0)
    process = psutil.Process(server.process.pid)
    load = _json_load(
        server.url, server.token, ["/v1/events/events"], seconds=seconds, events_per_second=_STREAMED_PER_SEC
    )
    running = RunningLoad(load, _events(ids, 2000))
    memory = []
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        await asyncio.sleep(seconds / 12)
        memory.append(round(process.memory_info().rss / 1e6, 1))
    outcome = await asyncio.to_thread(running.wait)
    await asyncio.sleep(1.0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for writer in writers:
        writer.transport.abort()
    return {
        "readers": _READERS,
        "events": outcome.events,
        "fewest_read": min(counts[1:]),
        "most_read": max(counts[1:]),
        "server_mb": memory,
        "growth_mb": round(memory[-1] - memory[len(memory) // 3], 1),
        "answer_p95_ms": outcome.p95_ms,
    }


async def _read(reader: asyncio.StreamReader, number: int, counts: list[int]) -> None:
    while content := await reader.read(1 << 16):
        counts[number] += content.count(b"\nevent: event")


def _events(ids: list[str], count: int) -> list[bytes]:
    return [
        json.dumps(
            {
                "player_id": ids[number % len(ids)],
                "event_name": "level_complete",
                "session_id": f"session_{number % 50}",
                "properties": {"level": number % 9, "score": 12500, "time_seconds": 180, "stars_earned": 3},
            }
        ).encode()
        for number in range(count)
    ]


def _json_load(url: str, key: str, paths: list[str], *, seconds: float, events_per_second: float | None = None) -> Load:
    return Load(
        url=url,
        token=key,
        events_per_body=1,
        seconds=seconds,
        events_per_second=events_per_second,
        paths=tuple(paths),
        key_header="X-API-Key",
        content_type="application/json",
    )


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--players", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of one round")
    args = parser.parse_args(arguments)
    print(json.dumps(measure(players=args.players, rounds=args.rounds, seconds=args.seconds)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
