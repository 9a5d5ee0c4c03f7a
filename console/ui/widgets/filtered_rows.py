"""The rows that match a filter: those that were recorded, and those that arrive, without a gap between them.

What arrives is attached first, then the past is asked for: rows come twice at the seam, never not at all, and the
store passes over those it knows.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final, Generic, Literal, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from console.messages import FeedFrame, FeedHello, FeedRows
from console.telemetry.filters import Filter
from console.ui.context import ViewContext
from console.ui.live_feed import LiveFeed
from console.ui.widgets.filter_source import FilterSource
from console.ui.widgets.row_store import RowStore

R = TypeVar("R")

State = Literal["off", "looking", "done", "given up", "failed"]

MAX_FOUND: Final = 10_000
SLOW_MS: Final = 400
_AGAIN_MS: Final = 1_000
_RECENT_MS: Final = 1_000


class FilteredRows(QObject, Generic[R]):
    """Runs one filter at a time. `changed` tells of the state and of rows; `replaced` that there is another store.

    `store` holds the newest MAX_FOUND matches and what arrived since. `slow` is true once a look takes noticeably
    long, `seconds` how long by then; `limited` says that older matches were left where they are.
    """

    changed = Signal()
    replaced = Signal()

    def __init__(
        self, context: ViewContext, source: FilterSource[R], make_store: Callable[[], RowStore[R]], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._source = source
        self._make_store = make_store
        self._feed = LiveFeed(self)
        self._feed.connected.connect(self._attached)
        self._feed.rows_arrived.connect(self._take_subscribed)
        self._wanted: Filter | None = None
        self._next: RowStore[R] | None = None  # until there is something to show
        self._stop_live: Callable[[], object] = _nothing
        self._stop_look: Callable[[], object] = _nothing
        self._stop_recent: Callable[[], object] = _nothing
        self._untold: int | None = None  # the lowest key of rows that arrived and only the server can judge
        self._asking = False
        self._turn = 0
        self.store = make_store()
        self.state: State = "off"
        self.reason = ""
        self.slow = False
        self.limited = False
        self.seconds = 0
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(SLOW_MS)
        self._slow.timeout.connect(self._is_slow)
        self._clock = QTimer(self)
        self._clock.setInterval(1_000)
        self._clock.timeout.connect(self._second_passed)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_AGAIN_MS)
        self._again.timeout.connect(self._reattach)
        self._recent = QTimer(self)
        self._recent.setSingleShot(True)
        self._recent.setInterval(_RECENT_MS)
        self._recent.timeout.connect(self._ask_recent)
        context.feed.connected.connect(self._reattach)
        self._attached_once = False
        self._subscribes = False

    @property
    def on(self) -> bool:
        """Whether there is a filter."""
        return self._wanted is not None

    @property
    def pending(self) -> bool:
        """Whether nothing is found yet, and the look is so young that what was shown before may stay."""
        return self._next is not None

    # what the page calls

    def start(self, wanted: Filter, *, frozen: bool = False) -> None:
        """Look for these from now on. The rows of the filter before stay until the first of these are there."""
        self._halt()
        self._wanted = wanted
        self._next = self._make_store()
        if frozen:
            self._next.freeze()
        self._attach()

    def stop(self) -> None:
        """There is no filter."""
        if self._wanted is not None:
            self._halt()
            self._wanted = self._next = None
            self.store = self._make_store()
            self._become("off")

    def give_up(self) -> None:
        """Look no further into the past; the server stops too. What arrives is still shown."""
        if self.state == "looking":
            self._stop_look()
            self._show_next()
            self._become("given up")

    def look_again(self) -> None:
        """Ask for the past once more."""
        if self._subscribes and not self._attached_once:
            self._reattach()
        elif self._wanted is not None:
            self._look()

    def clear(self) -> None:
        """Forget what was found; what arrives from now on is shown."""
        if self._wanted is not None:
            self._stop_look()
            self._show_next()
            self.store.clear()
            self._become("done")

    def set_frozen(self, on: bool) -> None:
        """Hold rows that arrive back, or take them in."""
        for store in (self.store, self._next):
            if store is not None:
                store.freeze() if on else store.thaw()

    def take(self, rows: Sequence[R], skipped: int = 0) -> None:
        """Rows of the unfiltered feed: those that match are taken in, unless a subscription brings them."""
        if self._wanted is None or self._subscribes:
            return
        if skipped:
            self._target.skip(skipped)
        matching, untold = self._source.matching(self._wanted, rows)
        if matching:
            self._add(matching)
        if untold is not None:
            self._untold = untold if self._untold is None else min(self._untold, untold)
            if not self._recent.isActive():
                self._recent.start()

    # ----------------------------------------------------------------------------------------------------------------

    @property
    def _target(self) -> RowStore[R]:
        """Where rows go: the store to come while the one before is still on show."""
        return self.store if self._next is None else self._next

    def _halt(self) -> None:
        self._stop_live()
        self._stop_look()
        self._stop_recent()
        self._again.stop()
        self._recent.stop()
        self._untold = None
        self._asking = False
        self._turn += 1
        self._subscribes = self._attached_once = False

    def _attach(self) -> None:
        assert self._wanted is not None
        frames = self._source.live(self._wanted)
        self._subscribes = frames is not None
        if frames is None:
            self._look()
            return
        self._become("looking")
        self._start_slow()
        self._stop_live = self._context.tasks.start(
            self._follow(frames, self._turn), "Follow the filter", on_error=self._broken(self._turn)
        )

    def _reattach(self, *_: object) -> None:
        if self._wanted is not None:
            self._halt()
            self._attach()

    async def _follow(self, frames: AsyncIterator[FeedFrame], turn: int) -> None:
        async for frame in frames:
            if turn != self._turn:
                return
            self._feed.receive(frame)
        self._detached(turn)

    def _broken(self, turn: int) -> Callable[[Exception], None]:
        def tell(error: Exception) -> None:
            if turn == self._turn and self.state == "looking":
                self._fail(error)
            self._detached(turn)

        return tell

    def _detached(self, turn: int) -> None:
        """Attach again: soon, or when there is a server again. Who was never attached waits to be asked to."""
        if turn == self._turn and self._attached_once and self._context.feed.hello is not None:
            self._again.start()

    def _ask_recent(self) -> None:
        """Have the server judge what arrived and does not tell by itself: once a second at most."""
        if self._wanted is None or self._untold is None:
            return
        if self._asking:
            self._recent.start()
            return
        after, self._untold, self._asking = self._untold - 1, None, True
        self._stop_recent = self._context.tasks.start(
            self._judge(self._wanted, after, self._turn),
            "Look for what matches",
            on_error=self._look_failed(self._turn),
        )

    async def _judge(self, wanted: Filter, after: int, turn: int) -> None:
        before: int | None = None
        try:
            while True:
                rows, before = await self._source.past(wanted, before, MAX_FOUND, after)
                if turn != self._turn:
                    return
                self._add(rows)
                if before is None:
                    return
        finally:
            if turn == self._turn:
                self._asking = False

    def _attached(self, _hello: FeedHello) -> None:
        """What arrives comes by itself from here on; what came before is asked for now."""
        self._attached_once = True
        if self.state != "given up":
            self._look()

    def _look(self) -> None:
        assert self._wanted is not None
        self._stop_look()
        self._become("looking")
        self._start_slow()
        turn = self._turn
        self._stop_look = self._context.tasks.start(
            self._look_back(self._wanted, turn), "Look for what matches", on_error=self._look_failed(turn)
        )

    async def _look_back(self, wanted: Filter, turn: int) -> None:
        before: int | None = None
        found = 0
        missed = self._target.skipped  # so far: those are among what is asked for
        while True:
            rows, before = await self._source.past(wanted, before, MAX_FOUND - found)
            if turn != self._turn:
                return
            found += len(rows)
            self._add(rows, past=True)
            if before is None or found >= MAX_FOUND:
                break
        self.limited = before is not None
        self._target.skip(-missed)
        self._show_next()
        self._become("done")

    def _look_failed(self, turn: int) -> Callable[[Exception], None]:
        def tell(error: Exception) -> None:
            if turn == self._turn:
                self._fail(error)

        return tell

    def _fail(self, error: Exception) -> None:
        self.reason = str(error) or type(error).__name__
        self._show_next()
        self._become("failed")

    def _take_subscribed(self, rows: FeedRows) -> None:
        taken, missed = self._source.rows_of(rows)
        if missed:
            self._target.skip(missed)
        self._add(taken)

    def _add(self, rows: Sequence[R], *, past: bool = False) -> None:
        self._target.add(rows, while_frozen=past)
        if rows:
            self._show_next()
        self.changed.emit()

    def _show_next(self) -> None:
        if self._next is not None:
            self.store, self._next = self._next, None
            self.replaced.emit()

    # time

    def _start_slow(self) -> None:
        self.slow = False
        self.seconds = 0
        self._slow.start()

    def _is_slow(self) -> None:
        self.slow = True
        self._show_next()
        self._clock.start()
        self.changed.emit()

    def _second_passed(self) -> None:
        self.seconds += 1
        self.changed.emit()

    def _become(self, state: State) -> None:
        self.state = state
        if state != "looking":
            self._slow.stop()
            self._clock.stop()
            self.slow = False
        self.changed.emit()


def _nothing() -> None:
    """There is nothing to stop."""
