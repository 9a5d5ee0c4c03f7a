"""One call of the console API: what a handler is given, and how it refuses."""

from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from aiohttp import hdrs, web

from console.messages import ConsoleError
from console.server.body import BodyReader
from console.server.services import Services
from console.telemetry.filters import Filter, FilterProblem, Scope, parse

T = TypeVar("T")

MEDIA_TYPE = "application/msgpack"
JSON = "application/json"
MAX_BODY_BYTES = 1024 * 1024
MAX_NUMBER = 2**63 - 1  # what the databases hold


class Refused(Exception):
    """The call is answered with this status and a ConsoleError.

    `message` is one sentence, `hint` what to do, `path` where in the body the wrong value is.
    """

    def __init__(self, status: int, code: str, message: str, hint: str = "", path: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.error = ConsoleError(code=code, message=message, hint=hint, path=path)


@dataclass(frozen=True)
class Call:
    """`path` holds the variable segments of the route, in order. The services are the server's, whole."""

    services: Services
    request: web.Request
    path: tuple[str, ...]
    bodies: BodyReader

    def is_waited_for(self) -> bool:
        """Whether the caller is still there for the answer."""
        transport = self.request.transport
        return transport is not None and not transport.is_closing()

    def wants_json(self) -> bool:
        """Whether the caller asks for JSON in place of MessagePack: a script with curl, say."""
        return JSON in self.request.headers.get(hdrs.ACCEPT, "")

    async def body(self, kind: type[T]) -> T:
        """The body as a message. Raises Refused."""
        content = await self.bodies.read(self.request, MAX_BODY_BYTES)
        try:
            return msgspec.msgpack.decode(content, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Refused(400, "invalid_body", f"The body cannot be used: {error}.") from error

    async def params(self) -> dict[str, Any]:
        """The body as named parameters; none at all when there is no body. Raises Refused."""
        return await self.body(dict[str, Any]) if self.request.can_read_body else {}

    def text(self, name: str) -> str | None:
        """A value of the query string, None when it is not there. Raises Refused when it is given more than once."""
        values = self.request.query.getall(name, [])
        if len(values) > 1:
            raise Refused(400, "invalid_parameter", f"{name} is given {len(values)} times.", "Give it once.")
        return values[0] if values else None

    def number(self, name: str) -> int | None:
        """A whole number of the query string, None when it is not there. Raises Refused."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return max(0, min(int(text), MAX_NUMBER))
        except ValueError:
            raise Refused(400, "invalid_parameter", f"{name} must be a whole number, not {text[:40]!r}.") from None

    def count(self, name: str, default: int, *, most: int) -> int:
        """How many of something are asked for: at least one, and no more than there may be. Raises Refused."""
        number = self.number(name)
        return default if number is None else max(1, min(number, most))

    def flag(self, name: str) -> bool:
        """Whether a switch of the query string is on."""
        return self.text(name) not in (None, "", "0", "false")

    def filter(self, scope: Scope, *, now_us: int | None = None) -> Filter:
        """The filter of the query string, the empty one when it is not there. Raises Refused."""
        found = parse(self.text("filter") or "", scope, now_us=now_us)
        if isinstance(found, FilterProblem):
            hint = f"Did you mean {found.mend} ?" if found.mend else f"It is wrong at character {found.position + 1}."
            raise Refused(400, "invalid_filter", found.message, hint)
        return found

    def path_id(self) -> int:
        """The route's one segment as a number. Raises Refused."""
        try:
            return int(self.path[0])
        except ValueError:
            raise Refused(404, "not_found", f"{self.path[0][:40]!r} is not an id.") from None
