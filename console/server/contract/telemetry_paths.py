"""The routes of the telemetry API in the contract, made from the limits the code itself obeys."""

from typing import Final, get_args

from console.server.contract.parts import Json, answer
from console.server.contract.telemetry_schemas import ERROR_EXAMPLE, EVENT_EXAMPLES
from console.server.errors import ErrorCode
from console.server.telemetry_api import INGESTION_ROUTES
from console.server.uploads import MAX_MODEL_BYTES
from console.telemetry.events import (
    MAX_BATCH_EVENTS,
    MAX_BODY_BYTES,
    MAX_BODY_CONTAINERS,
    MAX_BODY_VALUES,
    MAX_EVENT_VALUES,
)

_MIB: Final = 1024 * 1024
_SECRET: Final[list[Json]] = [{"secretKey": []}, {"bearerSecret": []}]
_REFUSALS: Final = {
    400: "The body, or the HTTP around it, is not valid; `details` explains every bad item.",
    401: "The key is missing, unknown or revoked.",
    403: "The key or the web page may not do this, or an event is of another application.",
    404: "There is no such thing.",
    405: "The route does not answer this method; `Allow` names those it does.",
    408: "The body did not arrive in time.",
    413: "The body is too large, as sent or after decompression.",
    415: "The content type is not accepted; JSON never is.",
    429: "More requests per second than one address may send; `Retry-After` says when to come back.",
    501: "Switched off by design.",
    503: "The events cannot be stored now; `Retry-After` says when to come back.",
}


def telemetry_paths() -> Json:
    """Its routes, and those beside both APIs."""
    return {
        **{route: {"post": _ingestion(route)} for route in INGESTION_ROUTES},
        "/api/models": {"post": _models()},
        "/api/export": {"post": _start_export()},
        "/api/export/{id}": {"get": _export_state()},
        "/api/sql/select": {"post": _select()},
        "/healthz": {"get": _plain("Whether the process answers", "status", "ok")},
        "/readyz": {"get": _plain("Whether events can be stored", "status", "ready", unavailable=True)},
        "/metrics": {"get": _metrics()},
    }


def _ingestion(route: str) -> Json:
    first = INGESTION_ROUTES[0]
    limits = (
        f"At most {MAX_BATCH_EVENTS:,} events and {MAX_BODY_BYTES // _MIB} MiB after decompression; keys, scalars, "
        f"arrays and maps are values, of which an event may hold {MAX_EVENT_VALUES:,} and a body "
        f"{MAX_BODY_VALUES:,}, among them {MAX_BODY_CONTAINERS:,} arrays and maps. "
        "The kind of an event is inferred from its fields."
    )
    is_alias = route != first
    return {
        "tags": ["telemetry"],
        "operationId": "ingest_" + route.rpartition("/")[2],
        "summary": f"{route}, an alias" if is_alias else "Send one event or a batch",
        "description": f"The same as `{first}`: it takes every kind of event." if is_alias else limits,
        "security": [{"publicToken": []}, {"legacyPublicToken": []}],
        "parameters": [
            {
                "name": "Content-Encoding",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "enum": ["identity", "gzip", "deflate"]},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/msgpack": {
                    "schema": {
                        "oneOf": [
                            {"$ref": "#/components/schemas/Event"},
                            {
                                "type": "array",
                                "items": {"$ref": "#/components/schemas/Event"},
                                "minItems": 1,
                                "maxItems": MAX_BATCH_EVENTS,
                            },
                        ]
                    },
                    "examples": {
                        name: {"summary": name.replace("_", " "), "value": value}
                        for name, value in EVENT_EXAMPLES.items()
                    },
                }
            },
        },
        "responses": {
            "200": answer("Stored.", _constant("status", "queued"), {"status": "queued"}),
            **_refusals(400, 401, 403, 405, 408, 413, 415, 429, 503),
        },
    }


