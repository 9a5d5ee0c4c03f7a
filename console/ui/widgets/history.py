"""Brings rows that were recorded before the feed connected, and those a broken connection left out."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

R = TypeVar("R")

# The event store follows the journal: what was acknowledged a moment ago may not be there yet.
_RETRY_SECS = (0.25, 0.5, 1.0, 2.0)


class History(Generic[R]):
    """Asks for pages of rows until those up to the feed's starting point are in the table.

    `fetch(before, limit)` answers the newest rows older than `before`, oldest first.
    """

    def __init__(
        self,
        fetch: Callable[[int, int], Awaitable[Sequence[R]]],
        key_of: Callable[[R], int],
        limit: int,
        *,
        retry_secs: Sequence[float] = _RETRY_SECS,
    ) -> None:
        self._fetch = fetch
        self._key_of = key_of
        self._limit = limit
        self._retry_secs = retry_secs
        self._turn = 0
        self._unfinished: list[int | None] = []  # where an interrupted load began

    async def load(self, known_to: int | None, feed_from: int, take: Callable[[Sequence[R]], None]) -> int:
        """Give `take` the rows after `known_to` up to `feed_from`, both ids; None: no row is known.

        Only what is missing is asked for. Returns how many of the rows after `known_to` did not come, be it that
        there were more than the limit. A later call, after the next reconnection, ends an earlier one and begins
        where that one did.
        """
        self._turn += 1
        turn = self._turn
        if self._unfinished:
            known_to = self._unfinished[0]
        self._unfinished = [known_to]
        missing = feed_from if known_to is None else feed_from - known_to
        if missing <= 0:
            self._unfinished.clear()
            return 0
        limit = min(missing, self._limit)
        reached = known_to or 0
        hole = 0
        for pause in (0.0, *self._retry_secs):
            if pause:
                await asyncio.sleep(pause)
            rows = await self._fetch(feed_from + 1, min(limit, max(1, feed_from - reached)))
            if turn != self._turn:
                return 0
            fresh = [row for row in rows if known_to is None or self._key_of(row) > known_to]
            if fresh:
                if known_to is not None:
                    hole += max(0, self._key_of(fresh[0]) - reached - 1)
                take(fresh)
                reached = max(reached, self._key_of(fresh[-1]))
                known_to = reached
            if reached >= feed_from:
                break
        self._unfinished.clear()
        return hole + feed_from - reached
