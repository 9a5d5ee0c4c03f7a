"""Transports that answer slowly, break off in the middle, or never answer: put before a connection's own."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final, Protocol

_TICK_SECS: Final = 0.05
_MAX_SLICE: Final = 16 * 1024
# Of an answer that waits to be sent slowly: what writes more than this is asked to wait.
_PAUSE_ABOVE: Final = 64 * 1024
_RESUME_BELOW: Final = 16 * 1024
_HEAD_END: Final = b"\r\n\r\n"
_INTERIM: Final = b"HTTP/1.1 100 "
_NO_BODY_SECS: Final = 1.0

Bytes = bytes | bytearray | memoryview


class Connected(Protocol):
    """The part of a connection's protocol that is needed: where it writes to, and how it is made to wait."""

    transport: asyncio.Transport | None

    def pause_writing(self) -> None: ...
    def resume_writing(self) -> None: ...


class FaultyTransport(asyncio.Transport):
    """Passes everything on to `real`, but for what the kinds below change.

    The invitation to send a body (`100 Continue`) is never touched: it is no answer.
    """

    def __init__(self, real: asyncio.Transport) -> None:
        super().__init__()
        self.real = real

    def write(self, data: Bytes) -> None:
        if bytes(data[: len(_INTERIM)]) == _INTERIM:
            self.real.write(data)
        else:
            self.answer(bytes(data))

    def writelines(self, list_of_data: Iterable[Bytes]) -> None:
        self.write(b"".join(list_of_data))

    def answer(self, data: bytes) -> None:
        """Send a piece of the answer."""
        raise NotImplementedError

    def close(self) -> None:
        self.real.close()

    def abort(self) -> None:
        self.real.abort()

    def is_closing(self) -> bool:
        return self.real.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self.real.get_extra_info(name, default)

    def get_write_buffer_size(self) -> int:
        return self.real.get_write_buffer_size()

    def pause_reading(self) -> None:
        self.real.pause_reading()

    def resume_reading(self) -> None:
        self.real.resume_reading()

    def is_reading(self) -> bool:
        return self.real.is_reading()

    def get_protocol(self) -> asyncio.BaseProtocol:
        return self.real.get_protocol()


class LosingTransport(FaultyTransport):
    """Closes the connection instead of answering."""

    def answer(self, data: bytes) -> None:
        self.real.abort()


class CutTransport(FaultyTransport):
    """Sends the head of the answer and half of what first comes of its body, then closes the connection."""

    def __init__(self, real: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(real)
        self._loop = loop
        self._begun = b""
        self._timer: asyncio.TimerHandle | None = None

    def answer(self, data: bytes) -> None:
        if self.real.is_closing():
            return
        self._begun += data
        head, mark, body = self._begun.partition(_HEAD_END)
        if not mark:
            return
        if body:
            self._cut(head + mark + body[: len(body) // 2])
        elif self._timer is None:  # an answer without a body, or a stream that has nothing to say yet
            self._timer = self._loop.call_later(_NO_BODY_SECS, self._cut, head)

    def _cut(self, part: bytes) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self.real.is_closing():
            self.real.write(part)
            self.real.close()


class SlowTransport(FaultyTransport):
    """Sends so many bytes a second, in order; whoever writes much faster is made to wait.

    `release` ends it: what waits is still sent slowly, then the connection has its own transport back. After `hurry`
    everything is sent at once.
    """

    def __init__(
        self, real: asyncio.Transport, protocol: Connected, loop: asyncio.AbstractEventLoop, bytes_per_second: float
    ) -> None:
        super().__init__(real)
        self._protocol = protocol
        self._loop = loop
        self._interval_secs = max(_TICK_SECS, 1 / bytes_per_second)
        self._slice = min(_MAX_SLICE, max(1, round(bytes_per_second * self._interval_secs)))
        self._waiting = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._paused = False
        self._closing = False
        self._released = False

    def answer(self, data: bytes) -> None:
        if self.is_closing():
            return
        self._waiting += data
        if not self._paused and len(self._waiting) > _PAUSE_ABOVE:
            self._paused = True
            self._protocol.pause_writing()
        if self._timer is None:
            self._send()

    def release(self) -> None:
        """Give the connection its own transport back as soon as nothing waits any more."""
        self._released = True
        if not self._waiting:
            self._finish()

    def hurry(self) -> None:
        """Send the rest at once, and be gone."""
        self._stop_timer()
        self._resume()  # before the write: the connection's own transport may ask to wait in turn
        if not self.real.is_closing():
            self.real.write(bytes(self._waiting))
        self._waiting.clear()
        self._released = True
        self._finish()

    def close(self) -> None:
        self._closing = True
        if not self._waiting:
            self._finish()

    def abort(self) -> None:
        self._stop_timer()
        self._waiting.clear()
        self.real.abort()

    def is_closing(self) -> bool:
        return self._closing or self.real.is_closing()

    def get_write_buffer_size(self) -> int:
        return len(self._waiting) + self.real.get_write_buffer_size()

    def _send(self) -> None:
        self._timer = None
        if self.real.is_closing():  # the client is gone
            self._waiting.clear()
            return
        if not self.real.get_write_buffer_size():  # the network may be slower still
            self.real.write(bytes(self._waiting[: self._slice]))
            del self._waiting[: self._slice]
        if len(self._waiting) < _RESUME_BELOW:
            self._resume()
        if self._waiting:
            self._timer = self._loop.call_later(self._interval_secs, self._send)
        elif self._closing or self._released:
            self._finish()

    def _finish(self) -> None:
        if self._closing:
            self.real.close()
        elif self._released and self._protocol.transport is self:
            self._protocol.transport = self.real

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            self._protocol.resume_writing()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
