import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import msgpack
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from console.simulator import sender as module
from console.simulator.sender import (
    MAX_BATCH_BYTES,
    MAX_BATCH_EVENTS,
    Sender,
    SendingRefused,
    Tally,
    Target,
    back_off_secs,
    encode_batch,
)

OK = web.json_response
Answer = Callable[[], web.Response]

_PATIENCE_SECS = 90.0


class Recorder:
    """A server that answers as told, then with 200, and keeps the batches it accepted."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.batches: list[list[dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.sizes: list[int] = []

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.headers.append(dict(request.headers))
        if self.answers:
            answer = self.answers.pop(0)()
            if answer.status != 200:
                return answer
        self.sizes.append(len(body))
        self.batches.append(msgpack.unpackb(body))
        return web.json_response({"status": "queued"})

    @property
    def numbers(self) -> list[int]:
        return [event["n"] for batch in self.batches for event in batch]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SEND_EVERY_SECS", (0.01, 0.02))
    monkeypatch.setattr(module, "_BACK_OFF_SECS", (0.01, 0.05))


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def server(recorder: Recorder) -> AsyncIterator[TestServer]:
    application = web.Application(client_max_size=1 << 26)
    application.router.add_post("/api/events", recorder.handle)
    async with TestServer(application) as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def _target(server: TestServer) -> Target:
    return Target(url=str(server.make_url("/")), token="pk_test_x")


async def _until(happened: Callable[[], bool]) -> None:
    while not happened():  # noqa: ASYNC110 - a tally has nothing to wait on
        await asyncio.sleep(0.01)


def _error(status: int, message: str, **headers: str) -> Answer:
    return lambda: web.json_response({"status": "error", "message": message}, status=status, headers=headers)


async def test_events_arrive_once_in_order_with_the_key(
    server: TestServer, recorder: Recorder, session: aiohttp.ClientSession
) -> None:
    tally = Tally()
    async with Sender(session, _target(server), tally, asyncio.Event()) as sender:
        for n in range(1201):
            await sender.offer({"n": n})
        await sender.finish(_PATIENCE_SECS)
    assert recorder.numbers == list(range(1201))
    assert max(len(batch) for batch in recorder.batches) == MAX_BATCH_EVENTS
    assert recorder.headers[0]["x-public-token"] == "pk_test_x"
    assert recorder.headers[0]["Content-Type"] == "application/msgpack"
    assert (tally.offered, tally.accepted, tally.retries, tally.given_up) == (1201, 1201, 0, 0)


async def test_batches_stay_under_the_size_limit(
    server: TestServer, recorder: Recorder, session: aiohttp.ClientSession
) -> None:
    async with Sender(session, _target(server), Tally(), asyncio.Event()) as sender:
        for n in range(30):
            await sender.offer({"n": n, "text": "x" * 100_000})
        await sender.finish(_PATIENCE_SECS)
    assert recorder.numbers == list(range(30))
    assert max(recorder.sizes) <= MAX_BATCH_BYTES + 3


@pytest.mark.parametrize("status", [429, 503])
async def test_it_waits_as_long_as_told_and_sends_again(
    server: TestServer, recorder: Recorder, session: aiohttp.ClientSession, status: int
) -> None:
    recorder.answers = [_error(status, "slow down", **{"Retry-After": "0.2"})] * 2
    tally = Tally()
    started = asyncio.get_running_loop().time()
    async with Sender(session, _target(server), tally, asyncio.Event()) as sender:
        await sender.offer({"n": 1})
        await sender.finish(_PATIENCE_SECS)
    assert asyncio.get_running_loop().time() - started >= 0.4
    assert recorder.numbers == [1]
    assert (tally.accepted, tally.retries, tally.requests) == (1, 2, 3)
    assert tally.rate_limited == (2 if status == 429 else 0)


async def test_a_server_that_is_away_for_a_while_costs_nothing(
    recorder: Recorder, session: aiohttp.ClientSession
) -> None:
    tally = Tally()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))  # nobody else can have it, and nobody answers there yet
    target = Target(url=f"http://127.0.0.1:{listener.getsockname()[1]}", token="pk_test_x")
    application = web.Application()
    application.router.add_post("/api/events", recorder.handle)
    async with Sender(session, target, tally, asyncio.Event()) as sender:
        await sender.offer({"n": 1})
        await _until(lambda: tally.retries > 0)
        async with TestServer(application, socket_factory=lambda *_: listener):
            await sender.offer({"n": 2})
            await sender.finish(_PATIENCE_SECS)
    assert recorder.numbers == [1, 2]
    assert (tally.accepted, tally.given_up) == (2, 0)


async def test_a_refused_batch_is_counted_and_the_next_one_sent(
    server: TestServer, recorder: Recorder, session: aiohttp.ClientSession
) -> None:
    recorder.answers = [_error(400, "item 0 is odd")]
    tally = Tally()
    async with Sender(session, _target(server), tally, asyncio.Event()) as sender:
        await sender.offer({"n": 1})
        await _until(lambda: tally.refused > 0)
        await sender.offer({"n": 2})
        await sender.finish(_PATIENCE_SECS)
    assert recorder.numbers == [2]
    assert (tally.accepted, tally.refused, tally.first_refusal) == (1, 1, "400: item 0 is odd")


@pytest.mark.parametrize("status", [401, 403, 404, 415])
async def test_a_hopeless_answer_ends_the_sending(
    server: TestServer, recorder: Recorder, session: aiohttp.ClientSession, status: int
) -> None:
    recorder.answers = [_error(status, "unknown key")] * 9
    tally = Tally()
    async with Sender(session, _target(server), tally, asyncio.Event()) as sender:
        await sender.offer({"n": 1})
        with pytest.raises(SendingRefused, match=f"{status}: unknown key"):
            await sender.finish(_PATIENCE_SECS)
        with pytest.raises(SendingRefused):
            await sender.offer({"n": 2})
    assert (tally.accepted, tally.given_up) == (0, 1)


async def test_what_cannot_be_sent_in_time_is_counted(
    server: TestServer, recorder: Recorder, session: aiohttp.ClientSession
) -> None:
    recorder.answers = [_error(503, "stopping")] * 1000
    tally = Tally()
    async with Sender(session, _target(server), tally, asyncio.Event()) as sender:
        for n in range(3):
            await sender.offer({"n": n})
        await sender.finish(0.1)
    assert tally.given_up == 3
    assert tally.offered == tally.accepted + tally.refused + tally.given_up


async def test_a_slow_server_makes_the_game_wait_until_told_to_stop(
    server: TestServer, recorder: Recorder, session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PENDING_EVENTS", 5)
    recorder.answers = [_error(503, "busy", **{"Retry-After": "30"})]
    stop, tally = asyncio.Event(), Tally()

    async def offer_all(sender: Sender) -> None:
        for n in range(50):
            await sender.offer({"n": n})

    async with Sender(session, _target(server), tally, stop) as sender:
        offering = asyncio.create_task(offer_all(sender))
        await _until(lambda: tally.retries > 0)
        await asyncio.sleep(0.05)
        assert not offering.done()
        assert tally.offered < 50
        stop.set()
        await asyncio.wait_for(offering, 30)
    assert tally.given_up == tally.offered == 50


def test_the_wait_is_never_shorter_than_told_and_has_jitter() -> None:
    assert back_off_secs(0, 2.0, lambda low, _high: low) == 2.0
    assert back_off_secs(0, 2.0, lambda _low, high: high) == pytest.approx(2.6)


def test_the_wait_doubles_up_to_a_limit_when_nothing_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BACK_OFF_SECS", (0.25, 8.0))
    longest = [back_off_secs(attempt, None, lambda _low, high: high) for attempt in range(8)]
    assert longest == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert back_off_secs(5, None, lambda low, _high: low) > 0


def test_a_batch_is_an_array_of_the_events() -> None:
    events = [{"a": 1}, {"b": [1.5, "x"]}]
    assert msgpack.unpackb(encode_batch([msgpack.packb(event) for event in events])) == events
