"""The requests view: every HTTP request of the documented APIs, accepted and rejected."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.messages import FeedHello, FeedRows, RequestRow, ServerStatus
from console.ui.context import ViewContext
from console.ui.requests.model import (
    HISTORY_ROWS,
    admits,
    bar_tone,
    is_rejected,
    request_cells,
    request_key,
    request_store,
)
from console.ui.selection import Picked
from console.ui.theme import SPACING
from console.ui.widgets.empty_state import EmptyState
from console.ui.widgets.formatting import short_count
from console.ui.widgets.history import History
from console.ui.widgets.table_page import TablePage


class RequestsView(QWidget):
    """Follows the feed like the live view; its badge counts what was rejected."""

    title = "Requests"
    badge_changed = Signal(str)
    test_event_wanted = Signal()
    demo_wanted = Signal()

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._rejected = 0
        self.badge = ""
        empty = EmptyState(context, "request")
        empty.test_event_wanted.connect(self.test_event_wanted)
        empty.demo_wanted.connect(self.demo_wanted)
        self.page: TablePage[RequestRow] = TablePage(
            context,
            "request",
            store=request_store(),
            cells=request_cells(),
            key_of=request_key,
            admits=admits,
            key_of_picked=lambda picked: picked.request_id,
            empty=empty,
            bar_of=bar_tone,
        )
        self._all = QPushButton("All")
        self._only_rejected = QPushButton("Rejected")
        self.page.bar.insert_before_field(self._chips())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.page)
        self.setFocusProxy(self.page)
        self._history = History(self._fetch, request_key, HISTORY_ROWS)
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

    def show_rejected(self, on: bool = True) -> None:
        """Show rejected requests only, or all."""
        (self._only_rejected if on else self._all).setChecked(True)

    # ----------------------------------------------------------------------------------------------------------------

    def _chips(self) -> QWidget:
        chips = QWidget()
        row = QHBoxLayout(chips)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING[0])
        group = QButtonGroup(chips)
        for button in (self._all, self._only_rejected):
            button.setCheckable(True)
            group.addButton(button)
            row.addWidget(button)
        self._all.setAccessibleName("Show all requests")
        self._only_rejected.setAccessibleName("Show rejected requests only")
        self._all.setChecked(True)
        self._only_rejected.toggled.connect(self._narrow)
        return chips

    def _narrow(self, only_rejected: bool) -> None:
        self.page.set_extra(is_rejected if only_rejected else None)

    async def _fetch(self, before_id: int, limit: int) -> list[RequestRow]:
        return await self._context.client.requests(before_id=before_id, limit=limit)

    def _connected(self, hello: FeedHello) -> None:
        self._status_changed(hello.status)
        self._context.tasks.start(self._load(self.page.store.newest, hello.last_request_id), "Load the requests")

    async def _load(self, known_to: int | None, feed_from: int) -> None:
        missing = await self._history.load(known_to, feed_from, self.page.add)
        if missing:
            self.page.add((), missing)

    def _load_missing(self) -> None:
        self._context.tasks.start(self._refill(), "Load the requests")

    async def _refill(self) -> None:
        self.page.fill_gaps(await self._context.client.requests(limit=HISTORY_ROWS))

    def _rows_arrived(self, rows: FeedRows) -> None:
        self.page.add(rows.requests, rows.skipped_requests)
        rejected = sum(map(is_rejected, rows.requests))
        if rejected:
            self._show_rejected_count(self._rejected + rejected)

    def _status_changed(self, status: ServerStatus) -> None:
        self.page.set_recorded(status.requests_total)
        self._show_rejected_count(status.rejected_total)

    def _show_rejected_count(self, count: int) -> None:
        if count == self._rejected:
            return
        self._rejected = count
        self.badge = short_count(count) if count else ""
        self._only_rejected.setToolTip(f"{count:,} requests were rejected")
        self.badge_changed.emit(self.badge)

    def _picked(self, row: RequestRow | None) -> None:
        self._context.selection.pick(None if row is None else Picked(request_id=row.request_id))
