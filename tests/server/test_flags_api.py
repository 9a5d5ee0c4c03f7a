"""Flags of the player API, over real sockets on real storage."""

from typing import Any

import pytest

from tests.server.harness import Server
from tests.server.player_calls import PlayerClient

UNKNOWN_PLAYER = "550e8400-e29b-41d4-a716-446655440000"
LEVEL_10 = {"operator": "AND", "conditions": [{"field": "attributes.level", "operator": ">=", "value": 10}]}


@pytest.fixture
def api(server: Server) -> PlayerClient:
    return PlayerClient(server)


async def create(api: PlayerClient, key: str = "new_tutorial", **fields: Any) -> dict[str, Any]:
    body = {"key": key, "enabled": True, **fields}
    saved: dict[str, Any] = await api.data("POST", "/flags/flags", body, status=201, secret=True)
    return saved


async def evaluate(api: PlayerClient, player_id: str, key: str = "new_tutorial", query: str = "") -> dict[str, Any]:
    answer: dict[str, Any] = await api.data("POST", f"/flags/flags/{key}/evaluate{query}", {"player_id": player_id})
    return answer


# evaluation


async def test_a_player_of_the_segment_gets_the_documented_answer(api: PlayerClient) -> None:
    player_id = await api.register(attributes={"level": 45})
    segment = {"id": "beta-testers", "name": "Beta testers", "conditions": LEVEL_10}
    await api.data("POST", "/segments/segments", segment, status=201, secret=True)
    await create(api, rules=[{"rule_id": "beta", "segment_id": "beta-testers"}])
    assert await evaluate(api, player_id) == {
        "flag_key": "new_tutorial",
        "value": True,
        "variant_key": "enabled",
        "reason": "segment_match",
        "segment_id": "beta-testers",
    }


async def test_a_flag_that_is_off_gives_its_default(api: PlayerClient) -> None:
    player_id = await api.register()
    await create(api, enabled=False, type="string", default_value="grey", rules=[{"rule_id": "all", "value": "red"}])
    answer = await evaluate(api, player_id)
    assert (answer["value"], answer["reason"], answer["variant_key"], answer["segment_id"]) == (
        "grey",
        "disabled",
        None,
        None,
    )


async def test_unknown_flags_and_players_and_malformed_ids_are_told_apart(api: PlayerClient) -> None:
    player_id = await api.register()
    await create(api)
    path = "/flags/flags/new_tutorial/evaluate"
    status, code, message = await api.error("POST", "/flags/flags/nothing/evaluate", {"player_id": player_id})
    assert (status, code, message) == (404, "NOT_FOUND", "There is no flag 'nothing'.")
    status, code, message = await api.error("POST", path, {"player_id": UNKNOWN_PLAYER})
    assert (status, code) == (404, "NOT_FOUND")
    assert UNKNOWN_PLAYER in message
    for malformed in ("x", "", 5, None, ["a"], UNKNOWN_PLAYER + "0", "g" * 36):
        status, code, message = await api.error("POST", path, {"player_id": malformed})
        assert (status, code) == (400, "VALIDATION_ERROR")
        assert "Invalid player_id format" in message
    status, code, message = await api.error("POST", path, {})
    assert (status, code) == (400, "VALIDATION_ERROR")
    assert "player_id" in message


async def test_many_flags_are_evaluated_at_once(api: PlayerClient) -> None:
    player_id = await api.register()
    await create(api, "one", default_value=True)
    await create(api, "two", type="number", default_value=2.5)
    everything = await api.data("POST", "/flags/flags/evaluate", {"player_id": player_id})
    assert everything["player_id"] == player_id
    assert {key: flag["value"] for key, flag in everything["flags"].items()} == {"one": True, "two": 2.5}
    some = await api.data(
        "POST", "/flags/flags/evaluate", {"player_id": player_id, "requested_flags": ["two", "three"]}
    )
    assert some["flags"]["two"]["reason"] == "default"
    assert some["flags"]["three"] == {
        "flag_key": "three",
        "error": {"code": "NOT_FOUND", "message": "There is no flag 'three'."},
    }
    assert set(some["flags"]) == {"two", "three"}
    none = await api.data("POST", "/flags/flags/evaluate", {"player_id": player_id, "requested_flags": []})
    assert none["flags"] == {}
    explained = await api.data("POST", "/flags/flags/evaluate?explain=1", {"player_id": player_id})
    assert explained["flags"]["one"]["explanation"]["rules"] == []


