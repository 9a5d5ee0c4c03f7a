"""Funnels that people put together."""

import asyncio

from console.messages.funnels import Funnel, SaveFunnel
from console.server.console_api.call import Call


async def list_all(call: Call) -> list[Funnel]:
    """Every funnel of an application, by name."""
    return await asyncio.to_thread(call.services.catalog.funnels.all, call.path[0])


async def save(call: Call) -> Funnel:
    """Keep a new funnel, or change one."""
    request = await call.body(SaveFunnel)
    saved = await asyncio.to_thread(call.services.catalog.funnels.save, call.path[0], request)
    call.services.feed.announce("funnels")
    return saved


async def delete(call: Call) -> None:
    """Forget a funnel; the events that it counts stay."""
    app_id, funnel_id = call.path
    await asyncio.to_thread(call.services.catalog.funnels.delete, app_id, funnel_id)
    call.services.feed.announce("funnels")
