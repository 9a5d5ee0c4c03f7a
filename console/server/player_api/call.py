"""One call of the player API: what a handler is given, and how it answers."""

from typing import Any, Final, TypeVar

from aiohttp import HttpVersion11, hdrs, web
from multidict import istr

from console.messages import ErrorDetail
from console.players.json_bodies import decode_json
from console.players.values import INVALID_PLAYER_ID, MAX_ID_CHARS, InvalidValue, player_uuid
from console.server.admission import Grant
from console.server.body import BodyReader, announced_bytes, content_coding, decompressed, read_arrived, too_large
from console.server.errors import ApiError
from console.server.exchange import AnswerHeads, Exchange, json_response
from console.server.player_api.tiers import Tiers
from console.server.player_json import success_body
from console.server.player_sources import Answer, Source

T = TypeVar("T")

MAX_JSON_BYTES: Final = 1024 * 1024
_IDEMPOTENCY_KEY: Final = istr("Idempotency-Key")
_JSON_MEDIA_TYPES: Final = frozenset({"", "application/json", "text/json"})


class Call:
    """A request that passed every check that needs no body, with its key's grant.

    `values` holds the variable segments of the path, decoded.
    """

    __slots__ = ("_bodies", "_tiers", "exchange", "grant", "heads", "values")

    def __init__(
        self,
        exchange: Exchange,
        grant: Grant,
        values: dict[str, str],
        *,
        bodies: BodyReader,
        tiers: Tiers,
        heads: AnswerHeads,
    ) -> None:
        self.exchange = exchange
        self.grant = grant
        self.values = values
        self._bodies = bodies
        self._tiers = tiers
        self.heads = heads

    @property
    def app_id(self) -> str:
        """The application of the key: nothing of another one may be seen or changed."""
        return self.grant.app_id

    @property
    def is_secret(self) -> bool:
        """Whether the key may see what players would not want shown."""
        return self.grant.kind == "secret"

    @property
    def now_us(self) -> int:
        """When the request came in, µs since 1970-01-01 UTC."""
        return self.exchange.received_at_us

    def player_id(self, name: str = "player_id") -> str:
        """A variable segment that is a player's id. Raises InvalidValue."""
        return player_uuid(self.values[name])

    def query(self, name: str) -> str | None:
        """A value of the query string, None when it is not there.

        Raises ApiError 400 when it is given more than once: whichever was taken, it might be the other that was meant.
        """
        values = self.exchange.request.query.getall(name, [])
        if len(values) > 1:
            raise invalid(f"is given {len(values)} times: give it once", name)
        return values[0] if values else None

    def switch(self, name: str) -> bool:
        """Whether a switch of the query string is on (`?explain=1`)."""
        return self.query(name) not in (None, "", "0", "false")

    def count(self, name: str, default: int, *, most: int) -> int:
        """How many of something are asked for. Raises ApiError 400."""
        text = self.query(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= most):
            raise invalid(f"{name} must be a whole number from 1 to {most}, not {text[:40]!r}")
        return int(text)

    async def body(self, kind: type[T]) -> T:
        """The JSON body as a value of a type. Raises ApiError 415, 413, 408, 400, and InvalidValue."""
        return decode_json(await self.body_bytes(), kind)

    async def optional_body(self, kind: type[T]) -> T | None:
        """As `body`; None when nothing was sent."""
        content = await self.body_bytes(optional=True)
        return decode_json(content, kind) if content else None

    async def body_bytes(self, *, optional: bool = False) -> bytes:
        """The body, decompressed, after a look at its content type.

        Raises ApiError: 415 when it is not JSON, 413 over 1 MiB, 408, 400.
        """
        exchange = self.exchange
        request = exchange.request
        content = request.content
        arrived = content.is_eof() and hdrs.CONTENT_ENCODING not in request.headers
        if request.headers.get(hdrs.CONTENT_TYPE) != "application/json" and not (optional and _is_empty(request)):
            check_media_type(request)
        if arrived:
            body = read_arrived(request, MAX_JSON_BYTES)
            exchange.wire_bytes = len(body)
        else:
            body = await self._read()
        exchange.body = body
        if not body and not optional:
            raise ApiError(400, "empty_payload", "The body is empty: send a JSON object.")
        return body

    async def _read(self) -> bytes:
        """The body of a request that is compressed or has not arrived whole."""
        try:
            return await self._read_and_undo()
        except ApiError as error:
            if error.status == 400:
                error.code = "bad_request"  # about the transfer: nobody has looked at the content
            raise

    async def _read_and_undo(self) -> bytes:
        exchange = self.exchange
        request = exchange.request
        coding = content_coding(request)
        if announced_bytes(request) > MAX_JSON_BYTES:
            raise too_large(MAX_JSON_BYTES)
        exchange.invite_body()
        wire = await self._bodies.read(request, MAX_JSON_BYTES)
        exchange.wire_bytes = len(wire)
        if not coding:
            return wire
        exchange.body = wire  # what a broken body looked like, if it cannot be decompressed
        return await decompressed(wire, coding, MAX_JSON_BYTES)

    def source(self) -> Source:
        """This request as one that wants something changed. Raises ApiError 400 for a bad Idempotency-Key."""
        exchange = self.exchange
        key = exchange.request.headers.get(_IDEMPOTENCY_KEY)
        if key is not None and not (0 < len(key) <= MAX_ID_CHARS and key.isascii() and key.isprintable()):
            raise invalid(f"must be 1 to {MAX_ID_CHARS} printable ASCII characters", "Idempotency-Key")
        return Source(
            request=exchange.request,
            received_at_us=exchange.received_at_us,
            route=exchange.target,
            grant=self.grant,
            body=exchange.body,
            wire_bytes=exchange.wire_bytes,
            idempotency_key=key,
        )

    def take_events(self, count: int) -> None:
        """Count events against the key's tier. Raises ApiError 429, or 400 for more than it ever lets through."""
        grant = self.grant
        if grant.tier == "enterprise":
            return
        try:
            self._tiers.take_events(grant.key_id, grant.tier, count)
        finally:
            self.exchange.headers = self._tiers.headers(grant.key_id, grant.tier)


