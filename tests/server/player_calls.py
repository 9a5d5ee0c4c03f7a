"""Calls of the player API as a program makes them, for tests."""

from typing import Any

from msgspec import json

from tests.server.harness import Reply, Server


class PlayerClient:
    """Speaks JSON to one server's player API with one application's keys."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.public_key = server.created.public_key
        self.secret_key = server.created.secret_key

    async def send(
        self, method: str, path: str, body: Any = None, *, secret: bool = False, key: str | None = None
    ) -> Reply:
        """One request. `body` is encoded as JSON unless it is bytes."""
        headers = {"X-API-Key": key or (self.secret_key if secret else self.public_key)}
        content = b""
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = body if isinstance(body, bytes) else json.encode(body)
        return await self._server.request(method, f"/v1{path}", content, headers, player=True)

    async def data(self, method: str, path: str, body: Any = None, *, status: int = 200, secret: bool = False) -> Any:
        """What a request that succeeds is answered."""
        reply = await self.send(method, path, body, secret=secret)
        assert (reply.status, reply.json["success"]) == (status, True), reply.body
        return reply.json["data"]

    async def error(
        self, method: str, path: str, body: Any = None, *, secret: bool = False, key: str | None = None
    ) -> tuple[int, str, str]:
        """Status, code and message of a request that is refused."""
        reply = await self.send(method, path, body, secret=secret, key=key)
        assert list(reply.json) == ["success", "error"]
        assert reply.json["success"] is False
        error = reply.json["error"]
        assert list(error) == ["code", "message"]
        return reply.status, error["code"], error["message"]

    async def register(self, external_id: str = "player_123", **fields: Any) -> str:
        """The id of a player with this external id."""
        body = {"external_id": external_id, **fields}
        reply = await self.send("POST", "/players/players", body)
        assert reply.status in (200, 201), reply.body
        return str(reply.json["data"]["id"])
