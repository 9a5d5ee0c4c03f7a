"""Segments of the player API, over real sockets on real storage."""

from typing import Any

import pytest

from tests.server.harness import Server
from tests.server.player_calls import PlayerClient
from tests.server.test_flags_api import LEVEL_10, UNKNOWN_PLAYER


@pytest.fixture
def api(server: Server) -> PlayerClient:
    return PlayerClient(server)


async def create(api: PlayerClient, segment_id: str = "beta-testers", **fields: Any) -> dict[str, Any]:
    body = {"id": segment_id, "name": "Beta testers", "conditions": LEVEL_10, **fields}
    saved: dict[str, Any] = await api.data("POST", "/segments/segments", body, status=201, secret=True)
    return saved


async def test_a_member_and_one_who_is_none(api: PlayerClient) -> None:
    member = await api.register("one", attributes={"level": 10})
    other = await api.register("two", attributes={"level": 9})
    await create(api)
    path = "/segments/segments/beta-testers/evaluate"
    answer = await api.data("POST", path, {"player_id": member})
    assert list(answer) == ["segment_id", "player_id", "is_member", "evaluated_at"]
    assert (answer["segment_id"], answer["player_id"], answer["is_member"]) == ("beta-testers", member, True)
    assert answer["evaluated_at"].endswith("Z")
    assert (await api.data("POST", path, {"player_id": other.upper()}))["is_member"] is False


async def test_the_segments_of_a_player(api: PlayerClient) -> None:
    player_id = await api.register(attributes={"level": 10})
    await create(api)
    await create(api, "everybody", name="Everybody", conditions=_compare("session_count", ">=", 0))
    await create(api, "nobody", conditions=_compare("session_count", "<", 0))
    assert await api.data("GET", f"/segments/player/{player_id}") == {
        "player_id": player_id,
        "segments": [{"id": "beta-testers", "name": "Beta testers"}, {"id": "everybody", "name": "Everybody"}],
    }
    assert (await api.error("GET", f"/segments/player/{UNKNOWN_PLAYER}"))[:2] == (404, "NOT_FOUND")
    status, code, message = await api.error("GET", "/segments/player/nobody")
    assert (status, code) == (400, "VALIDATION_ERROR")
    assert "Invalid player_id format" in message


async def test_the_comparisons_are_shown_on_demand(api: PlayerClient) -> None:
    player_id = await api.register(attributes={"level": 3}, email="ada@example.org")
    both = {"operator": "AND", "conditions": [LEVEL_10, _compare("email", "ends_with", "@example.org")]}
    await create(api, conditions=both)
    path, body = "/segments/segments/beta-testers/evaluate?explain=1", {"player_id": player_id}
    public = await api.send("POST", path, body)
    checks = public.json["data"]["explanation"]["checks"]
    by_field = {check["field"]: check for check in checks if check.get("field")}
    level = by_field["attributes.level"]
    assert (level["expected"], level["actual"], level["passed"]) == (10, 3, False)
    assert b"example.org" not in public.body
    assert b"ada@example.org" in (await api.send("POST", path, body, secret=True)).body


async def test_a_segment_is_made_read_replaced_patched_and_deleted(api: PlayerClient) -> None:
    made = await create(api)
    assert list(made) == ["id", "name", "description", "conditions", "version", "created_at", "updated_at"]
    assert await api.data("GET", "/segments/segments/beta-testers", secret=True) == made
    replaced = await api.data("PUT", "/segments/segments/beta-testers", {**made, "name": "Others"}, secret=True)
    assert (replaced["version"], replaced["name"]) == (2, "Others")
    patched = await api.data("PATCH", "/segments/segments/beta-testers", {"description": "x"}, secret=True)
    assert (patched["version"], patched["name"], patched["conditions"]) == (3, "Others", LEVEL_10)
    assert await api.data("GET", "/segments/segments", secret=True) == {"segments": [patched]}
    gone = await api.data("DELETE", "/segments/segments/beta-testers", secret=True)
    assert gone == {"id": "beta-testers", "deleted": True}
    for method, body in (("GET", None), ("PUT", made), ("PATCH", {}), ("DELETE", None)):
        assert (await api.error(method, "/segments/segments/beta-testers", body, secret=True))[0] == 404
    player_id = await api.register()
    body = {"player_id": player_id}
    assert (await api.error("POST", "/segments/segments/beta-testers/evaluate", body))[:2] == (404, "NOT_FOUND")


