"""Large and bad bodies: off the loop, within a budget, with the same answers."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import msgpack
import pytest

from console.server import slow_decoding
from console.server.errors import ApiError
from console.server.slow_decoding import SlowDecoder
from console.telemetry.events import MAX_EVENT_VALUES
from tests.server.harness import Server, create_application
from tests.server.test_telemetry_api import assert_refused


async def test_a_large_batch_is_stored(server: Server) -> None:
    reply = await server.ingest(server.body(*[server.event(custom_data={"id": b"x"})] * 3000))
    assert reply.status == 200, reply.body
    assert server.stored_events == 3000


async def test_a_bad_event_in_a_large_batch_is_named(server: Server) -> None:
    reply = await server.ingest(server.body(*[server.event()] * 3000, server.event(player_id=7)))
    assert_refused(reply, 400, "invalid_event")
    assert [detail["path"] for detail in reply.json["details"]] == ["$[3000].player_id"]
    assert server.stored_events == 0


async def test_an_event_of_another_application_in_a_large_batch_is_named(server: Server) -> None:
    other = create_application(server.services, "Other").application.app_id
    reply = await server.ingest(server.body(*[server.event()] * 3000, server.event(app_id=other)))
    assert_refused(reply, 403, "app_scope_mismatch")
    assert [detail["path"] for detail in reply.json["details"]] == ["$[3000].app_id"]
    assert "1 of 3001 events is of another application" in reply.json["message"]


async def test_an_event_of_too_many_values_is_told_the_limit(server: Server) -> None:
    reply = await server.ingest(server.body(server.event(custom_data={"a": [[]] * MAX_EVENT_VALUES})))
    assert_refused(reply, 400, "invalid_event")
    assert "100,000" in reply.json["message"]


@pytest.mark.parametrize(
    "data", [{"a": [[[[[[1]]]]]] * 10_000}, {"a": [{"b": {}}] * 20_000}, {"a": ["ab", b"x"] * 20_000}, {"a": {1: 2}}]
)
async def test_what_takes_long_is_done_off_the_loop(
    server: Server, data: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []

    def noting(work: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
        def noted(body: bytes) -> Any:
            threads.append(threading.current_thread())
            return work(body)

        return noted

    for work in ("app_ids_of", "explain"):
        monkeypatch.setattr(slow_decoding, work, noting(getattr(slow_decoding, work)))
    await server.ingest(msgpack.packb([server.event(custom_data=data)] * 3))
    assert threads
    assert threading.main_thread() not in threads


async def test_no_more_than_one_large_body_is_worked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, running, most = threading.Lock(), 0, 0

    def slow(body: bytes) -> list[str]:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return ["app"]

    monkeypatch.setattr(slow_decoding, "app_ids_of", slow)
    decoder = SlowDecoder()
    bodies = [bytes(1024 * 1024) for _ in range(5)]
    assert await asyncio.gather(*map(decoder.app_ids, bodies)) == [["app"]] * 5
    assert most == 1


async def test_bodies_beyond_the_budget_are_503(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    waits: Callable[[bytes], list[str]] = lambda body: ["app"] if released.wait(30) else []  # noqa: E731
    monkeypatch.setattr(slow_decoding, "app_ids_of", waits)
    decoder = SlowDecoder(max_held_bytes=1000)
    first = asyncio.create_task(decoder.app_ids(bytes(600)))
    await asyncio.sleep(0)
    with pytest.raises(ApiError) as refused:
        await decoder.app_ids(bytes(600))
    assert (refused.value.status, refused.value.code) == (503, "storage_unavailable")
    assert refused.value.headers["Retry-After"] == "1"
    released.set()
    assert await first == ["app"]
    assert await decoder.app_ids(bytes(600)) == ["app"]
