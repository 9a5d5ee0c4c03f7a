"""Health, metrics, and the contract for tools and people."""

import re
from html.parser import HTMLParser
from typing import Any

import msgpack
import pytest

from console.server.contract.document import openapi_document
from console.server.contract.telemetry_schemas import EVENT_EXAMPLES
from console.server.docs_fields import Fields
from console.server.docs_page import docs_page
from console.server.metrics import ApiMetrics
from tests.server.harness import Server

METRIC_LINE = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+')


async def test_health(server: Server) -> None:
    assert (await server.request("GET", "/healthz")).json == {"status": "ok"}
    assert (await server.request("GET", "/readyz")).json == {"status": "ready"}
    assert (await server.request("HEAD", "/healthz")).status == 200


async def test_not_ready_while_the_journal_cannot_write(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.services.journal, "_problem", "The disk is full.")
    reply = await server.request("GET", "/readyz")
    assert (reply.status, reply.json) == (503, {"status": "unavailable", "problem": "The disk is full."})


async def test_metrics_count_what_was_answered(server: Server) -> None:
    await server.ingest(server.body(server.event(), server.event()))
    await server.ingest(b"\xc1")
    await server.request("GET", "/api/a-path-of-its-own")
    reply = await server.request("GET", "/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = reply.body.decode().splitlines()
    assert "playtest_ingest_requests_total 1" in lines
    assert "playtest_ingest_events_total 2" in lines
    assert 'playtest_responses_total{route="/api/events",status="400"} 1' in lines
    assert 'playtest_responses_total{route="(unknown)",status="404"} 1' in lines
    assert "playtest_ingest_duration_seconds_count 1" in lines
    assert all(line.startswith("# ") or METRIC_LINE.fullmatch(line) for line in lines)


async def test_metrics_are_for_this_machine(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.server.pages.is_loopback", lambda address: False)
    assert (await server.request("GET", "/metrics")).status == 403


def test_the_histogram_counts_each_duration_once() -> None:
    metrics = ApiMetrics()
    for secs in (0.0005, 0.001, 0.003, 9.0):
        metrics.took(secs)
    lines = metrics.lines()
    assert 'playtest_ingest_duration_seconds_bucket{le="0.001"} 2' in lines
    assert 'playtest_ingest_duration_seconds_bucket{le="2.5"} 3' in lines
    assert 'playtest_ingest_duration_seconds_bucket{le="+Inf"} 4' in lines


async def test_the_contract_names_every_route_that_answers(server: Server) -> None:
    document = (await server.request("GET", "/openapi.json")).json
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method in methods:
            reply = await server.request(method.upper(), path.replace("{id}", "unknown"))
            assert str(reply.status) in methods[method]["responses"], (method, path, reply.status)


def test_every_reference_of_the_contract_leads_somewhere() -> None:
    document = openapi_document()
    references = set(re.findall(r"'\$ref': '([^']+)'", str(document)))
    assert references
    for reference in references:
        target: Any = document
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
    operations = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(operations) == len(set(operations))


@pytest.mark.parametrize("name", EVENT_EXAMPLES)
async def test_the_examples_of_the_contract_are_accepted(server: Server, name: str) -> None:
    reply = await server.ingest(msgpack.packb({**EVENT_EXAMPLES[name], "app_id": server.app_id}))
    assert reply.status == 200, reply.body


async def test_the_page_loads_nothing_from_elsewhere(server: Server) -> None:
    reply = await server.request("GET", "/docs")
    policy = reply.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page = reply.body.decode()
    assert "/api/events" in page
    links = Links()
    links.feed(page)
    assert links.scripts == 1  # its own
    assert all(link.startswith(("#", "/")) for link in links.links)
    script = await server.request("GET", "/docs/try.js")
    assert script.headers["content-type"].startswith("text/javascript")
    style = await server.request("GET", "/docs/style.css")
    assert style.headers["content-type"].startswith("text/css")
    assert b"url(" not in style.body
    assert b"@import" not in style.body


async def test_the_bare_address_leads_to_the_page(server: Server) -> None:
    reply = await server.request("GET", "/")
    assert (reply.status, reply.headers["location"]) == (302, "/docs")


def test_texts_of_the_contract_are_escaped() -> None:
    document = openapi_document()
    document["info"]["summary"] = "<script>alert(1)</script>"
    assert b"<script>" not in docs_page(document)


def test_the_page_leads_to_every_operation_and_shape_it_names() -> None:
    document = openapi_document()
    page = docs_page(document).decode()
    anchors = re.findall(r'id="([^"]+)"', page)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(anchors)
    operations = {operation["operationId"] for path in document["paths"].values() for operation in path.values()}
    assert operations <= set(anchors)


def test_a_body_unfolds_to_its_innermost_fields_once() -> None:
    page = docs_page(openapi_document()).decode()
    (section,) = re.findall(r'<section class="operation" id="create_flag">.*?</section>', page, re.DOTALL)
    assert section.count("Fields of Rule") == 1
    assert section.count("Fields of ConditionGroup") == 1  # which holds further ones of its kind
    assert "<code>within_last</code>" in section


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"type": "string", "minLength": 1, "maxLength": 9}, "string, 1–9 characters"),
        ({"type": "string", "minLength": 1}, "string, not empty"),
        ({"type": "array", "items": {"type": "string"}, "maxItems": 5000}, "array of string, at most 5,000 items"),
        ({"type": ["number", "null"], "minimum": 0, "maximum": 100}, "number or null, 0–100"),
        ({"type": "integer", "minimum": 0}, "integer, at least 0"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1e9}, "number, at most 1,000,000,000, more than 0"),
        ({"type": "string", "format": "uuid"}, "string (uuid)"),
        ({"type": "boolean", "default": False}, "boolean, default <code>false</code>"),
        ({"const": True}, "<code>true</code>"),
        ({"anyOf": [{"$ref": "#/a/<b>"}, {"type": "null"}]}, '<a href="#schema-&lt;b&gt;">&lt;b&gt;</a> or null'),
        ({}, "any JSON value"),
    ],
)
def test_a_value_is_described_in_a_few_words(schema: dict[str, Any], said: str) -> None:
    document: dict[str, Any] = {"a": {"<b>": {"type": "object"}}}
    assert f'<p class="kind">{said}</p>' in Fields(document).table({"properties": {"value": schema}})


class Links(HTMLParser):
    """Everything a browser would load."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.links.extend(value for name, value in attrs if name in {"href", "src"} and value)
