"""The running server and its workspace: status, feed, exports, settings, health, the end."""

import asyncio

from aiohttp import web

from console.messages import Check, Export, ServerStatus, Settings, SettingsChanges, StartExport
from console.server.console_api.call import Call, Refused
from console.server.feed import FeedClosed
from console.server.health import verify_workspace

_HEARTBEAT_SECS = 30.0


async def status(call: Call) -> ServerStatus:
    """Counters and facts of the running server."""
    return call.services.status.current()


async def feed(call: Call) -> web.StreamResponse:
    """The WebSocket; returns when it is closed."""
    # Rows compress well, but over loopback compression costs more than it saves. A reader only ever sends control
    # frames. The heartbeat ends the subscription of a machine that went to sleep.
    socket = web.WebSocketResponse(compress=False, max_msg_size=4096, heartbeat=_HEARTBEAT_SECS)
    if not socket.can_prepare(call.request):
        raise Refused(400, "not_a_websocket", "The feed is a WebSocket.")
    wanted = call.filter("events") if call.text("filter") else None
    call.services.feed.check_room()
    await socket.prepare(call.request)
    try:
        await call.services.feed.serve(call.request, socket, wanted)
    except FeedClosed:  # between the check and here
        await socket.close()
    return socket


async def shut_down(call: Call) -> None:
    """Answer first, then stop: the caller is to know that it was heard."""
    asyncio.get_running_loop().call_later(0.05, call.services.runtime.stop.set)


async def start_export(call: Call) -> Export:
    """Begin an export, or tell of the one that runs."""
    return call.services.exports.start(await call.body(StartExport))


async def export(call: Call) -> Export:
    """How far an export is."""
    return call.services.exports.get(call.path[0])


async def cancel_export(call: Call) -> Export:
    """Stop an export; it leaves no file."""
    return call.services.exports.cancel(call.path[0])


async def settings(call: Call) -> Settings:
    """The settings in force."""
    return call.services.settings.current


async def change_settings(call: Call) -> Settings:
    """Apply and keep what is given."""
    changed = await call.services.settings.change(await call.body(SettingsChanges))
    call.services.feed.announce("settings")
    return changed


async def verify(call: Call) -> list[Check]:
    """Check the integrity of everything that is kept."""
    return await verify_workspace(call.services)