def answered(call: Call, answer: Answer) -> web.StreamResponse:
    """What was decided, journaled and applied: the bytes that the journal holds, if anything was recorded."""
    exchange = call.exchange
    exchange.journaled = answer.events > 0
    request = exchange.request
    if (
        exchange.journaled
        and not exchange.headers
        and exchange.allowed_origin is None
        and request.version is HttpVersion11
        and request.keep_alive
    ):
        return call.heads.response(answer.status, answer.body, exchange.received_at_us)
    headers = {"Idempotency-Replayed": "true"} if answer.replayed else None
    return json_response(exchange, answer.status, answer.body, headers)


def reply(call: Call, data: Any, status: int = 200) -> web.Response:
    """`{"success":true,"data":…}`."""
    return json_response(call.exchange, status, success_body(data))


def invalid(message: str, path: str = "") -> ApiError:
    """400 for a value that cannot be used; `path` leads to it in the body."""
    return ApiError(400, "invalid_value", f"{path}: {message}" if path else message)


def refusal_of(error: InvalidValue) -> ApiError:
    """400 for a value of the request; its path is told to people who look at the request, too."""
    return ApiError(
        400, "invalid_value", message_of(error), details=[ErrorDetail(path=error.path, message=error.message)]
    )


def message_of(error: ApiError | InvalidValue) -> str:
    """What is answered: the path, and what is wrong there. One message is documented without a path."""
    if isinstance(error, ApiError) or error.message == INVALID_PLAYER_ID:
        return error.message
    return str(error)


def not_found(message: str) -> ApiError:
    """404 for something that would be there under another id."""
    return ApiError(404, "not_found", message)


def check_media_type(request: web.Request) -> None:
    """JSON by any of its names, or no type at all. Raises ApiError 415."""
    media_type = request.headers.get(hdrs.CONTENT_TYPE, "").partition(";")[0].strip().lower()
    if media_type in _JSON_MEDIA_TYPES or (media_type.startswith("application/") and media_type.endswith("+json")):
        return
    raise ApiError(
        415,
        "unsupported_media_type",
        f"The content type {media_type[:100]!r} is not accepted: send JSON, with Content-Type: application/json.",
    )


def _is_empty(request: web.Request) -> bool:
    return request.content.at_eof() or request.content_length == 0
