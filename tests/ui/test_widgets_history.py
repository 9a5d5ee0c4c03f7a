"""Loading what was recorded before the feed connected."""

import asyncio
from collections.abc import Sequence

from console.ui.widgets.history import History


class Recorded:
    """Rows that are their own ids; some come to light only at a later call."""

    def __init__(self, *answers: Sequence[int]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[int, int]] = []

    async def fetch(self, before: int, limit: int) -> list[int]:
        self.asked.append((before, limit))
        rows = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [row for row in rows if row < before][-limit:]


def history(recorded: Recorded, limit: int = 100) -> History[int]:
    return History(recorded.fetch, int, limit, retry_secs=(0.0, 0.0))


async def test_the_first_load_asks_for_the_newest_rows() -> None:
    recorded, taken = Recorded(range(1, 1_001)), list[int]()
    assert await history(recorded).load(None, 1_000, taken.extend) == 0
    assert taken == list(range(901, 1_001))
    assert recorded.asked == [(1_001, 100)]


async def test_an_empty_workspace_asks_nothing() -> None:
    recorded = Recorded([])
    assert await history(recorded).load(None, 0, list[int]().extend) == 0
    assert recorded.asked == []


async def test_after_a_reconnection_only_what_is_missing_is_asked_for() -> None:
    recorded, taken = Recorded(range(1, 61)), list[int]()
    assert await history(recorded).load(50, 60, taken.extend) == 0
    assert taken == list(range(51, 61))
    assert recorded.asked == [(61, 10)]


async def test_a_gap_over_the_limit_is_counted() -> None:
    recorded, taken = Recorded(range(1, 1_001)), list[int]()
    assert await history(recorded).load(500, 1_000, taken.extend) == 400
    assert taken == list(range(901, 1_001))


async def test_rows_that_the_event_store_does_not_have_yet_are_asked_for_again() -> None:
    recorded, taken = Recorded(range(1, 41), range(1, 51)), list[int]()
    assert await history(recorded).load(None, 50, taken.extend) == 0
    assert taken == list(range(1, 51))
    assert recorded.asked == [(51, 50), (51, 10)]


async def test_rows_that_never_come_are_counted() -> None:
    recorded, taken = Recorded(range(1, 41)), list[int]()
    assert await history(recorded).load(20, 50, taken.extend) == 10
    assert taken == list(range(21, 41))


async def test_an_interrupted_load_is_taken_over_by_the_next() -> None:
    gate = asyncio.Event()
    taken: list[int] = []
    asked: list[tuple[int, int]] = []

    async def fetch(before: int, limit: int) -> list[int]:
        asked.append((before, limit))
        if len(asked) == 1:
            await gate.wait()
        return list(range(max(1, before - limit), before))

    loading: History[int] = History(fetch, int, 100)
    first = asyncio.create_task(loading.load(10, 20, taken.extend))
    await asyncio.sleep(0)
    assert await loading.load(25, 30, taken.extend) == 0
    gate.set()
    assert await first == 0
    assert taken == list(range(11, 31))