def _models() -> Json:
    text = {"type": "string", "minLength": 1}
    return {
        "tags": ["tools"],
        "operationId": "upload_model",
        "summary": "Upload the mesh of a level",
        "description": (
            f"GLB, self-contained glTF, OBJ, STL, PLY, OFF or COLLADA, at most {MAX_MODEL_BYTES // _MIB} MiB. "
            "A level keeps versions; the newest is active."
        ),
        "security": _SECRET,
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["app_name", "level_name", "model_file"],
                        "properties": {
                            "app_name": {**text, "description": "The name of the key's application."},
                            "level_name": {**text, "description": "The level_id that events carry."},
                            "model_file": {"type": "string", "contentMediaType": "application/octet-stream"},
                        },
                    }
                }
            },
        },
        "responses": {
            "200": answer("Stored.", {"$ref": "#/components/schemas/StoredModel"}),
            **_refusals(400, 401, 403, 405, 413, 429, 503),
        },
    }


def _start_export() -> Json:
    return {
        "tags": ["tools"],
        "operationId": "start_export",
        "summary": "Start an NDJSON export of everything recorded",
        "description": "One runs at a time: a second call returns the running one's id. Refused for foreign web pages.",
        "security": [{}],
        "responses": {
            "200": answer("Started.", {"$ref": "#/components/schemas/ExportStarted"}),
            **_refusals(403, 405, 429, 503),
        },
    }


def _export_state() -> Json:
    return {
        "tags": ["tools"],
        "operationId": "export_state",
        "summary": "How far an export is",
        "security": _SECRET,
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "responses": {
            "200": answer("Its state.", {"$ref": "#/components/schemas/Export"}),
            **_refusals(401, 403, 404, 405, 429),
        },
    }


def _select() -> Json:
    return {
        "tags": ["tools"],
        "operationId": "sql_select",
        "summary": "Switched off by design",
        "security": _SECRET,
        "responses": _refusals(401, 403, 405, 429, 501),
    }


def _plain(summary: str, name: str, value: str, *, unavailable: bool = False) -> Json:
    responses: Json = {"200": answer("Yes.", _constant(name, value), {name: value})}
    if unavailable:
        responses["503"] = answer(
            "No, and why.",
            {
                "type": "object",
                "required": ["status", "problem"],
                "properties": {"status": {"const": "unavailable"}, "problem": {"type": "string"}},
            },
        )
    return {
        "tags": ["operation"],
        "operationId": value,
        "summary": summary,
        "security": [{}],
        "responses": {**responses, **_refusals(403, 405)},
    }


def _metrics() -> Json:
    return {
        "tags": ["operation"],
        "operationId": "metrics",
        "summary": "Counters in the Prometheus text format, for this machine only",
        "security": [{}],
        "responses": {
            "200": {"description": "Counters.", "content": {"text/plain": {"schema": {"type": "string"}}}},
            **_refusals(403, 405),
        },
    }


def _refusals(*statuses: int) -> Json:
    responses: Json = {}
    for status in statuses:
        response = answer(_REFUSALS[status], {"$ref": "#/components/schemas/Error"})
        if status == 400:
            response["content"]["application/json"]["example"] = ERROR_EXAMPLE
        if status in (429, 503):
            response["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
        responses[str(status)] = response
    return responses


def _constant(name: str, value: str) -> Json:
    return {"type": "object", "required": [name], "properties": {name: {"const": value}}}


def error_schema() -> Json:
    """Of every refusal of the telemetry API."""
    detail = {
        "type": "object",
        "required": ["index", "path", "message", "hint"],
        "properties": {
            "index": {"type": ["integer", "null"], "description": "Which event of the batch."},
            "path": {"type": "string", "description": "Where in the body, such as $[3].position[1]."},
            "message": {"type": "string"},
            "hint": {"type": "string", "description": "How to mend it; may be empty."},
            "start": {"type": "integer", "description": "First byte of the bad value, in the decompressed body."},
            "end": {"type": "integer", "description": "The byte behind it."},
        },
    }
    return {
        "type": "object",
        "required": ["status", "error", "message", "details"],
        "properties": {
            "status": {"const": "error"},
            "error": {"type": "string", "enum": list(get_args(ErrorCode))},
            "message": {"type": "string", "description": "One sentence."},
            "details": {"type": "array", "maxItems": 20, "items": detail},
        },
    }
