"""Flags, segments and overrides of the console API, as its client sees them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import pytest

from console.client import ConsoleClient, ConsoleRefused
from console.messages import ConsoleError, FeedChanged
from console.messages import players as p
from console.players.definitions import Flag, Override, Prerequisite, Rule, Segment, Share, Variant
from tests.server.harness import Server
from tests.server.test_console_api import client_of

LEVEL_10 = {"operator": "AND", "conditions": [{"field": "attributes.level", "operator": ">=", "value": 10}]}


@pytest.fixture
async def client(server: Server) -> AsyncIterator[ConsoleClient]:
    async with client_of(server) as client:
        yield client


async def refusal(call: Awaitable[object]) -> tuple[int, ConsoleError]:
    with pytest.raises(ConsoleRefused) as caught:
        await call
    assert caught.value.error.message.endswith(".")
    return caught.value.status, caught.value.error


def segment(segment_id: str = "beta-testers", **changes: Any) -> Segment:
    return Segment(**({"segment_id": segment_id, "name": "Beta testers", "conditions": LEVEL_10} | changes))


async def test_a_flag_is_saved_listed_changed_and_deleted(server: Server, client: ConsoleClient) -> None:
    app_id = server.app_id
    assert await client.flags(app_id) == []
    rules = [Rule(rule_id="all", split=[Share(variant_key="a", weight=1.5)], rollout=12.5)]
    flag = Flag(
        key="new_tutorial",
        type="multivariate",
        default_value={"steps": [1, 2]},
        variants=[Variant(key="a", value={"steps": [1, 2]})],
        rules=rules,
    )
    saved = await client.save_flag(app_id, p.SaveFlag(flag=flag))
    assert (saved.version, saved.rules, saved.default_value) == (1, rules, {"steps": [1, 2]})
    assert await client.flags(app_id) == [saved]
    changed = await client.save_flag(app_id, p.SaveFlag(flag=saved, replaces=1))
    assert (changed.version, changed.created_at_us) == (2, saved.created_at_us)
    await client.delete_flag(app_id, "new_tutorial")
    assert await client.flags(app_id) == []


async def test_a_refused_flag_names_the_field(server: Server, client: ConsoleClient) -> None:
    rules = [Rule(rule_id="a"), Rule(rule_id="b", rollout=120)]
    status, error = await refusal(
        client.save_flag(server.app_id, p.SaveFlag(flag=Flag(key="new_tutorial", rules=rules)))
    )
    assert (status, error.code, error.path) == (400, "invalid_definition", "$.rules[1].rollout")
    assert error.message == "Is a percentage from 0 to 100, not 120.0."
    nested: dict[str, Any] = {"field": "id", "operator": "==", "value": "x"}
    for _ in range(200):
        nested = {"operator": "AND", "conditions": [nested]}
    status, error = await refusal(client.save_segment(server.app_id, p.SaveSegment(segment=segment(conditions=nested))))
    assert (status, error.code) == (400, "invalid_definition")
    assert error.path.startswith("$.conditions.conditions[0]")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**64 - 1, b"bytes", {1: 2}])
async def test_what_json_cannot_say_is_refused(server: Server, client: ConsoleClient, value: object) -> None:
    flag = Flag(key="new_tutorial", type="json", default_value=[value])
    status, error = await refusal(client.save_flag(server.app_id, p.SaveFlag(flag=flag)))
    assert (status, error.code) == (400, "invalid_definition")
    assert error.path.startswith("$.default_value[0]")
    conditions = {"operator": "AND", "conditions": [{"field": "attributes.a", "operator": "==", "value": value}]}
    status, error = await refusal(
        client.save_segment(server.app_id, p.SaveSegment(segment=segment(conditions=conditions)))
    )
    assert (status, error.code) == (400, "invalid_definition")


async def test_whoever_saves_second_is_told(server: Server, client: ConsoleClient) -> None:
    app_id = server.app_id
    saved = await client.save_flag(app_id, p.SaveFlag(flag=Flag(key="one")))
    assert await _code(client.save_flag(app_id, p.SaveFlag(flag=Flag(key="one")))) == (409, "key_taken")
    await client.save_flag(app_id, p.SaveFlag(flag=saved, replaces=1))
    assert await _code(client.save_flag(app_id, p.SaveFlag(flag=saved, replaces=1))) == (409, "changed_meanwhile")
    assert await _code(client.save_flag(app_id, p.SaveFlag(flag=Flag(key="two"), replaces=1))) == (404, "not_found")
    await client.save_segment(app_id, p.SaveSegment(segment=segment()))
    assert await _code(client.save_segment(app_id, p.SaveSegment(segment=segment()))) == (409, "key_taken")
    assert await _code(client.save_segment(app_id, p.SaveSegment(segment=segment(), replaces=7))) == (
        409,
        "changed_meanwhile",
    )


async def test_of_many_who_save_at_once_one_wins(server: Server, client: ConsoleClient) -> None:
    saved = await client.save_flag(server.app_id, p.SaveFlag(flag=Flag(key="one")))
    request = p.SaveFlag(flag=saved, replaces=1)
    results = await asyncio.gather(
        *(client.save_flag(server.app_id, request) for _ in range(8)), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["ConsoleRefused"] * 7 + ["Flag"]


async def test_what_is_used_cannot_be_deleted(server: Server, client: ConsoleClient) -> None:
    app_id = server.app_id
    await client.save_segment(app_id, p.SaveSegment(segment=segment()))
    rules = [Rule(rule_id="beta", segment_id="beta-testers")]
    await client.save_flag(app_id, p.SaveFlag(flag=Flag(key="one", rules=rules)))
    await client.save_flag(app_id, p.SaveFlag(flag=Flag(key="two", prerequisites=[Prerequisite(flag_key="one")])))
    assert await _code(client.delete_segment(app_id, "beta-testers")) == (409, "in_use")
    assert await _code(client.delete_flag(app_id, "one")) == (409, "in_use")
    for key in ("two", "one"):
        await client.delete_flag(app_id, key)
    await client.delete_segment(app_id, "beta-testers")
    assert await client.segments(app_id) == []
    assert await _code(client.delete_segment(app_id, "beta-testers")) == (404, "not_found")
    assert await _code(client.delete_flag(app_id, "one")) == (404, "not_found")


async def test_the_history_tells_who_changed_what(server: Server, client: ConsoleClient) -> None:
    app_id = server.app_id
    saved = await client.save_flag(app_id, p.SaveFlag(flag=Flag(key="one")))
    await client.save_flag(app_id, p.SaveFlag(flag=Flag(key="one", enabled=True), replaces=saved.version))
    await client.save_segment(app_id, p.SaveSegment(segment=segment()))
    await client.delete_flag(app_id, "one")
    history = await client.definition_history(app_id)
    assert [(line.kind, line.key, line.action, line.by) for line in history] == [
        ("flag", "one", "deleted", "window"),
        ("segment", "beta-testers", "created", "window"),
        ("flag", "one", "changed", "window"),
        ("flag", "one", "created", "window"),
    ]
    assert "switched on" in history[2].summary
    assert await client.definition_history(app_id, key="beta-testers") == [history[1]]
    assert await client.definition_history(app_id, limit=1) == [history[0]]


async def test_unknown_applications_have_nothing_and_keep_nothing(client: ConsoleClient) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    assert await client.flags(nobody) == []
    assert await client.segments(nobody) == []
    assert await _code(client.save_flag(nobody, p.SaveFlag(flag=Flag(key="one")))) == (404, "not_found")
    assert await _code(client.save_segment(nobody, p.SaveSegment(segment=segment()))) == (404, "not_found")
    assert await _code(client.players(nobody)) == (404, "not_found")
    assert await _code(client.preview_segment(nobody, p.PreviewSegment(conditions=LEVEL_10))) == (404, "not_found")


async def test_windows_hear_of_every_change(server: Server, client: ConsoleClient) -> None:
    frames = client.feed()
    await anext(frames)
    changes = [
        lambda: client.save_flag(server.app_id, p.SaveFlag(flag=Flag(key="one"))),
        lambda: client.save_segment(server.app_id, p.SaveSegment(segment=segment())),
        lambda: client.delete_segment(server.app_id, "beta-testers"),
        lambda: client.delete_flag(server.app_id, "one"),
    ]
    for change in changes:
        await change()
        async with asyncio.timeout(30):
            while (frame := await anext(frames)) != FeedChanged("flags"):
                assert not isinstance(frame, FeedChanged)
    await frames.aclose()  # type: ignore[attr-defined]


async def _code(call: Awaitable[object]) -> tuple[int, str]:
    status, error = await refusal(call)
    return status, error.code


def override(player_id: str, key: str = "one", value: object = True) -> Override:
    return Override(flag_key=key, player_id=player_id, value=value)
