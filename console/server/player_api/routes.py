"""The player API's routes: which key each needs, and who answers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from console.messages import KeyKind
from console.server.player_api.call import Call
from console.server.routing import RouteTable

Handler = Callable[[Call], Awaitable[web.StreamResponse]]

PREFIX: Final = "/v1"
_AREAS: Final = ("players", "events", "flags", "segments")


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of a route.

    `key` is the least that its key must be: a secret one does all. `events` are what a call costs of the tier's events
    before its body is read. `pages` opens it to allowed web pages; those with a public key are open anyway.
    """

    handler: Handler
    key: KeyKind
    events: int = 0
    pages: bool = False

    @property
    def open_to_pages(self) -> bool:
        """Whether web pages of allowed origins may call."""
        return self.pages or self.key == "public"


class PlayerRoute:
    """One path and its methods."""

    def __init__(self, pattern: str, operations: Mapping[str, Operation]) -> None:
        self.pattern = pattern
        self._operations = dict(operations)
        if "GET" in operations:
            self._operations.setdefault("HEAD", operations["GET"])
        self.methods = tuple(operations)
        self.page_methods = tuple(name for name, operation in operations.items() if operation.open_to_pages)

    def operation(self, method: str) -> Operation | None:
        """HEAD is answered as GET is."""
        return self._operations.get(method)

    @property
    def allow(self) -> str:
        """The value of an Allow header."""
        return ", ".join([*self._operations, *(["OPTIONS"] if self.page_methods else [])])


def public(handler: Handler, *, events: int = 0) -> Operation:
    """An operation for game clients."""
    return Operation(handler=handler, key="public", events=events)


def secret(handler: Handler, *, pages: bool = False) -> Operation:
    """An operation for servers and tools."""
    return Operation(handler=handler, key="secret", pages=pages)


def table_of(*groups: Mapping[str, Mapping[str, Operation]]) -> RouteTable[PlayerRoute]:
    """One table of the routes of several handler classes, by pattern below `/v1`."""
    table: RouteTable[PlayerRoute] = RouteTable()
    for group in groups:
        for pattern, operations in group.items():
            path = PREFIX + pattern
            table.add(path, PlayerRoute(path, operations))
    return table


def likely_path(path: str, table: RouteTable[PlayerRoute]) -> str | None:
    """The route that was meant: guesses leave out a doubled segment, or double one that is single."""
    _, _, rest = path.partition("/v1/")
    area, _, tail = (rest or path.strip("/")).partition("/")
    if area not in _AREAS:
        return None
    tails = [tail, f"{area}/{tail}", tail.removeprefix(f"{area}/")]
    candidates = [f"{PREFIX}/{area}/{tail}".rstrip("/") for tail in tails]
    return next((candidate for candidate in candidates if candidate != path and table.find(candidate)), None)
