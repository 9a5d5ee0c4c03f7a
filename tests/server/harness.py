"""A server under test, and a client that speaks to it by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgpack
import pytest
from msgspec import json

from console.messages import CreateApplication, CreatedApplication, RequestRow
from console.server.listeners import SocketListeners
from console.server.services import Services


@dataclass(frozen=True)
class Reply:
    """One HTTP answer. `interim` holds the statuses of 1xx answers before it."""

    status: int
    headers: dict[str, str]
    body: bytes
    interim: tuple[int, ...] = ()

    @property
    def json(self) -> Any:
        return json.decode(self.body)

    @property
    def error(self) -> str:
        return str(self.json["error"])


class Connection:
    """One client connection, spoken by hand: what no HTTP library would send can be sent."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, content: bytes) -> None:
        self.writer.write(content)
        await self.writer.drain()

    async def reply(self, *, method: str = "POST") -> Reply:
        """The next answer. Raises IncompleteReadError when the server closed the connection."""
        interim: list[int] = []
        while True:
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status_line, *lines = head.strip().split("\r\n")
            status = int(status_line.split(" ", 2)[1])
            if status >= 200:
                break
            interim.append(status)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        has_body = method != "HEAD" and status != 204
        body = await self.reader.readexactly(int(headers.get("content-length", 0))) if has_body else b""
        return Reply(status, headers, body, tuple(interim))

    async def closed(self) -> bool:
        """Wait until the server closes the connection; True when it said nothing more."""
        try:
            return await self.reader.read() == b""
        except ConnectionError:
            return True

    async def close(self) -> None:
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()


@dataclass(frozen=True)
class Server:
    """A running server and an application on it with both keys."""

    services: Services
    listeners: SocketListeners
    created: CreatedApplication
    port: int
    player_port: int

    @property
    def app_id(self) -> str:
        return self.created.application.app_id

    @property
    def public(self) -> dict[str, str]:
        """Headers of a game client."""
        return {"x-public-token": self.created.public_key, "Content-Type": "application/msgpack"}

    @property
    def secret(self) -> dict[str, str]:
        """Headers of a tool."""
        return {"x-api-key": self.created.secret_key}

    def event(self, **changes: Any) -> dict[str, Any]:
        """A valid gameplay event."""
        event = {
            "event_name": "Player_Jump",
            "app_id": self.app_id,
            "build_id": "build",
            "player_id": "player",
            "session_id": "session",
            "level_id": "Level_1",
            "position": [1.5, 2.0, -3.0],
            "timestamp": datetime.now(UTC).isoformat(),
        }
        return {key: value for key, value in (event | changes).items() if value is not None}

    def body(self, *events: dict[str, Any]) -> bytes:
        """One event as a map, several as an array; a valid one when none is given."""
        packed: bytes = msgpack.packb(events[0] if len(events) == 1 else list(events) or self.event())
        return packed

    @asynccontextmanager
    async def connect(self, *, player: bool = False, host: str = "127.0.0.1") -> AsyncIterator[Connection]:
        """A fresh connection."""
        connection = Connection(*await asyncio.open_connection(host, self.player_port if player else self.port))
        try:
            yield connection
        finally:
            await connection.close()

    async def request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        *,
        player: bool = False,
    ) -> Reply:
        """One request on a connection of its own."""
        async with self.connect(player=player) as connection:
            await connection.send(self.raw(method, path, body, headers))
            return await connection.reply(method=method)

    def raw(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
        """The bytes of a request with a Content-Length."""
        given = {"Host": f"localhost:{self.port}"} | (headers or {})
        if body or method == "POST":
            given.setdefault("Content-Length", str(len(body)))
        lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode("utf-8", "surrogateescape") + body

    async def ingest(self, body: bytes | None = None, path: str = "/api/events", **headers: str) -> Reply:
        """One ingestion request with the public key; header names have `_` for `-`."""
        given = self.public | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.request("POST", path, self.body() if body is None else body, given)

    async def rows(self, count: int) -> list[RequestRow]:
        """The requests listed, once there are that many."""
        deadline = asyncio.get_running_loop().time() + 30
        while len(rows := self.services.journal.requests()) < count:
            if asyncio.get_running_loop().time() > deadline:
                pytest.fail(f"{count} requests were expected, {len(rows)} are listed: {rows}")
            await asyncio.sleep(0.01)
        return rows

    @property
    def stored_events(self) -> int:
        return self.services.journal.counters.events


ServerFactory = Callable[..., AbstractAsyncContextManager[Server]]


def create_application(services: Services, name: str) -> CreatedApplication:
    """A further application with its keys."""
    return services.catalog.create_application(CreateApplication(name=name))
