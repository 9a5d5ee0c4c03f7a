"""What keeping every request costs: durable appends a second, against a list that forgets them.

    python -m benchmarks.journal [--seconds S] [--senders N]

Senders append one request each and wait for its receipt, on one event loop. The baseline is the same loop where the
receipt comes from memory. Prints one JSON object.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from console.storage.journal import Committed, IngestRequest, Journal, Receipt

_BODY = bytes(320)  # one gameplay event
_HEADERS = b'[["Host","localhost:4000"],["User-Agent","UnityPlayer/6000.0"],["Content-Type","application/msgpack"]]'


class Forgetful:
    """The baseline: answers in the next turn of the loop, keeps nothing."""

    def __init__(self) -> None:
        self._requests: list[IngestRequest] = []

    def append(self, request: IngestRequest) -> "asyncio.Future[Receipt]":
        self._requests.append(request)
        if len(self._requests) > 1000:
            self._requests.clear()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Receipt] = loop.create_future()
        loop.call_soon(future.set_result, Receipt(1, 1))
        return future


def _request() -> IngestRequest:
    return IngestRequest(
        received_at_us=time.time_ns() // 1000,
        app_id="72ab8f81-ef36-4712-a046-399a62b9afaa",
        key_id="4f4a0c86-27a5-4a26-9f6c-1df1dd0a4f2d",
        key_label="Public key",
        peer="127.0.0.1",
        method="POST",
        route="/api/events",
        client="UnityPlayer/6000.0",
        headers=_HEADERS,
        body=_BODY,
        wire_bytes=len(_BODY),
        events=1,
    )


async def _rate(append: Callable[[IngestRequest], "asyncio.Future[Receipt]"], seconds: float, senders: int) -> Any:
    count = 0
    end = time.perf_counter() + seconds

    async def send() -> None:
        nonlocal count
        while time.perf_counter() < end:
            await append(_request())
            count += 1

    began, began_cpu = time.perf_counter(), time.thread_time()
    await asyncio.gather(*(send() for _ in range(senders)))
    took, cpu = time.perf_counter() - began, time.thread_time() - began_cpu
    return {"appends_per_second": round(count / took), "loop_cpu_us_per_append": round(cpu / count * 1e6, 2)}


async def measure(seconds: float, senders: int) -> dict[str, Any]:
    """All measurements."""
    groups = 0

    def count_groups(committed: Sequence[Committed]) -> None:
        nonlocal groups
        groups += 1

    results: dict[str, Any] = {"senders": senders, "forgetful": await _rate(Forgetful().append, seconds, senders)}
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal.sqlite")
        journal.start()
        journal.on_commit = count_groups
        results["journal"] = await _rate(journal.append, seconds, senders)
        journal.close()
        results["journal"]["requests_per_commit"] = round(journal.counters.requests / max(groups, 1), 1)
    results["ratio"] = round(results["journal"]["appends_per_second"] / results["forgetful"]["appends_per_second"], 3)
    return results


def main() -> int:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description="Journal speed")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--senders", type=int, default=64)
    arguments = parser.parse_args()
    print(json.dumps(asyncio.run(measure(arguments.seconds, arguments.senders)), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
