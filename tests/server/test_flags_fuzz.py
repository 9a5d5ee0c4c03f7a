"""Definitions as nobody would write them: refused with a sentence, or kept and good for evaluation."""

import json
import random
from collections.abc import AsyncIterator
from copy import deepcopy
from typing import Any

import aiohttp
import pytest

from tests.server.harness import Server
from tests.server.player_calls import PlayerClient

FLAG: dict[str, Any] = {
    "key": "shop",
    "name": "Shop",
    "type": "multivariate",
    "enabled": True,
    "default_value": {"a": [1, 2.5, None]},
    "variants": [{"key": "a", "value": {"a": [1, 2.5, None]}}, {"key": "b", "value": "text"}],
    "prerequisites": [{"flag_key": "base", "value": True}],
    "rules": [
        {
            "rule_id": "one",
            "segment_id": "beta",
            "conditions": {
                "operator": "OR",
                "conditions": [
                    {"field": "attributes.level", "operator": ">=", "value": 3},
                    {"field": "last_seen_at", "operator": "within_last", "value": "30d"},
                    {"field": "attributes.tags", "operator": "contains_any", "value": ["a", 1]},
                    {"operator": "AND", "conditions": [{"field": "email", "operator": "matches", "value": "^a.*z$"}]},
                ],
            },
            "schedule": {"start_at": "2026-01-01T00:00:00Z", "end_at": "2027-01-01T00:00:00+02:00"},
            "rollout": 50,
            "split": [{"variant_key": "a", "weight": 1}, {"variant_key": "b", "weight": 2.5}],
        },
        {"rule_id": "two", "variant_key": "b"},
    ],
}
SEGMENT = {
    "id": "new",
    "name": "New",
    "conditions": {
        "operator": "AND",
        "conditions": [
            {"field": "attributes.hardware.gpu", "operator": "starts_with", "value": "RTX"},
            {"field": "first_seen_at", "operator": "<", "value": "2026-06-01"},
            {"field": "churn_risk", "operator": "in", "value": [0.5, 1]},
        ],
    },
}
ODD: list[Any] = [
    None, True, False, 0, -1, 3, 2**63, -(2**63), 10**400, 1e308, float("nan"), float("-inf"), "", " ", "x" * 1500,
    "\0", "\ud800", "ü" * 90, "shop", "base", "beta", "a", "AND", "==", "matches", "(a+)+$", "(?=a)", "\\1", "[", "30d",
    "99999999w", "9999-12-31T23:59:59Z", "0001-01-01", "2026-02-30", [], {}, [None], [[]], ["a", None], {"": 1},
    {"operator": "AND", "conditions": []}, [{}], {"key": "a", "value": 1}, "string", "number", "json", "boolean",
    "id", "attributes.", "attributes.a.b.c", "lifecycle_stage", "total_revenue", "is_payer", "within_last", "not_in",
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value of a document."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for step, item in steps for place in places(item, (*path, step)))]


def mutated(document: dict[str, Any], chance: random.Random) -> Any:
    """The document with one to three values replaced, removed, doubled or added."""
    changed: Any = deepcopy(document)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        known = [place for place in places(changed) if place]
        if not known:
            break
        *way, last = chance.choice(known)
        parent = changed
        for step in way:
            parent = parent[step]
        kind = chance.random()
        if kind < 0.7:
            parent[last] = deepcopy(chance.choice(ODD))
        elif kind < 0.8:
            del parent[last]
        elif kind < 0.9 and isinstance(parent, list):
            parent.append(deepcopy(parent[last]))
        elif isinstance(parent, dict):
            parent[chance.choice(["unknown", "value", "conditions", ""])] = deepcopy(chance.choice(ODD))
    return changed


@pytest.fixture
async def http(server: Server) -> AsyncIterator[aiohttp.ClientSession]:
    base = f"http://127.0.0.1:{server.player_port}/"
    headers = {"X-API-Key": server.created.secret_key, "Content-Type": "application/json"}
    async with aiohttp.ClientSession(base, headers=headers) as session:
        yield session


async def send(http: aiohttp.ClientSession, method: str, path: str, body: Any) -> tuple[int, Any]:
    """Status and data of an answer, which has the documented shape, whatever was sent."""
    async with http.request(method, f"v1{path}", data=json.dumps(body).encode()) as response:
        answer = await response.json()
    if response.status < 300:
        assert list(answer) == ["success", "data"]
        return response.status, answer["data"]
    assert response.status in (400, 404, 409), (response.status, answer, body)
    assert list(answer["error"]) == ["code", "message"]
    assert answer["error"]["message"]
    return response.status, None


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_is_kept_can_be_evaluated(server: Server, http: aiohttp.ClientSession, seed: int) -> None:
    chance = random.Random(seed)
    tags = {"level": 5, "tags": ["a"], "hardware": {"gpu": "RTX 4090"}}
    player_id = await PlayerClient(server).register(email="abcz@example.org", attributes=tags)
    conditions = {"field": "attributes.level", "operator": ">", "value": 1}
    assert (await send(http, "POST", "/segments/segments", {"id": "beta", "conditions": conditions}))[0] == 201
    assert (await send(http, "POST", "/flags/flags", {"key": "base", "enabled": True, "default_value": True}))[0] == 201
    kept = 0
    for _ in range(80):
        flag, segment = mutated(FLAG, chance), mutated(SEGMENT, chance)
        for path, body, name in (("/flags/flags", flag, "key"), ("/segments/segments", segment, "id")):
            status, saved = await send(http, "POST", path, body)
            if status != 201:
                continue
            kept += 1
            one = f"{path}/{saved[name]}"
            status, evaluated = await send(http, "POST", f"{one}/evaluate?explain=1", {"player_id": player_id})
            assert status == 200
            assert evaluated.get("reason") != "error", (body, evaluated)
            assert (await send(http, "PUT", one, saved))[0] == 200
            await send(http, "PATCH", one, mutated(saved, chance))
            assert (await send(http, "DELETE", one, None))[0] == 200
        everything = {"player_id": player_id, "requested_flags": chance.choice(ODD)}
        await send(http, "POST", "/flags/flags/evaluate", everything)
        await send(http, "PUT", f"/flags/flags/base/overrides/{player_id}", {"value": chance.choice(ODD)})
    assert kept > 2, "nearly nothing was kept: the documents are wrong to begin with"
