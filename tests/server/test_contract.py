"""The contract against the server: the same routes with the same keys, and answers as they are described."""

from collections.abc import Iterator
from typing import Any, Final

import jsonschema_rs
import pytest
from msgspec import json

from console.server.application import player_routes
from console.server.contract.document import openapi_document
from tests.server.harness import Reply, Server
from tests.server.player_calls import PlayerClient

Json = dict[str, Any]

_KEY_KINDS: Final = {"apiKey": "public", "secretApiKey": "secret"}
DOCUMENT: Final = openapi_document()


def _operations() -> Iterator[tuple[str, str, Json]]:
    """Path, method and operation of the player API's part."""
    for path, methods in DOCUMENT["paths"].items():
        if path.startswith("/v1/"):
            for method, operation in methods.items():
                yield path, method.upper(), operation


async def test_the_contract_and_the_route_table_have_the_same_routes_with_the_same_keys(server: Server) -> None:
    served = {
        (route.pattern, method): operation.key
        for route in player_routes(server.services)
        for method in route.methods
        if (operation := route.operation(method))
    }
    described = {
        (path, method): _KEY_KINDS[name]
        for path, method, operation in _operations()
        for name in operation["security"][0]
    }
    assert described == served


@pytest.mark.parametrize(("path", "method", "operation"), list(_operations()))
def test_variable_segments_are_described_in_the_order_of_the_path(path: str, method: str, operation: Json) -> None:
    in_path = [parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "path"]
    assert in_path == [part[1:-1] for part in path.split("/") if part.startswith("{")]


def _examples(content: Json) -> list[Any]:
    named = [example["value"] for example in content.get("examples", {}).values()]
    return [content["example"], *named] if "example" in content else named


def test_the_examples_of_the_contract_are_as_it_describes_them() -> None:
    looked_at = 0
    for methods in DOCUMENT["paths"].values():
        for operation in methods.values():
            for answer in (operation.get("requestBody", {}), *operation["responses"].values()):
                for media_type, content in answer.get("content", {}).items():
                    if media_type == "text/event-stream":
                        continue
                    for example in _examples(content):
                        _check(content["schema"], example)
                        looked_at += 1
    assert looked_at > 50


class Described:
    """Calls the running server with the contract's own examples, and holds each answer against the contract."""

    def __init__(self, server: Server) -> None:
        self._client = PlayerClient(server)
        self.called: set[str] = set()
        self._operations = {
            operation["operationId"]: (path, method, operation) for path, method, operation in _operations()
        }

    async def __call__(
        self,
        operation_id: str,
        *,
        query: str = "",
        body: Any = ...,
        status: int = 200,
        secret: bool = True,
        **values: str,
    ) -> Any:
        """The data of the answer; without a `body` the example is sent."""
        path, method, operation = self._operations[operation_id]
        for parameter in operation["parameters"]:
            if parameter["in"] == "path":
                name = parameter["name"]
                path = path.replace(f"{{{name}}}", values.get(name) or parameter["example"])
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        sent = content.get("example") if body is ... else body
        if isinstance(sent, dict) and "player_id" in sent:
            sent = {**sent, "player_id": values["player_id"]}
        reply = await self._client.send(method, path.removeprefix("/v1") + query, sent, secret=secret)
        assert reply.status == status, reply.body
        self._check(operation, reply)
        self.called.add(operation_id)
        return reply.json["data"]

    def _check(self, operation: Json, reply: Reply) -> None:
        described = operation["responses"][str(reply.status)]
        _check(described["content"]["application/json"]["schema"], reply.json)
        for name, value in described.get("headers", {}).items():
            assert name.lower() in reply.headers or not _resolved(value).get("required", False)


