"""The bookmarks of a table's rows: which there are, setting and taking them back."""

from functools import partial

from PySide6.QtCore import QObject, Signal

from console.messages.filters import BookmarkKind, Bookmarks
from console.ui.context import ViewContext


class RowBookmarks(QObject):
    """`keys` are the bookmarked rows, as the server last told; `changed` once they are others.

    The server announces every change, so those that other windows make are followed too.
    """

    changed = Signal()

    def __init__(self, context: ViewContext, kind: BookmarkKind, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._kind: BookmarkKind = kind
        self._turn = 0
        self.keys: frozenset[int] = frozenset()
        context.feed.connected.connect(self.load)
        context.feed.changed.connect(self._topic_changed)
        if context.feed.hello is not None:
            self.load()

    def load(self, *_: object) -> None:
        """Ask for them anew."""
        self._turn += 1
        self._context.tasks.start(self._load(self._turn), "Load the bookmarks")

    def toggle(self, key: int) -> None:
        """Bookmark a row, or take its bookmark away; the message bar offers to undo it."""
        self._set(key, key not in self.keys, undoable=True)

    # ----------------------------------------------------------------------------------------------------------------

    def _topic_changed(self, topic: str) -> None:
        if topic == "bookmarks":
            self.load()

    async def _load(self, turn: int) -> None:
        self._take(await self._context.client.bookmarks(), turn)

    def _set(self, key: int, bookmarked: bool, *, undoable: bool) -> None:
        self._turn += 1
        self._context.tasks.start(
            self._change(key, bookmarked, self._turn, undoable=undoable),
            "Set the bookmark" if bookmarked else "Remove the bookmark",
        )

    async def _change(self, key: int, bookmarked: bool, turn: int, *, undoable: bool) -> None:
        self._take(await self._context.client.bookmark(self._kind, [key], bookmarked=bookmarked), turn)
        if undoable:
            what = "is bookmarked" if bookmarked else "has no bookmark any more"
            undo = partial(self._set, key, not bookmarked, undoable=False)
            self._context.messages.say(f"{self._kind.capitalize()} {key:,} {what}.", actions=[("Undo", undo)])

    def _take(self, found: Bookmarks, turn: int) -> None:
        """An answer that was overtaken by a later call may be older than that call's."""
        keys = frozenset(found.events if self._kind == "event" else found.requests)
        if turn == self._turn and keys != self.keys:
            self.keys = keys
            self.changed.emit()
