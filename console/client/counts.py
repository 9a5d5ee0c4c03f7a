"""The console API's calls about what came in since a mark, for tests of games."""

from console.client.calls import Calls
from console.messages.counts import Counts, Mark


class CountCalls(Calls):
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
