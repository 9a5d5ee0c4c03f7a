"""The contract as one page of plain HTML: readable offline, without a script."""

from collections.abc import Iterator
from functools import cache
from html import escape
from itertools import groupby
from string import Template
from typing import Any, Final

import msgspec

from console.resources import resource
from console.server.docs_fields import Fields, Json, prose

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PLAYER_API: Final = "/v1/"
_STAND_INS: Final = {"publicToken": "PUBLIC_KEY", "apiKey": "PUBLIC_KEY"}


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
    page = _Page(document)
    return template.substitute(
        title=escape(info["title"]),
        version=escape(info["version"]),
        summary=prose(info["summary"]),
        description=prose(info["description"]),
        contents="".join(page.contents()),
        routes="".join(page.routes()),
        schemas="".join(page.schemas()),
    ).encode()


class _Page:
    """The parts of the page that follow from the document."""

    def __init__(self, document: Json) -> None:
        self._document = document
        self._fields = Fields(document)

    def contents(self) -> Iterator[str]:
        """The operations for the navigation, by tag."""
        for tag in self._document["tags"]:
            yield f"<h2>{escape(tag['name'].capitalize())}</h2><ul>"
            for path, method, operation in self._operations(tag["name"]):
                yield (
                    f'<li><a href="#{escape(operation["operationId"])}" title="{escape(path)}">'
                    f"{_method(method)}<span>{escape(operation['summary'])}</span></a></li>"
                )
            yield "</ul>"

    def routes(self) -> Iterator[str]:
        """Every operation, by tag."""
        for tag in self._document["tags"]:
            yield f'<h2 class="tag">{escape(tag["name"].capitalize())}</h2><p>{prose(tag["description"])}</p>'
            for path, method, operation in self._operations(tag["name"]):
                yield from self._operation(path, method, operation)

    def schemas(self) -> Iterator[str]:
        """What other parts of the page refer to by name."""
        for name, schema in self._document["components"]["schemas"].items():
            yield f'<section class="schema" id="schema-{escape(name)}"><h3>{escape(name)}</h3>'
            yield f"<p>{prose(schema.get('description', ''))}</p>"
            yield self._fields.table(schema) or f'<p class="kind">{self._fields.kind(schema)}</p>'
            yield "</section>"

    def _operations(self, tag: str) -> Iterator[tuple[str, str, Json]]:
        for path, methods in self._document["paths"].items():
            for method, operation in methods.items():
                if tag in operation["tags"]:
                    yield path, method, operation

    def _operation(self, path: str, method: str, operation: Json) -> Iterator[str]:
        yield f'<section class="operation" id="{escape(operation["operationId"])}"><div class="text">'
        yield f"<h3>{escape(operation['summary'])}</h3>"
        yield f'<p class="route">{_method(method)}<code>{escape(path)}</code></p>'
        if operation.get("description"):
            yield f"<p>{prose(operation['description'])}</p>"
        yield f'<p class="security">{self._keys(operation["security"])}</p>'
        parameters = self._fields.parameters(operation.get("parameters", []))
        if parameters:
            yield f"<h4>Parameters</h4>{parameters}"
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            yield from self._body(media_type, content, required=operation["requestBody"].get("required", False))
        yield from self._answers(operation["responses"])
        yield f'</div><div class="side">{self._example(path, method, operation)}</div></section>'

    def _body(self, media_type: str, content: Json, *, required: bool) -> Iterator[str]:
        optional = "" if required else ", may be left out"
        yield f"<h4>Body <code>{escape(media_type)}</code>{optional}</h4>"
        schema = content["schema"]
        whole = self._fields.resolved(schema)
        named = schema["$ref"].rpartition("/")[2] if "$ref" in schema else ""
        if whole.get("description"):
            yield f"<p>{prose(whole['description'])}</p>"
        table = self._fields.table(whole, (named,) if named else ())
        yield table or f'<p class="kind">{self._fields.kind(schema)}</p>{self._fields.nested(schema, ())}'

    def _answers(self, responses: Json) -> Iterator[str]:
        """Successes with what they hold; refusals folded away: they are much the same everywhere."""
        successes = {status: response for status, response in responses.items() if status < "300"}
        if successes:
            yield '<h4>Answers</h4><table class="fields"><tbody>'
            for held, alike in groupby(successes.items(), lambda item: self._held(item[1])):
                statuses, responses_alike = zip(*alike, strict=True)
                codes = " ".join(f"<code>{escape(status)}</code>" for status in statuses)
                said = "<br>".join(prose(response["description"]) for response in responses_alike)
                yield f'<tr><th scope="row">{codes}</th><td><p>{said}</p>{held}</td></tr>'
            yield "</tbody></table>"
        refusals = {status: response for status, response in responses.items() if status not in successes}
        codes = " ".join(f"<code>{escape(status)}</code>" for status in refusals)
        yield f'<details class="refusals"><summary>Refusals {codes}</summary><table class="fields"><tbody>'
        for status, response in refusals.items():
            yield f'<tr><th scope="row"><code>{escape(status)}</code></th>'
            yield f"<td><p>{prose(response['description'])}</p></td></tr>"
        yield "</tbody></table></details>"

    def _held(self, response: Json) -> str:
        """What an answer holds, without the envelope of the player API."""
        found = ""
        for media_type, content in response.get("content", {}).items():
            schema = content["schema"]
            data = schema.get("properties", {}).get("data")
            kind = f"<code>data</code>: {self._fields.kind(data)}" if data else self._fields.kind(schema)
            shown = kind if media_type == "application/json" else f"<code>{escape(media_type)}</code>"
            found += f'<p class="kind">{shown}</p>{self._fields.nested(data or schema)}'
        return found

    def _keys(self, security: list[Json]) -> str:
        schemes = self._document["components"]["securitySchemes"]
        known = [schemes[name] for entry in security for name in entry]
        if not known:
            return "No key."
        return "<br>".join(
            f"<code>{escape(scheme.get('name', 'Authorization: Bearer'))}</code> {prose(scheme['description'])}"
            for scheme in known
        )

    def _example(self, path: str, method: str, operation: Json) -> str:
        """A command that sends the example, and an answer to it."""
        body = operation.get("requestBody", {}).get("content", {})
        found = ""
        if "application/msgpack" in body:
            for index, example in enumerate(body["application/msgpack"]["examples"].values()):
                summary = f"<summary>{escape(example['summary'].capitalize())}, as JSON</summary>"
                found += f"<details{'' if index else ' open'}>{summary}{_pre(_pretty(example['value']))}</details>"
        else:
            found = _pre(self._command(path, method, operation, body))
        for status, response in operation["responses"].items():
            if status >= "300":
                break
            content: Json = next(iter(response.get("content", {}).values()), {})
            if "example" in content:
                given = content["example"]
                shown = given if isinstance(given, str) else _pretty(given)
                return f"{found}<details><summary>An answer</summary>{_pre(shown)}</details>"
        return found

    def _command(self, path: str, method: str, operation: Json, body: Json) -> str:
        query = []
        for given in operation.get("parameters", []):
            parameter = self._fields.resolved(given)
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", str(parameter.get("example", parameter["name"])))
            elif parameter["in"] == "query" and parameter.get("required"):
                query.append(f"{parameter['name']}={parameter.get('example', '')}")
        server = self._document["servers"][path.startswith(_PLAYER_API)]["url"]
        url = f"{server}{path}" + (f"?{'&'.join(query)}" if query else "")
        is_stream = "text/event-stream" in operation["responses"].get("200", {}).get("content", {})
        options = "-N " if is_stream else "" if method == "get" else f"-X {method.upper()} "
        parts = [f"curl {options}'{url}'"]
        for name in next(iter(operation["security"]), {}):
            scheme = self._document["components"]["securitySchemes"][name]
            parts.append(f"-H '{scheme['name']}: {_STAND_INS.get(name, 'SECRET_KEY')}'")
        for media_type, content in body.items():
            if media_type == "multipart/form-data":
                properties = content["schema"]["properties"]
                parts += [f"-F {n}={'@FILE' if 'contentMediaType' in f else 'TEXT'}" for n, f in properties.items()]
            else:
                parts += [f"-H 'Content-Type: {media_type}'", f"-d '{_pretty(content['example'])}'"]
        return " \\\n  ".join(parts)


def _method(method: str) -> str:
    return f'<span class="method {escape(method)}">{escape(method.upper())}</span>'


def _pretty(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _pre(text: str) -> str:
    return f"<pre>{escape(text)}</pre>"
