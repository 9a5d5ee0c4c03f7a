"""Slow and broken transports by hand: how long answers wait, when writers are paused, what is left at the end."""

import asyncio
from typing import Any

import pytest

from console.server.faulty_transport import CutTransport, LosingTransport, SlowTransport


class Real(asyncio.Transport):
    """A connection's own transport: takes everything at once."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.waiting = 0
        self.ended = ""

    def write(self, data: Any) -> None:
        self.sent += bytes(data)

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def close(self) -> None:
        self.ended = "closed"

    def abort(self) -> None:
        self.ended = "aborted"

    def is_closing(self) -> bool:
        return bool(self.ended)


class Protocol:
    transport: asyncio.Transport | None = None
    paused = False

    def pause_writing(self) -> None:
        assert not self.paused
        self.paused = True

    def resume_writing(self) -> None:
        assert self.paused
        self.paused = False


@pytest.fixture
def real() -> Real:
    return Real()


def slow(real: Real, rate: float) -> tuple[SlowTransport, Protocol]:
    protocol = Protocol()
    transport = SlowTransport(real, protocol, asyncio.get_running_loop(), rate)
    protocol.transport = transport
    return transport, protocol


async def test_slow_sends_in_order_and_gives_the_transport_back(real: Real) -> None:
    transport, protocol = slow(real, 100.0)
    transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert real.sent.endswith(b"Continue\r\n\r\n")
    real.sent = b""
    transport.writelines([b"abc", memoryview(b"defgh")])
    assert real.sent == b"abcde"
    transport.release()
    assert protocol.transport is transport
    await asyncio.sleep(0.08)
    assert real.sent == b"abcdefgh"
    assert protocol.transport is real


async def test_slow_pauses_who_writes_much(real: Real) -> None:
    transport, protocol = slow(real, 1_000_000.0)
    transport.write(b"x" * 70_000)
    assert protocol.paused
    assert transport.get_write_buffer_size() > 50_000
    transport.hurry()
    assert not protocol.paused
    assert len(real.sent) == 70_000
    assert protocol.transport is real


async def test_slow_waits_for_a_network_that_is_slower_still(real: Real) -> None:
    transport, _ = slow(real, 1_000.0)
    real.waiting = 1
    transport.write(b"abc")
    assert real.sent == b""
    real.waiting = 0
    transport.close()
    assert transport.is_closing()
    await asyncio.sleep(0.08)
    assert (real.sent, real.ended) == (b"abc", "closed")


async def test_slow_stops_with_its_client(real: Real) -> None:
    transport, _ = slow(real, 10.0)
    transport.write(b"abc")
    real.ended = "gone"
    await asyncio.sleep(0.12)
    assert (real.sent, transport.get_write_buffer_size()) == (b"a", 0)
    transport.abort()


async def test_cut_waits_for_a_body(real: Real) -> None:
    transport = CutTransport(real, asyncio.get_running_loop())
    transport.write(b"HTTP/1.1 200 OK\r\nContent-")
    transport.write(b"Length: 8\r\n\r\n")
    assert real.sent == b""
    transport.write(b"12345678")
    assert real.sent.endswith(b"\r\n\r\n1234")
    assert real.ended == "closed"
    transport.write(b"more")
    assert real.sent.endswith(b"1234")


async def test_losing_sends_nothing(real: Real) -> None:
    transport = LosingTransport(real)
    transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
    assert (real.sent, real.ended, transport.is_closing()) == (b"", "aborted", True)
