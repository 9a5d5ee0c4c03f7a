"""The console API's calls about the integration check."""

from console.client.calls import Calls
from console.messages.integration import IntegrationReport


class IntegrationCalls(Calls):
    """The part of the ConsoleClient that is about how SDKs are integrated."""

    async def integrations(self, *, app_id: str | None = None) -> IntegrationReport:
        """What every SDK does, judged now; of one application, or of all and of those without a known key."""
        query = {} if app_id is None else {"app_id": app_id}
        return await self._ask("GET", "/integrations", IntegrationReport, query=query)

    async def forget_integrations(self) -> None:
        """Begin anew: what SDKs do from now on is what is judged. Nothing recorded is touched."""
        await self._ask("DELETE", "/integrations", None)
