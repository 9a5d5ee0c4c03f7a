"""What every part of the console API's client is made with: one call, asked and answered."""

from abc import ABC, abstractmethod
from typing import Any, TypeVar

import aiohttp

T = TypeVar("T")

# Patience for a busy machine, and for a window that paints for seconds before it looks at its sockets: a server that is
# gone refuses at once, and the feed tells of one that is frozen.
_CONNECT_SECS = 30
# A page of rows with positions; an export or a mesh is longer and has no total limit.
TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=_CONNECT_SECS)
UNLIMITED = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECS)
# Whoever stops a server that does not listen has other means.
BRIEF = aiohttp.ClientTimeout(total=10)


class Calls(ABC):
    """A part of the ConsoleClient: it knows routes and types, the client knows how to reach the server."""

    @abstractmethod
    async def _ask(
        self,
        method: str,
        path: str,
        answer_type: type[T] | None,
        *,
        body: Any = None,
        form: aiohttp.FormData | None = None,
        query: dict[str, str] | None = None,
        limits: aiohttp.ClientTimeout = TIMEOUT,
    ) -> T:
        """One call; `answer_type` None is for those that answer nothing.

        Raises ConsoleUnavailable where no server answers, ConsoleRefused where it refuses.
        """
