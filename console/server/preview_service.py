"""Previews for windows, one after the other: only the latest one that a person waits for is of use."""

import asyncio
from collections.abc import Callable

from console.server.previews import Preview, PreviewQuestion


class PreviewService:
    """Call it on the loop. `count` blocks, as `Previews.count` and `StoreProcess.preview` do."""

    def __init__(self, count: Callable[[PreviewQuestion], Preview]) -> None:
        self._count = count
        self._lock = asyncio.Lock()

    async def ask(self, question: PreviewQuestion, *, is_waited_for: Callable[[], bool]) -> Preview:
        """Count when those before are counted, unless nobody waits any more.

        Whoever types asks again and again: what was asked before and given up would keep the last one waiting. Raises
        ConnectionError for a caller who is gone, and what `count` raises.
        """
        async with self._lock:
            if not is_waited_for():
                raise ConnectionResetError("the caller of a preview is gone")
            return await asyncio.to_thread(self._count, question)
