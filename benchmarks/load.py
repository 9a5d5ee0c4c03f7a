"""The load: many keep-alive connections in a process of their own, so that measuring costs the server nothing.

Raw asyncio protocols with ready-made request bytes: several times cheaper than any HTTP client, so it is not what is
measured. Each connection has one request in flight, as a game has.
"""

import asyncio
import json
import subprocess
import sys
import time
from array import array
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import msgpack

_TICK_SECS = 0.002


@dataclass(frozen=True, kw_only=True)
class Load:
    """`events_per_second` None: as fast as the answers come. The n-th body goes to the n-th of `paths`, in turn.

    With `keep_answers`, the outcome says when each request was answered, by the system-wide monotonic clock, in the
    order of the bodies; each is then sent once at most.
    """

    url: str
    token: str
    events_per_body: int
    seconds: float
    connections: int = 64
    events_per_second: float | None = None
    keep_answers: bool = False
    paths: tuple[str, ...] = ("/api/events",)
    key_header: str = "x-public-token"
    content_type: str = "application/msgpack"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`events` counts accepted ones; `late` requests found no free connection when they were due. Latencies in ms."""

    requests: int
    events: int
    refused: int
    late: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    answered_at: list[float]

    @property
    def requests_per_second(self) -> float:
        return self.requests / self.seconds

    @property
    def events_per_second(self) -> float:
        return self.events / self.seconds


class RunningLoad:
    """A load in its own process. `wait` for its outcome."""

    def __init__(self, load: Load, bodies: list[bytes]) -> None:
        self._folder = TemporaryDirectory(prefix="playtest-console-load-")
        path = Path(self._folder.name, "bodies")
        path.write_bytes(msgpack.packb(bodies))
        self._child = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.load", json.dumps(asdict(load)), str(path)], stdout=subprocess.PIPE
        )

    def wait(self) -> Outcome:
        try:
            output, _ = self._child.communicate()
        finally:
            self._folder.cleanup()
        if self._child.returncode != 0:
            raise RuntimeError("the load generator failed")
        return Outcome(**json.loads(output))


def run_load(load: Load, bodies: list[bytes]) -> Outcome:
    return RunningLoad(load, bodies).wait()


class _Connection(asyncio.Protocol):
    def __init__(self, generator: "_Generator") -> None:
        self._generator = generator
        self._received = b""
        self._started = 0.0
        self._number = 0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def send(self, number: int, request: bytes) -> None:
        assert self.transport is not None
        self._number = number
        self._started = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        end = received.find(b"\r\n\r\n")
        if end < 0 or len(received) < end + 4 + _content_length(received[:end]):
            self._received = received
            return
        self._received = b""
        self._generator.answered(self, self._number, received[9:10] == b"2", time.perf_counter() - self._started)

    def connection_lost(self, error: Exception | None) -> None:
        self._generator.lost(self)


class _Generator:
    def __init__(self, load: Load, bodies: list[bytes]) -> None:
        self._load = load
        paths = load.paths
        self._requests = [_request(load, paths[number % len(paths)], body) for number, body in enumerate(bodies)]
        self._next = 0
        self._idle: deque[_Connection] = deque()
        self._latencies = array("d")
        self._answered_at = [0.0] * len(bodies) if load.keep_answers else []
        self._accepted = self._refused = self._late = 0
        self._deadline = 0.0
        self._in_flight = 0
        self._over = asyncio.Event()

    async def run(self) -> Outcome:
        loop = asyncio.get_running_loop()
        place = urlsplit(self._load.url)
        assert place.hostname is not None
        assert place.port is not None
        host, port = place.hostname, place.port
        for _ in range(self._load.connections):
            _, connection = await loop.create_connection(lambda: _Connection(self), host, port)
            self._idle.append(connection)
        everyone = list(self._idle)
        started = time.perf_counter()
        self._deadline = started + self._load.seconds
        if self._load.events_per_second is None:
            while self._idle:
                self._send(self._idle.popleft())
        else:
            await self._pace(started, self._load.events_per_second / self._load.events_per_body)
        if self._in_flight:
            await asyncio.wait_for(self._over.wait(), self._load.seconds + 30)
        seconds = time.perf_counter() - started
        for connection in everyone:
            if connection.transport is not None:
                connection.transport.close()
        return self._outcome(seconds)

    def answered(self, connection: _Connection, number: int, accepted: bool, secs: float) -> None:
        if self._answered_at:
            self._answered_at[number] = time.monotonic()
        self._in_flight -= 1
        self._latencies.append(secs)
        if accepted:
            self._accepted += 1
        else:
            self._refused += 1
        if time.perf_counter() >= self._deadline:
            if self._in_flight == 0:
                self._over.set()
        elif self._load.events_per_second is None:
            self._send(connection)
        else:
            self._idle.append(connection)

    def lost(self, connection: _Connection) -> None:
        if time.perf_counter() < self._deadline:
            raise ConnectionError("the server closed a connection")

    def _send(self, connection: _Connection) -> None:
        self._in_flight += 1
        connection.send(self._next, self._requests[self._next])
        self._next = (self._next + 1) % len(self._requests)

    async def _pace(self, started: float, requests_per_second: float) -> None:
        due = 0
        while (now := time.perf_counter()) < self._deadline:
            wanted = int((now - started) * requests_per_second)
            while due < wanted:
                due += 1
                if self._idle:
                    self._send(self._idle.popleft())
                else:
                    self._late += 1
            await asyncio.sleep(_TICK_SECS)

    def _outcome(self, seconds: float) -> Outcome:
        ordered = sorted(self._latencies)

        def percentile(share: float) -> float:
            return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000, 3) if ordered else 0.0

        return Outcome(
            requests=self._accepted,
            events=self._accepted * self._load.events_per_body,
            refused=self._refused,
            late=self._late,
            seconds=seconds,
            p50_ms=percentile(0.50),
            p95_ms=percentile(0.95),
            p99_ms=percentile(0.99),
            answered_at=self._answered_at,
        )


def _request(load: Load, path: str, body: bytes) -> bytes:
    place = urlsplit(load.url)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {place.netloc}\r\n{load.key_header}: {load.token}\r\n"
        f"Content-Type: {load.content_type}\r\nUser-Agent: benchmark\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


def _content_length(head: bytes) -> int:
    lower = head.lower()
    start = lower.find(b"content-length:")
    if start < 0:
        return 0
    end = lower.find(b"\r\n", start)
    return int(lower[start + 15 : end if end >= 0 else None])


def main(arguments: list[str]) -> int:
    options: dict[str, Any] = json.loads(arguments[0])
    bodies: list[bytes] = msgpack.unpackb(Path(arguments[1]).read_bytes())
    outcome = asyncio.run(_run(Load(**options), bodies))
    print(json.dumps(asdict(outcome)))
    return 0


async def _run(load: Load, bodies: list[bytes]) -> Outcome:
    return await _Generator(load, bodies).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
