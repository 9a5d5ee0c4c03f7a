"""One operation of the player API in the contract, and the parts that operations share."""

from dataclasses import dataclass
from typing import Final

from console.players.values import INVALID_PLAYER_ID, MAX_ID_CHARS
from console.server.contract.parts import UUID, Json, answer, reference
from console.server.player_api.call import MAX_JSON_BYTES

EXAMPLE_ID: Final = "550e8400-e29b-41d4-a716-446655440000"
_REFUSALS: Final = {
    400: "The body, a parameter, or the HTTP around it is not valid; the message begins with the path of what is.",
    401: "The key is missing, unknown or revoked.",
    403: "The key or the web page may not do this.",
    404: "There is no such thing.",
    408: "The body did not arrive in time.",
    409: "Something else changed meanwhile, or depends on it.",
    413: f"The body is larger than {MAX_JSON_BYTES // 1024**2} MiB, as sent or after decompression.",
    415: "The content type is not JSON.",
    429: "More than the application's rate tier lets through; `Retry-After` says when to come back.",
    503: "It cannot be stored now; `Retry-After` says when to come back.",
}


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation, from which its part of the document is made.

    `data` is the schema of what the envelope holds, `answered` an example of it, and `statuses` are those of success.
    What is `repeatable` takes an idempotency key.
    """

    id: str
    tag: str
    summary: str
    data: Json
    description: str = ""
    secret: bool = False
    parameters: tuple[Json, ...] = ()
    body: str | Json | None = None
    body_required: bool = True
    example: object = None
    answered: object = None
    repeatable: bool = False
    statuses: tuple[int, ...] = (200,)
    refusals: tuple[int, ...] = ()

    def document(self) -> Json:
        """As OpenAPI has it."""
        operation: Json = {
            "tags": [self.tag],
            "operationId": self.id,
            "summary": self.summary,
            "description": self.description,
            "security": [{"secretApiKey": []}] if self.secret else [{"apiKey": []}],
            "parameters": [*self.parameters, *([_IDEMPOTENCY_KEY] if self.repeatable else [])],
        }
        refusals = {400, 401, 403, 429, 503, *self.refusals}
        if self.body is not None:
            schema = reference(self.body) if isinstance(self.body, str) else self.body
            content: Json = {"schema": schema}
            if self.example is not None:
                content["example"] = self.example
            operation["requestBody"] = {"required": self.body_required, "content": {"application/json": content}}
            refusals |= {408, 413, 415}
        operation["responses"] = {
            **{str(status): self._success(status) for status in self.statuses},
            **{str(status): _refusal(status) for status in sorted(refusals)},
        }
        return operation

    def _success(self, status: int) -> Json:
        example = None if self.answered is None else {"success": True, "data": self.answered}
        response = answer(_SUCCESSES[status], _enveloped(self.data), example)
        response["headers"] = dict(_LIMIT_HEADERS)
        if self.repeatable:
            response["headers"]["Idempotency-Replayed"] = reference_to_header("Idempotency-Replayed")
        return response


_SUCCESSES: Final = {200: "Done.", 201: "Recorded, or created."}


def reference_to_header(name: str) -> Json:
    """A header by its name."""
    return {"$ref": f"#/components/headers/{name}"}


# Of answers. A tier's stand only in those of applications that have limits.
HEADERS: Final[Json] = {
    "Retry-After": {
        "description": "Whole seconds to wait.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "RateLimit": {
        "description": "What the key has left, of applications whose tier has limits.",
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {"description": "The tier's limits.", "schema": {"type": "string"}},
    "Idempotency-Replayed": {
        "description": "The answer is the one that an earlier request of the same `Idempotency-Key` was given.",
        "schema": {"const": "true"},
    },
}
_LIMIT_HEADERS: Final[Json] = {name: reference_to_header(name) for name in ("RateLimit", "RateLimit-Policy")}
_IDEMPOTENCY_KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_ID_CHARS},
    "description": "Sent again with the same key and body, the request is answered as the first time.",
}
NAME: Final[Json] = {"type": "string", "minLength": 1}


def in_path(name: str, schema: Json, description: str) -> Json:
    """A variable segment of the path."""
    return {"name": name, "in": "path", "required": True, "schema": schema, "description": description}


def in_query(name: str, schema: Json, description: str) -> Json:
    """A parameter of the query string, which may be left out."""
    return {"name": name, "in": "query", "schema": schema, "description": description}


PLAYER_ID: Final[Json] = {**in_path("player_id", UUID, "The player's id."), "example": EXAMPLE_ID}


def _enveloped(data: Json) -> Json:
    return {
        "type": "object",
        "required": ["success", "data"],
        "properties": {"success": {"const": True}, "data": data},
    }


def _refusal(status: int) -> Json:
    response = answer(_REFUSALS[status], reference("PlayerApiError"), _INVALID if status == 400 else None)
    if status in (429, 503):
        response["headers"] = {"Retry-After": reference_to_header("Retry-After")}
    if status == 429:
        response["headers"] |= _LIMIT_HEADERS
    return response


_INVALID: Final[Json] = {"success": False, "error": {"code": "VALIDATION_ERROR", "message": INVALID_PLAYER_ID}}
