"""Bodies that are looked into off the loop, one after the other, within bounds of memory and time."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from console.server.integration.facts import SdkFacts
from console.server.integration.observation import Observation
from console.server.integration.samples import Sample, sample_of
from console.telemetry.problems import NeedsDiagnosis

log = logging.getLogger(__name__)

MAX_HELD_BYTES: Final = 8 * 1024 * 1024
MAX_HELD: Final = 64
MAX_SAMPLED_BYTES: Final = 1024 * 1024  # a larger one is compared with others, but not decoded
MAX_SHARE: Final = 0.02  # of the time
PAUSE_SECS: Final = 0.05


class Job(Struct, frozen=True):
    """A body to look into for facts: to decode it, to make its fingerprint, or both."""

    facts: SdkFacts
    seen: Observation
    body: bytes
    decode: bool


class Sampler:
    """Call it on the loop. What finds no room is left out: there will be another request."""

    def __init__(self, *, max_held_bytes: int = MAX_HELD_BYTES) -> None:
        self._max_held_bytes = max_held_bytes
        self._jobs: deque[Job] = deque()
        self._held_bytes = 0
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def offer(self, job: Job) -> bool:
        """Whether it will be looked into."""
        if len(self._jobs) >= MAX_HELD or (self._jobs and self._held_bytes + len(job.body) > self._max_held_bytes):
            return False
        self._jobs.append(job)
        self._held_bytes += len(job.body)
        self._wake.set()
        self._idle.clear()
        return True

    async def idle(self) -> None:
        """Wait until everything that was offered is looked into."""
        await self._idle.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work while entered."""
        task = asyncio.create_task(self._work(), name="integration samples")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._jobs:
                job = self._jobs.popleft()
                began = loop.time()
                await self._do(job)
                self._held_bytes -= len(job.body)
                took = loop.time() - began
                if self._jobs:
                    await asyncio.sleep(min(1.0, took / MAX_SHARE) if took > PAUSE_SECS * MAX_SHARE else 0)
            self._idle.set()

    async def _do(self, job: Job) -> None:
        try:
            fingerprint, sample = await asyncio.to_thread(look_into, job.body, decode=job.decode)
        except Exception:  # one body that cannot be looked into must not end the check
            log.exception("request %d could not be looked into", job.seen.request_id)
            return
        if not job.seen.fingerprint and not job.seen.injected:
            job.facts.note_body(replace(job.seen, fingerprint=fingerprint))
        if sample is not None:
            job.facts.add_sample(sample, job.seen.received_at_us)


def look_into(body: bytes, *, decode: bool) -> tuple[int, Sample | None]:
    """A body's fingerprint, and what its events tell; None when it is not decoded."""
    sample = None
    if decode and len(body) <= MAX_SAMPLED_BYTES:
        try:
            sample = sample_of(body)
        except NeedsDiagnosis:  # accepted by another version of this program
            sample = None
    return fingerprint_of(body), sample


def fingerprint_of(body: bytes) -> int:
    """Tells bodies apart within one process: SipHash with its random key, so that nobody can make two alike."""
    return hash(body) or 1
