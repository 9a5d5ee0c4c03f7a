"""Locks by name."""

import asyncio

import pytest

from console.server.keyed_locks import KeyedLocks


async def test_holders_of_one_key_take_turns_and_others_do_not_wait() -> None:
    locks = KeyedLocks()
    order: list[str] = []

    async def hold(name: str, *keys: str) -> None:
        async with locks.holding(keys):
            order.append(f"{name} in")
            await asyncio.sleep(0.01)
            order.append(f"{name} out")

    await asyncio.gather(hold("a", "x"), hold("b", "x"), hold("c", "y"))
    assert order.index("a out") < order.index("b in")
    assert order.index("c in") < order.index("a out")
    assert len(locks) == 0


async def test_many_keys_in_any_order_never_deadlock() -> None:
    locks = KeyedLocks()

    async def hold(*keys: str) -> None:
        async with locks.holding(keys):
            await asyncio.sleep(0)

    async with asyncio.timeout(30):
        await asyncio.gather(*(hold("a", "b", "a") if n % 2 else hold("b", "a") for n in range(100)))
    assert len(locks) == 0


async def test_whoever_gives_up_leaves_nothing_behind() -> None:
    locks = KeyedLocks()
    async with locks.holding(["a"]):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), locks.holding(["b", "a"]):
                pass
        async with asyncio.timeout(30), locks.holding(["b"]):
            pass
    assert len(locks) == 0
