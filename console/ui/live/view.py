"""The live view: every event as it arrives, newest at the bottom."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.messages import EventRow, FeedHello, FeedRows, ServerStatus
from console.ui.context import ViewContext
from console.ui.live.model import HISTORY_ROWS, admits, event_cells, event_key, event_store
from console.ui.selection import Picked
from console.ui.widgets.empty_state import EmptyState
from console.ui.widgets.history import History
from console.ui.widgets.table_page import TablePage


class LiveView(QWidget):
    """Follows the feed; the recorded past is loaded once, and after a reconnection only what is missing."""

    title = "Live"
    badge_changed = Signal(str)
    test_event_wanted = Signal()
    demo_wanted = Signal()

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        empty = EmptyState(context, "event")
        empty.test_event_wanted.connect(self.test_event_wanted)
        empty.demo_wanted.connect(self.demo_wanted)
        self.page: TablePage[EventRow] = TablePage(
            context,
            "event",
            store=event_store(),
            cells=event_cells(),
            key_of=event_key,
            admits=admits,
            key_of_picked=lambda picked: picked.seq,
            empty=empty,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.page)
        self.setFocusProxy(self.page)
        self._history = History(self._fetch, event_key, HISTORY_ROWS)
        self.page.picked.connect(self._picked)
        self.page.missing_wanted.connect(self._load_missing)
        context.feed.connected.connect(self._connected)
        context.feed.rows_arrived.connect(self._rows_arrived)
        context.feed.status_changed.connect(self._status_changed)

    # what menus call

    def set_frozen(self, on: bool) -> None:
        """Hold the table still; recording goes on."""
        self.page.set_frozen(on)

    def clear(self) -> None:
        """Empty the table; recordings stay."""
        self.page.clear()

    def focus_filter(self) -> None:
        """Let the person type a filter."""
        self.page.focus_filter()

    # ----------------------------------------------------------------------------------------------------------------

    async def _fetch(self, before_seq: int, limit: int) -> list[EventRow]:
        return await self._context.client.events(before_seq=before_seq, limit=limit)

    def _connected(self, hello: FeedHello) -> None:
        self._status_changed(hello.status)
        self._context.tasks.start(self._load(self.page.store.newest, hello.last_seq), "Load the events")

    async def _load(self, known_to: int | None, feed_from: int) -> None:
        missing = await self._history.load(known_to, feed_from, self.page.add)
        if missing:
            self.page.add((), missing)

    def _load_missing(self) -> None:
        self._context.tasks.start(self._refill(), "Load the events")

    async def _refill(self) -> None:
        self.page.fill_gaps(await self._context.client.events(limit=HISTORY_ROWS))

    def _rows_arrived(self, rows: FeedRows) -> None:
        self.page.add(rows.events, rows.skipped_events)

    def _status_changed(self, status: ServerStatus) -> None:
        self.page.set_recorded(status.events_total)

    def _picked(self, row: EventRow | None) -> None:
        picked = None if row is None else Picked(request_id=row.request_id, seq=row.seq, index=row.index)
        self._context.selection.pick(picked)
