"""The integration check on a real server: live, after a restart, and through the console API."""

import asyncio
import gzip
from typing import Any

import pytest

from console.messages.integration import Integration
from console.server.integration.facts import SdkFacts
from console.server.integration.observation import Observation
from console.server.integration.sampler import MAX_SAMPLED_BYTES, Job, Sampler
from console.server.integration.service import MAX_LOOKED_AT_PER_SEC
from console.storage.journal import IngestRequest, Receipt
from tests.server.harness import Server, ServerFactory

UNITY = "UnityPlayer/2022.3.10f1 (UnityWebRequest/1.0)"


async def checked(server: Server, requests: int) -> list[Integration]:
    """What is known once so many requests are listed and looked into."""
    await server.rows(requests)
    await server.services.integration.settled()
    return (await server.services.integration.report()).integrations


def verdicts(integration: Integration) -> dict[str, str]:
    return {line.topic: line.verdict for line in integration.lines}


async def test_an_sdk_is_known_by_what_it_sends(server: Server) -> None:
    body = server.body(server.event(), server.event(event_name="Land"))
    await server.ingest(body, User_Agent=UNITY)
    await server.ingest(body, User_Agent=UNITY)
    await server.ingest(gzip.compress(server.body()), User_Agent=UNITY, Content_Encoding="gzip")
    await server.ingest(server.body(server.event(position="here")), User_Agent=UNITY)
    (found,) = await checked(server, 4)
    assert (found.app_id, found.client) == (server.app_id, "Unity")
    assert found.app_name == server.created.application.name
    assert (found.requests, found.rejected, found.events, found.sampled) == (4, 1, 5, 3)
    lines = {line.topic: line for line in found.lines}
    assert lines["duplicates"].verdict == "bad"
    assert lines["rejections"].verdict == found.verdict == "bad"
    assert "$.position" in lines["rejections"].reason
    assert "1 of 3 bodies" in lines["compression"].reason
    assert lines["kinds"].found == "gameplay event"
    assert lines["clock"].verdict == "good"


async def test_a_wrong_key_is_an_sdk_without_an_application_until_it_is_mended(server: Server) -> None:
    await server.ingest(x_public_token="pk_live_nonsense", User_Agent="curl/8")
    (found,) = await checked(server, 1)
    assert (found.app_id, verdicts(found)["key"]) == ("", "bad")
    await server.ingest(User_Agent="curl/8")
    (found,) = await checked(server, 2)
    assert (found.app_id, verdicts(found)["key"]) == (server.app_id, "good")


async def test_a_client_that_ignores_retry_after_is_found_out(make_server: ServerFactory) -> None:
    async with make_server(rate_limit=2.0) as server:
        for _ in range(5):
            await server.ingest(User_Agent=UNITY)
        (found,) = await checked(server, 5)
        assert found.app_id == server.app_id  # although the refusals came ahead of the key
        assert verdicts(found)["retries"] == verdicts(found)["rate"] == "bad"


async def test_what_was_known_is_known_after_a_restart(make_server: ServerFactory) -> None:
    async with make_server() as server:
        body = server.body()
        for _ in range(2):
            await server.ingest(body, User_Agent=UNITY)
        await server.ingest(b"\x93", User_Agent=UNITY)
        (before,) = await checked(server, 3)
    async with make_server() as server:
        (after,) = await checked(server, 3)
    assert verdicts(after) == verdicts(before)
    assert (after.requests, after.events, after.sampled, after.rejected) == (3, 2, 2, 1)


async def test_the_player_api_counts_with_the_same_sdk(server: Server) -> None:
    headers = {"X-API-Key": server.created.public_key, "User-Agent": UNITY, "Content-Type": "application/json"}
    await server.ingest(User_Agent=UNITY)
    await server.request("POST", "/v1/players/players", b'{"external_id":"ada"}', headers, player=True)
    await server.request("GET", "/v1/events/events/stream", headers=headers, player=True)
    (found,) = await checked(server, 3)
    assert verdicts(found) | {"registered": "good", "stream": "bad", "kinds": "good"} == verdicts(found)


async def test_it_begins_anew_when_asked(server: Server) -> None:
    await server.ingest(User_Agent=UNITY)
    assert await checked(server, 1)
    server.services.integration.forget()
    assert not (await server.services.integration.report()).integrations


