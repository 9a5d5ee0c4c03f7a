"""Sends simulated events the way a careful game client does: in batches, over HTTP, backing off when told to."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp
import msgspec

MAX_BATCH_EVENTS = 500
MAX_BATCH_BYTES = 512 * 1024

_PENDING_EVENTS = 5_000
_SEND_EVERY_SECS = (1.0, 2.0)
_TIMEOUT = aiohttp.ClientTimeout(total=15, sock_connect=3)
_BACK_OFF_SECS = (0.25, 8.0)
_JITTER_SHARE = 0.25
_FATAL = frozenset({401, 403, 404, 415, 501})  # the next batch would fare no better


@dataclass
class Tally:
    """What became of the events. `retries` and `requests` count HTTP requests, the others events.

    `offered = accepted + refused + given_up + still pending`.
    """

    offered: int = 0
    accepted: int = 0
    refused: int = 0
    given_up: int = 0
    requests: int = 0
    retries: int = 0
    rate_limited: int = 0
    first_refusal: str = ""

    def as_dict(self) -> dict[str, int | str]:
        return asdict(self)


class SendingRefused(Exception):
    """The server will take nothing from this client: a wrong key, app id or address. The text is its answer."""


@dataclass(frozen=True)
class Target:
    """`url` is the server's base address, as `http://127.0.0.1:4000`."""

    url: str
    token: str


class Sender:
    """One game's connection. Use as an async context manager; `offer` events, then `finish`.

    Nothing is dropped while it runs: `offer` waits when the server is slower than the game, until `stop` is set.
    Delivery is at least once: a request whose answer was lost is sent again.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        target: Target,
        tally: Tally,
        stop: asyncio.Event,
        *,
        user_agent: str = "Playtest-Simulator",
    ) -> None:
        self._session = session
        self._url = target.url.rstrip("/") + "/api/events"
        self._headers = {
            "x-public-token": target.token,
            "Content-Type": "application/msgpack",
            "User-Agent": user_agent,
        }
        self._tally = tally
        self._pending: deque[bytes] = deque()
        self._room = asyncio.Event()
        self._stop = stop
        self._finishing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="simulator sender")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        task, self._task = self._task, None
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task])
        elif task is not None and not task.cancelled():
            task.exception()  # told to whoever offered or finished; seen, so that asyncio does not log it again
        self._tally.given_up += len(self._pending)
        self._pending.clear()

    async def offer(self, event: dict[str, Any]) -> None:
        """Take an event for sending; while too many are pending, wait until told to stop. Raises SendingRefused."""
        while len(self._pending) >= _PENDING_EVENTS and not self._stop.is_set():
            self._room.clear()
            await self._wait_for_room()
        self._raise_refusal()
        self._tally.offered += 1
        self._pending.append(msgspec.msgpack.encode(event))

    async def finish(self, within_secs: float) -> None:
        """Send what is pending, trying for so long; the rest counts as given up. Raises SendingRefused."""
        self._finishing.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=within_secs)
            self._raise_refusal()

    async def _wait_for_room(self) -> None:
        assert self._task is not None
        waits = [asyncio.create_task(event.wait()) for event in (self._room, self._stop)]
        try:
            await asyncio.wait([*waits, self._task], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        self._raise_refusal()

    def _raise_refusal(self) -> None:
        if self._task is not None and self._task.done():
            self._task.result()

    async def _run(self) -> None:
        while self._pending or not self._finishing.is_set():
            if not self._finishing.is_set():
                await wait_at_most(self._finishing, random.uniform(*_SEND_EVERY_SECS))  # noqa: S311 - spreads load
            while self._pending:
                await self._send_batch()

    async def _send_batch(self) -> None:
        events = _take_batch(self._pending)
        try:
            await self._deliver(events)
        except BaseException:
            self._pending.extendleft(reversed(events))
            raise
        self._room.set()

    async def _deliver(self, events: list[bytes]) -> None:
        body = encode_batch(events)
        attempt = 0
        while True:
            self._tally.requests += 1
            status, told_secs, answer = await self._post(body)
            if status == 200:
                self._tally.accepted += len(events)
                return
            if status in _FATAL:
                raise SendingRefused(f"the server answered {status}: {answer}")
            if 400 <= status < 500 and status not in (408, 425, 429):
                self._tally.refused += len(events)
                self._tally.first_refusal = self._tally.first_refusal or f"{status}: {answer}"
                return
            self._tally.retries += 1
            self._tally.rate_limited += status == 429
            await asyncio.sleep(back_off_secs(attempt, told_secs))
            attempt += 1

    async def _post(self, body: bytes) -> tuple[int, float | None, str]:
        """Status (0 when no answer came), seconds of Retry-After, and what the server says."""
        try:
            async with self._session.post(
                self._url, data=body, headers=self._headers, timeout=_TIMEOUT, allow_redirects=False
            ) as response:
                content = await response.read()
                return response.status, _retry_after(response.headers.get("Retry-After")), _message(content)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return 0, None, str(error) or type(error).__name__


def encode_batch(events: list[bytes]) -> bytes:
    """A MessagePack array of values that are already MessagePack: the header of `array 16`, then the values."""
    return b"\xdc" + len(events).to_bytes(2, "big") + b"".join(events)


def back_off_secs(
    attempt: int, told_secs: float | None, uniform: Callable[[float, float], float] = random.uniform
) -> float:
    """How long to wait after the given failed attempt, counted from 0.

    What the server told is never undercut; a little is added, so that many clients do not return at one instant.
    Without word from the server the wait doubles, with full jitter.
    """
    if told_secs is not None:
        return told_secs * (1.0 + uniform(0.0, _JITTER_SHARE)) + uniform(0.0, 0.1)
    first, longest = _BACK_OFF_SECS
    return uniform(first / 2, min(longest, first * 2 ** min(attempt, 16)))


def _take_batch(pending: deque[bytes]) -> list[bytes]:
    """The oldest events up to the limits, one at least."""
    events = [pending.popleft()]
    size = len(events[0])
    while pending and len(events) < MAX_BATCH_EVENTS and size + len(pending[0]) <= MAX_BATCH_BYTES:
        size += len(pending[0])
        events.append(pending.popleft())
    return events


def _retry_after(header: str | None) -> float | None:
    """Seconds; None for an absent header or the date form, which this server does not send."""
    try:
        return min(max(float(header or ""), 0.0), 60.0)
    except ValueError:
        return None


def _message(content: bytes) -> str:
    try:
        answer = msgspec.json.decode(content)
        return str(answer["message"])
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError, TypeError):
        return content[:200].decode("utf-8", "replace").strip()


async def wait_at_most(event: asyncio.Event, secs: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), secs)
    except TimeoutError:
        return
