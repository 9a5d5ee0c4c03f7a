"""The requests view: every HTTP request of the documented APIs, accepted and rejected."""

from collections.abc import Sequence

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from console.messages import FeedHello, FeedRows, RequestRow, ServerStatus
from console.ui.context import Action, ViewContext
from console.ui.navigation import Destination
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
from console.ui.widgets.formatting import short_count
from console.ui.widgets.history import History
from console.ui.widgets.player_inspection import is_player_request
from console.ui.widgets.player_named import player_of_request
from console.ui.widgets.recorded_view import RecordedView
from console.ui.widgets.table_page import TablePage


class RequestsView(RecordedView[RequestRow]):
    """The requests; the badge counts what was rejected."""

    title = "Requests"

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        self._rejected = 0
        self.badge = ""
        super().__init__(context, "request", parent)
        self._all = QPushButton("All")
        self._only_rejected = QPushButton("Rejected")
        self.page.bar.insert_before_field(self._chips())
        self.page.filter_cleared.connect(lambda: self.show_rejected(False))

    def make_page(self, empty: QWidget) -> tuple[TablePage[RequestRow], History[RequestRow]]:
        page = TablePage(
            self._context,
            "request",
            store=request_store(),
            cells=request_cells(),
            key_of=request_key,
            admits=admits,
            key_of_picked=lambda picked: picked.request_id,
            empty=empty,
            bar_of=bar_tone,
        )
        return page, History(self._fetch, request_key, HISTORY_ROWS)

    def actions_of(self, row: RequestRow) -> Sequence[Action]:
        if not is_player_request(row.route):
            return ()
        return (("Open the player's profile", lambda: self._start(self._open_player(row))),)

    def open_player(self) -> None:
        """Open the profile of the player whom the selected request is about."""
        row = self.page.table.current_row()
        if row is not None and is_player_request(row.route):
            self._start(self._open_player(row))

    async def _open_player(self, row: RequestRow) -> None:
        """Which player it was stands in the request itself."""
        player = player_of_request(await self._context.client.request_detail(row.request_id))
        if player is None:
            self._context.messages.say("This request names no player, or more than one.")
        else:
            self.destination_wanted.emit(Destination(view="players", subject=player))

    def show_rejected(self, on: bool = True) -> None:
        """Show rejected requests only, or all."""
        (self._only_rejected if on else self._all).setChecked(True)

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

    async def newest(self) -> Sequence[RequestRow]:
        return await self._context.client.requests(limit=HISTORY_ROWS)

    def last_key(self, hello: FeedHello) -> int:
        return hello.last_request_id

    def take_rows(self, rows: FeedRows) -> None:
        self.page.add(rows.requests, rows.skipped_requests)
        rejected = sum(map(is_rejected, rows.requests))
        if rejected:
            self._show_rejected_count(self._rejected + rejected)

    def take_status(self, status: ServerStatus) -> None:
        self.page.set_recorded(status.requests_total)
        self._show_rejected_count(status.rejected_total)

    def _show_rejected_count(self, count: int) -> None:
        if count == self._rejected:
            return
        self._rejected = count
        self.badge = short_count(count) if count else ""
        self._only_rejected.setToolTip(f"{count:,} requests were rejected")
        self.badge_changed.emit(self.badge)

    def picked_by(self, row: RequestRow) -> Picked:
        return Picked(request_id=row.request_id)