@pytest.mark.parametrize("requested", ["one", [1], {"one": True}, ["x"] * 501])
async def test_what_is_requested_is_a_list_of_keys(api: PlayerClient, requested: object) -> None:
    body = {"player_id": await api.register(), "requested_flags": requested}
    status, code, message = await api.error("POST", "/flags/flags/evaluate", body)
    assert (status, code) == (400, "VALIDATION_ERROR")
    assert "$.requested_flags" in message


async def test_an_evaluation_is_repeatable_and_leaves_nothing(server: Server, api: PlayerClient) -> None:
    player_id = await api.register()
    variants = [{"key": "a", "value": 1}, {"key": "b", "value": 2}]
    split = [{"variant_key": "a", "weight": 1}, {"variant_key": "b", "weight": 1}]
    await create(
        api,
        type="multivariate",
        default_value=1,
        variants=variants,
        rules=[{"rule_id": "half", "rollout": 50, "split": split}],
    )
    recorded = server.stored_events
    before = await api.data("GET", f"/players/players/{player_id}")
    answers = [await evaluate(api, player_id) for _ in range(5)]
    assert all(answer == answers[0] for answer in answers)
    assert server.stored_events == recorded
    assert await api.data("GET", f"/players/players/{player_id}") == before


async def test_an_explanation_shows_every_rule_with_the_compared_values(api: PlayerClient) -> None:
    player_id = await api.register(attributes={"level": 9})
    rules = [
        {"rule_id": "veterans", "conditions": LEVEL_10, "value": True},
        {"rule_id": "everybody", "value": True},
        {"rule_id": "behind", "rollout": 10, "value": True},
    ]
    await create(api, rules=rules)
    explained = await evaluate(api, player_id, query="?explain=1")
    assert (explained["reason"], explained["value"]) == ("rule_match", True)
    traces = explained["explanation"]["rules"]
    assert [(trace["rule_id"], trace["passed"], trace["reached"]) for trace in traces][:2] == [
        ("veterans", False, True),
        ("everybody", True, True),
    ]
    assert (traces[2]["rule_id"], traces[2]["reached"]) == ("behind", False)
    (check,) = [check for check in traces[0]["checks"] if check.get("field")]
    assert (check["field"], check["operator"], check["expected"], check["actual"], check["passed"]) == (
        "attributes.level",
        ">=",
        10,
        9,
        False,
    )


async def test_an_explanation_for_a_public_key_leaves_e_mail_addresses_out(api: PlayerClient) -> None:
    player_id = await api.register(email="ada@example.org")
    conditions = {
        "operator": "AND",
        "conditions": [{"field": "email", "operator": "in", "value": ["ada@example.org", "bob@example.org"]}],
    }
    await create(api, rules=[{"rule_id": "some", "conditions": conditions}])
    path, body = "/flags/flags/new_tutorial/evaluate?explain=1", {"player_id": player_id}
    public = await api.send("POST", path, body)
    assert public.json["data"]["value"] is True
    assert b"example.org" not in public.body
    assert b"ada@example.org" in (await api.send("POST", path, body, secret=True)).body


async def test_an_explanation_for_a_public_key_leaves_the_churn_risk_out(api: PlayerClient) -> None:
    player_id = await api.register()
    condition = {"field": "churn_risk", "operator": "<", "value": 0.9}
    await create(api, rules=[{"rule_id": "some", "conditions": {"operator": "AND", "conditions": [condition]}}])
    path, body = "/flags/flags/new_tutorial/evaluate?explain=1", {"player_id": player_id}
    shown = [(await api.send("POST", path, body, secret=secret)).json["data"] for secret in (False, True)]
    public, secret = ([check for rule in data["explanation"]["rules"] for check in rule["checks"]] for data in shown)
    assert [check.get("actual") for check in public if check.get("field") == "churn_risk"] == [None]
    assert [0 <= check["actual"] <= 1 for check in secret if check.get("field") == "churn_risk"] == [True]


# definitions


async def test_a_flag_is_made_read_replaced_patched_and_deleted(api: PlayerClient) -> None:
    made = await create(api, name="New tutorial", rules=[{"rule_id": "all"}])
    assert (made["version"], made["default_value"], made["type"]) == (1, False, "boolean")
    assert made["created_at"].endswith("Z")
    assert await api.data("GET", "/flags/flags/new_tutorial", secret=True) == made
    replaced = await api.data("PUT", "/flags/flags/new_tutorial", {**made, "name": "Newer"}, secret=True)
    assert (replaced["version"], replaced["name"], replaced["created_at"]) == (2, "Newer", made["created_at"])
    patched = await api.data("PATCH", "/flags/flags/new_tutorial", {"enabled": False}, secret=True)
    assert (patched["version"], patched["enabled"], patched["rules"]) == (3, False, made["rules"])
    listed = await api.data("GET", "/flags/flags", secret=True)
    assert listed == {"flags": [patched]}
    gone = await api.data("DELETE", "/flags/flags/new_tutorial", secret=True)
    assert gone == {"key": "new_tutorial", "deleted": True}
    for method, body in (("GET", None), ("PUT", made), ("PATCH", {}), ("DELETE", None)):
        assert (await api.error(method, "/flags/flags/new_tutorial", body, secret=True))[:2] == (404, "NOT_FOUND")


