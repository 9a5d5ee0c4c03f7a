"""What every view is given, by constructor: no globals, no registry."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:  # the client brings aiohttp, which is not needed to paint the first window
    from PySide6.QtCore import QSettings

    from console.client import ConsoleClient
    from console.ui.clock import Clock
    from console.ui.colours import Colours
    from console.ui.live_feed import LiveFeed
    from console.ui.selection import Selection
    from console.ui.theme import Theme

MessageKind = Literal["info", "good", "warning", "bad"]
Action = tuple[str, Callable[[], object]]


class Tasks(Protocol):
    """Runs coroutines on the window's loop; each is cancelled when the window closes."""

    def start(
        self, work: Coroutine[Any, Any, Any], what: str, on_error: Callable[[Exception], None] | None = None
    ) -> Callable[[], object]:
        """Run `work`. A failure is told in the message bar as "`what`: reason", unless `on_error` takes it.

        Returns what breaks the work off, without a word; once it is done, that does nothing.
        """


class Messages(Protocol):
    """The message bar: one line, never modal."""

    def say(self, text: str, *, kind: MessageKind = "info", actions: Sequence[Action] = ()) -> None:
        """Show plain text, and buttons for what a person can do about it."""


@dataclass(frozen=True)
class ViewContext:
    """`client` always speaks to the current server, also after a restart."""

    client: ConsoleClient
    feed: LiveFeed
    selection: Selection
    theme: Theme
    tasks: Tasks
    messages: Messages
    settings: QSettings
    clock: Clock
    colours: Colours
