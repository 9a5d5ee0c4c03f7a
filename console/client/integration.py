"""The console API's calls about the integration check."""

from abc import abstractmethod
from typing import Any, TypeVar

from console.messages.integration import IntegrationReport

T = TypeVar("T")


class IntegrationCalls:
    """The part of the ConsoleClient that is about how SDKs are integrated."""

    async def integrations(self, *, app_id: str | None = None) -> IntegrationReport:
        """What every SDK does, judged now; of one application, or of all and of those without a known key."""
        query = {} if app_id is None else {"app_id": app_id}
        return await self._ask("GET", "/integrations", IntegrationReport, query=query)

    async def forget_integrations(self) -> None:
        """Begin anew: what SDKs do from now on is what is judged. Nothing recorded is touched."""
        await self._ask("DELETE", "/integrations", None)

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
