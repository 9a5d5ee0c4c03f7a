"""Brings players from the server: the pages in sight, again when they changed, one question at a time."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from console.messages.players import PlayerSort
from console.ui.context import ViewContext
from console.ui.players.pages import PlayerPages

REFRESH_MS = 1_000
# Of the time, at most a fifth is spent asking again: sorting very many players takes the server a while.
_REST_TIMES = 4
# Stages and risks change with time alone.
AGEING_MS = 60_000


class PlayerSource(QObject):
    """Keeps `pages` in step with the server.

    - `started()`: another question was asked; until its answer comes, the pages hold that of the one before
    - `changed()`: the pages hold something else
    - `failed(str)`: the last question was not answered, and why
    """

    started = Signal()
    changed = Signal()
    failed = Signal(str)

    def __init__(self, context: ViewContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.pages = PlayerPages()
        self.app_id: str | None = None
        self.search = ""
        self.sort: PlayerSort = "last_seen"
        self.descending = True
        self.now_us: int | None = None
        self.answered = False
        self._sight = (0, 0)
        self._question = 0
        self._asking = False
        self._give_up: Callable[[], object] = _nothing
        self._active = False
        self._frozen = False
        self._old = False
        self._asked_at = float("-inf")
        self._took_ms = 0.0
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._refresh)
        self._ageing = QTimer(self)
        self._ageing.setInterval(AGEING_MS)
        self._ageing.timeout.connect(self.expire)

    def set_active(self, active: bool) -> None:
        """Ask only while somebody looks; what changed meanwhile is asked for then."""
        self._active = active
        if active:
            self._ageing.start()
            if self._old or not self.answered:
                self._refresh()
        else:
            self._ageing.stop()
            self._again.stop()

    def set_frozen(self, frozen: bool) -> None:
        """What was asked for stays as it is; rows that come into sight are asked for all the same."""
        self._frozen = frozen
        if frozen:
            self._again.stop()
        elif self._old:
            self.expire()

    def ask(
        self,
        *,
        app_id: str | None = None,
        search: str | None = None,
        sort: PlayerSort | None = None,
        descending: bool | None = None,
    ) -> None:
        """Another question: what is given replaces what there was, and the rows are dropped."""
        wanted = (
            self.app_id if app_id is None else app_id,
            self.search if search is None else search,
            self.sort if sort is None else sort,
            self.descending if descending is None else descending,
        )
        if wanted == (self.app_id, self.search, self.sort, self.descending):
            return
        if app_id is not None and app_id != self.app_id:
            self.pages.clear()
        self.app_id, self.search, self.sort, self.descending = wanted
        self._sight = (0, min(self._sight[1] - self._sight[0], self.pages.page_rows))
        self._start_over()

    def set_now(self, now_us: int | None) -> None:
        """See the players at another instant, at the same place of the list; None is the server's present."""
        if now_us != self.now_us:
            self.now_us = now_us
            self._start_over()

    def see(self, first: int, last: int) -> None:
        """These rows are in sight."""
        self._sight = (first, last)
        self._load()

    def expire(self) -> None:
        """The server says that players changed: ask again soon, once a second at most."""
        self._old = True
        if self._active and not self._frozen and not self._again.isActive():
            since_ms = (time.monotonic() - self._asked_at) * 1000
            pause_ms = max(REFRESH_MS, self._took_ms * (1 + _REST_TIMES))
            self._again.start(round(max(0.0, pause_ms - since_ms)))  # never asked: infinitely long ago

    def _start_over(self) -> None:
        """Keep showing the old rows until the new ones come: nothing flickers."""
        self._question += 1
        self._asking = False
        self._give_up()  # the server need not go on sorting
        self.answered = False
        self.started.emit()
        self._refresh()

    def _refresh(self) -> None:
        self._again.stop()
        self.pages.expire()
        self._old = True
        if self._active:
            self._old = False
            self._load()

    def _load(self) -> None:
        if self._asking or not self._active or self.app_id is None:
            return
        missing = self.pages.missing(*self._sight)
        if missing:
            self._asking = True
            self._asked_at = time.monotonic()
            question = self._question
            give_up = self._context.tasks.start(
                self._fetch(question, missing[0]), "Listing the players", on_error=self._not_answered
            )
            if self._asking and question == self._question:
                self._give_up = give_up

    async def _fetch(self, question: int, number: int) -> None:
        assert self.app_id is not None
        page = await self._context.client.players(
            self.app_id,
            search=self.search,
            sort=self.sort,
            descending=self.descending,
            limit=self.pages.page_rows,
            offset=number * self.pages.page_rows,
            now_us=self.now_us,
        )
        if question != self._question:
            return  # another question was asked meanwhile
        self._give_up = _nothing
        if not self.answered:
            self.pages.clear()
            self.answered = True
        self._asking = False
        self._took_ms = (time.monotonic() - self._asked_at) * 1000
        self.pages.put(number, page.rows, page.total)
        self.changed.emit()
        self._load()

    def _not_answered(self, error: Exception) -> None:
        self._asking = False
        self._old = True
        self.failed.emit(str(error) or type(error).__name__)


def _nothing() -> None:
    """There is nothing to give up."""