async def test_a_change_is_seen_by_the_next_evaluation(api: PlayerClient) -> None:
    player_id = await api.register()
    await create(api, default_value=False)
    assert (await evaluate(api, player_id))["value"] is False
    await api.data("PATCH", "/flags/flags/new_tutorial", {"default_value": True}, secret=True)
    assert (await evaluate(api, player_id))["value"] is True


async def test_whoever_changed_a_flag_second_is_told(api: PlayerClient) -> None:
    made = await create(api)
    await api.data("PUT", "/flags/flags/new_tutorial", {**made, "name": "First"}, secret=True)
    status, code, message = await api.error("PUT", "/flags/flags/new_tutorial", {**made, "name": "Second"}, secret=True)
    assert (status, code) == (409, "VALIDATION_ERROR")
    assert message.endswith(".")
    status, code, _ = await api.error("PATCH", "/flags/flags/new_tutorial", {"version": 1, "name": "x"}, secret=True)
    assert (status, code) == (409, "VALIDATION_ERROR")
    assert (await api.error("POST", "/flags/flags", {"key": "new_tutorial"}, secret=True))[0] == 409
    assert (await api.data("GET", "/flags/flags/new_tutorial", secret=True))["name"] == "First"


async def test_a_flag_keeps_its_key_and_words_of_the_api_are_none(api: PlayerClient) -> None:
    made = await create(api)
    status, _, message = await api.error("PUT", "/flags/flags/new_tutorial", {**made, "key": "other"}, secret=True)
    assert status == 400
    assert message.startswith("$.key: ")
    status, _, message = await api.error("POST", "/flags/flags", {"key": "evaluate"}, secret=True)
    assert status == 400
    assert message.startswith("$.key: ")


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"type": "colour"}, "$.type"),
        ({"enabled": "yes"}, "$.enabled"),
        ({"default_value": "text"}, "$.default_value"),
        ({"type": "number", "default_value": True}, "$.default_value"),
        ({"rules": [{"rule_id": "a", "segment_id": "nobody"}]}, "$.rules[0].segment_id"),
        ({"rules": [{"rule_id": "a", "segmentid": "x"}]}, "$.rules[0]"),
        ({"rules": [{"rule_id": "a", "rollout": 101}]}, "$.rules[0].rollout"),
        ({"rules": [{"rule_id": "a"}, {"rule_id": "a"}]}, "$.rules[1].rule_id"),
        ({"prerequisites": [{"flag_key": "nothing"}]}, "$.prerequisites[0].flag_key"),
        ({"prerequisites": [{"flag_key": "new_tutorial"}]}, "$.prerequisites[0]"),
        ({"colour": "red"}, "$"),
        ({"rules": [{"rule_id": "a", "schedule": {"start_at": "soon"}}]}, "$.rules[0].schedule.start_at"),
    ],
)
async def test_what_is_wrong_with_a_flag_is_told_with_its_path(
    api: PlayerClient, fields: dict[str, Any], path: str
) -> None:
    status, code, message = await api.error("POST", "/flags/flags", {"key": "new_tutorial", **fields}, secret=True)
    assert (status, code) == (400, "VALIDATION_ERROR")
    assert message.startswith(path), message
    assert (await api.data("GET", "/flags/flags", secret=True)) == {"flags": []}


async def test_flags_that_need_each_other_are_refused(api: PlayerClient) -> None:
    await create(api, "one")
    await create(api, "two", prerequisites=[{"flag_key": "one"}])
    body = {"prerequisites": [{"flag_key": "two"}]}
    status, code, message = await api.error("PATCH", "/flags/flags/one", body, secret=True)
    assert (status, code) == (400, "VALIDATION_ERROR")
    assert "$.prerequisites[0]" in message
    assert "two" in message


