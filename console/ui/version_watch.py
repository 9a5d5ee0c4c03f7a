"""Notices a running server of another version than the window, and says once how to have both alike."""

from collections.abc import Callable

from console.messages import FeedHello
from console.ui.context import Messages
from console.ui.live_feed import LiveFeed
from console.ui.widgets.formatting import visible

_VERSION_CHARS = 40


class VersionWatch:
    """A server goes on when its window is closed, so the next window may find one that an older program started.

    Says so once of each server: at the connection where the versions have other names, else at the first answer that
    shows it. `version` tells the window's own: to find that out takes a while, so not before it is needed.
    """

    def __init__(
        self, feed: LiveFeed, messages: Messages, restart: Callable[[], object], version: Callable[[], str]
    ) -> None:
        self._feed = feed
        self._messages = messages
        self._restart = restart
        self._version = version
        self._told: tuple[int, int] | None = None
        feed.connected.connect(self._on_connected)

    def misunderstood(self) -> None:
        """The server did not know what it was asked, or answered what nobody understands."""
        self._tell("The running server is of another version than this window: some of what is asked it does not know.")

    def _on_connected(self, hello: FeedHello) -> None:
        own = self._version()
        if hello.status.version != own:
            theirs = visible(hello.status.version, _VERSION_CHARS)
            self._tell(f"The running server is version {theirs}, this window {own}.")

    def _tell(self, what: str) -> None:
        hello = self._feed.hello
        server = None if hello is None else (hello.status.pid, hello.status.started_at_us)
        if server is None or server == self._told:
            return
        self._told = server
        self._messages.say(
            f"{what} Restart it to have both alike; nothing recorded is lost.",
            kind="warning",
            actions=[("Restart server", self._restart)],
        )
