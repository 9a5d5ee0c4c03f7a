"""No row is missing between the past and what arrives, and none is there twice, however they interleave."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from PySide6.QtCore import QObject

from console.messages import EventRow, FeedFrame, FeedHello, FeedRows
from console.telemetry.filters import Filter, parse
from console.ui.context import ViewContext
from console.ui.live.model import event_store
from console.ui.live.source import EventSource
from console.ui.widgets.filtered_rows import FilteredRows
from tests.ui.fakes import FakeMessages, FakeTasks, make_status
from tests.ui.rows import event_row


class Recording(EventSource):
    """A server that commits a row whenever somebody waits, at random; every third row matches."""

    def __init__(self, context: ViewContext, chance: random.Random, rows: int) -> None:
        super().__init__(context)
        self.chance = chance
        self.rows = rows
        self.committed = 0
        self.queues: list[asyncio.Queue[FeedFrame | None]] = []

    @property
    def matching_rows(self) -> list[EventRow]:
        return [event_row(seq) for seq in range(1, self.committed + 1) if seq % 3 == 0]

    async def commit_some(self) -> None:
        for _ in range(self.chance.randrange(4)):
            if self.committed < self.rows:
                self.committed += 1
                if self.committed % 3 == 0:
                    rows = FeedRows(events=[event_row(self.committed)], requests=[], trajectories=[])
                    for queue in self.queues:
                        queue.put_nowait(rows)
            await asyncio.sleep(0)

    async def commit_all(self) -> None:
        while self.committed < self.rows:
            await self.commit_some()
            await asyncio.sleep(0)

    def live(self, wanted: Filter) -> AsyncIterator[FeedFrame]:
        return self._frames()

    async def _frames(self) -> AsyncIterator[FeedFrame]:
        await self.commit_some()
        queue: asyncio.Queue[FeedFrame | None] = asyncio.Queue()
        self.queues.append(queue)
        hello = FeedHello(last_seq=self.committed, last_request_id=0, status=make_status())
        await self.commit_some()
        yield hello
        while (frame := await queue.get()) is not None:
            yield frame

    async def past(
        self, wanted: Filter, before: int | None, limit: int, after: int = 0
    ) -> tuple[Sequence[EventRow], int | None]:
        await self.commit_some()
        rows = [row for row in self.matching_rows if before is None or row.seq < before]
        await self.commit_some()
        limit = min(limit, 5)
        return rows[-limit:], rows[-limit].seq if len(rows) > limit else None


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_missing_at_the_seam(make_context: Callable[..., ViewContext], seed: int) -> None:
    chance = random.Random(seed)
    tasks = FakeTasks(FakeMessages())
    context = make_context(tasks=tasks)
    source = Recording(context, chance, rows=60)
    owner = QObject()
    results = FilteredRows(context, source, event_store, owner)

    async def run() -> None:
        source.committed = chance.randrange(30)
        commits = asyncio.create_task(source.commit_all())
        wanted = parse("x:*")
        assert isinstance(wanted, Filter)
        results.start(wanted)
        if chance.random() < 0.5:  # the connection breaks, and is made anew
            for _ in range(chance.randrange(12)):
                await asyncio.sleep(0)
            context.feed.connected.emit(FeedHello(last_seq=0, last_request_id=0, status=make_status()))
        await commits
        for queue in source.queues:
            queue.put_nowait(None)  # the server closes the feed
        await tasks.all_done()
        results._feed._tick()
        found = [row.seq for row in results.store.rows()]
        results.stop()
        await asyncio.sleep(0)
        assert found == [row.seq for row in source.matching_rows]

    asyncio.run(run())
