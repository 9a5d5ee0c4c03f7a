"""Applications and their keys."""

import asyncio

from console.messages import Application, CreateApplication, CreatedApplication, CreatedKey, CreateKey, Rename
from console.server.console_api.call import Call


async def list_all(call: Call) -> list[Application]:
    return await asyncio.to_thread(call.services.catalog.applications)


async def create(call: Call) -> CreatedApplication:
    request = await call.body(CreateApplication)
    created = await asyncio.to_thread(call.services.catalog.create_application, request)
    call.services.feed.announce("applications")
    return created


async def rename(call: Call) -> None:
    request = await call.body(Rename)
    await asyncio.to_thread(call.services.catalog.rename_application, call.path[0], request.name)
    call.services.feed.announce("applications")


async def create_key(call: Call) -> CreatedKey:
    request = await call.body(CreateKey)
    created = await asyncio.to_thread(call.services.catalog.create_key, call.path[0], request)
    call.services.feed.announce("applications")
    return created


async def label_key(call: Call) -> None:
    request = await call.body(Rename)
    await asyncio.to_thread(call.services.catalog.label_key, call.path[0], request.name)
    call.services.feed.announce("applications")


async def revoke_key(call: Call) -> None:
    await asyncio.to_thread(call.services.catalog.revoke_key, call.path[0])
    call.services.feed.announce("applications")


async def rotate_key(call: Call) -> CreatedKey:
    created = await asyncio.to_thread(call.services.catalog.rotate_key, call.path[0])
    call.services.feed.announce("applications")
    return created
