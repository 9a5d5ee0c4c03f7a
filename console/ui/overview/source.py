"""The numbers of the overview, from the server."""

import asyncio
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from console.messages import FeedRows
from console.messages.requests import FailureGroup
from console.ui.asking import Asking
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
    told_apart,
    totals_of,
    under_way,
)

MAX_REJECTED = 5_000
_LEAST_PAUSE_MS = 2_000


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
    """What `asking` brought: `changed()` after each answer."""

    changed = Signal()

    def __init__(self, context: ViewContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.overview: Overview | None = None
        self.answered = False
        self.asking = Asking(context, self._load, "Sum up the recording", self, least_pause_ms=_LEAST_PAUSE_MS)
        context.feed.rows_arrived.connect(self._take_rows)

    def _take_rows(self, rows: FeedRows) -> None:
        if (rows.events or rows.requests) and self._context.clock.range is None:
            self.asking.ask_soon()

    async def _load(self) -> None:
        chosen, scope = self._context.clock.range, self._context.selection.scope
        asked = Asked(scope) if chosen is None else Asked(scope, chosen.start_us, chosen.end_us)
        totals = totals_of(await self._context.client.query("overview_totals", **asked.params()))
        self.overview = None if totals is None else await self._whole(asked, totals)
        self.answered = True
        self.changed.emit()

    async def _whole(self, asked: Asked, totals: Totals) -> Overview:
        client, narrowed, app_id = self._context.client, asked.narrowed(), asked.scope.app_id
        bins = bins_of(totals.first_us, totals.last_us)
        of_app = {} if app_id is None else {"app_id": app_id}
        sessions, events, rates, applications = await asyncio.gather(
            client.query("overview_sessions", **narrowed, **bins.params()),
            client.query("overview_events", **narrowed, **bins.params(), names=MAX_NAMES),
            client.query("overview_rates", **asked.params()),
            client.applications(),
        )
        # Those of no session too: what an SDK sent ahead of the first one, or after the last.
        of_requests = {"first_us": bins.from_us, "bin_us": bins.bin_us, "bins": bins.count} | asked.span()
        requests = await client.query("overview_requests", **of_app, **of_requests)
        rejected = await client.requests(rejected_only=True, limit=MAX_REJECTED)
        failures = await client.failure_report(app_id=app_id, since_us=asked.from_us)
        return Overview(
            totals,
            bins,
            under_way(sessions, bins),
            event_lines(events, bins),
            told_apart(rate_lines(rates), {one.app_id: one.name for one in applications}),
            rejections(requests, rejected, bins, asked),
            [group for group in failures.groups if asked.to_us is None or group.first_us <= asked.to_us],
        )
