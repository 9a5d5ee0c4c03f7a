"""The contract as one page of plain HTML: readable offline, without a script."""

from collections.abc import Iterator
from functools import cache
from html import escape
from string import Template
from typing import Any, Final

import msgspec

from console.resources import resource

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

Json = dict[str, Any]


@cache
def style_sheet() -> bytes:
    """The page's style sheet."""
    return resource("web/docs.css").read_bytes()


@cache
def script() -> bytes:
    """What sends the page's trial requests."""
    return resource("web/try.js").read_bytes()


def docs_page(document: Json) -> bytes:
    """An OpenAPI document as HTML in UTF-8. Every text in it is escaped."""
    template = Template(resource("web/docs.html").read_text("utf-8"))
    info = document["info"]
    return template.substitute(
        title=escape(info["title"]),
        version=escape(info["version"]),
        description=_prose(f"{info['summary']} {info['description']}"),
        contents="".join(_contents(document)),
        routes="".join(_routes(document)),
        schemas="".join(_schemas(document)),
    ).encode()


def _contents(document: Json) -> Iterator[str]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            anchor = escape(operation["operationId"])
            yield f'<li><a href="#{anchor}"><code>{method.upper()} {escape(path)}</code></a></li>'


def _routes(document: Json) -> Iterator[str]:
    for tag in document["tags"]:
        yield f"<h2>{escape(tag['name'].capitalize())}</h2><p>{_prose(tag['description'])}</p>"
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if tag["name"] in operation["tags"]:
                    yield from _operation(method, path, operation, document)


def _operation(method: str, path: str, operation: Json, document: Json) -> Iterator[str]:
    yield f'<section id="{escape(operation["operationId"])}">'
    yield f'<h3><span class="method {method}">{method.upper()}</span> <code>{escape(path)}</code></h3>'
    yield f"<p><strong>{escape(operation['summary'])}.</strong> {_prose(operation.get('description', ''))}</p>"
    yield f"<p>Key: {_keys(operation['security'], document)}</p>"
    yield _parameters(operation.get("parameters", []), document)
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"<h4>Body: <code>{escape(media_type)}</code></h4>"
        for example in content.get("examples", {}).values():
            yield f"<details><summary>{escape(example['summary'])}</summary>{_json(example['value'])}</details>"
        schema = _resolved(content["schema"], document)
        if "properties" in schema:
            yield _fields(schema)
    yield "<h4>Answers</h4><table><thead><tr><th>Status</th><th>Meaning</th></tr></thead><tbody>"
    for status, response in operation["responses"].items():
        yield f"<tr><td><code>{escape(status)}</code></td><td>{_prose(response['description'])}</td></tr>"
    yield "</tbody></table></section>"


def _parameters(parameters: list[Json], document: Json) -> str:
    rows = ""
    for given in parameters:
        parameter = _resolved(given, document)
        name = f"<code>{escape(parameter['name'])}</code>{' *' if parameter.get('required') else ''}"
        description = _prose(parameter.get("description", ""))
        rows += f"<tr><td>{name}</td><td>{escape(parameter['in'])}</td><td>{description}</td></tr>"
    head = "<h4>Parameters</h4><table><thead><tr><th>Name</th><th>In</th><th></th></tr></thead><tbody>"
    return f"{head}{rows}</tbody></table>" if rows else ""


def _resolved(item: Json, document: Json) -> Json:
    """What a reference leads to; anything else is itself."""
    if "$ref" not in item:
        return item
    found: Any = document
    for part in item["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    assert isinstance(found, dict)
    return found


def _keys(security: list[Json], document: Json) -> str:
    schemes = document["components"]["securitySchemes"]
    names = []
    for entry in security:
        for name in entry:
            scheme = schemes[name]
            header = scheme.get("name", "Authorization: Bearer")
            names.append(f"<code>{escape(header)}</code> ({_prose(scheme['description'].rstrip('.'))})")
    return ", or ".join(names) or "none"


def _schemas(document: Json) -> Iterator[str]:
    for name, schema in document["components"]["schemas"].items():
        if "properties" in schema:
            yield f'<section id="schema-{escape(name)}"><h3>{escape(name)}</h3>'
            yield f"<p>{_prose(schema.get('description', ''))}</p>{_fields(schema)}</section>"


def _fields(schema: Json) -> str:
    required = set(schema.get("required", ()))
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code>{' *' if name in required else ''}</td>"
        f"<td>{escape(_type(field))}</td><td>{_prose(field.get('description', ''))}</td></tr>"
        for name, field in schema["properties"].items()
    )
    return f"<table><thead><tr><th>Field</th><th>Type</th><th></th></tr></thead><tbody>{rows}</tbody></table>"


def _type(field: Json) -> str:
    if "const" in field:
        return f'"{field["const"]}"'
    if "enum" in field:
        return " | ".join(str(value) for value in field["enum"])
    kind = field.get("type", "any")
    if kind == "array":
        return f"array of {_type(field.get('items', {}))}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _json(value: Any) -> str:
    text = msgspec.json.format(msgspec.json.encode(value)).decode()
    return f"<pre>{escape(text)}</pre>"


def _prose(text: str) -> str:
    """Escaped text, `code` in backquotes marked as such."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
