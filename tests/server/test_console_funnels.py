"""Funnels of the console API, as its client sees them."""

import pytest

from console.client import ConsoleRefused
from console.messages.funnels import SaveFunnel
from console.telemetry.funnel_definition import FunnelDefinition, Step
from tests.server.harness import Server
from tests.server.test_console_api import client_of

CAVE = FunnelDefinition(steps=(Step("Start"), Step("Key", "gameplay", "Has the key")), within_secs=60.0)
HILL = FunnelDefinition(steps=(Step("Start"),), per="player", strict=True)


async def test_funnels_are_kept_by_name(server: Server) -> None:
    app_id = server.created.application.app_id
    async with client_of(server) as client:
        assert await client.funnels(app_id) == []
        hill = await client.save_funnel(app_id, SaveFunnel(name=" Up the hill ", definition=HILL))
        cave = await client.save_funnel(app_id, SaveFunnel(name="Cave", definition=CAVE))
        assert [funnel.name for funnel in await client.funnels(app_id)] == ["Cave", "Up the hill"]
        assert (cave.definition, hill.definition, cave.app_id) == (CAVE, HILL, app_id)
        again = await client.save_funnel(app_id, SaveFunnel(name="Up", definition=CAVE, funnel_id=hill.funnel_id))
        assert (again.funnel_id, again.definition) == (hill.funnel_id, CAVE)
        for request, code in (
            (SaveFunnel(name="Cave", definition=HILL), "name_taken"),
            (SaveFunnel(name=" ", definition=HILL), "invalid_name"),
            (SaveFunnel(name="x", definition=HILL, funnel_id="none"), "not_found"),
        ):
            with pytest.raises(ConsoleRefused) as refused:
                await client.save_funnel(app_id, request)
            assert refused.value.error.code == code
        with pytest.raises(ConsoleRefused) as refused:
            await client.save_funnel("another", SaveFunnel(name="x", definition=HILL))
        assert refused.value.status == 404
        await client.delete_funnel(app_id, hill.funnel_id)
        with pytest.raises(ConsoleRefused, match="There is no funnel"):
            await client.delete_funnel(app_id, hill.funnel_id)
        assert await client.funnels(app_id) == [cave]
