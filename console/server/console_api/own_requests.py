"""Requests that the server sends to itself take the way of every game's: over HTTP, through every check."""

import asyncio
import uuid
from typing import NamedTuple

import aiohttp

from console.messages import Application, RequestRow
from console.server.console_api.call import Call, Refused
from console.storage.journal import Journal

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_LISTED_SECS = 2.0
_POLL_SECS = 0.02
_SEARCHED_ROWS = 2_000


class OwnAnswer(NamedTuple):
    """What came back. `row` is the request as it is listed, None when so much else arrives that it is not."""

    status: int
    body: bytes
    row: RequestRow | None


async def application_of(call: Call) -> tuple[Application, str]:
    """The application that a route names, and a public key of it that works. Raises Refused."""
    application = await asyncio.to_thread(call.services.catalog.application, call.path[0])
    token = next((k.token for k in application.keys if k.kind == "public" and k.revoked_at_us is None), None)
    if token is None:
        raise Refused(
            409,
            "no_public_key",
            f"{application.name} has no public key that is still valid.",
            "Create one under Applications & keys.",
        )
    return application, token


async def post(call: Call, route: str, body: bytes, token: str, agent: str) -> OwnAnswer:
    """Post a body to the server's own telemetry API. `agent` names the client. Raises Refused."""
    services = call.services
    urls = services.runtime.listeners.telemetry_urls
    if not urls:
        raise Refused(503, "not_listening", "The telemetry API is not listening.")
    client = f"{agent}/{uuid.uuid4().hex}"  # by which the request is found again
    headers = {"x-public-token": token, "Content-Type": "application/msgpack", "User-Agent": client}
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.post(f"{urls[0]}{route}", data=body, headers=headers) as response,
        ):
            answer = await response.read()
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        if services.faults.active and (row := await _listed(services.journal, client)) is not None:
            return OwnAnswer(row.status, b"", row)  # which says what was injected
        raise Refused(503, "not_reachable", f"The server could not reach itself at {urls[0]}: {error}.") from error
    return OwnAnswer(response.status, answer, await _listed(services.journal, client))


async def _listed(journal: Journal, client: str) -> RequestRow | None:
    """The request that named this client; rejected ones are listed a moment after their answer."""
    deadline = asyncio.get_running_loop().time() + _LISTED_SECS
    while True:
        rows = await asyncio.to_thread(journal.requests, limit=_SEARCHED_ROWS)
        for row in reversed(rows):
            if row.client == client:
                return row
        if asyncio.get_running_loop().time() > deadline:
            return None
        await asyncio.sleep(_POLL_SECS)
