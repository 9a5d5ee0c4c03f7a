"""`--screenshot`: a picture of the real window, for documentation, tests and bug reports."""

import asyncio
import logging
from pathlib import Path

from console.ui.live_feed import Connection, LiveFeed
from console.ui.main_window import MainWindow
from console.ui.options import ViewName

log = logging.getLogger(__name__)

CONNECT_SECS = 60.0
_SETTLE_SECS = 0.3


class ScreenshotFailed(Exception):
    """The picture could not be written. The text names the file."""


async def take(window: MainWindow, feed: LiveFeed, view: ViewName | None, after: float, file: Path) -> None:
    """Show the view, let it work for `after` seconds from the connection on, and save what is painted.

    Without a server the picture is taken all the same: it shows what a person would see. Raises ScreenshotFailed.
    """
    if view is not None:
        window.show_view(view)
    waited = 0.0
    while feed.connection is not Connection.CONNECTED and waited < CONNECT_SECS:
        if feed.connection is Connection.FAILED:
            break
        await asyncio.sleep(0.05)
        waited += 0.05
    await asyncio.sleep(max(after, _SETTLE_SECS))
    window.repaint()
    await asyncio.sleep(_SETTLE_SECS)  # OpenGL views paint one frame later
    picture = window.grab()
    file.parent.mkdir(parents=True, exist_ok=True)
    if not picture.save(str(file)):
        raise ScreenshotFailed(f"the picture could not be written to {file}")
    log.info("wrote %s, %d × %d", file, picture.width(), picture.height())
