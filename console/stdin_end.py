"""The end of standard input: how a process knows that whoever started it is gone."""

import asyncio
import os
import sys
import threading
from contextlib import suppress

_PIECE_BYTES = 4096


def stop_with_stdin(stop: asyncio.Event) -> None:
    """Set the event when standard input ends; call it on the loop that waits for the event.

    The other end of a pipe closes however its holder ends, killed or crashed, on every system alike. Does nothing in
    a program without standard input, as windowed ones are on Windows when nobody gave them one.
    """
    if sys.stdin is None:
        return
    loop = asyncio.get_running_loop()
    # The descriptor itself: a thread inside of sys.stdin would hold its lock when the interpreter ends.
    descriptor = sys.stdin.fileno()

    def watch() -> None:
        with suppress(OSError):  # a broken pipe has ended, too
            while os.read(descriptor, _PIECE_BYTES):
                pass
        with suppress(RuntimeError):  # the loop was closed: it is over already
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=watch, name="standard input", daemon=True).start()
