"""The error shapes of the documented APIs: what a client reads when a request is refused."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from console.messages import ErrorDetail

ErrorCode = Literal[
    "empty_payload",
    "invalid_msgpack",
    "invalid_event",
    "batch_too_large",
    "missing_token",
    "invalid_token",
    "forbidden",
    "app_scope_mismatch",
    "unsupported_media_type",
    "payload_too_large",
    "rate_limited",
    "sql_unavailable",
    "storage_unavailable",
    "model_invalid",
    "not_found",
    # Not about telemetry but about HTTP itself.
    "bad_request",
    "method_not_allowed",
    "request_timeout",
    "internal_error",
]

MAX_DETAILS = 20

# The player API has fewer codes: its `message` says the rest.
_PLAYER_CODES = {401: "UNAUTHORIZED", 403: "UNAUTHORIZED", 404: "NOT_FOUND", 429: "RATE_LIMIT_EXCEEDED"}


class ApiError(Exception):
    """A refused request: status, code, and one sentence for people.

    `close` ends the connection after the answer: for a client that cannot be understood or waited for any longer.
    """

    def __init__(
        self,
        status: int,
        code: ErrorCode | str,
        message: str,
        *,
        details: Sequence[ErrorDetail] = (),
        headers: Mapping[str, str] | None = None,
        close: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.headers = dict(headers or {})
        self.close = close

    @property
    def first_line(self) -> str:
        """What a table shows: the first detail when there is one, else the message."""
        if not self.details:
            return self.message
        first = self.details[0]
        return f"{first.path}: {first.message}" if first.path != "$" else first.message


def refused_for_now(status: Literal[429, 503], code: ErrorCode, message: str, retry_after_secs: float) -> ApiError:
    """A refusal that ends by itself. `Retry-After` is in whole seconds, at least one (RFC 9110, 10.2.3)."""
    return ApiError(status, code, message, headers={"Retry-After": str(max(1, math.ceil(retry_after_secs)))})


class _Problem(Protocol):
    """What the telemetry domain says of one bad value."""

    @property
    def index(self) -> int | None: ...
    @property
    def path(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def hint(self) -> str: ...
    @property
    def start(self) -> int | None: ...
    @property
    def end(self) -> int | None: ...


def details_of(problems: Iterable[_Problem]) -> list[ErrorDetail]:
    """The domain's problems as they cross the console API."""
    return [
        ErrorDetail(index=p.index, path=p.path, message=p.message, hint=p.hint, start=p.start, end=p.end)
        for p in problems
    ]


def telemetry_error_body(error: ApiError) -> bytes:
    """`{"status":"error","error","message","details":[…]}`: at most 20 details, each with its four documented keys.

    `start` and `end`, where known, are the byte range in the decompressed body.
    """
    details: list[dict[str, object]] = []
    for detail in error.details[:MAX_DETAILS]:
        shown: dict[str, object] = {
            "index": detail.index,
            "path": detail.path,
            "message": detail.message,
            "hint": detail.hint,
        }
        if detail.start is not None:
            shown["start"], shown["end"] = detail.start, detail.end
        details.append(shown)
    return msgspec.json.encode({"status": "error", "error": error.code, "message": error.message, "details": details})


def player_error_body(error: ApiError) -> bytes:
    """`{"success":false,"error":{"code","message"}}`."""
    return msgspec.json.encode(
        {"success": False, "error": {"code": player_code(error.status), "message": error.message}}
    )


def player_code(status: int) -> str:
    """The player API's code for a status."""
    return _PLAYER_CODES.get(status, "INTERNAL_ERROR" if status >= 500 else "VALIDATION_ERROR")
