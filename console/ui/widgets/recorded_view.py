"""A view that is one table of recorded rows: its past once, then the feed."""

from abc import abstractmethod
from collections.abc import Coroutine, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.messages import FeedHello, FeedRows, ServerStatus
from console.messages.filters import BookmarkKind
from console.ui.context import Action, ViewContext
from console.ui.selection import Picked
from console.ui.widgets.empty_state import EmptyState
from console.ui.widgets.history import History
from console.ui.widgets.row_bookmarks import RowBookmarks
from console.ui.widgets.table_page import TablePage

R = TypeVar("R")

_BOOKMARKED = "is:bookmarked"


class RecordedView(QWidget, Generic[R]):
    """Follows the feed; the recorded past is loaded once, and after a reconnection only what is missing.

    A subclass makes `page` and says which rows of a message are its own. `destination_wanted(Destination)`: another
    view, for one of the rows.
    """

    badge_changed = Signal(str)
    destination_wanted = Signal(object)
    test_event_wanted = Signal()
    demo_wanted = Signal()

    def __init__(self, context: ViewContext, name: BookmarkKind, parent: QWidget | None = None) -> None:
        """`name` is one row's word: event, request."""
        super().__init__(parent)
        self._context = context
        self._name = name
        empty = EmptyState(context, name)
        empty.test_event_wanted.connect(self.test_event_wanted)
        empty.demo_wanted.connect(self.demo_wanted)
        self.page, self._history = self.make_page(empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.page)
        self.setFocusProxy(self.page)
        self.page.picked.connect(self._picked)
        self.bookmarks = RowBookmarks(context, name, self)
        self.bookmarks.changed.connect(self._show_bookmarks)
        self.page.set_actions(self._all_actions_of)
        self.page.missing_wanted.connect(self._load_missing)
        context.feed.connected.connect(self._connected)
        context.feed.rows_arrived.connect(self.take_rows)
        context.feed.status_changed.connect(self.take_status)

    # what a subclass says

    @abstractmethod
    def make_page(self, empty: QWidget) -> tuple[TablePage[R], History[R]]:
        """The table, with `empty` for when it has no rows, and what loads its past."""

    @abstractmethod
    async def newest(self) -> Sequence[R]:
        """The newest recorded rows, as many as the table loads at once."""

    @abstractmethod
    def last_key(self, hello: FeedHello) -> int:
        """The key of the last row before the feed begins."""

    @abstractmethod
    def take_rows(self, rows: FeedRows) -> None:
        """Add what arrived."""

    @abstractmethod
    def take_status(self, status: ServerStatus) -> None:
        """Tell the page how many rows are recorded."""

    @abstractmethod
    def picked_by(self, row: R) -> Picked:
        """What a chosen row means to the other views."""

    def actions_of(self, row: R) -> Sequence[Action]:
        """What can be done with a row, in its menu."""
        return ()

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

    def toggle_bookmark(self) -> None:
        """Bookmark the selected row, or take its bookmark away."""
        row = self.page.table.current_row()
        if row is None:
            self._context.messages.say(f"Select the {self._name} to bookmark first.")
        else:
            self.bookmarks.toggle(self.page.key_of(row))

    def show_bookmarked(self) -> None:
        """Show what is bookmarked and nothing else."""
        self.page.language.use(_BOOKMARKED)

    # ----------------------------------------------------------------------------------------------------------------

    def _all_actions_of(self, row: R) -> Sequence[Action]:
        key = self.page.key_of(row)
        what = "Remove bookmark" if key in self.bookmarks.keys else "Bookmark"
        return (*self.actions_of(row), (f"{what}\tCtrl+M", lambda: self.bookmarks.toggle(key)))

    def _show_bookmarks(self) -> None:
        self.page.table.set_marked(self.bookmarks.keys)
        if _BOOKMARKED.partition(":")[2] in self.page.language.filter.text:
            self.page.filter_anew()

    def _connected(self, hello: FeedHello) -> None:
        self.take_status(hello.status)
        self._start(self._load(self.page.everything.newest, self.last_key(hello)))

    async def _load(self, known_to: int | None, feed_from: int) -> None:
        missing = await self._history.load(known_to, feed_from, self.page.add)
        if missing:
            self.page.add((), missing)

    def _load_missing(self) -> None:
        self._start(self._refill())

    async def _refill(self) -> None:
        self.page.fill_gaps(await self.newest())

    def _start(self, work: Coroutine[None, None, None]) -> None:
        self._context.tasks.start(work, f"Load the {self._name}s")

    def _picked(self, row: R | None) -> None:
        self._context.selection.pick(None if row is None else self.picked_by(row))