async def test_one_application_comes_with_those_that_are_of_none(server: Server) -> None:
    await server.ingest(User_Agent=UNITY)
    await server.ingest(x_public_token="pk_live_nonsense", User_Agent="curl/8")
    await checked(server, 2)
    service = server.services.integration
    assert len((await service.report(server.app_id)).integrations) == 2
    assert [found.client for found in (await service.report("another")).integrations] == ["curl"]


async def test_in_a_load_test_requests_are_counted_but_not_all_looked_at(server: Server) -> None:
    service = server.services.integration
    await service.settled()
    body = server.body()
    extra = 40
    commits = [
        (accepted(server.app_id, body, at_us=1_771_000_000_000_000), Receipt(number, number), 0)
        for number in range(1, MAX_LOOKED_AT_PER_SEC + extra + 1)
    ]
    service.publish(commits)
    report = await service.report()
    assert report.missed == extra
    assert report.integrations[0].requests == report.integrations[0].events == MAX_LOOKED_AT_PER_SEC + extra
    service.publish([(accepted(server.app_id, body, at_us=1_771_000_001_000_000), Receipt(9_999, 9_999), 0)])
    assert (await service.report()).missed == extra


def accepted(app_id: str, body: bytes, *, at_us: int) -> IngestRequest:
    return IngestRequest(
        received_at_us=at_us,
        app_id=app_id,
        key_id="key",
        key_label="",
        peer="10.0.0.7",
        method="POST",
        route="/api/events",
        client=UNITY,
        headers=b"[]",
        body=body,
        wire_bytes=len(body),
        events=1,
    )


async def test_test_events_are_one_sdk_however_they_are_named(server: Server) -> None:
    for name in ("0123", "4567"):
        await server.ingest(User_Agent=f"playtest-console-test/{name}")
    assert [(found.client, found.requests) for found in await checked(server, 2)] == [("Test event", 2)]


async def test_what_is_no_http_is_nobodys(server: Server) -> None:
    async with server.connect() as connection:
        await connection.send(b"\x93\x01\x02\r\n\r\n")
        await connection.closed()
    assert not await checked(server, 1)


def job(body: bytes, facts: SdkFacts, **changes: Any) -> Job:
    values: dict[str, Any] = {
        "request_id": 1,
        "received_at_us": 1,
        "route": "/api/events",
        "method": "POST",
        "status": 200,
        "events": 1,
        "body_bytes": len(body),
        "wire_bytes": len(body),
        "fingerprint": 0,
        "telemetry": True,
    } | changes
    return Job(facts, Observation(**values), body, decode=True)


async def test_bodies_wait_within_bounds() -> None:
    sampler = Sampler(max_held_bytes=100)
    facts = SdkFacts("app", "Unity", "10.0.0.7", 0)
    assert sampler.offer(job(b"x" * 500, facts))  # one always fits
    assert not sampler.offer(job(b"y" * 50, facts))
    async with sampler.running():
        await asyncio.wait_for(sampler.idle(), 30)
    assert facts.duplicates.looked_at == 1
    assert facts.sampled == 0  # it was no body of events
    assert sampler.offer(job(b"y" * 50, facts))


async def test_huge_bodies_are_compared_but_not_decoded() -> None:
    sampler = Sampler()
    facts = SdkFacts("app", "Unity", "10.0.0.7", 0)
    body = bytes(MAX_SAMPLED_BYTES + 1)
    async with sampler.running():
        for number in (1, 2):
            sampler.offer(job(bytes(body), facts, request_id=number))
        await asyncio.wait_for(sampler.idle(), 30)
    assert (facts.duplicates.count, facts.sampled) == (1, 0)


@pytest.mark.expects_log
async def test_a_body_that_cannot_be_looked_into_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(body: bytes) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("console.server.integration.sampler.sample_of", broken)
    sampler = Sampler()
    facts = SdkFacts("app", "Unity", "10.0.0.7", 0)
    async with sampler.running():
        sampler.offer(job(b"x", facts))
        await asyncio.wait_for(sampler.idle(), 30)
        sampler.offer(job(b"y", facts))
        await asyncio.wait_for(sampler.idle(), 30)