async def test_what_another_flag_depends_on_stays(api: PlayerClient) -> None:
    await create(api, "one")
    await create(api, "two", prerequisites=[{"flag_key": "one"}])
    status, code, message = await api.error("DELETE", "/flags/flags/one", secret=True)
    assert (status, code) == (409, "VALIDATION_ERROR")
    assert "'two'" in message
    change = {"type": "string", "default_value": "x"}
    status, _, message = await api.error("PATCH", "/flags/flags/one", change, secret=True)
    assert status == 409
    assert "'two'" in message
    await api.data("DELETE", "/flags/flags/two", secret=True)
    await api.data("DELETE", "/flags/flags/one", secret=True)


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"null", b"\xff", b'{"key":' * 1000, b'{"key": NaN}', b'{"key":"a","default_value":1e999}', b""],
)
async def test_no_body_is_too_odd(api: PlayerClient, body: bytes) -> None:
    await create(api)
    player_id = await api.register()
    for method, path, secret in (
        ("POST", "/flags/flags", True),
        ("PUT", "/flags/flags/new_tutorial", True),
        ("PATCH", "/flags/flags/new_tutorial", True),
        ("POST", "/flags/flags/new_tutorial/evaluate", False),
        ("POST", "/flags/flags/evaluate", False),
        ("PUT", f"/flags/flags/new_tutorial/overrides/{player_id}", True),
    ):
        status, code, _ = await api.error(method, path, body, secret=secret)
        assert (status, code) == (400, "VALIDATION_ERROR"), (method, path)


async def test_definitions_are_for_secret_keys(api: PlayerClient) -> None:
    for method, path in (
        ("GET", "/flags/flags"),
        ("POST", "/flags/flags"),
        ("GET", "/flags/flags/x"),
        ("PUT", "/flags/flags/x"),
        ("PATCH", "/flags/flags/x"),
        ("DELETE", "/flags/flags/x"),
        ("GET", "/flags/flags/x/overrides"),
        ("PUT", f"/flags/flags/x/overrides/{UNKNOWN_PLAYER}"),
    ):
        assert (await api.error(method, path, {}))[:2] == (403, "UNAUTHORIZED")
        assert (await api.error(method, path, {}, key="sk_live_nobody"))[:2] == (401, "UNAUTHORIZED")


# overrides


async def test_an_override_comes_first_until_it_is_cleared(api: PlayerClient) -> None:
    player_id = await api.register()
    await create(api, enabled=False)
    path = f"/flags/flags/new_tutorial/overrides/{player_id}"
    assert (await api.error("GET", path, secret=True))[:2] == (404, "NOT_FOUND")
    made = await api.data("PUT", path, {"value": True}, secret=True)
    assert (made["flag_key"], made["player_id"], made["value"]) == ("new_tutorial", player_id, True)
    assert await api.data("GET", path, secret=True) == made
    assert await api.data("GET", "/flags/flags/new_tutorial/overrides", secret=True) == {"overrides": [made]}
    answer = await evaluate(api, player_id)
    assert (answer["value"], answer["reason"]) == (True, "override")
    await api.data("DELETE", path, secret=True)
    assert (await api.error("DELETE", path, secret=True))[:2] == (404, "NOT_FOUND")
    assert (await evaluate(api, player_id))["reason"] == "disabled"


async def test_an_override_fits_its_flag_and_a_player(api: PlayerClient) -> None:
    player_id = await api.register()
    await create(api)
    path = "/flags/flags/new_tutorial/overrides"
    status, _, message = await api.error("PUT", f"{path}/{player_id}", {"value": "text"}, secret=True)
    assert status == 400
    assert message.startswith("$.value: ")
    assert (await api.error("PUT", f"{path}/{UNKNOWN_PLAYER}", {"value": True}, secret=True))[0] == 404
    assert (await api.error("PUT", f"{path}/nobody", {"value": True}, secret=True))[0] == 400
    assert (await api.error("PUT", f"/flags/flags/x/overrides/{player_id}", {"value": True}, secret=True))[0] == 404
    await api.data("PUT", f"{path}/{player_id}", {"value": True}, secret=True)
    change = {"type": "string", "default_value": "x"}
    status, _, message = await api.error("PATCH", "/flags/flags/new_tutorial", change, secret=True)
    assert status == 409
    assert "override" in message


# applications


async def test_applications_do_not_see_each_other(server: Server, api: PlayerClient) -> None:
    from console.messages import CreateApplication

    player_id = await api.register()
    await create(api)
    other = server.services.catalog.create_application(CreateApplication(name="Other game"))
    reply = await api.send("GET", "/flags/flags", key=other.secret_key)
    assert reply.json["data"] == {"flags": []}
    body = {"player_id": player_id}
    reply = await api.send("POST", "/flags/flags/new_tutorial/evaluate", body, key=other.public_key)
    assert reply.status == 404
    reply = await api.send("GET", f"/segments/player/{player_id}", key=other.public_key)
    assert reply.status == 404
