"""The requests view: every HTTP request of the documented APIs, accepted and rejected."""

from collections.abc import Callable, Sequence
from operator import attrgetter

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QSplitter, QWidget

from console.messages import FeedHello, FeedRows, RequestRow, ServerStatus
from console.messages.requests import FailureKind
from console.ui.context import Action, ViewContext
from console.ui.navigation import Destination, FailureSubject, RejectedSubject, Subject
from console.ui.requests.facet_bar import FacetBar
from console.ui.requests.facets import FacetName, facet_values
from console.ui.requests.failures import failure_predicate, failure_text
from console.ui.requests.failures_panel import FailuresPanel
from console.ui.requests.model import (
    COLUMNS,
    HISTORY_ROWS,
    admits,
    bar_tone,
    is_rejected,
    request_cells,
    request_key,
    request_store,
)
from console.ui.requests.source import RequestSource
from console.ui.selection import Picked, Scope
from console.ui.widgets.formatting import short_count
from console.ui.widgets.history import History
from console.ui.widgets.player_inspection import is_player_request
from console.ui.widgets.player_named import player_of_request
from console.ui.widgets.recorded_view import RecordedView
from console.ui.widgets.table_page import TablePage

_FAILURES_HEIGHT = 196
_ROWS_OF_FAILURE = 2_000


class RequestsView(RecordedView[RequestRow]):
    """The requests; the badge counts what was rejected.

    Beside the filter's text, facets and a chosen failure narrow the table: a row is shown when all let it pass.
    """

    title = "Requests"

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        self._rejected = 0
        self.badge = ""
        super().__init__(context, "request", parent)
        self._failure: FailureKind | None = None
        self._rejected_loaded = False
        self.facets = FacetBar(context.theme, self._facet_values)
        self.failures = FailuresPanel(context)
        self.failures.hide()
        self._lay_out()
        self._offer_sorting()
        self.facets.changed.connect(self._narrow)
        self.facets.failures_toggled.connect(self.failures.setVisible)
        self.facets.failure_dropped.connect(lambda: self.show_failure(None))
        self.failures.picked.connect(self.show_failure)
        self.failures.opened.connect(self._open_failure)
        self.page.filter_cleared.connect(self._show_all)

    def make_page(self, empty: QWidget) -> tuple[TablePage[RequestRow], History[RequestRow]]:
        page = TablePage(
            self._context,
            "request",
            make_store=request_store,
            source=RequestSource(self._context),
            cells=request_cells(),
            key_of=request_key,
            time_of=attrgetter("received_at_us"),
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
        (self.facets.rejected if on else self.facets.all).setChecked(True)

    def show_failures(self, on: bool = True) -> None:
        """Show or hide the list of failures."""
        self.facets.failures.setChecked(on)

    def show_subject(self, subject: Subject) -> None:
        """Only the requests that failed in one way, with the list of failures; or all that were rejected."""
        if isinstance(subject, RejectedSubject):
            self.facets.rejected.setChecked(True)
        elif isinstance(subject, FailureSubject):
            self.show_failures()
            self.show_failure(subject.kind)

    def show_failure(self, kind: FailureKind | None) -> None:
        """Show only requests that failed in one way, with all of them that are kept; None: others too."""
        if kind == self._failure:
            return
        self._failure = kind
        self.facets.show_failure("" if kind is None else failure_text(kind))
        if kind is None:
            self.failures.unpick()
        else:
            self._start(self._load_failure(kind))
        self._narrow()

    def shown_request_ids(self) -> list[int]:
        """The ids of the requests that the table shows, oldest first."""
        self.page.catch_up()
        store = self.page.store
        return [store[index].request_id for index in range(len(store))]

    async def _load_failure(self, kind: FailureKind) -> None:
        self.page.add(await self._context.client.requests_of_failure(kind, limit=_ROWS_OF_FAILURE))

    def _open_failure(self, kind: FailureKind) -> None:
        """The newest request of a failure, in the inspector."""
        self.show_failure(kind)
        store = self.page.store
        if len(store):
            self.page.table.pick_key(store[len(store) - 1].request_id)
            self.page.table.setFocus()

    def _show_all(self) -> None:
        self.show_rejected(False)
        self.show_failure(None)
        self.facets.clear_facets()

    def _lay_out(self) -> None:
        layout = self.layout()
        assert layout is not None
        layout.setSpacing(0)
        layout.removeWidget(self.page)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self.failures)
        parts.addWidget(self.page)
        parts.setSizes([_FAILURES_HEIGHT, 3 * _FAILURES_HEIGHT])
        parts.setStretchFactor(0, 0)
        parts.setStretchFactor(1, 1)
        layout.addWidget(self.facets)
        layout.addWidget(parts)

    def _offer_sorting(self) -> None:
        """What a click on a column's head does, for the keyboard."""
        menu = QMenu("Sort by", self)
        self.page.columns.menu.addMenu(menu)
        table = self.page.table
        for index, column in enumerate(COLUMNS):
            if column.order is not None:
                menu.addAction(column.title).triggered.connect(
                    lambda _checked=False, index=index: table.sort_by_column(index)
                )
        menu.addAction("Time of arrival").triggered.connect(table.follow)

    def _facet_values(self, name: FacetName) -> Sequence[tuple[str, int]]:
        scope = self._context.selection.scope
        in_scope = None if scope == Scope() else lambda row: admits(scope, row)
        return facet_values(self.page.store.rows(), name, self.facets.facets, in_scope)

    def _narrow(self) -> None:
        tests: list[Callable[[RequestRow], bool]] = [is_rejected] if self.facets.only_rejected else []
        if self._failure is not None:
            tests.append(failure_predicate(self._failure))
        if (chosen := self.facets.facets.predicate()) is not None:
            tests.append(chosen)
        self.page.set_extra((lambda row: all(test(row) for test in tests)) if tests else None)
        if self.facets.only_rejected and not self._rejected_loaded:
            self._rejected_loaded = True
            self._start(self._load_rejected())

    async def _load_rejected(self) -> None:
        """Rejected requests are kept apart: also those that are older than the table's rows."""
        self.page.add(await self._context.client.requests(limit=HISTORY_ROWS, rejected_only=True))

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
        self.facets.rejected.setToolTip(f"{count:,} requests were rejected")
        self.failures.note_rejections()
        self.badge_changed.emit(self.badge)

    def picked_by(self, row: RequestRow) -> Picked:
        return Picked(request_id=row.request_id)
