"""The baselines of `ingest` and `player_api`: aiohttp handlers that decode a body and drop it."""

import asyncio
import json
import sys

import msgpack
from aiohttp import web


async def _handle(request: web.Request) -> web.Response:
    msgpack.unpackb(await request.read())
    return web.json_response({"status": "queued"})


async def _handle_json(request: web.Request) -> web.Response:
    event = await request.json()
    return web.json_response({"success": True, "data": {"event_name": event["event_name"]}}, status=201)


async def _serve() -> None:
    application = web.Application(client_max_size=8 * 1024 * 1024)
    application.router.add_post("/api/events", _handle)
    application.router.add_post("/v1/events/events", _handle_json)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    print(json.dumps({"ready": True, "telemetry_url": f"http://127.0.0.1:{port}"}), flush=True)
    await asyncio.Event().wait()


def main() -> int:
    asyncio.run(_serve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
