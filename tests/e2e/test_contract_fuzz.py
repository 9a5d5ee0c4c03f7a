"""Requests made from the contract, valid and broken ones, against the running server: it keeps what it promises."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own dependencies, at import
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.schemas import BaseSchema
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

from console.server.contract.document import openapi_document
from tests.e2e.processes import make_application, serving

pytestmark = pytest.mark.e2e

_ENDLESS = {"stream_events"}  # what it answers has tests of its own
_DOCUMENT = openapi_document()
_OPERATIONS = sorted(
    (
        (path, method.upper())
        for path, methods in _DOCUMENT["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/v1/") and operation["operationId"] not in _ENDLESS
    ),
    key=lambda operation: operation[1] == "DELETE",  # the others want something to be there
)
_MAX_ITEMS = 3
_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@dataclass(frozen=True)
class _Subject:
    contract: BaseSchema
    briefly: BaseSchema
    session: requests.Session
    headers: dict[str, str]
    known: dict[str, str]


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Subject]:
    """A server with a player, a segment and a flag for requests that get past a look-up."""
    workspace = tmp_path_factory.mktemp("fuzz") / "workspace"
    application = make_application(workspace)
    with serving(workspace) as server, requests.Session() as session:
        headers = session.headers["X-API-Key"] = application.secret_key
        base = f"{server.url}/v1"
        player = session.post(f"{base}/players/players", json={"external_id": "known"}, timeout=90).json()["data"]
        leaf = {"field": "attributes.level", "operator": ">=", "value": 1}
        segment = {"id": "known", "conditions": {"operator": "AND", "conditions": [leaf]}}
        session.post(f"{base}/segments/segments", json=segment, timeout=90).raise_for_status()
        session.post(f"{base}/flags/flags", json={"key": "known"}, timeout=90).raise_for_status()
        known = {"player_id": player["id"], "external_id": "known", "id": "known", "key": "known"}
        contract, briefly = (
            schemathesis.openapi.from_dict(document) for document in (_DOCUMENT, _with_short_lists(_DOCUMENT))
        )
        contract.config.update(base_url=server.url)
        yield _Subject(contract, briefly, session, {"X-API-Key": str(headers)}, known)


def _with_short_lists(part: Any) -> Any:
    """The same contract with arrays of few items: longer ones take most of the time and meet nothing new."""
    if isinstance(part, list):
        return [_with_short_lists(item) for item in part]
    if not isinstance(part, dict):
        return part
    short = {name: _with_short_lists(item) for name, item in part.items()}
    if "items" in short:
        short["maxItems"] = min(short.get("maxItems", _MAX_ITEMS), _MAX_ITEMS)
    return short


@pytest.mark.parametrize(("path", "method"), _OPERATIONS)
def test_every_request_is_answered_as_promised(subject: _Subject, path: str, method: str) -> None:
    operation, promised = subject.briefly[path][method], subject.contract[path][method]
    cases = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=12,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, among_known=st.booleans())
    def send(case: schemathesis.Case, among_known: bool) -> None:
        if among_known:
            case.path_parameters = {name: subject.known[name] for name in case.path_parameters or {}}
            if isinstance(case.body, dict) and "player_id" in case.body:
                case.body["player_id"] = subject.known["player_id"]
        case.headers = {**(case.headers or {}), **subject.headers}
        case.operation = promised
        response = case.call(session=subject.session)
        case.validate_response(response, checks=_CHECKS)

    send()