async def test_a_segment_that_a_flag_uses_stays(api: PlayerClient) -> None:
    await create(api)
    flag = {"key": "new_tutorial", "rules": [{"rule_id": "beta", "segment_id": "beta-testers"}]}
    await api.data("POST", "/flags/flags", flag, status=201, secret=True)
    status, code, message = await api.error("DELETE", "/segments/segments/beta-testers", secret=True)
    assert (status, code) == (409, "VALIDATION_ERROR")
    assert "'new_tutorial'" in message


async def test_versions_and_ids_are_kept(api: PlayerClient) -> None:
    made = await create(api)
    path = "/segments/segments/beta-testers"
    assert (await api.error("POST", "/segments/segments", {**made}, secret=True))[0] == 409
    await api.data("PUT", path, {**made, "name": "First"}, secret=True)
    assert (await api.error("PUT", path, {**made, "name": "Second"}, secret=True))[0] == 409
    status, _, message = await api.error("PATCH", path, {"id": "other"}, secret=True)
    assert status == 400
    assert message.startswith("$.id: ")


@pytest.mark.parametrize(
    ("conditions", "path"),
    [
        ({}, "$.conditions"),
        ({"operator": "XOR", "conditions": [{"field": "id", "operator": "==", "value": "x"}]}, "$.conditions.operator"),
        ({"operator": "AND", "conditions": []}, "$.conditions.conditions"),
        ({"field": "levle", "operator": "==", "value": 1}, "$.conditions.field"),
        ({"field": "attributes.level", "operator": "===", "value": 1}, "$.conditions.operator"),
        ({"field": "session_count", "operator": "contains", "value": "x"}, "$.conditions.operator"),
        ({"field": "session_count", "operator": ">", "value": "x"}, "$.conditions.value"),
        ({"field": "attributes.a", "operator": "==", "value": 2**63}, "$.conditions.value"),
        ({"field": "attributes.a", "operator": "==", "value": "x" * 1001}, "$.conditions.value"),
        ({"field": "external_id", "operator": "matches", "value": "(a+)+$"}, "$.conditions.value"),
        ({"field": "external_id", "operator": "matches", "value": "("}, "$.conditions.value"),
        ({"field": "last_seen_at", "operator": "within_last", "value": "30 days"}, "$.conditions.value"),
        ([], "$.conditions"),
        ("x", "$.conditions"),
    ],
)
async def test_what_is_wrong_with_a_condition_is_told_with_its_path(
    api: PlayerClient, conditions: object, path: str
) -> None:
    body = {"id": "beta-testers", "name": "x", "conditions": conditions}
    status, code, message = await api.error("POST", "/segments/segments", body, secret=True)
    assert (status, code) == (400, "VALIDATION_ERROR")
    assert message.startswith(path), message
    assert await api.data("GET", "/segments/segments", secret=True) == {"segments": []}


async def test_deep_and_large_conditions_are_refused(api: PlayerClient) -> None:
    nested: dict[str, Any] = {"field": "id", "operator": "==", "value": "x"}
    for _ in range(300):
        nested = {"operator": "AND", "conditions": [nested]}
    body = {"id": "deep", "name": "x", "conditions": nested}
    status, _, message = await api.error("POST", "/segments/segments", body, secret=True)
    assert status == 400
    assert message.startswith("$.conditions")
    wide = {"operator": "OR", "conditions": [{"field": "id", "operator": "==", "value": str(i)} for i in range(500)]}
    body = {"id": "wide", "name": "x", "conditions": wide}
    assert (await api.error("POST", "/segments/segments", body, secret=True))[0] == 400


async def test_definitions_are_for_secret_keys(api: PlayerClient) -> None:
    for method, path in (
        ("GET", "/segments/segments"),
        ("POST", "/segments/segments"),
        ("GET", "/segments/segments/x"),
        ("PUT", "/segments/segments/x"),
        ("PATCH", "/segments/segments/x"),
        ("DELETE", "/segments/segments/x"),
    ):
        assert (await api.error(method, path, {}))[:2] == (403, "UNAUTHORIZED")


def _compare(field: str, operator: str, value: object) -> dict[str, Any]:
    return {"operator": "AND", "conditions": [{"field": field, "operator": operator, "value": value}]}
