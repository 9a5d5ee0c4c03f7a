"""What people say about levels."""

import asyncio

from console.messages.levels import AssignSessions, LevelFacts, MapLevel, SessionsAssigned
from console.server.console_api.call import Call


async def list_all(call: Call) -> LevelFacts:
    """Levels that go by another name, and how many sessions were placed where."""
    return await asyncio.to_thread(call.services.levels.all)


async def map_level(call: Call) -> LevelFacts:
    """Show a level with the models of another name; answers with all that is known."""
    return await call.services.levels.map_level(await call.body(MapLevel))


async def assign(call: Call) -> SessionsAssigned:
    """Place sessions that named no level."""
    return await call.services.levels.assign(await call.body(AssignSessions))
