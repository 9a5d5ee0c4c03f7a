"""The console API's calls about what came in since a mark, for tests of games."""

from abc import abstractmethod
from typing import Any, TypeVar

from console.messages.counts import Counts, Mark

T = TypeVar("T")


class CountCalls:
    """The part of the ConsoleClient that counts from a mark. Nothing that was recorded is ever taken away."""

    async def mark(self) -> Mark:
        """The mark that was set last; the beginning of the recording when none was."""
        return await self._ask("GET", "/mark", Mark)

    async def set_mark(self) -> Mark:
        """Count from now on. What was answered before this call is before the mark."""
        return await self._ask("POST", "/mark", Mark)

    async def counts(self, since: Mark | None = None) -> Counts:
        """What came in since a mark, or since the one that was set last; all that was answered before this call."""
        return await self._ask("GET", "/counts", Counts, query={} if since is None else {"since": since.text})

    @abstractmethod
    async def _ask(
        self,
        method: str,
        path: str,
        answer_type: type[T] | None,
        *,
        body: Any = None,
        query: dict[str, str] | None = None,
    ) -> T:
        """One call."""
