"""A test event takes the way of every game's: over HTTP, with the public key, through every check."""

import asyncio
import uuid
from datetime import UTC, datetime

import aiohttp
import msgspec

from console.messages import RequestRow
from console.server.console_api.call import Call, Refused
from console.storage.journal import Journal

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_LISTED_SECS = 2.0
_POLL_SECS = 0.02
_SEARCHED_ROWS = 2_000


async def send(call: Call) -> RequestRow:
    """Post one gameplay event to the server's own telemetry API; returns its request, accepted or not."""
    services = call.services
    application = await asyncio.to_thread(services.catalog.application, call.path[0])
    token = next((k.token for k in application.keys if k.kind == "public" and k.revoked_at_us is None), None)
    if token is None:
        raise Refused(
            409,
            "no_public_key",
            f"{application.name} has no public key that is still valid.",
            "Create one under Applications & keys.",
        )
    urls = services.runtime.listeners.telemetry_urls
    if not urls:
        raise Refused(503, "not_listening", "The telemetry API is not listening.")
    client = f"playtest-console-test/{uuid.uuid4().hex}"  # by which the request is found again
    now = datetime.fromtimestamp(services.clock() / 1e9, UTC)
    event = {
        "event_name": "Test_Event",
        "app_id": application.app_id,
        "build_id": "console-test",
        "player_id": "console",
        "session_id": f"test-{now:%Y%m%d-%H%M%S}",
        "timestamp": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "custom_data": {"message": "Hello from Playtest Console"},
    }
    headers = {"x-public-token": token, "Content-Type": "application/msgpack", "User-Agent": client}
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.post(f"{urls[0]}/api/events", data=msgspec.msgpack.encode(event), headers=headers) as response,
        ):
            await response.read()
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Refused(503, "not_reachable", f"The server could not reach itself at {urls[0]}: {error}.") from error
    row = await _listed(services.journal, client)
    if row is None:
        raise Refused(
            503,
            "not_listed",
            f"The event was answered with {response.status}, but so much else arrives that it is not listed.",
        )
    return row


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
