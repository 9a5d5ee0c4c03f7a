"""The console API's calls about funnels that people put together."""

from console.client.calls import Calls
from console.messages.funnels import Funnel, SaveFunnel


class FunnelCalls(Calls):
    """The part of the ConsoleClient that keeps funnels. What they count, the query `funnel` tells."""

    async def funnels(self, app_id: str) -> list[Funnel]:
        """Every funnel of an application, by name."""
        return await self._ask("GET", f"/applications/{app_id}/funnels", list[Funnel])

    async def save_funnel(self, app_id: str, request: SaveFunnel) -> Funnel:
        """Keep a new funnel, or change one. Refused with "name_taken" when another one is called so."""
        return await self._ask("POST", f"/applications/{app_id}/funnels", Funnel, body=request)

    async def delete_funnel(self, app_id: str, funnel_id: str) -> None:
        await self._ask("DELETE", f"/applications/{app_id}/funnels/{funnel_id}", None)