def _resolved(item: Json) -> Json:
    found: Any = DOCUMENT
    for part in item["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    assert isinstance(found, dict)
    return found


def _check(schema: Json, value: Any) -> None:
    """Raises jsonschema_rs.ValidationError, also for what is in an object and not described."""
    whole = {**_closed(schema), "components": _closed(DOCUMENT["components"])}
    jsonschema_rs.Draft202012Validator(whole, validate_formats=True).validate(value)


def _closed(schema: Any) -> Any:
    """The same, with objects that have no further properties."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(item) for name, item in schema.items()}
    if isinstance(schema.get("properties"), dict):
        closed.setdefault("additionalProperties", False)
    return closed


async def test_every_example_is_accepted_and_every_answer_is_as_described(server: Server) -> None:
    call = Described(server)
    player = await call("register_player", status=201)
    known = {"player_id": player["id"]}
    await call("register_player", body={"external_id": player["external_id"], "email": "anna@example.com"})
    for operation_id in ("player", "update_player", "record_session", "lifecycle", "churn_risk"):
        await call(operation_id, **known)
    assert "email" not in await call("player", secret=False, **known)
    await call("record_session", body=None, **known)
    await call("record_purchase", query="?amount=4.99", **known)
    await call("churn_risk", **known)
    await call("player_by_external_id", external_id=player["external_id"])
    assert len((await call("list_players", query="?limit=1"))["players"]) == 1
    await call("track_event", status=201, **known)
    await call("track_event", body={"event_name": "e", "event_id": "1", "player_id": ""}, status=201, **known)
    await call("track_event", body={"event_name": "e", "event_id": "1", "player_id": ""}, **known)
    good = {"player_id": player["id"], "event_name": "e", "event_id": "1"}
    results = (await call("track_events", body={"events": [good, {"event_name": "e"}]}))["results"]
    assert [sorted(result) for result in results] == [["duplicate", "event_id", "index"], ["error", "index"]]

    segment = await call("create_segment", status=201)
    await call("replace_segment", id=segment["id"])
    await call("patch_segment", id=segment["id"])
    await call("segment", id=segment["id"])
    await call("list_segments")
    explained = await call("evaluate_segment", query="?explain=1", id=segment["id"], **known)
    assert explained["is_member"]
    assert explained["explanation"]["checks"]
    await call("evaluate_segment", id=segment["id"], **known)
    assert len((await call("segments_of_player", **known))["segments"]) == 1

    flag = await call("create_flag", status=201)
    await call("replace_flag", body=_EVERYTHING | {"key": flag["key"]})
    await call("patch_flag")
    await call("patch_flag", body={"enabled": True})
    await call("flag")
    await call("list_flags")
    assert (await call("evaluate_flag", **known))["reason"] == "segment_match"
    explained = await call("evaluate_flag", query="?explain=1", secret=False, **known)
    assert explained["explanation"]["rules"][0]["checks"]
    requested = {"player_id": "", "requested_flags": [flag["key"], "no-such-flag"]}
    for query in ("", "?explain=1"):
        flags = (await call("evaluate_flags", query=query, body=requested, **known))["flags"]
        assert flags["no-such-flag"]["error"]["code"] == "NOT_FOUND"
    await call("evaluate_flags", **known)
    for operation_id in ("set_override", "override", "list_overrides", "clear_override", "delete_flag"):
        await call(operation_id, **known)
    await call("delete_segment", id=segment["id"])
    everything = {operation["operationId"] for _, _, operation in _operations()}
    assert everything - call.called == {"stream_events"}  # without an end: see test_stream_api


_EVERYTHING: Final[Json] = {
    "name": "New tutorial",
    "enabled": True,
    "variants": [{"key": "on", "value": True}, {"key": "off", "value": False}],
    "rules": [
        {
            "rule_id": "testers",
            "segment_id": "beta-testers",
            "conditions": {"field": "attributes.level", "operator": ">", "value": 3},
            "schedule": {"start_at": "2025-01-01T00:00:00Z", "end_at": None},
            "rollout": 100,
            "variant_key": "on",
        },
        {
            "rule_id": "others",
            "split": [{"variant_key": "on", "weight": 1}, {"variant_key": "off", "weight": 3}],
            "conditions": {
                "operator": "OR",
                "conditions": [{"field": "attributes.first-name", "operator": "==", "value": None}],
            },
        },
    ],
}


@pytest.mark.parametrize(
    ("operation_id", "path", "body"),
    [
        ("player", "/players/players/nonsense", None),
        ("player", "/players/players/550e8400-e29b-41d4-a716-446655440000", None),
        ("register_player", "/players/players", {}),
        ("create_flag", "/flags/flags", {"key": "-"}),
        ("create_segment", "/segments/segments", {"id": "a", "conditions": {}}),
    ],
)
async def test_every_refusal_is_as_described(server: Server, operation_id: str, path: str, body: Any) -> None:
    operation = next(operation for _, _, operation in _operations() if operation["operationId"] == operation_id)
    client = PlayerClient(server)
    method = "GET" if body is None else "POST"
    for key in (client.secret_key, "pk_live_unknown"):
        reply = await client.send(method, path, body, key=key)
        assert reply.status >= 400
        described = operation["responses"][str(reply.status)]
        _check(described["content"]["application/json"]["schema"], json.decode(reply.body))
