"""The live view: every event as it arrives, newest at the bottom."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from console.messages import EventRow, FeedHello, FeedRows, ServerStatus
from console.ui.context import ViewContext
from console.ui.live.model import HISTORY_ROWS, admits, event_cells, event_key, event_store
from console.ui.selection import Picked
from console.ui.widgets.history import History
from console.ui.widgets.recorded_view import RecordedView
from console.ui.widgets.table_page import TablePage


class LiveView(RecordedView[EventRow]):
    """The events, and where each was sent."""

    title = "Live"

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(context, "event", parent)

    def make_page(self, empty: QWidget) -> tuple[TablePage[EventRow], History[EventRow]]:
        page = TablePage(
            self._context,
            "event",
            store=event_store(),
            cells=event_cells(),
            key_of=event_key,
            admits=admits,
            key_of_picked=lambda picked: picked.seq,
            empty=empty,
        )
        return page, History(self._fetch, event_key, HISTORY_ROWS)

    async def _fetch(self, before_seq: int, limit: int) -> list[EventRow]:
        return await self._context.client.events(before_seq=before_seq, limit=limit)

    async def newest(self) -> Sequence[EventRow]:
        return await self._context.client.events(limit=HISTORY_ROWS)

    def last_key(self, hello: FeedHello) -> int:
        return hello.last_seq

    def take_rows(self, rows: FeedRows) -> None:
        self.page.add(rows.events, rows.skipped_events)

    def take_status(self, status: ServerStatus) -> None:
        self.page.set_recorded(status.events_total)

    def picked_by(self, row: EventRow) -> Picked:
        return Picked(request_id=row.request_id, seq=row.seq, index=row.index)
