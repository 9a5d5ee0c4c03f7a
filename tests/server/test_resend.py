"""Sending an edited request again, through the server's own telemetry API."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from console.client import ConsoleClient, ConsoleRefused
from console.messages.resend import Resend
from tests.server.harness import Server
from tests.telemetry.bodies import gameplay, pack


@pytest.fixture
async def client(server: Server) -> AsyncIterator[ConsoleClient]:
    async with ConsoleClient(
        f"http://127.0.0.1:{server.port}/console", server.services.workspace.admin_key()
    ) as client:
        yield client


async def test_a_good_body_is_recorded(server: Server, client: ConsoleClient) -> None:
    body = pack([gameplay(app_id=server.app_id), gameplay(app_id=server.app_id)])
    answer = await client.resend(server.app_id, Resend(route="/api/events", body=body))
    assert answer.status == 200
    assert msgspec.json.decode(answer.response) == {"status": "queued"}
    assert answer.request_id is not None
    detail = await client.request_detail(answer.request_id)
    assert detail.body == body
    assert detail.row.events == 2
    assert detail.row.client.startswith("playtest-console-resend/")


async def test_a_bad_body_is_told_what_is_wrong(server: Server, client: ConsoleClient) -> None:
    answer = await client.resend(server.app_id, Resend(body=pack(gameplay(app_id=server.app_id, position=[1]))))
    assert answer.status == 400
    assert msgspec.json.decode(answer.response)["details"][0]["path"] == "$.position"
    assert answer.request_id is not None
    detail = await client.request_detail(answer.request_id)
    assert detail.details[0].hint


async def test_it_goes_to_ingestion_routes_only(server: Server, client: ConsoleClient) -> None:
    with pytest.raises(ConsoleRefused, match="Invalid enum value"):
        await client.resend(server.app_id, Resend(route="/console/shutdown", body=b""))  # type: ignore[arg-type]
    with pytest.raises(ConsoleRefused):
        await client.resend("none", Resend(body=b""))
