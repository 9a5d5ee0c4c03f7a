"""Server-sent events as a reader takes them apart (WHATWG HTML, 9.2.6), for tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientResponse, ClientSession
from msgspec import json

from tests.server.harness import Server


@dataclass(frozen=True)
class Message:
    """One block of a stream. A block of comments alone has `comment`."""

    event: str = ""
    data: str = ""
    id: str = ""
    comment: str = ""
    retry: str = ""

    @property
    def json(self) -> Any:
        return json.decode(self.data)


def messages(content: bytes) -> list[Message]:
    """The blocks of a part of a stream that ends between two of them."""
    *blocks, rest = content.decode().split("\n\n")
    assert not rest, f"cut in the middle: {rest!r}"
    return [message(block) for block in blocks]


def message(block: str) -> Message:
    """One block, without its empty line."""
    fields: dict[str, str] = {}
    for line in block.split("\n"):
        name, _, value = line.partition(":")
        fields[name or "comment"] = value.removeprefix(" ")
    return Message(**fields)


class Stream:
    """One open stream: its blocks as they come."""

    def __init__(self, response: ClientResponse) -> None:
        self.response = response

    async def next(self, secs: float = 30.0) -> Message:
        """The next block. Raises EOFError when the stream has ended."""
        async with asyncio.timeout(secs):
            content = await self.response.content.readuntil(b"\n\n")
        if not content:
            raise EOFError
        return message(content.decode().removesuffix("\n\n"))

    async def events(self, count: int) -> list[Message]:
        """So many messages, without what is said besides."""
        found: list[Message] = []
        while len(found) < count:
            if (block := await self.next()).event:
                found.append(block)
        return found

    async def end(self) -> str:
        """The last comment of a stream that ends."""
        last = ""
        with suppress(EOFError):
            while True:
                last = (await self.next()).comment or last
        return last


@asynccontextmanager
async def reading(server: Server, query: str = "", *, key: str | None = None, **headers: str) -> AsyncIterator[Stream]:
    """An open stream of the server's application, past its first block. Header names have `_` for `-`."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"http://127.0.0.1:{server.player_port}/v1/events/events/stream{query}"
    async with (
        ClientSession(headers={"X-API-Key": key or server.created.secret_key, **given}) as session,
        session.get(url) as response,
    ):
        assert response.status == 200, await response.text()
        stream = Stream(response)
        assert (await stream.next()).retry == "3000"
        yield stream
