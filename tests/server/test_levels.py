"""Where sessions were that did not say, and which models show a level: over the console API, to every answer."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from console import messages as m
from console.client import ConsoleClient, ConsoleRefused
from console.columns import text
from console.messages.levels import AssignedCount, LevelName
from console.telemetry.events import UNASSIGNED_LEVEL
from tests.server.harness import Server
from tests.server.test_console_api import client_of, projected, trajectory


@pytest.fixture
async def client(server: Server) -> AsyncIterator[ConsoleClient]:
    async with client_of(server) as client:
        yield client


async def levels(client: ConsoleClient) -> list[str | None]:
    return list(text(await client.query("levels"), "level_id"))


async def test_a_session_is_placed_in_queries_and_in_live_rows_and_taken_out_again(
    server: Server, client: ConsoleClient
) -> None:
    async def send(*events: dict[str, Any]) -> None:
        assert (await server.ingest(server.body(*events))).status == 200

    await send(trajectory(server), trajectory(server, session_id="other"))
    await projected(client, 2)
    feed = client.feed()
    await anext(feed)

    async def rows() -> m.FeedRows:
        async with asyncio.timeout(30):
            return await anext(frame async for frame in feed if isinstance(frame, m.FeedRows))

    assert await client.assign_sessions(server.app_id, ["session"], " Attic ") == ["session"]
    assert await client.assign_sessions(server.app_id, ["session"], "Attic") == [], "it is there already"
    assert await levels(client) == [UNASSIGNED_LEVEL, "Attic"]
    assert (await client.level_facts()).assigned == [AssignedCount(app_id=server.app_id, level_id="Attic", sessions=1)]
    jump = server.event(level_id=None)
    await send(trajectory(server), jump, jump | {"session_id": "other"})
    live = await rows()
    assert [row.level_id for row in live.trajectories] == ["Attic"]
    assert [row.level_id for row in live.events] == ["Attic", "Attic", ""]
    await projected(client, 5)
    assert [row.level_id for row in await client.events()] == ["Attic", "", "Attic", "Attic", ""]

    assert await client.assign_sessions(server.app_id, None, "Cellar") == ["other"], "the one that was in none"
    assert await levels(client) == ["Attic", "Cellar"]
    await send(jump | {"level_id": "Roof"}, trajectory(server))
    assert [row.level_id for row in (await rows()).events] == ["Roof", "Roof"], "what it says itself holds"

    moved = await client.assign_sessions(server.app_id, ["session", "other"], "")
    assert sorted(moved) == ["other", "session"]
    assert await client.assign_sessions(server.app_id, ["session"], "Attic") == ["session"]
    assert await client.assign_sessions(server.app_id, None, "", from_level="Attic") == ["session"]
    await send(trajectory(server, session_id="other"))
    assert [row.level_id for row in (await rows()).trajectories] == [""]
    await feed.aclose()  # type: ignore[attr-defined]  # an async generator

    with pytest.raises(ConsoleRefused, match="There is no application"):
        await client.assign_sessions("nobody", ["session"], "Attic")


async def test_a_level_is_shown_with_the_models_of_another_name(server: Server, client: ConsoleClient) -> None:
    catalog = server.services.catalog
    bounds = ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    catalog.level_models.add(
        app_id=server.app_id,
        level_name="Attic",
        file_name="attic.glb",
        file_bytes=1,
        triangles=1,
        vertices=3,
        bounds=bounds,
    )
    with pytest.raises(ConsoleRefused, match="no level model named 'Cellar'"):
        await client.map_level(server.app_id, "attic_v2", "Cellar")
    with pytest.raises(ConsoleRefused, match="assign them to a level"):
        await client.map_level(server.app_id, UNASSIGNED_LEVEL, "Attic")
    facts = await client.map_level(server.app_id, "attic_v2", "Attic")
    assert facts.names == [LevelName(app_id=server.app_id, level_id="attic_v2", level_name="Attic")]
    assert (await client.map_level(server.app_id, "attic_v2", "")).names == []
