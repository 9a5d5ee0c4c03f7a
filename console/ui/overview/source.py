"""Asks the server for the overview's numbers, now and then while something comes in."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from console.client import ConsoleUnavailable
from console.messages import FeedRows
from console.messages.requests import FailureGroup
from console.ui.context import ViewContext
from console.ui.overview.model import (
    MAX_NAMES,
    Asked,
    Bins,
    EventLine,
    Floats,
    RateLine,
    Rejections,
    Totals,
    bins_of,
    event_lines,
    rate_lines,
    rejections,
    totals_of,
    under_way,
)

MAX_REJECTED = 5_000
_LEAST_PAUSE_MS = 2_000
_PAUSE_OF_COST = 4  # so that the server is asked a fifth of the time at most


@dataclass(frozen=True)
class Overview:
    """All that is shown, of one moment."""

    totals: Totals
    bins: Bins
    under_way: Floats
    events: list[EventLine]
    rates: list[RateLine]
    rejections: Rejections
    failures: list[FailureGroup]


class OverviewSource(QObject):
    """Nothing is asked while the view is hidden or frozen. `changed()`; `failed(str)`."""

    changed = Signal()
    failed = Signal(str)

    def __init__(
        self, context: ViewContext, parent: QObject | None = None, *, monotonic: Callable[[], float] = time.perf_counter
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._monotonic = monotonic
        self.overview: Overview | None = None
        self.answered = False
        self._active = False
        self._frozen = False
        self._running = False
        self._stale = True
        self._stop: Callable[[], object] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_LEAST_PAUSE_MS)
        self._timer.timeout.connect(self._run)
        context.feed.rows_arrived.connect(self._take_rows)
        context.feed.caught_up.connect(self.ask_soon)

    def set_active(self, active: bool) -> None:
        """Whether somebody looks."""
        self._active = active
        if active and self._stale:
            self._run()

    def set_frozen(self, frozen: bool) -> None:
        self._frozen = frozen
        if not frozen and self._stale:
            self._run()

    def ask(self) -> None:
        """The question changed: an answer under way is of no use any more."""
        self._stale = True
        if self._stop is not None:
            self._stop()
        self._running = False
        self._run()

    def ask_soon(self) -> None:
        """More was recorded."""
        self._stale = True
        if self._active and not self._frozen and not self._running and not self._timer.isActive():
            self._timer.start()

    def _take_rows(self, rows: FeedRows) -> None:
        if (rows.events or rows.requests) and self._context.clock.range is None:
            self.ask_soon()

    def _run(self) -> None:
        if not self._active or self._frozen or self._running:
            return
        self._timer.stop()
        self._running, self._stale = True, False
        self._stop = self._context.tasks.start(self._load(), "Sum up the recording", on_error=self._fail)

    def _fail(self, error: Exception) -> None:
        self._running = False
        if not isinstance(error, ConsoleUnavailable):  # that a server is gone, or not there yet, the window tells
            self.failed.emit(str(error))

    async def _load(self) -> None:
        began = self._monotonic()
        chosen, scope = self._context.clock.range, self._context.selection.scope
        asked = Asked(scope) if chosen is None else Asked(scope, chosen.start_us, chosen.end_us)
        totals = totals_of(await self._context.client.query("overview_totals", **asked.params()))
        self.overview = None if totals is None else await self._whole(asked, totals)
        took_ms = (self._monotonic() - began) * 1e3
        self._timer.setInterval(round(max(_LEAST_PAUSE_MS, took_ms * _PAUSE_OF_COST)))
        self._running, self.answered = False, True
        self.changed.emit()
        if self._stale:
            self.ask_soon()

    async def _whole(self, asked: Asked, totals: Totals) -> Overview:
        client, narrowed, app_id = self._context.client, asked.narrowed(), asked.scope.app_id
        bins = bins_of(totals.first_us, totals.last_us)
        of_app = {} if app_id is None else {"app_id": app_id}
        sessions, events, rates = await asyncio.gather(
            client.query("overview_sessions", **narrowed, **bins.params()),
            client.query("overview_events", **narrowed, **bins.params(), names=MAX_NAMES),
            client.query("overview_rates", **asked.params()),
        )
        requests = await client.query("overview_requests", **of_app, **bins.params())
        rejected = await client.requests(rejected_only=True, limit=MAX_REJECTED)
        failures = await client.failure_report(app_id=app_id, since_us=asked.from_us)
        return Overview(
            totals,
            bins,
            under_way(sessions, bins),
            event_lines(events, bins),
            rate_lines(rates),
            rejections(requests, rejected, bins, asked.scope),
            [group for group in failures.groups if asked.to_us is None or group.first_us <= asked.to_us],
        )
