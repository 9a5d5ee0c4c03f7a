"""Telling of changes now and then."""

import asyncio

from console.server.throttled import Throttled


async def test_the_first_change_is_told_at_once_and_the_rest_together() -> None:
    told: list[int] = []
    throttled = Throttled(lambda: told.append(1), secs=0.02)
    for _ in range(5):
        throttled()
    assert len(told) == 1
    await asyncio.sleep(0.03)
    assert len(told) == 2
    await asyncio.sleep(0.05)
    assert len(told) == 2
    throttled.close()


async def test_after_the_end_nothing_is_told() -> None:
    told: list[int] = []
    throttled = Throttled(lambda: told.append(1), secs=0.01)
    throttled()
    throttled()
    throttled.close()
    throttled.close()
    throttled()
    await asyncio.sleep(0.03)
    assert len(told) == 1
