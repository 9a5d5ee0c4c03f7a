"""What the server says of itself, sampled so that asking is free."""

import asyncio
import logging
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from console.messages import ServerStatus
from console.server.faults import FaultRules
from console.server.rates import SlidingRate
from console.server.runtime import Runtime
from console.server.store_host import StoreHost, lag_of
from console.storage.journal import Journal
from console.storage.workspace import Workspace
from console.version import program_version

log = logging.getLogger(__name__)

_RATE_PERIOD_SECS = 0.25
_DISK_PERIOD_SECS = 5.0
_LOW_DISK_BYTES = 512 * 1024 * 1024


class StatusService:
    """Rates from a sliding window of the totals; disk figures from a worker thread every few seconds."""

    # Told once there are any: the feed, which announces changes of them, needs the status first.
    faults: FaultRules | None = None

    def __init__(
        self,
        workspace: Workspace,
        journal: Journal,
        store: StoreHost,
        runtime: Runtime,
        clock: Callable[[], int],
    ) -> None:
        self._workspace = workspace
        self._journal = journal
        self._store = store
        self._clock = clock
        self._runtime = runtime
        self._version = program_version()
        self._events_rate = SlidingRate()
        self._requests_rate = SlidingRate()
        self._events_per_second = 0.0
        self._requests_per_second = 0.0
        self._workspace_bytes = 0
        self._disk_free_bytes: int = 0
        self._disk_known = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Sample while entered."""
        tasks = [
            asyncio.create_task(self._sample_rates(), name="status rates"),
            asyncio.create_task(self._sample_disk(), name="status disk"),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def current(self) -> ServerStatus:
        """The newest figures. Cheap: nothing is asked of a disk or a database."""
        counters = self._journal.counters
        lag = lag_of(self._store.progress, counters, self._clock)
        listeners = self._runtime.listeners
        problem = self._problem()
        return ServerStatus(
            version=self._version,
            pid=os.getpid(),
            started_at_us=self._runtime.started_at_us,
            telemetry_urls=list(listeners.telemetry_urls),
            player_urls=list(listeners.player_urls),
            lan=listeners.lan,
            recording=not self._journal.problem,
            events_total=counters.events,
            requests_total=counters.requests,
            rejected_total=counters.rejected,
            rejections_unlisted=counters.unlisted,
            events_per_second=self._events_per_second,
            requests_per_second=self._requests_per_second,
            events_behind=lag.events,
            seconds_behind=lag.seconds,
            workspace=str(self._workspace.root),
            workspace_bytes=self._workspace_bytes,
            disk_free_bytes=self._disk_free_bytes,
            problem=problem,
            faults=self.faults.in_force if self.faults is not None else 0,
            faults_injected=self.faults.injected if self.faults is not None else 0,
        )

    def _problem(self) -> str:
        if self._journal.problem:
            return self._journal.problem
        if problem := self._store.progress.problem:
            return f"Events are recorded, but cannot be shown from the event store: {problem}"
        if self._disk_known and self._disk_free_bytes < _LOW_DISK_BYTES:
            return f"Only {self._disk_free_bytes / 2**20:,.0f} MiB are free on the workspace's disk."
        return ""

    async def _sample_rates(self) -> None:
        while True:
            now = time.monotonic()
            counters = self._journal.counters
            self._events_per_second = self._events_rate.sample(now, counters.events)
            self._requests_per_second = self._requests_rate.sample(now, counters.requests)
            await asyncio.sleep(_RATE_PERIOD_SECS)

    async def _sample_disk(self) -> None:
        while True:
            try:
                self._workspace_bytes, self._disk_free_bytes = await asyncio.to_thread(_disk_use, self._workspace.root)
                self._disk_known = True
            except OSError as error:
                log.warning("the workspace's disk use cannot be read: %s", error)
            await asyncio.sleep(_DISK_PERIOD_SECS)


def _disk_use(root: Path) -> tuple[int, int]:
    total = 0
    for folder, _, names in os.walk(root):
        for name in names:
            with suppress(OSError):  # removed meanwhile
                total += (Path(folder) / name).stat().st_size
    return total, shutil.disk_usage(root).free
