"""The live view: every event as it arrives, newest at the bottom."""

from collections.abc import Sequence
from operator import attrgetter

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QPushButton, QWidget

from console.messages import EventRow, FeedHello, FeedRows, ServerStatus
from console.ui.context import Action, ViewContext
from console.ui.icons import icon
from console.ui.live.model import HISTORY_ROWS, admits, event_cells, event_key, event_store
from console.ui.live.source import EventSource
from console.ui.navigation import Destination, EventsSubject, FilterSubject, Subject
from console.ui.selection import Picked
from console.ui.widgets.formatting import visible
from console.ui.widgets.history import History
from console.ui.widgets.player_named import player_of_event
from console.ui.widgets.recorded_view import RecordedView
from console.ui.widgets.table_page import TablePage


class LiveView(RecordedView[EventRow]):
    """The events, and where each was sent."""

    title = "Live"

    def __init__(self, context: ViewContext, parent: QWidget | None = None) -> None:
        super().__init__(context, "event", parent)
        self.only = QPushButton()
        self.only.setProperty("role", "state")
        self.only.setProperty("tone", "accent")
        self.only.setIconSize(QSize(12, 12))
        self.only.setToolTip("Only this player's events are shown. Click to show all again")
        self.only.hide()
        self.only.clicked.connect(self._show_everybody)
        self.page.filter_cleared.connect(self._show_everybody)
        self.page.bar.insert_before_field(self.only)
        context.selection.picked_changed.connect(self._show_picked)
        context.theme.changed.connect(self._paint_icon)
        self._paint_icon()

    def show_subject(self, subject: Subject) -> None:
        """Only one player's events, until the person wants all again; or those that match a filter."""
        if isinstance(subject, EventsSubject):
            ids = subject.player_ids
            self.only.setText(visible(subject.name, 32).replace("&", "&&"))
            self.only.setAccessibleName(f"Only events of {subject.name}: show all again")
            self.only.show()
            self.page.set_extra(lambda row: row.player_id in ids)
        elif isinstance(subject, FilterSubject):
            self.page.bar.field.setText(subject.text)

    def actions_of(self, row: EventRow) -> Sequence[Action]:
        player = player_of_event(row)
        if player is None:
            return ()
        name = row.player_name or row.player_id
        events = EventsSubject(name, frozenset(filter(None, (row.player_id, row.player_name))))
        return (
            (
                "Open the player's profile",
                lambda: self.destination_wanted.emit(Destination(view="players", subject=player)),
            ),
            (f"Only events of {visible(name, 32)}".replace("&", "&&"), lambda: self.show_subject(events)),
        )

    def open_player(self) -> None:
        """Open the profile of the selected row's player."""
        row = self.page.table.current_row()
        player = None if row is None else player_of_event(row)
        if player is not None:
            self.destination_wanted.emit(Destination(view="players", subject=player))

    def _show_picked(self, picked: Picked | None) -> None:
        """Bring the row of what was picked elsewhere into sight, unless the newest rows are looked at."""
        if picked is None or picked.seq is None or picked.time_us is None:
            self.page.clock_rows.want(None)
        else:
            self.page.clock_rows.want(picked.seq, picked.time_us)
        if picked is not None and picked.seq is not None and not self.page.table.following:
            self.page.table.show_key(picked.seq)

    def _show_everybody(self) -> None:
        if not self.only.isHidden():
            self.only.hide()
            self.page.set_extra(None)

    def _paint_icon(self) -> None:
        self.only.setIcon(icon("close", self._context.theme.tokens.accent))

    def make_page(self, empty: QWidget) -> tuple[TablePage[EventRow], History[EventRow]]:
        page = TablePage(
            self._context,
            "event",
            make_store=event_store,
            source=EventSource(self._context),
            cells=event_cells(),
            key_of=event_key,
            time_of=attrgetter("time_us"),
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
        return Picked.event(row)
