"""A process that was started ends with the program that started it."""

import asyncio
import os
import sys
from types import SimpleNamespace

import pytest

from console.stdin_end import stop_with_stdin


async def test_the_end_of_stdin_is_told_and_nothing_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.pipe()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(fileno=lambda: ours))
    stop = asyncio.Event()
    try:
        stop_with_stdin(stop)
        os.write(theirs, b"whatever is written is ignored")
        await asyncio.sleep(0)
        assert not stop.is_set()
    finally:
        os.close(theirs)
    await asyncio.wait_for(stop.wait(), 30)
    os.close(ours)


async def test_without_a_standard_input_nothing_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    stop = asyncio.Event()
    stop_with_stdin(stop)
    assert not stop.is_set()
