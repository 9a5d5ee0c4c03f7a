"""The integration check through the console API, as the window and the command line ask for it."""

import pytest

from console.client import ConsoleClient, ConsoleRefused
from tests.server.harness import Server


async def test_the_check_is_asked_for_and_begun_anew(server: Server) -> None:
    await server.ingest(User_Agent="UnityPlayer/2022.3")
    await server.rows(1)
    await server.services.integration.settled()
    url = f"http://127.0.0.1:{server.port}/console"
    async with ConsoleClient(url, server.services.workspace.admin_key()) as client:
        report = await client.integrations(app_id=server.app_id)
        assert [found.client for found in report.integrations] == ["Unity"]
        assert report.since_us <= report.made_us
        await client.forget_integrations()
        assert (await client.integrations()).integrations == []
    async with ConsoleClient(url, "wrong") as stranger:
        for call in (stranger.integrations(), stranger.forget_integrations()):
            with pytest.raises(ConsoleRefused, match="admin key"):
                await call
