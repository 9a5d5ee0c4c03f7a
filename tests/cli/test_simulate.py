"""A simulated playtest ends with the program that started it."""

import asyncio
import io
import sys
from types import SimpleNamespace

import pytest

from console.cli.simulate import _stop_with_stdin


async def test_the_end_of_stdin_ends_the_playtest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"whatever is written is ignored")))
    stop = asyncio.Event()
    _stop_with_stdin(stop)
    await asyncio.wait_for(stop.wait(), 30)
