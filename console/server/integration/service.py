"""The integration check: follows what is committed, and judges it when somebody asks."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from console.messages import Application
from console.messages.integration import Integration, IntegrationReport
from console.server.integration.collector import Collector
from console.server.integration.facts import SdkFacts
from console.server.integration.judgement import Limits, judge, worst
from console.server.integration.observation import TELEMETRY_ROUTES, observe
from console.server.integration.past import read_past
from console.server.integration.sampler import Job, Sampler, fingerprint_of
from console.storage.journal import Committed, IngestRequest, Journal, JournalError, OtherRequest, Receipt
from console.version import program_version

log = logging.getLogger(__name__)

MAX_HELD: Final = 5_000  # requests that came while the past is read
MAX_HELD_BYTES: Final = 8 * 1024 * 1024
_FINGERPRINT_INLINE_BYTES: Final = 32 * 1024
_PAST_A_TURN: Final = 200
# Accepted requests that are looked at in one second: more are a load test, and tell no more of the SDK. Those that
# stored nothing are few already, because the journal keeps only so many.
MAX_LOOKED_AT_PER_SEC: Final = 1_000


class IntegrationService:
    """All methods belong to the server's loop. `clock` gives nanoseconds since 1970-01-01 UTC."""

    def __init__(
        self,
        journal: Journal,
        *,
        applications: Callable[[], Sequence[Application]],
        rate_limit: Callable[[], float],
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._journal = journal
        self._applications = applications
        self._rate_limit = rate_limit
        self._clock = clock
        self._collector = Collector()
        self._sampler = Sampler()
        self._since_us = 0
        self._missed = 0
        self._second = 0
        self._left = MAX_LOOKED_AT_PER_SEC
        self._past_read = asyncio.Event()
        self._held: deque[tuple[IngestRequest | OtherRequest, Receipt]] = deque()
        self._held_bytes = 0
        self._last_id = journal.counters.last_request_id

    def publish(self, commits: Sequence[Committed]) -> None:
        """Take over what the journal has just committed, in its order. Never waits; a few µs a request."""
        if self._past_read.is_set():
            for request, receipt, _ in commits:
                self._note(request, receipt.request_id)
            return
        for request, receipt, _ in commits:
            self._held.append((request, receipt))
            self._held_bytes += len(request.body)
        while len(self._held) > MAX_HELD or (len(self._held) > 1 and self._held_bytes > MAX_HELD_BYTES):
            lost, _ = self._held.popleft()
            self._held_bytes -= len(lost.body)
            self._missed += 1

    def forget(self) -> None:
        """Begin anew with the next request."""
        self._collector = Collector()
        self._since_us = self._clock() // 1000
        self._missed = 0

    async def report(self, app_id: str | None = None) -> IntegrationReport:
        """Every SDK, judged now; with `app_id` those of one application, and those without a known key."""
        await self._past_read.wait()
        applications = {application.app_id: application for application in await asyncio.to_thread(self._applications)}
        now_us = self._clock() // 1000
        found = [facts for facts in self._collector.all() if app_id is None or facts.app_id in ("", app_id)]
        integrations = []
        for number, facts in enumerate(found, 1):
            integrations.append(self._judged(facts, applications, now_us))
            if number % 50 == 0:
                await asyncio.sleep(0)
        return IntegrationReport(
            version=program_version(),
            made_us=now_us,
            since_us=self._since_us,
            integrations=integrations,
            forgotten=self._collector.forgotten,
            missed=self._missed,
        )

    async def settled(self) -> None:
        """Wait until the past is read and every body that is held was looked into."""
        await self._past_read.wait()
        await self._sampler.idle()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Read the past, and look into bodies, while entered."""
        task = asyncio.create_task(self._read_past(), name="integration past")
        async with self._sampler.running():
            try:
                yield
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _read_past(self) -> None:
        try:
            past = await asyncio.to_thread(read_past, self._journal, self._last_id)
        except JournalError as error:
            log.warning("the integration check begins without the past: %s", error)
            past = []
        self._since_us = past[0][0].received_at_us if past else self._clock() // 1000
        for number, (request, receipt, _) in enumerate(past, 1):
            self._note(request, receipt.request_id)
            if number % _PAST_A_TURN == 0:
                await asyncio.sleep(0)
        while self._held:
            request, receipt = self._held.popleft()
            self._note(request, receipt.request_id)
        self._past_read.set()

    def _note(self, request: IngestRequest | OtherRequest, request_id: int) -> None:
        if not request.method:  # it was no HTTP, so nobody knows whose it was
            return
        facts = self._collector.of(request)
        if isinstance(request, IngestRequest) and not self._may_look(request.received_at_us):
            self._missed += 1
            facts.count(request.received_at_us, request.events, telemetry=not request.commands)
            return
        body = request.body
        is_telemetry = bool(body) and request.route in TELEMETRY_ROUTES
        small = is_telemetry and len(body) <= _FINGERPRINT_INLINE_BYTES
        seen = observe(request, request_id, fingerprint=fingerprint_of(body) if small else 0)
        facts.note(seen)
        if is_telemetry:
            decode = isinstance(request, IngestRequest) and facts.wants_sample(seen.received_at_us)
            if decode or not small:
                self._sampler.offer(Job(facts, seen, body, decode))

    def _may_look(self, at_us: int) -> bool:
        second = at_us // 1_000_000
        if second != self._second:
            self._second, self._left = second, MAX_LOOKED_AT_PER_SEC
        self._left -= 1
        return self._left >= 0

    def _judged(self, facts: SdkFacts, applications: Mapping[str, Application], now_us: int) -> Integration:
        application = applications.get(facts.app_id)
        limits = Limits(self._rate_limit(), application.tier if application is not None else "enterprise")
        lines = judge(facts, limits, now_us)
        return Integration(
            app_id=facts.app_id,
            app_name=application.name if application is not None else "",
            client=facts.family,
            user_agent=facts.user_agent,
            peer=facts.peer,
            verdict=worst(lines),
            first_us=facts.first_us,
            last_us=facts.last_us,
            requests=facts.requests,
            rejected=facts.rejected,
            events=facts.events,
            sampled=facts.sampled,
            lines=lines,
        )
