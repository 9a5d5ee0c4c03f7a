"""Applications and their keys."""

import asyncio

from console.messages import (
    Application,
    ApplicationChanges,
    CreateApplication,
    CreatedApplication,
    CreatedKey,
    CreateKey,
    Rename,
)
from console.server.console_api.call import Call


async def list_all(call: Call) -> list[Application]:
    """Every application with its keys."""
    return await asyncio.to_thread(call.services.catalog.applications)


async def create(call: Call) -> CreatedApplication:
    """A new application; the only time its secret key is readable."""
    request = await call.body(CreateApplication)
    created = await asyncio.to_thread(call.services.catalog.create_application, request)
    call.services.feed.announce("applications")
    return created


async def change(call: Call) -> None:
    """Give an application another name, rate tier or churn window."""
    changes = await call.body(ApplicationChanges)
    await asyncio.to_thread(call.services.catalog.change_application, call.path[0], changes)
    call.services.feed.announce("applications")


async def create_key(call: Call) -> CreatedKey:
    """A further key; the only time a secret one is readable."""
    request = await call.body(CreateKey)
    created = await asyncio.to_thread(call.services.catalog.create_key, call.path[0], request)
    call.services.feed.announce("applications")
    return created


async def label_key(call: Call) -> None:
    """Give a key another label."""
    request = await call.body(Rename)
    await asyncio.to_thread(call.services.catalog.label_key, call.path[0], request.name)
    call.services.feed.announce("applications")


async def revoke_key(call: Call) -> None:
    """The key fails from the next request on."""
    await asyncio.to_thread(call.services.catalog.revoke_key, call.path[0])
    call.services.stream.end_key(call.path[0])
    call.services.feed.announce("applications")


async def rotate_key(call: Call) -> CreatedKey:
    """A new key in place of an old one, which is revoked."""
    created = await asyncio.to_thread(call.services.catalog.rotate_key, call.path[0])
    call.services.stream.end_key(call.path[0])
    call.services.feed.announce("applications")
    return created
